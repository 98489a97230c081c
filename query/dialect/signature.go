package dialect

import (
	"strconv"
	"strings"
)

// pattern is a type in a signature.
type pattern struct {
	kind     Kind
	variable string   // T, e, K1: any type
	sizes    []string // of a varchar, decimal, timestamp …: numbers or variables, in results also sums such as x+y
	fields   []pattern
}

// typeVariable is a variable of a signature and what it must be: comparable, orderable, or anything.
type typeVariable struct{ name, constraint string }

// parse reads the signature: patterns with commas between them, "->", the result; then, after a semicolon, the variables
// in Trino's order where it is not the order in which they come.
func (o *Overload) parse() {
	text, order, _ := strings.Cut(o.Signature, ";")
	args, result, _ := strings.Cut(text, "->")
	for _, name := range strings.FieldsFunc(order, func(r rune) bool { return r == ',' || r == ' ' }) {
		o.variables = append(o.variables, typeVariable{name: name})
	}
	s := signatureReader{rest: args, over: o}
	for s.skip(); s.rest != ""; s.skip() {
		o.params = append(o.params, s.pattern())
		o.variadic = s.accept("...")
		s.accept(",")
	}
	if s.rest = strings.TrimSpace(result); s.rest != "" {
		o.result = s.pattern()
	}
}

// signatureReader reads the patterns of one signature.
type signatureReader struct {
	rest string
	over *Overload
}

func (s *signatureReader) skip() { s.rest = strings.TrimLeft(s.rest, " ") }

func (s *signatureReader) accept(text string) bool {
	rest, ok := strings.CutPrefix(s.rest, text)
	if ok {
		s.rest = rest
		s.skip()
	}
	return ok
}

// longNames are the types whose names have several words; they come first.
var longNames = []Kind{KindIntervalDay, KindIntervalYear}

func (s *signatureReader) pattern() pattern {
	for _, k := range longNames {
		if s.accept(kindNames[k]) {
			return pattern{kind: k}
		}
	}
	word := s.word()
	kind, ok := patternKinds[word]
	if !ok {
		s.over.declare(word, s.constraint())
		return pattern{variable: word}
	}
	p := pattern{kind: kind}
	if s.accept("(") {
		s.inside(&p)
	}
	if s.accept("with time zone") {
		p.kind++ // the kind with a zone follows the one without
	}
	return p
}

func (s *signatureReader) word() string {
	end := strings.IndexAny(s.rest, "(),.: ")
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	s.skip()
	return word
}

func (s *signatureReader) constraint() string {
	if s.accept(":") {
		return s.word()
	}
	return ""
}

// inside reads what is in the brackets of a type: types, or sizes.
func (s *signatureReader) inside(p *pattern) {
	if p.kind < KindArray {
		inside, rest, _ := strings.Cut(s.rest, ")")
		p.sizes, s.rest = strings.Split(inside, ","), rest
		s.skip()
		return
	}
	for !s.accept(")") && s.rest != "" {
		p.fields = append(p.fields, s.pattern())
		s.accept(",")
	}
}

// patternKinds are the kinds by their names; a word that is none is a variable.
var patternKinds = func() map[string]Kind {
	m := map[string]Kind{}
	for k, name := range kindNames {
		if _, ok := m[name]; !ok {
			m[name] = Kind(k)
		}
	}
	return m
}()

func (o *Overload) declare(name, constraint string) {
	for i, v := range o.variables {
		if v.name == name {
			if constraint != "" {
				o.variables[i].constraint = constraint
			}
			return
		}
	}
	o.variables = append(o.variables, typeVariable{name, constraint})
}

// String gives a pattern as Trino writes it in messages.
func (p pattern) String() string {
	if p.variable != "" {
		return p.variable
	}
	name, tail := kindNames[p.kind], ""
	if p.kind == KindTimeTZ || p.kind == KindTimestampTZ {
		tail = " with time zone"
	}
	parts := p.sizes
	for _, f := range p.fields {
		parts = append(parts, f.String())
	}
	if len(parts) > 0 {
		name += "(" + strings.Join(parts, ",") + ")"
	}
	return name + tail
}

// text gives the signature for a function's name as Trino writes it in messages: f(array(t), bigint) T:orderable.
func (o *Overload) text(name string) string {
	params := make([]string, len(o.params))
	for i, p := range o.params {
		params[i] = p.String()
	}
	text := name + "(" + strings.Join(params, ", ") + ")"
	for i, v := range o.variables {
		separator := ", "
		if i == 0 {
			separator = " "
		}
		text += separator + strings.ToUpper(v.name)
		if v.constraint != "" {
			text += ":" + v.constraint
		}
	}
	return text
}

// signature gives a type as Trino writes it in messages about functions.
func (t Type) signature() string { return strings.ReplaceAll(t.String(), ", ", ",") }

// param is the pattern of the i-th argument.
func (o *Overload) param(i int) pattern { return o.params[min(i, len(o.params)-1)] }

// takes tells whether the signature has room for a number of arguments.
func (o *Overload) takes(args int) bool {
	if o.variadic {
		return args >= len(o.params)-1
	}
	return args == len(o.params)
}

// sizeOf gives the value of a size: a number, a variable, a sum or difference of these, or min( , ) and max( , ) of two. It
// does not go beyond the length of an unbounded varchar.
func (b *binding) sizeOf(text string) int {
	text = strings.TrimSpace(text)
	if at := strings.LastIndexAny(text, "+-"); at > 0 {
		left, right := b.sizeOf(text[:at]), b.sizeOf(text[at+1:])
		if text[at] == '-' {
			return left - right
		}
		return min(left+right, VarcharMax)
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return b.sizes[text]
}
