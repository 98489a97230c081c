package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/loglake/loglake/internal/disk"
)

const (
	walMagic      = 0x314c41574c4c4c31 // "1LLLWAL1"
	walHeaderSize = 64
	walSuffix     = ".wal"
	spareSuffix   = ".spare"
	damagedSuffix = ".damaged" // a settled WAL file that held unreadable records, put aside
)

// walFile is one file of the WAL. Its number is in its name and seeds the checksums in it.
//
// end is owned by the writer while the file is active and never changes afterwards. refs, empty and gone are guarded by
// Log.mu; away is the settler's.
type walFile struct {
	seq  uint64
	seed uint32
	path string
	file disk.File
	end  int64 // where the records that count end
	size int64 // allocated: what is beyond end is left from an earlier life
	bad  bool  // holds a record that can't be read

	noHeader bool // it can't be read, or is left from an earlier life of the file; the start that made w says so

	refs  int  // readers
	empty bool // settled: nobody begins to read it
	away  bool // its name is taken away, durably or not
	gone  bool // given up: the last reader closes file
}

func walName(seq uint64, suffix string) string { return fmt.Sprintf("%016d%s", seq, suffix) }

// parseSeq reads the number at the beginning of a file name of ours.
func parseSeq(name, suffix string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	seq, err := strconv.ParseUint(digits, 10, 64)
	return seq, err == nil
}

// walHeader is the beginning of a WAL file. It seals the file before it: records of file prev from prevEnd on were never
// acknowledged and don't count. So a file whose write or sync failed needs no more touching.
type walHeader struct {
	seq, prev uint64
	prevEnd   int64
}

func (h walHeader) encode() []byte {
	p := make([]byte, walHeaderSize)
	le := binary.LittleEndian
	le.PutUint64(p[0:], walMagic)
	le.PutUint64(p[8:], h.seq)
	le.PutUint64(p[16:], h.prev)
	le.PutUint64(p[24:], uint64(h.prevEnd))
	le.PutUint32(p[walHeaderSize-4:], crc32.Checksum(p[:walHeaderSize-4], castagnoli))
	return p
}

func parseWALHeader(p []byte) (walHeader, bool) {
	le := binary.LittleEndian
	if len(p) < walHeaderSize || le.Uint64(p) != walMagic ||
		le.Uint32(p[walHeaderSize-4:]) != crc32.Checksum(p[:walHeaderSize-4], castagnoli) {
		return walHeader{}, false
	}
	return walHeader{seq: le.Uint64(p[8:]), prev: le.Uint64(p[16:]), prevEnd: int64(le.Uint64(p[24:]))}, true
}

// walStart makes file seq ready for records: takes the spare if there is one, writes the header, and makes both
// durable. Nothing may be acknowledged from the file before.
func (l *Log) walStart(h walHeader, spare string) (*walFile, error) {
	w := &walFile{seq: h.seq, seed: fileSeed(h.seq), path: filepath.Join(l.walDir, walName(h.seq, walSuffix)), end: walHeaderSize}
	if spare != "" {
		if err := l.fs.Rename(spare, w.path); err != nil {
			return nil, fmt.Errorf("take spare WAL file: %w", err)
		}
	}
	f, err := l.fs.OpenFile(w.path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open WAL file: %w", err)
	}
	w.file = f
	_, err = f.WriteAt(h.encode(), 0)
	if err == nil {
		err = l.sync(f)
	}
	if err == nil {
		err = l.syncDir(l.walDir)
	}
	if err == nil {
		var st fs.FileInfo
		if st, err = f.Stat(); err == nil {
			w.size = st.Size()
		}
	}
	if err != nil {
		f.Close()
		l.fs.Remove(w.path) // holds nothing; if it stays, recovery finds an empty file
		return nil, fmt.Errorf("begin WAL file %s: %w", w.path, err)
	}
	return w, nil
}

func (l *Log) sync(f disk.File) error {
	if l.cfg.Sync == SyncNone {
		return nil
	}
	return f.Sync()
}

func (l *Log) syncDir(dir string) error {
	if l.cfg.Sync == SyncNone {
		return nil
	}
	return l.fs.SyncDir(dir)
}

// makeSpare writes a file of zeros, so that its blocks are ours: the next WAL file can be begun without asking the disk
// for space, and giving it up frees space for others when the disk is full.
func (l *Log) makeSpare() error {
	l.mu.Lock()
	l.nextSeq++
	path := filepath.Join(l.walDir, walName(l.nextSeq, spareSuffix))
	l.mu.Unlock()
	f, err := disk.Create(l.fs, path)
	if err != nil {
		return fmt.Errorf("make spare WAL file: %w", err)
	}
	zeros := make([]byte, min(1<<20, l.cfg.WALBytes))
	for left := l.cfg.WALBytes; left > 0 && err == nil; left -= int64(len(zeros)) {
		_, err = f.Write(zeros[:min(left, int64(len(zeros)))])
	}
	if err == nil {
		err = l.sync(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		l.fs.Remove(path)
		return fmt.Errorf("make spare WAL file: %w", err)
	}
	l.mu.Lock()
	l.spares = append(l.spares, path)
	l.mu.Unlock()
	return nil
}

// takeSpare gives the path of a spare file, "" when there is none.
func (l *Log) takeSpare() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spares) == 0 {
		return ""
	}
	path := l.spares[0]
	l.spares = l.spares[1:]
	return path
}

// dropSpares gives the spares' space back to the disk.
func (l *Log) dropSpares() {
	for path := l.takeSpare(); path != ""; path = l.takeSpare() {
		l.fs.Remove(path) // on failure it is found again at Open
	}
}

// walScan is what a pass over a WAL file found.
type walScan struct {
	end       int64           // after the last record that counts
	lastBatch int64           // where the last record's group commit began
	torn      bool            // records after end were cut
	damage    []*CorruptError // unreadable places before end
}

// walScanner is a pass over a WAL file.
//
// Where a record is broken it looks for the next whole one. In a file without a known end, what follows the last synced
// place is the torn tail of a crash and is cut; a broken record before a place that was once synced is damage. The proof
// may come late, so records between are kept in mind: skipped is the first of them.
type walScanner struct {
	walScan
	w       *walFile
	sealed  bool
	win     window
	pos     int64
	synced  int64 // the file was synced up to here
	hole    int64 // where the first broken record since the last whole one begins, -1
	skipped int64 // the first whole record after hole that may be of a torn group commit, -1
}

// scanWAL calls fn for each whole record between the header and end, in order; end < 0 means as far as there are any.
// A record is valid until fn returns.
func scanWAL(r io.ReaderAt, w *walFile, end int64, fn func(pos int64, size int, r *record) error) (walScan, error) {
	limit := end
	if end < 0 {
		limit = w.size
	}
	s := walScanner{w: w, sealed: end >= 0, win: window{r: r, limit: limit}, pos: walHeaderSize, hole: -1, skipped: -1}
	s.end = walHeaderSize
	for s.pos+recordHeaderSize <= limit {
		rec, size, err := s.win.record(s.pos, w.seed)
		switch {
		case err == nil:
			err = s.whole(&rec, size, fn)
		case errors.Is(err, errNoRecord), errors.Is(err, errRecordBody):
			err = s.broken(err)
		default:
			err = fmt.Errorf("read %s: %w", w.path, err)
		}
		if err != nil {
			return s.walScan, err
		}
	}
	if s.sealed && s.end < end {
		s.report(max(s.hole, s.end))
		s.end = end
	}
	s.torn = s.torn || s.skipped >= 0
	return s.walScan, nil
}

func (s *walScanner) whole(r *record, size int, fn func(int64, int, *record) error) error {
	s.synced = max(s.synced, int64(r.durable))
	if s.hole >= 0 && !s.sealed && s.synced <= s.hole {
		if s.skipped < 0 {
			s.skipped = s.pos
		}
		s.pos += int64(size)
		return nil
	}
	if s.hole >= 0 {
		s.report(s.hole)
		s.hole = -1
		if s.skipped >= 0 {
			s.pos, s.skipped = s.skipped, -1
			return nil
		}
	}
	if err := fn(s.pos, size, r); err != nil {
		return err
	}
	s.pos += int64(size)
	s.end, s.lastBatch, s.torn = s.pos, int64(r.durable), false
	return nil
}

func (s *walScanner) broken(cause error) (err error) {
	if s.hole < 0 {
		s.hole = s.pos
	}
	s.torn = s.torn || errors.Is(cause, errRecordBody)
	s.pos, err = s.win.seek(s.pos+8, s.w.seed)
	return err
}

func (s *walScanner) report(at int64) {
	s.damage = append(s.damage, &CorruptError{File: s.w.path, Offset: at, What: "a record can't be read"})
}

// window reads a file forward in big steps.
type window struct {
	r     io.ReaderAt
	limit int64 // not read beyond
	buf   []byte
	at    int64 // of buf in the file
}

const windowBytes = 1 << 20

// bytes gives up to n bytes at pos: fewer only at the limit or at the file's end.
func (w *window) bytes(pos int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.limit-pos))
	if n <= 0 {
		return nil, nil
	}
	if pos < w.at || pos+int64(n) > w.at+int64(len(w.buf)) {
		want := int(min(int64(max(n, windowBytes)), w.limit-pos))
		if cap(w.buf) < want {
			w.buf = make([]byte, want)
		}
		got, err := w.r.ReadAt(w.buf[:want], pos)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		w.buf, w.at = w.buf[:got], pos
	}
	have := w.buf[pos-w.at:]
	return have[:min(n, len(have))], nil
}

// record parses the record at pos. It is valid until the next call.
func (w *window) record(pos int64, seed uint32) (record, int, error) {
	p, err := w.bytes(pos, recordHeaderSize)
	if err != nil {
		return record{}, 0, err
	}
	size, ok := recordSize(p, seed)
	if !ok {
		return record{}, 0, errNoRecord
	}
	if p, err = w.bytes(pos, size); err != nil {
		return record{}, 0, err
	}
	return parseRecord(p, seed)
}

// seek gives the first place from pos on that has a whole record header of this file, or the limit.
func (w *window) seek(pos int64, seed uint32) (int64, error) {
	for pos+recordHeaderSize <= w.limit {
		p, err := w.bytes(pos, windowBytes/2)
		if err != nil {
			return 0, err
		}
		if len(p) < recordHeaderSize {
			break
		}
		for len(p) >= recordHeaderSize {
			if binary.LittleEndian.Uint32(p) == recordMagic {
				if _, ok := recordSize(p, seed); ok {
					return pos, nil
				}
			}
			p, pos = p[8:], pos+8
		}
	}
	return w.limit, nil
}
