package sample

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/shape"
)

// Bounds of what is kept of a field.
const (
	distinctMax = 5000 // different values that are counted
	valuesMax   = 24   // different values that are kept with their counts
	valueBytes  = 40   // of one of these
)

// field is what was seen of a field.
type field struct {
	name     string
	timeName bool // a number in it may be a time

	seen, nulls                  int64
	booleans, ints, floats       int64
	huge                         int64 // whole numbers beyond 64 bits
	texts, empty, digits, nested int64 // digits: texts that are numbers
	least, most                  float64
	longest                      int
	times                        int64 // texts and numbers that are times
	forms                        map[shape.TimeForm]int64
	first, last                  time.Time
	values                       map[string]int64 // nil: too many, or too long ones
	hashes                       map[uint64]struct{}
	many                         bool // more than distinctMax different values
	personal                     [personalKinds]int64
}

func newField(name string) *field {
	return &field{name: name, timeName: isTimeName(name), least: math.Inf(1), most: math.Inf(-1),
		forms: map[shape.TimeForm]int64{}, values: map[string]int64{}, hashes: map[uint64]struct{}{}}
}

// isTimeName tells whether a field is called like a time.
func isTimeName(name string) bool {
	lower := strings.ToLower(strings.TrimLeft(name, "@_"))
	switch lower {
	case "timestamp", "time", "ts", "date", "datetime", "epoch", "when", "at", "t", "created", "updated", "modified", "expires":
		return true
	}
	for _, end := range []string{"_at", "_ts", "timestamp", "_date", "_epoch", "event_time", "eventtime", "_time_ms", "starttime", "endtime", "start_time", "end_time"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return strings.HasPrefix(lower, "ts_") || strings.HasSuffix(name, "At") || strings.HasSuffix(name, "Date")
}

// see takes one value. Offsets of times are counted in zones.
func (f *field) see(value []byte, zones map[int]int64) {
	f.seen++
	switch c := value[0]; {
	case c == 'n':
		f.nulls++
	case c == 't' || c == 'f':
		f.booleans++
		f.count(value)
	case c == '{' || c == '[':
		f.nested++
	case c == '"':
		f.text(shape.Text(nil, value), zones)
	default:
		f.number(value)
	}
}

func (f *field) number(value []byte) {
	f.count(value)
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		n = math.MaxFloat64
	}
	f.least, f.most = min(f.least, n), max(f.most, n)
	if bytes.ContainsAny(value, ".eE") {
		f.floats++
	} else if _, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		f.ints++
	} else {
		f.huge++
	}
	f.look(value)
	if f.timeName {
		f.time(value, nil)
	}
}

func (f *field) text(text []byte, zones map[int]int64) {
	f.texts++
	f.longest = max(f.longest, len(text))
	if len(text) == 0 {
		f.empty++
		return
	}
	f.count(text)
	f.look(text)
	if _, err := strconv.ParseFloat(string(text), 64); err == nil {
		f.digits++
	}
	f.time(text, zones)
}

// time notes a value that is a time.
func (f *field) time(text []byte, zones map[int]int64) {
	at, form, ok := shape.ParseTime(text)
	if !ok || form.Numeric() && !f.timeName {
		return
	}
	f.times++
	f.forms[form]++
	if f.first.IsZero() || at.Before(f.first) {
		f.first = at.UTC()
	}
	if at.After(f.last) {
		f.last = at.UTC()
	}
	if form == shape.TimeUTC || form == shape.TimeOffset || form == shape.TimeAccess {
		_, offset := at.Zone()
		zones[offset]++
	}
}

// count keeps a value, as long as there are few, and else that it was there.
func (f *field) count(value []byte) {
	if f.values != nil {
		if _, ok := f.values[string(value)]; !ok && len(f.values) == valuesMax || len(value) > valueBytes {
			f.values = nil
		} else {
			f.values[string(value)]++
		}
	}
	if f.many {
		return
	}
	f.hashes[hash(value)] = struct{}{}
	if len(f.hashes) > distinctMax {
		f.many, f.hashes = true, nil
	}
}

// hash is FNV-1a.
func hash(value []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range value {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// filled is how many events have a value in the field.
func (f *field) filled() int64 { return f.seen - f.nulls }

// numbers is how many values are numbers.
func (f *field) numbers() int64 { return f.ints + f.floats + f.huge }
