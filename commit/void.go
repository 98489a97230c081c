package commit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"syscall"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Voiding a batch goes through these steps, each one function:
//
//	judge     read-only: no voiding where every object can still be put, or is in the bucket
//	decide    transaction: the intent says that it is being voided. From here the batch can only be undone
//	withdraw  each object that was put goes from the bucket, if its bytes are the batch's own
//	forget    transaction: the intent goes, and the generation is used up for good
//	release   remove what is left in the staging folder
//
// The decision is durable before anything is removed: otherwise staged bytes that come back, or a read that fails only
// once, would finish a batch whose objects are partly gone. The objects are gone before the intent is: otherwise the events
// could be delivered again beside them. Positions do not move, so the journal still has every event; what is delivered again
// has the next generation in its keys. Resume goes on with a voiding that was decided.

// voidsTable has a row for each batch that was voided: what it was, so that objects which were left can be told.
const voidsTable = `
	CREATE TABLE commit_voids (
		producer   TEXT NOT NULL,
		batch      BIGINT NOT NULL,
		generation BIGINT NOT NULL,
		voided_at  BIGINT NOT NULL,
		body       TEXT NOT NULL,
		PRIMARY KEY (producer, batch, generation)
	);`

// Voided is what Void did.
type Voided struct {
	Batch    Batch            // the staged batch it found; Number is 0 where there was none
	Finished bool             // nothing was voided: the batch could be finished, and it is
	Left     []loglake.Object // keys of the batch at which the bucket has bytes that are not the batch's: they stay there
}

// Void undoes the staged batch of a producer if it can't be finished, and finishes it if it can. It may be called again
// after any error, and by nobody while the producer's Commit or Resume runs. CodeLimit: its key has no room for another
// generation, and nothing was done.
func (c *Committer) Void(ctx context.Context, producer loglake.ProducerID) (Voided, error) {
	b, staged, err := c.stagedBy(ctx, producer)
	if err != nil {
		return Voided{}, err
	}
	if !staged { // or an earlier call came to its end and was told otherwise
		return Voided{}, c.sweepProducer(producer)
	}
	if !b.Voiding {
		damage, err := c.judge(ctx, b)
		if err != nil {
			return Voided{Batch: b}, fmt.Errorf("void batch %s/%d: %w", b.Producer, b.Number, err)
		}
		if damage == nil {
			return Voided{Batch: b, Finished: true}, c.finish(ctx, b)
		}
		if b, err = c.decide(ctx, b); err != nil {
			return Voided{Batch: b}, fmt.Errorf("void batch %s/%d: %w", b.Producer, b.Number, err)
		}
	}
	left, err := c.undo(ctx, b)
	return Voided{Batch: b, Left: left}, err
}

// judge tells what is damaged so that a batch can't be finished; nil: it can. The error is about finding out.
func (c *Committer) judge(ctx context.Context, b Batch) (damage, err error) {
	if b.Voiding {
		return nil, nil // what remains to be done can be
	}
	for _, o := range b.Objects {
		if damage, err = c.judgeObject(ctx, o); damage != nil || err != nil {
			return damage, err
		}
	}
	return nil, nil
}

func (c *Committer) judgeObject(ctx context.Context, o StagedObject) (damage, err error) {
	there := c.published(ctx, o)
	if there == nil {
		return nil, nil
	}
	return c.verdict(o, c.verify(o), there)
}

// verdict tells what is damaged of an object whose bytes are not in the bucket, as there says, and which reads in the
// staging folder as staged says. The error is that of a reading which tells nothing.
func (c *Committer) verdict(o StagedObject, staged, there error) (damage, err error) {
	switch {
	case !isDamage(there):
		return nil, there
	case staged == nil && errors.Is(there, fs.ErrNotExist):
		return nil, nil
	case staged == nil:
		return c.damaged(o, fmt.Sprintf("the bucket has other bytes there (%v)", there)), nil
	case !isDamage(staged):
		return nil, staged
	}
	return c.damaged(o, fmt.Sprintf("its staged file %s is %s", o.File, seen(staged))), nil
}

// isDamage tells whether a failure to read bytes means that they are gone, or others; a bucket that is away says nothing.
func isDamage(err error) bool {
	return !errors.Is(err, store.ErrNoBucket) &&
		(errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*differs)) || errors.Is(err, syscall.EIO))
}

func seen(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "gone"
	}
	return "damaged: " + err.Error()
}

// damaged is the error of an object that can't be put any more.
func (c *Committer) damaged(o StagedObject, what string) error {
	e := loglake.Errorf(loglake.CodeInternal, "object %s/%s, staged with %d bytes and checksum %08x, can't be put: %s; its events are still in the journal",
		o.Bucket, o.Key, o.Bytes, o.CRC32C, what)
	return e.WithHint("stop the server and run `%s`, which voids the batch so that it is delivered again", c.cfg.Mend)
}

// Remains gives where bytes of a staged batch are that are still whole, and that Void would remove.
func (c *Committer) Remains(ctx context.Context, b Batch) (places []string, err error) {
	for _, o := range b.Objects {
		there := c.published(ctx, o)
		switch {
		case there == nil:
			places = append(places, o.Bucket+"/"+o.Key)
			continue
		case !isDamage(there):
			return nil, there
		}
		switch staged := c.verify(o); {
		case staged == nil:
			places = append(places, c.path(o))
		case !isDamage(staged):
			return nil, staged
		}
	}
	return places, nil
}

// decide makes it durable that a batch is voided.
func (c *Committer) decide(ctx context.Context, b Batch) (Batch, error) {
	if b.Generation >= layout.GenerationMax {
		return b, loglake.Errorf(loglake.CodeLimit, "it was voided %d times before, and its keys have no room for another generation", b.Generation).
			WithHint("a disk that damages every file it is given has to be replaced; restore the folder from a backup on another one")
	}
	b.Voiding = true
	body, err := json.Marshal(b)
	if err != nil {
		return b, fmt.Errorf("encode intent: %w", err)
	}
	return b, c.cfg.State.Update(ctx, "commit.void", func(tx *state.Tx) error {
		n, err := tx.Exec(`UPDATE commit_intents SET body = ? WHERE producer = ? AND batch = ?`, string(body), b.Producer, b.Number)
		if err == nil && n == 0 {
			return loglake.Errorf(loglake.CodeConflict, "it is not staged any more")
		}
		return err
	})
}

// undo takes a batch whose voiding is decided to its end, and gives the objects that stay because their bytes are not the
// batch's. It may run any number of times, after any of its steps.
func (c *Committer) undo(ctx context.Context, b Batch) (left []loglake.Object, err error) {
	for _, o := range b.Objects {
		stays, err := c.withdraw(ctx, o)
		if err != nil {
			return left, fmt.Errorf("void batch %s/%d: withdraw %s/%s: %w", b.Producer, b.Number, o.Bucket, o.Key, err)
		}
		if stays {
			left = append(left, o.Object)
		}
	}
	if err := c.voided(ctx, b); err != nil {
		return left, err
	}
	return left, c.release(b)
}

// WithdrawLate deletes an object of a voided batch, as VoidsTx gives it, that came into the bucket after the voiding: a put
// whose answer was lost may be on its way for a while. It stays if its bytes are not the batch's.
func (c *Committer) WithdrawLate(ctx context.Context, o StagedObject) (stays bool, err error) {
	if stays, err = c.withdraw(ctx, o); err != nil {
		err = fmt.Errorf("withdraw %s/%s: %w", o.Bucket, o.Key, err)
	}
	return stays, err
}

// withdraw deletes an object from the bucket if it is there with the batch's own bytes: those that were staged, or those
// that the staged file has now, for the object of a directory is a link to that file and damaged with it.
func (c *Committer) withdraw(ctx context.Context, o StagedObject) (stays bool, err error) {
	there := c.published(ctx, o)
	if errors.Is(there, fs.ErrNotExist) && !errors.Is(there, store.ErrNoBucket) {
		return false, nil
	}
	var found *differs
	if errors.As(there, &found) {
		now, err := c.stagedNow(o)
		if err != nil {
			return false, err
		}
		if now == nil || *now != *found {
			return true, nil
		}
	} else if there != nil {
		return false, there
	}
	return false, c.cfg.Store.Delete(ctx, o.Bucket, o.Key)
}

// stagedNow gives what a staged file holds now, nil where there is none.
func (c *Committer) stagedNow(o StagedObject) (now *differs, err error) {
	f, err := disk.Open(c.cfg.FS, c.path(o))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := crc32.New(castagnoli)
	n, err := io.Copy(h, f)
	if errors.Is(err, syscall.EIO) {
		return nil, nil // it can't be compared
	}
	return &differs{bytes: n, crc: h.Sum32()}, err
}

// voided removes the intent of a batch that is undone, and uses its generation up. Where the intent is gone that is done.
func (c *Committer) voided(ctx context.Context, b Batch) error {
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode voided batch: %w", err)
	}
	return c.cfg.State.Update(ctx, "commit.voided", func(tx *state.Tx) error {
		n, err := tx.Exec(`DELETE FROM commit_intents WHERE producer = ? AND batch = ?`, b.Producer, b.Number)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`INSERT INTO commit_voids (producer, batch, generation, voided_at, body) VALUES (?, ?, ?, ?, ?)`,
			b.Producer, b.Number, b.Generation, loglake.At(c.cfg.Clock()), string(body))
		return err
	})
}

// generationOf gives how often a batch of a number was voided.
func generationOf(tx *state.Tx, producer loglake.ProducerID, number int64) (generation int, err error) {
	err = tx.QueryRow(`SELECT COALESCE(MAX(generation) + 1, 0) FROM commit_voids WHERE producer = ? AND batch = ?`, producer, number).Scan(&generation)
	if err != nil {
		return 0, fmt.Errorf("look for voided batches of %s: %w", producer, err)
	}
	return generation, nil
}

// VoidsTx gives every batch that was voided, by producer and number.
func VoidsTx(tx *state.Tx) ([]Batch, error) {
	return bodies(tx, `SELECT body FROM commit_voids ORDER BY producer, batch, generation`)
}
