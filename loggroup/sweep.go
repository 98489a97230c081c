package loggroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// Sweep tells the journal what nobody needs any more: of each group with a retention the events that have expired and
// lie below every position, and the whole journals of deleted groups that no subscription reads any more. It is to be
// called now and then; reads do not wait for it, they leave expired events out at once. A failure with one group does
// not keep it from the others.
func (g *Groups) Sweep(ctx context.Context) error {
	type expiry struct {
		journal loglake.JournalID
		cutoff  loglake.Millis
	}
	var expiries []expiry
	now := g.now()
	g.mu.RLock()
	for _, grp := range g.groups {
		if grp.retentionDays > 0 {
			expiries = append(expiries, expiry{grp.journal, grp.oldest(now)})
		}
	}
	g.mu.RUnlock()
	var failures []error
	for _, e := range expiries {
		floor, err := g.floor(ctx, e.journal)
		if err == nil {
			err = g.cfg.Journal.Release(e.journal, floor, e.cutoff)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("expire events of journal %s: %w", e.journal, err))
		}
	}
	return errors.Join(append(failures, g.sweepDropped(ctx))...)
}

// floor gives the offset below which no subscription needs events.
func (g *Groups) floor(ctx context.Context, journal loglake.JournalID) (floor loglake.Offset, err error) {
	head := g.cfg.Journal.Head(journal) // before the positions are read: a new one begins at or after it
	err = g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		at, ok, err := position.Floor(tx, journal)
		if floor = head; ok {
			floor = min(head, at)
		}
		return err
	})
	return floor, err
}

// sweepDropped deletes the journals of deleted groups in which no position is left.
func (g *Groups) sweepDropped(ctx context.Context) error {
	var journals []loglake.JournalID
	err := g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query(`SELECT journal FROM log_journals_dropped
			WHERE NOT EXISTS (SELECT 1 FROM positions WHERE positions.journal = log_journals_dropped.journal)`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id loglake.JournalID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			journals = append(journals, id)
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("list journals of deleted groups: %w", err)
	}
	for _, id := range journals {
		if err := g.cfg.Journal.Delete(id); err != nil {
			return fmt.Errorf("delete journal %s: %w", id, err)
		}
		// Only now is the name forgotten: after a crash in between the journal is deleted again, which changes nothing.
		if err := g.cfg.DB.Update(ctx, "loggroup.forget-journal", func(tx *state.Tx) error {
			_, err := tx.Exec(`DELETE FROM log_journals_dropped WHERE journal = ?`, id)
			return err
		}); err != nil {
			return fmt.Errorf("forget journal %s: %w", id, err)
		}
	}
	return nil
}
