package parquet

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
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

func newCompressor(codec Codec) (compressor, error) {
	switch codec {
	case Uncompressed:
		return func(dst, src []byte) ([]byte, error) { return append(dst, src...), nil }, nil
	case Snappy:
		return func(dst, src []byte) ([]byte, error) {
			at := len(dst)
			dst = append(dst, make([]byte, s2.MaxEncodedLen(len(src)))...)
			return dst[:at+len(s2.EncodeSnappy(dst[at:], src))], nil
		}, nil
	case Gzip:
		return newGzip(), nil
	case Zstd:
		return newZstd()
	}
	return nil, fmt.Errorf("codec %d is not written", codec)
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

func newZstd() (compressor, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(zstdWindowBytes))
	if err != nil {
		return nil, fmt.Errorf("make zstd encoder: %w", err)
	}
	return func(dst, src []byte) ([]byte, error) { return z.EncodeAll(src, dst), nil }, nil
}

// zstdWindowBytes is how far back a match may reach: a page is seldom larger, and the window is memory per writer.
const zstdWindowBytes = 1 << 20
