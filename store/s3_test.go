package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/store"
)

// script is an S3 service that answers as a test says: its answers by "METHOD /bucket/key", in order, the last one again
// and again. It notes what it was asked.
type script struct {
	t       *testing.T
	url     string
	mu      sync.Mutex
	answers map[string][]http.HandlerFunc
	asked   []string
}

func newScript(t *testing.T) *script {
	t.Helper()
	s := &script{t: t, answers: map[string][]http.HandlerFunc{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *script) on(what string, answers ...http.HandlerFunc) { s.answers[what] = answers }

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.Method + " " + r.URL.Path
	s.mu.Lock()
	list := s.answers[what]
	if what == probeKey && len(list) == 0 { // a service as most are
		s.mu.Unlock()
		fault(http.StatusPreconditionFailed, "PreconditionFailed")(w, r)
		return
	}
	s.asked = append(s.asked, what)
	if len(list) > 1 {
		s.answers[what] = list[1:]
	}
	s.mu.Unlock()
	if len(list) == 0 {
		s.t.Errorf("nobody answers %s", what)
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	list[0](w, r)
}

func (s *script) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *script) count(what string) (n int) {
	for _, a := range s.all() {
		if a == what {
			n++
		}
	}
	return n
}

func (s *script) open(change func(*store.S3Config)) *store.S3 {
	s.t.Helper()
	c := store.S3Config{Endpoint: s.url, PathStyle: true, AccessKey: "A", SecretKey: "S", Dir: filepath.Join(s.t.TempDir(), "copies"), Attempts: 2, BackoffMax: time.Millisecond}
	if change != nil {
		change(&c)
	}
	s3, err := store.NewS3(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return s3
}

// What a service may answer.

func ok(header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
	}
}

func fault(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", code)
		}
	}
}

// lost takes the whole request, and closes the connection without an answer.
func lost(then http.HandlerFunc) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		then(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
}

// body answers a GET with text, a range of it where one is asked for; ETag is etag.
func body(text, etag string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if match := r.Header.Get("If-Match"); match != "" && match != `"`+etag+`"` {
			fault(http.StatusPreconditionFailed, "PreconditionFailed")(w, r)
			return
		}
		w.Header().Set("ETag", `"`+etag+`"`)
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		ok(header...)(w, r)
		var first, last int
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last); n == 2 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(text)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, text[first:last+1])
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, text)
		}
	}
}

// cut is a body that ends after n bytes, by a reset connection.
func cut(n int, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer(&cutWriter{w, n}, r)
	}
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (c *cutWriter) Write(p []byte) (int, error) {
	n, _ := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, nil
}

func crc(text string) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli))))
}

// staged writes a file to be put.
func staged(t *testing.T, text string) (path string, o store.PutFileOptions) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "staged")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, store.PutFileOptions{Bytes: int64(len(text)), CRC32C: crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli))}
}

const (
	putKey   = "PUT /bucket/k"
	probeKey = "PUT /bucket/.loglake-store/condition"
)

// TestS3PutFile holds that a file is put once, whatever becomes of the answers.
func TestS3PutFile(t *testing.T) {
	const text = "the staged bytes"
	refused := fault(http.StatusPreconditionFailed, "PreconditionFailed")
	same, other := body(text, "e", "X-Amz-Checksum-Crc32c", crc(text)), body("the other bytes!", "e", "X-Amz-Checksum-Crc32c", crc("the other bytes!"))
	for name, test := range map[string]struct {
		put, head, get []http.HandlerFunc
		code           loglake.Code
		requests       int
	}{
		"at once":                          {put: []http.HandlerFunc{ok("ETag", "e")}, requests: 1},
		"reply lost":                       {put: []http.HandlerFunc{lost(ok()), refused}, head: []http.HandlerFunc{same}, requests: 3},
		"reply lost, no checksum is kept":  {put: []http.HandlerFunc{lost(ok()), refused}, head: []http.HandlerFunc{body(text, "e")}, get: []http.HandlerFunc{body(text, "e")}, requests: 4},
		"reply lost twice":                 {put: []http.HandlerFunc{lost(ok())}, code: loglake.CodeUnavailable, requests: 2},
		"SlowDown, then well":              {put: []http.HandlerFunc{fault(503, "SlowDown"), ok()}, requests: 2},
		"SlowDown for ever":                {put: []http.HandlerFunc{fault(503, "SlowDown")}, code: loglake.CodeThrottled, requests: 2},
		"an error of the service":          {put: []http.HandlerFunc{fault(500, "InternalError")}, code: loglake.CodeUnavailable, requests: 2},
		"another write at the same time":   {put: []http.HandlerFunc{fault(409, "ConditionalRequestConflict"), ok()}, requests: 2},
		"there already":                    {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{same}, requests: 2},
		"another is there":                 {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{other}, code: loglake.CodeExists, requests: 2},
		"another is there, and longer":     {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{body(text+".", "e")}, code: loglake.CodeExists, requests: 2},
		"another is there, no checksum":    {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{body("the other bytes!", "e")}, get: []http.HandlerFunc{body("the other bytes!", "e")}, code: loglake.CodeExists, requests: 3},
		"there, and gone when looked for":  {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{fault(404, "")}, code: loglake.CodeUnavailable, requests: 3},
		"no such bucket":                   {put: []http.HandlerFunc{fault(404, "NoSuchBucket")}, code: loglake.CodeNotFound, requests: 1},
		"not allowed":                      {put: []http.HandlerFunc{fault(403, "AccessDenied")}, code: loglake.CodeUnavailable, requests: 1},
		"in another region":                {put: []http.HandlerFunc{fault(301, "PermanentRedirect")}, code: loglake.CodeUnavailable, requests: 1},
		"bytes damaged on the way up":      {put: []http.HandlerFunc{fault(400, "BadDigest")}, code: loglake.CodeUnavailable, requests: 1},
		"composite checksum, read instead": {put: []http.HandlerFunc{refused}, head: []http.HandlerFunc{body(text, "e", "X-Amz-Checksum-Crc32c", crc(text)+"-2")}, get: []http.HandlerFunc{body(text, "e")}, requests: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			s.on(putKey, test.put...)
			s.on("HEAD /bucket/k", test.head...)
			s.on("GET /bucket/k", test.get...)
			s.on("HEAD /bucket", ok())
			path, o := staged(t, text)
			err := s.open(nil).PutFile(t.Context(), "bucket", "k", path, o)
			if loglake.CodeOf(err) != test.code {
				t.Errorf("gives %v (code %q), want code %q", err, loglake.CodeOf(err), test.code)
			}
			if asked := s.all(); len(asked) != test.requests {
				t.Errorf("took the requests %q, want %d", asked, test.requests)
			}
		})
	}
}

// TestS3Condition holds that nothing is put where the service has not shown that it refuses to overwrite.
func TestS3Condition(t *testing.T) {
	refused := fault(http.StatusPreconditionFailed, "PreconditionFailed")
	for name, test := range map[string]struct {
		probe []http.HandlerFunc
		code  loglake.Code
		asked []string // by two puts
	}{
		"shown before":      {probe: []http.HandlerFunc{refused}, asked: []string{probeKey, putKey, putKey}},
		"in a new bucket":   {probe: []http.HandlerFunc{ok(), refused}, asked: []string{probeKey, probeKey, putKey, putKey}},
		"reply lost":        {probe: []http.HandlerFunc{lost(ok()), refused}, asked: []string{probeKey, probeKey, putKey, putKey}},
		"ignored":           {probe: []http.HandlerFunc{ok()}, code: loglake.CodeUnsupported, asked: []string{probeKey, probeKey, probeKey, probeKey}},
		"not known":         {probe: []http.HandlerFunc{fault(501, "NotImplemented")}, code: loglake.CodeUnsupported, asked: []string{probeKey, probeKey}},
		"away":              {probe: []http.HandlerFunc{fault(400, "Odd")}, code: loglake.CodeUnavailable, asked: []string{probeKey, probeKey}},
		"no such bucket":    {probe: []http.HandlerFunc{fault(404, "NoSuchBucket")}, code: loglake.CodeNotFound, asked: []string{probeKey, probeKey}},
		"away, and answers": {probe: []http.HandlerFunc{fault(400, "Odd"), refused}, asked: []string{probeKey, probeKey, putKey}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			s.on(probeKey, test.probe...)
			s.on(putKey, ok())
			path, o := staged(t, "text")
			s3 := s.open(nil)
			_ = s3.PutFile(t.Context(), "bucket", "k", path, o) // what comes of the second is what counts
			err := s3.PutFile(t.Context(), "bucket", "k", path, o)
			if loglake.CodeOf(err) != test.code {
				t.Errorf("gives %v (code %q), want code %q", err, loglake.CodeOf(err), test.code)
			}
			if diff := cmp.Diff(test.asked, s.all()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestS3PutsAreChecked holds that the service is told what it will get.
func TestS3PutsAreChecked(t *testing.T) {
	s := newScript(t)
	s.on(putKey, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "*" || r.Header.Get("X-Amz-Checksum-Crc32c") != crc("text") || r.ContentLength != 4 {
			t.Errorf("put with %v and length %d", r.Header, r.ContentLength)
		}
	})
	path, o := staged(t, "text")
	if err := s.open(nil).PutFile(t.Context(), "bucket", "k", path, o); err != nil {
		t.Error(err)
	}
	if _, err := s.open(nil).Put(t.Context(), "bucket", "k", strings.NewReader("text"), store.PutOptions{IfNoneMatch: true}); err != nil {
		t.Error(err)
	}
}

// TestS3ConditionalPut holds that a conditional put knows its own work after a lost reply, and nobody else's.
func TestS3ConditionalPut(t *testing.T) {
	for name, own := range map[string]bool{"its own work": true, "another's": false} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			id := ""
			s.on(putKey, lost(func(_ http.ResponseWriter, r *http.Request) { id = r.Header.Get("X-Amz-Meta-Loglake-Put") }), fault(412, "PreconditionFailed"))
			s.on("HEAD /bucket/k", func(w http.ResponseWriter, r *http.Request) {
				if !own {
					id = "x"
				}
				body("text", "e", "X-Amz-Meta-Loglake-Put", id)(w, r)
			})
			o, err := s.open(nil).Put(t.Context(), "bucket", "k", strings.NewReader("text"), store.PutOptions{IfNoneMatch: true})
			if own && (err != nil || o.ETag != "e") || !own && !errors.Is(err, store.ErrPrecondition) {
				t.Errorf("gives %+v, %v", o, err)
			}
		})
	}
}

// TestS3Read holds that what is read is all of one object, or an error.
func TestS3Read(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	for name, test := range map[string]struct {
		get  []http.HandlerFunc
		code loglake.Code
		want error
	}{
		"at once":                         {get: []http.HandlerFunc{body(text, "e")}},
		"with its checksum":               {get: []http.HandlerFunc{body(text, "e", "X-Amz-Checksum-Crc32c", crc(text))}},
		"reset in the middle":             {get: []http.HandlerFunc{cut(33_333, body(text, "e", "X-Amz-Checksum-Crc32c", crc(text))), body(text, "e")}},
		"reset in the middle, then other": {get: []http.HandlerFunc{cut(33_333, body(text, "e")), body(text, "f")}, code: loglake.CodeConflict, want: store.ErrChanged},
		"reset in the middle, then gone":  {get: []http.HandlerFunc{cut(33_333, body(text, "e")), fault(404, "NoSuchKey")}, code: loglake.CodeNotFound, want: store.ErrNoObject},
		"reset at once, for ever":         {get: []http.HandlerFunc{cut(33_333, body(text, "e")), lost(ok())}, code: loglake.CodeUnavailable},
		"damaged on the way":              {get: []http.HandlerFunc{body(text[:500]+"!"+text[501:], "e", "X-Amz-Checksum-Crc32c", crc(text))}, code: loglake.CodeUnavailable},
		"another range than asked for":    {get: []http.HandlerFunc{cut(33_333, body(text, "e")), func(w http.ResponseWriter, r *http.Request) { r.Header.Del("Range"); body(text, "e")(w, r) }}, code: loglake.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			s.on("GET /bucket/k", test.get...)
			content, _, err := s.open(nil).Get(t.Context(), "bucket", "k")
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(content)
			if loglake.CodeOf(err) != test.code || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("gives %v (code %q), want code %q and %v", err, loglake.CodeOf(err), test.code, test.want)
			}
			if err == nil && string(got) != text {
				t.Error("gives other bytes")
			}
			if err := content.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestS3Stalled holds that a peer that says nothing more is given up, before its answer, and in the middle of it.
func TestS3Stalled(t *testing.T) {
	text := strings.Repeat("x", 100_000)
	release := make(chan struct{})
	silent := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	s := newScript(t)
	t.Cleanup(func() { close(release) })
	s.on("HEAD /bucket/k", silent)
	s.on("GET /bucket/k", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		w.Header().Set("ETag", "e")
		_, _ = io.WriteString(w, text[:1000])
		_ = http.NewResponseController(w).Flush()
		silent(w, r)
	}, silent)
	s3 := s.open(func(c *store.S3Config) { c.Stall = 50 * time.Millisecond })
	if _, err := s3.Stat(t.Context(), "bucket", "k"); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("a service that never answers gives %v", err)
	}
	content, _, err := s3.Get(t.Context(), "bucket", "k")
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // only read
	if _, err := io.ReadAll(content); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("a body that stops gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s3.Stat(ctx, "bucket", "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone gets %v", err)
	}
}

// listing answers ListObjectsV2 over keys, two at a time.
func listing(keys ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var page []string
		more := false
		for _, key := range keys {
			if key <= q.Get("start-after") || !strings.HasPrefix(key, q.Get("prefix")) {
				continue
			}
			if more = fmt.Sprint(len(page)) == q.Get("max-keys") || len(page) == 2; more {
				break
			}
			page = append(page, key)
		}
		_, _ = fmt.Fprintf(w, `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>%t</IsTruncated>`, more)
		for _, key := range page {
			_, _ = fmt.Fprintf(w, `<Contents><Key>%s</Key><Size>3</Size><ETag>"e"</ETag><LastModified>2006-01-02T15:04:05.678Z</LastModified></Contents>`, url.QueryEscape(key))
		}
		_, _ = io.WriteString(w, `</ListBucketResult>`)
	}
}

func TestS3List(t *testing.T) {
	s := newScript(t)
	s.on("GET /bucket", listing(".loglake-store/documents/lifecycle", ".loglake-store/uploads/x", "a", "b c+", "d\n", "é"))
	s3 := s.open(nil)
	f := func(after string, max int, wantMore bool, want ...string) {
		t.Helper()
		objects, more, err := s3.List(t.Context(), "bucket", "", after, max)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range objects {
			got = append(got, o.Key)
		}
		if d := cmp.Diff(want, got); d != "" || more != wantMore {
			t.Errorf("after %q, %d: more %t, %s", after, max, more, d)
		}
	}
	f("", 10, false, "a", "b c+", "d\n", "é")
	f("", 3, true, "a", "b c+", "d\n")
	f("", 4, false, "a", "b c+", "d\n", "é")
	f("a", 1, true, "b c+")
	f("d\n", 5, false, "é")
	if _, err := s3.Stat(t.Context(), "bucket", ".loglake-store/documents/lifecycle"); !errors.Is(err, store.ErrKey) {
		t.Errorf("what is hidden can be asked for: %v", err)
	}
	s.on("GET /bucket", listing("b", "a"))
	if _, _, err := s3.List(t.Context(), "bucket", "", "", 10); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("a listing out of order gives %v", err)
	}
}

// TestS3Local holds that a copy is of one version, and costs a request for what is not there yet.
func TestS3Local(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	s := newScript(t)
	s.on("GET /bucket/k", body(text, "e"))
	s3 := s.open(nil)
	o := store.Object{Key: "k", ETag: "e", Bytes: int64(len(text))}
	local, err := s3.Local(t.Context(), "bucket", o)
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(requests int, spans ...store.Span) {
		t.Helper()
		before := s.count("GET /bucket/k")
		if err := local.Fetch(t.Context(), spans...); err != nil {
			t.Fatal(err)
		}
		if n := s.count("GET /bucket/k") - before; n != requests {
			t.Errorf("%v took %d requests, want %d", spans, n, requests)
		}
		content, err := os.ReadFile(local.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range spans {
			if string(content[p.From:p.To]) != text[p.From:p.To] {
				t.Errorf("%v has other bytes", p)
			}
		}
	}
	fetch(1, store.Span{From: 1000, To: 1001})
	fetch(0, store.Span{From: 10, To: 4000}) // of the same block
	fetch(2, store.Span{From: 1 << 20 >> 1, To: 1<<20>>1 + 5}, store.Span{From: 1<<20 - 3, To: 1 << 20})
	fetch(0, store.Span{From: 1<<20 - 3, To: 1 << 20})
	if n := s3.CacheBytes(); n != 3*4096 {
		t.Errorf("the cache holds %d bytes", n)
	}
	s.on("GET /bucket/k", body(strings.ToUpper(text), "f"))
	if err := local.Fetch(t.Context(), store.Span{From: 300_000, To: 300_001}); !errors.Is(err, store.ErrChanged) {
		t.Errorf("an object that was replaced gives %v", err)
	}
	again, err := s3.Local(t.Context(), "bucket", store.Object{Key: "k", ETag: "f", Bytes: int64(len(text))})
	if err != nil {
		t.Fatal(err)
	}
	if again.Path == local.Path {
		t.Error("two versions have one file")
	}
	if err := again.Fetch(t.Context(), store.Span{From: 0, To: 1 << 20}); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(again.Path); err != nil || !bytes.Equal(content, []byte(strings.ToUpper(text))) {
		t.Errorf("the new version is not as it is there: %v", err)
	}
	local.Release()
	again.Release()
}

func TestS3LocalLimits(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1<<16)
	s := newScript(t)
	s.on("GET /bucket/k", body(text, "e"))
	full := disk.NewFaulty(disk.Real())
	s3 := s.open(func(c *store.S3Config) { c.CacheBytes, c.FS = 1<<19, full })
	o := store.Object{Key: "k", ETag: "e", Bytes: int64(len(text))}
	local, err := s3.Local(t.Context(), "bucket", o)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Release()
	err = local.Fetch(t.Context(), store.Span{From: 0, To: o.Bytes})
	var told *loglake.Error
	if !errors.As(err, &told) || told.Code != loglake.CodeLimit || !strings.Contains(told.Hint, "--s3-cache") {
		t.Errorf("more than the cache holds gives %v", err)
	}
	full.Fill(0)
	err = local.Fetch(t.Context(), store.Span{From: 0, To: 10})
	if !errors.As(err, &told) || told.Code != loglake.CodeLimit || !strings.Contains(told.Message, "disk") {
		t.Errorf("a full disk gives %v", err)
	}
	full.Enlarge()
	if err := local.Fetch(t.Context(), store.Span{From: 0, To: 10}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestS3Config(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	f := func(c store.S3Config, want string) {
		t.Helper()
		c.Dir = t.TempDir()
		_, err := store.NewS3(c)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
	f(store.S3Config{}, "")
	f(store.S3Config{Endpoint: "http://x", AccessKey: "a", SecretKey: "b"}, "")
	f(store.S3Config{Endpoint: "localhost:9000", AccessKey: "a", SecretKey: "b"}, "no S3 endpoint")
	f(store.S3Config{Endpoint: "http://x", AccessKey: "a"}, "half of a key pair")
	f(store.S3Config{Endpoint: "http://x"}, "AWS_ACCESS_KEY_ID")
	t.Setenv("AWS_PROFILE", "p")
	f(store.S3Config{}, "AWS_PROFILE")
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	f(store.S3Config{Endpoint: "http://x"}, "")
}

// TestS3Faults lets each call on the local disk fail. A put is then done or refused, and the next one is well.
func TestS3Faults(t *testing.T) {
	rec := faulttest.New(t)
	text := strings.Repeat("more than memory ", 1<<17)
	s := newScript(t)
	got := ""
	s.on(putKey, func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = string(b)
	})
	life := func(fs disk.FS) error {
		s3, err := store.NewS3(store.S3Config{Endpoint: s.url, PathStyle: true, AccessKey: "A", SecretKey: "S", Dir: "/copies", FS: fs})
		if err != nil {
			return err
		}
		got = ""
		_, err = s3.Put(t.Context(), "bucket", "k", strings.NewReader(text), store.PutOptions{})
		if (got == text) != (err == nil) {
			t.Errorf("a put of which %d bytes of %d arrived gives %v", len(got), len(text), err)
		}
		return err
	}
	dry := disk.NewFaulty(disk.NewCrashable())
	if err := life(dry); err != nil {
		t.Fatal(err)
	}
	seen := map[disk.Op]int{}
	for _, call := range dry.Calls() {
		seen[call.Op]++
		for _, apply := range []bool{false, true} {
			fs := disk.NewFaulty(disk.NewCrashable())
			fs.Fail(disk.Rule{Op: call.Op, Nth: seen[call.Op], Apply: apply, Then: func() { rec.Call(apply) }})
			err := life(fs)
			fs.Heal()
			if again := life(fs); again != nil {
				t.Errorf("%s %d fails (done: %v) with %v, and the next life with %v", call.Op, seen[call.Op], apply, err, again)
			}
		}
	}
}

// TestS3Uploads holds that of a bucket's uploads those are aborted that PutFile left, and no other.
func TestS3Uploads(t *testing.T) {
	ours := layout.FormatKey("data/", layout.Name{Stream: "s", Version: "1", Arrival: time.Unix(0, 0).UTC(),
		Provenance: layout.Provenance{Producer: 1, Batch: 1, Part: 1, Parts: 1}, Extension: ".parquet"})
	s := newScript(t)
	s.on("GET /bucket", func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("uploads") {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = io.WriteString(w, `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>`)
		for key, begun := range map[string]string{ours: "2030-01-01T00:00:00Z", strings.Replace(ours, "-8000-", "-4000-", 1): "2030-01-01T00:00:00Z", "data/other": "2030-01-01T00:00:00Z"} {
			_, _ = fmt.Fprintf(w, `<Upload><Key>%s</Key><UploadId>u</UploadId><Initiated>%s</Initiated></Upload>`, key, begun)
		}
		_, _ = fmt.Fprintf(w, `<Upload><Key>%s</Key><UploadId>young</UploadId><Initiated>2030-01-02T00:00:01Z</Initiated></Upload></ListMultipartUploadsResult>`, ours)
	})
	aborted := []string{}
	s.on("DELETE /bucket/"+ours, func(w http.ResponseWriter, r *http.Request) {
		aborted = append(aborted, r.URL.Query().Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	})
	s3 := s.open(func(c *store.S3Config) {
		c.Clock = func() time.Time { return time.Date(2030, 1, 3, 0, 0, 0, 0, time.UTC) }
	})
	n, err := s3.AbortStale(t.Context(), "bucket", 0)
	if err != nil || n != 1 || !cmp.Equal(aborted, []string{"u"}) {
		t.Errorf("%d are aborted, %v, %v", n, aborted, err)
	}
}
