package convert

import (
	"strings"

	"github.com/loglake/loglake/internal/jsontext"
)

// key is a field name as it was seen in records, with the column that it fills. Records of one source carry the same
// keys in the same order, so each key remembers which one followed it: reading a field is one comparison of bytes, and
// the map of the Converter is asked only where the guess fails.
type key struct {
	raw     string  // `"name":` as it stands in the record; "" in keys[0], which stands for the start of an object
	columns []int32 // filled by it; none: extra
	name    string  // normalized; of an extra key only
	next    int     // the key that followed last time; 0: unknown
	counted bool    // the extra key is in Stats.ExtraNames, or there is no place left
}

// keysMax bounds what is remembered; objects with ids for keys have no end of them.
const keysMax = 512

// forget starts the bookkeeping of extra keys anew; what is known about keys stays.
func (b *ChunkBuilder) forget() {
	for i := range b.keys {
		b.keys[i].counted = false
	}
}

// object fills a row from the object at the scanner's position.
func (b *ChunkBuilder) object(row int) bool {
	s := &b.scan
	start := s.pos
	s.pos++
	if s.space() == '}' {
		s.pos++
		return true
	}
	previous := 0
	for {
		columns, ok := b.field(&previous)
		if !ok {
			return false
		}
		switch len(columns) {
		case 0:
			ok = s.skip(1)
		case 1:
			ok = b.value(int(columns[0]), row)
		default:
			ok = b.fill(columns, row)
		}
		if !ok {
			return false
		}
		if s.pos+1 < len(s.buf) && s.buf[s.pos] == ',' && s.buf[s.pos+1] == '"' {
			s.pos++
			continue
		}
		more, ok := s.separator(inObject, start)
		if !ok || !more {
			return ok
		}
		if s.space() == 0 {
			return s.endBetween(inObject)
		}
	}
}

// fill reads one value into several columns, which a mapping can ask for.
func (b *ChunkBuilder) fill(columns []int32, row int) bool {
	at := b.scan.pos
	for _, column := range columns {
		b.scan.pos = at
		if !b.value(int(column), row) {
			return false
		}
	}
	return true
}

// field reads a name and its colon, moves to the value and gives the columns that it goes to. previous is the key that
// came before, and becomes this one.
func (b *ChunkBuilder) field(previous *int) (columns []int32, ok bool) {
	s := &b.scan
	guess := b.keys[*previous].next
	k := &b.keys[guess]
	if n := s.pos + len(k.raw); guess == 0 || n >= len(s.buf) || string(s.buf[s.pos:n]) != k.raw {
		return b.lookup(previous)
	}
	s.pos += len(k.raw)
	if s.buf[s.pos] <= ' ' && s.space() == 0 {
		return nil, s.endBetween(inObject)
	}
	*previous = guess
	if len(k.columns) == 0 {
		b.sawExtra(k)
	}
	return k.columns, true
}

// lookup is field where the guess was wrong.
func (b *ChunkBuilder) lookup(previous *int) (columns []int32, ok bool) {
	s := &b.scan
	content, escaped, ok := s.name()
	if !ok {
		return nil, false
	}
	if i, ok := b.index[string(content)]; ok {
		b.keys[*previous].next = i
		*previous = i
		if len(b.keys[i].columns) == 0 {
			b.sawExtra(&b.keys[i])
		}
		return b.keys[i].columns, true
	}
	seen := string(content)
	if escaped {
		b.scratch = jsontext.AppendUnescaped(b.scratch[:0], content)
		content = b.scratch
	}
	k := key{raw: `"` + seen + `":`, name: b.converter.normalize(string(content))}
	k.columns = b.converter.byKey[k.name]
	if len(k.columns) == 0 {
		k.name = strings.ToValidUTF8(k.name[:min(len(k.name), ExtraNameBytesMax)], "")
		b.sawExtra(&k)
	} else {
		k.name = ""
	}

	if len(b.keys) < keysMax && len(seen) <= ExtraNameBytesMax {
		b.index[seen] = len(b.keys)
		b.keys[*previous].next = len(b.keys)
		*previous = len(b.keys)
		b.keys = append(b.keys, k)
	}
	return k.columns, true
}

// sawExtra counts a value that no column takes.
func (b *ChunkBuilder) sawExtra(k *key) {
	b.stats.Extra++
	if k.counted {
		return
	}
	k.counted = true
	if _, ok := b.extra[k.name]; ok || len(b.stats.ExtraNames) == ExtraNamesMax {
		return
	}
	b.extra[k.name] = struct{}{}
	b.stats.ExtraNames = append(b.stats.ExtraNames, k.name)
}

// array fills a row from the array at the scanner's position, the first value into the first column and so on; what is
// left over is dropped.
func (b *ChunkBuilder) array(row int) bool {
	s := &b.scan
	start := s.pos
	s.pos++
	if s.space() == ']' {
		s.pos++
		return true
	}
	for i := 0; ; i++ {
		c := s.space()
		if c == 0 {
			return s.endBetween(inArray)
		}
		if c == '{' {
			b.fault(malformedData("%sThe record is an array of objects; put the objects one after the other instead.", textMisfit))
		}
		ok := false
		if i < len(b.columns) {
			ok = b.value(i, row)
		} else {
			ok = s.skip(1)
		}
		if !ok {
			return false
		}
		if more, ok := s.separator(inArray, start); !more || !ok {
			return ok
		}
	}
}
