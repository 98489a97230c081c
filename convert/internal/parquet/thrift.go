package parquet

import "encoding/binary"

// thriftWriter appends Thrift's compact protocol, the little of it that Parquet's structures need.
type thriftWriter struct {
	buf  []byte
	last []int16 // the id of the last field, per open struct
}

const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI32    = 5
	thriftI64    = 6
	thriftBinary = 8
	thriftList   = 9
	thriftStruct = 12
)

func (t *thriftWriter) begin() { t.last = append(t.last, 0) }

func (t *thriftWriter) end() {
	t.buf = append(t.buf, 0)
	t.last = t.last[:len(t.last)-1]
}

func (t *thriftWriter) field(id int16, kind byte) {
	last := &t.last[len(t.last)-1]
	if delta := id - *last; delta > 0 && delta <= 15 {
		t.buf = append(t.buf, byte(delta)<<4|kind)
	} else {
		t.buf = append(t.buf, kind)
		t.buf = binary.AppendVarint(t.buf, int64(id))
	}
	*last = id
}

func (t *thriftWriter) i32(id int16, v int32) { t.field(id, thriftI32); t.varint(int64(v)) }
func (t *thriftWriter) i64(id int16, v int64) { t.field(id, thriftI64); t.varint(v) }
func (t *thriftWriter) i8(id int16, v byte)   { t.field(id, thriftByte); t.buf = append(t.buf, v) }

func (t *thriftWriter) truth(id int16, v bool) {
	if v {
		t.field(id, thriftTrue)
	} else {
		t.field(id, thriftFalse)
	}
}

func (t *thriftWriter) text(id int16, s string) { t.field(id, thriftBinary); t.element(s) }

func (t *thriftWriter) structure(id int16) { t.field(id, thriftStruct); t.begin() }

// empty writes a struct field without members, which is how logical types without parameters look.
func (t *thriftWriter) empty(id int16) { t.structure(id); t.end() }

func (t *thriftWriter) list(id int16, kind byte, n int) {
	t.field(id, thriftList)
	if n < 15 {
		t.buf = append(t.buf, byte(n)<<4|kind)
		return
	}
	t.buf = append(t.buf, 0xf0|kind)
	t.buf = binary.AppendUvarint(t.buf, uint64(n))
}

// varint and element write what stands in a field or in a list. binary.AppendVarint is the zig-zag that Thrift uses.
func (t *thriftWriter) varint(v int64) { t.buf = binary.AppendVarint(t.buf, v) }

func (t *thriftWriter) element(s string) {
	t.buf = binary.AppendUvarint(t.buf, uint64(len(s)))
	t.buf = append(t.buf, s...)
}
