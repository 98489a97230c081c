package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The values of X-Amz-Content-Sha256 that are not a hash.
const (
	unsignedPayload        = "UNSIGNED-PAYLOAD"
	streamingSigned        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingSignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	streamingTrailer       = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// OpenS3 checks a request to S3, as far as its headers go, and replaces its body: the new one has aws-chunked coding
// undone, puts the trailing headers into r.Trailer at its end, and ends with an *Error where the bytes are not the
// signed ones. ContentLength becomes that of the decoded body, and aws-chunked leaves Content-Encoding.
func (v *Verifier) OpenS3(r *http.Request) error {
	var c *claim
	var key []byte
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if !v.Open() {
		var err error
		if c, err = v.claim(r, "s3"); err != nil {
			return err
		}
		if payload == "" {
			if payload = r.URL.Query().Get("X-Amz-Content-Sha256"); payload == "" && c.presigned {
				payload = unsignedPayload
			}
		}
		if payload == "" {
			return malformed("Missing required header for this request: x-amz-content-sha256")
		}
		if key, err = v.check(r, c, payload); err != nil {
			return err
		}
	}
	switch {
	case payload == streamingSigned || payload == streamingSignedTrailer || payload == streamingTrailer:
		return openChunks(r, c, key, payload)
	case strings.HasPrefix(payload, "STREAMING-"):
		return &Error{Kind: Unsupported, Detail: "x-amz-content-sha256 " + payload + " is not supported"}
	case len(payload) == signatureSz:
		r.Body = &hashedBody{body: r.Body, sum: sha256.New(), want: payload}
	case payload != "" && payload != unsignedPayload:
		return malformed("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.")
	}
	return nil
}

// openChunks puts a reader of aws-chunked coding into a request. Without a key no signature is looked at.
func openChunks(r *http.Request, c *claim, key []byte, payload string) error {
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return &Error{Kind: BadChunks, Detail: "x-amz-decoded-content-length has to say how long the body is without its chunks"}
	}
	r.Trailer = http.Header{}
	chunks := newChunkReader(r.Body, length, r.Trailer)
	if payload != streamingSigned {
		for _, names := range r.Header.Values("X-Amz-Trailer") {
			for name := range strings.SplitSeq(names, ",") {
				chunks.declared = append(chunks.declared, strings.ToLower(strings.TrimSpace(name)))
			}
		}
	}
	if key != nil && payload != streamingTrailer {
		chunks.signer = &chunkSigner{key: key, context: c.date + "\n" + c.scope.String() + "\n", previous: c.signature, sum: sha256.New()}
	}
	r.Body, r.ContentLength = chunks, length
	var encodings []string
	for encoding := range strings.SplitSeq(r.Header.Get("Content-Encoding"), ",") {
		if encoding = strings.TrimSpace(encoding); encoding != "" && encoding != "aws-chunked" {
			encodings = append(encodings, encoding)
		}
	}
	r.Header.Del("Content-Encoding")
	if len(encodings) > 0 {
		r.Header.Set("Content-Encoding", strings.Join(encodings, ","))
	}
	return nil
}

// hashedBody is a body that ends with an error where its hash is not the signed one.
type hashedBody struct {
	body io.ReadCloser
	sum  hash.Hash
	want string
}

func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	_, _ = b.sum.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(b.sum.Sum(nil)) != b.want { //nolint:errorlint // io.Reader's end
		return n, &Error{Kind: PayloadMismatch}
	}
	return n, err
}

func (b *hashedBody) Close() error { return b.body.Close() }
