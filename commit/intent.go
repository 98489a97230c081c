package commit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// Migrations gives the tables of this package. An intent is a batch that is staged and not yet committed; its body is
// the Batch as JSON. A producer has at most one.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "commit", Version: 1, SQL: `
		CREATE TABLE commit_intents (
			producer TEXT NOT NULL PRIMARY KEY,
			batch    BIGINT NOT NULL,
			body     TEXT NOT NULL
		);`}, {Package: "commit", Version: 2, SQL: voidsTable, Recorded: []string{"commit_voids"}}}
}

func next(tx *state.Tx, producer loglake.ProducerID) (number int64, generation int, err error) {
	var staged int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM commit_intents WHERE producer = ?`, producer).Scan(&staged); err != nil {
		return 0, 0, fmt.Errorf("look for an intent of %s: %w", producer, err)
	}
	if staged > 0 {
		return 0, 0, loglake.Errorf(loglake.CodeConflict, "producer %s has a staged batch that is not committed", producer)
	}
	last, err := ledger.Last(tx, producer)
	if err != nil {
		return 0, 0, err
	}
	generation, err = generationOf(tx, producer, last+1)
	return last + 1, generation, err
}

// refusal is why a batch was not staged: its guard's error, or positions that are elsewhere.
type refusal struct{ error }

// Refused tells whether an error of Commit means that nothing was staged because the batch does not fit the state: the
// caller reads again from the positions.
func Refused(err error) bool { return errors.As(err, new(refusal)) }

func (r refusal) Unwrap() error { return r.error }

// stage writes the intent: transaction 1.
func (c *Committer) stage(ctx context.Context, b Batch, guard func(*state.Tx) error) error {
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode intent: %w", err)
	}
	return c.cfg.State.Update(ctx, "commit.stage", func(tx *state.Tx) error {
		number, generation, err := next(tx, b.Producer)
		if err != nil {
			return err
		}
		if number != b.Number || generation != b.Generation {
			return loglake.Errorf(loglake.CodeConflict, "batch %s/%d of generation %d can't be staged: the next one is %d of generation %d",
				b.Producer, b.Number, b.Generation, number, generation)
		}
		if err := ahead(tx, b); err != nil {
			return refusal{err}
		}
		if guard != nil {
			if err := guard(tx); err != nil {
				return refusal{err}
			}
		}
		_, err = tx.Exec(`INSERT INTO commit_intents (producer, batch, body) VALUES (?, ?, ?)`, b.Producer, b.Number, string(body))
		return err
	})
}

// ahead tells whether the ranges of a batch begin where the positions are. One that could not be committed is not staged.
func ahead(tx *state.Tx, b Batch) error {
	for _, r := range b.Ranges {
		at, ok, err := position.Get(tx, b.Producer, r.Source)
		if err != nil {
			return err
		}
		if !ok || at != r.From {
			return loglake.Errorf(loglake.CodeConflict, "batch %s/%d can't be staged: it takes %s and the position is %d", b.Producer, b.Number, r, at)
		}
	}
	return nil
}

// commit makes the batch known: transaction 2. Where the intent is gone the batch is committed already.
func (c *Committer) commit(ctx context.Context, b Batch) error {
	return c.cfg.State.Update(ctx, "commit.commit", func(tx *state.Tx) error {
		n, err := tx.Exec(`DELETE FROM commit_intents WHERE producer = ? AND batch = ?`, b.Producer, b.Number)
		if err != nil || n == 0 {
			return err
		}
		for _, r := range b.Ranges {
			if err := position.Advance(tx, b.Producer, r); err != nil {
				return err
			}
		}
		if err := c.publish(tx, b); err != nil {
			return err
		}
		return ledger.Insert(tx, b.ledger(loglake.At(c.cfg.Clock())))
	})
}

// ledger gives the batch as the ledger keeps it, and as its objects say it.
func (b Batch) ledger(at loglake.Millis) ledger.Batch {
	return ledger.Batch{Producer: b.Producer, Number: b.Number, Generation: b.Generation, Committed: at, Ranges: b.Ranges, Counts: b.Counts, Minutes: b.Minutes}
}

// publish adds the batch's objects to the manifest, and the partitions that they open to their tables.
func (c *Committer) publish(tx *state.Tx, b Batch) error {
	objects := make([]loglake.Object, len(b.Objects))
	keys := map[string][]string{}
	for i, o := range b.Objects {
		objects[i] = o.Object
		if o.Kind == loglake.ObjectParquet {
			keys[o.Bucket] = append(keys[o.Bucket], o.Key)
		}
	}
	if err := catalog.AddObjects(tx, objects); err != nil {
		return err
	}
	for bucket, keys := range keys {
		if err := catalog.RegisterPartitions(tx, c.cfg.Home, loglake.At(c.cfg.Clock()), bucket, keys); err != nil {
			return err
		}
	}
	return nil
}

// forget removes an intent without committing it.
func (c *Committer) forget(ctx context.Context, b Batch) error {
	return c.cfg.State.Update(ctx, "commit.forget", func(tx *state.Tx) error {
		_, err := tx.Exec(`DELETE FROM commit_intents WHERE producer = ? AND batch = ?`, b.Producer, b.Number)
		return err
	})
}

// Staged gives every batch that is staged and not committed.
func (c *Committer) Staged(ctx context.Context) (staged []Batch, err error) {
	err = c.cfg.State.View(ctx, func(tx *state.Tx) error {
		staged, err = StagedTx(tx)
		return err
	})
	return staged, err
}

// stagedBy gives the staged batch of a producer, which has one at most.
func (c *Committer) stagedBy(ctx context.Context, producer loglake.ProducerID) (b Batch, ok bool, err error) {
	staged, err := c.Staged(ctx)
	for _, b := range staged {
		if b.Producer == producer {
			return b, true, err
		}
	}
	return b, false, err
}

// StagedTx is Staged within a transaction, for the checker.
func StagedTx(tx *state.Tx) ([]Batch, error) {
	return bodies(tx, `SELECT body FROM commit_intents ORDER BY producer`)
}

// bodies gives the batches that a query finds.
func bodies(tx *state.Tx, query string) ([]Batch, error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	defer rows.Close()
	var all []Batch
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("list batches: %w", err)
		}
		var b Batch
		if err := json.Unmarshal([]byte(body), &b); err != nil {
			return nil, fmt.Errorf("decode batch: %w", err)
		}
		all = append(all, b)
	}
	return all, rows.Err()
}
