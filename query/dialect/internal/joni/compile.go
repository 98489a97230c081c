package joni

import "unicode/utf8"

type opcode int

const (
	opSet       opcode = iota // one character of set
	opText                    // text
	opFold                    // a text that is equal to runes in any case
	opSpan                    // min to max characters of set, as many as possible
	opLazySpan                // the same, as few as possible
	opSplit                   // go on at n; where that leads to no match, at to
	opJump                    // go on at to
	opSave                    // put the place into register n
	opMark                    // put the number of frames into register n
	opCut                     // forget the frames since that mark
	opReturn                  // go back to the place in register n
	opAbandon                 // forget the frames since that mark, and fail
	opMoved                   // go on at to where the place is the one in register n
	opBack                    // go back n characters
	opReference               // the text of group n
	opAnchor                  // the place must be such
	opMatch
)

type instruction struct {
	op       opcode
	n, to    int
	min, max int
	set      *set
	text     string
	runes    []rune
	fold     bool
	anchor   anchor
}

// compiler writes a program.
type compiler struct {
	re        *Regexp
	program   []instruction
	registers int
}

func (c *compiler) emit(in instruction) int {
	c.program = append(c.program, in)
	return len(c.program) - 1
}

// here makes a jump go to what is emitted next.
func (c *compiler) here(at ...int) {
	for _, i := range at {
		c.program[i].to = len(c.program)
	}
}

func (c *compiler) register() int {
	c.registers++
	return c.registers - 1
}

func (c *compiler) node(n *node) {
	if len(c.program) > programMax {
		return
	}
	switch n.kind {
	case nodeLiteral:
		if n.fold {
			var folded []rune
			for _, r := range n.runes {
				folded = appendFold(folded, r)
			}
			c.emit(instruction{op: opFold, runes: folded})
		} else {
			c.emit(instruction{op: opText, text: string(n.runes)})
		}
	case nodeSet:
		c.emit(instruction{op: opSet, set: n.set})
	case nodeSequence:
		for _, s := range n.subs {
			c.node(s)
		}
	case nodeChoice:
		c.choice(n.subs, c.node)
	case nodeGroup:
		c.emit(instruction{op: opSave, n: 2 * n.n})
		c.node(n.subs[0])
		c.emit(instruction{op: opSave, n: 2*n.n + 1})
	case nodeOption:
		c.node(n.subs[0])
	case nodeRepeat:
		c.repeat(n)
	case nodeAtomic:
		mark := c.register()
		c.emit(instruction{op: opMark, n: mark})
		c.node(n.subs[0])
		c.emit(instruction{op: opCut, n: mark})
	case nodeLook:
		c.look(n)
	case nodeReference:
		c.emit(instruction{op: opReference, n: n.n, fold: n.fold})
	case nodeAnchor:
		c.emit(instruction{op: opAnchor, anchor: n.anchor})
	}
}

func (c *compiler) choice(list []*node, one func(n *node)) {
	var ends []int
	for i, s := range list {
		if i == len(list)-1 {
			one(s)
			break
		}
		split := c.emit(instruction{op: opSplit, n: len(c.program) + 1})
		one(s)
		ends = append(ends, c.emit(instruction{op: opJump}))
		c.here(split)
	}
	c.here(ends...)
}

// single gives the set of a node that is always one character.
func single(n *node) *set {
	switch {
	case n.kind == nodeSet:
		return n.set
	case n.kind == nodeLiteral && len(n.runes) == 1 && !n.fold:
		return setOf(n.runes[0], n.runes[0])
	case n.kind == nodeLiteral && len(n.runes) == 1:
		if s, many := setOf(n.runes[0], n.runes[0]).folded(); !many {
			return s
		}
	}
	return nil
}

func (c *compiler) repeat(n *node) {
	x := n.subs[0]
	if s := single(x); s != nil {
		op := opSpan
		if n.lazy {
			op = opLazySpan
		}
		c.emit(instruction{op: op, set: s, min: n.min, max: n.max})
		return
	}
	copies := n.min
	if n.max == infinite && n.min > 0 {
		copies--
	}
	for range copies {
		if c.node(x); len(c.program) > programMax {
			return
		}
	}
	switch {
	case n.max != infinite:
		var ends []int
		for range n.max - n.min {
			ends = append(ends, c.split())
			if c.node(x); len(c.program) > programMax {
				break
			}
		}
		for _, i := range ends {
			c.leave(i, len(c.program), n.lazy)
		}
	case n.min > 0:
		c.loop(x, n.lazy)
	default:
		split := c.split()
		c.loop(x, n.lazy)
		c.leave(split, len(c.program), n.lazy)
	}
}

// split may go on with what follows. Where else it goes to is said by leave.
func (c *compiler) split() int {
	next := len(c.program) + 1
	return c.emit(instruction{op: opSplit, n: next, to: next})
}

// leave gives a split its other way; a lazy one tries that first.
func (c *compiler) leave(at, to int, lazy bool) {
	if lazy {
		c.program[at].n = to
	} else {
		c.program[at].to = to
	}
}

// loop repeats a node one time or more. A turn without a character is the last one.
func (c *compiler) loop(x *node, lazy bool) {
	start, moved := len(c.program), -1
	if x.nullable() {
		place := c.register()
		c.emit(instruction{op: opSave, n: place})
		c.node(x)
		moved = c.emit(instruction{op: opMoved, n: place})
	} else {
		c.node(x)
	}
	end := c.emit(instruction{op: opSplit, n: start, to: start})
	c.leave(end, end+1, lazy)
	if moved >= 0 {
		c.here(moved)
	}
}

func (c *compiler) look(n *node) {
	mark, place := c.register(), c.register()
	var split int
	if n.negative {
		c.emit(instruction{op: opMark, n: mark})
		split = c.emit(instruction{op: opSplit, n: len(c.program) + 1})
	} else {
		c.emit(instruction{op: opSave, n: place})
		c.emit(instruction{op: opMark, n: mark})
	}
	if n.behind {
		c.choice(choices(n.subs[0]), func(s *node) {
			length, _ := lengthBehind(s, n.negative)
			c.emit(instruction{op: opBack, n: length})
			c.node(s)
		})
	} else {
		c.node(n.subs[0])
	}
	if n.negative {
		c.emit(instruction{op: opAbandon, n: mark})
		c.here(split)
		return
	}
	c.emit(instruction{op: opCut, n: mark})
	c.emit(instruction{op: opReturn, n: place})
}

// firstOf gives the characters that a match of a node may begin with. nullable: it may also match nothing, or may begin with
// anything.
func firstOf(n *node) (s *set, nullable bool) {
	switch n.kind {
	case nodeLiteral:
		if len(n.runes) == 0 {
			return nil, true
		}
		if !n.fold {
			return setOf(n.runes[0], n.runes[0]), false
		}
		first := appendFold(nil, n.runes[0])[0]
		ranges := []span{{n.runes[0], n.runes[0]}}
		for _, o := range others(first) {
			ranges = append(ranges, span{o, o})
		}
		for r, many := range foldsOfMany() {
			if many[0] == first {
				ranges = append(ranges, span{r, r})
			}
		}
		return newSet(ranges), false
	case nodeSet:
		return n.set, false
	case nodeSequence:
		s = newSet(nil)
		for _, sub := range n.subs {
			first, nullable := firstOf(sub)
			if first == nil {
				return nil, true
			}
			if s = s.or(first); !nullable {
				return s, false
			}
		}
		return s, true
	case nodeChoice:
		s = newSet(nil)
		for _, sub := range n.subs {
			first, empty := firstOf(sub)
			if first == nil {
				return nil, true
			}
			s, nullable = s.or(first), nullable || empty
		}
		return s, nullable
	case nodeGroup, nodeOption, nodeAtomic:
		return firstOf(n.subs[0])
	case nodeRepeat:
		s, nullable = firstOf(n.subs[0])
		return s, nullable || n.min == 0
	case nodeEmpty, nodeAnchor, nodeLook:
		return newSet(nil), true
	}
	return nil, true
}

// prefixOf gives a text that every match begins with.
func prefixOf(n *node) string {
	switch {
	case n.kind == nodeLiteral && !n.fold:
		return string(n.runes)
	case n.kind == nodeSequence || n.kind == nodeGroup:
		return prefixOf(n.subs[0])
	}
	return ""
}

func lastRune(s string) (rune, int) { return utf8.DecodeLastRuneInString(s) }
