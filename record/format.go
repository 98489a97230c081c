package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Limits of what Decode reads.
const (
	lineBytesMax  = 64 << 20
	plainBytesMax = 4 << 30 // uncompressed
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The lines of a record. The first is a Header with its magic; each table has a line of its own before its rows, which are
// arrays; the last one is the trailer.
type (
	headLine struct {
		Magic string `json:"loglake"`
		Header
	}
	tableLine struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	trailerLine struct {
		Rows   int64  `json:"rows"`
		CRC32C string `json:"crc32c"` // of all lines before, with their ends
	}
	// oddValue stands for what is no JSON value: bytes, and text that is not UTF-8.
	oddValue struct {
		Bytes []byte `json:"bytes,omitempty"`
		Text  []byte `json:"text,omitempty"`
		Kind  string `json:"kind"`
	}
)

const magic = "record"

// Encode writes the record of what a transaction sees.
func Encode(w io.Writer, tx *state.Tx, h Header, tables []string) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	e := &encoder{w: bufio.NewWriterSize(z, 64<<10)}
	h.Format = Format
	if err := e.line(headLine{magic, h}); err != nil {
		return err
	}
	for _, name := range tables {
		err := tx.Dump(name, func(columns []string) error { return e.line(tableLine{name, columns}) }, e.row)
		if err != nil {
			return fmt.Errorf("record %s: %w", name, err)
		}
	}
	if err := e.line(trailerLine{e.rows, fmt.Sprintf("%08x", e.crc)}); err != nil {
		return err
	}
	if err := e.w.Flush(); err != nil {
		return err
	}
	return z.Close()
}

type encoder struct {
	w    *bufio.Writer
	crc  uint32
	rows int64
	odd  []any
}

func (e *encoder) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	e.crc = crc32.Update(e.crc, castagnoli, text)
	_, err = e.w.Write(text)
	return err
}

func (e *encoder) row(values []any) error {
	e.rows++
	e.odd = e.odd[:0]
	for _, v := range values {
		switch one := v.(type) {
		case []byte:
			v = oddValue{Kind: "bytes", Bytes: one}
		case string:
			if !utf8.ValidString(one) {
				v = oddValue{Kind: "text", Text: []byte(one)}
			}
		case float64:
			if math.IsNaN(one) || math.IsInf(one, 0) {
				return fmt.Errorf("the number %v can't be recorded", one)
			}
		}
		e.odd = append(e.odd, v)
	}
	return e.line(e.odd)
}

// errRecord is what a record is that can't be used.
func errRecord(format string, args ...any) error {
	return loglake.Errorf(loglake.CodeInvalid, "the record can't be used: %s", fmt.Sprintf(format, args...))
}

// Decode reads a record, whole: it is refused where its checksum is not that of its lines. The error is CodeInvalid, and
// CodeConflict for a record of a newer program.
func Decode(r io.Reader) (*Record, error) {
	d, err := unpack(r)
	if err != nil {
		return nil, err
	}
	return decode(d)
}

// DecodeHeader reads a record as Decode does, and keeps its first line alone.
func DecodeHeader(r io.Reader) (h Header, err error) {
	d, err := unpack(r)
	if err != nil {
		return h, err
	}
	d.pass = true
	rec, err := decode(d)
	if err != nil {
		return h, err
	}
	return rec.Header, nil
}

func unpack(r io.Reader) (*decoder, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, errRecord("it is not compressed as records are: %v", err)
	}
	return &decoder{r: bufio.NewReaderSize(io.LimitReader(z, plainBytesMax), 64<<10)}, nil
}

func decode(d *decoder) (*Record, error) {
	rec := &Record{}
	if err := d.header(&rec.Header); err != nil {
		return nil, err
	}
	for {
		text, crc, err := d.line()
		if err != nil {
			return nil, err
		}
		if text[0] == '[' {
			if err := d.row(rec, text); err != nil {
				return nil, err
			}
			continue
		}
		var line struct {
			tableLine
			trailerLine
		}
		if err := json.Unmarshal(text, &line); err != nil {
			return nil, errRecord("line %d: %v", d.lines, err)
		}
		if line.Table != "" {
			rec.Tables = append(rec.Tables, Table{Name: line.Table, Columns: line.Columns})
			continue
		}
		if line.Rows != d.rows || line.CRC32C != fmt.Sprintf("%08x", crc) {
			return nil, errRecord("it says %d rows and checksum %s, and has %d with %08x", line.Rows, line.CRC32C, d.rows, crc)
		}
		if _, err := d.r.ReadByte(); !errors.Is(err, io.EOF) {
			return nil, errRecord("something follows its end")
		}
		return rec, nil
	}
}

type decoder struct {
	r     *bufio.Reader
	crc   uint32
	lines int
	rows  int64
	pass  bool // over rows, of which only the checksum counts
}

// line gives the next line, and the checksum of those before it.
func (d *decoder) line() (text []byte, before uint32, err error) {
	for {
		piece, err := d.r.ReadSlice('\n')
		text = append(text, piece...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(text) > lineBytesMax {
			return nil, 0, errRecord("it ends in line %d, before its end: %v", d.lines+1, err)
		}
	}
	d.lines++
	before, d.crc = d.crc, crc32.Update(d.crc, castagnoli, text)
	text = bytes.TrimSuffix(text, []byte("\n"))
	if len(text) == 0 {
		return nil, 0, errRecord("line %d is empty", d.lines)
	}
	return text, before, nil
}

func (d *decoder) header(h *Header) error {
	text, _, err := d.line()
	if err != nil {
		return err
	}
	var line headLine
	if err := json.Unmarshal(text, &line); err != nil || line.Magic != magic {
		return errRecord("it does not begin as records do")
	}
	if line.Format > Format {
		return loglake.Errorf(loglake.CodeConflict, "the record was written by a newer loglake: its format is %d, this program knows %d", line.Format, Format).
			WithHint("use the newer one")
	}
	if line.Format < 1 || line.Lake == "" || line.Sequence < 0 {
		return errRecord("its first line says format %d, lake %q, number %d", line.Format, line.Lake, line.Sequence)
	}
	*h = line.Header
	return nil
}

func (d *decoder) row(rec *Record, text []byte) error {
	d.rows++
	if d.pass {
		return nil
	}
	if len(rec.Tables) == 0 {
		return errRecord("line %d: a row before any table", d.lines)
	}
	t := &rec.Tables[len(rec.Tables)-1]
	var values []json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return errRecord("line %d: %v", d.lines, err)
	}
	if len(values) != len(t.Columns) {
		return errRecord("line %d: a row of %s with %d values, of %d", d.lines, t.Name, len(values), len(t.Columns))
	}
	row := make([]any, len(values))
	for i, v := range values {
		var err error
		if row[i], err = value(v); err != nil {
			return errRecord("line %d: %v", d.lines, err)
		}
	}
	t.Rows = append(t.Rows, row)
	return nil
}

func value(text json.RawMessage) (any, error) {
	switch text[0] {
	case 'n':
		return nil, nil
	case '"':
		var s string
		err := json.Unmarshal(text, &s)
		return s, err
	case '{':
		var odd oddValue
		if err := json.Unmarshal(text, &odd); err != nil {
			return nil, err
		}
		switch odd.Kind {
		case "bytes":
			return append([]byte{}, odd.Bytes...), nil
		case "text":
			return string(odd.Text), nil
		}
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		var n int64
		if json.Unmarshal(text, &n) == nil {
			return n, nil
		}
		var f float64
		err := json.Unmarshal(text, &f)
		return f, err
	}
	return nil, fmt.Errorf("%s is no value of a table", text)
}
