package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/loglake/loglake/api/sigv4"
)

var (
	now   = time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC)
	pair  = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	other = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "guessed"}
)

func newVerifier(at time.Time) *sigv4.Verifier {
	return sigv4.New(sigv4.Config{Keys: map[string]string{pair.AccessKeyID: pair.SecretAccessKey}, Region: "us-east-1", Clock: func() time.Time { return at }})
}

// send sends a request over a real connection and gives what check made of it there.
func send(t *testing.T, r *http.Request, check func(r *http.Request) error) error {
	t.Helper()
	var got error
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = check(r) }))
	defer server.Close()
	host := r.URL.Host
	if r.Host == "" {
		r.Host = host
	}
	r.URL.Host = strings.TrimPrefix(server.URL, "http://")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return got
}

func kindOf(err error) string {
	var e *sigv4.Error
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, &e):
		return e.JSON() + " " + e.Error()
	}
	return err.Error()
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// signed is a request to CloudWatch Logs as the SDK signs it.
type signed struct {
	creds           aws.Credentials
	service, region string
	at              time.Time
	body            string
}

func (s signed) request(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://logs.us-east-1.amazonaws.com/", strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	if err := v4.NewSigner().SignHTTP(context.Background(), s.creds, r, hexSum(s.body), s.service, s.region, s.at); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyTampering(t *testing.T) {
	v := newVerifier(now)
	good := signed{pair, "logs", "us-east-1", now, `{"a":1}`}
	f := func(s signed, tamper func(r *http.Request), want string) {
		t.Helper()
		r := s.request(t)
		if tamper != nil {
			tamper(r)
		}
		got := kindOf(send(t, r, func(r *http.Request) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			return v.Verify(r, "logs", body)
		}))
		if !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	const mismatch = "InvalidSignatureException The request signature we calculated does not match"
	edit := func(old, new string) func(r *http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	f(good, nil, "accepted")
	f(good, func(r *http.Request) { r.Header.Set("X-Unsigned", "x") }, "accepted")
	f(good, func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException")
	f(good, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"a":2}`)) }, mismatch)
	f(good, func(r *http.Request) { r.Header.Set("X-Amz-Target", "Logs_20140328.DeleteLogGroup") }, mismatch)
	f(good, func(r *http.Request) { r.Host = "elsewhere" }, mismatch)
	f(good, func(r *http.Request) { r.Method = http.MethodPut }, mismatch)
	f(good, func(r *http.Request) { r.URL.Path = "/x" }, mismatch)
	f(good, func(r *http.Request) { r.URL.RawQuery = "x=y" }, mismatch)
	f(good, func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", hexSum("x")) }, "InvalidSignatureException The provided 'x-amz-content-sha256'")
	f(good, edit("AKIDEXAMPLE", "AKIDOTHER"), "UnrecognizedClientException The security token")
	f(good, edit("AKIDEXAMPLE/", ""), "IncompleteSignatureException Credential must")
	f(good, edit("Credential=", "Credentials="), "IncompleteSignatureException Authorization header requires 'Credential'")
	f(good, edit("SignedHeaders=", "x="), "IncompleteSignatureException Authorization header requires 'SignedHeaders'")
	f(good, edit("Signature=", "x="), "IncompleteSignatureException Authorization header requires 'Signature'")
	f(good, edit(";x-amz-target", ""), "InvalidSignatureException There were headers present in the request which were not signed: x-amz-target")
	f(good, edit("host;", ""), "InvalidSignatureException There were headers present in the request which were not signed: host")
	f(good, edit("AWS4-HMAC-SHA256", "AWS"), "IncompleteSignatureException The authorization mechanism")
	f(good, edit("/20251203/", "/20251202/"), "InvalidSignatureException Date in Credential scope")
	f(good, func(r *http.Request) { r.Header.Set("X-Amz-Date", "yesterday") }, "IncompleteSignatureException Date must be")
	f(good, func(r *http.Request) { r.Header.Set("X-Amz-Date", now.Add(time.Second).Format("20060102T150405Z")) }, mismatch)
	f(good, func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "IncompleteSignatureException Authorization header requires existence")
	f(signed{other, "logs", "us-east-1", now, "{}"}, nil, mismatch)
	f(signed{pair, "logs", "eu-west-1", now, "{}"}, nil, "InvalidSignatureException Credential should be scoped to a valid region, not 'eu-west-1'")
	f(signed{pair, "s3", "us-east-1", now, "{}"}, nil, "InvalidSignatureException Credential should be scoped to correct service: 'logs'.")
	f(signed{pair, "logs", "us-east-1", now.Add(-15 * time.Minute), "{}"}, nil, "accepted")
	f(signed{pair, "logs", "us-east-1", now.Add(15 * time.Minute), "{}"}, nil, "accepted")
	f(signed{pair, "logs", "us-east-1", now.Add(-15*time.Minute - time.Second), "{}"}, nil, "InvalidSignatureException Signature expired: 20251203T100029Z is now earlier than 20251203T100030Z (20251203T101530Z - 15 min.)")
	f(signed{pair, "logs", "us-east-1", now.Add(15*time.Minute + time.Second), "{}"}, nil, "InvalidSignatureException Signature not yet current: ")
}

// Without key pairs everybody passes, signed or not.
func TestOpenVerifier(t *testing.T) {
	v := sigv4.New(sigv4.Config{})
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if err := v.Verify(r, "logs", nil); err != nil || !v.Open() {
		t.Error(err)
	}
	if err := v.OpenS3(r); err != nil {
		t.Error(err)
	}
}

// Paths, queries and headers in all the spellings that a client may send.
func TestCanonical(t *testing.T) {
	v := newVerifier(now)
	for _, target := range []string{"/", "/b/k", "/b/a%20b%2Bc%25/%C3%A9=~_-.txt", "/b//k/", "/b/%2F", "/b?list-type=2&prefix=a%2Fb&delimiter=%2F&x", "/b?lifecycle",
		"/b?b=2&a=2&a=1&A=0&a-b=1&a=", "/b/k?x=a%20b&y=%2B", "/b/(k)!*'", "/b/k:%3A@,;"} {
		r, err := http.NewRequest(http.MethodGet, "http://localhost:4566"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Content-Sha256", hexSum(""))
		r.Header["X-Amz-Meta-Twice"] = []string{" a   b ", "c"}
		// What S3 clients put in the path is encoded once; the signer is told to take it as it is.
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		r.URL.RawPath = encodePath(r.URL.Path)
		if err := signer.SignHTTP(context.Background(), pair, r, hexSum(""), "s3", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		if err := send(t, r, v.OpenS3); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// encodePath encodes as S3 clients do: all but unreserved characters and '/'.
func encodePath(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		if strings.ContainsRune("-._~/", rune(c)) || c < 0x80 && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func TestPresigned(t *testing.T) {
	client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://localhost:4566"), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return pair, nil })})
	presign := s3.NewPresignClient(client, s3.WithPresignExpires(10*time.Minute))
	get, err := presign.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("a b/é+&=.txt")})
	if err != nil {
		t.Fatal(err)
	}
	put, err := presign.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), ContentType: aws.String("text/plain")})
	if err != nil {
		t.Fatal(err)
	}
	signedAt := time.Now() // the client asks nobody for the time
	f := func(url, method string, at time.Time, tamper func(r *http.Request), want string) {
		t.Helper()
		r, err := http.NewRequest(method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPut {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("body")), 4
			r.Header.Set("Content-Type", "text/plain")
		}
		if tamper != nil {
			tamper(r)
		}
		got := kindOf(send(t, r, func(r *http.Request) error {
			if err := newVerifier(at).OpenS3(r); err != nil {
				return err
			}
			_, err := io.ReadAll(r.Body)
			return err
		}))
		if !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	query := func(old, new string) func(r *http.Request) {
		return func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, new, 1) }
	}
	f(get.URL, http.MethodGet, signedAt, nil, "accepted")
	f(get.URL, http.MethodGet, signedAt.Add(9*time.Minute), nil, "accepted")
	f(put.URL, http.MethodPut, signedAt, nil, "accepted")
	f(get.URL, http.MethodGet, signedAt.Add(11*time.Minute), nil, "InvalidSignatureException Request has expired")
	f(get.URL, http.MethodGet, signedAt.Add(-16*time.Minute), nil, "InvalidSignatureException Signature not yet current")
	f(get.URL, http.MethodPut, signedAt, nil, "InvalidSignatureException The request signature")
	f(get.URL, http.MethodGet, signedAt, query("Expires=600", "Expires=601"), "InvalidSignatureException The request signature")
	f(get.URL, http.MethodGet, signedAt, query("Expires=600", "Expires=604801"), "IncompleteSignatureException X-Amz-Expires")
	f(get.URL, http.MethodGet, signedAt, query("X-Amz-Signature", "X-Amz-Signatur"), "IncompleteSignatureException")
	f(get.URL, http.MethodGet, signedAt, query("x-id=GetObject", "x-id=DeleteObject"), "InvalidSignatureException The request signature")
	f(get.URL, http.MethodGet, signedAt, func(r *http.Request) { r.Header.Set("X-Amz-Copy-Source", "b/secret") }, "InvalidSignatureException There were headers")
	f(get.URL, http.MethodGet, signedAt, func(r *http.Request) { r.URL.Path += "x"; r.URL.RawPath = "" }, "InvalidSignatureException The request signature")
}

// The examples of the AWS documentation, with their signatures.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
func documented(trailer string) (r *http.Request, body string) {
	a64, a1 := strings.Repeat("a", 65536), strings.Repeat("a", 1024)
	chunks := []string{"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"}
	authorization := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
	sha, length := "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "66824"
	if trailer != "" {
		chunks = []string{"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"}
		authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
		sha, length = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", ""
	}
	body = "10000;chunk-signature=" + chunks[0] + "\r\n" + a64 + "\r\n400;chunk-signature=" + chunks[1] + "\r\n" + a1 + "\r\n0;chunk-signature=" + chunks[2] + "\r\n" + trailer + "\r\n"
	r = httptest.NewRequest(http.MethodPut, "/examplebucket/chunkObject.txt", strings.NewReader(body))
	r.Host = "s3.amazonaws.com"
	for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Content-Sha256": sha, "X-Amz-Date": "20130524T000000Z", "X-Amz-Decoded-Content-Length": "66560",
		"X-Amz-Storage-Class": "REDUCED_REDUNDANCY", "Content-Encoding": "aws-chunked", "Content-Length": length} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if trailer != "" {
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32c")
	}
	return r, body
}

const documentedTrailer = "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"

func TestDocumentedChunks(t *testing.T) {
	v := sigv4.New(sigv4.Config{Keys: map[string]string{"AKIAIOSFODNN7EXAMPLE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
		Clock: func() time.Time { return time.Date(2013, 5, 24, 0, 5, 0, 0, time.UTC) }})
	f := func(trailer, old, new, want string) {
		t.Helper()
		r, body := documented(trailer)
		r.Body = io.NopCloser(iotest(strings.Replace(body, old, new, 1)))
		err := v.OpenS3(r)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(r.Body)
		}
		if !strings.HasPrefix(kindOf(err), want) {
			t.Errorf("%.30q for %.30q: got %q, want %q", new, old, kindOf(err), want)
		}
		if err == nil && (string(got) != strings.Repeat("a", 66560) || r.ContentLength != 66560 || r.Header.Get("Content-Encoding") != "" || trailer != "" && r.Trailer.Get("X-Amz-Checksum-Crc32c") != "sOO8/Q==") {
			t.Errorf("decoded to %d bytes, length %d, encoding %q, trailer %v", len(got), r.ContentLength, r.Header.Get("Content-Encoding"), r.Trailer)
		}
	}
	const mismatch, broken = "InvalidSignatureException The request signature", "IncompleteBodyException"
	f("", "", "", "accepted")
	f(documentedTrailer, "", "", "accepted")
	for _, trailer := range []string{"", documentedTrailer} {
		f(trailer, "aaaa", "aaba", mismatch)
		f(trailer, "\r\n400;", "\r\n3ff;", broken)
		f(trailer, "10000;", "10001;", broken)
		f(trailer, "10000;", "fffffffffffffffff;", broken)
		f(trailer, "10000;", "-1;", broken)
		f(trailer, "10000;", "20000;", broken)
		f(trailer, "\r\n0;chunk", "\r\n0;clunk", mismatch)
	}
	f("", "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n", "", broken)
	f(documentedTrailer, "sOO8/Q==", "sOO8/R==", mismatch)
	f(documentedTrailer, "x-amz-trailer-signature", "x-amz-other", broken+" The trailing header")
	f(documentedTrailer, "x-amz-checksum-crc32c:sOO8/Q==\r\n", "", broken+" A trailing header")
	f(documentedTrailer, "\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435", "", mismatch)
}

// iotest gives a reader that hands out few bytes at a time.
func iotest(s string) io.Reader { return &slowReader{strings.NewReader(s)} }

type slowReader struct{ r io.Reader }

func (s *slowReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 1000)]) }

func TestUnsignedTrailer(t *testing.T) {
	v := sigv4.New(sigv4.Config{})
	f := func(body, length, trailer, want string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodPut, "/b/k", strings.NewReader(body))
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
		r.Header.Set("X-Amz-Decoded-Content-Length", length)
		r.Header.Set("Content-Encoding", "aws-chunked, gzip")
		if trailer != "" {
			r.Header.Set("X-Amz-Trailer", trailer)
		}
		err := v.OpenS3(r)
		got := ""
		if err == nil {
			var text []byte
			text, err = io.ReadAll(r.Body)
			got = string(text) + " " + r.Trailer.Get("X-Amz-Checksum-Crc32") + " " + r.Header.Get("Content-Encoding")
		}
		if err != nil {
			got = kindOf(err)
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
	f("5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n", "11", "x-amz-checksum-crc32", "hello world DUoRhQ== gzip")
	f("5\r\nhello\r\n0\r\n\r\n", "5", "", "hello  gzip")
	f("5\r\nhello\r\n0\r\n", "5", "", "hello  gzip")
	f("0\r\nX-Amz-Checksum-Crc32 : AAAAAA==\r\n\r\n", "0", "X-Amz-Checksum-Crc32", " AAAAAA== gzip")
	f("5\r\nhello\r\n0\r\n\r\n", "6", "", "IncompleteBodyException")
	f("5\r\nhello\r\n0\r\n\r\n", "4", "", "IncompleteBodyException")
	f("5\r\nhello\r\n0\r\n\r\n", "", "", "IncompleteBodyException x-amz-decoded-content-length")
	f("5\r\nhello\r\n0\r\n\r\n", "5", "x-amz-checksum-crc32", "IncompleteBodyException A trailing")
	f("5\r\nhello\r\n0\r\na:b\r\n\r\n", "5", "", "IncompleteBodyException The trailing header \"a\"")
	f("5\r\nhel", "5", "", "IncompleteBodyException")
	f("5\r\nhello6\r\n world\r\n0\r\n\r\n", "11", "", "IncompleteBodyException")
}

func TestPayloadHash(t *testing.T) {
	v := newVerifier(now)
	for _, c := range []struct{ hash, want string }{
		{hexSum("body"), "accepted"}, {"UNSIGNED-PAYLOAD", "accepted"}, {hexSum("other"), "XAmzContentSHA256Mismatch"},
		{"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "NotImplemented"}, {"xyz", "AuthorizationHeaderMalformed"},
	} {
		r, err := http.NewRequest(http.MethodPut, "http://localhost/b/k", strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Content-Sha256", c.hash)
		if err := v4.NewSigner().SignHTTP(t.Context(), pair, r, c.hash, "s3", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		got := send(t, r, func(r *http.Request) error {
			if err := v.OpenS3(r); err != nil {
				return err
			}
			text, err := io.ReadAll(r.Body)
			if err == nil && !bytes.Equal(text, []byte("body")) {
				return fmt.Errorf("read %q", text)
			}
			return err
		})
		code := "accepted"
		var e *sigv4.Error
		if errors.As(got, &e) {
			code, _ = e.S3()
		}
		if code != c.want {
			t.Errorf("%s: %s (%v), want %s", c.hash, code, got, c.want)
		}
	}
}

func FuzzChunks(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n", int64(5))
	f.Add("0;chunk-signature=x\r\n\r\n", int64(0))
	f.Fuzz(func(t *testing.T, body string, length int64) {
		r := httptest.NewRequest(http.MethodPut, "/b/k", strings.NewReader(body))
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
		r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(length))
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		if sigv4.New(sigv4.Config{}).OpenS3(r) != nil {
			return
		}
		if text, err := io.ReadAll(r.Body); err == nil && int64(len(text)) != length {
			t.Errorf("%q: %d bytes, declared %d", body, len(text), length)
		}
	})
}

// What a put costs: the hash of its body, and some microseconds.
func BenchmarkVerify(b *testing.B) {
	v := newVerifier(now)
	for _, size := range []int{100, 1 << 20} {
		body := bytes.Repeat([]byte("a"), size)
		r := httptest.NewRequest(http.MethodPost, "http://logs.us-east-1.amazonaws.com/", nil)
		r.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
		if err := v4.NewSigner().SignHTTP(b.Context(), pair, r, hexSum(string(body)), "logs", "us-east-1", now); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := v.Verify(r, "logs", body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
