// Package joni reads and matches regular expressions as Athena does: Java's syntax as the library Joni has it, over
// characters of UTF-8, by backtracking. What Joni does that is not known exactly here is refused by name.
package joni

import (
	"fmt"
	"sync"
)

// Limits. A pattern beyond them is refused; a match beyond StepsMax or framesMax fails.
const (
	PatternBytesMax = 32 << 10
	depthMax        = 200
	programMax      = 20_000
	// StepsMax bounds the work of one search, so that no pattern holds a query up for longer than a moment.
	StepsMax  = 20_000_000
	framesMax = 2_000_000
)

// Error says why a pattern is none, in Joni's words, or what in it is not supported here.
type Error struct {
	Message     string
	Unsupported bool
}

func (e *Error) Error() string { return e.Message }

// ErrSteps is what a search gives that needs more than StepsMax.
var ErrSteps = &Error{Message: fmt.Sprintf("a regular expression took more than %d steps over one text", StepsMax), Unsupported: true}

// Regexp is a compiled pattern. Many goroutines may use it at once.
type Regexp struct {
	root      *node
	groups    int
	names     map[string]int
	doubtful  bool
	program   []instruction
	registers int
	first     *set // what a match begins with; nil where it may be anything, or nothing
	prefix    string
	machines  sync.Pool
}

// Compile reads a pattern.
func Compile(pattern string) (*Regexp, error) {
	re, err := Parse(pattern)
	if err != nil {
		return nil, err
	}
	c := compiler{re: re, registers: 2 * (re.groups + 1)}
	c.emit(instruction{op: opSave, n: 0})
	c.node(re.root)
	c.emit(instruction{op: opSave, n: 1})
	c.emit(instruction{op: opMatch})
	if len(c.program) > programMax {
		return nil, unsupported("a regular expression with so large repetitions")
	}
	re.program, re.registers = c.program, c.registers
	if s, nullable := firstOf(re.root); !nullable {
		re.first = s
	}
	re.prefix = prefixOf(re.root)
	return re, nil
}

// Parse reads a pattern that will not be matched here.
func Parse(pattern string) (*Regexp, error) {
	if len(pattern) > PatternBytesMax {
		return nil, unsupported("a regular expression of more than %d bytes", PatternBytesMax)
	}
	p := parser{src: pattern, names: map[string]int{}}
	root := p.alternatives()
	if p.more() {
		p.fail("unmatched close parenthesis")
	}
	for _, n := range p.references {
		if n > p.groups {
			p.fail("invalid backref number/name")
		}
	}
	p.checkLookbehind(root)
	re := &Regexp{root: root, groups: p.groups, names: p.names, doubtful: root.any(loopsOverGroups)}
	if re.doubtful && len(p.references) > 0 {
		p.refuse("a reference beside a group in a repetition of what may match nothing")
	}
	if p.err != nil {
		return nil, p.err
	}
	return re, nil
}

func unsupported(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...) + " is not supported", Unsupported: true}
}

// Groups tells how many groups there are.
func (re *Regexp) Groups() int { return re.groups }

// Doubtful tells whether Joni may give other groups, though the same matches.
func (re *Regexp) Doubtful() bool { return re.doubtful }

// Group gives the number of a named group.
func (re *Regexp) Group(name string) (int, bool) {
	n, ok := re.names[name]
	return n, ok
}
