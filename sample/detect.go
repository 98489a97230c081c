package sample

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/loglake/loglake/shape"
)

// usualLines are expressions for text that begins with a time, the most telling first. What they find is found within the
// message, which stays whole.
var usualLines = []string{
	`(?s)^(?P<message>(?P<timestamp>` + lineTime + `).{0,100}?\b(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|PANIC)\b.*)$`,
	`(?s)^(?P<message>(?P<timestamp>` + lineTime + `).*)$`,
}

// lineTime is a time at the beginning of a line. A fraction behind a comma is left out: conversion takes none.
const lineTime = `\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?`

// commaZone is a time that is cut before its zone by lineTime.
var commaZone = regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d,\d+ ?(?:Z|UTC|[+-]\d\d)`)

// detect gives the format of most events, and its expression; "" where no format has half of them.
func detect(events [][]byte) (format shape.Format, expression string) {
	format, most := "", len(events)/2
	// Of two that have as many the first counts: common reads what combined does.
	for _, f := range []shape.Format{shape.JSON, shape.Combined, shape.Common, shape.Logfmt} {
		if n := parsed(events, f, ""); n > most {
			format, most = f, n
		}
	}
	if format != "" || slices.ContainsFunc(events, commaZone.Match) {
		return format, ""
	}
	for _, e := range usualLines {
		// Text that is nothing else has some lines that are.
		if n := parsed(events, shape.Regex, e); n*10 >= len(events)*9 {
			return shape.Regex, e
		}
	}
	return "", ""
}

// parsed is how many events are of a format.
func parsed(events [][]byte, format shape.Format, expression string) (n int) {
	p, err := shape.NewParser(format, expression)
	if err != nil {
		return 0
	}
	var out []byte
	for _, event := range events {
		var ok bool
		if out, ok = p.Parse(out[:0], event); ok {
			n++
		}
	}
	return n
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
