package loggroup

import (
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// What package rebuild does to the tables of this package, in a state that is made again while nobody else uses it.

// RestoreGroup makes a group of a journal that no group has.
func RestoreGroup(tx *state.Tx, home loglake.Home, grp Group) error {
	_, err := tx.Exec(`INSERT INTO log_groups (account, region, name, journal, created, class, retention_days, protected)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?)`, home.Account, home.Region, grp.Name, grp.Journal, grp.Created, ClassStandard, false)
	if err != nil {
		return fmt.Errorf("restore log group %s: %w", grp.Name, err)
	}
	return nil
}

// RestoreStream makes a log stream that has events in its group's journal; added is false where it is there.
func RestoreStream(tx *state.Tx, home loglake.Home, name loglake.GroupName, s Stream) (added bool, err error) {
	n, err := tx.Exec(`INSERT INTO log_streams (account, region, log_group, name, created, since, reused) VALUES (?, ?, ?, ?, ?, 0, ?)
		ON CONFLICT (account, region, log_group, name) DO NOTHING`, home.Account, home.Region, name, s.Name, s.Created, false)
	if err != nil {
		return false, fmt.Errorf("restore log stream %s of %s: %w", s.Name, name, err)
	}
	return n > 0, nil
}

// RestoreSuccessor makes the subscription that took the place of another, which ends where it begins. What its filter says is
// not known: it says what the other says. next has ID and From; at is its position.
func RestoreSuccessor(tx *state.Tx, old loglake.SourceID, next Subscription, at loglake.Offset) error {
	if _, err := tx.Exec(`UPDATE log_subscriptions SET until_offset = ? WHERE id = ? AND until_offset = -1`, next.From, old); err != nil {
		return fmt.Errorf("close subscription %s: %w", old, err)
	}
	_, err := tx.Exec(`INSERT INTO log_subscriptions (id, account, region, log_group, filter, journal, pattern, destination, role, distribution,
			stream, producer, created, from_offset, until_offset, target)
		SELECT ?, account, region, log_group, filter, journal, pattern, destination, role, distribution, stream, producer, created, ?, -1, target
		FROM log_subscriptions WHERE id = ?`, next.ID, next.From, old)
	if err != nil {
		return fmt.Errorf("restore subscription %s: %w", next.ID, err)
	}
	return position.Start(tx, position.Position{Producer: next.Producer, Source: next.ID, Journal: next.Journal, At: at})
}

// RestoreNone removes a group whose journal is gone: it was deleted.
func RestoreNone(tx *state.Tx, home loglake.Home, name loglake.GroupName, journal loglake.JournalID) error {
	for _, statement := range groupRows {
		if _, err := tx.Exec(statement, home.Account, home.Region, name); err != nil {
			return fmt.Errorf("remove log group %s: %w", name, err)
		}
	}
	for _, statement := range []string{`DELETE FROM log_subscriptions WHERE journal = ? OR target = ?`, `DELETE FROM positions WHERE journal = ? OR journal = ?`} {
		if _, err := tx.Exec(statement, journal, journal); err != nil {
			return fmt.Errorf("remove subscriptions of log group %s: %w", name, err)
		}
	}
	return nil
}

// Dropped gives the journals of deleted groups that are still there.
func Dropped(tx *state.Tx) (map[loglake.JournalID]bool, error) {
	rows, err := tx.Query(`SELECT journal FROM log_journals_dropped`)
	if err != nil {
		return nil, fmt.Errorf("list journals of deleted groups: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has told
	dropped := map[loglake.JournalID]bool{}
	for rows.Next() {
		var id loglake.JournalID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list journals of deleted groups: %w", err)
		}
		dropped[id] = true
	}
	return dropped, rows.Err()
}
