// Package nethttp prints one JSON line per request on stdout, for servers made with net/http, and gives the application a
// slog.Logger that prints its own lines beside them with the request's id.
//
//	log := nethttp.New(nethttp.Config{})
//	defer log.Close(context.Background())
//	slog.SetDefault(log.Slog())
//	http.ListenAndServe(":8080", log.Handler(mux))
//
// The schema, and what is skipped and dropped, is in contrib/README.md. Nothing here blocks a handler: lines wait in a queue
// (queue.go) for a goroutine that writes them.
package nethttp

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// Skip are the paths that are not printed where they are got without a failure; one with a slash at its end stands for all
// below it.
func Skip() []string {
	return []string{"/health", "/healthz", "/livez", "/readyz", "/ping", "/metrics", "/favicon.ico", "/robots.txt", "/static/", "/assets/"}
}

// Config of a Logger; the zero value prints to stdout.
type Config struct {
	Skip []string // nil: Skip()
	// UserID says who made a request, when it has ended; "" for nobody. It gets the request as the Handler passed it on:
	// what a handler further in adds to the context of its own copy is not there.
	UserID func(*http.Request) string
	Output io.Writer    // nil: os.Stdout. Only one goroutine writes to it, and may be held up by it
	Level  slog.Leveler // of Slog; nil: slog.LevelInfo
}

// Limits.
const (
	QueueLinesMax     = 10_000
	TracebackBytesMax = 32 << 10
	idBytesMax        = 128
)

// Logger prints lines. It is safe for use by many goroutines.
type Logger struct {
	config Config
	queue  *queue
	slog   *slog.Logger
}

// New makes a Logger. Its goroutine starts with the first line; Close ends it.
func New(c Config) *Logger {
	if c.Skip == nil {
		c.Skip = Skip()
	}
	if c.Output == nil {
		c.Output = os.Stdout
	}
	l := &Logger{config: c, queue: newQueue(c.Output)}
	l.slog = slog.New(withRequestID{slog.NewJSONHandler(l.queue, &slog.HandlerOptions{Level: c.Level, ReplaceAttr: schema})})
	return l
}

// Slog gives a logger for the application's own lines, in the schema of the requests and with their request_id, where the
// context of the call is that of a request.
func (l *Logger) Slog() *slog.Logger { return l.slog }

// Close writes what is queued, until ctx ends.
func (l *Logger) Close(ctx context.Context) error { return l.queue.close(ctx) }

// schema names a line's own attributes as the schema does, and leaves an empty message out.
func schema(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		return slog.String("timestamp", a.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z"))
	case slog.MessageKey:
		if a.Value.String() == "" {
			return slog.Attr{}
		}
		a.Key = "message"
	}
	return a
}

type idKey struct{}

// RequestID gives the id of the request whose context this is; "" for any other.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// withRequestID adds the id of the context's request to a line.
type withRequestID struct{ slog.Handler }

func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequestID) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequestID{h.Handler.WithAttrs(attrs)}
}

func (h withRequestID) WithGroup(name string) slog.Handler {
	return withRequestID{h.Handler.WithGroup(name)}
}

// Handler prints a line for each request that next has served. It stands outermost.
func (l *Logger) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := r.Header.Get("X-Request-ID")
		if !validID(id) {
			id = newID()
		}
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		w.Header().Set("X-Request-ID", id)
		c := &counting{ResponseWriter: w, head: r.Method == http.MethodHead}
		ended := false
		defer func() {
			var failure any
			if !ended {
				failure = recover()
			}
			l.print(c, r, began, failure)
			if failure != nil {
				panic(failure) // the server's to handle, as without this middleware
			}
		}()
		next.ServeHTTP(c, r)
		ended = true
	})
}

func (l *Logger) print(c *counting, r *http.Request, began time.Time, failure any) {
	status := c.status
	switch {
	case failure != nil && failure != http.ErrAbortHandler: //nolint:errorlint // a value that was panicked, compared as the server does
		status = http.StatusInternalServerError
	case status == 0 && failure == nil:
		status = http.StatusOK
	}
	if l.skips(r, status) {
		return
	}
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case status >= 400, failure != nil, r.Context().Err() != nil:
		level = slog.LevelWarn
	}
	line := slog.NewRecord(began, level, "", 0)
	line.AddAttrs(slog.String("method", r.Method), slog.String("path", r.URL.EscapedPath()))
	if _, route, ok := strings.Cut(" "+r.Pattern, "/"); ok {
		line.AddAttrs(slog.String("route", "/"+route))
	}
	if status != 0 {
		line.AddAttrs(slog.Int("status_code", status))
	}
	took := time.Since(began).Round(time.Microsecond)
	line.AddAttrs(slog.Float64("response_time", float64(took)/float64(time.Millisecond)), slog.Int64("bytes", c.bytes))
	if user := l.user(r); user != "" {
		line.AddAttrs(slog.String("user_id", user))
	}
	if failure != nil {
		stack := debug.Stack()
		line.AddAttrs(slog.String("error", fmt.Sprint(failure)), slog.String("error_traceback", string(stack[:min(len(stack), TracebackBytesMax)])))
	}
	_ = l.slog.Handler().Handle(r.Context(), line) // the queue takes every line, or counts it
}

// user asks who made a request. A panic is nobody: who it was must not decide what becomes of the request.
func (l *Logger) user(r *http.Request) (user string) {
	if l.config.UserID == nil {
		return ""
	}
	defer func() { _ = recover() }()
	return l.config.UserID(r)
}

func (l *Logger) skips(r *http.Request, status int) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || status >= 500 || status == 0 {
		return false
	}
	path := r.URL.EscapedPath()
	for _, skip := range l.config.Skip {
		if path == skip || strings.HasSuffix(skip, "/") && strings.HasPrefix(path, skip) {
			return true
		}
	}
	return false
}

func validID(id string) bool {
	if id == "" || len(id) > idBytesMax {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// newID gives a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
