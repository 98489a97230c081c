package ledger

import (
	"database/sql"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// gapTable is a migration of this package: batches of which a lake that lost its state could not learn all.
const gapTable = `
		CREATE TABLE ledger_gaps (
			producer TEXT NOT NULL,
			batch    BIGINT NOT NULL,
			first    BIGINT NOT NULL CHECK (first > 0 AND first <= batch),
			parts    BIGINT NOT NULL,
			reason   TEXT NOT NULL,
			PRIMARY KEY (producer, batch)
		);`

// Gap is what is not known of batches, in a state that was made again. The row of batch Batch stands for all from First on:
// its ranges are right, since those of the batches around it are, and its events went somewhere; what became of them only its
// objects could tell.
type Gap struct {
	Producer loglake.ProducerID
	First    int64
	Batch    int64 // the last; equal to First where the batch is known and objects of it are gone
	Parts    int   // objects that are gone; 0: not known
	Reason   string
}

// InsertGap keeps a batch as Insert does, and what is not known of it.
func InsertGap(tx *state.Tx, b Batch, g Gap) error {
	if err := Insert(tx, b); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO ledger_gaps (producer, batch, first, parts, reason) VALUES (?, ?, ?, ?, ?)`, b.Producer, b.Number, g.First, g.Parts, g.Reason)
	if err != nil {
		return fmt.Errorf("ledger: note what is not known of batch %s/%d: %w", b.Producer, b.Number, err)
	}
	return nil
}

// Gaps gives all of them, by producer and batch.
func Gaps(tx *state.Tx) (all []Gap, err error) {
	err = list(tx, "gaps", `SELECT producer, first, batch, parts, reason FROM ledger_gaps ORDER BY producer, batch`, nil, func(rows *sql.Rows) error {
		var g Gap
		err := rows.Scan(&g.Producer, &g.First, &g.Batch, &g.Parts, &g.Reason)
		all = append(all, g)
		return err
	})
	return all, err
}

// Clear empties the totals before they are made again from batches. Those of the producers that keep names stay: routes have no
// batches.
func Clear(tx *state.Tx, keep func(loglake.ProducerID) bool) error {
	sources, err := Sources(tx, "")
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ledger_producers`); err != nil {
		return fmt.Errorf("ledger: clear totals: %w", err)
	}
	for _, s := range sources {
		if keep(s.Producer) {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM ledger_sources WHERE producer = ? AND source = ?`, s.Producer, s.Source); err != nil {
			return fmt.Errorf("ledger: clear totals: %w", err)
		}
	}
	return nil
}

// Spread gives the books of a source their minutes again, which have to add up to them.
func Spread(tx *state.Tx, s Source, minutes Minutes) error {
	if sum := minutes.Of(s.Source); sum != s.Counts {
		return fmt.Errorf("ledger: minutes of %s add up to %+v, its books are %+v", s.Source, sum, s.Counts)
	}
	for _, m := range minutes {
		if _, err := tx.Exec(addMinute, append([]any{s.Producer, m.Source, m.Span, m.Start}, m.Counts.values()...)...); err != nil {
			return fmt.Errorf("ledger: add a minute to the books of %s: %w", s.Producer, err)
		}
	}
	return nil
}
