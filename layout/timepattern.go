package layout

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timePattern is a pattern of java.time.format.DateTimeFormatter, as !{timestamp:…} takes it: runs of one letter are
// fields, text in single quotes is literal, ” is a quote.
// https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
type timePattern []field

// field is a run of a pattern letter, or a literal where letter is 0.
type field struct {
	letter byte
	count  int
	text   string
}

// notBuilt are letters of the formatter that the service takes and loglake does not: fields of week-based years and the
// names of zones.
const notBuilt = "YwWecFzO"

// built are the letters that format knows, each with the longest run it takes.
var built = map[byte]int{
	'y': 10, 'u': 10, 'M': 4, 'L': 4, 'd': 2, 'D': 3, 'E': 4, 'H': 2, 'k': 2, 'K': 2, 'h': 2, 'm': 2, 's': 2, 'S': 9, 'n': 19,
	'N': 19, 'A': 19, 'a': 1, 'Q': 3, 'q': 3, 'Z': 3, 'X': 3, 'x': 3,
}

func parseTimePattern(text, member string) (timePattern, error) {
	var p timePattern
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'':
			literal, n, ok := quoted(text[i:])
			if !ok {
				return nil, invalid("Invalid expression usage")
			}
			p = append(p, field{text: literal})
			i += n
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			n := 1
			for i+n < len(text) && text[i+n] == c {
				n++
			}
			if strings.IndexByte(notBuilt, c) >= 0 {
				return nil, invalid(fmt.Sprintf("loglake does not support the pattern letter '%c' in the expression in %s yet.", c, member))
			}
			if most, ok := built[c]; !ok || n > most {
				return nil, invalid("Invalid conversion character used in the value of the expression in " + member)
			}
			p = append(p, field{letter: c, count: n})
			i += n
		default:
			p = append(p, field{text: text[i : i+1]})
			i++
		}
	}
	return p, nil
}

// quoted reads a quoted literal at the start of text, and how long it is there.
func quoted(text string) (literal string, length int, ok bool) {
	if strings.HasPrefix(text, "''") {
		return "'", 2, true
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func (p timePattern) format(b *strings.Builder, at time.Time) {
	for _, f := range p {
		if f.letter == 0 {
			b.WriteString(f.text)
			continue
		}
		f.format(b, at)
	}
}

func (f field) format(b *strings.Builder, at time.Time) {
	number := func(n int) { fmt.Fprintf(b, "%0*d", f.count, n) }
	hour := at.Hour()
	switch f.letter {
	case 'y', 'u':
		f.year(b, at.Year())
	case 'M', 'L':
		f.name(b, int(at.Month()), at.Month().String())
	case 'd':
		number(at.Day())
	case 'D':
		number(at.YearDay())
	case 'E':
		name := at.Weekday().String()
		if f.count < 4 {
			name = name[:3]
		}
		b.WriteString(name)
	case 'H':
		number(hour)
	case 'k':
		number((hour+23)%24 + 1)
	case 'K':
		number(hour % 12)
	case 'h':
		number((hour+11)%12 + 1)
	case 'a':
		b.WriteString([]string{"AM", "PM"}[hour/12])
	case 'm':
		number(at.Minute())
	case 's':
		number(at.Second())
	default:
		f.fraction(b, at)
	}
}

// year writes a year of the era (y), in which 1 BC comes before 1, or a proleptic one (u), in which 0 does. One that needs
// more than the four digits or more that are asked for gets a sign, as the formatter's SignStyle.EXCEEDS_PAD has it.
func (f field) year(b *strings.Builder, year int) {
	if f.letter == 'y' && year <= 0 {
		year = 1 - year
	}
	text := fmt.Sprintf("%0*d", f.count, year)
	switch {
	case f.count == 2:
		text = fmt.Sprintf("%02d", year%100)
	case f.count >= 4 && len(text) > f.count && year > 0:
		text = "+" + text
	}
	b.WriteString(text)
}

// name writes a month or quarter: a number for one or two letters, a short name for three, the full one for four.
func (f field) name(b *strings.Builder, n int, full string) {
	switch {
	case f.count <= 2:
		fmt.Fprintf(b, "%0*d", f.count, n)
	case f.count == 3:
		b.WriteString(full[:min(3, len(full))])
	default:
		b.WriteString(full)
	}
}

// fraction writes the fields within a second and a day, the quarter, and the zone's offset.
func (f field) fraction(b *strings.Builder, at time.Time) {
	midnight := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute +
		time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())
	switch f.letter {
	case 'S':
		b.WriteString(fmt.Sprintf("%09d", at.Nanosecond())[:f.count])
	case 'n':
		fmt.Fprintf(b, "%0*d", f.count, at.Nanosecond())
	case 'N':
		fmt.Fprintf(b, "%0*d", f.count, midnight.Nanoseconds())
	case 'A':
		fmt.Fprintf(b, "%0*d", f.count, midnight.Milliseconds())
	case 'Q', 'q':
		quarter := (int(at.Month()) + 2) / 3
		f.name(b, quarter, "Q"+strconv.Itoa(quarter))
	default:
		b.WriteString(f.offset(at))
	}
}

// offset writes the zone's offset: Z as +hhmm; X and x as +hh[mm], +hhmm or +hh:mm by count, X with Z for zero.
func (f field) offset(at time.Time) string {
	_, seconds := at.Zone()
	if seconds == 0 && f.letter == 'X' {
		return "Z"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	hours, minutes := seconds/3600, seconds/60%60
	switch {
	case f.letter == 'Z' || f.count == 2:
		return fmt.Sprintf("%c%02d%02d", sign, hours, minutes)
	case f.count == 3:
		return fmt.Sprintf("%c%02d:%02d", sign, hours, minutes)
	case minutes != 0:
		return fmt.Sprintf("%c%02d%02d", sign, hours, minutes)
	}
	return fmt.Sprintf("%c%02d", sign, hours)
}
