package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/rebuild"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/state"
)

// RebuildOptions say how a lost state is made again.
type RebuildOptions struct {
	Record        string             // s3://bucket/key or a file; "": the newest of the lake
	WithoutRecord bool               // go on where there is none: groups get new names, streams and tables have to be declared again
	Progress      func(read, of int) // of the objects; nil: nobody is told
	StateFS       disk.FS            // tests: where the state file is renamed; nil: the real one
}

// Rebuilt is a state that was made again.
type Rebuilt struct {
	Record    string         // where the record lay; "": there was none
	Written   loglake.Millis // when it was written
	Remade    *rebuild.Report
	Check     *check.Report // of the new state
	Installed bool          // it is the folder's state; otherwise it is at Path
	Path      string
	Aside     []string // what the files of the damaged state are called now
}

// The names of a state that is being made, and of one that was damaged.
const (
	stateName      = "state.db"
	stateNewName   = "state.db.new"
	stateAsideName = "state.db.damaged-"
)

// sqliteSuffixes end the names of the files that SQLite keeps for one database.
var sqliteSuffixes = []string{"", "-wal", "-shm"}

// unproven are the problems by which a new state contradicts itself. Others are about the bytes of journal and bucket.
var unproven = []string{"batch-gap", "range-gap", "position", "parts", "counts", "no-batch", "missing", "totals", "minutes"}

// Rebuild makes the state of a folder again, whose own is gone or damaged. It may be called again after any error, and after a
// crash at any moment. The folder is not to be in use.
func Rebuild(ctx context.Context, cfg Config, o RebuildOptions) (_ *Rebuilt, err error) {
	cfg = cfg.withDefaults()
	if o.StateFS == nil {
		o.StateFS = disk.Real()
	}
	b := &rebuilder{Server: &Server{cfg: cfg}, o: o, done: &Rebuilt{}}
	defer func() { err = errors.Join(err, b.Close()) }()
	if b.lock, err = cfg.FS.Lock(b.path("lock")); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{b.refuseGood, b.openRest, b.findRecord, b.makeState, b.remake, b.pad, b.prove} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if !b.done.Installed {
		return b.done, nil
	}
	if err := b.install(); err != nil {
		return nil, err
	}
	return b.done, nil
}

// rebuilder is one Rebuild. Its Server has only what is needed.
type rebuilder struct {
	*Server
	o      RebuildOptions
	record *record.Record // nil: none
	seen   int64          // the highest number of a record of the lake
	done   *Rebuilt
}

// refuseGood refuses a folder whose state is whole.
func (b *rebuilder) refuseGood(ctx context.Context) error {
	path := b.path(stateName)
	info, err := b.o.StateFS.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the state: %w", err)
	}
	if restored, err := b.restored(); err != nil || restored {
		return err
	}
	db, err := state.Open(ctx, state.Config{Path: path, Migrations: migrations(), Existing: true})
	if err == nil {
		err = errors.Join(db.Check(ctx), b.compareRecord(ctx, db), db.Close())
	}
	switch {
	case errors.Is(err, state.ErrDamaged), errors.Is(err, state.ErrBehind):
		return nil
	case err != nil:
		return err
	}
	return loglake.Errorf(loglake.CodeExists, "the state file %s is whole: there is nothing to make again", path).
		WithHint("to have it made again all the same, move it aside first, with state.db-wal and state.db-shm where they are there")
}

// restored tells whether the folder was restored from a backup and its buckets, which are in S3, were not.
func (b *rebuilder) restored() (bool, error) {
	_, err := b.cfg.FS.Stat(b.path(backup.RestoredName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return b.cfg.S3 != nil, err
}

// openRest opens all but the state.
func (b *rebuilder) openRest(ctx context.Context) (err error) {
	cfg := b.cfg
	if _, err := cfg.FS.Stat(b.path("journal")); errors.Is(err, fs.ErrNotExist) {
		return loglake.Errorf(loglake.CodeNotFound, "the folder %s has no journal: it is no loglake's, or the journal is lost too", cfg.Dir).
			WithHint("name the data folder with --data. Without a journal a state can't be made again; tables can be declared again over the objects of the bucket")
	}
	b.Journal, err = journal.Open(ctx, journal.Config{FS: cfg.FS, Dir: b.path("journal"), Clock: cfg.Clock, OnEvent: b.journalEvent})
	if err != nil {
		return err
	}
	if err := disk.MkdirAllDurable(cfg.FS, b.path("staging")); err != nil {
		return fmt.Errorf("make staging folder: %w", err)
	}
	return b.openStore()
}

// findRecord chooses the record.
func (b *rebuilder) findRecord(ctx context.Context) error {
	places := record.Places{FS: b.cfg.FS, Dir: b.cfg.Dir, Store: b.Store}
	if b.o.Record != "" {
		return b.take(ctx, places, []record.Candidate{record.ParsePlace(b.o.Record)})
	}
	lakes, err := places.Newest(ctx)
	if err != nil {
		return err
	}
	if len(lakes) > 1 {
		if lakes, err = b.ownLakes(ctx, places, lakes); err != nil {
			return err
		}
	}
	if len(lakes) > 1 {
		var all []string
		for _, candidates := range lakes {
			all = append(all, candidates[0].String())
		}
		slices.Sort(all)
		return loglake.Errorf(loglake.CodeConflict, "the buckets have records of %d lakes, and it can't be told which one's this folder is: %s", len(lakes), strings.Join(all, ", ")).
			WithHint("name the right one: `loglake check --rebuild --record %s`", all[0])
	}
	for _, candidates := range lakes {
		return b.take(ctx, places, candidates)
	}
	if b.o.WithoutRecord {
		return nil
	}
	return loglake.Errorf(loglake.CodeNotFound, "there is no record of the lake, in the folder or in the buckets: names of groups, streams, filters and tables are lost").
		WithHint("name a record with --record; or make the state again --without-record: log groups are then found under %s…, and streams, filters and tables have to be declared again, "+
			"as by `loglake serve` with the loglake.yaml", rebuild.RecoveredPrefix)
}

// take reads the first candidate that is whole. One that can't be looked at, or is a newer program's, is no reason to go by an
// older one.
func (b *rebuilder) take(ctx context.Context, places record.Places, candidates []record.Candidate) (err error) {
	for _, c := range candidates {
		b.seen = max(b.seen, c.Sequence)
		var failure error
		if b.record, failure = places.Read(ctx, c); failure == nil {
			b.done.Record, b.done.Written = c.String(), b.record.Written
			b.seen = max(b.seen, b.record.Sequence)
			return nil
		}
		err = errors.Join(err, fmt.Errorf("%s: %w", c, failure))
		if loglake.CodeOf(failure) != loglake.CodeInvalid && !errors.Is(failure, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// ownLakes leaves the lakes whose records name journals of this folder.
func (b *rebuilder) ownLakes(ctx context.Context, places record.Places, lakes map[string][]record.Candidate) (map[string][]record.Candidate, error) {
	here := map[string]bool{}
	for _, id := range b.Journal.Journals() {
		here[string(id)] = true
	}
	own := map[string][]record.Candidate{}
	for lake, candidates := range lakes {
		rec, err := places.Read(ctx, candidates[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", candidates[0], err)
		}
		positions := rec.Table("positions")
		column := slices.Index(positions.Columns, "journal")
		if column >= 0 && slices.ContainsFunc(positions.Rows, func(row []any) bool { id, ok := row[column].(string); return ok && here[id] }) {
			own[lake] = candidates
		}
	}
	if len(own) == 0 {
		return lakes, nil
	}
	return own, nil
}

// makeState makes the new state and fills it from the record: first with the tables as they were then, then brought up to
// date.
func (b *rebuilder) makeState(ctx context.Context) (err error) {
	path := b.path(stateNewName)
	for _, suffix := range sqliteSuffixes { // of an earlier try
		if err := b.o.StateFS.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what an earlier try left: %w", err)
		}
	}
	if b.record != nil {
		if err := b.load(ctx, path); err != nil {
			return err
		}
	}
	b.State, err = state.Open(ctx, state.Config{Path: path, Migrations: migrations(), Fault: b.cfg.StateFault})
	return err
}

func (b *rebuilder) load(ctx context.Context, path string) error {
	known := map[string]int{}
	for _, m := range migrations() {
		known[m.Package] = max(known[m.Package], m.Version)
	}
	for name, version := range b.record.Schema {
		if version > known[name] {
			return loglake.Errorf(loglake.CodeConflict, "the record was written by a newer loglake (tables of %s are version %d, this program knows %d)", name, version, known[name]).
				WithHint("use the newer one")
		}
	}
	steps := state.UpTo(migrations(), b.record.Schema)
	db, err := state.Open(ctx, state.Config{Path: path, Migrations: steps, Fault: b.cfg.StateFault})
	if err != nil {
		return err
	}
	err = db.Update(ctx, "rebuild.load", func(tx *state.Tx) error { return b.record.Load(tx, state.Recorded(steps)) })
	return errors.Join(err, db.Close())
}

// remake has package rebuild do its work.
func (b *rebuilder) remake(ctx context.Context) (err error) {
	cfg := b.cfg
	b.Commit = commit.New(commit.Config{FS: cfg.FS, Dir: b.path("staging"), State: b.State, Store: b.Store, Home: cfg.Home, Clock: cfg.Clock})
	b.Books = books.New(books.Config{Journal: b.Journal, Home: cfg.Home, Direct: delivery.DirectOf,
		Streams: func(tx *state.Tx) (map[loglake.ProducerID]loglake.StreamName, error) {
			return delivery.ProducersOf(tx, cfg.Home)
		},
	})
	r := rebuild.Config{State: b.State, Record: b.record, Journal: b.Journal, Store: b.Store, Commit: b.Commit, Home: cfg.Home, Clock: cfg.Clock, Progress: b.o.Progress}
	if b.record != nil {
		r.Lake = b.record.Lake
	}
	if b.done.Remade, err = rebuild.Run(ctx, r); err != nil {
		return err
	}
	b.lake = b.done.Remade.Lake
	return record.Adopt(ctx, b.State, b.lake, b.seen)
}

// pad fills a journal that ends before what was delivered of it, as one does that was restored from an older copy, or lost its
// tail: the numbers of events that are in objects must not be given again, or what gets them would count as delivered. Padding
// is events of a log stream that no group has.
func (b *rebuilder) pad(ctx context.Context) error {
	for id, end := range b.done.Remade.Beyond {
		for head := b.Journal.Head(id); head < end; head = b.Journal.Head(id) {
			var events journal.Builder
			for range min(int64(end-head), padMax) {
				events.Add(loglake.At(b.cfg.Clock()), nil)
			}
			if _, err := b.Journal.Append(ctx, journal.Put{Journal: id, Stream: journal.LostStream, Ingested: loglake.At(b.cfg.Clock()), Events: &events}); err != nil {
				return fmt.Errorf("pad journal %s: %w", id, err)
			}
		}
	}
	return nil
}

// padMax are the events of one put of padding.
const padMax = 10_000

// prove runs the checker on the new state. What the staging folder holds beside the intents is removed by the next start, and
// no problem.
func (b *rebuilder) prove(ctx context.Context) (err error) {
	if b.done.Check, err = b.Check(ctx); err != nil {
		return err
	}
	problems := b.done.Check.Problems
	b.done.Check.Problems = slices.DeleteFunc(problems, func(p check.Problem) bool { return p.Kind == "orphan" })
	b.done.Installed = !slices.ContainsFunc(problems, func(p check.Problem) bool { return slices.Contains(unproven, p.Kind) })
	b.done.Path = b.path(stateNewName)
	err = b.State.Close() // which leaves one file, synced
	b.State = nil
	return err
}

// install gives the new state its name. A damaged one is kept under another.
func (b *rebuilder) install() error {
	disks, path := b.o.StateFS, b.path(stateName)
	aside := stateAsideName + b.cfg.Clock().UTC().Format("20060102T150405.000")
	for _, suffix := range sqliteSuffixes {
		err := disks.Rename(path+suffix, b.path(aside+suffix))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("keep the damaged state: %w", err)
		}
		b.done.Aside = append(b.done.Aside, aside+suffix)
	}
	if err := disks.SyncDir(b.cfg.Dir); err != nil { // or the new state could be read with the log of the old one
		return fmt.Errorf("keep the damaged state: %w", err)
	}
	if err := disks.Rename(b.path(stateNewName), path); err != nil {
		return fmt.Errorf("give the new state its name: %w", err)
	}
	if err := disks.SyncDir(b.cfg.Dir); err != nil {
		return fmt.Errorf("give the new state its name: %w", err)
	}
	b.done.Path = filepath.Clean(path)
	return nil
}

func (c Config) withDefaults() Config {
	if c.FS == nil {
		c.FS = disk.Real()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.OnEvent == nil {
		c.OnEvent = func(Event) {}
	}
	return c
}
