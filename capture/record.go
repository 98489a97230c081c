package capture

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"
	"strings"
)

// The bytes of a segment: a header, and one record for each event. docs/format/spool.md describes them.
//
//	header   "LLSPOOL1"  position of the first event, 8 bytes
//	record   length of the message, 4 bytes   CRC-32C, 4 bytes   time, 8 bytes   message
//
// Numbers are little-endian. The checksum is of the length, the time and the message.
const (
	segmentMagic = "LLSPOOL1"
	headerBytes  = 16
	recordBytes  = 16 // of a record without its message
	segmentEnd   = ".seg"
	positionLen  = 20 // digits of a position in a file's name
)

// EventBytesMax is how long one message may be: what a PutLogEvents of one event can hold.
const EventBytesMax = 1<<20 - 26

// Event is one event of a spool.
type Event struct {
	Time    int64 // milliseconds of the Unix epoch
	Message []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendHeader(dst []byte, first int64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, segmentMagic...), uint64(first))
}

// parseHeader gives the position of a segment's first event.
func parseHeader(b []byte) (first int64, ok bool) {
	if len(b) < headerBytes || string(b[:len(segmentMagic)]) != segmentMagic {
		return 0, false
	}
	first = int64(binary.LittleEndian.Uint64(b[len(segmentMagic):]))
	return first, first >= 0
}

func appendRecord(dst []byte, e Event) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(e.Message)))
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Time))
	dst = append(dst, e.Message...)
	binary.LittleEndian.PutUint32(dst[at+4:], checksum(dst[at:]))
	return dst
}

func checksum(record []byte) uint32 {
	return crc32.Update(crc32.Checksum(record[:4], castagnoli), castagnoli, record[8:])
}

var (
	errShort = errors.New("the record goes on beyond the bytes given")
	errTorn  = errors.New("the record is not one that was written")
)

// parseRecord reads the record at the beginning of b and says how many bytes it has; the message lies in b. errShort
// says how many bytes are needed to tell more.
func parseRecord(b []byte) (e Event, n int, err error) {
	if len(b) < recordBytes {
		return Event{}, recordBytes, errShort
	}
	length := binary.LittleEndian.Uint32(b)
	if length > EventBytesMax {
		return Event{}, 0, errTorn
	}
	n = recordBytes + int(length)
	if len(b) < n {
		return Event{}, n, errShort
	}
	if binary.LittleEndian.Uint32(b[4:]) != checksum(b[:n]) {
		return Event{}, 0, errTorn
	}
	return Event{Time: int64(binary.LittleEndian.Uint64(b[8:])), Message: b[recordBytes:n:n]}, n, nil
}

func segmentName(first int64) string {
	digits := strconv.FormatInt(first, 10)
	return strings.Repeat("0", positionLen-len(digits)) + digits + segmentEnd
}

func parseSegmentName(name string) (first int64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentEnd)
	if !ok || len(digits) != positionLen {
		return 0, false
	}
	first, err := strconv.ParseInt(digits, 10, 64)
	return first, err == nil && first >= 0
}
