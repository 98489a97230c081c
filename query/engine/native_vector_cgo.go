//go:build cgo

package engine

import (
	"bytes"
	"strings"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/loglake/loglake/query/dialect/native"
)

// nativeKinds are the scalar types of native functions.
var nativeKinds = map[Kind]duckdb.Type{Boolean: duckdb.TypeBoolean, Integer: duckdb.TypeInteger, BigInt: duckdb.TypeBigInt,
	Float: duckdb.TypeFloat, Double: duckdb.TypeDouble, Varchar: duckdb.TypeVarchar, Blob: duckdb.TypeBlob, Date: duckdb.TypeDate,
	Timestamp: duckdb.TypeTimestamp}

// parseNativeType reads a type as native.Function names it, and gives what follows.
func parseNativeType(text string) (t Type, rest string, ok bool) {
	if inside, found := strings.CutPrefix(text, "MAP("); found {
		key, after, ok := parseNativeType(inside)
		if !ok || !strings.HasPrefix(after, ", ") {
			return t, text, false
		}
		value, after, ok := parseNativeType(after[2:])
		if !ok || !strings.HasPrefix(after, ")") {
			return t, text, false
		}
		entry := Type{Kind: Struct, Fields: []Field{{Name: "key", Type: key}, {Name: "value", Type: value}}}
		t, rest = Type{Kind: Map, Fields: []Field{{Type: entry}}}, after[1:]
	} else {
		end := strings.IndexAny(text+"[", "[,)")
		t, rest = Type{Kind: Kind(text[:end])}, text[end:]
		if _, ok := nativeKinds[t.Kind]; !ok {
			return t, text, false
		}
	}
	for strings.HasPrefix(rest, "[]") {
		t, rest = Type{Kind: List, Fields: []Field{{Type: t}}}, rest[2:]
	}
	return t, rest, true
}

// logicalOf gives DuckDB's type; the caller destroys it.
func logicalOf(t Type) duckdb.LogicalType {
	switch t.Kind {
	case List:
		element := logicalOf(t.Fields[0].Type)
		defer duckdb.DestroyLogicalType(&element)
		return duckdb.CreateListType(element)
	case Map:
		key, value := logicalOf(t.Fields[0].Type.Fields[0].Type), logicalOf(t.Fields[0].Type.Fields[1].Type)
		defer duckdb.DestroyLogicalType(&key)
		defer duckdb.DestroyLogicalType(&value)
		return duckdb.CreateMapType(key, value)
	case Struct:
		var types []duckdb.LogicalType
		var names []string
		for _, f := range t.Fields {
			types, names = append(types, logicalOf(f.Type)), append(names, f.Name)
			defer duckdb.DestroyLogicalType(&types[len(types)-1])
		}
		return duckdb.CreateStructType(types, names)
	}
	return duckdb.CreateLogicalType(nativeKinds[t.Kind])
}

// nativeColumn reads the values of a vector.
type nativeColumn struct {
	t     Type
	base  unsafe.Pointer
	valid *[1 << 40]uint64
	parts []nativeColumn

	last     []byte // the text of the value before, in DuckDB's memory
	lastText any    // which is often the same: constant arguments come as columns too
}

func readNative(v duckdb.Vector, t Type) nativeColumn {
	c := nativeColumn{t: t, valid: (*[1 << 40]uint64)(duckdb.VectorGetValidity(v))}
	switch t.Kind {
	case List, Map:
		c.base = duckdb.VectorGetData(v)
		c.parts = []nativeColumn{readNative(duckdb.ListVectorGetChild(v), t.Fields[0].Type)}
	case Struct:
		for i, f := range t.Fields {
			c.parts = append(c.parts, readNative(duckdb.StructVectorGetChild(v, duckdb.IdxT(i)), f.Type))
		}
	default:
		c.base = duckdb.VectorGetData(v)
	}
	return c
}

// value gives a value as native.Function takes it. It shares no memory with DuckDB.
func (c *nativeColumn) value(i int) any {
	if !isValid(c.valid, i) {
		return nil
	}
	switch c.t.Kind {
	case Boolean:
		return *(*bool)(unsafe.Add(c.base, i))
	case Integer, Date:
		return int64(*(*int32)(unsafe.Add(c.base, 4*i)))
	case Float:
		return float64(*(*float32)(unsafe.Add(c.base, 4*i)))
	case Double:
		return *(*float64)(unsafe.Add(c.base, 8*i))
	case Varchar, Blob:
		return c.text(i)
	case List:
		from, to := c.span(i)
		list := make([]any, 0, to-from)
		for k := from; k < to; k++ {
			list = append(list, c.parts[0].value(k))
		}
		return list
	case Map:
		from, to := c.span(i)
		m := make(native.Map, 0, to-from)
		entries := c.parts[0].parts
		for k := from; k < to; k++ {
			m = append(m, native.Entry{Key: entries[0].value(k), Value: entries[1].value(k)})
		}
		return m
	}
	return *(*int64)(unsafe.Add(c.base, 8*i))
}

// text reads a string_t; see batchEncoder.strings.
func (c *nativeColumn) text(i int) any {
	p := unsafe.Add(c.base, 16*i)
	n, from := *(*uint32)(p), unsafe.Add(p, 4)
	if n > 12 {
		from = *(*unsafe.Pointer)(unsafe.Add(p, 8))
	}
	b := unsafe.Slice((*byte)(from), n)
	if c.lastText != nil && bytes.Equal(b, c.last) {
		return c.lastText
	}
	c.last, c.lastText = b, string(b)
	if c.t.Kind == Blob {
		c.lastText = append(make([]byte, 0, n), b...)
	}
	return c.lastText
}

func (c *nativeColumn) span(i int) (from, to int) {
	entry := (*[2]uint64)(unsafe.Add(c.base, 16*i)) // offset and length
	return int(entry[0]), int(entry[0] + entry[1])
}

// nativeTarget writes values to a vector.
type nativeTarget struct {
	t     Type
	v     duckdb.Vector
	base  unsafe.Pointer
	valid *[1 << 40]uint64 // nil until the first NULL
}

func writeNative(v duckdb.Vector, t Type) nativeTarget {
	c := nativeTarget{t: t, v: v}
	if t.Kind != Struct {
		c.base = duckdb.VectorGetData(v)
	}
	return c
}

// set writes a value, rows in their order. False where DuckDB has no room.
func (c *nativeTarget) set(i int, value any) bool {
	if value == nil {
		c.null(i)
		return true
	}
	switch c.t.Kind {
	case Boolean:
		*(*bool)(unsafe.Add(c.base, i)) = value.(bool)
	case Integer, Date:
		*(*int32)(unsafe.Add(c.base, 4*i)) = int32(value.(int64))
	case Float:
		*(*float32)(unsafe.Add(c.base, 4*i)) = float32(value.(float64))
	case Double:
		*(*float64)(unsafe.Add(c.base, 8*i)) = value.(float64)
	case Varchar:
		text := strings.ToValidUTF8(value.(string), "\uFFFD")
		duckdb.UnsafeVectorAssignStringElementLen(c.v, duckdb.IdxT(i), unsafe.Slice(unsafe.StringData(text), len(text)))
	case Blob:
		duckdb.UnsafeVectorAssignStringElementLen(c.v, duckdb.IdxT(i), value.([]byte))
	case List:
		return c.list(i, value.([]any))
	case Map:
		return c.entries(i, value.(native.Map))
	default:
		*(*int64)(unsafe.Add(c.base, 8*i)) = value.(int64)
	}
	return true
}

func (c *nativeTarget) null(i int) {
	if c.valid == nil {
		duckdb.VectorEnsureValidityWritable(c.v)
		c.valid = (*[1 << 40]uint64)(duckdb.VectorGetValidity(c.v))
	}
	c.valid[i/64] &^= 1 << (i % 64)
	if c.t.Kind == List || c.t.Kind == Map {
		*(*[2]uint64)(unsafe.Add(c.base, 16*i)) = [2]uint64{}
	}
}

// grow makes room for n more elements and gives the vector of all elements and the place of the first of them.
func (c *nativeTarget) grow(i, n int) (elements nativeTarget, from int, ok bool) {
	size := duckdb.ListVectorGetSize(c.v)
	*(*[2]uint64)(unsafe.Add(c.base, 16*i)) = [2]uint64{uint64(size), uint64(n)}
	if duckdb.ListVectorReserve(c.v, size+duckdb.IdxT(n)) == duckdb.StateError {
		return elements, 0, false
	}
	if duckdb.ListVectorSetSize(c.v, size+duckdb.IdxT(n)) == duckdb.StateError {
		return elements, 0, false
	}
	return writeNative(duckdb.ListVectorGetChild(c.v), c.t.Fields[0].Type), int(size), true
}

func (c *nativeTarget) list(i int, list []any) bool {
	elements, from, ok := c.grow(i, len(list))
	for k, e := range list {
		ok = ok && elements.set(from+k, e)
	}
	return ok
}

func (c *nativeTarget) entries(i int, m native.Map) bool {
	entries, from, ok := c.grow(i, len(m))
	if !ok {
		return false
	}
	key := writeNative(duckdb.StructVectorGetChild(entries.v, 0), entries.t.Fields[0].Type)
	value := writeNative(duckdb.StructVectorGetChild(entries.v, 1), entries.t.Fields[1].Type)
	for k, e := range m {
		ok = ok && key.set(from+k, e.Key) && value.set(from+k, e.Value)
	}
	return ok
}
