// Package position remembers how far each producer of objects has committed in each of its sources.
//
// A position is the offset of the first event that is in no committed object of the producer. It moves only in the
// transaction that makes the objects of a batch known (package commit), and only from the very offset at which the
// batch began; so a batch can't be committed twice, and none can be left out between two others.
package position

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Migrations gives the tables of this package. Producers and sources are unique for ever, so no account is in the key.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "position", Version: 1, SQL: `
		CREATE TABLE positions (
			producer TEXT NOT NULL,
			source   TEXT NOT NULL,
			journal  TEXT NOT NULL,
			at       BIGINT NOT NULL CHECK (at >= 0),
			PRIMARY KEY (producer, source)
		);
		CREATE INDEX positions_by_journal ON positions (journal, at);`, Recorded: []string{"positions"}}}
}

// Position is one row: what producer has taken of source lies below At.
type Position struct {
	Producer loglake.ProducerID
	Source   loglake.SourceID
	Journal  loglake.JournalID
	At       loglake.Offset
}

// Get gives the position of a source; ok is false where it has none.
func Get(tx *state.Tx, producer loglake.ProducerID, source loglake.SourceID) (at loglake.Offset, ok bool, err error) {
	err = tx.QueryRow(`SELECT at FROM positions WHERE producer = ? AND source = ?`, producer, source).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read position: %w", err)
	}
	return at, true, nil
}

// Start gives a new source its first position. One that has a position keeps it.
func Start(tx *state.Tx, p Position) error {
	_, err := tx.Exec(`INSERT INTO positions (producer, source, journal, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (producer, source) DO NOTHING`, p.Producer, p.Source, p.Journal, p.At)
	if err != nil {
		return fmt.Errorf("start position: %w", err)
	}
	return nil
}

// Advance moves the position of r's source from r.From to r.To. Where it is not at r.From the answer is CodeConflict
// and nothing is done: somebody else has committed that range.
func Advance(tx *state.Tx, producer loglake.ProducerID, r loglake.Range) error {
	n, err := tx.Exec(`UPDATE positions SET at = ? WHERE producer = ? AND source = ? AND journal = ? AND at = ?`,
		r.To, producer, r.Source, r.Journal, r.From)
	if err != nil {
		return fmt.Errorf("advance position: %w", err)
	}
	if n != 1 {
		return loglake.Errorf(loglake.CodeConflict, "position of %s is not at the start of %s", producer, r)
	}
	return nil
}

// Drop forgets a source.
func Drop(tx *state.Tx, producer loglake.ProducerID, source loglake.SourceID) error {
	if _, err := tx.Exec(`DELETE FROM positions WHERE producer = ? AND source = ?`, producer, source); err != nil {
		return fmt.Errorf("drop position: %w", err)
	}
	return nil
}

// Floor gives the lowest position in a journal: nothing at or above it may be removed. ok is false where no position
// is in the journal.
func Floor(tx *state.Tx, journal loglake.JournalID) (at loglake.Offset, ok bool, err error) {
	var low sql.NullInt64
	if err := tx.QueryRow(`SELECT MIN(at) FROM positions WHERE journal = ?`, journal).Scan(&low); err != nil {
		return 0, false, fmt.Errorf("read floor: %w", err)
	}
	return loglake.Offset(low.Int64), low.Valid, nil
}

// All gives every position, by producer and source; those of one producer when it is not empty.
func All(tx *state.Tx, producer loglake.ProducerID) ([]Position, error) {
	where, args := "", []any(nil)
	if producer != "" {
		where, args = " WHERE producer = ?", []any{producer}
	}
	rows, err := tx.Query(`SELECT producer, source, journal, at FROM positions`+where+` ORDER BY producer, source`, args...)
	if err != nil {
		return nil, fmt.Errorf("list positions: %w", err)
	}
	defer rows.Close()
	var all []Position
	for rows.Next() {
		var p Position
		if err := rows.Scan(&p.Producer, &p.Source, &p.Journal, &p.At); err != nil {
			return nil, fmt.Errorf("list positions: %w", err)
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
