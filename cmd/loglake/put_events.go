package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

// lineShape makes events of lines: joined, parsed, and without noise, as a group's settings and the flags say.
type lineShape struct {
	settings pipeline.Group // the parts that concern lines

	start  *regexp.Regexp
	parser *shape.Parser // nil: lines are events as they are
	noise  *shape.Noise
}

func newLineShape(g pipeline.Group) (*lineShape, error) {
	s := &lineShape{settings: g}
	var err error
	if g.Parse != "" {
		if s.parser, err = shape.NewParser(g.Parse, g.Regex); err != nil {
			return nil, err
		}
	}
	if g.Multiline.Start != "" {
		if s.start, err = regexp.Compile(g.Multiline.Start); err != nil {
			return nil, fmt.Errorf("the expression for the first line of an event: %w", err)
		}
	}
	s.noise, err = shape.NewNoise(g.Noise)
	return s, err
}

// lineTally counts what became of the lines of a source.
type lineTally struct {
	Lines    int64   `json:"lines"`
	Bytes    int64   `json:"bytes"`    // of the lines, without their ends
	Events   int64   `json:"events"`   // after joining, without noise
	Blank    int64   `json:"blank"`    // lines with nothing in them
	Unparsed int64   `json:"unparsed"` // events that are not of the format
	Noise    []int64 `json:"noise"`    // events dropped, by rule
	TooLong  int64   `json:"too_long"` // lines and events that the wire can't take
	Open     int64   `json:"open"`     // events at the end that may not be whole, and were not sent
	NotUTF8  int64   `json:"not_utf8"` // events with bytes that became U+FFFD

	firstTooLong int64 // its line
}

// lineSource is where lines come from.
type lineSource struct {
	io.Reader
	grows bool // a last line that has no end may be the beginning of one, and is left to another time
}

// read hands every event of a source to yield, whose error ends it, with the text that it was made of. Both are valid during
// the call.
func (s *lineShape) read(r lineSource, t *lineTally, yield func(event, text []byte) error) error {
	t.Noise = make([]int64, len(s.settings.Noise))
	joiner := shape.Joiner{Start: s.start}
	var out []byte
	emit := func(event []byte, ok bool) (err error) {
		if !ok {
			return nil
		}
		out, err = s.event(out[:0], event, t, yield)
		return err
	}
	for lines := shape.NewLines(r); ; {
		line, whole, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return emit(joiner.Flush())
		}
		if err != nil {
			return err
		}
		t.Lines++
		t.Bytes += int64(len(line))
		if !whole {
			t.tooLong()
			continue
		}
		switch {
		case r.grows && lines.Open():
			t.Open++
			if !joiner.Complete() {
				t.Open++ // nor is it known whether the line goes on with what is held
				return nil
			}
		case s.settings.Multiline.Join:
			err = emit(joiner.Add(line))
		default:
			err = emit(line, true)
		}
		if err != nil {
			return err
		}
	}
}

func (t *lineTally) tooLong() {
	if t.TooLong++; t.TooLong == 1 {
		t.firstTooLong = t.Lines
	}
}

// event parses what was joined and hands it on, unless it is noise. It gives the buffer back.
func (s *lineShape) event(out, text []byte, t *lineTally, yield func(event, text []byte) error) ([]byte, error) {
	event := text
	if len(bytes.TrimSpace(event)) == 0 {
		t.Blank++
		return out, nil
	}
	if s.parser != nil {
		var ok bool
		if out, ok = s.parser.Parse(out, event); !ok {
			t.Unparsed++
		}
		event = out
	}
	if rule, drop := s.noise.Drop(event); drop {
		t.Noise[rule]++
		return out, nil
	}
	if !utf8.Valid(event) {
		t.NotUTF8++
		event = bytes.ToValidUTF8(event, []byte("\uFFFD"))
	}
	if len(event) > client.EventBytesMax {
		t.tooLong()
		return out, nil
	}
	t.Events++
	return out, yield(event, text)
}
