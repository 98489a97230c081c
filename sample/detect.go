package sample

import (
	"bytes"
	"regexp"

	"github.com/loglake/loglake/shape"
)

// detect gives the format that most events have; "" where no format has half of them.
func detect(events [][]byte) shape.Format {
	best, most := shape.Format(""), len(events)/2
	// Of two that have as many the first counts: common reads what combined does.
	for _, format := range []shape.Format{shape.JSON, shape.Combined, shape.Common, shape.Logfmt} {
		p, err := shape.NewParser(format, "")
		if err != nil {
			continue
		}
		count := 0
		var out []byte
		for _, event := range events {
			var ok bool
			if out, ok = p.Parse(out[:0], event); ok {
				count++
			}
		}
		if count > most {
			best, most = format, count
		}
	}
	return best
}

// accessZone counts the offset of an access log's time, which the parser turns into UTC.
func (s *Sample) accessZone(line []byte) {
	_, rest, _ := bytes.Cut(line, []byte("["))
	text, _, _ := bytes.Cut(rest, []byte("]"))
	if at, _, ok := shape.ParseTime(text); ok {
		_, offset := at.Zone()
		s.zones[offset]++
	}
}

var failure = regexp.MustCompile(`\b(ERROR|FATAL|CRITICAL|PANIC|SEVERE)\b|Traceback \(most recent|Exception\b`)

// failing tells whether a line of text tells of a failure.
func failing(event []byte) bool { return failure.Match(event) }
