package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"

	"github.com/loglake/loglake/internal/disk"
)

// segment is a run of a spool's events, in a file or in memory. Guarded by the spool's mutex.
type segment struct {
	first int64 // position of its first event
	next  int64 // position behind its last; -1: found on the disk, and known when it was read to its end
	size  int64 // bytes that are known to be good
	path  string
	file  bytesAt

	from, to   int64  // times of its first and last event
	reports    []told // losses that it reports
	unsynced   bool   // its bytes, or its name
	distrusted bool   // a sync of it failed: nothing more is written to it, since a later sync would say nothing of its bytes
}

// told is a loss that an event of a segment reports. When the segment goes, what it told is lost again.
type told struct {
	position int64
	loss     Loss
	reason   string
}

// bytesAt is where a segment's bytes are.
type bytesAt interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// memory is a segment's bytes where there is no disk, or none that works.
type memory struct{ b []byte }

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	if at >= int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(p, m.b[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes where the bytes end; a spool writes nowhere else.
func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	m.b = append(m.b[:at], p...)
	return len(p), nil
}

func (m *memory) Close() error { return nil }

func (s *segment) inMemory() bool { return s.path == "" }

// createSegment makes an empty segment in a file of dir.
func createSegment(fsys disk.FS, dir string, first int64) (*segment, error) {
	path := filepath.Join(dir, segmentName(first))
	file, err := disk.Create(fsys, path)
	if err != nil {
		return nil, err
	}
	s := &segment{first: first, next: first, path: path, file: file, unsynced: true}
	if err := s.append(appendHeader(nil, first), 0); err != nil {
		return nil, errors.Join(err, file.Close(), fsys.Remove(path))
	}
	return s, nil
}

func memorySegment(first int64) *segment {
	return &segment{first: first, next: first, size: headerBytes, file: &memory{b: appendHeader(nil, first)}}
}

// append writes records with n events. After an error the segment is as it was: what may lie behind its good bytes is
// never read by this process, and told by its position in another.
func (s *segment) append(records []byte, n int64) error {
	if _, err := s.file.WriteAt(records, s.size); err != nil {
		return err
	}
	s.size += int64(len(records))
	s.next += n
	s.unsynced = true
	return nil
}

// openSegment opens a segment that another process left.
func openSegment(fsys disk.FS, path string) (*segment, error) {
	file, err := disk.Open(fsys, path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	head := make([]byte, headerBytes)
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, file.Close())
	}
	named, _ := parseSegmentName(filepath.Base(path))
	s := &segment{first: named, next: -1, size: info.Size(), path: path, file: file}
	if first, ok := parseHeader(head); !ok || first != named {
		r := reader{at: headerBytes} // the name has the position too: a header that is damaged costs nothing
		if _, err := r.next(s); err != nil {
			return nil, errors.Join(errTorn, file.Close())
		}
	}
	return s, nil
}

// reader reads the records of one segment in turn. It keeps a window of its bytes.
type reader struct {
	at     int64 // offset in the segment of the next record
	window []byte
	from   int64 // offset of the window
}

const windowBytes = 256 << 10

// next gives the record at the reader's place; the message is valid until the next call. io.EOF: there is no more.
// errTorn: what is there is no record.
func (r *reader) next(s *segment) (Event, error) {
	need := recordBytes
	for {
		if r.at >= s.size {
			return Event{}, io.EOF
		}
		if r.at >= r.from && r.at < r.from+int64(len(r.window)) {
			e, n, err := parseRecord(r.window[r.at-r.from:])
			if err == nil {
				r.at += int64(n)
				return e, nil
			}
			if errors.Is(err, errTorn) {
				return Event{}, err
			}
			need = n
		}
		if r.at+int64(need) > s.size {
			return Event{}, errTorn
		}
		if err := r.fill(s, max(need, windowBytes)); err != nil {
			return Event{}, err
		}
	}
}

// skip moves the reader behind a damaged record, where a whole one follows at the end that it claims to have, and gives
// its length; 0: none does, and nobody can tell how many records were there.
func (r *reader) skip(s *segment) int64 {
	at, head := r.at, make([]byte, recordBytes)
	if _, err := s.file.ReadAt(head, at); err != nil {
		return 0
	}
	n := recordBytes + int64(binary.LittleEndian.Uint32(head))
	r.at = at + n
	if _, err := r.next(s); err != nil {
		r.at = at
		return 0
	}
	r.at = at + n
	return n
}

// fill reads up to n bytes from the reader's place.
func (r *reader) fill(s *segment, n int) error {
	n = int(min(int64(n), s.size-r.at))
	if cap(r.window) < n {
		r.window = make([]byte, n)
	}
	r.window, r.from = r.window[:n], r.at
	got, err := s.file.ReadAt(r.window, r.at)
	r.window = r.window[:got]
	if got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = errTorn // the file is shorter than it was
		}
		return err
	}
	return nil
}
