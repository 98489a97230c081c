package pattern

import (
	"sync"

	"github.com/loglake/loglake/internal/jsontext"
)

// jsonPattern is a boolean tree over conditions on paths. compile sorts the paths into a tree of their own, which a scan
// of a message follows: whatever lies off all paths is only checked for being JSON.
//
// What the conditions mean, where AWS leaves room: a path that is absent, or leads to an object or an array, satisfies
// no comparison, not even !=. A star equals any text, number or boolean. A number without quotes is compared with JSON
// numbers by value, exactly, and with JSON strings by text; a text with strings, and with a number as it is written.
// Under a wildcard a condition holds if it holds for any element; NOT EXISTS holds if no element has the path.
type jsonPattern struct {
	conditions []condition
	root       expression
	paths      *pathNode

	scratch sync.Pool // *[]byte, for strings with escapes
}

// conditionsMax is how many conditions fit in TextMax characters, the shortest being "$.a=1||".
const conditionsMax = 192

// jsonBits is a set of conditions or of a node's members.
type jsonBits [conditionsMax / 64]uint64

func (b *jsonBits) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b *jsonBits) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// restore gives the bits of mask the values they have in saved.
func (b *jsonBits) restore(saved, mask *jsonBits) {
	for i := range b {
		b[i] = b[i]&^mask[i] | saved[i]&mask[i]
	}
}

// pathNode is a place in a JSON document that a selector passes or ends at.
type pathNode struct {
	members    []pathMember
	anyMember  *pathNode
	elements   []pathElement
	anyElement *pathNode

	ends  []int    // conditions whose path ends here
	below jsonBits // conditions whose path ends here or deeper
}

type pathMember struct {
	name string
	node *pathNode
}

type pathElement struct {
	index int
	node  *pathNode
}

func (p *jsonPattern) compile() {
	p.scratch.New = func() any { return new([]byte) }
	p.paths = &pathNode{}
	for i := range p.conditions {
		n := p.paths
		n.below.set(i)
		for _, s := range p.conditions[i].path {
			n = n.child(s)
			n.below.set(i)
		}
		n.ends = append(n.ends, i)
	}
}

// child gives the node that s leads to from n, made if need be.
func (n *pathNode) child(s step) *pathNode {
	place := new(*pathNode)
	switch s.kind {
	case stepAnyMember:
		place = &n.anyMember
	case stepAnyElement:
		place = &n.anyElement
	case stepName:
		if i := n.member([]byte(s.name)); i >= 0 {
			return n.members[i].node
		}
		n.members = append(n.members, pathMember{name: s.name})
		place = &n.members[len(n.members)-1].node
	case stepIndex:
		if found := n.element(s.index); found != nil {
			return found
		}
		n.elements = append(n.elements, pathElement{index: s.index})
		place = &n.elements[len(n.elements)-1].node
	}
	if *place == nil {
		*place = &pathNode{}
	}
	return *place
}

// member gives the position of the member called name, or -1.
func (n *pathNode) member(name []byte) int {
	for i := range n.members {
		if n.members[i].name == string(name) {
			return i
		}
	}
	return -1
}

func (n *pathNode) element(index int) *pathNode {
	for i := range n.elements {
		if n.elements[i].index == index {
			return n.elements[i].node
		}
	}
	return nil
}

func (p *jsonPattern) match(message []byte) bool {
	s := jsonScan{text: message, pattern: p}
	ok := s.document()
	if s.scratch != nil {
		p.scratch.Put(s.scratch)
	}
	return ok && p.holds(&p.root, &s.held)
}

func (p *jsonPattern) holds(e *expression, held *jsonBits) bool {
	switch e.kind {
	case '&':
		for i := range e.parts {
			if !p.holds(&e.parts[i], held) {
				return false
			}
		}
		return true
	case '|':
		for i := range e.parts {
			if p.holds(&e.parts[i], held) {
				return true
			}
		}
		return false
	}
	return held.has(e.condition) != (p.conditions[e.condition].op == opNotExists)
}

// jsonScan is one walk over one message.
type jsonScan struct {
	text    []byte
	pattern *jsonPattern
	held    jsonBits // conditions that hold; for NOT EXISTS: whose path is there
	scratch *[]byte  // from the pattern's pool, once needed
}

// document walks the whole message and tells whether it is one JSON object.
func (s *jsonScan) document() bool {
	i := skipBlank(s.text, 0)
	if i >= len(s.text) || s.text[i] != '{' {
		return false
	}
	i = s.object(i, s.pattern.paths, 1)
	return i >= 0 && skipBlank(s.text, i) == len(s.text)
}

// value walks the value at i, which n stands for, and gives the position after it, or -1 where it is not JSON.
func (s *jsonScan) value(i int, n *pathNode, depth int) int {
	if i >= len(s.text) {
		return -1
	}
	switch c := s.text[i]; c {
	case '{':
		s.exists(n)
		if len(n.members) == 0 && n.anyMember == nil {
			return skipValue(s.text, i, depth)
		}
		return s.object(i, n, depth+1)
	case '[':
		s.exists(n)
		if len(n.elements) == 0 && n.anyElement == nil {
			return skipValue(s.text, i, depth)
		}
		return s.array(i, n, depth+1)
	case '"':
		end, escaped := skipString(s.text, i)
		if end > 0 && len(n.ends) > 0 {
			text := s.text[i+1 : end-1]
			if escaped {
				text = s.unescape(text)
			}
			for _, k := range n.ends {
				s.note(k, s.pattern.conditions[k].holdsForText(text))
			}
		}
		return end
	case 't', 'f', 'n':
		for _, k := range n.ends {
			s.note(k, s.pattern.conditions[k].holdsForWord(c))
		}
		return skipWord(s.text, i)
	}
	end := skipNumber(s.text, i)
	if end > 0 {
		for _, k := range n.ends {
			s.note(k, s.pattern.conditions[k].holdsForNumber(s.text[i:end]))
		}
	}
	return end
}

// exists notes a value that no comparison holds for.
func (s *jsonScan) exists(n *pathNode) {
	for _, k := range n.ends {
		s.note(k, false)
	}
}

// note records what a condition says of a value at its path.
func (s *jsonScan) note(k int, holds bool) {
	if holds || s.pattern.conditions[k].op == opNotExists {
		s.held.set(k)
	}
}

func (k *condition) holdsForText(text []byte) bool {
	return k.op <= opGreaterEqual && k.value.holdsForText(k.op, text)
}

func (k *condition) holdsForNumber(literal []byte) bool {
	return k.op <= opGreaterEqual && k.value.holdsForNumber(k.op, literal)
}

// holdsForWord takes the first letter of true, false and null.
func (k *condition) holdsForWord(c byte) bool {
	switch k.op {
	case opIsTrue:
		return c == 't'
	case opIsFalse:
		return c == 'f'
	case opIsNull:
		return c == 'n'
	case opEqual:
		return c != 'n' && k.value.anything()
	}
	return false
}

// object walks the object at i. Of members with the same name the last one counts, so a member met again takes back
// what its forerunner brought.
func (s *jsonScan) object(i int, n *pathNode, depth int) int {
	if n.anyMember != nil {
		return s.wildcardObject(i, n, depth)
	}
	before := s.held
	var seen jsonBits
	return s.members(i, depth, func(nameStart, nameEnd, at int, escaped bool) int {
		name := s.text[nameStart:nameEnd]
		if escaped {
			name = s.unescape(name)
		}
		k := n.member(name)
		if k < 0 {
			return skipValue(s.text, at, depth)
		}
		node := n.members[k].node
		if seen.has(k) {
			s.held.restore(&before, &node.below)
		}
		seen.set(k)
		return s.value(at, node, depth)
	})
}

// members calls fn with each member's name and the position of its value; fn gives the position after the value.
func (s *jsonScan) members(i, depth int, fn func(nameStart, nameEnd, at int, escaped bool) int) int {
	text := s.text
	if depth > jsonDepthMax {
		return -1
	}
	i = skipBlank(text, i+1)
	if i < len(text) && text[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(text) || text[i] != '"' {
			return -1
		}
		end, escaped := skipString(text, i)
		if end < 0 {
			return -1
		}
		at := skipBlank(text, end)
		if at >= len(text) || text[at] != ':' {
			return -1
		}
		after := fn(i+1, end-1, skipBlank(text, at+1), escaped)
		if after < 0 {
			return -1
		}
		i = skipBlank(text, after)
		if i >= len(text) {
			return -1
		}
		switch text[i] {
		case '}':
			return i + 1
		case ',':
			i = skipBlank(text, i+1)
		default:
			return -1
		}
	}
}

// wildcardObject is object for a node with .*: a name's last member must be known before any is looked at.
func (s *jsonScan) wildcardObject(i int, n *pathNode, depth int) int {
	type member struct {
		at   int
		node *pathNode
	}
	last := map[string]member{}
	end := s.members(i, depth, func(nameStart, nameEnd, at int, escaped bool) int {
		name := s.text[nameStart:nameEnd]
		if escaped {
			name = s.unescape(name)
		}
		m := member{at: at}
		if k := n.member(name); k >= 0 {
			m.node = n.members[k].node
		}
		last[string(name)] = m
		return skipValue(s.text, at, depth)
	})
	if end < 0 {
		return -1
	}
	for _, m := range last {
		if m.node != nil {
			s.value(m.at, m.node, depth)
		}
		s.value(m.at, n.anyMember, depth)
	}
	return end
}

// array walks the array at i.
func (s *jsonScan) array(i int, n *pathNode, depth int) int {
	text := s.text
	if depth > jsonDepthMax {
		return -1
	}
	i = skipBlank(text, i+1)
	if i < len(text) && text[i] == ']' {
		return i + 1
	}
	for index := 0; ; index++ {
		after := s.arrayElement(i, index, n, depth)
		if after < 0 {
			return -1
		}
		i = skipBlank(text, after)
		if i >= len(text) {
			return -1
		}
		switch text[i] {
		case ']':
			return i + 1
		case ',':
			i = skipBlank(text, i+1)
		default:
			return -1
		}
	}
}

func (s *jsonScan) arrayElement(i, index int, n *pathNode, depth int) int {
	node := n.element(index)
	if node == nil {
		node = n.anyElement
	} else if n.anyElement != nil && s.value(i, n.anyElement, depth) < 0 {
		return -1
	}
	if node == nil {
		return skipValue(s.text, i, depth)
	}
	return s.value(i, node, depth)
}

// unescape gives the text of a JSON string in memory that the next call uses again.
func (s *jsonScan) unescape(text []byte) []byte {
	if s.scratch == nil {
		s.scratch = s.pattern.scratch.Get().(*[]byte)
	}
	*s.scratch = jsontext.AppendUnescaped((*s.scratch)[:0], text)
	return *s.scratch
}
