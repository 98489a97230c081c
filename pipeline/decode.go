package pipeline

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/shape"
)

func (d *decoder) pipeline(n *node, p *Pipeline) {
	d.object(n, "", topKeys(), func(m member) {
		switch m.name {
		case "zone":
			p.Zone = d.zone(m)
		case "bucket":
			p.Bucket, _ = d.text(m)
		case "database":
			p.Database, _ = d.text(m)
		case "groups":
			d.names(m, "GROUP", func(m member) { p.Groups = append(p.Groups, d.group(m)) })
		case "tables":
			d.names(m, "TABLE", func(m member) { p.Tables = append(p.Tables, d.table(m)) })
		case "streams":
			d.names(m, "STREAM", func(m member) { p.Streams = append(p.Streams, d.stream(m)) })
		case "server":
			d.server(m, &p.Server)
		}
	})
}

// zone gives a time zone as the service takes it.
func (d *decoder) zone(m member) string {
	text, ok := d.text(m)
	if !ok {
		return ""
	}
	_, err := time.LoadLocation(text)
	switch {
	case err != nil || text == "Local" || text == "":
		d.wrong(m.node, "%s: %q is not a time zone; it is a name such as UTC, Asia/Seoul or Europe/Berlin", m.path, text)
		return ""
	case text != "UTC" && len(text) == 3:
		d.wrong(m.node, "%s: the service takes no zones of three letters but UTC; write a name such as Asia/Seoul or Europe/Berlin", m.path)
		return ""
	}
	return text
}

func (d *decoder) server(m member, s *Server) {
	d.object(m.node, m.path, serverKeys(), func(m member) {
		for _, setting := range Settings() {
			if setting.Key == m.name {
				*setting.Of(s), _ = d.text(m)
			}
		}
	})
}

func (d *decoder) group(m member) Group {
	g := Group{Name: loglake.GroupName(m.name), Multiline: Multiline{Join: true}}
	d.object(m.node, m.path, groupKeys(), func(m member) {
		switch m.name {
		case "retention":
			g.RetentionDays = d.retention(m)
		case "noise":
			d.list(m, func(m member) { g.Noise = append(g.Noise, d.rule(m)) })
		case "routes":
			d.list(m, func(m member) { g.Routes = append(g.Routes, d.route(m)) })
		case "parse":
			g.Parse = shape.Format(d.choice(m, formats()))
		case "regex":
			g.Regex, _ = d.text(m)
		case "multiline":
			g.Multiline = d.multiline(m)
		}
	})
	return g
}

// forever is a retention without an end.
const forever = "forever"

func (d *decoder) retention(m member) int {
	text, ok := d.text(m)
	if !ok || text == forever {
		return 0
	}
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || days < 1 {
		d.wrong(m.node, "%s: %q is not a number of days such as 30d, nor %s", m.path, text, forever)
		return 0
	}
	allowed := loggroup.RetentionDays()
	if !slices.Contains(allowed, days) {
		d.wrong(m.node, "%s: the service can't keep events for %d days; the nearest is %dd, and all are %s", m.path, days, nearestDays(days, allowed), retentionList())
		return 0
	}
	return days
}

// nearestDays prefers the longer one of two that are as near: nothing goes sooner than was asked.
func nearestDays(days int, allowed []int) int {
	best := allowed[len(allowed)-1]
	for _, a := range slices.Backward(allowed) {
		if abs(a-days) < abs(best-days) {
			best = a
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

func retentionList() string {
	var days []string
	for _, n := range loggroup.RetentionDays() {
		days = append(days, strconv.Itoa(n))
	}
	return strings.Join(days, ", ")
}

func (d *decoder) multiline(m member) Multiline {
	text, ok := d.text(m)
	switch {
	case !ok:
	case m.tag == "!!bool":
		return Multiline{Join: strings.EqualFold(text, "true")}
	default:
		if _, err := regexp.Compile(text); err != nil {
			d.wrong(m.node, "%s: %v", m.path, err)
		}
		return Multiline{Join: true, Start: text}
	}
	return Multiline{}
}

func (d *decoder) rule(m member) shape.Rule {
	r := shape.Rule{}
	before := len(d.problems)
	d.object(m.node, m.path, ruleKeys(), func(m member) {
		switch m.name {
		case "method":
			r.Method = d.some(m)
		case "path":
			r.Path = d.some(m)
		case "level":
			r.Level = d.some(m)
		case "fields":
			r.Fields = map[string][]string{}
			d.names(m, "FIELD", func(m member) { r.Fields[m.name] = d.some(m) })
		case "except":
			d.list(m, func(m member) { r.Except = append(r.Except, d.rule(m)) })
		}
	})
	if len(d.problems) == before {
		if _, err := shape.NewNoise([]shape.Rule{r}); err != nil {
			d.wrong(m.node, "%s: %s", m.path, strings.Replace(said(err), "noise rule 1", "the rule", 1))
		}
	}
	return r
}

func (d *decoder) route(m member) Route {
	r := Route{}
	d.object(m.node, m.path, routeKeys(), func(m member) {
		switch m.name {
		case "filter":
			r.Filter = d.pattern(m)
		case "to":
			to, _ := d.text(m)
			r.To = loglake.GroupName(to)
		}
	})
	return r
}

// patternBytesMax is the service's limit on a filter pattern.
const patternBytesMax = 1024

func (d *decoder) pattern(m member) string {
	if m.kind == 0 || m.null() {
		return ""
	}
	if m.node.kind == mappingKind {
		d.wrong(m.node, "%s: a pattern that begins with { has to stand in quotes: '{ $.level = \"ERROR\" }'", m.path)
		return ""
	}
	text, ok := d.text(m)
	if !ok {
		return ""
	}
	if len(text) > patternBytesMax {
		d.wrong(m.node, "%s: the pattern has %d bytes; the service takes %d", m.path, len(text), patternBytesMax)
	}
	if _, err := pattern.Parse(text); err != nil {
		d.wrong(m.node, "%s: %s", m.path, said(err))
	}
	return text
}

func (d *decoder) stream(m member) Stream {
	s := Stream{Name: loglake.StreamName(m.name), BufferMiB: unset, BufferSeconds: unset}
	d.object(m.node, m.path, streamKeys(), func(m member) {
		switch m.name {
		case "from":
			for _, name := range d.some(m) {
				s.From = append(s.From, loglake.GroupName(name))
			}
		case "filter":
			s.Filter = d.pattern(m)
		case "table":
			s.Table, _ = d.text(m)
		case "prefix":
			s.Prefix, _ = d.text(m)
		case "error_prefix":
			s.ErrorPrefix, _ = d.text(m)
		case "codec":
			s.Codec = Codec(d.choice(m, codecNames()))
		case "buffer":
			d.buffer(m, &s)
		case "policy":
			s.Policy = d.choice(m, []string{"rescue", "aws"})
		}
	})
	return s
}

// unset is a number that the file does not give.
const unset = -1

func (d *decoder) buffer(m member, s *Stream) {
	d.object(m.node, m.path, bufferKeys(), func(m member) {
		text, ok := d.text(m)
		if !ok {
			return
		}
		switch m.name {
		case "size":
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "MiB")))
			if err != nil {
				d.wrong(m.node, "%s: %q is not a size such as 64MiB", m.path, text)
				return
			}
			s.BufferMiB = n
		case "interval":
			age, err := time.ParseDuration(text)
			if n, problem := strconv.Atoi(text); problem == nil {
				age, err = time.Duration(n)*time.Second, nil
			}
			if err != nil || age%time.Second != 0 {
				d.wrong(m.node, "%s: %q is not a time such as 60s or 5m", m.path, text)
				return
			}
			s.BufferSeconds = int(age / time.Second)
		}
	})
}

// said gives the text of a failure with what to do about it.
func said(err error) string {
	text := err.Error()
	if e := (*loglake.Error)(nil); errors.As(err, &e) {
		text = e.Message
		if e.Hint != "" {
			text = strings.TrimSuffix(text, ".") + "; " + e.Hint
		}
	}
	return strings.TrimSuffix(text, ".")
}
