package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// TestSnapshot takes snapshots while puts go on and WAL files are settled, released and used again. Each opens without a
// complaint, and has what was acknowledged before it, event for event.
func TestSnapshot(t *testing.T) {
	r := newRig(t, func(cfg *journal.Config) { cfg.OnEvent = nil })
	const id = loglake.JournalID("j")
	r.must(r.log.Create(id))
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.log.Run(running) }()
	stop := make(chan struct{})
	var puts sync.WaitGroup
	puts.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			var b journal.Builder
			b.Add(1_700_000_000_000, fmt.Appendf(nil, "event %d of some length, so that files fill", n))
			if _, err := r.log.Append(ctx, journal.Put{Journal: id, Ingested: 1_700_000_000_000, Events: &b}); err != nil && loglake.CodeOf(err) != loglake.CodeThrottled { // settling is behind
				t.Error(err)
				return
			}
			if head := r.log.Head(id); n%200 == 199 {
				if err := r.log.Release(id, head-100, loglake.Millis(1<<62)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for round := range 6 {
		head := r.log.Head(id)
		dir := filepath.Join(t.TempDir(), fmt.Sprint(round))
		r.must(r.log.Snapshot(ctx, dir, func(take func() error) error { return take() }))
		cfg := r.cfg
		cfg.Dir, cfg.OnEvent = dir, func(e journal.Event) {
			if e.Kind == journal.EventDamaged || e.Kind == journal.EventTailCut {
				t.Errorf("round %d: %s %s: %v", round, e.Kind, e.File, e.Err)
			}
		}
		l, err := journal.Open(ctx, cfg)
		r.must(err)
		if got := l.Head(id); got < head {
			t.Errorf("round %d: it ends at %d, and %d were acknowledged before", round, got, head)
		}
		r.must(l.Check(ctx, func(p journal.Problem) { t.Errorf("round %d: %v", round, p) }))
		r.must(l.Close())
	}
	close(stop)
	puts.Wait()
	end()
	r.must(<-ended)
}
