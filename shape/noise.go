package shape

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/jsontext"
)

// NoiseFieldsMax is how many different fields the rules of one Noise may look at; method, path and level are one each.
const NoiseFieldsMax = 32

// Noise is a list of rules made ready. It may be used by many goroutines.
type Noise struct {
	rules   []noiseRule
	columns map[string][]column // what a member of the object, or the object within it, is called
	names   [256]bool           // by nameHash: whether columns may have a name
	count   int                 // columns
	folded  [NoiseFieldsMax]bool
	path    int // the column of paths, -1: there is none
}

// column is a name under which a column's value may be found. Of several that an object has, the lowest rank counts.
type column struct {
	number, rank int
	below        string // the rest of a dotted name
}

type noiseRule struct {
	tests  []noiseTest
	except []noiseRule
}

type noiseTest struct {
	column int
	globs  []string
}

// NewNoise makes rules ready. A rule (or exception) that gives nothing to match, and more than NoiseFieldsMax fields, are
// errors of CodeInvalid.
func NewNoise(rules []Rule) (*Noise, error) {
	n := &Noise{columns: map[string][]column{}, path: -1}
	numbers := map[string]int{}
	var err error
	n.rules, err = n.compile(rules, numbers, "noise rule %d")
	return n, err
}

func (n *Noise) compile(rules []Rule, numbers map[string]int, name string) ([]noiseRule, error) {
	var out []noiseRule
	for i, r := range rules {
		name := fmt.Sprintf(name, i+1)
		var c noiseRule
		add := func(key string, globs, fields []string, fold bool) error {
			if len(globs) == 0 {
				return nil
			}
			number, err := n.column(key, fields, numbers)
			if err != nil {
				return err
			}
			if fold {
				n.folded[number] = true
				globs = lowered(globs)
			}
			c.tests = append(c.tests, noiseTest{column: number, globs: globs})
			return nil
		}
		err := add("method:", r.Method, MethodFields(), true)
		if err == nil {
			err = add("path:", r.Path, PathFields(), false)
		}
		if err == nil {
			err = add("level:", r.Level, LevelFields(), true)
		}
		for field, globs := range r.Fields {
			if err == nil && len(globs) == 0 {
				err = loglake.Errorf(loglake.CodeInvalid, "%s: the field %q has no values", name, field)
			}
			if err == nil {
				err = add("="+field, globs, []string{field}, false)
			}
		}
		if err == nil && len(c.tests) == 0 {
			err = loglake.Errorf(loglake.CodeInvalid, "%s gives nothing to match, so that it would drop everything", name).
				WithHint("give it a method, a path, a level or a field")
		}
		if err == nil {
			c.except, err = n.compile(r.Except, numbers, name+", exception %d")
		}
		if err != nil {
			return nil, err
		}
		if number, ok := numbers["path:"]; ok {
			n.path = number
		}
		out = append(out, c)
	}
	return out, nil
}

// column gives the number of the column that holds the first of fields; key is what it is known by.
func (n *Noise) column(key string, fields []string, numbers map[string]int) (int, error) {
	if number, ok := numbers[key]; ok {
		return number, nil
	}
	if n.count == NoiseFieldsMax {
		return 0, loglake.Errorf(loglake.CodeInvalid, "the noise rules look at more than %d fields", NoiseFieldsMax)
	}
	number := n.count
	n.count++
	numbers[key] = number
	add := func(name string, c column) {
		n.columns[name] = append(n.columns[name], c)
		n.names[nameHash([]byte(name))] = true
	}
	for rank, field := range fields {
		add(field, column{number: number, rank: 2 * rank})
		if top, below, dotted := strings.Cut(field, "."); dotted {
			add(top, column{number: number, rank: 2*rank + 1, below: below})
		}
	}
	return number, nil
}

// nameHash is cheap, and tells most names of an event apart from those that rules look at.
func nameHash(name []byte) byte {
	if len(name) == 0 {
		return 0
	}
	return name[0] + 31*name[len(name)-1] + 7*byte(len(name))
}

func lowered(globs []string) []string {
	out := make([]string, len(globs))
	for i, g := range globs {
		out[i] = strings.ToLower(g)
	}
	return out
}

// found are the values of the columns in one object.
type found struct {
	value [NoiseFieldsMax][]byte // as they are in the object; nil: not there
	rank  [NoiseFieldsMax]int
}

// Drop tells whether an event is noise, and by which rule: its index in what NewNoise was given. The first that matches
// counts. What is no JSON object is kept.
func (n *Noise) Drop(object []byte) (rule int, drop bool) {
	if len(n.rules) == 0 {
		return 0, false
	}
	var f found
	m := members{text: object, pos: skipSpace(object, 0)}
	if m.pos == len(object) || object[m.pos] != '{' {
		return 0, false
	}
	for m.next() {
		for _, c := range n.named(m.key) {
			n.take(&f, c, m.value)
		}
	}
	if m.end < 0 {
		return 0, false
	}
	for i := range n.rules {
		if n.matches(&n.rules[i], &f) {
			return i, true
		}
	}
	return 0, false
}

func (n *Noise) named(key []byte) []column {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = jsontext.AppendUnescaped(nil, key)
	}
	if !n.names[nameHash(key)] {
		return nil
	}
	return n.columns[string(key)]
}

// take keeps value for its column, unless a name of a lower rank has been found.
func (n *Noise) take(f *found, c column, value []byte) {
	if f.value[c.number] != nil && f.rank[c.number] < c.rank {
		return
	}
	if c.below != "" {
		if value = below(value, c.below); value == nil {
			return
		}
	}
	if value[0] == '{' || value[0] == '[' {
		return
	}
	f.value[c.number], f.rank[c.number] = value, c.rank
}

// below gives the value of a dotted name within an object; nil: it is not there.
func below(value []byte, name string) []byte {
	if value[0] != '{' {
		return nil
	}
	top, rest, dotted := strings.Cut(name, ".")
	m := members{text: value}
	var out []byte
	for m.next() {
		key := m.key
		if bytes.IndexByte(key, '\\') >= 0 {
			key = jsontext.AppendUnescaped(nil, key)
		}
		switch {
		case string(key) == name:
			return m.value
		case dotted && string(key) == top:
			if v := below(m.value, rest); v != nil {
				out = v
			}
		}
	}
	return out
}

func (n *Noise) matches(r *noiseRule, f *found) bool {
	for _, t := range r.tests {
		if !n.test(t, f.value[t.column]) {
			return false
		}
	}
	for i := range r.except {
		if n.matches(&r.except[i], f) {
			return false
		}
	}
	return true
}

func (n *Noise) test(t noiseTest, value []byte) bool {
	if value == nil {
		return false
	}
	var short [256]byte
	text := value
	if value[0] == '"' {
		if text = value[1 : len(value)-1]; bytes.IndexByte(text, '\\') >= 0 {
			text = jsontext.AppendUnescaped(short[:0], text)
		}
	}
	if t.column == n.path {
		text = PathOf(text)
	}
	for _, g := range t.globs {
		if globMatches(g, text, n.folded[t.column]) {
			return true
		}
	}
	return false
}

// PathOf takes scheme and host, query and fragment off a request's target.
func PathOf(target []byte) []byte {
	if i := bytes.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	if i := bytes.Index(target, []byte("://")); i > 0 && bytes.IndexByte(target[:i], '/') < 0 {
		target = target[i+3:]
		if i = bytes.IndexByte(target, '/'); i < 0 {
			return []byte("/")
		}
		target = target[i:]
	}
	return target
}

// globMatches tells whether all of text is what the glob says. A folded glob is in lower case. It takes time in
// proportion to the lengths multiplied, whatever they are.
func globMatches(glob string, text []byte, fold bool) bool {
	// Where to go on when a byte does not fit: behind the last *, and behind the last **, which may take a slash too.
	star, starText, double, doubleText := -1, 0, -1, 0
	g, t := 0, 0
	for {
		if g < len(glob) && glob[g] == '*' {
			if g+1 < len(glob) && glob[g+1] == '*' {
				slash := g > 0 && glob[g-1] == '/'
				if g += 2; slash && g < len(glob) && glob[g] == '/' {
					g++ // of /**/ the second slash is that of the segment before, or there is none
				}
				double, doubleText, star = g, t, -1
				continue
			}
			g++
			star, starText = g, t
			continue
		}
		if t == len(text) && g == len(glob) {
			return true
		}
		if g < len(glob) && t < len(text) && glob[g] == foldByte(text[t], fold) {
			g++
			t++
			continue
		}
		switch {
		case star >= 0 && starText < len(text) && text[starText] != '/':
			starText++
			g, t = star, starText
		case double >= 0 && doubleText < len(text):
			doubleText++
			g, t, star = double, doubleText, -1
		default:
			return false
		}
	}
}

func foldByte(c byte, fold bool) byte {
	if fold && c >= 'A' && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// Field gives the value of a field of a JSON object: the content of a string, or the text of a number, true, false or
// null. A dotted name may be that of a field within an object. It appends to dst where a string has escapes; nil: there is
// no such field.
func Field(dst, object []byte, name string) []byte {
	start := skipSpace(object, 0)
	if start == len(object) {
		return nil
	}
	value := below(object[start:], name)
	if value == nil {
		return nil
	}
	return Text(dst, value)
}

// Text gives what a JSON value says, as Field does.
func Text(dst, value []byte) []byte {
	switch {
	case value[0] == '{' || value[0] == '[':
		return nil
	case value[0] != '"':
		return value
	}
	if value = value[1 : len(value)-1]; bytes.IndexByte(value, '\\') >= 0 {
		return jsontext.AppendUnescaped(dst, value)
	}
	return value
}
