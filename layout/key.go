package layout

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"hash/fnv"
	"strings"
	"time"

	"github.com/loglake/loglake"
)

// Name is the last part of an object's key: <stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>.
type Name struct {
	Stream     loglake.StreamName
	Version    string    // of the stream's configuration
	Arrival    time.Time // of the oldest record, to the second, in the stream's zone
	Provenance Provenance
	Extension  string // with its dot; "" for none
}

// Provenance is what a key's UUID says of an object.
type Provenance struct {
	Producer   uint32 // ProducerHash
	Batch      uint64 // 1 to BatchMax
	Part       int    // 1 to Parts
	Parts      int    // 1 to PartsMax
	Generation int    // 0; one more each time the batch was voided and delivered again, to GenerationMax
}

// The ranges of a Provenance, by the bits there are.
const (
	BatchMax      = 1<<36 - 1
	PartsMax      = 1<<14 - 1
	GenerationMax = 1<<6 - 1
)

// ProducerHash gives the mark of a producer in keys: 32 bits of FNV-1a.
func ProducerHash(producer loglake.ProducerID) uint32 {
	h := fnv.New32a()
	h.Write([]byte(producer)) //nolint:errcheck // never fails
	return h.Sum32()
}

const arrivalForm = "2006-01-02-15-04-05"

// uuidLength is that of a UUID's text.
const uuidLength = 36

// FormatKey gives the key of an object under an evaluated prefix.
func FormatKey(prefix string, n Name) string {
	return prefix + string(n.Stream) + "-" + n.Version + "-" + n.Arrival.Format(arrivalForm) + "-" + n.Provenance.uuid() + n.Extension
}

// ParseKey takes a key of ours apart. ok is false for any other: the check bits tell a UUID of ours from a random one
// with one error in 65,536, and the version and variant from those of AWS with none. Arrival comes back as UTC digits.
func ParseKey(key string) (n Name, ok bool) {
	name := key[strings.LastIndexByte(key, '/')+1:]
	// stream-version-yyyy-MM-dd-HH-mm-ss-uuid.ext: the stream may hold '-' and '.', so look for the UUID from the left of
	// every place where one can end.
	for end := uuidLength; end <= len(name); end++ {
		if end < len(name) && name[end] != '.' {
			continue
		}
		var valid bool
		if n.Provenance, valid = parseUUID(name[end-uuidLength : end]); !valid {
			continue
		}
		if n.Stream, n.Version, n.Arrival, valid = parseHead(name[:end-uuidLength]); valid {
			n.Extension = name[end:]
			return n, true
		}
	}
	return Name{}, false
}

func parseHead(head string) (stream loglake.StreamName, version string, arrival time.Time, ok bool) {
	head, dash := strings.CutSuffix(head, "-")
	if !dash || len(head) < len(arrivalForm)+1 {
		return "", "", arrival, false
	}
	arrival, err := time.Parse(arrivalForm, head[len(head)-len(arrivalForm):])
	head, dash = strings.CutSuffix(head[:len(head)-len(arrivalForm)], "-")
	at := strings.LastIndexByte(head, '-')
	if err != nil || !dash || at < 1 || at+1 == len(head) || strings.Trim(head[at+1:], "0123456789") != "" {
		return "", "", arrival, false
	}
	return loglake.StreamName(head[:at]), head[at+1:], arrival, true
}

// uuid packs the provenance into a UUID of version 8; docs/format/keys.md draws the bits.
func (p Provenance) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint32(b[0:], p.Producer)
	binary.BigEndian.PutUint16(b[4:], uint16(p.Batch>>20))
	binary.BigEndian.PutUint16(b[6:], 8<<12|uint16(p.Batch>>8&0xfff))
	binary.BigEndian.PutUint16(b[8:], 2<<14|uint16(p.Batch&0xff)<<6|uint16(p.Generation))
	binary.BigEndian.PutUint32(b[10:], uint32(p.Part)<<18|uint32(p.Parts)<<4)
	binary.BigEndian.PutUint16(b[14:], checkBits(b))
	text := make([]byte, uuidLength)
	hex.Encode(text[0:], b[0:4])
	hex.Encode(text[9:], b[4:6])
	hex.Encode(text[14:], b[6:8])
	hex.Encode(text[19:], b[8:10])
	hex.Encode(text[24:], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text)
}

func parseUUID(text string) (p Provenance, ok bool) {
	if text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' || strings.ToLower(text) != text {
		return p, false
	}
	var b [16]byte
	n, err := hex.Decode(b[:], []byte(text[0:8]+text[9:13]+text[14:18]+text[19:23]+text[24:36]))
	if err != nil || n != len(b) || b[6]>>4 != 8 || b[8]>>6 != 2 || binary.BigEndian.Uint16(b[14:]) != checkBits(b) {
		return p, false
	}
	high, middle, low := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), binary.BigEndian.Uint16(b[8:])
	parts := binary.BigEndian.Uint32(b[10:])
	p = Provenance{
		Producer: binary.BigEndian.Uint32(b[0:]), Batch: uint64(high)<<20 | uint64(middle&0xfff)<<8 | uint64(low>>6&0xff),
		Generation: int(low & 0x3f), Part: int(parts >> 18), Parts: int(parts >> 4 & 0x3fff),
	}
	return p, parts&0xf == 0 && p.Batch > 0 && p.Part > 0 && p.Part <= p.Parts
}

// checkBits are 16 bits of CRC-32C over everything before them.
func checkBits(b [16]byte) uint16 {
	return uint16(crc32.Checksum(b[:14], crc32.MakeTable(crc32.Castagnoli)))
}
