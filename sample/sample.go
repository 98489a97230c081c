// Package sample looks at lines of a log and writes the loglake.yaml that fits them, with the reason of each choice in a
// comment: what `loglake init` does.
//
// Look reads the lines, however many, in bounded memory: which format they have (detect.go), what each field holds
// (field.go), which requests look like noise (noise.go), which fields look personal (personal.go), in which zone the times
// are. File makes a pipeline of what was found (file.go, column.go) and has package pipeline print it. Nothing here is
// random and nothing asks the clock: the same lines give the same file.
package sample

import (
	"errors"
	"io"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/shape"
)

// Bounds of what is looked at and kept.
const (
	LinesMax     = 1_000_000 // lines that are read
	FieldsMax    = 200       // fields that get a column; pipelines may have more
	detectEvents = 1000      // events that decide the format
	detectBytes  = 4 << 20
)

// Config says what the lines are. The zero value finds out.
type Config struct {
	Name  string            // what table, stream and group are called for: a file's name; "": app
	Group loglake.GroupName // "": /app/ and the name
	Parse shape.Format      // "": found out
	Regex string            // the expression of shape.Regex
}

// Sample is what was found.
type Sample struct {
	config Config
	parser *shape.Parser
	format shape.Format // "": plain text

	lines, bytes int64 // as they were read
	more         bool  // there were more than LinesMax
	tooLong      int64 // lines longer than an event may be

	events, eventBytes int64
	joined             int64 // events of several lines
	joinedLines        int64 // lines of these
	unparsed           int64 // events that are not of the format
	failing            int64 // of these, with a word such as ERROR

	fields map[string]*field
	order  []*field
	left   map[string]bool // names of fields beyond FieldsMax

	zones    map[int]int64 // times by their offset from UTC in seconds
	parsed   map[int]int64 // the same of times that the parser made, which tell nothing
	requests requests
}

// Look reads the lines of r. The error is of CodeInvalid where there is nothing to look at.
func Look(r io.Reader, c Config) (*Sample, error) {
	s := &Sample{config: c, fields: map[string]*field{}, left: map[string]bool{}, zones: map[int]int64{}, parsed: map[int]int64{}}
	s.requests.init()
	var head [][]byte
	size := 0
	err := s.read(r, func(event []byte) error {
		if s.parser != nil {
			s.observe(event)
			return nil
		}
		head = append(head, append([]byte(nil), event...))
		if size += len(event); len(head) < detectEvents && size < detectBytes {
			return nil
		}
		return s.begin(head)
	})
	if err == nil && s.parser == nil {
		err = s.begin(head)
	}
	if err == nil && s.events == 0 {
		err = loglake.Errorf(loglake.CodeInvalid, "there are no lines to look at")
	}
	return s, err
}

// begin decides the format and looks at the events that were held back for that.
func (s *Sample) begin(head [][]byte) error {
	format := s.config.Parse
	if format == "" {
		format, s.config.Regex = detect(head)
	}
	if s.format = format; format == "" {
		format = shape.JSON // makes {"message": …} of text
	}
	var err error
	if s.parser, err = shape.NewParser(format, s.config.Regex); err != nil {
		return err
	}
	for _, event := range head {
		s.observe(event)
	}
	return nil
}

// read hands each event to yield: lines, those of a stack trace joined, without blank ones.
func (s *Sample) read(r io.Reader, yield func(event []byte) error) error {
	var joiner shape.Joiner
	held := int64(0) // lines of the event that the joiner has
	emit := func(event []byte, ok bool, lines int64) error {
		if !ok || len(event) == 0 {
			return nil
		}
		if lines > 1 {
			s.joined++
			s.joinedLines += lines
		}
		return yield(event)
	}
	for lines := shape.NewLines(r); ; {
		line, whole, err := lines.Next()
		if err == nil && s.lines == LinesMax {
			s.more = true
			err = io.EOF
		}
		if errors.Is(err, io.EOF) {
			event, ok := joiner.Flush()
			return emit(event, ok, held)
		}
		if err != nil {
			return err
		}
		s.lines++
		s.bytes += int64(len(line))
		if !whole {
			s.tooLong++
			continue
		}
		event, ok := joiner.Add(line)
		if err := emit(event, ok, held); err != nil {
			return err
		}
		if held++; ok {
			held = 1
		}
	}
}

// observe looks at one event.
func (s *Sample) observe(event []byte) {
	s.events++
	s.eventBytes += int64(len(event))
	object, ok := s.parser.Parse(nil, event)
	if !ok {
		s.unparsed++
		if failing(event) {
			s.failing++
		}
		return
	}
	zones := s.zones
	if s.format == shape.Common || s.format == shape.Combined {
		s.accessZone(event)
		zones = s.parsed
	}
	var q request
	for name, value := range shape.Members(object) {
		f := s.field(string(name))
		if f == nil {
			continue
		}
		f.see(value, zones)
		q.take(f.name, value)
	}
	s.requests.see(&q, int64(len(event)))
}

// field gives the field of a name; nil: there are too many.
func (s *Sample) field(name string) *field {
	if f := s.fields[name]; f != nil {
		return f
	}
	if len(s.order) == FieldsMax {
		if len(s.left) < FieldsMax {
			s.left[name] = true
		}
		return nil
	}
	f := newField(name)
	s.fields[name] = f
	s.order = append(s.order, f)
	return f
}
