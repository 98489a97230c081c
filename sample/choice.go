package sample

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/loglake/loglake/shape"
)

// partitionBy chooses the column whose value says which day a row is of; "" where there is none. The note says why.
func (s *Sample) partitionBy(columns []column) (name, note string) {
	usual := []string{"timestamp", "time", "ts", "datetime", "event_time", "date"}
	best, bestRank := -1, len(usual)+1
	var others []string
	for i, c := range columns {
		if c.field == nil || c.field.times*100 < s.events*95 {
			continue
		}
		rank := slices.Index(usual, c.Name)
		if rank < 0 {
			rank = len(usual)
		}
		// A field that is called like the event's own time is it, also where it can't be a timestamp.
		if c.Type != "timestamp" && rank == len(usual) {
			continue
		}
		if c.Type == "timestamp" {
			others = append(others, c.Name)
		}
		if rank < bestRank {
			best, bestRank = i, rank
		}
	}
	if best < 0 {
		return "", "No field is a timestamp that (nearly) every event has: a row lies in the day of its arrival."
	}
	f := columns[best].field
	others = slices.DeleteFunc(others, func(o string) bool { return o == columns[best].Name })
	if columns[best].Type != "timestamp" {
		note = fmt.Sprintf("%s would say which day a row is of, were it a timestamp; as it is, a row lies in the day of its arrival.", columns[best].Name)
		if len(others) > 0 {
			note += " partition_by: " + others[0] + " is possible."
		}
		return "", note
	}
	note = "a row lies in the day that this says, not in that of its arrival: " + days(f)
	if f.times < s.events {
		note += fmt.Sprintf("; %s of %s events have none", grouped(s.events-f.times), grouped(s.events))
	}
	if len(others) > 0 {
		note += "; " + strings.Join(others, ", ") + " would do too"
	}
	return columns[best].Name, note
}

func days(f *field) string {
	const day = "2006-01-02"
	if f.first.Format(day) == f.last.Format(day) {
		return f.first.Format(day) + " here"
	}
	return f.first.Format(day) + " to " + f.last.Format(day) + " here"
}

// usualZones are zones without summer time, by their offset in seconds: whatever the season, a day there is this long.
var usualZones = map[int][]string{
	3 * 3600: {"Europe/Istanbul", "Europe/Moscow"}, 4 * 3600: {"Asia/Dubai"}, 5*3600 + 1800: {"Asia/Kolkata"}, 5*3600 + 2700: {"Asia/Kathmandu"},
	6*3600 + 1800: {"Asia/Yangon"}, 7 * 3600: {"Asia/Bangkok", "Asia/Jakarta"}, 8 * 3600: {"Asia/Shanghai", "Asia/Singapore"},
	9 * 3600: {"Asia/Seoul", "Asia/Tokyo"}, 10 * 3600: {"Australia/Brisbane"}, -3 * 3600: {"America/Sao_Paulo", "America/Buenos_Aires"},
	3*3600 + 1800: {"Asia/Tehran"}, 4*3600 + 1800: {"Asia/Kabul"}, 9*3600 + 1800: {"Australia/Darwin"},
}

// zone chooses what a day is, and says why.
func (s *Sample) zone() (name, note string) {
	total, most, offset, times := int64(0), int64(0), 0, int64(0)
	for _, f := range s.fields {
		times += f.times
	}
	for o, n := range s.zones {
		total += n
		if n > most || n == most && o < offset {
			most, offset = n, o
		}
	}
	switch {
	case total == 0 && times == 0:
		return "UTC", "A day is one of UTC. zone: Asia/Seoul, say, makes days those of Seoul."
	case total == 0:
		return "UTC", "No time says its zone: they are taken for UTC, and a day is one of UTC. zone: Asia/Seoul, say, makes days those of Seoul."
	case most*100 < total*99:
		return "UTC", fmt.Sprintf("Times are of %d different offsets from UTC, so that a day is one of UTC. zone: Europe/Berlin, say, makes days those of Berlin.", len(s.zones))
	case offset == 0:
		return "UTC", "Times are in UTC, and a day is one of UTC. zone: Asia/Seoul, say, makes days those of Seoul."
	}
	said := fmt.Sprintf("%s of %s times are at %s", grouped(most), grouped(total), offsetText(offset))
	if zones := usualZones[offset]; len(zones) > 0 {
		note = said + ", as it is here all year"
		if len(zones) > 1 {
			note += " (and in " + strings.Join(zones[1:], ", ") + ")"
		}
		return zones[0], note
	}
	if offset%3600 != 0 || offset < -12*3600 || offset > 14*3600 {
		return "UTC", said + ", which is the offset of no zone that is known all year: a day is one of UTC. zone: says another."
	}
	return fmt.Sprintf("Etc/GMT%+d", -offset/3600), said + "; write the zone by its name, such as Europe/Berlin or America/New_York, if it has summer time"
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds%3600/60)
}

var (
	errorLevel = regexp.MustCompile(`(?i)^(e|err|error|fatal|critical|crit|panic|severe|alert|emerg|emergency)$`)
	selector   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// errors chooses which events are copied into a group of their own; "" where nothing tells of errors.
func (s *Sample) errors() (filter, note string) {
	if s.unparsed == s.events {
		if s.failing == 0 {
			return "", ""
		}
		return "?ERROR ?FATAL ?CRITICAL ?Exception ?Traceback", fmt.Sprintf("%s of the events tell of a failure", percent(s.failing, s.events))
	}
	var conditions, notes []string
	if c, n := s.levelErrors(); c != "" {
		conditions, notes = append(conditions, c), append(notes, n)
	}
	if f := s.firstField(statusFields()); f != nil && selector.MatchString(f.name) && f.numbers() == f.filled() && f.least >= 100 && f.most <= 599 {
		conditions = append(conditions, "$."+f.name+" >= 500")
		n := int64(0)
		for value, count := range f.values {
			if len(value) == 3 && value[0] == '5' {
				n += count
			}
		}
		seen := fmt.Sprintf("%s of %s have a %s of 500 or more", percent(n, s.events), grouped(s.events), f.name)
		if n == 0 {
			seen = "no " + f.name + " is 500 or more so far"
		}
		if f.values == nil {
			seen = f.name + " of 500 or more is an error of the server"
		}
		notes = append(notes, seen)
	}
	if len(conditions) == 0 {
		return "", ""
	}
	return "{ " + strings.Join(conditions, " || ") + " }", strings.Join(notes, "; ")
}

// levelErrors is the condition for the levels that tell of an error.
func (s *Sample) levelErrors() (condition, note string) {
	f := s.firstField(shape.LevelFields())
	if f == nil || !selector.MatchString(f.name) {
		return "", ""
	}
	if f.ints == f.filled() && f.least >= 10 && f.most <= 60 { // as pino and bunyan have them
		return "$." + f.name + " >= 50", f.name + " 50 and above is an error"
	}
	var levels []string
	n := int64(0)
	for value, count := range f.values {
		if errorLevel.MatchString(value) {
			levels = append(levels, value)
			n += count
		}
	}
	if f.texts < f.filled() || f.values == nil {
		return "", ""
	}
	if len(levels) == 0 {
		levels = []string{"ERROR"}
		for value := range f.values {
			if value == strings.ToLower(value) {
				levels[0] = "error"
			}
		}
		return fmt.Sprintf("$.%s = %q", f.name, levels[0]), fmt.Sprintf("no %s is %s so far", f.name, levels[0])
	}
	slices.Sort(levels)
	conditions := make([]string, len(levels))
	for i, level := range levels {
		conditions[i] = fmt.Sprintf("$.%s = %q", f.name, level)
	}
	return strings.Join(conditions, " || "), fmt.Sprintf("%s of the events are %s", percent(n, s.events), strings.Join(levels, ", "))
}
