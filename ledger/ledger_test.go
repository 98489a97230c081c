package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
)

func batch(number int64) ledger.Batch {
	return ledger.Batch{
		Producer: "p", Number: number, Committed: 5,
		Ranges: []loglake.Range{{Source: "a", Journal: "j", From: 0, To: 6}, {Source: "b", Journal: "k", From: 10, To: 14}},
		Counts: ledger.Counts{
			Events: 10, Unmatched: 2, Control: 1, Consumed: 7, Records: 5, Unpacked: 4, Undecodable: 1, Messages: 9, Delivered: 7,
			Rejected: 2, Rows: 8,
		},
	}
}

func TestOnlyWhatBalancesIsKept(t *testing.T) {
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: ledger.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	insert := func(b ledger.Batch) error {
		return db.Update(t.Context(), "test", func(tx *state.Tx) error { return ledger.Insert(tx, b) })
	}
	for name, change := range map[string]func(*ledger.Batch){
		"an event too many":    func(b *ledger.Batch) { b.Counts.Events++ },
		"a range too long":     func(b *ledger.Batch) { b.Ranges[0].To++ },
		"an event unaccounted": func(b *ledger.Batch) { b.Counts.Unmatched-- },
		"a record unaccounted": func(b *ledger.Batch) { b.Counts.Unpacked-- },
		"a message lost":       func(b *ledger.Batch) { b.Counts.Delivered-- },
		"a message doubled":    func(b *ledger.Batch) { b.Counts.Rejected++ },
		"less than nothing":    func(b *ledger.Batch) { b.Counts.Unmatched, b.Counts.Consumed = -1, 10 },
		"batch 0":              func(b *ledger.Batch) { b.Number = 0 },
	} {
		b := batch(1)
		change(&b)
		if err := insert(b); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	for n := range int64(2) {
		if err := insert(batch(n + 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := insert(batch(2)); err == nil {
		t.Error("a batch was kept twice")
	}
	err = db.View(t.Context(), func(tx *state.Tx) error {
		all, err := ledger.Batches(tx, "p")
		if diff := cmp.Diff([]ledger.Batch{batch(1), batch(2)}, all); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		last, err := ledger.Last(tx, "p")
		if last != 2 || err != nil {
			t.Errorf("last is %d, %v", last, err)
		}
		want := batch(1).Counts
		want.Add(batch(2).Counts)
		of, err := ledger.Of(tx, "p")
		if diff := cmp.Diff(ledger.Producer{Producer: "p", Batches: 2, Last: 2, Committed: 5, Counts: want}, of); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		for number, at := range map[int64]loglake.Millis{1: 5, 3: 0} {
			if got, err := ledger.CommittedAt(tx, "p", number); got != at || err != nil {
				t.Errorf("batch %d was committed at %d, %v", number, got, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
