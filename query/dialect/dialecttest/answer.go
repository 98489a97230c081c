// Package dialecttest proves package dialect from outside: what a Trino answered to the same queries (Answer, ReadAnswers),
// and queries that nobody wrote (Generator), whose results must keep the laws of SQL on any engine.
//
// It runs nothing itself. The tests of package query run both through the engine; test/trino asks a Trino.
package dialecttest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Answer is what an engine gave for a query: columns' types and rows in Athena's text form, or an error. Where a value is
// nil it is NULL.
type Answer struct {
	SQL   string
	Types []string
	Rows  [][]*string
	Error string // "CODE: message", as it begins a StateChangeReason
}

// Code gives the name of the error, "" without one.
func (a Answer) Code() string {
	code, _, _ := strings.Cut(a.Error, ":")
	return code
}

// First gives the value of the first row's first column, as an example tells it.
func (a Answer) First() string {
	switch {
	case len(a.Rows) == 0:
		return "no row"
	case a.Rows[0][0] == nil:
		return "NULL"
	}
	return *a.Rows[0][0]
}

// Sort brings the rows in one order, for results that have none of their own.
func (a Answer) Sort() {
	text := func(row []*string) string { b, _ := json.Marshal(row); return string(b) } // strings can always be written
	slices.SortFunc(a.Rows, func(x, y []*string) int { return strings.Compare(text(x), text(y)) })
}

// Result gives types and rows, or the error, on one line.
func (a Answer) Result() string {
	if a.Error != "" {
		return "!\t" + escape(a.Error)
	}
	var rows strings.Builder
	e := json.NewEncoder(&rows)
	e.SetEscapeHTML(false)
	if err := e.Encode(a.Rows); err != nil {
		return err.Error() // strings can always be written
	}
	return escape(strings.Join(a.Types, "; ")) + "\t" + strings.TrimSpace(rows.String())
}

// escape keeps a text on one line, without tabs.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// WriteAnswers writes answers, one a line: the query, the types or "!", the rows or the error.
func WriteAnswers(w io.Writer, answers []Answer) error {
	for _, a := range answers {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", escape(a.SQL), a.Result()); err != nil {
			return err
		}
	}
	return nil
}

// ReadAnswers reads what WriteAnswers wrote.
func ReadAnswers(r io.Reader) ([]Answer, error) {
	var answers []Answer
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		if len(parts) != 3 {
			return nil, fmt.Errorf("line %d: want three parts: %s", len(answers)+1, lines.Text())
		}
		a := Answer{SQL: unescape(parts[0])}
		if parts[1] == "!" {
			a.Error = unescape(parts[2])
		} else {
			a.Types = strings.Split(unescape(parts[1]), "; ")
			if err := json.Unmarshal([]byte(parts[2]), &a.Rows); err != nil {
				return nil, fmt.Errorf("line %d: %w", len(answers)+1, err)
			}
		}
		answers = append(answers, a)
	}
	return answers, lines.Err()
}

// Same tells whether two engines gave the same: the same error, or the same types and rows, in any order. Of two failures
// while running either may be met first. The last digits of floating point numbers may differ, since each library of
// mathematics rounds in its own way.
func Same(a, b Answer) bool {
	if a.Error != "" || b.Error != "" {
		return a.Code() == b.Code() || runtime[a.Code()] && runtime[b.Code()]
	}
	if !slices.Equal(a.Types, b.Types) || len(a.Rows) != len(b.Rows) {
		return false
	}
	a.Rows, b.Rows = slices.Clone(a.Rows), slices.Clone(b.Rows)
	a.Sort()
	b.Sort()
	return rounded(a) == rounded(b)
}

// Folded tells whether ours failed on a value where Trino has NULL: it computes no operand and no argument behind one that is
// NULL, nor beside a constant NULL, as the page of SQL says.
func Folded(ours, theirs Answer) bool {
	return runtime[ours.Code()] && theirs.Error == "" && !slices.ContainsFunc(theirs.Rows, func(row []*string) bool { return row[0] != nil })
}

// runtime are the errors of values.
var runtime = map[string]bool{"DIVISION_BY_ZERO": true, "INVALID_CAST_ARGUMENT": true, "INVALID_FUNCTION_ARGUMENT": true, "NUMERIC_VALUE_OUT_OF_RANGE": true}

var floats = regexp.MustCompile(`-?\d+\.\d+(E-?\d+)?`)

// rounded gives the result with numbers of twelve digits, or of five where there is a real.
func rounded(a Answer) string {
	types := strings.Join(a.Types, " ")
	digits := 12
	switch {
	case strings.Contains(types, "real"):
		digits = 5
	case !strings.Contains(types, "double") && !strings.Contains(types, "varchar"):
		return a.Result()
	}
	return floats.ReplaceAllStringFunc(a.Result(), func(s string) string {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		return strconv.FormatFloat(x, 'g', digits, 64)
	})
}
