package query

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// What others do in a bucket is met by queries, which look there anyway (design D5):
//
//   - a committed object is gone: it is looked for twice, and only the bucket's own word that there is no such object, both
//     times, has it marked as removed. No failure, and no listing that lacks it, does;
//   - an object that was marked so is there again, with the bytes that it had: it is part of its table again;
//   - a committed object has another length: what is there is read, and told;
//   - an object with a key of our own grammar is in no batch: it is left out, and told.

// recheckAfter lies between the two looks at what seems to be gone.
const recheckAfter = 300 * time.Millisecond

// A lifecycle rule of the bucket takes objects away by the thousand.
const (
	looksAside    = 32  // objects that are looked for at the same time
	removedAtOnce = 500 // of one transaction
)

// noticesMax is how many objects a query names of which the same is to be said; the others it counts.
const noticesMax = 10

// missingObject is a committed object that the listing has not.
type missingObject struct {
	object loglake.Object
	at     partitionOf
}

// stranger is an object with a key of our own grammar that the snapshot's manifest does not have.
type stranger struct {
	object store.Object
	at     partitionOf
}

// notices are what a query tells, by what is said.
type notices struct {
	kinds []notice
}

// notice is one thing that is said of objects.
type notice struct {
	format string
	texts  []string // of the first noticesMax
	more   int
}

func (n *notices) add(format string, args ...any) {
	i := slices.IndexFunc(n.kinds, func(k notice) bool { return k.format == format })
	if i < 0 {
		i = len(n.kinds)
		n.kinds = append(n.kinds, notice{format: format})
	}
	if k := &n.kinds[i]; len(k.texts) < noticesMax {
		k.texts = append(k.texts, fmt.Sprintf(format, args...))
	} else {
		k.more++
	}
}

// lines gives what is said.
func (n *notices) lines() (all []string) {
	for _, k := range n.kinds {
		all = append(all, k.texts...)
		if k.more > 0 {
			all = append(all, fmt.Sprintf("and so of %d more objects", k.more))
		}
	}
	return all
}

// gone tells of a failure whether it says that a table's bucket does not exist, in Athena's words.
func gone(p *partition, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return failTrino("HIVE_METASTORE_ERROR", "the bucket of the location s3://%s/%s does not exist", p.bucket, p.prefix)
	}
	return err
}

// judge decides what loading partitions was in doubt about.
func (e *Executions) judge(ctx context.Context, s *snapshot) error {
	missing, strangers := s.missing, s.strangers
	s.missing, s.strangers = nil, nil
	missing, err := e.lookFor(ctx, s, missing) // a listing may be behind, and a Dir does not list what is behind a symbolic link
	if err == nil && len(missing) > 0 {
		timer := time.NewTimer(recheckAfter)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		missing, err = e.lookFor(ctx, s, missing)
	}
	for some := range slices.Chunk(missing, removedAtOnce) {
		if err == nil {
			err = e.removedOutside(ctx, s, some)
		}
	}
	if err != nil {
		return err
	}
	return e.judgeStrangers(ctx, s, strangers)
}

// lookFor asks the bucket for objects, uses those that are there, and gives the others.
func (e *Executions) lookFor(ctx context.Context, s *snapshot, list []missingObject) (missing []missingObject, err error) {
	found := make([]*store.Object, len(list))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(looksAside)
	for i, m := range list {
		group.Go(func() error {
			o, err := e.config.Store.Stat(within, m.object.Bucket, m.object.Key)
			if err == nil {
				found[i] = &o
			} else if !errors.Is(err, store.ErrNoObject) {
				return gone(m.at.partition, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, m := range list {
		if found[i] != nil {
			err := e.useCommitted(ctx, s, m.at, m.object, *found[i])
			if err == nil {
				continue
			}
			if !errors.Is(err, store.ErrNoObject) {
				return nil, gone(m.at.partition, err)
			}
		}
		missing = append(missing, m)
	}
	return missing, nil
}

// useCommitted reads a committed object as it is in the bucket now.
func (e *Executions) useCommitted(ctx context.Context, s *snapshot, p partitionOf, o loglake.Object, there store.Object) error {
	if there.Bytes != o.Bytes {
		s.notices.add("s3://%s/%s was overwritten by somebody else: it has %d bytes, and was committed with %d. The query reads what is there; `loglake check` tells of all such objects",
			o.Bucket, o.Key, there.Bytes, o.Bytes)
	}
	return e.use(ctx, s, p, there, fmt.Sprintf("%x-%d-%d-%d", o.CRC32C, o.Bytes, there.Bytes, there.Modified.UnixNano()))
}

// removedOutside takes objects that are gone from the bucket out of the manifest, so that they are reported once.
func (e *Executions) removedOutside(ctx context.Context, s *snapshot, list []missingObject) error {
	var removed []loglake.Object
	err := e.config.DB.Update(ctx, "query.removed-outside", func(tx *state.Tx) error {
		removed = removed[:0]
		for _, m := range list {
			o := m.object
			_, ok, err := catalog.ObjectByKey(tx, o.Bucket, o.Key)
			if err != nil {
				return err
			}
			if !ok {
				continue // a compaction took it away meanwhile
			}
			removed = append(removed, o)
			if err := catalog.RemoveObject(tx, o.Bucket, o.Key, catalog.OutsideReason); err != nil {
				return err
			}
		}
		return nil
	})
	for _, o := range removed { // also where that could not be noted: the next query finds it missing again
		s.notices.add("s3://%s/%s was deleted from the bucket by somebody else; its %d rows are no longer part of the table, until it is back", o.Bucket, o.Key, o.Rows)
	}
	if len(removed) == len(list) {
		return nil
	}
	return err
}

// judgeStrangers tells what is on its way into the manifest, and so none of this query's, from what has returned and from
// what belongs to no batch.
func (e *Executions) judgeStrangers(ctx context.Context, s *snapshot, strangers []stranger) error {
	if len(strangers) == 0 {
		return nil
	}
	returned := map[string]loglake.Object{}
	var strays []stranger
	err := e.config.DB.View(ctx, func(tx *state.Tx) error {
		staged, err := stagedKeys(tx)
		if err != nil {
			return err
		}
		for _, x := range strangers {
			if staged[x.at.bucket+"/"+x.object.Key] {
				continue
			}
			if _, ok, err := catalog.ObjectByKey(tx, x.at.bucket, x.object.Key); ok || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			o, ok, err := catalog.RemovedOutside(tx, x.at.bucket, x.object.Key)
			if err != nil {
				return err
			}
			if ok {
				returned[o.Bucket+"/"+o.Key] = o
			}
			strays = append(strays, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	told := 0
	for _, x := range strays {
		if o, ok := returned[x.at.bucket+"/"+x.object.Key]; ok {
			err = e.returnedOutside(ctx, s, x, o)
		} else if told++; told <= noticesMax {
			err = e.stray(ctx, s, x)
		}
		if err != nil {
			return gone(x.at.partition, err)
		}
	}
	if told > noticesMax {
		s.notices.add("and %d more objects of no batch", told-noticesMax)
	}
	return nil
}

func stagedKeys(tx *state.Tx) (map[string]bool, error) {
	batches, err := commit.StagedTx(tx)
	keys := map[string]bool{}
	for _, b := range batches {
		for _, o := range b.Objects {
			keys[o.Bucket+"/"+o.Key] = true
		}
	}
	return keys, err
}

// stray tells of an object of no batch, unless it was of one that has just been discarded.
func (e *Executions) stray(ctx context.Context, s *snapshot, x stranger) error {
	_, err := e.config.Store.Stat(ctx, x.at.bucket, x.object.Key)
	if errors.Is(err, store.ErrNoObject) {
		return nil
	}
	if err == nil {
		s.notices.add("s3://%s/%s has a key as loglake makes them and belongs to no batch: somebody else put it there, and its rows are left out, as they may be there already. Under another name it is read",
			x.at.bucket, x.object.Key)
	}
	return err
}

// returnedOutside takes an object that was gone into the manifest again, if it has the bytes that it had.
func (e *Executions) returnedOutside(ctx context.Context, s *snapshot, x stranger, o loglake.Object) error {
	same, err := e.hasBytes(ctx, o)
	if errors.Is(err, store.ErrNoObject) {
		return nil // gone again
	}
	if err != nil {
		return err
	}
	if !same {
		s.notices.add("s3://%s/%s, which somebody else deleted, is there with other bytes than it had: it is left out", o.Bucket, o.Key)
		return nil
	}
	returned := false
	err = e.config.DB.Update(ctx, "query.returned-outside", func(tx *state.Tx) error {
		_, ok, err := catalog.RemovedOutside(tx, o.Bucket, o.Key)
		if returned = ok && err == nil; !returned {
			return err // another query was first
		}
		return catalog.ReturnObject(tx, o.Bucket, o.Key)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if returned || err != nil { // as above
		s.notices.add("s3://%s/%s, which somebody else had deleted, is back; its %d rows are part of the table again", o.Bucket, o.Key, o.Rows)
	}
	return e.useCommitted(ctx, s, x.at, o, x.object)
}

// hasBytes tells whether an object in the bucket has the bytes with which it was committed.
func (e *Executions) hasBytes(ctx context.Context, o loglake.Object) (same bool, err error) {
	content, there, err := e.config.Store.Get(ctx, o.Bucket, o.Key)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	if there.Bytes != o.Bytes {
		return false, nil
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if _, err := io.Copy(sum, content); err != nil {
		return false, fmt.Errorf("read s3://%s/%s: %w", o.Bucket, o.Key, err)
	}
	return sum.Sum32() == o.CRC32C, nil
}
