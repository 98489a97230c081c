// Package rebuild makes a lost state again. Three things know what was in it:
//
//	the record      the small tables as of a moment ago: groups and their journals, filters, streams, tables (package record)
//	the bucket      each object says its batch: producer, number, ranges, counts, minutes (commit.Label)
//	the journal     every event that was put, and how far spools came; and the staging folder has what was staged
//
// Run goes through these steps:
//
//	scan.go      read every object whose key is of our grammar: its checksum, what it says, what its Parquet footer says
//	chain.go     put each producer's batches in order; tell what is missing between them, and where its sources stand. Pure
//	pending.go   the last batch of a producer may be half put: it is finished from the staging folder, or voided
//	define.go    definitions that changed after the record: what can be told of them, and what can't
//	write.go     one transaction: manifest, partitions, ledger, positions, intents
//
// What makes it right: a batch is staged only where the positions are at its beginning, so an object in the bucket proves
// that everything before its batch was committed; and a producer has one batch in the air at most, so only its last one may be
// unfinished. What can't be known is said in Report.Notes and never guessed. Nothing in bucket, journal and staging folder is
// changed: what has to be put or removed there is left as an intent to the server that starts on the new state.
package rebuild

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Config is what a state is made again from.
type Config struct {
	State   *state.DB // new; filled from Record already, where there is one
	Record  *record.Record
	Lake    string // whose objects are taken; "": that which the journals tell
	Journal *journal.Log
	Store   Objects
	Commit  *commit.Committer // of the staging folder
	Home    loglake.Home
	Clock   loglake.Clock
	// Progress is told how many objects were read, of how many. Nil: nobody is told.
	Progress func(read, of int)
}

// Objects is what is asked of a store.
type Objects interface {
	store.Getter
	store.Lister
	store.Buckets
}

// Report says what was made again, and what could not be.
type Report struct {
	Lake       string
	Objects    int // in the manifest
	Foreign    int // objects of other lakes, which were left alone
	Batches    int // of which all is known
	Gaps       int // rows that stand for batches of which not all is known
	Rows       int64
	Rejects    int64
	Partitions int // that objects opened and the record did not have
	Positions  int // that were moved beyond the record's
	Finishing  int // staged batches that the next start finishes
	Voiding    int // half-put batches that the next start takes back and delivers again
	Groups     int // recovered under another name
	// Beyond are the journals that end before what was delivered of them, with where they have to go on.
	Beyond map[loglake.JournalID]loglake.Offset
	Notes  []Note         // what is not known, or not as it was
	Tables map[string]int // rows of each table of the new state
}

// Note is something that a person should know.
type Note struct {
	Kind string // a short fixed word: unreadable, unknown-origin, foreign, gap, parts, stream, group, filter, journal, intent, bucket, log-stream
	Text string
}

func (r *Report) note(kind, format string, args ...any) {
	r.Notes = append(r.Notes, Note{kind, fmt.Sprintf(format, args...)})
}

// run is one Run.
type run struct {
	cfg    Config
	ctx    context.Context //nolint:containedctx // lives for one Run
	r      *Report
	before before
	found  []found
	left   map[loglake.ProducerID]commit.Batch // intents of the staging folder, by producer
	chains []*chain
}

// Run makes the state again. On an error the state is not to be used.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	r := &run{cfg: cfg, ctx: ctx, r: &Report{Lake: cfg.Lake}, left: map[loglake.ProducerID]commit.Batch{}}
	if cfg.Progress == nil {
		r.cfg.Progress = func(int, int) {}
	}
	for _, step := range []func() error{r.readBefore, r.scan, r.ownLake, r.readLeft, r.chainAll, r.write} {
		if err := step(); err != nil {
			return r.r, err
		}
	}
	return r.r, nil
}

// readLeft reads the intents of the staging folder. A producer may have several, of which the newest counts: others are
// left from batches whose files could not be removed.
func (r *run) readLeft() error {
	left, err := r.cfg.Commit.Left()
	if err != nil {
		return err
	}
	for _, b := range left {
		if old, ok := r.left[b.Producer]; !ok || b.Number > old.Number || b.Number == old.Number && b.Generation > old.Generation {
			r.left[b.Producer] = b
		}
	}
	return nil
}

// chainAll puts the batches of every producer in order.
func (r *run) chainAll() error {
	producers := r.group()
	for _, id := range slices.Sorted(maps.Keys(producers)) {
		c, err := r.chain(id, producers[id])
		if err != nil {
			return err
		}
		r.chains = append(r.chains, c)
	}
	return nil
}
