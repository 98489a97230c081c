// Package commit is the one protocol by which loglake makes objects: whatever fails and whenever, the events of a batch
// are in the bucket exactly once, and readers of the manifest see all of a batch or nothing.
//
// A batch goes through these steps, each one function:
//
//	build    write every object, rejects included, to the staging folder; fsync; checksum
//	stage    transaction 1: the intent. From here the batch is frozen bytes: conversion never runs for it again
//	put      publish the staged bytes under their final keys, never overwriting
//	commit   transaction 2: manifest, partitions, positions, ledger; the intent goes
//	release  remove the staged files
//
// Recovery is Resume: it runs put, commit and release for an intent that is there, by the very functions of the normal
// path, and Sweep removes staged files that no intent names. Freezing bytes and not inputs is what makes this right: a
// rebuilt object may differ from the first (another clock, another compressor, another order of equal rows), and a row
// that lands under another key on a retry is a duplicate that nobody sees.
//
// A staged batch whose bytes are damaged or gone can't be finished. Void (void.go) undoes it, and its events are delivered
// again under the same number by the next generation.
//
// What a failure means to the caller: after an error of Commit the caller does not know whether its batch was staged,
// put or even committed. It calls Resume for its producer until that answers nil, reads the positions again, and goes
// on from there.
package commit

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Publisher is what commit needs of a bucket store: PutFile publishes a durable local file under a key that is new,
// and answers nil where the key already holds the same bytes.
type Publisher interface {
	PutFile(ctx context.Context, bucket, key, path string, o store.PutFileOptions) error
	Get(ctx context.Context, bucket, key string) (store.Content, store.Object, error)
	Delete(ctx context.Context, bucket, key string) error
}

// Config is what a Committer is made of.
type Config struct {
	FS    disk.FS // nil: the real one
	Dir   string  // the staging folder; on the same filesystem as a directory bucket, so that a put is a rename
	State *state.DB
	Store Publisher
	Home  loglake.Home
	Clock loglake.Clock
	// Mend is what a person runs to have a damaged batch voided, for messages; "": `loglake check --repair`.
	Mend string
	Lake string // the id that objects say they are of; "": they say none
}

// Committer runs the protocol. Its methods may be called concurrently for different producers; calls for one producer
// must follow each other.
type Committer struct {
	cfg Config
}

// New makes a Committer. The staging folder is made by Sweep.
func New(cfg Config) *Committer {
	if cfg.FS == nil {
		cfg.FS = disk.Real()
	}
	if cfg.Mend == "" {
		cfg.Mend = "loglake check --repair"
	}
	return &Committer{cfg: cfg}
}

// Plan says what a batch is to hold. Number and Generation come from Next.
type Plan struct {
	Producer   loglake.ProducerID
	Number     int64
	Generation int // how often a batch of this number was voided before
	Ranges     []loglake.Range
	Counts     ledger.Counts
	Minutes    ledger.Minutes // the counts by source and minute of arrival
	Drafts     []Draft
	// Guard is asked within transaction 1 whether the batch may still be staged: its error refuses it, and nothing is
	// left of it. Nil: there is nothing to ask.
	Guard func(tx *state.Tx) error
}

// Draft is an object to be built.
type Draft struct {
	Bucket          string
	Key             string
	Kind            loglake.ObjectKind
	ContentEncoding string
	// Write writes the object's bytes and says what they hold. It is called once. A Parquet file has to have label in its
	// key-value metadata, beside what else it has there; for other kinds label is nil, and Commit has the store keep it.
	Write func(w io.Writer, label map[string]string) (Content, error)
}

// Content is what a draft's Write wrote.
type Content struct {
	Rows    int64
	Columns []loglake.ColumnBounds
}

// Batch is a batch that was staged: frozen bytes under their final names.
type Batch struct {
	Producer   loglake.ProducerID
	Number     int64
	Generation int `json:",omitempty"`
	Staged     loglake.Millis
	Ranges     []loglake.Range
	Counts     ledger.Counts
	Minutes    ledger.Minutes `json:",omitempty"`
	Objects    []StagedObject
	// Voiding is set once it is decided that the batch is voided: from there on it can only be undone.
	Voiding bool `json:",omitempty"`
}

// StagedObject is an object and where its bytes wait.
type StagedObject struct {
	loglake.Object
	ContentEncoding string            `json:",omitempty"`
	Metadata        map[string]string `json:",omitempty"` // that the store is to keep
	File            string            // name in the staging folder
}

// Next gives the number of a producer's next batch, and how often a batch of that number was voided before. It answers
// CodeConflict while a batch of the producer is staged and not committed: Resume finishes that one first.
func (c *Committer) Next(ctx context.Context, producer loglake.ProducerID) (number int64, generation int, err error) {
	err = c.cfg.State.View(ctx, func(tx *state.Tx) error {
		number, generation, err = next(tx, producer)
		return err
	})
	return number, generation, err
}

// Commit takes a plan through every step and gives the committed batch.
func (c *Committer) Commit(ctx context.Context, p Plan) (Batch, error) {
	b, err := c.build(p)
	if err != nil {
		c.discard(b) // nothing names these files, and Sweep would find what this leaves
		return Batch{}, err
	}
	if err := c.stage(ctx, b, p.Guard); err != nil {
		if Refused(err) {
			c.discard(b)
		}
		// Otherwise the transaction may have been committed all the same, so the files stay. Resume or Sweep decides.
		return Batch{}, err
	}
	return b, c.finish(ctx, b)
}

// finish takes a staged batch to its end. It may run any number of times, after any of its steps. The end of one that is
// being voided is that it never was.
func (c *Committer) finish(ctx context.Context, b Batch) error {
	if b.Voiding {
		_, err := c.undo(ctx, b)
		return err
	}
	if err := c.put(ctx, b); err != nil {
		return err
	}
	if err := c.commit(ctx, b); err != nil {
		return err
	}
	return c.release(b)
}

// Resume finishes what a producer has staged, if anything. After nil the producer has no batch in the air.
func (c *Committer) Resume(ctx context.Context, producer loglake.ProducerID) error {
	b, staged, err := c.stagedBy(ctx, producer)
	if err != nil {
		return err
	}
	if staged {
		if err := c.finish(ctx, b); err != nil {
			return fmt.Errorf("finish batch %s/%d: %w", b.Producer, b.Number, err)
		}
	}
	return c.sweepProducer(producer)
}

// sweepProducer removes what a producer without a staged batch has in the staging folder: a batch whose commit was done
// and reported failed has no intent any more, and its staged files are still there.
func (c *Committer) sweepProducer(producer loglake.ProducerID) error {
	return c.sweep(func(name string) bool { return strings.HasPrefix(name, string(producer)+"-") })
}

// Discard forgets a producer's staged batch: its intent goes, and its objects, where they were put already, are
// removed by drop. It is for the deletion of a delivery stream, which discards what is buffered.
func (c *Committer) Discard(ctx context.Context, producer loglake.ProducerID, drop func(bucket, key string) error) error {
	b, staged, err := c.stagedBy(ctx, producer)
	if err != nil || !staged {
		return err
	}
	for _, o := range b.Objects {
		if err := drop(o.Bucket, o.Key); err != nil {
			return fmt.Errorf("discard batch %s/%d: %w", b.Producer, b.Number, err)
		}
	}
	if err := c.forget(ctx, b); err != nil {
		return err
	}
	c.discard(b)
	return nil
}
