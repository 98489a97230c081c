// Package journal keeps the events of log groups and delivery streams: durable sequences with dense offsets, of which
// everything downstream is a position.
//
// A put is acknowledged after it is synced to the write-ahead log (WAL), of which a node has one: many puts of many
// journals share a sync. There is no writer goroutine: the first of the goroutines that wait writes and syncs for all.
// Compression and checksums are done by each on its own before it queues.
//
//	Append ─► encode, compress ─► queue ─► one writes and syncs for all ─► WAL file ─► Run settles ─► segments
//	                                                  └─► recent blocks, shared with the readers at the tail
//
// Settling rewrites a full WAL file into segments, which hold each journal's events together, compressed better, with an
// index; then the file is used again. Journals that had little in the file share a segment, and shared segments are
// merged, so that a thousand quiet journals don't make a thousand small files each time.
//
// What the files look like, and why each step of append, settle, recycle and release can fail or be cut by a crash
// without an acknowledged event being lost or there twice, is in docs/format/journal.md. The short form:
//
//   - A WAL file whose write or sync failed is never written or synced again. The header of the next file says where
//     the failed one ends.
//   - Offsets of a journal run without gaps through segments and WAL, so a WAL record whose offsets a segment covers
//     is known to be settled.
//   - Nothing is taken away before what replaces it, or the note of where the journal stands, is synced.
package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Sync says when a put is acknowledged.
type Sync int

const (
	SyncAlways Sync = iota // after it is on the disk
	SyncNone               // after it is written: a power cut may take it. For tests and benchmarks.
)

// Config of a Log.
type Config struct {
	FS         disk.FS       // nil: disk.Real()
	Dir        string        // made if it is missing
	Clock      loglake.Clock // nil: time.Now. Tells when a Dedup id is forgotten
	Sync       Sync
	WALBytes   int64       // size at which a WAL file is closed and another begun. 0: 64 MiB
	CacheBytes int64       // memory for blocks that were appended last. 0: 32 MiB
	QueueBytes int64       // of puts that wait to be written; beyond it Append answers CodeThrottled. 0: 64 MiB
	DedupBytes int64       // memory for the answers to puts with a Dedup id; beyond it the oldest are forgotten early. 0: 64 MiB
	BytesMax   int64       // of WAL records and segments, in all; beyond it Append answers CodeThrottled. 0: no limit. See below
	SpoolsMax  int         // spools whose positions are remembered. 0: 1,000,000. See Spool
	OnEvent    func(Event) // what an operator may want to know. Called from any goroutine; must not call the Log. nil: nobody does
}

// A limit on bytes must leave room for what is settled only when more has come: up to three WAL files may hold nothing that
// anybody needs, and still count. So a file is at most walShare of the limit, or puts might be refused for ever with all
// events delivered. On the disk the spares come on top, two files at most.
const walShare = 8

// Event is something that happened beside the calls.
type Event struct {
	Kind   EventKind
	File   string
	Offset int64 // byte offset in File
	Bytes  int64
	Count  int
	Err    error
}

// EventKind says what an Event is about.
type EventKind string

const (
	EventTailCut      EventKind = "tail cut"      // a crash left records that were never acknowledged at Offset of File
	EventDamaged      EventKind = "damaged"       // Err is a *CorruptError
	EventFileFailed   EventKind = "file failed"   // Err: a write or sync of File failed; it ends at Offset
	EventDiskFull     EventKind = "disk full"     // puts are refused from now on
	EventLimitReached EventKind = "limit reached" // Config.BytesMax: puts are refused from now on, of Bytes
	EventSpaceBack    EventKind = "space back"    // puts are taken again
	EventSettled      EventKind = "settled"       // File of Bytes was rewritten into segments
	EventMerged       EventKind = "merged"        // shared segments were merged into File
	EventSettleFailed EventKind = "settle failed" // Err; it is tried again

	EventSpoolsForgotten EventKind = "spools forgotten" // Count of them, unused for SpoolIdle, made room for others
)

// Log is all journals of a node. Its methods are safe for concurrent use.
type Log struct {
	cfg                    Config
	fs                     disk.FS
	walDir, segDir, ansDir string
	listing                string        // file: where each journal stands
	spoolFile              string        // where each spool stood when a WAL file was settled last
	wake                   chan struct{} // has the settler look
	zstd                   *zstd.Encoder // of segment pages
	unzstd                 *zstd.Decoder // the same; both are safe for concurrent use

	// Owned by the writer: the goroutine that holds the lead (see lead), or Open. It changes active under mu, under which
	// others look at it.
	active *walFile
	last   walHeader // seq and prevEnd say which file the next header seals, and where
	batch  []byte

	forgotten int            // spools since the last event about it
	swept     loglake.Millis // when forgetting was tried last

	buffers sync.Pool // *[]byte: for the records of puts

	full   atomic.Bool // the disk is full: puts are refused until a spare can be made
	refill sync.Mutex  // held while that is tried

	settleM sync.Mutex // held by the one that settles, merges or removes; guards kept and untidy
	kept    []answersFile
	untidy  bool // a segment that nothing points to may be on the disk: deleted journals are not forgotten

	mu       sync.Mutex // guards everything below
	closed   error
	leading  bool
	idle     chan struct{} // closed when leading ends after closed
	queue    []*waiter
	queued   int64
	inflight map[dedupKey]*waiter
	answers  answers
	journals map[loglake.JournalID]*journal // changed by the writer only
	deleted  map[loglake.JournalID]uint64   // last WAL file that may hold records of it
	watch    map[loglake.JournalID]chan struct{}
	sealed   []*walFile // not yet settled, oldest first
	aside    int        // settled WAL files that were put aside, with records that can't be read
	spares   []string
	nextSeq  uint64 // last number given to a WAL file
	segments map[*segment]struct{}
	nextSeg  uint64 // last number given to a segment
	bytes    int64  // on the disk: WAL records and segments
	beyond   bool   // the last put found bytes at the limit
	recent   recent
	met      map[string]bool // damaged places that readers went around
	spools   int             // remembered, but for the server's own

	moves, keptMoves int64 // changes of spools, and how many of them are in the spools file
	turns, keptTurns int64 // calls of Turn, and how many of them are in the listing

	gone         Books // of the journals that are deleted
	goneJournals int64
}

// Open opens the journals in cfg.Dir and recovers what a crash left: it cuts the WAL's torn tail and reads the index of
// each segment. Damage is told to cfg.OnEvent and met again by whoever reads there; it does not keep a Log from opening.
// Puts work at once; Run is needed for settling and for giving space back.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.FS == nil {
		cfg.FS = disk.Real()
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.WALBytes == 0 {
		cfg.WALBytes = walBytesDefault
	}
	if cfg.BytesMax > 0 {
		cfg.WALBytes = min(cfg.WALBytes, max(cfg.BytesMax/walShare, walBytesMin))
	}
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = cacheBytesDefault
	}
	if cfg.QueueBytes == 0 {
		cfg.QueueBytes = queueBytesDefault
	}
	if cfg.DedupBytes == 0 {
		cfg.DedupBytes = dedupBytesDefault
	}
	if cfg.SpoolsMax == 0 {
		cfg.SpoolsMax = spoolsDefault
	}
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Event) {}
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("make zstd decoder: %w", err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("make zstd encoder: %w", err)
	}
	l := &Log{
		cfg: cfg, fs: cfg.FS, zstd: enc, unzstd: dec,
		walDir:  filepath.Join(cfg.Dir, "wal"),
		segDir:  filepath.Join(cfg.Dir, "segments"),
		ansDir:  filepath.Join(cfg.Dir, "answers"),
		listing: filepath.Join(cfg.Dir, "journals"),

		spoolFile: filepath.Join(cfg.Dir, "spools"),

		wake:     make(chan struct{}, 1),
		inflight: map[dedupKey]*waiter{},
		answers:  answers{byKey: map[dedupKey]*answer{}, most: cfg.DedupBytes},
		journals: map[loglake.JournalID]*journal{},
		deleted:  map[loglake.JournalID]uint64{},
		watch:    map[loglake.JournalID]chan struct{}{},
		segments: map[*segment]struct{}{},
		met:      map[string]bool{},
		recent:   recent{max: cfg.CacheBytes},
	}
	if err := l.recover(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Run settles WAL files and removes what was released, until ctx ends; then it fails the puts that wait and those to
// come, and returns nil. What fails is told to OnEvent and tried again.
func (l *Log) Run(ctx context.Context) error {
	const retryMin, retryMax = 100 * time.Millisecond, 10 * time.Second
	retry := retryMin
	for {
		var again <-chan time.Time
		if err := l.tidy(ctx); err != nil && ctx.Err() == nil {
			l.cfg.OnEvent(Event{Kind: EventSettleFailed, Err: err})
			again = time.After(retry)
			retry = min(2*retry, retryMax)
		} else {
			retry = retryMin
		}
		select {
		case <-ctx.Done():
			l.stop()
			return nil
		case <-l.wake:
		case <-again:
		}
	}
}

// stop fails the puts that wait and those to come, and returns when no write is under way.
func (l *Log) stop() {
	l.mu.Lock()
	if l.closed == nil {
		l.closed = errClosed()
		l.idle = make(chan struct{})
		for id, ch := range l.watch {
			close(ch)
			delete(l.watch, id)
		}
		if !l.leading {
			l.failQueue(l.closed)
			close(l.idle)
		}
	}
	idle := l.idle
	l.mu.Unlock()
	<-idle
}

// Close ends the use of l. Blocks that were read stay valid.
func (l *Log) Close() error {
	l.stop()
	l.settleM.Lock()
	defer l.settleM.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	files := l.sealed
	if l.active != nil {
		files = append(files, l.active)
		l.active = nil
	}
	l.sealed = nil
	l.unzstd.Close()
	for _, w := range files {
		l.retire(w)
	}
	return nil
}

// retire closes w when its last reader is done. The caller holds mu.
func (l *Log) retire(w *walFile) {
	w.gone = true
	if w.refs == 0 && w.file != nil {
		w.file.Close()
	}
}

func (l *Log) wakeSettler() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
