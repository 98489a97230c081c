package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/huff0"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Codec is a compression codec, numbered as in parquet.thrift.
type Codec int32

// The codecs written.
const (
	Uncompressed Codec = 0
	Snappy       Codec = 1
	Gzip         Codec = 2
	Zstd         Codec = 6
)

// compressor appends the compressed form of src to dst. The same bytes always give the same bytes.
type compressor func(dst, src []byte) ([]byte, error)

// newCompressors gives the ways to compress for a codec, of which choose takes the better one for each column. They
// write the same format.
func newCompressors(codec Codec) ([]compressor, error) {
	switch codec {
	case Uncompressed:
		return []compressor{func(dst, src []byte) ([]byte, error) { return append(dst, src...), nil }}, nil
	case Snappy:
		return []compressor{compressSnappy}, nil
	case Gzip:
		return []compressor{newGzip()}, nil
	case Zstd:
		full, err := newZstd()
		return []compressor{newEntropyZstd(full), full}, err
	}
	return nil, fmt.Errorf("codec %d is not written", codec)
}

func compressSnappy(dst, src []byte) ([]byte, error) {
	at := len(dst)
	dst = append(dst, make([]byte, s2.MaxEncodedLen(len(src)))...)
	return dst[:at+len(s2.EncodeSnappy(dst[at:], src))], nil
}

func newGzip() compressor {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	return func(dst, src []byte) ([]byte, error) {
		out.Reset()
		z.Reset(&out)
		if _, err := z.Write(src); err != nil {
			return dst, err
		}
		if err := z.Close(); err != nil {
			return dst, err
		}
		return append(dst, out.Bytes()...), nil
	}
}

// zstdWindowBytes is how far back a match may reach: a page is seldom larger, and the window is memory per writer.
const zstdWindowBytes = 1 << 20

func newZstd() (compressor, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(zstdWindowBytes))
	if err != nil {
		return nil, fmt.Errorf("make zstd encoder: %w", err)
	}
	return func(dst, src []byte) ([]byte, error) { return z.EncodeAll(src, dst), nil }, nil
}

// Geometry of the frames of newEntropyZstd.
const (
	entropyLeast = 1 << 10   // shorter pages go to the full encoder
	entropyBlock = 128 << 10 // zstd's largest block
)

// newEntropyZstd gives a compressor that writes zstd frames whose blocks hold literals only: entropy coding without a
// search for matches. Ids, and indexes and numbers without an order, hold no matches worth having; the full encoder
// finds some by chance, which costs time and, by what a sequence takes, space too (a UUID as text: 19.8 bytes with it,
// 18.2 without). Frame format: RFC 8878, sections 3.1.1 and 3.1.1.3.1.
func newEntropyZstd(full compressor) compressor {
	scratch := &huff0.Scratch{Reuse: huff0.ReusePolicyNone}
	return func(dst, src []byte) ([]byte, error) {
		if len(src) < entropyLeast {
			return full(dst, src)
		}
		dst = append(dst, 0x28, 0xb5, 0x2f, 0xfd, 0xa0) // magic; single segment, content size in 4 bytes
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(src)))
		for len(src) > 0 {
			n := min(entropyBlock, len(src))
			if rest := len(src) - n; rest > 0 && rest < entropyLeast {
				n -= entropyLeast // so that four streams find something in the last one
			}
			var err error
			if dst, err = appendLiteralBlock(dst, src[:n], n == len(src), scratch); err != nil {
				return dst, err
			}
			src = src[n:]
		}
		return dst, nil
	}
}

// appendLiteralBlock appends one block that holds src.
func appendLiteralBlock(dst, src []byte, last bool, scratch *huff0.Scratch) ([]byte, error) {
	const raw, repeated, compressed = 0, 1, 2
	header := func(dst []byte, kind, size int) []byte {
		h := size<<3 | kind<<1
		if last {
			h |= 1
		}
		return append(dst, byte(h), byte(h>>8), byte(h>>16))
	}
	out, _, err := huff0.Compress4X(src, scratch)
	switch {
	case errors.Is(err, huff0.ErrUseRLE):
		return append(header(dst, repeated, len(src)), src[0]), nil
	case errors.Is(err, huff0.ErrIncompressible) || err == nil && len(out)+6 >= len(src):
		return append(header(dst, raw, len(src)), src...), nil
	case err != nil:
		return dst, fmt.Errorf("code literals: %w", err)
	}
	dst = header(dst, compressed, 5+len(out)+1)
	// Literals: compressed (2), four streams with sizes of 18 bits (3); then no sequences.
	literals := uint64(2|3<<2) | uint64(len(src))<<4 | uint64(len(out))<<22
	for range 5 {
		dst = append(dst, byte(literals))
		literals >>= 8
	}
	return append(append(dst, out...), 0), nil
}
