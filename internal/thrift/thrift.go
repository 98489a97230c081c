// Package thrift reads Thrift's compact protocol, in which Parquet's footers are written. General decoders allocate what
// a list's header claims; a file that anybody may have put into a bucket could then end the server. This one hands each
// value to its caller, who decides what to keep: its own memory does not grow.
//
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
package thrift

import (
	"encoding/binary"
	"errors"
)

// depthMax bounds the nesting of structures and lists.
const depthMax = 32

// Kind is the kind of a value in the compact protocol.
type Kind byte

// The kinds of values. A boolean is its kind; in lists and maps it is a Byte.
const (
	Stop   Kind = 0
	True   Kind = 1
	False  Kind = 2
	Byte   Kind = 3
	I16    Kind = 4
	I32    Kind = 5
	I64    Kind = 6
	Double Kind = 7
	Binary Kind = 8
	List   Kind = 9
	Set    Kind = 10
	Map    Kind = 11
	Struct Kind = 12
)

// ErrMalformed is the error about bytes that are no structure in the compact protocol.
var ErrMalformed = errors.New("not a Thrift structure")

// Reader reads the protocol. After an error all reads give zero and the loops end. The zero Reader reads nothing.
type Reader struct {
	rest  []byte
	depth int
	err   error
}

// NewReader gives a reader of text, whose bytes Bytes hands out.
func NewReader(text []byte) *Reader { return &Reader{rest: text} }

// Err gives the first error.
func (r *Reader) Err() error { return r.err }

// Left gives how many bytes are not read yet; 0 after an error.
func (r *Reader) Left() int { return len(r.rest) }

// Structure reads a struct; field takes the value of each of its fields.
func (r *Reader) Structure(field func(id int64, kind Kind)) {
	if r.depth++; r.depth > depthMax {
		r.Fail(ErrMalformed)
	}
	defer func() { r.depth-- }()
	for id := int64(0); r.err == nil; {
		head := r.byte()
		kind := Kind(head & 0x0f)
		if kind == Stop || r.err != nil {
			return
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else {
			id = r.Integer()
		}
		field(id, kind)
	}
}

// List reads a list or set; element takes each of its values.
func (r *Reader) List(element func(kind Kind)) {
	if r.depth++; r.depth > depthMax {
		r.Fail(ErrMalformed)
	}
	defer func() { r.depth-- }()
	head := r.byte()
	n := uint64(head >> 4)
	if n == 0x0f {
		n = r.uvarint()
	}
	if n > uint64(len(r.rest)) { // an element takes a byte at least
		r.Fail(ErrMalformed)
	}
	kind := Kind(head & 0x0f).element()
	for ; n > 0 && r.err == nil; n-- {
		element(kind)
	}
}

// Skip passes over a value.
func (r *Reader) Skip(kind Kind) {
	switch {
	case kind == True || kind == False:
	case kind == Byte:
		r.byte()
	case kind <= I64:
		r.uvarint()
	case kind == Double:
		r.take(8)
	case kind == Binary:
		r.Bytes()
	case kind == List || kind == Set:
		r.List(r.Skip)
	case kind == Map:
		n := r.uvarint()
		if n == 0 {
			return
		}
		kinds := r.byte()
		for ; n > 0 && r.err == nil; n-- {
			r.Skip(Kind(kinds >> 4).element())
			r.Skip(Kind(kinds & 0x0f).element())
		}
	case kind == Struct:
		r.Structure(func(_ int64, kind Kind) { r.Skip(kind) })
	default:
		r.Fail(ErrMalformed)
	}
}

// element is the kind that a value has in a list or map, where a boolean is a byte.
func (k Kind) element() Kind {
	if k == True || k == False {
		return Byte
	}
	return k
}

// Fail ends the reading with err, unless it has failed already.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

func (r *Reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Fail(ErrMalformed)
		return nil
	}
	p := r.rest[:n]
	r.rest = r.rest[n:]
	return p
}

func (r *Reader) byte() byte {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *Reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.Fail(ErrMalformed)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Integer reads a zigzag varint: I16, I32 and I64.
func (r *Reader) Integer() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// Bytes reads a value of kind Binary. It is a part of the text.
func (r *Reader) Bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.Fail(ErrMalformed)
		return nil
	}
	return r.take(int(n))
}
