package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
)

func open(t *testing.T, path string, migrations []state.Migration) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: path, Migrations: migrations})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // a test may have closed it
	return db
}

func fresh(t *testing.T) *state.DB {
	return open(t, filepath.Join(t.TempDir(), "state.db"), ledger.Migrations())
}

func update(t *testing.T, db *state.DB, fn func(tx *state.Tx) error) error {
	t.Helper()
	return db.Update(t.Context(), "test", fn)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const day = ledger.SpanDay

// taken is n events of which half are left out, a fifth is late, and each other one is a row.
func taken(n int64) ledger.Counts {
	c := n - n/2
	return ledger.Counts{Events: n, Unmatched: n / 2, Consumed: c, Records: c, Unpacked: c, Messages: c, Delivered: c, Rows: c, Bytes: 10 * n, Late: n / 5}
}

// detailed is a batch that took events of two sources in three minutes.
func detailed(number int64) ledger.Batch {
	b := ledger.Batch{Producer: "p", Number: number, Committed: 5,
		Ranges: []loglake.Range{{Source: "a", Journal: "j", From: loglake.Offset(number-1) * 30, To: loglake.Offset(number) * 30},
			{Source: "b", Journal: "k", From: 7 + loglake.Offset(number-1)*10, To: 7 + loglake.Offset(number)*10}}}
	b.Minutes.Add("a", 3*day+1, taken(10))
	b.Minutes.Add("a", 3*day+59_999, taken(10))
	b.Minutes.Add("a", 3*day+60_000, taken(10))
	b.Minutes.Add("b", 4*day, taken(10))
	b.Counts = b.Minutes.Of("a")
	b.Counts.Add(b.Minutes.Of("b"))
	return b
}

// TestTotals adds batches to the totals of producers, sources and minutes.
func TestTotals(t *testing.T) {
	db := fresh(t)
	insert := func(b ledger.Batch) error {
		return update(t, db, func(tx *state.Tx) error { return ledger.Insert(tx, b) })
	}
	for name, change := range map[string]func(*ledger.Batch){
		"a minute too much":            func(b *ledger.Batch) { b.Minutes.Add("a", 0, taken(2)) },
		"a minute of another source":   func(b *ledger.Batch) { b.Minutes[1].Source = "b" },
		"a minute that does not begin": func(b *ledger.Batch) { b.Minutes[0].Start++ },
		"an hour":                      func(b *ledger.Batch) { b.Minutes[0].Span = 60 * ledger.SpanMinute },
		"more late events than events": func(b *ledger.Batch) { b.Minutes[0].Late, b.Counts.Late = 30, b.Counts.Late+26 },
		"a late event not in its sum":  func(b *ledger.Batch) { b.Counts.Late++ },
		"a byte not in its minutes":    func(b *ledger.Batch) { b.Counts.Bytes++ },
		"an unmatched one lost":        func(b *ledger.Batch) { b.Minutes[0].Unmatched-- },
	} {
		b := detailed(1)
		change(&b)
		if insert(b) == nil {
			t.Errorf("%s was kept", name)
		}
	}
	must(t, insert(detailed(1)))
	skipped := detailed(2)
	skipped.Ranges[0].From, skipped.Ranges[0].To = 31, 61
	if loglake.CodeOf(insert(skipped)) != loglake.CodeConflict {
		t.Error("the books of a source have a gap")
	}
	must(t, insert(detailed(2)))
	plain := detailed(3)
	plain.Minutes = nil // staged by an earlier version: nothing of this kind comes after one with minutes, and if it does
	must(t, insert(plain))
	if insert(detailed(4)) == nil {
		t.Error("what was counted without minutes is in the books of its source")
	}
	must(t, db.View(t.Context(), func(tx *state.Tx) error {
		sources, err := ledger.Sources(tx, "")
		must(t, err)
		want := []ledger.Source{
			{Producer: "p", Source: "a", Journal: "j", Began: 0, At: 60, Counts: ledger.Counts{}},
			{Producer: "p", Source: "b", Journal: "k", Began: 7, At: 27, Counts: ledger.Counts{}},
		}
		for range 2 {
			b := detailed(1)
			want[0].Counts.Add(b.Minutes.Of("a"))
			want[1].Counts.Add(b.Minutes.Of("b"))
		}
		if diff := cmp.Diff(want, sources); diff != "" {
			t.Error(diff)
		}
		sums, err := ledger.MinuteSums(tx)
		must(t, err)
		for i, s := range sums {
			if diff := cmp.Diff(want[i].Counts, s.Counts); diff != "" || s.Source != want[i].Source {
				t.Error(s.Source, diff)
			}
		}
		minutes, err := ledger.ByMinute(tx, "p", 3*day, 3*day+60_000, 10)
		if len(minutes) != 1 || minutes[0].Events != 40 || minutes[0].Late != 8 {
			t.Errorf("%+v", minutes)
		}
		must(t, err)
		of, err := ledger.Of(tx, "p")
		if of.Batches != 3 || of.Last != 3 || of.Detailed != 1 || of.Counts.Events != 120 {
			t.Errorf("%+v", of)
		}
		return err
	}))
}

// TestFold adds up days of minutes, one at a time, and loses nothing.
func TestFold(t *testing.T) {
	db := fresh(t)
	must(t, update(t, db, func(tx *state.Tx) error { return ledger.Insert(tx, detailed(1)) }))
	fold := func(before loglake.Millis) (rows int64) {
		must(t, update(t, db, func(tx *state.Tx) (err error) {
			rows, err = ledger.Fold(tx, before)
			return err
		}))
		return rows
	}
	list := func() (all []string) {
		must(t, db.View(t.Context(), func(tx *state.Tx) error {
			minutes, err := ledger.ByMinute(tx, "", 0, 10*day, 100)
			for _, m := range minutes {
				all = append(all, fmt.Sprintf("%s %d/%d: %d", m.Source, m.Start, m.Span, m.Events))
			}
			return err
		}))
		return all
	}
	want := func(what string, lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, list()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if n := fold(4*day - 1); n != 0 {
		t.Error("a day was folded that is not over:", n)
	}
	if n := fold(4 * day); n != 2 {
		t.Error("folded", n)
	}
	want("one day", fmt.Sprintf("b %d/60000: 10", 4*day), fmt.Sprintf("a %d/86400000: 30", 3*day))
	late := detailed(2) // comes after its day was folded
	must(t, update(t, db, func(tx *state.Tx) error { return ledger.Insert(tx, late) }))
	if n := fold(10 * day); n != 2 {
		t.Error("folded", n)
	}
	if n := fold(10 * day); n != 1 {
		t.Error("folded", n)
	}
	if n := fold(10 * day); n != 0 {
		t.Error("folded", n)
	}
	want("all", fmt.Sprintf("b %d/86400000: 20", 4*day), fmt.Sprintf("a %d/86400000: 60", 3*day))
}

// TestUpgrade makes the totals of a lake of the version before there were any.
func TestUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	old := open(t, path, ledger.Migrations()[:1])
	must(t, update(t, old, func(tx *state.Tx) error {
		for n := range 3 {
			_, err := tx.Exec(`INSERT INTO ledger_batches VALUES (?, ?, ?, '[{"Source":"a","Journal":"j","From":0,"To":10}]',
				10, 2, 1, 7, 5, 4, 1, 9, 7, 2, 8, 3)`, "p", n+1, 100+n)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, old.Close())
	db := open(t, path, ledger.Migrations())
	next := detailed(1)
	next.Number = 4
	must(t, update(t, db, func(tx *state.Tx) error { return ledger.Insert(tx, next) }))
	must(t, db.View(t.Context(), func(tx *state.Tx) error {
		all, err := ledger.Producers(tx)
		want := ledger.Counts{Events: 30, Unmatched: 6, Control: 3, Consumed: 21, Records: 15, Unpacked: 12, Undecodable: 3, Messages: 27, Delivered: 21, Rejected: 6, Rows: 24}
		want.Add(next.Counts)
		if diff := cmp.Diff([]ledger.Producer{{Producer: "p", Batches: 4, Last: 4, Committed: 5, Detailed: 4, Counts: want}}, all); diff != "" {
			t.Error(diff)
		}
		return err
	}))
}

// TestBounded adds up by the day what a source has too many minutes of, and leaves its last day and other sources alone.
func TestBounded(t *testing.T) {
	var m ledger.Minutes
	for i := range loglake.Millis(2 * 1440) {
		m = append(m, ledger.Minute{Source: "a", Start: day + i*ledger.SpanMinute, Span: ledger.SpanMinute, Counts: taken(10)})
	}
	m.Add("b", day, taken(10))
	b := m.Bounded()
	if len(b) != 1+1440+1 {
		t.Errorf("%d minutes", len(b))
	}
	for _, source := range []loglake.SourceID{"a", "b"} {
		if diff := cmp.Diff(m.Of(source), b.Of(source)); diff != "" {
			t.Error(source, diff)
		}
	}
	few := m[:1440]
	if diff := cmp.Diff(few, few.Bounded(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestAgainst(t *testing.T) {
	a, b := taken(10), taken(10)
	b.Late, b.Rows = 0, 1
	if got := a.Against(b); got != "5 row_count and not 1, 2 late and not 0" || a.Against(a) != "" {
		t.Error(got)
	}
}
