package journal

import (
	"errors"
	"fmt"
	"strings"
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

// newer tells whether a file that can't be decoded begins with a later version of a magic, whose last three bytes are it.
func newer(b []byte, magic string) bool {
	at := len(magic) - 3
	if len(b) < len(magic) || string(b[:at]) != magic[:at] || string(b[at:len(magic)]) <= magic[at:] {
		return false
	}
	return strings.Trim(string(b[at:len(magic)]), "0123456789") == ""
}

func errNewer(file string) error {
	return loglake.Errorf(loglake.CodeConflict, "%s was written by a newer loglake", file).WithHint("start the newer one; going back is not possible")
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
