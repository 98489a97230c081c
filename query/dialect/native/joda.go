package native

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// remembered keeps what was made of texts, such as patterns, which are nearly always the same few.
type remembered[T any] struct {
	made  sync.Map
	count atomic.Int64
}

const rememberedMax = 1000

type outcome[T any] struct {
	value T
	err   error
}

func (r *remembered[T]) of(text string, build func(string) (T, error)) (T, error) {
	if v, ok := r.made.Load(text); ok {
		o := v.(outcome[T])
		return o.value, o.err
	}
	value, err := build(text)
	if r.count.Add(1) <= rememberedMax {
		r.made.Store(text, outcome[T]{value, err})
	}
	return value, err
}

var jodaLayouts, mysqlLayouts, teradataLayouts remembered[sequence]

// pivotYear stands for the middle of the century that two digits of a year belong to: 30 years before now's year. now is
// part of the key of a layout, since the year is part of it.
type jodaPattern struct {
	pattern string
	year    int64
}

// jodaLayout makes the layout of a Joda pattern.
func jodaLayout(pattern string, year int64) (sequence, error) {
	build := func(string) (sequence, error) { return jodaPattern{pattern, year}.layout() }
	if strings.Contains(pattern, "yy") || strings.Contains(pattern, "xx") || strings.Contains(pattern, "YY") {
		return jodaLayouts.of(strconv.FormatInt(year, 10)+" "+pattern, build)
	}
	return jodaLayouts.of(pattern, build)
}

// maxPattern bounds a pattern: a longer one is nobody's.
const maxPattern = 10_000

func (p jodaPattern) layout() (sequence, error) {
	if p.pattern == "" {
		return nil, invalid("Invalid pattern specification: Pattern is null or empty")
	}
	if len(p.pattern) > maxPattern {
		return nil, tooLong("a pattern", BytesMax+1)
	}
	var list sequence
	for rest := p.pattern; rest != ""; {
		var token string
		var text bool
		token, text, rest = jodaToken(rest)
		if text {
			if token != "" {
				list = append(list, literal(token))
			}
			continue
		}
		e := p.element(token, rest)
		if e == nil {
			return nil, invalid("Illegal pattern component: %s", token)
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		return nil, invalid("Both printing and parsing not supported")
	}
	return list, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// jodaToken splits off a run of one letter, or a literal: what is no letter, and what is in quotes; two quotes stand for one.
func jodaToken(pattern string) (token string, text bool, rest string) {
	if c := pattern[0]; isLetter(c) {
		end := 1
		for end < len(pattern) && pattern[end] == c {
			end++
		}
		return pattern[:end], false, pattern[end:]
	}
	var b strings.Builder
	inside := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\'' && i+1 < len(pattern) && pattern[i+1] == '\'':
			b.WriteByte(c)
			i++
		case c == '\'':
			inside = !inside
		case !inside && isLetter(c):
			return b.String(), true, pattern[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true, ""
}

// numeric tells whether the pattern goes on with a number, so that a year before it must not take its digits.
func numeric(rest string) bool {
	if rest == "" {
		return false
	}
	token, text, _ := jodaToken(rest)
	return !text && (strings.IndexByte("cCxyYdhHmsSeDFwWkK", token[0]) >= 0 || token[0] == 'M' && len(token) <= 2)
}

// jodaNumbers are the letters of plain numbers.
var jodaNumbers = map[byte]number{
	'C': {field: fieldCentury, signed: true},
	'd': {field: fieldDayOfMonth, limit: 2}, 'D': {field: fieldDayOfYear, limit: 3}, 'e': {field: fieldDayOfWeek, limit: 1},
	'w': {field: fieldWeek, limit: 2}, 'M': {field: fieldMonth, limit: 2}, 'h': {field: fieldClockhourOfHalfday, limit: 2},
	'K': {field: fieldHourOfHalfday, limit: 2}, 'H': {field: fieldHour, limit: 2}, 'k': {field: fieldClockhour, limit: 2},
	'm': {field: fieldMinute, limit: 2}, 's': {field: fieldSecond, limit: 2},
}

var jodaYears = map[byte]field{'x': fieldWeekYear, 'y': fieldYear, 'Y': fieldYearOfEra}

func (p jodaPattern) element(token, rest string) element {
	n := len(token)
	switch c := token[0]; c {
	case 'x', 'y', 'Y':
		if n == 2 {
			return twoDigitYear{field: jodaYears[c], pivot: p.year - 30, lenient: !numeric(rest)}
		}
		limit := 9
		if numeric(rest) {
			limit = n
		}
		return number{field: jodaYears[c], digits: n, limit: max(n, limit), signed: c != 'Y'}
	case 'G':
		return word{field: fieldEra}
	case 'E':
		return word{field: fieldDayOfWeek, short: n < 4}
	case 'a':
		return word{field: fieldHalfday}
	case 'S':
		return fraction{unit: millisPerSecond, digits: n, max: min(n, 18)}
	case 'Z':
		if n > 2 {
			return zoneID{}
		}
		return offset{colon: n == 2}
	case 'z':
		return zoneName{long: n >= 4}
	case 'M':
		if n >= 3 {
			return word{field: fieldMonth, short: n == 3}
		}
	}
	e, ok := jodaNumbers[token[0]]
	if !ok {
		return nil
	}
	e.digits, e.limit = n, max(e.limit, n)
	return e
}

// mysqlElements are MySQL's specifiers.
var mysqlElements = map[byte]sequence{
	'a': {word{fieldDayOfWeek, true}}, 'b': {word{fieldMonth, true}}, 'M': {word{fieldMonth, false}}, 'W': {word{fieldDayOfWeek, false}},
	'c': {padded(fieldMonth, 1)}, 'd': {padded(fieldDayOfMonth, 2)}, 'e': {padded(fieldDayOfMonth, 1)},
	'f': {fraction{unit: millisPerSecond, digits: 6, max: 9}}, 'H': {padded(fieldHour, 2)}, 'k': {padded(fieldHour, 1)},
	'h': {padded(fieldClockhourOfHalfday, 2)}, 'I': {padded(fieldClockhourOfHalfday, 2)}, 'l': {padded(fieldClockhourOfHalfday, 1)},
	'i': {padded(fieldMinute, 2)}, 'j': {number{field: fieldDayOfYear, digits: 3, limit: 3}}, 'm': {padded(fieldMonth, 2)},
	'p': {word{fieldHalfday, false}}, 's': {padded(fieldSecond, 2)}, 'S': {padded(fieldSecond, 2)},
	'r': {padded(fieldClockhourOfHalfday, 2), literal(":"), padded(fieldMinute, 2), literal(":"), padded(fieldSecond, 2), literal(" "), word{fieldHalfday, false}},
	'T': {padded(fieldHour, 2), literal(":"), padded(fieldMinute, 2), literal(":"), padded(fieldSecond, 2)},
	'v': {padded(fieldWeek, 2)}, 'x': {number{field: fieldWeekYear, digits: 4, limit: 4, signed: true}},
	'Y': {number{field: fieldYear, digits: 4, limit: 4, signed: true}}, 'y': {twoDigitYear{field: fieldYear, pivot: 2020}},
}

func padded(f field, digits int) number { return number{field: f, digits: digits, limit: 2} }

// mysqlLayout makes the layout of a pattern of MySQL's.
func mysqlLayout(pattern string) (sequence, error) {
	return mysqlLayouts.of(pattern, func(string) (sequence, error) {
		var list sequence
		text := ""
		for i := 0; i < len(pattern); i++ {
			if pattern[i] != '%' {
				text += pattern[i : i+1]
				continue
			}
			if i++; i == len(pattern) {
				break
			}
			c := pattern[i]
			if strings.IndexByte("DUuVwX", c) >= 0 {
				return nil, invalid("%%%c not supported in date format string", c)
			}
			e, ok := mysqlElements[c]
			if !ok {
				text += pattern[i : i+1]
				continue
			}
			if text != "" {
				list, text = append(list, literal(text)), ""
			}
			list = append(list, e...)
		}
		if text != "" {
			list = append(list, literal(text))
		}
		if len(list) == 0 {
			return nil, invalid("Both printing and parsing not supported")
		}
		return list, nil
	})
}

// teradataTokens are what Teradata's patterns are made of; a longer one comes first.
var teradataTokens = []struct {
	text string
	element
}{
	{"yyyy", number{field: fieldYear, digits: 4, limit: 4, signed: true}}, {"hh24", padded(fieldHour, 2)},
	{"yy", twoDigitYear{field: fieldYear, pivot: 2050}}, {"mm", padded(fieldMonth, 2)}, {"dd", padded(fieldDayOfMonth, 2)},
	{"hh", padded(fieldHourOfHalfday, 2)}, {"mi", padded(fieldMinute, 2)}, {"ss", padded(fieldSecond, 2)},
}

// teradataLayout makes the layout of a pattern of to_char, to_date and to_timestamp.
func teradataLayout(pattern string) (sequence, error) {
	return teradataLayouts.of(pattern, func(string) (sequence, error) {
		var list sequence
		for i := 0; i < len(pattern); {
			e, n := teradataToken(pattern[i:])
			if n == 0 {
				return nil, invalid("Failed to tokenize string [%s] at offset [%d]", pattern[i:i+1], i)
			}
			list = append(list, e)
			i += n
		}
		if len(list) == 0 {
			return nil, invalid("Both printing and parsing not supported")
		}
		return list, nil
	})
}

func teradataToken(rest string) (element, int) {
	for _, t := range teradataTokens {
		if strings.HasPrefix(rest, t.text) {
			return t.element, len(t.text)
		}
	}
	if strings.IndexByte("-/,.;: ", rest[0]) >= 0 {
		return literal(rest[:1]), 1
	}
	return nil, 0
}
