package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// When a record is written. A change is in the folder within folderEvery of it, and in the buckets within bucketEvery;
// where writing one takes long, the pause before the next is costFactor times as long.
const (
	folderEvery = time.Second
	bucketEvery = 10 * time.Second
	commitsMax  = 100 // batches after which one is written though nothing was declared
	costFactor  = 20
	stopTimeout = 5 * time.Second
	keptInPlace = 2 // records of a bucket, so that a write that arrives late replaces none that counts
)

// Buckets is what a Keeper needs of a store.
type Buckets interface {
	store.Buckets
	store.Putter
	store.Lister
	store.Deleter
}

// Config is what a Keeper is made of.
type Config struct {
	FS    disk.FS
	Dir   string // the data folder
	State *state.DB
	Store Buckets
	Home  loglake.Home
	Clock loglake.Clock
	Steps []state.Migration
	// Buckets gives the buckets that hold objects of the lake.
	Buckets func(tx *state.Tx) ([]string, error)
	// OnFailure is told of a record that could not be written, once until one could be.
	OnFailure func(place string, err error)
}

// Keeper writes the record. Its methods may be called concurrently.
type Keeper struct {
	cfg     Config
	changed atomic.Bool  // something was declared since the last record in the folder
	behind  atomic.Bool  // and since the last one in the buckets
	commits atomic.Int64 // since the last one

	mu      sync.Mutex // held while a record is written; guards what follows
	written time.Time  // to the folder
	spread  time.Time  // to the buckets
	cost    time.Duration
	failing map[string]bool // places
}

// New makes a Keeper. What was declared before it counts as changed: its first record is due at once.
func New(cfg Config) *Keeper {
	k := &Keeper{cfg: cfg, failing: map[string]bool{}}
	k.Changed()
	return k
}

// Changed takes note that something recorded was changed.
func (k *Keeper) Changed() {
	k.changed.Store(true)
	k.behind.Store(true)
}

// Committed takes note of a batch.
func (k *Keeper) Committed() {
	if k.commits.Add(1) >= commitsMax {
		k.commits.Store(0)
		k.Changed()
	}
}

// Run writes records when they are due, until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(folderEvery)
	defer ticker.Stop()
	for {
		k.tick(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tick writes what is due.
func (k *Keeper) tick(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.cfg.Clock()
	spread := k.behind.Load() && since(now, k.spread) >= bucketEvery
	if !k.changed.Load() && !spread || since(now, k.written) < max(folderEvery, costFactor*k.cost) {
		return
	}
	k.save(ctx, spread)
}

// since is how long ago an instant was; for ever where it never was, or where the clock went back.
func since(now, then time.Time) time.Duration {
	if d := now.Sub(then); d >= 0 {
		return d
	}
	return time.Duration(1<<63 - 1)
}

// Stop writes a last record, unless the last one says all there is. It takes stopTimeout at most.
func (k *Keeper) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changed.Load() || k.behind.Load() || k.commits.Load() > 0 {
		k.save(ctx, true)
	}
}

// Save writes a record now, to every place.
func (k *Keeper) Save(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.save(ctx, true)
}

// save writes a record to the folder and, with spread, to the buckets. What fails in one place does not keep it from the
// others, and is due again. The caller holds mu.
func (k *Keeper) save(ctx context.Context, spread bool) error {
	k.changed.Store(false)
	if spread {
		k.behind.Store(false)
	}
	k.commits.Store(0)
	began := k.cfg.Clock()
	h, text, err := k.encode(ctx)
	k.cost, k.written = max(0, k.cfg.Clock().Sub(began)), began
	if err == nil {
		err = disk.WriteFile(k.cfg.FS, filepath.Join(k.cfg.Dir, FileName), text)
	}
	if k.told(ctx, "the data folder", err); err != nil {
		k.changed.Store(true)
	}
	if !spread || text == nil {
		k.behind.Store(k.behind.Load() || spread)
		return err
	}
	k.spread = began
	for _, bucket := range h.Buckets {
		failed := k.put(ctx, bucket, h, text)
		if k.told(ctx, "bucket "+bucket, failed); failed != nil {
			k.behind.Store(true)
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (k *Keeper) encode(ctx context.Context) (h Header, text []byte, err error) {
	h.Written, h.Home = loglake.At(k.cfg.Clock()), k.cfg.Home
	if h.Lake, err = Lake(ctx, k.cfg.State); err != nil {
		return h, nil, err
	}
	if h.Sequence, err = next(ctx, k.cfg.State); err != nil {
		return h, nil, err
	}
	var b bytes.Buffer
	err = k.cfg.State.View(ctx, func(tx *state.Tx) (err error) {
		if h.Schema, err = state.Versions(tx); err != nil {
			return err
		}
		if h.Buckets, err = k.cfg.Buckets(tx); err != nil {
			return err
		}
		return Encode(&b, tx, h, state.Recorded(k.cfg.Steps))
	})
	if err != nil {
		return h, nil, fmt.Errorf("make the record: %w", err)
	}
	return h, b.Bytes(), nil
}

// put stores a record in a bucket, and removes older ones. A bucket that is not there any more needs none.
func (k *Keeper) put(ctx context.Context, bucket string, h Header, text []byte) error {
	there, err := k.cfg.Store.HasBucket(ctx, bucket)
	if err != nil || !there {
		return err
	}
	_, err = k.cfg.Store.Put(ctx, bucket, Key(h.Lake, h.Sequence), bytes.NewReader(text), store.PutOptions{ContentType: "application/gzip"})
	if err != nil {
		return fmt.Errorf("put the record: %w", err)
	}
	const page = 1000
	old, _, err := k.cfg.Store.List(ctx, bucket, Prefix+h.Lake+"/", "", page)
	if err != nil {
		return fmt.Errorf("list old records: %w", err)
	}
	for _, o := range old {
		if _, sequence, ok := ParseKey(o.Key); !ok || sequence > h.Sequence-keptInPlace {
			continue
		}
		if err := k.cfg.Store.Delete(ctx, bucket, o.Key); err != nil {
			return fmt.Errorf("remove an old record: %w", err)
		}
	}
	return nil
}

// told tells of a failure at a place, once until it works again.
func (k *Keeper) told(ctx context.Context, place string, err error) {
	if err != nil && !k.failing[place] && ctx.Err() == nil {
		k.cfg.OnFailure(place, err)
	}
	k.failing[place] = err != nil
}
