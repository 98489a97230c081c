package sigv4

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	lineBytesMax    = 4096 // of a chunk's first line, or a trailing header
	trailerLinesMax = 16
)

var emptyHash = hex.EncodeToString(sha256.New().Sum(nil))

// chunkReader undoes aws-chunked coding:
//
//	SIZE[;chunk-signature=SIGNATURE]\r\n  bytes  \r\n  …  0[;chunk-signature=…]\r\n  [name:value\r\n …]  \r\n
//
// A chunk's signature is checked at its end, so bytes are handed on before; whoever reads must not use any before EOF.
type chunkReader struct {
	body    io.Closer
	in      *bufio.Reader
	length  int64 // of the decoded body that is still to come
	left    int64 // of the chunk
	started bool  // a chunk was read
	err     error // what every further Read gives

	signature string // that the chunk has to have
	signer    *chunkSigner
	declared  []string // trailing headers that may come
	trailer   http.Header
}

// chunkSigner knows the signatures that chunks have to have, each of which covers the one before.
type chunkSigner struct {
	key      []byte
	context  string // date and scope
	previous string
	sum      hash.Hash // of the chunk so far
}

func newChunkReader(body io.ReadCloser, length int64, trailer http.Header) *chunkReader {
	return &chunkReader{body: body, in: bufio.NewReaderSize(body, lineBytesMax), length: length, trailer: trailer}
}

func (r *chunkReader) Close() error { return r.body.Close() }

func (r *chunkReader) Read(p []byte) (int, error) {
	for r.err == nil && r.left == 0 {
		r.err = r.nextChunk()
	}
	if r.err != nil {
		return 0, r.err
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.in.Read(p)
	r.left -= int64(n)
	r.length -= int64(n)
	if r.signer != nil {
		_, _ = r.signer.sum.Write(p[:n])
	}
	switch {
	case err == io.EOF: //nolint:errorlint // io.Reader's end
		r.err = &Error{Kind: BadChunks}
	case err != nil:
		r.err = err
	}
	return n, r.err
}

// nextChunk ends the chunk before and begins the next; io.EOF after the last.
func (r *chunkReader) nextChunk() error {
	if r.started {
		if err := r.endChunk(); err != nil {
			return err
		}
	}
	r.started = true
	line, err := r.line()
	if err != nil {
		return err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, err := strconv.ParseUint(digits, 16, 62)
	if err != nil || int64(size) > r.length {
		return &Error{Kind: BadChunks}
	}
	r.left = int64(size)
	r.signature = strings.TrimPrefix(extension, "chunk-signature=")
	if size > 0 {
		return nil
	}
	return r.end()
}

func (r *chunkReader) endChunk() error {
	if line, err := r.line(); err != nil || line != "" {
		return &Error{Kind: BadChunks}
	}
	return r.checkChunk()
}

func (r *chunkReader) checkChunk() error {
	if r.signer == nil {
		return nil
	}
	sum := hex.EncodeToString(r.signer.sum.Sum(nil))
	r.signer.sum.Reset()
	return r.signer.check(algorithm+"-PAYLOAD", emptyHash+"\n"+sum, r.signature)
}

// check holds a signature against the one expected, which the next one covers.
func (s *chunkSigner) check(name, text, signature string) error {
	want := sign(s.key, name+"\n"+s.context+s.previous+"\n"+text)
	if !hmac.Equal([]byte(want), []byte(signature)) {
		return &Error{Kind: Mismatch}
	}
	s.previous = want
	return nil
}

// end reads what follows the last chunk.
func (r *chunkReader) end() error {
	if err := r.checkChunk(); err != nil {
		return err
	}
	if r.length != 0 {
		return &Error{Kind: BadChunks}
	}
	var canonical bytes.Buffer
	signature := ""
	for range trailerLinesMax {
		line, err := r.line()
		if err == nil && line != "" {
			name, value, ok := strings.Cut(line, ":")
			name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
			switch {
			case ok && name == "x-amz-trailer-signature":
				signature = value
				continue
			case !ok || !slices.Contains(r.declared, name):
				return &Error{Kind: BadChunks, Detail: "The trailing header " + strconv.Quote(name) + " was not declared in x-amz-trailer"}
			}
			r.trailer.Set(name, value)
			canonical.WriteString(name + ":" + value + "\n")
			continue
		}
		if err != nil && len(r.declared) > 0 { // without trailing headers some clients leave out the last empty line
			return err
		}
		return r.endTrailer(canonical.Bytes(), signature)
	}
	return &Error{Kind: BadChunks}
}

func (r *chunkReader) endTrailer(canonical []byte, signature string) error {
	if len(r.trailer) < len(r.declared) {
		return &Error{Kind: BadChunks, Detail: "A trailing header that x-amz-trailer declares did not come"}
	}
	if r.signer != nil && len(r.declared) > 0 {
		sum := sha256.Sum256(canonical)
		if err := r.signer.check(algorithm+"-TRAILER", hex.EncodeToString(sum[:]), signature); err != nil {
			return err
		}
	}
	return io.EOF
}

// line reads a line without its end.
func (r *chunkReader) line() (string, error) {
	line, err := r.in.ReadSlice('\n')
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if err != nil || !ok {
		return "", &Error{Kind: BadChunks}
	}
	return text, nil
}
