package dialect

import "strings"

// This file puts the comments of a text into the text that was printed for its tree. Both texts have nearly the same
// tokens in the same order; each comment goes to the line that holds the token next to it.

// comment is a comment [off, end) of a text. Own says that nothing else precedes it on its line. It stands before the
// token with index before.
type comment struct {
	off, end int32
	text     string
	own      bool
	before   int
}

// long says that a comment can't be followed, or preceded, by others on a line.
func (c comment) long() bool {
	return strings.HasPrefix(c.text, "--") || strings.Contains(c.text, "\n")
}

func commentsOf(text string) []comment {
	if !strings.Contains(text, "--") && !strings.Contains(text, "/*") {
		return nil
	}
	list, ok := tokens(text)
	if !ok {
		return nil
	}
	var found []comment
	from := int32(0)
	for i, t := range list {
		found = commentsIn(found, text, from, t.off, i)
		from = t.end
	}
	return found
}

// commentsIn finds the comments of a gap between tokens.
func commentsIn(found []comment, text string, from, to int32, before int) []comment {
	for pos := from; pos < to; {
		gap := text[pos:to]
		end := int32(1)
		switch {
		case strings.HasPrefix(gap, "--"):
			end = int32(len(gap))
			if i := strings.IndexAny(gap, "\r\n"); i >= 0 {
				end = int32(i)
			}
		case strings.HasPrefix(gap, "/*"):
			end = int32(strings.Index(gap[2:], "*/") + 4)
		default:
			pos++
			continue
		}
		lead := text[:pos]
		lead = strings.TrimRight(lead, " \t")
		own := lead == "" || strings.HasSuffix(lead, "\n") || strings.HasSuffix(lead, "\r")
		found = append(found, comment{off: pos, end: pos + end, text: strings.TrimRight(gap[:end], " \t\r"), own: own, before: before})
		pos += end
	}
	return found
}

// withComments puts the comments of source into printed.
func withComments(source, printed string, list []comment) string {
	if len(list) == 0 {
		return printed
	}
	lineOf := tokenLines(source, printed)
	rows := strings.Split(printed, "\n")
	above := make([][]string, len(rows)+1)
	behind := make([]string, len(rows))
	closed := make([]bool, len(rows)) // nothing may follow on this line
	for _, c := range list {
		row := lineOf[c.before]
		if !c.own && c.before > 0 {
			last := lineOf[c.before-1]
			if !closed[last] && !strings.Contains(c.text, "\n") {
				behind[last] += " " + c.text
				closed[last] = c.long()
				continue
			}
			row = last + 1
		}
		above[row] = append(above[row], c.text)
	}
	var b strings.Builder
	for i, row := range append(rows, "") {
		blanks := row[:len(row)-len(strings.TrimLeft(row, " "))]
		for _, text := range above[i] {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(blanks + text)
		}
		if i == len(rows) {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(row + behind[i])
	}
	return b.String()
}

// tokenLines gives for each token of source the line of printed that it is in now; a token that was left out is where the
// one before it is. The end of the text is behind the last line.
func tokenLines(source, printed string) []int {
	from, _ := tokens(source)
	to, _ := tokens(printed)
	lines := make([]int, len(from))
	line, at, j := 0, int32(0), 0
	for i := range from {
		if i > 0 {
			lines[i] = lines[i-1]
		}
		dx, dy := nextPair(from[i:], to[j:])
		if dx > 0 {
			continue
		}
		j += dy
		for ; at < to[j].off; at++ {
			if printed[at] == '\n' {
				line++
			}
		}
		lines[i] = line
		if j < len(to)-1 {
			j++
		}
	}
	if n := len(lines); from[n-1].kind == tokEOF {
		lines[n-1] = strings.Count(printed, "\n") + 1
	}
	return lines
}

// nextPair finds the nearest equal tokens of two lists: how many are to be passed in each.
func nextPair(a, b []token) (dx, dy int) {
	const near = 32
	for d := 0; d < near; d++ {
		for dx := min(d, len(a)-1); dx >= 0; dx-- {
			if dy := d - dx; dy < len(b) && sameToken(a[dx], b[dy]) {
				return dx, dy
			}
		}
	}
	return 1, 0
}

func sameToken(a, b token) bool {
	if a.kind == tokSymbol && b.kind == tokSymbol && a.value == "!=" {
		return b.value == "<>"
	}
	return a.kind == b.kind && strings.EqualFold(a.value, b.value) || a.kind == tokName && b.kind == tokName && strings.EqualFold(a.value, b.value)
}
