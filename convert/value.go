package convert

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/jsontext"
)

// What becomes of each kind of JSON value in each kind of column. Where AWS was not seen to do it, loglake decides:
//
//   - An integer out of its column's range, a fraction in an integer column, a number that no double holds: rejected.
//     A number like 1e3 or 2.0 in an integer column is the integer that it is.
//   - true and false are no numbers, and numbers no booleans.
//   - A number in a string column keeps its spelling.
//   - decimal(p,s): digits beyond the scale are rounded half up, as Hive does; too many before the point: rejected.
//   - varchar(n) and char(n) are cut to n characters; char loses its trailing blanks, which readers put back.
//   - binary takes the bytes of a string, as UTF-8; nothing else.
//   - date takes the text yyyy-M-d of a day that exists.

// value reads the value at the scanner's position into a column of a row.
func (b *ChunkBuilder) value(column, row int) bool {
	s := &b.scan
	switch c := s.buf[s.pos]; c {
	case '"':
		content, escaped, ok := s.text()
		if !ok {
			return false
		}
		if escaped {
			b.scratch = jsontext.AppendUnescaped(b.scratch[:0], content)
			content = b.scratch
		}
		if b.columns[column].bare {
			b.setBytes(column, row, content)
			return true
		}
		b.setText(column, row, content)
	case '{', '[':
		return b.nested(column, row)
	case 't':
		if !s.literal("true") {
			return false
		}
		b.setTruth(column, row, 1)
	case 'f':
		if !s.literal("false") {
			return false
		}
		b.setTruth(column, row, 0)
	case 'n':
		if !s.literal("null") {
			return false
		}
		b.setNull(column, row)
	default:
		if c != '-' && !isDigit(c) {
			return s.badValue()
		}
		text, integer, ok := s.number()
		if !ok {
			return false
		}
		b.setNumber(column, row, text, integer)
	}
	return true
}

// setWord sets a row of a column of words, setBytes one of the others; the row counts as filled once.
func (b *ChunkBuilder) setWord(column, row int, word int64) {
	c := &b.columns[column]
	c.words[row] = word
	b.filled += int(1 - c.present[row])
	c.present[row] = 1
}

func (b *ChunkBuilder) setBytes(column, row int, value []byte) {
	c := &b.columns[column]
	b.filled += int(1 - c.present[row])
	c.present[row] = 1
	c.spans[row] = c.keep(&b.seen[column], value)
}

func (b *ChunkBuilder) setNull(column, row int) {
	c := &b.columns[column]
	b.filled -= int(c.present[row])
	c.present[row] = 0
}

func (b *ChunkBuilder) setTruth(column, row int, truth int64) {
	t := &b.converter.columns[column]
	word := [2]string{"false", "true"}[truth]
	switch t.hive.Kind {
	case loglake.KindBoolean:
		b.setWord(column, row, truth)
	case loglake.KindString, loglake.KindVarchar, loglake.KindChar:
		b.setString(column, row, []byte(word))
	default:
		b.unfit(t, word)
	}
}

// unfit reports a kind of value that a column can't take.
func (b *ChunkBuilder) unfit(t *target, value string) {
	if b.misfit == nil {
		b.fault(malformedData("%sColumn %s of type %s can't take %s.", textMisfit, t.name, t.hive, value))
	}
}

func (b *ChunkBuilder) setString(column, row int, value []byte) {
	switch t := &b.converter.columns[column]; t.hive.Kind {
	case loglake.KindVarchar:
		value = firstRunes(value, t.hive.Length)
	case loglake.KindChar:
		value = bytes.TrimRight(firstRunes(value, t.hive.Length), " ")
	}
	b.setBytes(column, row, value)
}

// firstRunes cuts value to n characters.
func firstRunes(value []byte, n int) []byte {
	if len(value) <= n {
		return value
	}
	i := 0
	for ; n > 0 && i < len(value); n-- {
		_, size := utf8.DecodeRune(value[i:])
		i += size
	}
	return value[:i]
}

// setText converts a JSON string for a column that is not bare.
func (b *ChunkBuilder) setText(column, row int, value []byte) {
	t := &b.converter.columns[column]
	word, ok := int64(0), true
	switch t.hive.Kind {
	case loglake.KindVarchar, loglake.KindChar:
		b.setString(column, row, value)
		return
	case loglake.KindDecimal:
		b.setDecimal(column, row, value)
		return
	case loglake.KindTimestamp:
		if word, ok = parseTimestamp(value); !ok {
			b.fault(malformedData(`%s"%s" in column %s is no timestamp: write yyyy-MM-dd HH:mm:ss[.fffffffff], yyyy-MM-ddTHH:mm:ss[.fffffffff][Z], or a number of seconds or milliseconds since 1970.`,
				textMisfit, shortened(value), t.name))
			return
		}
	case loglake.KindDate:
		if word, ok = parseDate(value); !ok {
			b.fault(malformedData(`%s"%s" in column %s is no date: write yyyy-MM-dd.`, textMisfit, shortened(value), t.name))
			return
		}
	case loglake.KindBoolean:
		switch {
		case bytes.EqualFold(value, []byte("true")):
			word = 1
		case !bytes.EqualFold(value, []byte("false")):
			ok = false
		}
	case loglake.KindFloat, loglake.KindDouble:
		word, ok = parseFloatText(value, t.hive.Kind)
	default:
		word, ok = parseIntegerText(value)
		ok = ok && inRange(word, t.hive.Kind)
	}
	if !ok {
		b.fault(notInput(value))
		return
	}
	b.setWord(column, row, word)
}

// setNumber converts a JSON number, given as it is spelled.
func (b *ChunkBuilder) setNumber(column, row int, text []byte, integer bool) {
	t := &b.converter.columns[column]
	word, ok := int64(0), true
	switch t.hive.Kind {
	case loglake.KindString, loglake.KindVarchar, loglake.KindChar:
		b.setString(column, row, text)
		return
	case loglake.KindDecimal:
		b.setDecimal(column, row, text)
		return
	case loglake.KindTimestamp:
		word, ok = parseEpoch(text)
	case loglake.KindBoolean, loglake.KindDate, loglake.KindBinary:
		b.unfit(t, "the number "+shortened(text))
		return
	case loglake.KindFloat, loglake.KindDouble:
		word, ok = parseFloat(text, t.hive.Kind)
	default:
		if integer {
			word, ok = parseInteger(text)
		} else {
			word, ok = parseWhole(text)
		}
		ok = ok && inRange(word, t.hive.Kind)
	}
	if !ok {
		b.fault(notInput(text))
		return
	}
	b.setWord(column, row, word)
}

// nested converts an object or an array: its JSON text for a string column, else it does not fit.
func (b *ChunkBuilder) nested(column, row int) bool {
	t := &b.converter.columns[column]
	switch t.hive.Kind {
	case loglake.KindString, loglake.KindVarchar, loglake.KindChar:
		r := renderer{scan: &b.scan, out: b.scratch[:0], lower: !b.converter.serde.CaseSensitive}
		ok := r.value(1)
		b.scratch = r.out
		if ok {
			b.setString(column, row, r.out)
		}
		return ok
	}
	what := "an object"
	if b.scan.buf[b.scan.pos] == '[' {
		what = "an array"
	}
	if !b.scan.skip(1) {
		return false
	}
	b.unfit(t, what)
	return true
}

func (b *ChunkBuilder) setDecimal(column, row int, text []byte) {
	t := &b.converter.columns[column]
	var unscaled [16]byte
	number, ok := parseNumber(text)
	if ok {
		ok = number.unscaled(&unscaled, t.hive.Precision, t.hive.Scale)
	}
	if !ok {
		b.fault(notInput(text))
		return
	}
	b.setBytes(column, row, unscaled[16-t.field.Length:])
}

func inRange(v int64, kind loglake.Kind) bool {
	switch kind {
	case loglake.KindTinyInt:
		return v == int64(int8(v))
	case loglake.KindSmallInt:
		return v == int64(int16(v))
	case loglake.KindInt:
		return v == int64(int32(v))
	}
	return true
}

// parseInteger reads decimal digits with an optional sign.
func parseInteger(text []byte) (int64, bool) {
	digits, negative := text, false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		digits, negative = text[1:], text[0] == '-'
	}
	if len(digits) == 0 || len(digits) > 19 {
		v, err := strconv.ParseInt(string(text), 10, 64) // leading zeros, or too large
		return v, err == nil
	}
	var v uint64
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + uint64(c-'0')
	}
	if negative {
		return -int64(v), v <= 1<<63
	}
	return int64(v), v < 1<<63
}

// parseIntegerText reads what Java and OpenX's JSON library take as an integer: hexadecimal too, behind 0x.
func parseIntegerText(text []byte) (int64, bool) {
	if len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		v, err := strconv.ParseInt(string(text[2:]), 16, 64)
		return v, err == nil && text[2] != '-' && text[2] != '+'
	}
	return parseInteger(text)
}

// parseWhole reads a number with fraction or exponent that is an integer nevertheless.
func parseWhole(text []byte) (int64, bool) {
	number, ok := parseNumber(text)
	if !ok {
		return 0, false
	}
	return number.integer()
}

// parseFloat reads a JSON number into the bits of a float or double.
func parseFloat(text []byte, kind loglake.Kind) (int64, bool) {
	if kind == loglake.KindFloat {
		f, err := strconv.ParseFloat(string(text), 32)
		return int64(int32(math.Float32bits(float32(f)))), err == nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return int64(math.Float64bits(f)), err == nil
}

// parseFloatText reads what Java's Double.parseDouble takes, but for hexadecimal numbers: white space around the
// number, a suffix of f or d, NaN and Infinity in this spelling.
func parseFloatText(text []byte, kind loglake.Kind) (int64, bool) {
	text = bytes.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	name := bytes.TrimLeft(text, "+-")
	if len(text)-len(name) > 1 {
		return 0, false
	}
	switch string(name) {
	case "NaN", "Infinity":
		return parseFloat(text, kind)
	}
	if n := len(text); n > 1 && (text[n-1]|0x20 == 'f' || text[n-1]|0x20 == 'd') {
		text = text[:n-1]
	}
	for _, c := range text {
		if !isDigit(c) && bytes.IndexByte([]byte("+-.eE"), c) < 0 {
			return 0, false
		}
	}
	return parseFloat(text, kind)
}
