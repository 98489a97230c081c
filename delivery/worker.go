package delivery

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
)

// worker delivers one stream. Its goroutine owns the fields of the last group; mu guards those before it, which queries
// and the API read.
type worker struct {
	streams *Streams
	stopped chan struct{} // closed when run has returned
	cancel  context.CancelFunc
	woken   chan struct{} // something changed: look again
	asked   chan *request
	done    chan *batch // the flush of a batch has ended

	mu          sync.Mutex
	definition  *Definition
	pending     []*batch // sealed chunks, oldest first; more than one only where the recipe changed
	inflight    *batch   // being flushed
	held        string
	mistake     mistake
	unplaced    string   // why rows go by arrival although a column is named; "" where they need not
	beyond      int64    // rows that did because of PartitionsMax
	extra       []string // keys of records that fill no column, up to convert.ExtraNamesMax
	refusal     string   // why the newest chunk with rejects has its first
	failure     string
	failing     loglake.Millis                      // since when; 0 where failure is ""
	hopeless    error                               // why a flush can't end until somebody does something
	troubles    map[loglake.SourceID]string         // sources that can't be read
	damaged     map[loglake.SourceID]damage         // those of them whose events are damaged
	skips       map[loglake.SourceID]loglake.Offset // up to where damaged events of a source are to be skipped
	flushed     loglake.Millis
	asIs        bool           // deliver what is held as it is
	resourced   bool           // subscriptions may have changed
	redefined   bool           // the definition has
	flushSoon   bool           // somebody asked for a flush and does not wait
	thin        bool           // rows that queries saw are read again: until a catch-up they are missing
	openBytes   int64          // in chunks that are still open
	openOldest  loglake.Millis // arrival of the oldest record in them
	openRejects int64
	openLanding int64 // records in them that will be delivered

	recipe   *recipe
	sources  map[loglake.SourceID]*source
	requests []*request
}

func newWorker(s *Streams, def *Definition) *worker {
	return &worker{
		streams: s, definition: def, stopped: make(chan struct{}), woken: make(chan struct{}, 1), asked: make(chan *request),
		done: make(chan *batch, 1), sources: map[loglake.SourceID]*source{}, troubles: map[loglake.SourceID]string{},
		damaged: map[loglake.SourceID]damage{}, skips: map[loglake.SourceID]loglake.Offset{},
	}
}

func (w *worker) def() *Definition {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.definition
}

// wake makes the worker look at its subscriptions again.
func (w *worker) wake() {
	w.mu.Lock()
	w.resourced = true
	w.mu.Unlock()
	w.nudge()
}

func (w *worker) nudge() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// redefine gives the worker a new definition.
func (w *worker) redefine(def *Definition) {
	w.mu.Lock()
	w.definition, w.redefined, w.held, w.asIs, w.mistake, w.extra = def, true, "", false, 0, nil
	w.mu.Unlock()
	w.nudge()
}

// stop ends the worker and waits for it.
func (w *worker) stop() {
	if w.cancel != nil {
		w.cancel()
		<-w.stopped
	}
}

// The worker tries again after these times when a step fails.
const (
	retryMin = 100 * time.Millisecond
	retryMax = 10 * time.Second
)

// run is the worker's life. It begins, and after ctx ends, with nothing but what is durable.
func (w *worker) run(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		err := w.begin(ctx)
		if err == nil {
			break
		}
		w.pause(ctx, attempt, err)
	}
	for attempt := 0; ctx.Err() == nil; {
		progress, err := w.step(ctx)
		switch {
		case err != nil:
			w.pause(ctx, attempt, err)
			attempt++
		case !progress:
			w.recovered()
			w.wait(ctx)
			attempt = 0
		}
	}
	if w.inflight != nil {
		<-w.done // its flush ends with ctx
	}
}

// begin finishes what an earlier life had staged, and reads the positions.
func (w *worker) begin(ctx context.Context) error {
	if err := w.streams.cfg.Commit.Resume(ctx, w.def().Producer); err != nil {
		return err
	}
	if err := w.loadSources(ctx); err != nil {
		return err
	}
	direct, ok := w.sources[loglake.DirectSource]
	if !ok {
		return fmt.Errorf("stream %s has no position; `loglake check` tells more", w.def().Name)
	}
	// The journal forgets what was released when it is opened again.
	return w.streams.releaseJournal(w.def(), direct.committed)
}

// step does what there is to do now, and tells whether it did anything.
func (w *worker) step(ctx context.Context) (progress bool, err error) {
	w.poll()
	if err := w.renew(ctx); err != nil {
		return false, err
	}
	if w.isHeld() {
		w.refuse()
		return false, nil
	}
	progress = w.fill(ctx)
	w.serve()
	w.measure()
	w.flushDue(ctx)
	if w.isHeld() { // since just now
		w.refuse()
	}
	return progress, w.retire(ctx)
}

// measure notes what lies in open chunks, for status.
func (w *worker) measure() {
	var bytes, rejects, landing int64
	var oldest loglake.Millis
	refusal := ""
	for _, src := range w.sources {
		if src.open != nil {
			bytes += src.open.bytes
			oldest = earlier(oldest, src.open.oldest)
			rejects += src.open.counts.Rejects()
			landing += src.open.counts.Delivered
			refusal = cmp.Or(src.open.refusal, refusal)
		}
	}
	w.mu.Lock()
	w.openBytes, w.openOldest, w.openRejects, w.openLanding = bytes, oldest, rejects, landing
	w.refusal = cmp.Or(refusal, w.refusal)
	w.mu.Unlock()
}

// renew takes up changes of the definition, the subscriptions and the table.
func (w *worker) renew(ctx context.Context) error {
	w.mu.Lock()
	redefined, resourced := w.redefined, w.resourced
	w.redefined, w.resourced = false, false
	w.mu.Unlock()
	if redefined {
		w.rewind()
	}
	if resourced || redefined {
		if err := w.loadSources(ctx); err != nil {
			w.mu.Lock()
			w.resourced = true // the next try looks again
			w.mu.Unlock()
			return err
		}
	}
	r, err := w.streams.recipe(ctx, w.def(), w.recipe)
	if err != nil {
		return err
	}
	if r != w.recipe {
		w.sealAll() // by the old recipe: a chunk has one
		w.recipe = r
		w.place(r.unplaced)
	}
	return nil
}

// place notes, and tells where it is new, why rows go by arrival although a column is named for their folders.
func (w *worker) place(unplaced string) {
	w.mu.Lock()
	told := w.unplaced == unplaced
	w.unplaced = unplaced
	w.mu.Unlock()
	if !told && unplaced != "" {
		w.streams.cfg.OnEvent(Notice{Stream: w.def().Name, Kind: NoticeMistake, Text: unplaced})
	}
}

// rewind forgets what was read and not yet flushed, so that it is read again by a new definition: what is buffered is
// delivered by the configuration in force at delivery.
func (w *worker) rewind() {
	w.mu.Lock()
	pending := w.pending
	w.pending = nil
	w.thin = w.thin || len(pending) > 0
	inflight := w.inflight
	w.mu.Unlock()
	for _, b := range pending {
		w.drop(b)
	}
	for id, src := range w.sources {
		if src.open != nil {
			w.streams.hotBytes.Add(-src.open.taken)
		}
		src.open, src.next = nil, src.committed
		if inflight == nil {
			continue
		}
		for _, r := range inflight.ranges() {
			if r.Source == id {
				src.next = r.To
			}
		}
	}
}

// behind tells whether the worker has read far enough ahead of a flush that is running, or of one that can't begin.
func (w *worker) behind() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inflight == nil {
		return false
	}
	var bytes, weight int64
	for _, b := range w.pending {
		bytes += b.bytes()
		weight += b.weight()
	}
	return bytes >= inflightBytes || weight >= w.streams.cfg.FlushBytesMax/2
}

// wait blocks until there may be something to do: events, a request, a change, the end of a flush, or a deadline.
func (w *worker) wait(ctx context.Context) {
	var deadline <-chan time.Time
	if at, ok := w.nextDeadline(); ok {
		timer := time.NewTimer(max(0, at.Sub(w.streams.cfg.Clock())))
		defer timer.Stop()
		deadline = timer.C
	}
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(w.woken)},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(deadline)},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(w.asked)},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(w.done)},
	}
	if !w.isHeld() && !w.behind() {
		for _, src := range w.sources {
			if src.until >= 0 && src.next >= src.until || w.streams.cfg.Clock().Before(src.blocked) {
				continue
			}
			notify := w.streams.cfg.Journal.Notify(src.feed.journalID)
			if w.readable(src) { // appended between the last read and now
				return
			}
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(notify)})
		}
	}
	switch i, value, _ := reflect.Select(cases); i {
	case 3:
		w.take(value.Interface().(*request))
	case 4:
		w.ended(value.Interface().(*batch))
	}
}

// nextDeadline is when a batch is due by age, counting chunks that are still open.
func (w *worker) nextDeadline() (at time.Time, ok bool) {
	if w.inflight != nil || w.isHeld() {
		return at, false
	}
	sooner := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	for _, b := range w.buffered() {
		sooner(b.deadline())
	}
	for _, src := range w.sources {
		if w.streams.cfg.Clock().Before(src.blocked) {
			sooner(src.blocked)
		}
	}
	return at, ok
}

// buffered gives the pending batches, the last with the open chunks of its recipe.
func (w *worker) buffered() []*batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append([]*batch(nil), w.pending...)
	var open []*chunk
	for _, src := range w.sources {
		if src.open != nil {
			open = append(open, src.open)
		}
	}
	if len(open) == 0 {
		return all
	}
	last := &batch{recipe: w.recipe}
	if n := len(all); n > 0 && all[n-1].recipe == w.recipe {
		*last = *all[n-1]
		all = all[:n-1]
	}
	last.chunks = append(append([]*chunk(nil), last.chunks...), open...)
	return append(all, last)
}

func (w *worker) isHeld() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held != ""
}

// pause tells of a failure and waits before the next try, longer each time.
func (w *worker) pause(ctx context.Context, attempt int, err error) {
	if ctx.Err() != nil {
		return
	}
	w.failed("delivery failed and is tried again", err)
	w.answer()
	timer := time.NewTimer(min(retryMax, retryMin<<min(attempt, 10)))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-w.woken:
			return
		case b := <-w.done:
			w.ended(b)
		case r := <-w.asked:
			w.take(r)
			w.answer()
		}
	}
}

// failed notes and tells of a failure that is tried again.
func (w *worker) failed(text string, err error) {
	w.mu.Lock()
	w.failure = err.Error()
	if w.failing == 0 {
		w.failing = loglake.At(w.streams.cfg.Clock())
	}
	w.mu.Unlock()
	w.streams.cfg.OnEvent(Notice{Stream: w.def().Name, Kind: NoticeRetry, Text: text, Err: err})
}

func (w *worker) recovered() {
	for _, src := range w.sources {
		if !src.blocked.IsZero() && w.streams.cfg.Clock().Before(src.blocked) {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inflight == nil {
		w.failure, w.failing = "", 0
	}
}

// notice tells of a recognised mistake, once until the definition changes.
func (w *worker) notice(m mistake) {
	if w.mistake == m {
		return
	}
	w.mistake = m
	w.streams.cfg.OnEvent(Notice{Stream: w.definition.Name, Kind: NoticeMistake, Text: m.text()})
}

// noteExtra remembers the keys of a chunk's records that fill no column. They are left out, as the service leaves them
// out; that they are is not kept secret.
func (w *worker) noteExtra(c *chunk) {
	for _, name := range c.extra {
		if len(w.extra) < convert.ExtraNamesMax && !slices.Contains(w.extra, name) {
			w.extra = append(w.extra, name)
		}
	}
}

func (w *worker) status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := Status{
		HotBytes: w.openBytes, Oldest: w.openOldest, HotRejects: w.openRejects,
		Name: w.definition.Name, Version: w.definition.VersionID(), Held: w.held, Mistake: w.mistake.text(),
		Failure: w.failure, Failing: w.failing, Flushed: w.flushed, Extra: slices.Clone(w.extra), Beyond: w.beyond,
	}
	if st.Mistake == "" {
		st.Mistake = w.unplaced
	}
	for _, trouble := range w.troubles {
		st.Failure = trouble
	}
	batches := w.pending
	if w.inflight != nil {
		batches = append([]*batch{w.inflight}, batches...)
	}
	landing := w.openLanding
	for _, b := range batches {
		st.Hot += len(b.chunks)
		counts := b.counts()
		st.HotRows += counts.Rows
		landing += counts.Delivered
		st.HotRejects += counts.Rejects()
		st.HotBytes += b.bytes()
		st.Oldest = earlier(st.Oldest, b.oldest())
	}
	if st.HotRejects > 0 {
		st.Refusal, st.AllRefused = w.refusal, landing == 0
	}
	return st
}
