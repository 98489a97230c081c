package position

import (
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Restore puts a position that is there elsewhere, in a state that is made again, and tells whether it moved. One that is not
// there stays away: its source has ended.
func Restore(tx *state.Tx, producer loglake.ProducerID, source loglake.SourceID, at loglake.Offset) (moved bool, err error) {
	n, err := tx.Exec(`UPDATE positions SET at = ? WHERE producer = ? AND source = ? AND at <> ?`, at, producer, source, at)
	if err != nil {
		return false, fmt.Errorf("restore position: %w", err)
	}
	return n > 0, nil
}
