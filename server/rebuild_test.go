package server_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/state"
)

// lose removes the state of a folder.
func lose(t *testing.T, dir string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "state.db"+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func (m *machine) rebuild(ctx context.Context) (*server.Rebuilt, error) {
	return server.Rebuild(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, StateFault: m.transaction, JournalBytes: 1 << 10}, server.RebuildOptions{})
}

// remake loses the state of a machine and makes it again.
func (c *client) remake(ctx context.Context, m *machine) {
	c.t.Helper()
	if _, err := os.Stat(filepath.Join(m.Dir, "state.db")); err != nil {
		return // the power went before there was one
	}
	if _, err := m.FS.Stat(filepath.Join(m.Dir, "record")); err != nil {
		return // and here before the lake had anything
	}
	lose(c.t, m.Dir)
	done, err := m.rebuild(ctx)
	if err != nil {
		c.t.Fatal("rebuild: ", err)
	}
	for _, p := range done.Check.Problems {
		c.t.Errorf("rebuild: %s: %s", p.Kind, p.Text)
	}
	for _, n := range done.Remade.Notes {
		if n.Kind != "intent" && n.Kind != "log-stream" { // what was put half is taken back; all else is known
			c.t.Errorf("rebuild: %s: %s", n.Kind, n.Text)
		}
	}
}

// TestRebuildAfterPowerCuts is the fault table again, with the power cut at a choice of its calls: each time the state is
// gone too. It is made again, and everything must be as if it had not been lost: what was answered is there once, what is
// sent again too.
func TestRebuildAfterPowerCuts(t *testing.T) {
	if testing.Short() && !faulttest.Full() {
		t.Skip("takes seconds: left out by -short")
	}
	root, record := t.TempDir(), faulttest.New(t)
	clean := oneFault(t, root, "clean", fault{lost: true})
	if t.Failed() {
		return
	}
	record.Choice()
	cases := slices.DeleteFunc(table(clean.sites(), true), func(f fault) bool {
		return !f.way.crash || *caseFlag != "" && !strings.HasPrefix(f.String(), *caseFlag)
	})
	const some = 40
	if !faulttest.Full() && *caseFlag == "" { // from all over the life, other ones in the other way
		every := max(1, len(cases)/some)
		kept := cases[:0]
		for i, f := range cases {
			if i%every == 0 {
				kept = append(kept, f)
			}
		}
		cases = kept
	}
	var reached atomic.Int64
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, f := range cases {
		f.lost, f.record = true, record
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if t.Failed() {
				return
			}
			t.Run(f.String(), func(t *testing.T) {
				if m := oneFault(t, root, fmt.Sprint("case", i), f); m != nil && m.hit.Load() {
					reached.Add(1)
				}
				if t.Failed() {
					t.Logf("again: go test ./server -run TestRebuildAfterPowerCuts -case '%s'", f)
				}
			})
		})
	}
	group.Wait()
	t.Logf("%d power cuts, %d of which were reached", len(cases), reached.Load())
	if reached.Load() < int64(len(cases)/2) {
		t.Errorf("%d of %d power cuts were reached", reached.Load(), len(cases))
	}
}

// dump gives all rows of all tables of a state.
func dump(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"), Migrations: server.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]string{}
	err = db.View(t.Context(), func(tx *state.Tx) error {
		names, err := tx.Tables()
		for _, name := range names {
			var columns []string
			tables[name] = []string{}
			err = errors.Join(err, tx.Dump(name, func(names []string) error { columns = names; return nil }, func(values []any) error {
				var row []string
				for i, v := range values {
					if !unknown[name+"."+columns[i]] {
						row = append(row, fmt.Sprintf("%s=%v", columns[i], v))
					}
				}
				tables[name] = append(tables[name], strings.Join(row, " "))
				return nil
			}))
			slices.Sort(tables[name])
		}
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return tables
}

// unknown are the columns whose values are not those of the lost state: a batch counts as committed when it was staged, and
// the order of objects is that of these times.
var unknown = map[string]bool{
	"ledger_batches.committed_at": true, "ledger_producers.committed_at": true, "manifest_objects.added_seq": true,
	"manifest_sequence.value": true, "record_lake.sequence": true,
}

// TestRebuildComparesTables lives a life, loses the state and makes it again, and holds table by table against what was
// lost.
func TestRebuildComparesTables(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	on, err := disktest.NewMachine(filepath.Join(t.TempDir(), "lake"), cancel)
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(on, fault{})
	c := &client{t: t, now: loglake.At(time.Now()), lost: true}
	if err := c.drive(ctx, m); err != nil {
		t.Fatal(err)
	}
	r, err := m.open(ctx) // what was staged is finished, what is drained retired
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.flush(ctx, r), r.Record.Save(ctx), r.close()); err != nil {
		t.Fatal(err)
	}
	before := dump(t, m.Dir)
	lose(t, m.Dir)
	done, err := m.rebuild(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !done.Installed || len(done.Check.Problems) > 0 {
		t.Errorf("the checker: %+v", done.Check)
	}
	after := dump(t, m.Dir)
	delete(before, "query_executions")
	for name := range maps.Keys(before) {
		if diff := cmp.Diff(before[name], after[name]); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	t.Logf("%+v", done.Remade.Tables)
	if n := len(after["manifest_objects"]); n < 10 || done.Remade.Objects != n {
		t.Errorf("%d objects, told are %d", n, done.Remade.Objects)
	}
	if _, err := m.rebuild(ctx); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("a good state was made again: %v", err)
	}
}

// TestEveryTableIsRecordedOrRemade holds that whoever adds a table says what becomes of it when the state is lost.
func TestEveryTableIsRecordedOrRemade(t *testing.T) {
	remade := []string{
		"commit_intents",                   // from the staging folder and the bucket
		"manifest_objects",                 // from the bucket
		"ledger_batches", "ledger_minutes", // from the objects
		"manifest_absences", // who follows the sequence begins again
		"query_executions",  // lost
		"state_migrations",  // made
	}
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: server.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	var names []string
	if err := db.View(t.Context(), func(tx *state.Tx) (err error) { names, err = tx.Tables(); return err }); err != nil {
		t.Fatal(err)
	}
	want := append(state.Recorded(server.Migrations()), remade...)
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("a table is neither recorded nor among those that are made again, or is both:\n%s", diff)
	}
}
