package journal

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/loglake/loglake"
)

// CorruptError says that bytes on the disk are not those that were written.
type CorruptError struct {
	File    string
	Offset  int64             // byte offset in File
	Journal loglake.JournalID // "" where it can't be told
	// From and To are the events that can't be read; both 0 where that can't be told.
	From, To loglake.Offset
	What     string
}

func (e *CorruptError) Error() string {
	s := fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.What)
	if e.Journal != "" {
		s += fmt.Sprintf(" (events %d to %d of journal %s)", e.From, e.To-1, e.Journal)
	}
	return s
}

// errGone is given inside the package when a file went away between choosing and reading it: settled, merged or
// released. The reader looks again.
var errGone = errors.New("the file was settled or released meanwhile")

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func errFull(cause error) error {
	return &loglake.Error{
		Code:    loglake.CodeThrottled,
		Message: "The disk of the journal is full: nothing was stored.",
		Hint:    "free space on the disk of the data directory; puts are taken again by themselves",
		Err:     cause,
	}
}

func errClosed() error {
	return loglake.Errorf(loglake.CodeUnavailable, "The journal is closed: nothing was stored.")
}

func errDeleted(id loglake.JournalID) error {
	return loglake.Errorf(loglake.CodeNotFound, "The journal %s was deleted.", id)
}
