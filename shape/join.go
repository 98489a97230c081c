package shape

import "regexp"

// Bounds of an event that a Joiner makes. A line that would go beyond them begins an event of its own.
const (
	JoinLinesMax = 1000
	JoinBytesMax = 256 << 10
)

// Joiner makes one event of the lines that belong together: a stack trace and the line it follows, or what Start says. It
// looks at one source of lines. A line that is a JSON object never joins and is never joined. Nothing is lost or reordered: the events, put
// together with line ends between them, are the lines that were added.
//
// How long to wait for another line is the caller's: it calls Flush. The zero value is ready.
type Joiner struct {
	Start *regexp.Regexp // what the first line of an event looks like; nil: stack traces are joined

	held  []byte // the event that may go on
	spare []byte // what Add or Flush gave last
	lines int    // in held; 0: nothing is held
	kind  joinKind
}

// Add takes the next line, without its end. Where it does not belong to what is held, that is a complete event and given
// back; it is valid until the next call.
func (j *Joiner) Add(line []byte) (event []byte, ok bool) {
	kind, joins := j.classify(line)
	if joins && j.lines < JoinLinesMax && len(j.held)+1+len(line) <= JoinBytesMax {
		j.held = append(append(j.held, '\n'), line...)
		j.lines++
		j.kind = kind
		return nil, false
	}
	event, ok = j.Flush()
	j.held = append(j.held, line...)
	j.lines, j.kind = 1, kind
	return event, ok
}

// Flush gives what is held; it is valid until the next call. Not ok: nothing is.
func (j *Joiner) Flush() (event []byte, ok bool) {
	if j.lines == 0 {
		return nil, false
	}
	event, ok = j.held, true
	j.held, j.spare = j.spare[:0], event
	j.lines = 0
	return event, ok
}

// Complete tells that nothing can join what is held, so that a caller in a hurry may Flush at once: it is a JSON object,
// or there is nothing.
func (j *Joiner) Complete() bool { return j.lines == 0 || j.kind == joinNever }
