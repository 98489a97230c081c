package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake/loggroup"
)

// sampleLines is how many lines decide the columns of the table.
const sampleLines = 1000

// column is a column of the demo's tables.
type column struct{ name, kind string }

// inputSource gives the lines of r. It reads the first ones at once, for their columns.
func inputSource(r io.Reader, now func() time.Time) (source, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, loggroup.EventBytesMax-loggroup.EventOverhead)
	var head []string
	for len(head) < sampleLines && lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			head = append(head, text)
		}
	}
	if err := inputError(lines.Err()); err != nil {
		return source{}, err
	}
	if len(head) == 0 {
		return source{}, usageError{errors.New("--input has no lines")}
	}
	columns := columnsOf(head)
	if len(columns) == 0 {
		return source{}, usageError{fmt.Errorf("none of the first %d lines of --input is a JSON object with a plain field", len(head))}
	}
	return source{what: "lines", columns: columns, entries: func(yield func(entry, error) bool) {
		for _, text := range head {
			if !yield(entry{at: now(), text: text}, nil) {
				return
			}
		}
		for lines.Scan() {
			if text := strings.TrimSpace(lines.Text()); text != "" && !yield(entry{at: now(), text: text}, nil) {
				return
			}
		}
		if err := inputError(lines.Err()); err != nil {
			yield(entry{}, err)
		}
	}}, nil
}

func inputError(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return usageError{fmt.Errorf("a line of --input has more than %d bytes, which no log event may have", loggroup.EventBytesMax-loggroup.EventOverhead)}
	}
	if err != nil {
		return fmt.Errorf("read --input: %w", err)
	}
	return nil
}

// columnName is what a field must be called to get a column.
var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// columnsOf gives a column for each field that has a plain value in some line, in the order in which they appear.
func columnsOf(lines []string) (columns []column) {
	for _, line := range lines {
		for name, kind := range fieldsOf(line) {
			name = strings.ToLower(name) // conversion does not tell cases apart
			i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
			switch {
			case name == partitionKey || !columnName.MatchString(name):
			case i < 0:
				columns = append(columns, column{name, kind})
			default:
				columns[i].kind = wider(columns[i].kind, kind)
			}
		}
	}
	return columns
}

// fieldsOf yields the fields of a JSON object and the types of their values, those without a plain value left out. It
// yields nothing for what is not a JSON object.
func fieldsOf(line string) func(yield func(name, kind string) bool) {
	return func(yield func(name, kind string) bool) {
		if !json.Valid([]byte(line)) || line[0] != '{' {
			return
		}
		d := json.NewDecoder(strings.NewReader(line))
		_, _ = d.Token() // the brace; the line is valid
		for d.More() {
			name, _ := d.Token()
			var value json.RawMessage
			if d.Decode(&value) != nil {
				return
			}
			if kind := kindOf(value); kind != "" && !yield(name.(string), kind) {
				return
			}
		}
	}
}

// kindOf gives the column type for a JSON value; "" for null and nested values.
func kindOf(value json.RawMessage) string {
	switch c := value[0]; {
	case c == '{' || c == '[' || c == 'n':
		return ""
	case c == 't' || c == 'f':
		return "BOOLEAN"
	case c != '"':
		if bytes.ContainsAny(value, ".eE") || len(value) > 18 { // digits that a BIGINT holds whatever they are
			return "DOUBLE"
		}
		return "BIGINT"
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		if _, err := time.Parse(time.RFC3339, text); err == nil {
			return "TIMESTAMP"
		}
	}
	return "STRING"
}

// wider gives the type that takes the values of both.
func wider(a, b string) string {
	switch {
	case a == b:
		return a
	case a == "BIGINT" && b == "DOUBLE", a == "DOUBLE" && b == "BIGINT":
		return "DOUBLE"
	}
	return "STRING"
}
