// Package trino asks a Trino server what Athena's SQL means there, in Athena's own text form. `test/trino/run` starts one and
// compares it with the query engine; without a server nothing here is used.
package trino

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/query/dialect/dialecttest"
)

// Client asks one server.
type Client struct {
	URL     string // http://127.0.0.1:18080
	Catalog string // "" for memory
	Schema  string // "" for default
}

// page is one answer of Trino's protocol; an answer is a list of pages, each with the address of the next.
type page struct {
	NextURI string `json:"nextUri"`
	Columns []column
	Data    [][]json.RawMessage
	Error   *struct {
		ErrorName string
		Message   string
	}
}

type column struct {
	Name          string
	TypeSignature signature
}

// Ask runs a query of Athena's dialect. Its failure is part of the answer; err is for a server that can't be asked.
func (c Client) Ask(ctx context.Context, sql string) (dialecttest.Answer, error) {
	a := dialecttest.Answer{SQL: sql}
	text, inserted := dialecttest.TrinoSQL(sql)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/v1/statement", strings.NewReader(text))
	if err != nil {
		return a, err
	}
	for name, value := range map[string]string{"User": "u", "Catalog": or(c.Catalog, "memory"), "Schema": or(c.Schema, "default"), "Time-Zone": "UTC",
		"Client-Capabilities": "PARAMETRIC_DATETIME"} {
		r.Header.Set("X-Trino-"+name, value)
	}
	var columns []column
	for {
		p, err := ask(r)
		if err != nil {
			return a, fmt.Errorf("ask %q: %w", sql, err)
		}
		if p.Error != nil {
			return dialecttest.Answer{SQL: sql, Error: p.Error.ErrorName + ": " + place(p.Error.Message, sql, inserted)}, nil
		}
		if len(p.Columns) > 0 && columns == nil {
			columns = p.Columns
			for _, c := range columns {
				a.Types = append(a.Types, c.TypeSignature.String())
			}
		}
		for _, row := range p.Data {
			values := make([]*string, len(row))
			for i, v := range row {
				if values[i], err = text0(v, columns[i].TypeSignature); err != nil {
					return a, fmt.Errorf("read the answer to %q: %w", sql, err)
				}
			}
			a.Rows = append(a.Rows, values)
		}
		if p.NextURI == "" {
			return a, nil
		}
		if r, err = http.NewRequestWithContext(ctx, http.MethodGet, p.NextURI, nil); err != nil {
			return a, err
		}
	}
}

func ask(r *http.Request) (page, error) {
	var p page
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return p, err
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	if response.StatusCode == http.StatusServiceUnavailable {
		time.Sleep(100 * time.Millisecond) // as Trino's protocol asks
		again := r.Clone(r.Context())
		if r.GetBody != nil {
			if again.Body, err = r.GetBody(); err != nil {
				return p, err
			}
		}
		return ask(again)
	}
	if response.StatusCode != http.StatusOK {
		return p, fmt.Errorf("status %s", response.Status)
	}
	return p, json.NewDecoder(response.Body).Decode(&p)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

var linePattern = regexp.MustCompile(`^line (\d+):(\d+): `)

// place gives a message with the column that it has in the text before the exponents were put in.
func place(message, sql string, inserted []int) string {
	m := linePattern.FindStringSubmatch(message)
	if m == nil {
		return message
	}
	line, _ := strconv.Atoi(m[1])
	column, _ := strconv.Atoi(m[2])
	start := 0
	for range line - 1 {
		start += strings.IndexByte(sql[start:], '\n') + 1
	}
	offset := 0 // of the end of an insertion, in characters of the line
	for i, at := range inserted {
		if at < start || strings.Contains(sql[start:at], "\n") {
			continue
		}
		if offset = len([]rune(sql[start:at])); offset+1 < column-2*i {
			column -= 2
		}
	}
	return fmt.Sprintf("line %d:%d: %s", line, column, message[len(m[0]):])
}
