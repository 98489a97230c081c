package sample

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

// column is a field as a column of the table.
type column struct {
	pipeline.Column
	field *field
	note  string
	loud  string // a concern that the head of the file repeats
}

// columns makes a column of each field, in the order in which they were first seen.
func (s *Sample) columns() (out []column) {
	taken := map[string]bool{"dt": true}
	for _, f := range s.order {
		name := columnName(f.name, taken)
		if name == "" {
			continue
		}
		taken[name] = true
		c := column{field: f}
		c.Name = name
		if strings.ToLower(f.name) != name {
			c.Key = f.name
		}
		var why string
		c.Type, why = f.kind()
		c.note = s.describe(f, why)
		if concern, loud := f.concern(); loud {
			c.note += "; SECRET? " + concern
			c.loud = concern
		} else if concern != "" {
			c.note += "; personal? " + concern
		}
		out = append(out, c)
	}
	if (s.unparsed > 0 || len(out) == 0) && !taken["message"] {
		c := column{note: fmt.Sprintf("what did not parse: %s of %s events", grouped(s.unparsed), grouped(s.events))}
		c.Name, c.Type = "message", "string"
		out = append(out, c)
	}
	return out
}

// columnName makes a name of the catalog of a field's; "" where another field has it, but for the case.
func columnName(field string, taken map[string]bool) string {
	lower := strings.ToLower(field)
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.TrimLeft(lower, "@$"))
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	if len(name) > 200 {
		name = name[:200]
	}
	if !taken[name] {
		return name
	}
	if name == lower && name != "dt" {
		return ""
	}
	for n := 2; ; n++ {
		if other := fmt.Sprintf("%s_%d", name, n); !taken[other] {
			return other
		}
	}
}

// kind chooses a column's type, and says why.
func (f *field) kind() (kind, why string) {
	filled := f.filled()
	switch {
	case filled == 0:
		return "string", "always null"
	case f.nested == filled:
		return "string", "objects or lists, kept as JSON text"
	case f.times == filled:
		return f.timeKind()
	case f.booleans == filled:
		return "boolean", ""
	case f.numbers() == filled:
		return f.numberKind()
	case f.texts == filled && f.digits == filled && f.digits > f.empty:
		return "string", "numbers in quotes, all of them"
	case f.texts == filled && f.times > 0 && f.times+f.empty == filled:
		return "string", fmt.Sprintf("times, but %s are empty, which is no timestamp", grouped(f.empty))
	case f.texts == filled && f.times*2 > filled:
		return "string", fmt.Sprintf("times in %s, something else in %s", grouped(f.times), grouped(filled-f.times))
	case f.texts == filled:
		return "string", ""
	}
	var parts []string
	for _, part := range []struct {
		n    int64
		name string
	}{{f.ints + f.huge, "whole numbers"}, {f.floats, "fractions"}, {f.booleans, "true or false"}, {f.texts, "strings"}, {f.nested, "objects or lists"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", part.name, grouped(part.n)))
		}
	}
	return "string", "mixed: " + strings.Join(parts, ", ")
}

func (f *field) timeKind() (kind, why string) {
	var forms []string
	converts, numeric := true, true
	for form := range f.forms {
		forms = append(forms, string(form))
		converts = converts && form.Converts()
		numeric = numeric && form.Numeric() && f.texts == 0
	}
	slices.Sort(forms)
	why = "written like " + strings.Join(forms, ", ") + ": " + f.first.Format("2006-01-02 15:04:05") + " to " + f.last.Format("2006-01-02 15:04:05")
	switch {
	case converts:
		return "timestamp", why
	case numeric:
		return "bigint", why + "; micro- and nanoseconds are not converted to a timestamp"
	}
	return "string", why + "; that is not converted to a timestamp, and " + string(shape.TimeUTC) + " is: have the application write that"
}

// growing are ends of names of numbers that outgrow 32 bits one day.
var growing = []string{"id", "bytes", "size", "length", "offset", "count", "total", "sequence", "seq", "number", "timestamp", "_ns", "_us", "nanos", "micros"}

func (f *field) numberKind() (kind, why string) {
	const int32Max = 1<<31 - 1
	switch {
	case f.huge > 0:
		return "string", "numbers beyond 64 bits, of which a string keeps all digits"
	case f.floats > 0:
		return "double", ""
	case f.most > int32Max || f.least < -int32Max:
		return "bigint", ""
	}
	lower := strings.ToLower(f.name)
	if slices.ContainsFunc(growing, func(end string) bool { return strings.HasSuffix(lower, end) }) {
		return "bigint", "such numbers outgrow an int"
	}
	return "int", ""
}

// describe says what was seen of a field.
func (s *Sample) describe(f *field, why string) string {
	parts := []string{fmt.Sprintf("in %s of %s", grouped(f.filled()), grouped(s.events))}
	if f.filled() == s.events {
		parts[0] = "in all"
	}
	if f.numbers() > 0 && f.numbers() == f.filled() && f.times == 0 {
		if parts = append(parts, number(f.least)); f.most > f.least {
			parts[len(parts)-1] += "–" + number(f.most)
		}
	}
	if why != "" {
		parts = append(parts, why)
	}
	if concern, _ := f.concern(); concern == "" && f.times == 0 && f.texts > 0 {
		parts = append(parts, f.listing())
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// listing names the values of a field where they are few, and else says how many there are.
func (f *field) listing() string {
	const listed = 6
	if f.values == nil || len(f.values) > listed {
		switch {
		case f.many:
			return fmt.Sprintf("more than %s different", grouped(distinctMax))
		case len(f.hashes) > 1:
			return fmt.Sprintf("%s different", grouped(int64(len(f.hashes))))
		}
		return ""
	}
	names := make([]string, 0, listed)
	for name := range f.values {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if f.values[a] != f.values[b] {
			return int(f.values[b] - f.values[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = printable(name) + " " + percent(f.values[name], f.filled())
	}
	return strings.Join(names, ", ")
}

// printable keeps a value from breaking the comment that it stands in.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func number(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', 6, 64)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// percent writes a share so that something is never 0 % and not all never 100 %.
func percent(n, of int64) string {
	if of == 0 || n == 0 {
		return "0%"
	}
	p := 100 * float64(n) / float64(of)
	switch {
	case p < 0.1:
		return "<0.1%"
	case n < of && p > 99.9:
		return ">99.9%"
	case (p < 10 || n < of && p > 99) && p != float64(int(p)):
		return fmt.Sprintf("%.1f%%", p)
	}
	return fmt.Sprintf("%.0f%%", p)
}
