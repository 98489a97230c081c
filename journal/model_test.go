package journal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

var seedFlag = flag.Uint64("seed", 7, "of TestModel and of the power cuts in TestFaults")

// put is a put that the model made, answered or not.
type put struct {
	id       loglake.JournalID
	dedup    string
	messages []string
	acked    bool
	first    loglake.Offset // when acked
}

// model is what a client of the log knows, and the oracle over it.
type model struct {
	t       testing.TB
	puts    []*put
	floor   map[loglake.JournalID]loglake.Offset // as released
	deleted map[loglake.JournalID]bool           // a Delete was answered
	doomed  map[loglake.JournalID]bool           // a Delete was tried
	feeders []*feeder
}

func newModel(t testing.TB) *model {
	return &model{t: t, floor: map[loglake.JournalID]loglake.Offset{}, deleted: map[loglake.JournalID]bool{}, doomed: map[loglake.JournalID]bool{}}
}

func (m *model) clone() *model {
	c := &model{t: m.t, floor: maps.Clone(m.floor), deleted: maps.Clone(m.deleted), doomed: maps.Clone(m.doomed)}
	for _, p := range m.puts {
		q := *p
		c.puts = append(c.puts, &q)
	}
	for _, f := range m.feeders {
		g := *f
		c.feeders = append(c.feeders, &g)
	}
	return c
}

// send tries p once and notes the answer.
func (m *model) send(l *journal.Log, p *put, now time.Time) error {
	b := &journal.Builder{}
	for i, s := range p.messages {
		b.Add(loglake.At(now)+loglake.Millis(i), []byte(s))
	}
	a, err := l.Append(ctx, journal.Put{
		Journal: p.id, Stream: loglake.LogStreamName("s" + p.messages[0][:1]), Ingested: loglake.At(now), Dedup: p.dedup, Reply: []byte(p.dedup), Events: b,
	})
	if err != nil {
		return err
	}
	if a.Repeat && string(a.Reply) != p.dedup {
		m.t.Errorf("put %s: the repeat's reply is %q", p.dedup, a.Reply)
	}
	if p.acked && (a.First != p.first || !a.Repeat) {
		m.t.Errorf("put %s was answered %d, its repeat %+v", p.dedup, p.first, a)
	}
	if a.Count != len(p.messages) {
		m.t.Errorf("put %s: count %d of %d", p.dedup, a.Count, len(p.messages))
	}
	p.acked, p.first = true, a.First
	return nil
}

func (m *model) newPut(id loglake.JournalID, messages int) *put {
	p := &put{id: id, dedup: fmt.Sprint("call ", len(m.puts))}
	for i := range messages {
		p.messages = append(p.messages, fmt.Sprintf("%d of put %d %s", i, len(m.puts), strings.Repeat("filler ", len(m.puts)%9)))
	}
	m.puts = append(m.puts, p)
	return p
}

func (m *model) release(l *journal.Log, id loglake.JournalID, floor loglake.Offset) {
	m.floor[id] = max(m.floor[id], floor)
	if err := l.Release(id, m.floor[id], math.MaxInt64); err != nil {
		m.t.Error(err)
	}
}

func (m *model) delete(l *journal.Log, id loglake.JournalID) {
	m.doomed[id] = true
	if l.Delete(id) == nil {
		m.deleted[id] = true
	}
}

// contents is what a log holds.
type contents struct {
	byFirst map[string]string // the text at "journal offset"
	copies  map[string]int    // of "journal\ntext"
}

// read reads a journal from its oldest event to its head and holds it to be dense.
func (m *model) read(l *journal.Log, id loglake.JournalID, c contents, when string) {
	m.t.Helper()
	first, at := l.First(id), l.First(id)
	for at < l.Head(id) {
		blocks, err := l.Read(ctx, id, at, 3000)
		if err != nil || len(blocks) == 0 {
			m.t.Fatalf("%s: read %s from %d (head %d): %d blocks, %v", when, id, at, l.Head(id), len(blocks), err)
		}
		for _, b := range blocks {
			if b.First != at && at != first || b.End() <= at {
				m.t.Fatalf("%s: %s: block [%d,%d) follows %d", when, id, b.First, b.End(), at)
			}
			var messages []string
			for _, e := range b.Events() {
				messages = append(messages, string(e.Message))
			}
			text := strings.Join(messages, "\n")
			c.byFirst[fmt.Sprint(id, " ", b.First)] = text
			c.copies[string(id)+"\n"+text]++
			at = b.End()
		}
	}
}

// check is the oracle: every acknowledged put is in once at its offsets, unless released or deleted; every other at most
// once; nothing else is there; offsets are dense.
func (m *model) check(l *journal.Log, when string) {
	m.t.Helper()
	c := contents{byFirst: map[string]string{}, copies: map[string]int{}}
	for _, id := range l.Journals() {
		if m.deleted[id] {
			m.t.Errorf("%s: %s was deleted and is there", when, id)
		}
		if first := l.First(id); first > m.floor[id] {
			m.t.Errorf("%s: %s begins at %d, released up to %d", when, id, first, m.floor[id])
		}
		m.read(l, id, c, when)
		var counted int64
		for _, s := range l.Streams(id) {
			counted += s.Count
		}
		if m.floor[id] == 0 && loglake.Offset(counted) != l.Head(id) {
			m.t.Errorf("%s: log streams of %s have %d events of %d", when, id, counted, l.Head(id))
		}
	}
	m.checkBooks(l, when)
	m.checkPuts(l, c, when)
	for _, f := range m.feeders {
		f.check(m, l, when)
	}
	err := l.Check(ctx, func(p journal.Problem) { m.t.Errorf("%s: check: %v", when, p) })
	if err != nil {
		m.t.Errorf("%s: check: %v", when, err)
	}
}

func (m *model) checkPuts(l *journal.Log, c contents, when string) {
	m.t.Helper()
	known := map[string]bool{}
	for _, p := range m.puts {
		text := strings.Join(p.messages, "\n")
		key := string(p.id) + "\n" + text
		known[key] = true
		if c.copies[key] > 1 {
			m.t.Errorf("%s: %s of %s is there %d times", when, p.dedup, p.id, c.copies[key])
		}
		if !p.acked || m.doomed[p.id] {
			continue
		}
		end := p.first + loglake.Offset(len(p.messages))
		if end > m.floor[p.id] && c.byFirst[fmt.Sprint(p.id, " ", p.first)] != text {
			m.t.Errorf("%s: %s of %s was acknowledged at %d and is not there", when, p.dedup, p.id, p.first)
		}
		if l.Head(p.id) < end {
			m.t.Errorf("%s: the head of %s is %d, below an acknowledged end %d", when, p.id, l.Head(p.id), end)
		}
	}
	for key := range c.copies {
		if !known[key] && !strings.HasPrefix(key, feederJournals) {
			m.t.Errorf("%s: there is something that nobody put: %.60q", when, key)
		}
	}
}

// TestModel does random things to a log and compares it with what a client knows, over restarts.
func TestModel(t *testing.T) {
	for seed := *seedFlag; seed < *seedFlag+8; seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			r := newRig(t, func(c *journal.Config) { c.WALBytes, c.CacheBytes = 3000, 2000 })
			m := newModel(t)
			for step := range 300 {
				randomStep(r, m, rng)
				if step%20 == 0 {
					m.check(r.log, fmt.Sprint("step ", step))
				}
			}
			r.reopen()
			m.check(r.log, "end")
		})
	}
}

func randomStep(r *rig, m *model, rng *rand.Rand) {
	id := loglake.JournalID(fmt.Sprint("g", rng.IntN(6)))
	switch n := rng.IntN(100); {
	case n < 60:
		if !m.doomed[id] {
			if err := m.send(r.log, m.newPut(id, 1+rng.IntN(20)), r.now); err != nil {
				r.t.Error(err)
			}
		}
	case n < 70 && len(m.puts) > 0:
		if p := m.puts[max(0, len(m.puts)-1-rng.IntN(20))]; !m.doomed[p.id] {
			r.must(m.send(r.log, p, r.now)) // a repeat
		}
	case n < 78:
		if head := r.log.Head(id); head > 0 && !m.doomed[id] {
			m.release(r.log, id, loglake.Offset(rng.Int64N(int64(head)+1)))
		}
	case n < 90:
		r.must(r.log.Tidy(ctx))
	case n < 94:
		r.must(r.log.Settle(ctx))
	case n < 99:
		r.now = r.now.Add(time.Second)
		r.reopen()
	case rng.IntN(3) == 0:
		m.delete(r.log, id)
	}
}

// TestConcurrent runs writers, readers and the settler together; it is for the race detector, and compares sums.
func TestConcurrent(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.WALBytes, c.CacheBytes = 20_000, 10_000; c.OnEvent = nil })
	stop := r.run()
	const writers, puts = 8, 60
	done := make(chan error)
	for w := range writers {
		id := loglake.JournalID(fmt.Sprint("g", w%3))
		go func() {
			for i := range puts {
				if _, err := r.log.Append(ctx, journal.Put{Journal: id, Stream: "s", Events: builder(0, fmt.Sprint(w, i), strings.Repeat("y", 300))}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for k := range 3 {
		id := loglake.JournalID(fmt.Sprint("g", k))
		total := loglake.Offset(0)
		for w := range writers {
			if w%3 == k {
				total += 2 * puts
			}
		}
		go func() { done <- follow(r.log, id, total) }()
	}
	for range writers + 3 {
		r.must(<-done)
	}
	r.must(r.log.Tidy(ctx))
	r.must(stop())
	r.must(r.log.Check(ctx, func(p journal.Problem) { t.Error(p) }))
}

// run runs the settler until the function it gives is called.
func (r *rig) run() (stop func() error) {
	c, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- r.log.Run(c) }()
	return func() error { cancel(); return <-done }
}

// follow reads id from 0 to total as it grows, a little at a time.
func follow(l *journal.Log, id loglake.JournalID, total loglake.Offset) error {
	for at := loglake.Offset(0); at < total; {
		if err := l.Wait(ctx, id, at); err != nil {
			return err
		}
		blocks, err := l.Read(ctx, id, at, 500)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			if b.First != at {
				return fmt.Errorf("%s: block at %d, want %d", id, b.First, at)
			}
			at = b.End()
		}
		if len(blocks) == 0 {
			return errors.New("nothing to read below the head")
		}
	}
	return nil
}
