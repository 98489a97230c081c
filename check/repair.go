package check

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Mode says whether a Repair mends or tells what it would do.
type Mode int

// The modes of a Repair.
const (
	Mend Mode = iota
	DryRun
)

// Answer is what became of a problem.
type Answer struct {
	Problem
	Mended bool   // with DryRun: it would be
	Answer string // how; or why not, and what a person can do
}

// Repaired is what a repair found and did.
type Repaired struct {
	Found   *Report
	Answers []Answer // to each problem of Found, in their order
	Left    *Report  // of a check after it; Found itself where nothing was changed
}

// Repair checks everything and mends what can be mended without risk: what it removes, others have or nobody needs, and
// what it can't decide it leaves and says why. Nothing may run meanwhile. After an error, as after a crash, it may be run
// again: each step leaves a folder that a server may be started on.
func Repair(ctx context.Context, cfg Config, mode Mode) (*Repaired, error) {
	found, err := Run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	r := &repairer{cfg: cfg, ctx: ctx, dry: mode == DryRun}
	if err := r.read(found); err != nil {
		return nil, err
	}
	done := &Repaired{Found: found, Left: found}
	changed := false
	for _, p := range found.Problems {
		a, err := r.answer(p)
		if err != nil {
			return done, fmt.Errorf("mend %s: %s: %w", p.Kind, p.Text, err)
		}
		changed = changed || a.Mended && !r.dry
		done.Answers = append(done.Answers, a)
	}
	if changed {
		done.Left, err = Run(ctx, cfg)
	}
	return done, err
}

type repairer struct {
	cfg    Config
	ctx    context.Context //nolint:containedctx // lives for one Repair
	dry    bool
	swept  bool                    // the staging folder is
	voided map[string]commit.Batch // by the place of each object
	of     map[string]int64        // objects in the manifest, by bucket
	lost   map[string]int64        // of them those that are missing
	last   map[uint32]int64        // number of the last batch, by the mark of the producer in keys
	staged map[loglake.ProducerID]commit.Batch
}

// read notes what answers need to know beside their problem.
func (r *repairer) read(found *Report) error {
	r.voided, r.of, r.lost, r.last = map[string]commit.Batch{}, map[string]int64{}, map[string]int64{}, map[uint32]int64{}
	for _, p := range found.Problems {
		if p.Kind == "missing" {
			r.lost[p.Bucket]++
		}
	}
	return r.cfg.State.View(r.ctx, func(tx *state.Tx) error {
		staged, err := commit.StagedTx(tx)
		if err != nil {
			return err
		}
		r.staged = map[loglake.ProducerID]commit.Batch{}
		for _, b := range staged {
			r.staged[b.Producer] = b
		}
		voided, err := commit.VoidsTx(tx)
		if err != nil {
			return err
		}
		for _, b := range voided {
			for _, o := range b.Objects {
				r.voided[place(o.Bucket, o.Key)] = b
			}
		}
		positions, err := position.All(tx, "")
		if err != nil {
			return err
		}
		for _, p := range positions {
			if r.last[layout.ProducerHash(p.Producer)], err = ledger.Last(tx, p.Producer); err != nil {
				return err
			}
		}
		return r.countManifest(tx)
	})
}

func (r *repairer) countManifest(tx *state.Tx) error {
	buckets, err := catalog.ManifestBuckets(tx)
	for _, b := range buckets {
		objects, err := catalog.ObjectsUnder(tx, b, "")
		if err != nil {
			return err
		}
		r.of[b] = int64(len(objects))
	}
	return err
}

// leftAlone says, by kind, why a problem is not mended and what a person can do.
var leftAlone = map[string]string{
	"batch-gap": rebuild,
	"range-gap": rebuild,
	"position":  rebuild,
	"parts":     rebuild,
	"counts":    rebuild,
	"no-batch":  rebuild,
	"journal-lost": "the journal's files are older than state.db, or some of them are gone, and nothing else has their events: " +
		"put the files of journal/ back, or restore the whole folder from one backup",
	"route": "journals were restored from copies of different times: restore the whole folder from one backup; " +
		"until then events of the source up to that offset are not copied",
	"object": "its bytes are not those that were committed, and only a copy of them can mend it: put the object back from a backup, under the same key. " +
		"Queries fail or tell wrong rows until then; without a copy remove the object, and they go on without its rows",
	"journal": "the events in it have no other copy: put the file back from a backup. All others are served; " +
		"a delivery stream that has not read them yet stops there, and its status says so",
}

const rebuild = "the state file does not agree with itself: `loglake check --rebuild` makes these facts again from the bucket and the journal"

// answer mends one problem, or says why not.
func (r *repairer) answer(p Problem) (Answer, error) {
	switch p.Kind {
	case "staged":
		return r.voidStaged(p)
	case "orphan":
		return r.orphan(p)
	case "missing":
		return r.missing(p)
	case "stray":
		return r.stray(p)
	}
	if text, ok := leftAlone[p.Kind]; ok {
		return not(p, "%s", text), nil
	}
	return not(p, "no repair is known for it: please report it, with the output of `loglake check --format json`"), nil
}

func not(p Problem, format string, args ...any) Answer {
	return Answer{Problem: p, Answer: fmt.Sprintf(format, args...)}
}

func mended(p Problem, format string, args ...any) Answer {
	return Answer{Problem: p, Mended: true, Answer: fmt.Sprintf(format, args...)}
}

// voidStaged voids a batch that can't be finished, unless that would remove the last copy of an event.
func (r *repairer) voidStaged(p Problem) (Answer, error) {
	const then = "its events are in the journal, and the next start delivers them again"
	if last, err := r.onlyCopies(r.staged[p.Producer]); last != "" || err != nil {
		return not(p, "%s", last), err
	}
	if r.dry {
		return mended(p, "the batch is voided: its objects are withdrawn from the bucket; %s", then), nil
	}
	v, err := r.cfg.Commit.Void(r.ctx, p.Producer)
	switch {
	case loglake.CodeOf(err) == loglake.CodeLimit, errors.Is(err, store.ErrNoBucket):
		return not(p, "%v", err), nil
	case err != nil:
		return Answer{}, err
	case v.Finished:
		return mended(p, "batch %d could be finished after all, and is committed", v.Batch.Number), nil
	}
	text := fmt.Sprintf("batch %d is voided: %s as generation %d of that batch", v.Batch.Number, then, v.Batch.Generation+1)
	for _, o := range v.Left {
		text += fmt.Sprintf("; %s/%s stays, for its bytes are not the batch's", o.Bucket, o.Key)
	}
	return mended(p, "%s", text), nil
}

// onlyCopies says why a staged batch is not to be voided: the journal can't give all of its events again, and some of what the
// voiding would remove is whole. Otherwise it is "".
func (r *repairer) onlyCopies(b commit.Batch) (why string, err error) {
	for _, x := range b.Ranges {
		lack := r.cfg.Journal.Whole(r.ctx, x)
		if lack == nil {
			continue
		}
		if !errors.As(lack, new(*journal.CorruptError)) {
			return "", lack
		}
		places, err := r.cfg.Commit.Remains(r.ctx, b)
		if errors.Is(err, store.ErrNoBucket) || err == nil && len(places) == 0 { // of a bucket that is away Void tells
			return "", nil
		}
		return fmt.Sprintf("%v, so what is whole of the batch may be the last copy of those events and is not removed: put the journal's file back from a backup and repair again. "+
			"To go on without, move these away, and repair again: %s", lack, strings.Join(places, ", ")), err
	}
	return "", nil
}

// orphan removes what no intent names: it was never staged, so its events are ahead of their positions.
func (r *repairer) orphan(p Problem) (Answer, error) {
	if !r.dry && !r.swept {
		if err := r.cfg.Commit.Sweep(r.ctx); err != nil {
			return Answer{}, err
		}
		r.swept = true
	}
	return mended(p, "removed: no batch was staged with it, and its events are in the journal"), nil
}

// missing takes an object that others removed out of the manifest, as a query does that looks for it. One that is put back
// returns.
func (r *repairer) missing(p Problem) (Answer, error) {
	if r.lost[p.Bucket] == r.of[p.Bucket] {
		return not(p, "no object of the manifest is in the bucket %s, so it is rather the bucket that is away: bring it back", p.Bucket), nil
	}
	text := "it is taken out of the manifest, and returns when the object is put back; queries go on without its rows"
	if r.dry {
		return mended(p, "%s", text), nil
	}
	return mended(p, "%s", text), r.cfg.State.Update(r.ctx, "check.missing", func(tx *state.Tx) error {
		return catalog.RemoveObject(tx, p.Bucket, p.Key, "removed outside: `loglake check --repair` found it gone from the bucket")
	})
}

// stray decides on an object with a key of ours that no batch names. Its rows may be the only ones of their events (a state
// that was restored from an older copy), or be there twice; so only what is known to be committed is taken in, and only what
// is known to be voided is removed.
func (r *repairer) stray(p Problem) (Answer, error) {
	if returned, err := r.returned(p); returned || err != nil {
		return mended(p, "others had taken it away and put it back: the manifest has it again"), err
	}
	if b, ok := r.voided[place(p.Bucket, p.Key)]; ok {
		if late, err := r.late(p, b); late || err != nil {
			return mended(p, "removed: batch %d of producer %s was voided, and this was put by an attempt of it that came to its end only afterwards; "+
				"its events are delivered by a later generation", b.Number, b.Producer), err
		}
		return not(p, "batch %d of producer %s was voided and is delivered by a later generation, so it is not needed; but its bytes are not the batch's, "+
			"and others may have put it there: look at it and remove it", b.Number, b.Producer), nil
	}
	name, _ := layout.ParseKey(p.Key)
	last, known := r.last[name.Provenance.Producer]
	switch {
	case known && int64(name.Provenance.Batch) > last:
		return not(p, "it is of batch %d and the ledger ends at %d: state.db is an older copy than the bucket. `loglake check --rebuild` takes in what was committed since; "+
			"don't start the server before, or the same events are delivered again", name.Provenance.Batch, last), nil
	case known:
		return not(p, "it is of batch %d, which is committed without it: a copy of another object, or what is left of another lake with the same streams. "+
			"Queries through loglake leave it out; if nobody needs it, remove it", name.Provenance.Batch), nil
	}
	return not(p, "no stream here made it: it belongs to another lake, or to a state that was lost. Queries through loglake leave it out; "+
		"`loglake check --rebuild` takes it in if it was this lake's"), nil
}

// late removes a stray that has the very bytes of the voided batch whose key it has.
func (r *repairer) late(p Problem, b commit.Batch) (yes bool, err error) {
	i := slices.IndexFunc(b.Objects, func(o commit.StagedObject) bool { return o.Bucket == p.Bucket && o.Key == p.Key })
	o := b.Objects[i]
	if yes, err = r.same(o.Object); !yes || err != nil || r.dry {
		return yes, err
	}
	stays, err := r.cfg.Commit.WithdrawLate(r.ctx, o)
	return !stays, err
}

// returned takes a stray into the manifest that was in it before, with the very bytes.
func (r *repairer) returned(p Problem) (yes bool, err error) {
	var was loglake.Object
	err = r.cfg.State.View(r.ctx, func(tx *state.Tx) (err error) {
		was, yes, err = catalog.RemovedOutside(tx, p.Bucket, p.Key)
		return err
	})
	if !yes || err != nil {
		return false, err
	}
	same, err := r.same(was)
	if !same || err != nil || r.dry {
		return same, err
	}
	return true, r.cfg.State.Update(r.ctx, "check.returned", func(tx *state.Tx) error {
		return catalog.ReturnObject(tx, p.Bucket, p.Key)
	})
}

// same tells whether an object has the bytes that were committed.
func (r *repairer) same(o loglake.Object) (yes bool, err error) {
	content, _, err := r.cfg.Store.Get(r.ctx, o.Bucket, o.Key)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.Copy(h, content)
	return n == o.Bytes && h.Sum32() == o.CRC32C, err
}
