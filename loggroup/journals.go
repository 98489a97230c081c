package loggroup

import (
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// JournalsOf gives the names of the log groups that are there, by their journals.
func JournalsOf(tx *state.Tx, home loglake.Home) (map[loglake.JournalID]loglake.GroupName, error) {
	rows, err := tx.Query(`SELECT journal, name FROM log_groups WHERE account = ? AND region = ?`, home.Account, home.Region)
	if err != nil {
		return nil, fmt.Errorf("list journals of log groups: %w", err)
	}
	defer rows.Close()
	names := map[loglake.JournalID]loglake.GroupName{}
	for rows.Next() {
		var id loglake.JournalID
		var name loglake.GroupName
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("list journals of log groups: %w", err)
		}
		names[id] = name
	}
	return names, rows.Err()
}
