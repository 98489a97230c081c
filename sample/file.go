package sample

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

// How long events are kept.
const (
	retentionDays       = 30
	errorsRetentionDays = 7
)

// File gives the text of the loglake.yaml that fits what was seen. pipeline.Parse reads it.
func (s *Sample) File() ([]byte, error) {
	p, notes, err := s.pipeline()
	if err != nil {
		return nil, err
	}
	text, err := pipeline.Render(p, notes)
	if err != nil {
		return nil, err
	}
	if len(p.Tables) > 0 {
		text = append(text, "\n# The table as a statement of Athena's:\n#\n"...)
		for line := range strings.SplitSeq(strings.TrimSpace(p.Tables[0].Statement("").String()), "\n") {
			text = append(text, strings.TrimRight("# "+line, " ")+"\n"...)
		}
	}
	if _, err := pipeline.Parse(text); err != nil {
		return nil, &loglake.Error{Code: loglake.CodeInternal, Message: "the file that was made of the sample is not one that loglake takes", Err: err}
	}
	return text, nil
}

// pipeline makes the values of the file, and its comments.
func (s *Sample) pipeline() (p *pipeline.Pipeline, notes map[string]string, err error) {
	name := baseName(s.config.Name)
	group := string(s.config.Group)
	if group == "" {
		group = "/app/" + name
	}
	table := strings.ReplaceAll(strings.ToLower(name), "-", "_") + "_logs"
	stream := strings.ToLower(name) + "-logs"
	p, err = pipeline.Parse(fmt.Appendf(nil, "bucket: %s\ngroups: {%q: {}, %q: {}}\ntables: {%s: {columns: {message: string}}}\nstreams: {%q: {from: %q, table: %s}}\n",
		bucketName(name), group, group+"/errors", table, stream, group, table))
	if err != nil {
		return nil, nil, err
	}
	notes = map[string]string{"bucket": "choose its name: on AWS no other account may have it"}
	zone, zoneNote := s.zone()
	if p.Zone = zone; zone != "UTC" {
		notes["zone"], zoneNote = zoneNote, ""
	}

	g, at := &p.Groups[0], pipeline.Path("groups", group)
	g.RetentionDays, p.Groups[1].RetentionDays = retentionDays, errorsRetentionDays
	s.shapeGroup(g, at, notes)
	if filter, note := s.errors(); filter != "" {
		g.Routes = []pipeline.Route{{Filter: filter, To: p.Groups[1].Name}}
		notes[at+".routes"] = "Errors, into a group of their own: " + note
	} else {
		p.Groups = p.Groups[:1]
	}

	t, at := &p.Tables[0], pipeline.Path("tables", table)
	columns := s.columns()
	t.Columns = nil
	var loud []string
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
		notes[pipeline.Path("tables", table, "columns", c.Name)] = c.note
		if c.loud != "" {
			loud = append(loud, fmt.Sprintf("%s: %s", c.Name, c.loud))
		}
	}
	var why string
	if t.PartitionBy, why = s.partitionBy(columns); t.PartitionBy != "" {
		notes[at+".partition_by"] = why
	} else {
		notes[at] = why
	}
	p.Streams[0].PartitionBy, p.Streams[0].Zone = t.PartitionBy, p.Zone
	notes[""] = s.head(zoneNote, loud)
	return p, notes, nil
}

// shapeGroup says how lines are made into events.
func (s *Sample) shapeGroup(g *pipeline.Group, at string, notes map[string]string) {
	switch {
	case s.format == "":
		g.Parse = shape.JSON
		notes[at+".parse"] = `lines are plain text: {"message": …} is made of each; parse: regex with an expression makes fields`
	case s.format != shape.JSON:
		g.Parse, g.Regex = s.format, s.config.Regex
		notes[at+".parse"] = fmt.Sprintf("%s of %s events are that", grouped(s.events-s.unparsed), grouped(s.events))
	case s.unparsed > 0:
		g.Parse = shape.JSON
		notes[at+".parse"] = fmt.Sprintf(`%s of %s events are not JSON: {"message": …} is made of them`, grouped(s.unparsed), grouped(s.events))
	}
	for i, rule := range s.noise() {
		g.Noise = append(g.Noise, rule.rule)
		notes[fmt.Sprintf("%s.noise[%d]", at, i)] = rule.note
	}
	if len(g.Noise) > 0 {
		notes[at+".noise"] = "What capture (loglake run, pipe, put) drops before it is sent. Delete what you want to keep."
	}
}

// head says what was looked at.
func (s *Sample) head(zone string, loud []string) string {
	var b strings.Builder
	what := map[shape.Format]string{"": "plain text", shape.JSON: "JSON", shape.Logfmt: "logfmt", shape.Common: "a common access log",
		shape.Combined: "a combined access log", shape.Regex: "text that the expression below takes apart"}[s.format]
	fmt.Fprintf(&b, "Made by `loglake init` of %s lines (%s bytes): %s.\n", grouped(s.lines), grouped(s.bytes), what)
	note := func(on bool, format string, args ...any) {
		if on {
			fmt.Fprintf(&b, format+"\n", args...)
		}
	}
	note(s.more, "Only the first %s lines were looked at.", grouped(LinesMax))
	note(s.joined > 0, "%s lines are %s events of several lines, such as stack traces; they are joined.", grouped(s.joinedLines), grouped(s.joined))
	note(s.format != "" && s.unparsed > 0, "%s of %s events do not parse, and stay as {\"message\": …}.", grouped(s.unparsed), grouped(s.events))
	note(s.tooLong > 0, "%s lines are longer than an event may be, and were not looked at.", grouped(s.tooLong))
	note(len(s.left) > 0, "There are more than %d fields; the others have no column.", FieldsMax)
	note(zone != "", "%s", zone)
	for _, l := range loud {
		note(true, "!! %s. Such values should not be logged at all.", printable(l))
	}
	b.WriteString("Look through it, then `loglake plan` shows what it would do, and `loglake serve` does it.")
	return b.String()
}

var (
	endings   = regexp.MustCompile(`(?i)(\.(log|txt|json|jsonl|ndjson|logfmt|gz|zst|zstd|out|err|sample|\d+))+$`)
	dates     = regexp.MustCompile(`[-_.]?\d{4}-?\d{2}-?\d{2}([-_.T]?\d{2}){0,3}`)
	noLetters = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// baseName makes a name for groups and tables of a file's: access of logs/access-2026-01-02.log.gz.
func baseName(file string) string {
	name := endings.ReplaceAllString(path.Base(strings.ReplaceAll(file, `\`, "/")), "")
	name = strings.Trim(noLetters.ReplaceAllString(dates.ReplaceAllString(name, ""), "-"), "-")
	for _, end := range []string{"-logs", "-log"} {
		name = strings.TrimSuffix(name, end)
	}
	if len(name) > 40 {
		name = name[:40]
	}
	if name == "" {
		return "app"
	}
	if name[0] >= '0' && name[0] <= '9' {
		name = "app-" + name
	}
	return strings.ToLower(strings.TrimRight(name, "-"))
}

func bucketName(name string) string { return strings.ToLower(name) + "-logs" }
