package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"

	"github.com/klauspost/compress/s2"

	"github.com/loglake/loglake"
)

// recordKind says what a WAL record is.
type recordKind uint8

const (
	recordPut    recordKind = 1 // events
	recordCreate recordKind = 2 // the journal exists
	recordDelete recordKind = 3 // the journal and all before is deleted
)

const (
	recordMagic      = 0x31524c4c // "LLR1"
	recordHeaderSize = 80
	recordBytesMax   = recordHeaderSize + JournalIDBytesMax + StreamBytesMax + DedupBytesMax + ReplyBytesMax + SpoolBytesMax + PutBytesMax*7/6 + 4096
	codecS2          = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is one entry of the WAL. Its layout is in docs/format/journal.md.
//
// There are two checksums. The body's is computed by the goroutine that puts. The header's, which covers the body's and
// begins with the number of the file, is computed by the writer: a record that is left from an earlier life of a recycled
// file fails it.
type record struct {
	kind       recordKind
	first      loglake.Offset
	count      int
	ingested   loglake.Millis
	minT, maxT loglake.Millis
	journal    loglake.JournalID
	stream     loglake.LogStreamName
	dedup      string
	reply      []byte
	payload    []byte // compressed
	rawLen     int    // of the payload before compression
	split      int    // bytes of messages in it
	spool      string // "": the put is of none
	position   int64  // of the spool after the put
	sum        uint64 // as Spool has it
	durable    uint32 // bytes of the file that were synced when this record was written
}

// appendRecord encodes r at the end of dst but for what sealRecord sets.
func appendRecord(dst []byte, r *record, raw []byte) []byte {
	start := len(dst)
	var h [recordHeaderSize]byte
	dst = append(dst, h[:]...)
	dst = append(dst, r.journal...)
	dst = append(dst, r.stream...)
	dst = append(dst, r.dedup...)
	dst = append(dst, r.reply...)
	at := len(dst)
	if len(raw) > 0 {
		dst = slices.Grow(dst, s2.MaxEncodedLen(len(raw))+8)
		dst = dst[:at+len(s2.Encode(dst[at:cap(dst)], raw))]
	}
	payloadLen := len(dst) - at
	if r.spool != "" {
		dst = append(dst, r.spool...)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(r.position))
		dst = binary.LittleEndian.AppendUint64(dst, r.sum)
	}
	for (len(dst)-start)%8 != 0 {
		dst = append(dst, 0)
	}
	le, p := binary.LittleEndian, dst[start:]
	le.PutUint32(p[0:], recordMagic)
	le.PutUint32(p[4:], uint32(len(p)))
	p[16], p[17] = byte(r.kind), codecS2
	le.PutUint16(p[18:], uint16(len(r.journal)))
	le.PutUint16(p[20:], uint16(len(r.stream)))
	le.PutUint16(p[22:], uint16(len(r.dedup)))
	le.PutUint16(p[24:], uint16(len(r.reply)))
	le.PutUint16(p[26:], uint16(len(r.spool)))
	le.PutUint32(p[28:], uint32(r.count))
	le.PutUint64(p[40:], uint64(r.ingested))
	le.PutUint64(p[48:], uint64(r.minT))
	le.PutUint64(p[56:], uint64(r.maxT))
	le.PutUint32(p[64:], uint32(len(raw)))
	le.PutUint32(p[68:], uint32(r.split))
	le.PutUint32(p[72:], uint32(payloadLen))
	le.PutUint32(p[12:], crc32.Checksum(p[recordHeaderSize:], castagnoli))
	return dst
}

// recordRoom is what the record of p takes at most.
func recordRoom(p *Put) int {
	raw := len(p.Events.messages) + len(p.Events.index)
	return recordHeaderSize + len(p.Journal) + len(p.Stream) + len(p.Dedup) + len(p.Reply) + s2.MaxEncodedLen(raw) + len(p.Spool.ID) + 32
}

// fileSeed is where the header checksums of file seq begin.
func fileSeed(seq uint64) uint32 {
	return crc32.Checksum(binary.LittleEndian.AppendUint64(nil, seq), castagnoli)
}

func headerSum(seed uint32, p []byte) uint32 {
	return crc32.Update(crc32.Update(seed, castagnoli, p[:8]), castagnoli, p[12:recordHeaderSize])
}

// sealRecord sets what only the writer knows: the offset of the first event and how much of the file is synced.
func sealRecord(p []byte, seed uint32, first loglake.Offset, durable uint32) {
	le := binary.LittleEndian
	le.PutUint64(p[32:], uint64(first))
	le.PutUint32(p[76:], durable)
	le.PutUint32(p[8:], headerSum(seed, p))
}

var (
	errNoRecord   = errors.New("there is no record")
	errRecordBody = errors.New("the record's checksum does not match its bytes")
)

// recordSize gives the size of the record whose header begins p, and whether that header is whole.
func recordSize(p []byte, seed uint32) (int, bool) {
	le := binary.LittleEndian
	if len(p) < recordHeaderSize || le.Uint32(p) != recordMagic || le.Uint32(p[8:]) != headerSum(seed, p) {
		return 0, false
	}
	size := int(le.Uint32(p[4:]))
	return size, size >= recordHeaderSize && size <= recordBytesMax && size%8 == 0
}

// parseRecord reads the record at the beginning of p. Its slices point into p. The error is errNoRecord where the
// header is no header of this file, and errRecordBody where the header is right and the rest is not; r then has the
// header's numbers only.
func parseRecord(p []byte, seed uint32) (r record, size int, err error) {
	size, ok := recordSize(p, seed)
	if !ok {
		return record{}, 0, errNoRecord
	}
	le := binary.LittleEndian
	r = record{
		kind:     recordKind(p[16]),
		first:    loglake.Offset(le.Uint64(p[32:])),
		count:    int(le.Uint32(p[28:])),
		ingested: loglake.Millis(le.Uint64(p[40:])),
		minT:     loglake.Millis(le.Uint64(p[48:])),
		maxT:     loglake.Millis(le.Uint64(p[56:])),
		rawLen:   int(le.Uint32(p[64:])),
		split:    int(le.Uint32(p[68:])),
		durable:  le.Uint32(p[76:]),
	}
	if size > len(p) || le.Uint32(p[12:]) != crc32.Checksum(p[recordHeaderSize:size], castagnoli) {
		return r, size, errRecordBody
	}
	body := p[recordHeaderSize:size]
	lens := [5]int{int(le.Uint16(p[18:])), int(le.Uint16(p[20:])), int(le.Uint16(p[22:])), int(le.Uint16(p[24:])), int(le.Uint32(p[72:]))}
	var parts [5][]byte
	for i, n := range lens {
		if n > len(body) {
			return r, size, errRecordBody
		}
		parts[i], body = body[:n:n], body[n:]
	}
	r.journal, r.stream = loglake.JournalID(parts[0]), loglake.LogStreamName(parts[1])
	r.dedup, r.reply, r.payload = string(parts[2]), parts[3], parts[4]
	if n := int(le.Uint16(p[26:])); n > 0 { // 0 in records that were written before there were spools
		if n+16 > len(body) {
			return r, size, errRecordBody
		}
		r.spool, r.position, r.sum = string(body[:n]), int64(le.Uint64(body[n:])), le.Uint64(body[n+8:])
	}
	if !r.sane(p[17]) {
		return r, size, errRecordBody
	}
	return r, size, nil
}

// sane refuses numbers that no writer of ours makes, so that nothing is allocated or indexed by them.
func (r *record) sane(codec byte) bool {
	if r.journal == "" || len(r.journal) > JournalIDBytesMax {
		return false
	}
	if r.kind == recordCreate || r.kind == recordDelete {
		return r.count == 0 && r.spool == ""
	}
	if r.spool != "" && (len(r.spool) > SpoolBytesMax || r.position <= 0 || r.position > SpoolPositionMax) {
		return false
	}
	return r.kind == recordPut && codec == codecS2 && r.count > 0 && r.first >= 0 &&
		int64(r.first) < 1<<62 && r.rawLen <= PutBytesMax && r.count <= r.rawLen && r.split <= r.rawLen
}

// block unpacks a put record's events.
func (r *record) block() (*Block, error) {
	if n, err := s2.DecodedLen(r.payload); err != nil || n != r.rawLen {
		return nil, errRecordBody
	}
	raw, err := s2.Decode(make([]byte, r.rawLen), r.payload)
	if err != nil {
		return nil, errRecordBody
	}
	if err := checkPayload(raw, r.split, r.count); err != nil {
		return nil, err
	}
	return &Block{
		Journal: r.journal, Stream: r.stream, First: r.first, Ingested: r.ingested,
		MinTime: r.minT, MaxTime: r.maxT, count: r.count, payload: raw, split: r.split,
	}, nil
}
