package books_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// rig is books over a real journal and a real state, in which tests write what they like.
type rig struct {
	*books.Books
	t       *testing.T
	db      *state.DB
	journal *journal.Log
}

func newRig(t *testing.T, rowsMax int) *rig {
	t.Helper()
	r := &rig{t: t}
	var err error
	r.db, err = state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"),
		Migrations: slices.Concat(position.Migrations(), ledger.Migrations(), loggroup.Migrations())})
	r.must(err)
	t.Cleanup(func() { r.must(r.db.Close()) })
	r.journal, err = journal.Open(t.Context(), journal.Config{Dir: t.TempDir(), Sync: journal.SyncNone})
	r.must(err)
	t.Cleanup(func() { r.must(r.journal.Close()) })
	r.Books = books.New(books.Config{Journal: r.journal, Home: loglake.Home{Account: "1", Region: "r"}, RowsMax: rowsMax,
		Streams: func(*state.Tx) (map[loglake.ProducerID]loglake.StreamName, error) {
			return map[loglake.ProducerID]loglake.StreamName{"p": "stream"}, nil
		},
		Direct: func(id loglake.JournalID) (loglake.ProducerID, bool) {
			producer, ok := strings.CutPrefix(string(id), "s-")
			return loglake.ProducerID(producer), ok
		}})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) write(fn func(tx *state.Tx) error) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), "test", fn))
}

func (r *rig) put(id loglake.JournalID, events int) {
	r.t.Helper()
	var b journal.Builder
	for range events {
		b.Add(1, []byte("event"))
	}
	_, err := r.journal.Append(r.t.Context(), journal.Put{Journal: id, Stream: "s", Events: &b})
	r.must(err)
}

// out gives the accounts that do not balance, with why.
func (r *rig) out(q books.Query) (lines []string) {
	r.t.Helper()
	r.must(r.db.View(r.t.Context(), func(tx *state.Tx) error {
		rows, err := r.Read(tx, q)
		for _, row := range rows {
			if !row.Balanced {
				lines = append(lines, row.Kind+": "+row.Problem)
			}
		}
		return err
	}))
	return lines
}

// batch is a batch of n events of source a, all of which became rows.
func batch(number, n int64) ledger.Batch {
	b := ledger.Batch{Producer: "p", Number: number, Committed: 7, Ranges: []loglake.Range{{Source: "a", Journal: "g", From: loglake.Offset(number-1) * 10, To: loglake.Offset(number-1)*10 + loglake.Offset(n)}}}
	b.Minutes.Add("a", 1, ledger.Counts{Events: n, Consumed: n, Records: n, Unpacked: n, Messages: n, Delivered: n, Rows: n})
	b.Counts = b.Minutes.Of("a")
	return b
}

// TestWhatDoesNotBalance puts each account out in turn.
func TestWhatDoesNotBalance(t *testing.T) {
	exec := func(statement string) func(tx *state.Tx) error {
		return func(tx *state.Tx) error { _, err := tx.Exec(statement); return err }
	}
	for _, c := range []struct {
		what string
		do   func(tx *state.Tx) error
		want []string
	}{
		{"nothing", exec("SELECT 1"), nil},
		{"the producer has more", exec("UPDATE ledger_producers SET events = events + 2, unmatched = 2"), []string{"stream: its batches have 12 events and not 10, 2 unmatched and not 0, as its sources have"}},
		{"the source has more", exec("UPDATE ledger_sources SET bytes = 9"), []string{"stream: its batches have 0 bytes and not 9, as its sources have"}},
		{"the position is elsewhere", exec("UPDATE positions SET at = 9"), []string{"subscription: its position is 9 and its books end at 10"}},
		{"the journal is older", exec("UPDATE ledger_sources SET at = 40, events = 40, unmatched = 30; UPDATE positions SET at = 40; UPDATE ledger_producers SET events = 40, unmatched = 30"),
			[]string{"subscription: it has taken events up to 40, and there are none from 20 on"}},
		{"the journal is gone", exec("UPDATE positions SET journal = 'x'; UPDATE ledger_sources SET journal = 'x'"), []string{"subscription: it has taken events up to 10, and the journal x is gone"}},
		{"the books of sources began later", exec("UPDATE ledger_producers SET events = events + 2, unmatched = 2, detailed = 2"), nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := newRig(t, 0)
			r.put("g", 20)
			r.write(func(tx *state.Tx) error {
				if err := position.Start(tx, position.Position{Producer: "p", Source: "a", Journal: "g", At: 10}); err != nil {
					return err
				}
				return ledger.Insert(tx, batch(1, 10))
			})
			r.write(c.do)
			if diff := cmp.Diff(c.want, r.out(books.Query{Ended: true})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDeletedMeanwhile deletes a journal between the state and the journals, as they are read: its source has ended since.
func TestDeletedMeanwhile(t *testing.T) {
	r := newRig(t, 0)
	r.put("g", 20)
	r.write(func(tx *state.Tx) error {
		if err := position.Start(tx, position.Position{Producer: "p", Source: "a", Journal: "g", At: 10}); err != nil {
			return err
		}
		return ledger.Insert(tx, batch(1, 10))
	})
	r.must(r.db.View(t.Context(), func(tx *state.Tx) error {
		r.must(r.journal.Delete("g"))
		rows, err := r.All(tx)
		for _, row := range rows {
			if !row.Balanced || row.Kind == books.KindSubscription && !row.Ended {
				t.Errorf("%+v", row)
			}
		}
		return err
	}))
}

// TestRowsMax refuses lists that are too long, and says what to ask for.
func TestRowsMax(t *testing.T) {
	r := newRig(t, 2)
	for _, id := range []loglake.JournalID{"g", "h", "s-p"} {
		r.put(id, 1)
	}
	for number := range int64(3) {
		b := batch(number+1, 10)
		b.Minutes[0].Start = loglake.Millis(number) * ledger.SpanMinute
		r.write(func(tx *state.Tx) error { return ledger.Insert(tx, b) })
	}
	r.must(r.db.View(t.Context(), func(tx *state.Tx) error {
		if _, err := r.Read(tx, books.Query{Ended: true}); loglake.CodeOf(err) != loglake.CodeLimit {
			t.Error("read:", err)
		}
		if _, err := r.Minutes(tx, books.MinutesQuery{}); loglake.CodeOf(err) != loglake.CodeLimit {
			t.Error("minutes:", err)
		}
		if minutes, err := r.Minutes(tx, books.MinutesQuery{Limit: 1}); err != nil || len(minutes) != 1 || minutes[0].Start.Minute() != 2 {
			t.Errorf("a minute: %+v, %v", minutes, err)
		}
		if minutes, err := r.Minutes(tx, books.MinutesQuery{From: ledger.SpanMinute, To: 2 * ledger.SpanMinute}); err != nil || len(minutes) != 1 || minutes[0].Stream != "stream" {
			t.Errorf("a minute: %+v, %v", minutes, err)
		}
		if all, err := r.Batches(tx); err != nil || len(all) != 2 || all[0].Ranges != "a:g[20,30)" {
			t.Errorf("batches: %+v, %v", all, err)
		}
		if rows, err := r.Read(tx, books.Query{Stream: "stream"}); err != nil || len(rows) != 2 || rows[0].Kind != books.KindRecords {
			t.Errorf("a stream: %+v, %v", rows, err)
		}
		return nil
	}))
}

// TestColumns holds the relations to what SQL and CSV need of them.
func TestColumns(t *testing.T) {
	r := newRig(t, 0)
	for _, table := range r.Tables() {
		seen := map[string]bool{}
		for _, c := range table.Columns {
			if c.Name == "" || c.Comment == "" || seen[c.Name] {
				t.Errorf("%s: column %+v has no name, no comment, or is there twice", table.Name, c)
			}
			seen[c.Name] = true
		}
	}
	at, n := time.Date(2025, 12, 3, 10, 15, 30, 500, time.UTC), int64(7)
	names, values := books.Header[books.Row](), books.Record(books.Row{Kind: "group", LastCommit: &at, Accepted: &n})
	if len(names) != len(values) {
		t.Fatalf("%d names and %d values", len(names), len(values))
	}
	got := map[string]string{}
	for i, name := range names {
		got[name] = values[i]
	}
	for name, want := range map[string]string{"kind": "group", "accepted": "7", "retained": "", "balanced": "false", "last_commit": "2025-12-03T10:15:30.0000005Z"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

// TestUnreadLog finds a file that the write-ahead log had put aside: the list has a row of it, which is out.
func TestUnreadLog(t *testing.T) {
	r := newRig(t, 0)
	dir := t.TempDir()
	r.must(os.MkdirAll(filepath.Join(dir, "wal"), 0o755))
	r.must(os.WriteFile(filepath.Join(dir, "wal", "0000000000000001.damaged"), nil, 0o644))
	log, err := journal.Open(t.Context(), journal.Config{Dir: dir, Sync: journal.SyncNone})
	r.must(err)
	t.Cleanup(func() { r.must(log.Close()) })
	r.Books = books.New(books.Config{Journal: log, Streams: func(*state.Tx) (map[loglake.ProducerID]loglake.StreamName, error) { return nil, nil },
		Direct: func(loglake.JournalID) (loglake.ProducerID, bool) { return "", false }})
	for _, q := range []books.Query{{}, {Group: "g"}} {
		if lines := r.out(q); len(lines) != 1 || !strings.HasPrefix(lines[0], "log: records can't be read in 1 of the write-ahead log's files") {
			t.Errorf("%+v: %v", q, lines)
		}
	}
}
