package nethttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loglake/loglake/contrib/nethttp"
)

// output keeps what is written, and holds the writer up while it is shut.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) lines(t *testing.T) (lines []map[string]any) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, text := range strings.Split(strings.TrimSuffix(o.text.String(), "\n"), "\n") {
		if text == "" {
			continue
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		lines = append(lines, line)
	}
	return lines
}

func application(log *nethttp.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.Slog().InfoContext(r.Context(), "looked up", "user", r.PathValue("id"))
		_, _ = io.WriteString(w, "hällo")
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("broken") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/boom", func(http.ResponseWriter, *http.Request) { panic(errors.New("no such currency")) })
	mux.HandleFunc("/copy", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("12345")) })
	mux.HandleFunc("/flush", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		w.(http.Flusher).Flush()
	})
	return log.Handler(mux)
}

func TestRequests(t *testing.T) {
	out := &output{}
	log := nethttp.New(nethttp.Config{Output: out, UserID: func(r *http.Request) string { return r.Header.Get("X-User") }})
	server := httptest.NewServer(application(log))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for _, path := range []string{"/users/7?token=secret", "/healthz", "/healthz?broken", "/static/x.css", "/missing", "/copy", "/flush", "/boom"} {
		req, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-User", "u-1")
		if strings.HasPrefix(path, "/users") {
			req.Header.Set("X-Request-ID", "caller-1")
		}
		answer, err := http.DefaultClient.Do(req)
		if path == "/boom" {
			if err == nil {
				t.Error("the panic did not reach the server")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if id := answer.Header.Get("X-Request-ID"); id == "" || strings.HasPrefix(path, "/users") && id != "caller-1" {
			t.Errorf("%s was answered with the id %q", path, id)
		}
		_ = answer.Body.Close()
	}
	server.Close()
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := out.lines(t)
	if len(lines) != 7 {
		t.Fatalf("%d lines: %v", len(lines), lines)
	}
	check := func(n int, want map[string]any) {
		t.Helper()
		for field, value := range want {
			if lines[n][field] != value {
				t.Errorf("line %d: %s is %v, want %v", n, field, lines[n][field], value)
			}
		}
		if _, err := time.Parse(time.RFC3339, lines[n]["timestamp"].(string)); err != nil || !strings.HasSuffix(lines[n]["timestamp"].(string), "Z") {
			t.Errorf("line %d: timestamp %v", n, lines[n]["timestamp"])
		}
	}
	check(0, map[string]any{"level": "INFO", "message": "looked up", "user": "7", "request_id": "caller-1"})
	check(1, map[string]any{"level": "INFO", "method": "GET", "path": "/users/7", "route": "/users/{id}", "status_code": 200.0, "bytes": 6.0,
		"request_id": "caller-1", "user_id": "u-1", "message": nil})
	check(2, map[string]any{"level": "ERROR", "path": "/healthz", "status_code": 503.0})
	check(3, map[string]any{"level": "WARN", "path": "/missing", "status_code": 404.0, "route": nil})
	check(4, map[string]any{"path": "/copy", "bytes": 5.0})
	check(5, map[string]any{"path": "/flush", "status_code": 202.0, "bytes": 0.0})
	check(6, map[string]any{"level": "ERROR", "path": "/boom", "status_code": 500.0, "error": "no such currency"})
	if stack, _ := lines[6]["error_traceback"].(string); !strings.Contains(stack, "nethttp_test.go") {
		t.Errorf("the traceback does not lead to the handler: %q", stack)
	}
	for n, line := range lines[1:] {
		if took, ok := line["response_time"].(float64); !ok || took < 0 || took > 60_000 {
			t.Errorf("line %d: response_time %v", n+1, line["response_time"])
		}
	}
}

// A stdout that nobody reads holds no request up. What did not fit is counted, and said once there is room.
func TestSlowOutput(t *testing.T) {
	out := &output{}
	out.mu.Lock()
	log := nethttp.New(nethttp.Config{Output: out})
	handler := application(log)
	const more = 100
	for range nethttp.QueueLinesMax + more {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/copy", nil))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("closed while nobody reads: %v", err)
	}
	out.mu.Unlock()
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests, said := 0, ""
	for _, line := range out.lines(t) {
		if line["path"] == "/copy" {
			requests++
		} else {
			said, _ = line["message"].(string)
		}
	}
	// The writer holds one line that it can't write, besides those in the queue.
	if requests < nethttp.QueueLinesMax || requests > nethttp.QueueLinesMax+1 || !strings.Contains(said, "lines were dropped") {
		t.Errorf("%d lines came, and %q", requests, said)
	}
}

func TestRequestIDs(t *testing.T) {
	f := func(sent string, kept bool) {
		t.Helper()
		log := nethttp.New(nethttp.Config{Output: io.Discard})
		var seen string
		handler := log.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = nethttp.RequestID(r.Context()) }))
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Request-ID", sent)
		handler.ServeHTTP(w, r)
		if (seen == sent) != kept || seen == "" || w.Header().Get("X-Request-ID") != seen {
			t.Errorf("%q became %q", sent, seen)
		}
	}
	f("a.B_9-z", true)
	f("", false)
	f("two words", false)
	f(`"},{"`, false)
	f(strings.Repeat("x", 128), true)
	f(strings.Repeat("x", 129), false)
}

// What a server does not send is not counted, and a UserID that panics is nobody and fails nothing.
func TestHeadAndNobody(t *testing.T) {
	out := &output{}
	log := nethttp.New(nethttp.Config{Output: out, UserID: func(*http.Request) string { panic("nobody") }})
	handler := application(log)
	for _, path := range []string{"/users/7", "/copy"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodHead, path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s was answered with %d", path, w.Code)
		}
	}
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests := 0
	for _, line := range out.lines(t) {
		if line["method"] != "HEAD" {
			continue
		}
		if requests++; line["bytes"] != 0.0 || line["status_code"] != 200.0 || line["user_id"] != nil {
			t.Errorf("the line is %v", line)
		}
	}
	if requests != 2 {
		t.Errorf("%d requests were printed", requests)
	}
}
