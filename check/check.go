// Package check is the checker: it holds journals, positions, ledger, manifest, staging folder and bucket against each
// other and tells every place where they disagree. `loglake check` runs it, and so does every crash test after every
// step: it is the one definition of what "nothing lost, nothing doubled" means.
//
// What it proves, for every producer:
//
//   - the ranges of its committed batches follow each other without gap or overlap, per source, up to the position;
//   - from the position on, the journal still holds every event;
//   - no route (a filter into another log group) has copied further than its source goes: what came next would be skipped;
//   - each batch's objects are all in the manifest, and hold as many rows and rejects as its ledger row says;
//   - each object of the manifest is in the bucket, whole, with the bytes that were staged;
//   - no object with a key of ours is in the bucket that neither the manifest nor an intent names;
//   - every staged file belongs to an intent, and every intent's bytes are there;
//   - every journal block is readable, its checksum right, and the journal's books have as many events as its blocks;
//   - every row of the ledger balances (package books); the totals of a producer are the sum of its batches and of its
//     sources, the minutes of a source add up to its totals; and where the journal still has all events of a source, they
//     give the same numbers by the minute when they are counted again: events, bytes, late ones, and by the filter's pattern
//     those that it leaves out.
//
// The kinds of problems: batch-gap, range-gap, position, journal-lost, route, parts, counts, no-batch, object (its bytes are
// others), missing (it is not in the bucket), stray, staged, orphan, journal. Repair (repair.go) has an answer to each.
//
// Together with the acknowledgement after fsync this says: every acknowledged event is in the journal, or in exactly one
// committed object, or counted as reject.
package check

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Config is what is checked. Nothing may write to it meanwhile.
type Config struct {
	State   *state.DB
	Journal *journal.Log
	Store   store.Store
	Commit  *commit.Committer
	Books   *books.Books
	Lake    string // its id: objects that say another are left alone
}

// Problem is one disagreement.
type Problem struct {
	Kind string // a short fixed word, for counting
	Text string // what was seen and what it means
	// What it is about, as far as Repair needs it.
	Producer loglake.ProducerID `json:",omitempty"`
	Bucket   string             `json:",omitempty"`
	Key      string             `json:",omitempty"`
}

// Report is what a check looked at and found.
type Report struct {
	Producers int
	Batches   int
	Objects   int
	Events    int64 // in committed batches
	Rows      int64
	Rejects   int64
	Buffered  int64 // events between positions and heads
	Foreign   int   // objects of other lakes, which share a bucket
	Gaps      int   // batches of which a state that was made again does not know all
	Removed   int   // objects that others have taken out of the bucket, and queries have taken note of
	Problems  []Problem
}

type checker struct {
	cfg Config
	ctx context.Context //nolint:containedctx // lives for one Run
	r   *Report

	account   account
	batches   []ledger.Batch
	positions []position.Position
	routes    []loggroup.Route
	staged    []commit.Batch
	gaps      map[string]ledger.Gap     // by batch; of a state that was made again
	manifest  map[string]loglake.Object // by bucket and key
	removed   []loglake.Object          // once in the manifest, found missing from the bucket since and told then
	buckets   []store.Bucket
	own       map[string]bool // buckets that hold objects of the manifest
}

// Run checks everything. Its error is about the check itself; what it finds wrong is in the report.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	c := &checker{cfg: cfg, ctx: ctx, r: &Report{}, manifest: map[string]loglake.Object{}, own: map[string]bool{}}
	for _, step := range []func() error{c.read, c.ranges, c.counts, c.ledger, c.objects, c.strays, c.intents, c.journals} {
		if err := step(); err != nil {
			return c.r, err
		}
	}
	return c.r, nil
}

func (c *checker) problem(kind, format string, args ...any) {
	c.about(Problem{Kind: kind}, format, args...)
}

func (c *checker) about(p Problem, format string, args ...any) {
	p.Text = fmt.Sprintf(format, args...)
	c.r.Problems = append(c.r.Problems, p)
}

func place(bucket, key string) string { return bucket + "/" + key }

// read takes one snapshot of the state.
func (c *checker) read() (err error) {
	if c.buckets, err = c.cfg.Store.ListBuckets(c.ctx); err != nil && !errors.Is(err, store.ErrForbidden) {
		return err
	}
	return c.cfg.State.View(c.ctx, func(tx *state.Tx) error {
		if c.batches, err = ledger.Batches(tx, ""); err != nil {
			return err
		}
		if c.positions, err = position.All(tx, ""); err != nil {
			return err
		}
		if c.routes, err = loggroup.RoutesOf(tx); err != nil {
			return err
		}
		if c.staged, err = commit.StagedTx(tx); err != nil {
			return err
		}
		gaps, err := ledger.Gaps(tx)
		if err != nil {
			return err
		}
		c.gaps = map[string]ledger.Gap{}
		for _, g := range gaps {
			c.gaps[batchID(g.Producer, g.Batch)] = g
		}
		if err := c.readAccount(tx); err != nil {
			return err
		}
		return c.readManifest(tx)
	})
}

func (c *checker) readManifest(tx *state.Tx) error {
	buckets, err := catalog.ManifestBuckets(tx) // also those that are gone
	if err != nil {
		return err
	}
	for _, bucket := range buckets {
		if !slices.ContainsFunc(c.buckets, func(b store.Bucket) bool { return b.Name == bucket }) {
			if there, err := c.cfg.Store.HasBucket(c.ctx, bucket); err != nil {
				return err
			} else if there { // all can't be listed
				c.buckets = append(c.buckets, store.Bucket{Name: bucket})
			}
		}
		c.own[bucket] = true
		objects, err := catalog.ObjectsUnder(tx, bucket, "")
		if err != nil {
			return err
		}
		for _, o := range objects {
			c.manifest[place(o.Bucket, o.Key)] = o
		}
		removed, err := catalog.RemovedUnder(tx, bucket, "")
		if err != nil {
			return err
		}
		c.removed = append(c.removed, removed...)
	}
	return nil
}

func batchID(p loglake.ProducerID, batch int64) string { return fmt.Sprintf("%s/%d", p, batch) }

type sourceOf struct {
	producer loglake.ProducerID
	source   loglake.SourceID
}

// ranges holds the ranges of the batches, the positions and the journals against each other.
func (c *checker) ranges() error {
	ends := map[sourceOf]loglake.Offset{}
	producers := map[loglake.ProducerID]int64{}
	for _, b := range c.batches {
		first := b.Number
		if g, ok := c.gaps[batchID(b.Producer, b.Number)]; ok {
			first = g.First
		}
		if first != producers[b.Producer]+1 {
			c.problem("batch-gap", "producer %s: batch %d follows batch %d", b.Producer, b.Number, producers[b.Producer])
		}
		producers[b.Producer] = b.Number
		c.r.Batches++
		c.r.Events += b.Counts.Events
		c.r.Rows += b.Counts.Rows
		c.r.Rejects += b.Counts.Rejects()
		for _, r := range b.Ranges {
			at := sourceOf{b.Producer, r.Source}
			if end, ok := ends[at]; ok && end != r.From {
				c.problem("range-gap", "producer %s: batch %d takes %s, and the batch before it ended at %d", b.Producer, b.Number, r, end)
			}
			ends[at] = r.To
		}
	}
	c.r.Producers, c.r.Removed = len(producers), len(c.removed)
	for _, p := range c.positions {
		if end, ok := ends[sourceOf{p.Producer, p.Source}]; ok && end != p.At {
			c.problem("position", "producer %s, source %s: the position is %d and its batches end at %d", p.Producer, p.Source, p.At, end)
		}
		first, head := c.cfg.Journal.First(p.Journal), c.cfg.Journal.Head(p.Journal)
		if p.At < first || p.At > head {
			c.problem("journal-lost", "producer %s, source %s: the position is %d and journal %s holds [%d,%d)",
				p.Producer, p.Source, p.At, p.Journal, first, head)
		}
		c.r.Buffered += max(0, int64(head-p.At))
	}
	for _, r := range c.routes {
		if at, head := loggroup.CopiedUntil(c.cfg.Journal, &r.Subscription), c.cfg.Journal.Head(r.Journal); at > head {
			c.problem("route", "the route of filter %s from log group %s into %s has copied up to %d and its source ends at %d: one of the two was restored from an older copy",
				r.Filter, r.Group, r.Into, at, head)
		}
	}
	return nil
}

// counts holds the objects of every batch against its ledger row.
func (c *checker) counts() error {
	type sum struct{ rows, plain, rejects, parts, objects int64 }
	sums := map[string]sum{}
	for _, o := range slices.AppendSeq(slices.Clone(c.removed), maps.Values(c.manifest)) {
		s := sums[batchID(o.Producer, o.Batch)]
		s.objects++
		s.parts = int64(o.Parts)
		switch o.Kind {
		case loglake.ObjectParquet:
			s.rows += o.Rows
		case loglake.ObjectPlain:
			s.plain += o.Rows
		case loglake.ObjectRejects:
			s.rejects += o.Rows
		}
		sums[batchID(o.Producer, o.Batch)] = s
	}
	for _, b := range c.batches {
		s := sums[batchID(b.Producer, b.Number)]
		delete(sums, batchID(b.Producer, b.Number))
		if g, ok := c.gaps[batchID(b.Producer, b.Number)]; ok {
			c.r.Gaps += int(g.Batch - g.First + 1)
			continue // its row says less than its objects did
		}
		if s.objects != s.parts {
			c.problem("parts", "batch %s/%d has %d of its %d objects in the manifest", b.Producer, b.Number, s.objects, s.parts)
		}
		if s.rows != b.Counts.Rows || s.rejects != b.Counts.Rejects() || s.rows == 0 && s.plain != b.Counts.Delivered {
			c.problem("counts", "batch %s/%d: its objects hold %d rows, %d plain records and %d rejects; the ledger says %d, %d and %d",
				b.Producer, b.Number, s.rows, s.plain, s.rejects, b.Counts.Rows, b.Counts.Delivered, b.Counts.Rejects())
		}
	}
	for batch := range sums {
		c.problem("no-batch", "the manifest has objects of batch %s, which the ledger does not know", batch)
	}
	return nil
}

// objects reads every object of the manifest from the bucket.
func (c *checker) objects() error {
	for at, o := range c.manifest {
		c.r.Objects++
		err := c.object(o)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.about(Problem{Kind: "missing", Bucket: o.Bucket, Key: o.Key}, "%s: the manifest has it and the bucket has not: somebody removed it", at)
		case err != nil:
			c.about(Problem{Kind: "object", Bucket: o.Bucket, Key: o.Key}, "%s: %v", at, err)
		}
	}
	return nil
}

func (c *checker) object(o loglake.Object) (err error) {
	content, _, err := c.cfg.Store.Get(c.ctx, o.Bucket, o.Key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.Copy(h, content)
	if err != nil {
		return err
	}
	if n != o.Bytes || h.Sum32() != o.CRC32C {
		return fmt.Errorf("it has %d bytes with checksum %08x, committed were %d with %08x", n, h.Sum32(), o.Bytes, o.CRC32C)
	}
	return nil
}

// strays looks for objects with keys of ours that nothing names.
func (c *checker) strays() error {
	named := map[string]bool{}
	for _, b := range c.staged {
		for _, o := range b.Objects {
			named[place(o.Bucket, o.Key)] = true
		}
	}
	const page = 1000
	for _, b := range c.buckets {
		for after, more := "", true; more; {
			objects, next, err := c.cfg.Store.List(c.ctx, b.Name, "", after, page)
			if errors.Is(err, store.ErrForbidden) && !c.own[b.Name] {
				break // others' buckets may be listed too
			}
			if err != nil {
				return err
			}
			more = next
			for _, o := range objects {
				after = o.Key
				_, ours := layout.ParseKey(o.Key)
				_, known := c.manifest[place(b.Name, o.Key)]
				if !ours || known || named[place(b.Name, o.Key)] {
					continue
				}
				if err := c.stray(b.Name, o.Key); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// intents holds the staging folder against the intents.
func (c *checker) intents() error {
	named := map[string]bool{}
	for _, b := range c.staged {
		for _, name := range b.Files() {
			named[name] = true
		}
		if err := c.cfg.Commit.Verify(c.ctx, b); err != nil {
			c.about(Problem{Kind: "staged", Producer: b.Producer}, "batch %s/%d is staged and can't be finished: %v", b.Producer, b.Number, err)
		}
	}
	orphans, err := c.cfg.Commit.Orphans(named)
	for _, name := range orphans {
		c.problem("orphan", "the staging folder has %s, which no intent names; the next start removes it", name)
	}
	return err
}

// journals reads every block.
func (c *checker) journals() error {
	return c.cfg.Journal.Check(c.ctx, func(p journal.Problem) {
		c.problem("journal", "%v", p)
	})
}
