package delivery

import (
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// JournalOf gives the journal of what is put to a producer directly.
func JournalOf(producer loglake.ProducerID) loglake.JournalID {
	return Definition{Producer: producer}.Journal()
}

// RestoreNone removes a stream whose journal is gone, in a state that is made again: it was deleted.
func RestoreNone(tx *state.Tx, home loglake.Home, name loglake.StreamName, producer loglake.ProducerID) error {
	if err := loggroup.DetachSubscriptions(tx, producer); err != nil {
		return err
	}
	if err := position.Drop(tx, producer, loglake.DirectSource); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM delivery_streams WHERE account = ? AND region = ? AND name = ?`, home.Account, home.Region, name); err != nil {
		return fmt.Errorf("remove stream %s: %w", name, err)
	}
	return nil
}
