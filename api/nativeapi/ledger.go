package nativeapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/state"
)

// GET /v1/ledger is the account of every event (package books), for `loglake ledger` and the page. ?group=G and ?stream=S
// choose the rows of one log group or delivery stream, ?ended=true has those that do not change any more too.
// GET /v1/ledger/minutes has the sums by the minute of arrival, newest first: ?since and ?until are instants (RFC 3339),
// ?limit=N bounds how many.

// Ledger is the answer to GET /v1/ledger.
type Ledger struct {
	Balanced bool        `json:"balanced"`
	Rows     []books.Row `json:"rows"`
}

// LedgerMinutes is the answer to GET /v1/ledger/minutes.
type LedgerMinutes struct {
	Minutes []books.Minute `json:"minutes"`
}

// LedgerStatus is the ledger in a status.
type LedgerStatus struct {
	Balanced   bool        `json:"balanced"`
	Rows       int         `json:"rows"`       // accounts that were looked at
	Unbalanced []books.Row `json:"unbalanced"` // those that do not balance, UnbalancedMax at most
}

// UnbalancedMax is how many rows that do not balance a status shows.
const UnbalancedMax = 20

// LedgerMinutesMax bounds the minutes of an answer.
const LedgerMinutesMax = 50_000

func (h *handler) ledger(w http.ResponseWriter, r *http.Request) {
	q := books.Query{Group: loglake.GroupName(r.URL.Query().Get("group")), Stream: loglake.StreamName(r.URL.Query().Get("stream")),
		Ended: r.URL.Query().Get("ended") == "true"}
	rows, err := h.readBooks(r.Context(), q)
	if err == nil && len(rows) == 0 && (q.Group != "" || q.Stream != "") {
		err = loglake.Errorf(loglake.CodeNotFound, "there is no account of %q", string(q.Group)+string(q.Stream)).
			WithHint("GET /v1/ledger lists all")
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	out := Ledger{Balanced: true, Rows: []books.Row{}}
	for _, row := range rows {
		out.Balanced = out.Balanced && row.Balanced
		out.Rows = append(out.Rows, row)
	}
	answer(w, http.StatusOK, out)
}

func (h *handler) readBooks(ctx context.Context, q books.Query) (rows []books.Row, err error) {
	err = h.State.View(ctx, func(tx *state.Tx) error {
		rows, err = h.Books.Read(tx, q)
		return err
	})
	return rows, err
}

func (h *handler) ledgerStatus(ctx context.Context) (*LedgerStatus, error) {
	var rows []books.Row
	err := h.State.View(ctx, func(tx *state.Tx) (err error) {
		rows, err = h.Books.All(tx)
		return err
	})
	s := &LedgerStatus{Balanced: true, Rows: len(rows), Unbalanced: []books.Row{}}
	for _, row := range rows {
		if row.Balanced {
			continue
		}
		s.Balanced = false
		if len(s.Unbalanced) < UnbalancedMax {
			s.Unbalanced = append(s.Unbalanced, row)
		}
	}
	return s, err
}

func (h *handler) ledgerMinutes(w http.ResponseWriter, r *http.Request) {
	q := books.MinutesQuery{Limit: LedgerMinutesMax, Query: books.Query{Group: loglake.GroupName(r.URL.Query().Get("group")),
		Stream: loglake.StreamName(r.URL.Query().Get("stream"))}}
	var err error
	if q.From, err = instantOf(r, "since"); err == nil {
		q.To, err = instantOf(r, "until")
	}
	if text := r.URL.Query().Get("limit"); text != "" && err == nil {
		n, bad := strconv.Atoi(text)
		if bad != nil || n < 1 || n > LedgerMinutesMax {
			err = loglake.Errorf(loglake.CodeInvalid, "limit=%q is not a number from 1 to %d", text, LedgerMinutesMax)
		}
		q.Limit = n
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	out := LedgerMinutes{Minutes: []books.Minute{}}
	err = h.State.View(r.Context(), func(tx *state.Tx) error {
		minutes, err := h.Books.Minutes(tx, q)
		out.Minutes = append(out.Minutes, minutes...)
		return err
	})
	if err != nil {
		h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, out)
}

// instantOf reads an instant of a call's query; 0 where it is not given.
func instantOf(r *http.Request, name string) (loglake.Millis, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.UnixMilli() < 0 {
		return 0, loglake.Errorf(loglake.CodeInvalid, "%s=%q is not an instant such as 2025-12-03T10:15:00Z", name, text)
	}
	return loglake.At(t), nil
}
