package journal

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// appendFooter encodes the index of a segment, which begins at pos, and the trailer, each twice.
func appendFooter(runs []*run, pos int64) []byte {
	var b []byte
	b = binary.AppendUvarint(b, uint64(len(runs)))
	for _, r := range runs {
		b = appendText(b, r.journal)
		b = binary.AppendUvarint(b, uint64(r.first))
		b = binary.AppendUvarint(b, uint64(len(r.streams)))
		for _, s := range r.streams {
			b = appendText(b, s.name)
			b = binary.AppendVarint(b, int64(s.stat.FirstTime))
			b = binary.AppendVarint(b, int64(s.stat.LastTime))
			b = binary.AppendVarint(b, int64(s.stat.LastIngested))
			b = binary.AppendUvarint(b, uint64(s.stat.Count))
			b = binary.AppendUvarint(b, uint64(s.stat.Bytes))
		}
		b = binary.AppendUvarint(b, uint64(len(r.pages)))
		for i := range r.pages {
			b = r.pages[i].append(b)
		}
	}
	var t []byte
	t = binary.LittleEndian.AppendUint64(t, uint64(pos))
	t = binary.LittleEndian.AppendUint32(t, uint32(len(b)))
	t = binary.LittleEndian.AppendUint32(t, crc32.Checksum(b, castagnoli))
	t = append(t, segmentMagic...)
	return slices.Concat(b, b, t, t)
}

func (p *page) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(p.count))
	b = binary.AppendVarint(b, int64(p.minT))
	b = binary.AppendUvarint(b, uint64(p.maxT-p.minT))
	b = binary.AppendUvarint(b, uint64(p.pos))
	b = binary.AppendUvarint(b, uint64(p.size))
	b = binary.AppendUvarint(b, uint64(p.raw))
	b = binary.LittleEndian.AppendUint32(b, p.crc)
	b = binary.AppendUvarint(b, uint64(len(p.streams)))
	for _, s := range p.streams {
		b = binary.AppendUvarint(b, uint64(s))
	}
	return b
}

// openSegment reads the index of the segment at path.
func openSegment(fsys disk.FS, path string, number uint64) (*segment, error) {
	f, err := disk.Open(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	s := &segment{path: path, number: number, bytes: st.Size()}
	if err := s.readFooter(f); err != nil {
		return nil, err
	}
	return s, nil
}

const footerGuess = 64 << 10 // read at once from the end of a segment

// readFooter reads the index by the first trailer and copy that are whole. Where these are not the first, flaw says what is
// damaged; the error says that none is.
func (s *segment) readFooter(f io.ReaderAt) error {
	damaged := func(at int64, what string) error { return &CorruptError{File: s.path, Offset: at, What: what} }
	tail := make([]byte, min(s.bytes, footerGuess))
	start := s.bytes - int64(len(tail))
	if _, err := f.ReadAt(tail, start); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read index of %s: %w", s.path, err)
	}
	var first error
	for _, t := range s.trailers(tail) {
		if t.what != "" {
			first = cmp.Or(first, damaged(t.at, t.what))
			continue
		}
		for k := range t.copies {
			pos := t.pos + int64(k)*t.n
			footer := make([]byte, t.n)
			if pos >= start {
				copy(footer, tail[pos-start:])
			} else if _, err := f.ReadAt(footer, pos); err != nil {
				return fmt.Errorf("read index of %s: %w", s.path, err)
			}
			if crc32.Checksum(footer, castagnoli) != t.crc {
				first = cmp.Or(first, damaged(pos, "the index's checksum does not match its bytes"))
			} else if !s.parseFooter(footer, t.pos) {
				first = cmp.Or(first, damaged(pos, "the index makes no sense"))
			} else {
				errors.As(first, &s.flaw)
				return nil
			}
		}
	}
	return cmp.Or(first, damaged(s.bytes, "the segment has no end"))
}

// trailer says where the index of a segment is.
type trailer struct {
	at, pos, n int64 // of the trailer in the file, of the first copy of the index, its length
	copies     int64
	crc        uint32
	what       string // is wrong with it; ""; nothing
}

// trailers reads the trailers at the end of a segment, the last first; one of the first form is alone.
func (s *segment) trailers(tail []byte) (all []trailer) {
	le := binary.LittleEndian
	for k := range int64(segmentCopies) {
		end := int64(len(tail)) - k*segmentTrailerSize
		if end < segmentTrailerSize {
			break
		}
		p := tail[end-segmentTrailerSize : end]
		t := trailer{at: s.bytes - (k+1)*segmentTrailerSize, pos: int64(le.Uint64(p)), n: int64(le.Uint32(p[8:])), copies: segmentCopies, crc: le.Uint32(p[12:])}
		switch magic := string(p[16:]); {
		case k == 0 && magic == segmentMagicFirst:
			t.copies = 1
		case magic != segmentMagic:
			t.what = "the segment has no end"
		}
		if t.what == "" && (t.pos < int64(len(segmentMagic)) || t.pos > s.bytes || t.pos+t.copies*(t.n+segmentTrailerSize) != s.bytes) {
			t.what = "the segment's trailer does not fit its size"
		}
		all = append(all, t)
	}
	return all
}

// flaws reads what openSegment leaves out where all is well, and gives what is damaged of what is there more than once.
func (s *segment) flaws(fsys disk.FS) (found []*CorruptError, err error) {
	f, err := disk.Open(fsys, s.path)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	defer f.Close()
	flaw := func(at int64, what string) {
		found = append(found, &CorruptError{File: s.path, Offset: at, What: what})
	}
	p := make([]byte, len(segmentMagic))
	if _, err := f.ReadAt(p, 0); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.path, err)
	}
	if string(p) != segmentMagic && string(p) != segmentMagicFirst {
		flaw(0, "the segment does not begin as one")
	}
	tail := make([]byte, min(s.bytes, segmentCopies*segmentTrailerSize))
	if _, err := f.ReadAt(tail, s.bytes-int64(len(tail))); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.path, err)
	}
	indexes := map[int64]bool{}
	for _, t := range s.trailers(tail) {
		if t.what != "" && t.copies > 1 && string(tail[len(tail)-8:]) != segmentMagicFirst {
			flaw(t.at, t.what)
		}
		for k := range t.copies {
			pos := t.pos + k*t.n
			if t.what != "" || indexes[pos] {
				continue
			}
			indexes[pos] = true
			index := make([]byte, t.n)
			if _, err := f.ReadAt(index, pos); err != nil {
				return nil, fmt.Errorf("read index of %s: %w", s.path, err)
			}
			if crc32.Checksum(index, castagnoli) != t.crc {
				flaw(pos, "the index's checksum does not match its bytes")
			}
		}
	}
	return found, nil
}

func (s *segment) parseFooter(footer []byte, end int64) bool {
	c := &cursor{b: footer}
	n := c.count(5)
	s.runs = make([]*run, 0, n)
	for range n {
		r := &run{seg: s, journal: loglake.JournalID(c.text()), first: loglake.Offset(c.uvarint())}
		r.streams = make([]streamCount, c.count(6))
		for i := range r.streams {
			r.streams[i] = streamCount{name: loglake.LogStreamName(c.text()), stat: StreamStat{
				FirstTime: loglake.Millis(c.varint()), LastTime: loglake.Millis(c.varint()), LastIngested: loglake.Millis(c.varint()),
				Count: int64(c.uvarint()), Bytes: int64(c.uvarint()),
			}}
		}
		if !r.parsePages(c, end) {
			return false
		}
		s.runs = append(s.runs, r)
	}
	return !c.bad && len(c.b) == 0
}

func (r *run) parsePages(c *cursor, end int64) bool {
	r.pages = make([]page, c.count(11))
	r.end = r.first
	for i := range r.pages {
		p := &r.pages[i]
		p.first, p.count = r.end, uint32(c.uvarint())
		p.minT = loglake.Millis(c.varint())
		p.maxT = p.minT + loglake.Millis(c.uvarint())
		p.pos, p.size, p.raw = int64(c.uvarint()), uint32(c.uvarint()), uint32(c.uvarint())
		if crc := c.bytes(4); crc != nil {
			p.crc = binary.LittleEndian.Uint32(crc)
		}
		if n := c.count(1); n > 0 {
			p.streams = make([]uint32, n)
		}
		for k := range p.streams {
			if p.streams[k] = uint32(c.uvarint()); int(p.streams[k]) >= len(r.streams) {
				return false
			}
		}
		if c.bad || p.count == 0 || p.raw > pageRawMax || p.pos < 0 || p.pos > end || int64(p.size) > end-p.pos || p.count > p.raw {
			return false
		}
		if i == 0 {
			r.minT, r.maxT = p.minT, p.maxT
		}
		r.minT, r.maxT, r.end = min(r.minT, p.minT), max(r.maxT, p.maxT), p.end()
	}
	return !c.bad && len(r.pages) > 0 && r.first >= 0 && r.first < 1<<62 && r.journal != ""
}

// unpack gives the blocks of a page whose bytes were read from the segment.
func (r *run) unpack(dec *zstd.Decoder, p *page, data []byte) ([]*Block, error) {
	bad := func(what string) error {
		return &CorruptError{File: r.seg.path, Offset: p.pos, Journal: r.journal, From: p.first, To: p.end(), What: what}
	}
	if crc32.Checksum(data, castagnoli) != p.crc {
		return nil, bad("the page's checksum does not match its bytes")
	}
	raw, err := dec.DecodeAll(data, make([]byte, 0, p.raw))
	if err != nil || len(raw) != int(p.raw) {
		return nil, bad("the page can't be unpacked")
	}
	blocks := []*Block{}
	c := &cursor{b: raw}
	at, last := p.first, loglake.Millis(0)
	for len(c.b) > 0 && !c.bad {
		stream, count := c.uvarint(), c.uvarint()
		b := &Block{Journal: r.journal, First: at, count: int(count)}
		b.Ingested = last + loglake.Millis(c.varint())
		b.MinTime = b.Ingested + loglake.Millis(c.varint())
		b.MaxTime = b.MinTime + loglake.Millis(c.uvarint())
		n, split := c.uvarint(), c.uvarint()
		b.payload, b.split = c.bytes(n), int(split)
		if c.bad || stream >= uint64(len(r.streams)) || count > uint64(p.end()-at) || split > n || checkPayload(b.payload, b.split, b.count) != nil {
			return nil, bad("the page makes no sense")
		}
		b.Stream = r.streams[stream].name
		blocks = append(blocks, b)
		at, last = b.End(), b.Ingested
	}
	if at != p.end() || c.bad {
		return nil, bad("the page makes no sense")
	}
	return blocks, nil
}
