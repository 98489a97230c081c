package dialect

import "strings"

// A doc is a text with places where it may be broken into lines. Whether it is broken is decided per group, the outer ones
// first: a group that fits into the rest of the line stays on it.

type docKind uint8

const (
	docText docKind = iota
	docCat
	docGroup
	docForced // a group that is always broken
	docIndent
	docBreak // a blank, or a new line
	docSoft  // nothing, or a new line
)

type doc struct {
	kind  docKind
	text  string
	parts []doc
}

var brk, soft = doc{kind: docBreak}, doc{kind: docSoft}

func str(s string) doc { return doc{text: s} }

func cat(parts ...doc) doc { return doc{kind: docCat, parts: parts} }

func indent(parts ...doc) doc { return doc{kind: docIndent, parts: parts} }

func (d doc) group() doc { return doc{kind: docGroup, parts: []doc{d}} }

// broken gives d as a group that is broken in any case, or where it does not fit.
func (d doc) broken(always bool) doc {
	if always {
		return doc{kind: docForced, parts: []doc{d}}
	}
	return d.group()
}

// piece is a doc that waits to be written.
type piece struct {
	doc    *doc
	indent int
	flat   bool
}

// render gives the text of d with lines of at most width where that is possible, on one line if width is 0.
func render(d doc, width int) string {
	var b strings.Builder
	column := 0
	stack := []piece{{doc: &d, flat: width == 0}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch p.doc.kind {
		case docText:
			b.WriteString(p.doc.text)
			column += len(p.doc.text)
		case docBreak, docSoft:
			switch {
			case !p.flat:
				b.WriteString("\n" + strings.Repeat("  ", p.indent))
				column = 2 * p.indent
			case p.doc.kind == docBreak:
				b.WriteByte(' ')
				column++
			}
		case docGroup:
			p.flat = p.flat || fitsLine(width-column, p, stack)
			stack = p.push(stack)
		case docForced:
			p.flat = width == 0
			stack = p.push(stack)
		case docIndent:
			p.indent++
			stack = p.push(stack)
		case docCat:
			stack = p.push(stack)
		}
	}
	return b.String()
}

// push puts the parts of p onto the stack, the first one on top.
func (p piece) push(stack []piece) []piece {
	for i := len(p.doc.parts) - 1; i >= 0; i-- {
		stack = append(stack, piece{doc: &p.doc.parts[i], indent: p.indent, flat: p.flat})
	}
	return stack
}

// fitsLine tells whether p, kept on one line, and what must follow it on that line are not longer than room.
func fitsLine(room int, p piece, rest []piece) bool {
	p.flat = true
	work := []piece{p}
	for room >= 0 {
		if len(work) == 0 {
			if len(rest) == 0 {
				return true
			}
			work = append(work, rest[len(rest)-1])
			rest = rest[:len(rest)-1]
		}
		p := work[len(work)-1]
		work = work[:len(work)-1]
		switch p.doc.kind {
		case docText:
			room -= len(p.doc.text)
		case docBreak, docSoft:
			if !p.flat {
				return true
			}
			if p.doc.kind == docBreak {
				room--
			}
		case docForced:
			if p.flat {
				return false
			}
			work = p.push(work)
		default:
			work = p.push(work)
		}
	}
	return false
}
