package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// numbers are the types that stand to the right in a table.
var numbers = map[string]bool{"tinyint": true, "smallint": true, "integer": true, "bigint": true, "double": true, "real": true, "float": true, "decimal": true}

// table is text in columns.
type table struct {
	header []string
	right  []bool // numbers, by column
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// cellMax is how much of a value of a result is shown.
const cellMax = 60

// print writes the table, each column as wide as its widest cell.
func (t *table) print(w io.Writer) {
	var out bytes.Buffer
	t.begin(&out).lines(&out, t.rows)
	_, _ = w.Write(out.Bytes()) // as with the fmt functions, who prints does not look
}

// columns are the widths of a table whose rows go on.
type columns struct {
	widths []int
	right  []bool
}

// begin writes the head of the table, with columns that fit the rows that there are.
func (t *table) begin(w *bytes.Buffer) *columns {
	c := &columns{widths: make([]int, len(t.header)), right: t.right}
	for _, cells := range append([][]string{t.header}, t.rows...) {
		for i := range cells {
			c.widths[i] = max(c.widths[i], textWidth(cells[i]))
		}
	}
	rules := make([]string, len(t.header))
	for i := range rules {
		rules[i] = strings.Repeat("─", c.widths[i])
	}
	c.lines(w, [][]string{t.header, rules})
	return c
}

// lines writes rows; a cell that is wider than its column pushes those behind it aside.
func (c *columns) lines(w *bytes.Buffer, rows [][]string) {
	for _, cells := range rows {
		var line strings.Builder
		for i, cell := range cells {
			gap := strings.Repeat(" ", max(0, c.widths[i]-textWidth(cell)))
			if c.right[i] {
				line.WriteString("  " + gap + cell)
			} else {
				line.WriteString("  " + cell + gap)
			}
		}
		w.WriteString(strings.TrimRight(line.String(), " "))
		w.WriteByte('\n')
	}
}

// wide are the characters that take two places of a terminal: those of East Asia, and pictures.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff01, Hi: 0xff60, Stride: 1}, {Lo: 0xffe0, Hi: 0xffe6, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, {Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1}},
}

// textWidth is how many places of a terminal a text takes.
func textWidth(text string) (places int) {
	for _, r := range text {
		switch {
		case r < 0x300:
			places++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf): // on top of the one before
		case unicode.Is(wide, r):
			places += 2
		default:
			places++
		}
	}
	return places
}

// shown is a value as it fits a line of a table.
func shown(value string) string {
	value, rest, _ := strings.Cut(value, "\n")
	if runes := []rune(value); len(runes) > cellMax {
		value, rest = string(runes[:cellMax]), "…"
	}
	if rest != "" {
		value += "…"
	}
	return printable(value)
}

// printable replaces what a terminal might obey.
func printable(value string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, value)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	case bytes < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
