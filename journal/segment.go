package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

const (
	segmentMagic       = "LLSEG002"
	segmentMagicFirst  = "LLSEG001" // of the first form, which has its index once
	segmentTrailerSize = 24
	segmentCopies      = 2 // of the index and of the trailer, so that a flipped bit there costs no page
	segmentSuffix      = ".seg"
	tempSuffix         = ".tmp"
	pageRawMax         = PutBytesMax + pageBytes + 1024
	syncEveryBytes     = 4 << 20 // of a segment being written, so that its last sync does not stall acknowledgements
)

// segment is an immutable file of runs. Its fields don't change once it is in Log.segments.
type segment struct {
	path   string
	number uint64
	bytes  int64
	runs   []*run

	flaw       *CorruptError // in what is there more than once: all can be read. nil: none was seen
	unreadable bool          // a page of it is damaged: it is not merged. Guarded by Log.mu
}

// shared says whether s holds journals that had too little for a segment of their own.
func (s *segment) shared() bool {
	n, raw := sameJournal(s.runs)
	return n < len(s.runs) || raw < ownSegmentBytes
}

// run is consecutive events of one journal in a segment. Only dead changes, under Log.mu.
type run struct {
	seg        *segment
	journal    loglake.JournalID
	first, end loglake.Offset
	minT, maxT loglake.Millis
	streams    []streamCount
	pages      []page
	dead       bool // released or deleted
}

// newest gives the time that Release goes by.
func (r *run) newest() loglake.Millis {
	at := loglake.Millis(math.MinInt64)
	for i := range r.streams {
		at = max(at, newestOf(r.streams[i].stat.LastTime, r.streams[i].stat.LastIngested))
	}
	return at
}

func (r *run) bytes() (n int64) {
	for i := range r.pages {
		n += int64(r.pages[i].size)
	}
	return n
}

// page is a zstd frame of put blocks.
type page struct {
	first      loglake.Offset
	count      uint32
	minT, maxT loglake.Millis
	pos        int64
	size, raw  uint32   // bytes in the file, and unpacked
	crc        uint32   // of the bytes in the file
	streams    []uint32 // in run.streams; nil: any
}

func (p *page) end() loglake.Offset { return p.first + loglake.Offset(p.count) }

// segmentWriter writes a segment to a temporary file. Blocks come in any order of journals, those of a journal in the
// order of offsets.
type segmentWriter struct {
	fs     disk.FS
	sync   func(disk.File) error
	file   disk.File
	seg    *segment
	enc    *zstd.Encoder
	cur    *run
	byName map[loglake.LogStreamName]uint32
	page   page
	raw    []byte // of page
	last   loglake.Millis
	out    []byte
	synced int64
}

func newSegmentWriter(l *Log, path string, number uint64) (*segmentWriter, error) {
	f, err := l.fs.OpenFile(path+tempSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	w := &segmentWriter{fs: l.fs, sync: l.sync, file: f, seg: &segment{path: path, number: number}, enc: l.zstd}
	if err := w.write([]byte(segmentMagic)); err != nil {
		w.abort()
		return nil, err
	}
	return w, nil
}

func (w *segmentWriter) write(p []byte) error {
	if _, err := w.file.WriteAt(p, w.seg.bytes); err != nil {
		return fmt.Errorf("write segment: %w", err)
	}
	w.seg.bytes += int64(len(p))
	if w.seg.bytes-w.synced < syncEveryBytes {
		return nil
	}
	w.synced = w.seg.bytes
	if err := w.sync(w.file); err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	return nil
}

func (w *segmentWriter) add(b *Block) error {
	if w.cur == nil || w.cur.journal != b.Journal || w.cur.end != b.First {
		if err := w.flush(); err != nil {
			return err
		}
		w.cur = &run{seg: w.seg, journal: b.Journal, first: b.First, end: b.First, minT: b.MinTime, maxT: b.MaxTime}
		w.byName = map[loglake.LogStreamName]uint32{}
		w.seg.runs = append(w.seg.runs, w.cur)
	}
	r := w.cur
	i, ok := w.byName[b.Stream]
	if !ok {
		i = uint32(len(r.streams))
		w.byName[b.Stream] = i
		r.streams = append(r.streams, streamCount{name: b.Stream})
	}
	r.streams[i].stat.add(StreamStat{FirstTime: b.MinTime, LastTime: b.MaxTime, LastIngested: b.Ingested, Count: int64(b.count), Bytes: int64(b.split)})
	r.minT, r.maxT, r.end = min(r.minT, b.MinTime), max(r.maxT, b.MaxTime), b.End()
	w.addToPage(b, i)
	if len(w.raw) >= pageBytes {
		return w.flush()
	}
	return nil
}

func (w *segmentWriter) addToPage(b *Block, stream uint32) {
	p := &w.page
	if p.count == 0 {
		*p = page{first: b.First, minT: b.MinTime, maxT: b.MaxTime, streams: []uint32{}}
		w.last = 0
	}
	p.count += uint32(b.count)
	p.minT, p.maxT = min(p.minT, b.MinTime), max(p.maxT, b.MaxTime)
	if p.streams != nil && !contains(p.streams, stream) {
		if p.streams = append(p.streams, stream); len(p.streams) > pageStreamsMax {
			p.streams = nil
		}
	}
	raw := binary.AppendUvarint(w.raw, uint64(stream))
	raw = binary.AppendUvarint(raw, uint64(b.count))
	raw = binary.AppendVarint(raw, int64(b.Ingested-w.last))
	raw = binary.AppendVarint(raw, int64(b.MinTime-b.Ingested))
	raw = binary.AppendUvarint(raw, uint64(b.MaxTime-b.MinTime))
	raw = binary.AppendUvarint(raw, uint64(len(b.payload)))
	raw = binary.AppendUvarint(raw, uint64(b.split))
	w.raw = append(raw, b.payload...)
	w.last = b.Ingested
}

func contains(s []uint32, v uint32) bool {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == v {
			return true
		}
	}
	return false
}

// flush writes the page that is being gathered.
func (w *segmentWriter) flush() error {
	if w.page.count == 0 {
		return nil
	}
	w.out = w.enc.EncodeAll(w.raw, w.out[:0])
	p := w.page
	p.pos, p.size, p.raw, p.crc = w.seg.bytes, uint32(len(w.out)), uint32(len(w.raw)), crc32.Checksum(w.out, castagnoli)
	w.cur.pages = append(w.cur.pages, p)
	w.page, w.raw = page{}, w.raw[:0]
	return w.write(w.out)
}

// finish writes the index, syncs, and gives the file its name. The name is not yet synced.
func (w *segmentWriter) finish() (*segment, error) {
	err := w.flush()
	if err == nil {
		err = w.write(appendFooter(w.seg.runs, w.seg.bytes))
	}
	if err == nil {
		err = w.sync(w.file)
	}
	if cerr := w.file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = w.fs.Rename(w.seg.path+tempSuffix, w.seg.path)
	}
	if err != nil {
		w.fs.Remove(w.seg.path) // it may have been renamed all the same
		w.fs.Remove(w.seg.path + tempSuffix)
		return nil, fmt.Errorf("finish segment %s: %w", w.seg.path, err)
	}
	return w.seg, nil
}

// abort drops what was written.
func (w *segmentWriter) abort() {
	w.file.Close()
	w.fs.Remove(w.seg.path + tempSuffix)
}
