// Package nativeapi is loglake's own HTTP face, for what AWS has no call for: health, metrics, the flush and resumption
// of delivery streams, and SQL in one call.
//
//	GET  /healthz                    200 while the process is alive
//	GET  /readyz                     200 once every component runs; 503 before and while stopping
//	GET  /metrics                    Prometheus
//	GET  /                           a page for people (package web)
//	GET  /v1/status                  everything at a glance (?limit=N things of each kind)
//	GET  /v1/streams                 what every delivery stream is doing
//	POST /v1/streams/NAME/flush      close the batch now; the answer lists the objects written (?wait=false: 202 at once)
//	POST /v1/streams/NAME/resume     deliver what a held stream holds as it is (?skip=damaged: go on behind damaged events)
//	POST /v1/routes/resume           have a filter into another group go on so (?group=&filter=&skip=damaged)
//	GET  /v1/ledger                  what became of every event: a row per account, with its equations (ledger.go)
//	GET  /v1/ledger/minutes          the same by the minute of arrival
//	GET  /v1/spools/ID?group=G       the position that a client's spool goes on at
//	POST /v1/backup                  the lake at one instant, as a tar stream for a backup.Vault (backup.go)
//	POST /v1/query                   run {"sql": …} and stream columns, rows and statistics, a line of JSON each (query.go)
//
// It is served at the native address behind a Guard, and below /_loglake at the AWS address to whoever signs (package
// front). Answers are JSON; errors are {"error": …, "hint": …} with a status that fits.
package nativeapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/state"
)

// Config is what the handler is made of.
type Config struct {
	Streams *delivery.Streams
	Queries *query.Executions
	// Results gives where the results of POST /v1/query lie, such as s3://bucket/, and makes the bucket where it has to.
	Results func(ctx context.Context) (location string, err error)
	Metrics http.Handler
	// Backup streams the lake for POST /v1/backup.
	Backup  func(ctx context.Context, w io.Writer, r backup.Request) error
	Ready   *atomic.Bool
	OnError func(error)  // told of failures whose text is kept from the client; nil: nobody
	Page    http.Handler // of / and the files beside it; nil: there is none

	// What a status is read from.
	State   *state.DB
	Books   *books.Books
	Journal *journal.Log
	Groups  *loggroup.Groups
	Catalog *catalog.Catalog
	About   About
	// SkipRoute has the routes of a filter go on behind damaged events.
	SkipRoute func(group loglake.GroupName, filter string) ([]Skipped, error)
}

// FlushWait bounds how long a flush may take before the call answers 504; the flush itself goes on.
const FlushWait = 5 * time.Minute

type handler struct {
	Config
	sums sums
}

// New gives the handler.
func New(cfg Config) http.Handler {
	if cfg.OnError == nil {
		cfg.OnError = func(error) {}
	}
	h := &handler{Config: cfg}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, condition{"ok"}) })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", cfg.Metrics)
	if cfg.Page != nil {
		mux.Handle("GET /{$}", cfg.Page) // not below: a call by the wrong method is to be told so
		mux.Handle("GET /{file}", cfg.Page)
	}
	mux.HandleFunc("GET /v1/status", h.status)
	mux.HandleFunc("GET /v1/ledger", h.ledger)
	mux.HandleFunc("GET /v1/ledger/minutes", h.ledgerMinutes)
	mux.HandleFunc("GET /v1/streams", h.streams)
	mux.HandleFunc("POST /v1/streams/{name}/flush", h.flush)
	mux.HandleFunc("POST /v1/streams/{name}/resume", h.resume)
	mux.HandleFunc("POST /v1/routes/resume", h.resumeRoute)
	mux.HandleFunc("GET /v1/spools/{id}", h.spool)
	mux.HandleFunc("POST /v1/query", h.query)
	mux.HandleFunc("POST /v1/backup", h.backup)
	return mux
}

type condition struct {
	Status string `json:"status"`
}

func (h *handler) ready(w http.ResponseWriter, _ *http.Request) {
	if !h.Ready.Load() {
		answer(w, http.StatusServiceUnavailable, condition{"not ready"})
		return
	}
	answer(w, http.StatusOK, condition{"ready"})
}

// StreamStatus is a delivery stream in the answer to GET /v1/streams.
type StreamStatus struct {
	Name        string     `json:"name"`
	Version     string     `json:"version"`
	Backlog     int64      `json:"backlog_events"`
	Chunks      int        `json:"chunks"`
	HotRows     int64      `json:"hot_rows"`
	HotBytes    int64      `json:"hot_bytes"`
	HotRejects  int64      `json:"hot_rejects,omitempty"` // records that wait to be written as rejects
	Refusal     string     `json:"refusal,omitempty"`     // why the first of the newest of these is one
	Oldest      *time.Time `json:"oldest_record,omitempty"`
	LastFlush   *time.Time `json:"last_flush,omitempty"`
	Held        string     `json:"held,omitempty"`
	Mistake     string     `json:"mistake,omitempty"`
	LastFailure string     `json:"failure,omitempty"`
	Failing     *time.Time `json:"failing_since,omitempty"`
	NoColumn    []string   `json:"fields_without_column,omitempty"`
	Beyond      int64      `json:"rows_beyond_partitions,omitempty"`
}

func (h *handler) streams(w http.ResponseWriter, r *http.Request) {
	all, err := h.Streams.Statuses(r.Context())
	if err != nil {
		h.fail(w, err)
		return
	}
	out := make([]StreamStatus, len(all))
	for i, s := range all {
		out[i] = streamStatus(s)
	}
	answer(w, http.StatusOK, map[string]any{"streams": out})
}

func streamStatus(s delivery.Status) StreamStatus {
	return StreamStatus{
		Name: string(s.Name), Version: s.Version, Backlog: s.Backlog, Chunks: s.Hot, HotRows: s.HotRows, HotBytes: s.HotBytes,
		HotRejects: s.HotRejects, Refusal: s.Refusal,
		Oldest: instant(s.Oldest), LastFlush: instant(s.Flushed), Held: s.Held, Mistake: s.Mistake, LastFailure: s.Failure, Failing: instant(s.Failing), NoColumn: s.Extra, Beyond: s.Beyond,
	}
}

func instant(m loglake.Millis) *time.Time {
	if m == 0 {
		return nil
	}
	t := m.Time()
	return &t
}

// FlushedObject is an object in the answer to a flush.
type FlushedObject struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Kind   string `json:"kind"` // parquet, plain or rejects
}

func (h *handler) flush(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("wait") == "false" {
		if err := h.Streams.FlushSoon(loglake.StreamName(r.PathValue("name"))); err != nil {
			h.fail(w, err)
			return
		}
		answer(w, http.StatusAccepted, map[string]any{"objects": []FlushedObject{}})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), FlushWait)
	defer cancel()
	keys, err := h.Streams.Flush(ctx, loglake.StreamName(r.PathValue("name")))
	if err != nil {
		h.fail(w, err)
		return
	}
	out := make([]FlushedObject, len(keys))
	for i, k := range keys {
		out[i] = FlushedObject{Bucket: k.Bucket, Key: k.Key, Kind: string(k.Kind)}
	}
	answer(w, http.StatusOK, map[string]any{"objects": out})
}

// Resumed is the answer of resume, where damaged events are skipped.
type Resumed struct {
	Condition string    `json:"status"`
	Skipped   []Skipped `json:"skipped"`
}

// Skipped is a range of damaged events of a source, To not included.
type Skipped struct {
	Source string         `json:"source"`
	From   loglake.Offset `json:"from"`
	To     loglake.Offset `json:"to"`
	Damage string         `json:"damage"`
}

func (h *handler) resume(w http.ResponseWriter, r *http.Request) {
	switch skip := r.URL.Query().Get("skip"); skip {
	case "":
	case "damaged":
		h.skipDamaged(w, r)
		return
	default:
		WriteError(w, loglake.Errorf(loglake.CodeInvalid, "skip is %q, and damaged is what can be skipped", skip))
		return
	}
	if err := h.Streams.ResumeAsIs(loglake.StreamName(r.PathValue("name"))); err != nil {
		h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, condition{"resumed"})
}

func (h *handler) skipDamaged(w http.ResponseWriter, r *http.Request) {
	skipped, err := h.Streams.SkipDamaged(loglake.StreamName(r.PathValue("name")))
	if err != nil {
		h.fail(w, err)
		return
	}
	out := Resumed{Condition: "resumed"}
	for _, s := range skipped {
		out.Skipped = append(out.Skipped, Skipped(s))
	}
	answer(w, http.StatusOK, out)
}

// resumeRoute is resume for a filter that copies into another log group.
func (h *handler) resumeRoute(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if skip := q.Get("skip"); skip != "damaged" {
		WriteError(w, loglake.Errorf(loglake.CodeInvalid, "skip is %q, and damaged is what can be skipped", skip))
		return
	}
	skipped, err := h.SkipRoute(loglake.GroupName(q.Get("group")), q.Get("filter"))
	if err != nil {
		h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, Resumed{Condition: "resumed", Skipped: skipped})
}

// failure is the body of an error.
type failure struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

var statuses = map[loglake.Code]int{
	loglake.CodeInvalid: http.StatusBadRequest, loglake.CodeNotFound: http.StatusNotFound, loglake.CodeExists: http.StatusConflict,
	loglake.CodeConflict: http.StatusConflict, loglake.CodeLimit: http.StatusTooManyRequests,
	loglake.CodeThrottled: http.StatusTooManyRequests, loglake.CodeUnsupported: http.StatusNotImplemented,
	loglake.CodeDenied: http.StatusForbidden, loglake.CodeUnavailable: http.StatusServiceUnavailable,
}

// WriteError answers with an error that may be told.
func WriteError(w http.ResponseWriter, e *loglake.Error) {
	code, ok := statuses[e.Code]
	if !ok {
		code = http.StatusInternalServerError
	}
	answer(w, code, failure{Error: e.Message, Hint: e.Hint})
}

func (h *handler) fail(w http.ResponseWriter, err error) {
	var e *loglake.Error
	if errors.Is(err, context.DeadlineExceeded) {
		answer(w, http.StatusGatewayTimeout, failure{Error: "the flush takes longer than this call waits; it goes on", Hint: "GET /v1/streams tells what holds it up"})
		return
	}
	if _, ok := statuses[loglake.CodeOf(err)]; ok && errors.As(err, &e) {
		WriteError(w, e)
		return
	}
	if errors.Is(err, context.Canceled) { // the client is gone, or the server stops
		answer(w, http.StatusServiceUnavailable, failure{Error: "the call ended before the work did; the work goes on"})
		return
	}
	h.OnError(err)
	answer(w, http.StatusInternalServerError, failure{Error: "internal error", Hint: "the server's log says more"})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // the client is gone: nobody is left to tell
}
