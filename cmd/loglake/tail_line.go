package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// lineWriter writes log events for people, or as JSON for programs.
type lineWriter struct {
	w     io.Writer
	json  bool
	paint paint
	zone  *time.Location
}

func (l lineWriter) event(e types.FilteredLogEvent) error {
	var b bytes.Buffer
	if message := aws.ToString(e.Message); l.json {
		writeJSONLine(&b, message)
	} else {
		l.text(&b, time.UnixMilli(aws.ToInt64(e.Timestamp)).In(l.zone), message)
	}
	_, err := l.w.Write(b.Bytes())
	return err
}

// writeJSONLine writes a message that is a JSON object on one line, and any other as {"message": …}.
func writeJSONLine(b *bytes.Buffer, message string) {
	text := strings.TrimSpace(message)
	var line bytes.Buffer
	if !strings.HasPrefix(text, "{") || json.Compact(&line, []byte(text)) != nil {
		line.Reset()
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]string{"message": message}) // text always encodes
		line.Truncate(line.Len() - 1)
	}
	for _, r := range line.String() {
		if r >= 0x7f && r <= 0x9f { // a terminal may obey them; JSON may write them so
			fmt.Fprintf(b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteByte('\n')
}

// The fields that a line has a place for, by the names that programs give them.
var (
	levelNames    = []string{"level", "severity", "lvl", "log_level", "loglevel"}
	methodNames   = []string{"method", "http_method", "request_method"}
	pathNames     = []string{"path", "url", "uri", "request_uri", "route"}
	statusNames   = []string{"status_code", "status", "http_status", "statuscode"}
	durationNames = []string{"response_time", "duration_ms", "latency_ms", "elapsed_ms", "duration", "latency"}
	messageNames  = []string{"message", "msg", "error", "err", "event"}
	traceNames    = []string{"error_traceback", "traceback", "stack_trace", "stacktrace", "stack", "exception"}
	timeNames     = []string{"timestamp", "time", "ts", "@timestamp", "datetime"}
)

// text writes a message as a line of its own, what follows the first line indented below it.
func (l lineWriter) text(b *bytes.Buffer, at time.Time, message string) {
	b.WriteString(l.paint.in(dim, at.Format("15:04:05.000")))
	if fields, ok := membersOf(message); ok {
		l.object(b, fields)
		return
	}
	first, rest, _ := strings.Cut(strings.TrimRight(message, "\r\n"), "\n")
	b.WriteByte(' ')
	b.WriteString(l.paint.in(levelColours[wordLevel(first)], printable(strings.TrimRight(first, "\r"))))
	b.WriteByte('\n')
	l.indented(b, rest)
}

// indented writes the lines of a text below an event.
func (l lineWriter) indented(b *bytes.Buffer, text string) {
	if text = strings.TrimRight(text, "\r\n"); text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", "    ")
		b.WriteString("    " + l.paint.in(dim, printable(line)) + "\n")
	}
}

// object writes a JSON object: the fields that have a place there, then the message, then the others.
func (l lineWriter) object(b *bytes.Buffer, fields []field) {
	taken := map[string]bool{}
	take := func(names []string) string {
		for _, name := range names {
			for _, f := range fields {
				if strings.EqualFold(f.name, name) && f.value != "" && !taken[f.name] {
					taken[f.name] = true
					return f.value
				}
			}
		}
		return ""
	}
	take(timeNames)
	level := strings.ToUpper(take(levelNames))
	method, path, status, duration := take(methodNames), take(pathNames), take(statusNames), take(durationNames)
	trace, message := take(traceNames), take(messageNames)
	if level != "" {
		fmt.Fprintf(b, " %s", l.paint.in(levelColours[levelOf(level)], fmt.Sprintf("%-5s", printable(level))))
	}
	for _, part := range []struct {
		text   string
		colour colour
	}{{method, bold}, {path, plain}, {status, statusColour(status)}, {milliseconds(duration), dim}} {
		if part.text != "" {
			b.WriteString(" " + l.paint.in(part.colour, printable(part.text)))
		}
	}
	first, more, _ := strings.Cut(strings.TrimRight(message, "\r\n"), "\n")
	if first != "" {
		b.WriteString(" " + printable(first))
	}
	for _, f := range fields {
		if !taken[f.name] && f.value != "" {
			b.WriteString(" " + l.paint.in(dim, printable(f.name+"="+f.value)))
		}
	}
	b.WriteByte('\n')
	l.indented(b, more)
	l.indented(b, trace)
}

// milliseconds adds the unit to a number.
func milliseconds(text string) string {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(n, 'f', -1, 64) + " ms"
	}
	return text
}

func statusColour(status string) colour {
	switch {
	case strings.HasPrefix(status, "5"):
		return red
	case strings.HasPrefix(status, "4"):
		return yellow
	case strings.HasPrefix(status, "2"):
		return green
	}
	return plain
}

var levelColours = map[string]colour{"ERROR": red, "WARN": yellow, "INFO": plain, "DEBUG": dim}

// levelOf gives the level that a name stands for, "" where it is none.
func levelOf(name string) string {
	switch strings.ToUpper(name) {
	case "ERROR", "ERR", "FATAL", "CRITICAL", "CRIT", "PANIC", "SEVERE", "EMERG", "ALERT", "60", "50":
		return "ERROR"
	case "WARN", "WARNING", "40":
		return "WARN"
	case "INFO", "NOTICE", "INFORMATION", "30":
		return "INFO"
	case "DEBUG", "TRACE", "VERBOSE", "FINE", "20", "10":
		return "DEBUG"
	}
	return ""
}

// wordLevel finds a level among the first words of a line. Numbers are none there.
func wordLevel(line string) string {
	if len(line) > 200 {
		line = line[:200]
	}
	words := strings.FieldsFunc(line, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' })
	for _, word := range words[:min(len(words), 12)] {
		if word == strings.ToUpper(word) && len(word) > 2 {
			if level := levelOf(word); level != "" {
				return level
			}
		}
	}
	return ""
}

// field is a member of a JSON object: text as it is, all else as JSON, null as nothing.
type field struct{ name, value string }

// membersOf gives the members of a message that is one JSON object, in their order.
func membersOf(message string) (fields []field, ok bool) {
	if text := strings.TrimSpace(message); !strings.HasPrefix(text, "{") || !utf8.ValidString(text) {
		return nil, false
	}
	dec := json.NewDecoder(strings.NewReader(message))
	if _, err := dec.Token(); err != nil {
		return nil, false
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, false
		}
		f := field{name: fmt.Sprint(name)}
		switch {
		case raw[0] == '"':
			if json.Unmarshal(raw, &f.value) != nil {
				return nil, false
			}
		case string(raw) != "null":
			f.value = string(raw)
		}
		fields = append(fields, f)
	}
	if _, err := dec.Token(); err != nil {
		return nil, false
	}
	return fields, !dec.More()
}
