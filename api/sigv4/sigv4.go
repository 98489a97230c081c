// Package sigv4 verifies AWS Signature Version 4: that whoever sent a request holds one of the configured key pairs,
// that it was sent just now, for this service and region, and that what arrived is what was signed.
//
// Verify is for requests whose body is at hand (the JSON services, STS). OpenS3 is for S3, whose bodies are streams: it
// checks the headers at once and puts a body into the request that checks itself while it is read, with aws-chunked
// coding undone. A Verifier without key pairs lets every request pass, and still undoes that coding.
//
// Where to start: Verify, then claim.go (what a request says of its signature), canonical.go (what is signed), body.go.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/loglake/loglake"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"

	skewMax     = 15 * time.Minute   // between the client's clock and ours
	expiresMax  = 7 * 24 * time.Hour // of a presigned request
	keysMax     = 1024               // derived keys kept; one per key pair, day, region and service
	signatureSz = 2 * sha256.Size    // hexadecimal digits
)

// Config says who may sign.
type Config struct {
	Keys   map[string]string // secret by access key; empty: everybody passes
	Region string            // that requests have to be signed for; "": any
	Clock  loglake.Clock     // nil: time.Now
}

// Verifier checks signatures. It may be used concurrently.
type Verifier struct {
	c Config

	mu      sync.Mutex
	derived map[scope][]byte // signing keys; guarded by mu
}

// scope is what a signing key is derived for.
type scope struct{ accessKey, date, region, service string }

func (s scope) String() string { return s.date + "/" + s.region + "/" + s.service + "/aws4_request" }

// New makes a Verifier.
func New(c Config) *Verifier {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Verifier{c: c, derived: map[scope][]byte{}}
}

// Open tells whether the verifier lets everybody pass.
func (v *Verifier) Open() bool { return len(v.c.Keys) == 0 }

// Verify checks a request whose body, as it was sent, is at hand. An empty service means that of the signature, for
// requests that name none. The error is an *Error.
func (v *Verifier) Verify(r *http.Request, service string, body []byte) error {
	if v.Open() {
		return nil
	}
	c, err := v.claim(r, service)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if sent := r.Header.Get("X-Amz-Content-Sha256"); sent != "" && sent != hash {
		return &Error{Kind: PayloadMismatch}
	}
	_, err = v.check(r, c, hash)
	return err
}

// check holds the signature of a claim against the request with this payload hash, and gives the signing key.
func (v *Verifier) check(r *http.Request, c *claim, payloadHash string) ([]byte, error) {
	secret, known := v.c.Keys[c.scope.accessKey]
	if !known {
		return nil, &Error{Kind: UnknownKey, AccessKey: c.scope.accessKey}
	}
	key := v.signingKey(c.scope, secret)
	canonical := sha256.Sum256([]byte(c.canonicalRequest(r, payloadHash)))
	want := sign(key, algorithm+"\n"+c.date+"\n"+c.scope.String()+"\n"+hex.EncodeToString(canonical[:]))
	if !hmac.Equal([]byte(want), []byte(c.signature)) {
		return nil, &Error{Kind: Mismatch, AccessKey: c.scope.accessKey}
	}
	return key, nil
}

// signingKey derives the key for a scope, or finds it derived.
func (v *Verifier) signingKey(s scope, secret string) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	if key, ok := v.derived[s]; ok {
		return key
	}
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.region, s.service, "aws4_request"} {
		key = mac(key, part)
	}
	if len(v.derived) >= keysMax {
		clear(v.derived)
	}
	v.derived[s] = key
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}

func sign(key []byte, text string) string { return hex.EncodeToString(mac(key, text)) }
