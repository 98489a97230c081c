// Package delivery turns journals into objects. It alone knows the order of the stages:
//
//	journal ─► pattern ─► unpack ─► convert ─► commit
//
// A delivery stream reads its sources: the journal of the records put to it directly, and the journals of the log groups
// that are subscribed to it. What lies between a source's position and the head of its journal is the stream's buffer;
// there is no other. Read ahead of the position, the buffer is held as chunks: converted pieces of one source's range,
// immutable, visible to queries. A flush takes the chunks of a batch through package commit, which moves the positions.
//
// A worker per stream does all of this in one goroutine (worker.go), with the flush of one batch beside it. Its three
// moves are fill (journal to chunk, source.go), cut (chunks to a due batch) and flush (batch to objects, flush.go). After
// any failure it forgets its chunks, lets commit finish what was staged, and reads again from the positions: recovery is
// the normal path.
//
// A recipe (recipe.go) is a stream's configuration and its table's version taken together; every chunk and every batch
// has one, so a file never mixes types and a change waits for nobody. It also says how rows find their folder
// (partition.go): by the arrival of their batch, as on AWS, or by a column of their own.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Config is what a Streams is made of. Every field is needed unless its comment says what zero means.
type Config struct {
	FS      disk.FS // nil: the real one
	State   *state.DB
	Journal *journal.Log
	Groups  *loggroup.Groups
	Catalog *catalog.Catalog
	Commit  *commit.Committer
	Store   store.Store
	Home    loglake.Home
	Clock   loglake.Clock
	Scratch string // folder for exported hot chunks, wiped at start

	HotBytesMax   int64        // memory of all chunks together; 0: HotBytesDefault
	FlushBytesMax int64        // memory of the rows of one batch; 0: FlushBytesDefault
	OnEvent       func(Notice) // told of what an operator should know; nil: nobody
}

// Limits of this package.
const (
	HotBytesDefault = 128 << 20 // converted rows in memory, all streams together; beyond it chunks are read again when needed
	StreamsMax      = 5000      // delivery streams of an account
	TagsMax         = 50        // tags of a stream
	RecordBytesMax  = 1024000   // one record, before base64
	BatchRecordsMax = 500       // records of one PutRecordBatch
	BatchBytesMax   = 4 << 20   // bytes of one PutRecordBatch, before base64
	inflightBytes   = 64 << 20  // a worker stops reading ahead while a flush runs and this much waits behind it
	readBytes       = 4 << 20   // of a journal, at a time
	envelopeBytes   = 700 << 10 // messages in one subscription envelope, so that its gzip fits a record

	// FlushBytesDefault is the memory of one batch's rows, at which it is flushed whatever its buffer hints say: many rows
	// of few bytes in a wide table take far more memory than their messages have bytes.
	FlushBytesDefault = 160 << 20
)

// Notice is something an operator should know of a stream: what was seen, what it means, what mends it.
type Notice struct {
	Stream loglake.StreamName
	Kind   NoticeKind
	Text   string
	Err    error
}

// NoticeKind tells notices apart.
type NoticeKind string

// The kinds of notices.
const (
	NoticeMistake NoticeKind = "mistake" // records have a shape that the set-up does not handle
	NoticeHeld    NoticeKind = "held"    // the stream stopped because of it; nothing is lost
	NoticeRetry   NoticeKind = "retry"   // a step failed and is tried again
	NoticeBatch   NoticeKind = "batch"   // a batch was committed

	NoticePartitions NoticeKind = "partitions" // rows of a batch lie by their arrival, because of PartitionsMax
)

// Streams are the delivery streams of one loglake.
type Streams struct {
	cfg Config

	lifecycle sync.Mutex // held over each change of a stream: look-up, transaction, then memory

	// mu guards defs and workers; the definitions themselves are replaced whole, never changed.
	mu      sync.RWMutex
	defs    map[loglake.StreamName]*Definition
	workers map[loglake.StreamName]*worker
	running context.Context // set by Run: workers of new streams start under it
	group   sync.WaitGroup

	hotBytes atomic.Int64
	exports  atomic.Int64  // numbers the files in the scratch folder
	builds   chan struct{} // a token per flush that may build at once, which bounds memory
	reads    chan struct{} // a token per worker that may read and convert at once, likewise
}

// What streams may do at once, each with some MiB in memory.
const (
	buildsMax = 2 // build objects, each of FlushBytesMax at most
	readsMin  = 4 // read a piece of a journal and convert it; as many as there are processors, where these are more
)

// Open reads the stream definitions and wipes the scratch folder. Streams made by it take records at once; Run delivers.
func Open(ctx context.Context, cfg Config) (*Streams, error) {
	if cfg.FS == nil {
		cfg.FS = disk.Real()
	}
	if cfg.HotBytesMax == 0 {
		cfg.HotBytesMax = HotBytesDefault
	}
	if cfg.FlushBytesMax == 0 {
		cfg.FlushBytesMax = FlushBytesDefault
	}
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Notice) {}
	}
	if err := cfg.FS.RemoveAll(cfg.Scratch); err != nil {
		return nil, err
	}
	if err := cfg.FS.MkdirAll(cfg.Scratch); err != nil {
		return nil, err
	}
	if err := cfg.Commit.Sweep(ctx); err != nil {
		return nil, err
	}
	s := &Streams{cfg: cfg, workers: map[loglake.StreamName]*worker{}, builds: make(chan struct{}, buildsMax), reads: make(chan struct{}, max(readsMin, runtime.GOMAXPROCS(0)))}
	var err error
	s.defs, err = loadDefinitions(ctx, cfg.State, cfg.Home)
	if err != nil {
		return nil, err
	}
	for name, def := range s.defs {
		s.workers[name] = newWorker(s, def)
	}
	return s, errors.Join(s.sweepJournals(), s.sweepPositions(ctx))
}

// sweepJournals deletes the journals of streams that are gone: the end of a deletion that a crash cut short.
func (s *Streams) sweepJournals() error {
	wanted := map[loglake.JournalID]bool{}
	for _, def := range s.defs {
		wanted[def.Journal()] = true
	}
	for _, id := range s.cfg.Journal.Journals() {
		if strings.HasPrefix(string(id), journalPrefix) && !wanted[id] {
			if err := s.cfg.Journal.Delete(id); err != nil {
				return fmt.Errorf("delete the journal of a stream that is gone: %w", err)
			}
		}
	}
	return nil
}

// sweepPositions drops the positions of streams that are gone, which would hold back journals for ever: a filter that was
// made while its stream was deleted.
func (s *Streams) sweepPositions(ctx context.Context) error {
	alive := map[loglake.ProducerID]bool{}
	for _, def := range s.defs {
		alive[def.Producer] = true
	}
	return s.cfg.State.Update(ctx, "delivery.sweep", func(tx *state.Tx) error {
		all, err := position.All(tx, "")
		if err != nil {
			return err
		}
		for _, p := range all {
			if alive[p.Producer] || loggroup.IsRoute(p.Producer) {
				continue
			}
			if err := loggroup.DetachSubscriptions(tx, p.Producer); err != nil {
				return err
			}
			if err := position.Drop(tx, p.Producer, p.Source); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run delivers until ctx ends. Nothing is flushed at the end: what is buffered lies in the journals.
func (s *Streams) Run(ctx context.Context) error {
	s.mu.Lock()
	s.running = ctx
	for _, w := range s.workers {
		s.start(w)
	}
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	s.running = nil // no worker starts any more
	s.mu.Unlock()
	s.group.Wait()
	return ctx.Err()
}

// start runs a worker under Run's context; the caller holds mu.
func (s *Streams) start(w *worker) {
	if s.running == nil {
		return
	}
	ctx, cancel := context.WithCancel(s.running)
	w.cancel = cancel
	s.group.Go(func() {
		defer close(w.stopped)
		w.run(ctx)
	})
}

// Wake makes the worker of a producer look for changed subscriptions, every worker where producer is empty. loggroup
// calls it.
func (s *Streams) Wake(producer loglake.ProducerID) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, w := range s.workers {
		if producer == "" || s.defs[name].Producer == producer {
			w.wake()
		}
	}
}

// Resolve gives the stream that a subscription's destination ARN names. loggroup calls it when a filter is made.
func (s *Streams) Resolve(_ context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, def := range s.defs {
		if s.ARN(name) == arn {
			return name, def.Producer, nil
		}
	}
	return "", "", loglake.Errorf(loglake.CodeInvalid,
		"Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.")
}

// ARN gives a stream's ARN.
func (s *Streams) ARN(name loglake.StreamName) string {
	return s.cfg.Home.ARN("firehose", "deliverystream/"+string(name))
}

func (s *Streams) lookup(name loglake.StreamName) (*Definition, *worker, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	def, ok := s.defs[name]
	if !ok {
		return nil, nil, s.missing(name)
	}
	return def, s.workers[name], nil
}
