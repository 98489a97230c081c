package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Tidy does at once what Run does when it is woken.
func (l *Log) Tidy(ctx context.Context) error { return l.tidy(ctx) }

// Settle settles all sealed WAL files at once, whether they are due or not.
func (l *Log) Settle(ctx context.Context) error {
	l.settleM.Lock()
	defer l.settleM.Unlock()
	for {
		l.mu.Lock()
		var w *walFile
		if len(l.sealed) > 0 {
			w = l.sealed[0]
		}
		l.mu.Unlock()
		if w == nil {
			return nil
		}
		if err := l.settle(ctx, w); err != nil {
			return err
		}
	}
}

// Behind has the settler be behind by files of so many bytes, until undo is called.
func (l *Log) Behind(bytes ...int64) (undo func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.sealed
	for _, n := range bytes {
		l.sealed = append(l.sealed[:len(l.sealed):len(l.sealed)], &walFile{end: n})
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sealed = was
	}
}

// What may be unsettled.
const (
	UnsettledBytesMax = unsettledBytesMax
	UnsettledFilesMax = unsettledFilesMax
)

// Spare makes a spare WAL file at once.
func (l *Log) Spare() error { return l.makeSpare() }

// Segments counts segments, and those that are shared.
func (l *Log) Segments() (all, shared int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.segments {
		all++
		if s.shared() {
			shared++
		}
	}
	return all, shared
}

// ScanWALBytes reads p as WAL file seq, as recovery does (end < 0) or as a sealed file, and unpacks each record.
func ScanWALBytes(p []byte, seq uint64, end int64) (events int) {
	w := &walFile{seq: seq, seed: fileSeed(seq), size: int64(len(p))}
	scanWAL(bytes.NewReader(p), w, min(end, int64(len(p))), func(_ int64, _ int, r *record) error {
		if b, err := r.block(); err == nil {
			for range b.Events() {
				events++
			}
		}
		return nil
	})
	return events
}

// SealWALBytes mends the checksums of what looks like records in p, so that a fuzzer gets behind them.
func SealWALBytes(p []byte, seq uint64) {
	le := binary.LittleEndian
	for pos := walHeaderSize; pos+recordHeaderSize <= len(p); pos += 8 {
		r := p[pos:]
		size := int(le.Uint32(r[4:]))
		if le.Uint32(r) == recordMagic && size >= recordHeaderSize && size <= len(r) {
			le.PutUint32(r[12:], crc32.Checksum(r[recordHeaderSize:size], castagnoli))
			le.PutUint32(r[8:], headerSum(fileSeed(seq), r))
		}
	}
}

// PutRecord gives a put's record as it stands in WAL file seq.
func PutRecord(seq uint64, id loglake.JournalID, first loglake.Offset, durable int64, b *Builder) []byte {
	w := &waiter{}
	p := &Put{Journal: id, Events: b}
	w.encode(p, nil)
	sealRecord(w.bytes, fileSeed(seq), first, uint32(durable))
	return w.bytes
}

// Bytes is what counts against BytesMax.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// SealSegmentBytes makes the checksum of a segment's index right.
func SealSegmentBytes(p []byte) {
	if len(p) < segmentTrailerSize {
		return
	}
	le, trailer := binary.LittleEndian, p[len(p)-segmentTrailerSize:]
	pos, n := le.Uint64(trailer), uint64(le.Uint32(trailer[8:]))
	if pos < uint64(len(p)) && n <= uint64(len(p))-pos {
		le.PutUint32(trailer[12:], crc32.Checksum(p[pos:pos+n], castagnoli))
	}
}

// ReadSegmentFile reads all events of a segment, and counts them.
func ReadSegmentFile(path string) (events int, err error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return 0, err
	}
	defer dec.Close()
	s, err := openSegment(disk.Real(), path, 1)
	if err != nil {
		return 0, err
	}
	l := loader{log: &Log{fs: disk.Real(), unzstd: dec}}
	defer l.close()
	for _, r := range s.runs {
		for i := range r.pages {
			blocks, err := l.page(r, &r.pages[i])
			if err != nil {
				return events, err
			}
			for _, b := range blocks {
				for range b.Events() {
					events++
				}
			}
		}
	}
	return events, nil
}

// RereadSpools reads a spools file and writes it again.
func RereadSpools(p []byte) ([]byte, bool) {
	rows, ok := decodeSpools(p)
	return encodeSpools(rows), ok
}

// RereadListing reads a listing of journals, of either form, and writes it again.
func RereadListing(p []byte) ([]byte, bool) {
	l, ok := decodeListing(p)
	return encodeListing(l), ok
}

// RereadAnswers reads an answers file and writes it again.
func RereadAnswers(p []byte) ([]byte, bool) {
	as, ok := decodeAnswers(p)
	return encodeAnswers(as), ok
}

// Sealed gives p with its checksum.
func Sealed(p []byte) []byte { return seal(bytes.Clone(p)) }

// FirstListing gives a listing of one journal as the first form had it.
func FirstListing(id loglake.JournalID, first, head uint64) []byte {
	b := binary.AppendUvarint([]byte(listingMagicFirst), 1)
	b = binary.AppendUvarint(appendText(b, id), first)
	return seal(binary.AppendUvarint(binary.AppendUvarint(b, head), 0))
}
