package dialect

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// This file finds what Trino says that it expected at a token that it could not read. Its parser predicts: at a rule with
// alternatives it reads ahead until one is left. The messages follow from that, and so do the rules here:
//
//   - If the text ends within the prediction, everything that any alternative could have gone on with is expected; but
//     if one of them was complete at that point it is taken, and what the others wanted is not told.
//   - Optional parts are tried and passed, and all of them are told, up to a token that must follow. Where a rule with
//     alternatives must follow, or the parts are within a rule that can't end there, only what comes from there on is told.
//   - After a bracket that closes a rule, what was expected before that bracket is told.
//   - Whether IN belongs to the expression is predicted to its end: a text that fails within its list fails at IN.

// grammarNode is a piece of a rule.
type grammarNode struct {
	kind  grammarKind
	text  string // of a token, as told; of a call, the rule
	rule  *grammarRule
	parts []*grammarNode
	must  []bool // of a sequence: whether the parts from here on can't be empty
	blind []bool // of a sequence: whether a token directly follows a rule, and nothing must follow it
}

type grammarKind uint8

const (
	grammarToken grammarKind = iota
	grammarCall
	grammarSequence
	grammarChoice
	grammarOptional
	grammarRepeated
)

type grammarRule struct {
	id      int
	name    string
	special string // "<expression>"
	choices []*grammarNode
}

// expectation is what reading a rule, or an alternative of it, from a token gave.
type expectation struct {
	ends  []int32 // tokens at which it can be complete
	all   map[string]bool
	told  map[string]bool // of all, what a parser that predicts would tell
	fresh bool            // told is of an error within the rule
	blind bool            // the token before the error closed a rule
	shift int32           // where the error is told instead, 0 for the token itself
}

func (e *expectation) add(what string) {
	if e.all == nil {
		e.all, e.told = map[string]bool{}, map[string]bool{}
	}
	e.all[what], e.told[what] = true, true
}

// take adds what an inner rule expected.
func (e *expectation) take(o *expectation) {
	if o.all != nil {
		if e.all == nil {
			e.all, e.told = map[string]bool{}, map[string]bool{}
		}
		maps.Copy(e.all, o.all)
		maps.Copy(e.told, o.told)
	}
	e.fresh, e.blind, e.shift = e.fresh || o.fresh, e.blind || o.blind, max(e.shift, o.shift)
}

// expecter reads tokens by the grammar up to the one that is wrong.
type expecter struct {
	tokens  []token
	wrong   int32
	decided bool                // chosen holds
	chosen  map[expecterKey]int // the alternatives that were taken when the text was read up to a later token
	passed  bool                // the expression before the wrong token was complete: its own continuations are not told
	memo    map[expecterKey]*expectation
	steps   int
}

type expecterKey struct {
	rule       int
	at         int32
	suppressed bool
}

// expecterStepsMax bounds the work for one message; beyond it nothing is said to be expected.
const expecterStepsMax = 2_000_000

// expecting gives the token that Trino would complain of, and what it says that it expected.
func expecting(tokens []token, wrong int) (int, []string) {
	x := &expecter{tokens: tokens, wrong: int32(wrong), chosen: map[expecterKey]int{}}
	for {
		x.memo = map[expecterKey]*expectation{}
		e := x.rule(grammar()["single"], 0, false)
		switch {
		case x.steps > expecterStepsMax:
			return wrong, nil
		case e.shift > 0 && !x.passed:
			x.wrong, x.passed = e.shift, true
			wrong = int(e.shift)
		case e.blind && !e.fresh && x.wrong > 0:
			x.wrong--
			x.decided = true
		default:
			return wrong, slices.Sorted(maps.Keys(e.told))
		}
	}
}

// rule reads a rule from token i. Within a rule that has a name in messages nothing else is told of its first token.
func (x *expecter) rule(r *grammarRule, i int32, suppressed bool) *expectation {
	key := expecterKey{r.id, i, suppressed}
	if known, ok := x.memo[key]; ok {
		return known
	}
	result := &expectation{}
	x.memo[key] = result // of a rule that begins with itself: there is none
	x.steps++
	quiet := int32(-1)
	if suppressed {
		quiet = i
	}
	var own expectation
	if r.special != "" {
		if !suppressed && i == x.wrong {
			own.add(r.special)
		}
		quiet = i
	}
	var viable []*expectation
	only, decided := x.chosen[expecterKey{rule: r.id, at: i}]
	var numbers []int
	for number, choice := range r.choices {
		if x.decided && decided && number != only {
			continue
		}
		e := &expectation{}
		e.ends = x.read(choice, []int32{i}, quiet, e)
		result.ends = mergedTokens(result.ends, e.ends)
		if len(e.all) > 0 || x.ended(e.ends) {
			viable, numbers = append(viable, e), append(numbers, number)
		}
	}
	if taken := x.choose(result, viable, i); taken >= 0 && !x.decided {
		x.chosen[expecterKey{rule: r.id, at: i}] = numbers[taken]
	}
	result.take(&own)
	if x.passed && r.name == "condition" && x.ended(result.ends) {
		result.told, result.all = nil, nil
	}
	return result
}

// choose tells what the alternatives that reach the wrong token expect, as prediction has it, and which of them it takes.
func (x *expecter) choose(result *expectation, viable []*expectation, i int32) int {
	complete := slices.IndexFunc(viable, func(e *expectation) bool { return x.ended(e.ends) })
	switch {
	case len(viable) == 1:
		result.take(viable[0])
		return 0
	case complete >= 0 && i < x.wrong:
		result.take(viable[complete])
		for _, e := range viable {
			if e.all != nil {
				maps.Copy(x.both(result).all, e.all)
			}
		}
		return complete
	}
	for _, e := range viable {
		if e.all != nil {
			maps.Copy(x.both(result).all, e.all)
			maps.Copy(result.told, e.all)
		}
	}
	result.fresh = len(viable) > 0 && complete < 0
	return -1
}

func (x *expecter) both(e *expectation) *expectation {
	if e.all == nil {
		e.all, e.told = map[string]bool{}, map[string]bool{}
	}
	return e
}

func (x *expecter) ended(ends []int32) bool {
	_, found := slices.BinarySearch(ends, x.wrong)
	return found
}

// read reads a piece of a rule from each of the tokens; it gives where it can end. What is expected goes into e.
func (x *expecter) read(n *grammarNode, from []int32, quiet int32, e *expectation) []int32 {
	if len(from) == 0 || x.steps > expecterStepsMax {
		return nil
	}
	x.steps += len(from)
	switch n.kind {
	case grammarToken:
		return x.token(n, from, quiet, e)
	case grammarCall:
		var ends []int32
		for _, i := range from {
			if i > x.wrong {
				break
			}
			inner := x.rule(n.rule, i, i == quiet)
			e.take(inner)
			ends = mergedTokens(ends, inner.ends)
		}
		return ends
	case grammarSequence:
		return x.sequence(n, from, quiet, e)
	case grammarChoice:
		var ends []int32
		for _, p := range n.parts {
			ends = mergedTokens(ends, x.read(p, from, quiet, e))
		}
		return ends
	case grammarOptional:
		ends, left := x.optional(n, from, quiet, e)
		return mergedTokens(left, ends)
	}
	ends := slices.Clone(from)
	for more := from; len(more) > 0; {
		more, _ = x.optional(n, more, quiet, e)
		more = without(more, ends)
		ends = mergedTokens(ends, more)
	}
	return ends
}

// optional reads what may be left out; left are the tokens where it may be. A parser that stands at the wrong token leaves
// it out; one that can read it all up to there does not.
func (x *expecter) optional(n *grammarNode, from []int32, quiet int32, e *expectation) (ends, left []int32) {
	inner := &expectation{}
	for _, i := range from {
		one := &expectation{}
		found := x.read(n.parts[0], []int32{i}, quiet, one)
		if i == x.wrong {
			one.fresh = false
		} else if x.failsAfterIn(n, i, found, one) {
			one.told, one.fresh, one.blind, one.shift = map[string]bool{}, false, false, i
		}
		inner.take(one)
		if !x.ended(found) || i == x.wrong {
			left = append(left, i)
		}
		ends = mergedTokens(ends, found)
	}
	e.take(inner)
	return ends, left
}

// failsAfterIn tells whether the predicate at token i is an IN whose list the wrong token is in.
func (x *expecter) failsAfterIn(n *grammarNode, i int32, found []int32, e *expectation) bool {
	t := x.tokens[i]
	return n.parts[0].text == "predicate" && t.kind == tokName && t.value == "IN" && len(found) == 0 && len(e.all) > 0
}

func (x *expecter) sequence(n *grammarNode, from []int32, quiet int32, e *expectation) []int32 {
	told := x.ended(from) // before the first part there is nothing to forget
	for k, p := range n.parts {
		if n.must[k] && p.kind != grammarToken && x.ended(from) && !told {
			told = true
			// Either this part is read, or the rule fails here: what came before is not told.
			e.told, e.fresh, e.blind = map[string]bool{}, true, false
			if e.all == nil {
				e.all = map[string]bool{}
			}
		}
		blind := e.blind
		from = x.read(p, from, quiet, e)
		if n.blind[k] && x.ended(from) {
			blind = true
		}
		e.blind = blind || e.blind
	}
	return from
}

func (x *expecter) token(n *grammarNode, from []int32, quiet int32, e *expectation) []int32 {
	var ends []int32
	for _, i := range from {
		switch {
		case i < x.wrong && matches(n.text, x.tokens[i]):
			ends = append(ends, i+1)
		case i == x.wrong && i != quiet && n.text != "DEAD" && n.text != "NAME":
			e.add(shownToken(n.text))
		}
	}
	return ends
}

// matches tells whether a token is what the grammar calls by a name.
func matches(want string, t token) bool {
	switch want {
	case "NAME":
		return t.kind == tokQuotedName || t.kind == tokBackquotedName || t.kind == tokDigitName || t.kind == tokName && !reserved[t.value]
	case "STRING":
		return isString(t) || t.kind == tokName && t.value == want
	case "INTEGER":
		return t.kind == tokInteger
	case "NUMBER":
		return t.kind == tokDecimal || t.kind == tokDouble
	case "BINARY":
		return t.kind == tokBinary
	case "EOF":
		return t.kind == tokEOF
	}
	if want[0] == '"' {
		return t.kind == tokSymbol && t.value == want[1:len(want)-1]
	}
	return t.kind == tokName && t.value == want
}

// shownToken is how messages show a token of the grammar.
func shownToken(want string) string {
	switch {
	case want == "EOF" || want == "INTEGER":
		return "<" + map[string]string{"EOF": "EOF", "INTEGER": "integer"}[want] + ">"
	case want[0] == '"':
		return "'" + want[1:len(want)-1] + "'"
	}
	return "'" + want + "'"
}

// mergedTokens merges sorted lists; a is the caller's own and is used up.
func mergedTokens(a, b []int32) []int32 {
	merged := append(a, b...)
	if len(a) > 0 && len(b) > 0 && a[len(a)-1] >= b[0] {
		slices.Sort(merged)
		merged = slices.Compact(merged)
	}
	return merged
}

// without gives what of a is not in b.
func without(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(i int32) bool {
		_, found := slices.BinarySearch(b, i)
		return found
	})
}

// grammar reads grammarText.
var grammar = sync.OnceValue(func() map[string]*grammarRule {
	rules := map[string]*grammarRule{}
	text := strings.ReplaceAll(strings.TrimSpace(grammarText), "\n ", " ")
	var bodies [][]string
	for i, line := range strings.Split(text, "\n") {
		head, body, _ := strings.Cut(line, " = ")
		name, special, _ := strings.Cut(head, " ")
		rules[name] = &grammarRule{id: i, name: name, special: special}
		for _, mark := range [...]string{"(", ")", "?", "*"} {
			body = strings.ReplaceAll(body, mark, " "+mark+" ")
			body = strings.ReplaceAll(body, "\" "+mark+" \"", "\""+mark+"\"")
		}
		bodies = append(bodies, append([]string{name}, strings.Fields(body)...))
	}
	for _, words := range bodies {
		b := &grammarBuilder{rules: rules, words: words[1:]}
		rules[words[0]].choices = b.choices()
	}
	mustNot := emptiable(rules)
	for _, r := range rules {
		for _, c := range r.choices {
			c.settle(mustNot, false)
		}
	}
	return rules
})

type grammarBuilder struct {
	rules map[string]*grammarRule
	words []string
}

// choices reads alternatives up to a closing bracket.
func (b *grammarBuilder) choices() []*grammarNode {
	list := []*grammarNode{{kind: grammarSequence}}
	for len(b.words) > 0 {
		word := b.words[0]
		b.words = b.words[1:]
		last := list[len(list)-1]
		switch word {
		case ")":
			return list
		case "|":
			list = append(list, &grammarNode{kind: grammarSequence})
		case "?", "*":
			kind := grammarOptional
			if word == "*" {
				kind = grammarRepeated
			}
			end := len(last.parts) - 1
			last.parts[end] = &grammarNode{kind: kind, parts: []*grammarNode{last.parts[end]}}
		case "(":
			last.parts = append(last.parts, &grammarNode{kind: grammarChoice, parts: b.choices()})
		default:
			n := &grammarNode{text: word}
			if r := b.rules[word]; r != nil {
				n.kind, n.rule = grammarCall, r
			}
			last.parts = append(last.parts, n)
		}
	}
	return list
}

// emptiable finds the rules that can be empty.
func emptiable(rules map[string]*grammarRule) map[*grammarRule]bool {
	empty := map[*grammarRule]bool{}
	for changed := true; changed; {
		changed = false
		for _, r := range rules {
			if !empty[r] && slices.ContainsFunc(r.choices, func(c *grammarNode) bool { return c.empty(empty) }) {
				empty[r], changed = true, true
			}
		}
	}
	return empty
}

func (n *grammarNode) empty(rules map[*grammarRule]bool) bool {
	one := func(p *grammarNode) bool { return p.empty(rules) }
	switch n.kind {
	case grammarToken:
		return false
	case grammarCall:
		return rules[n.rule]
	case grammarSequence:
		return !slices.ContainsFunc(n.parts, func(p *grammarNode) bool { return !one(p) })
	case grammarChoice:
		return slices.ContainsFunc(n.parts, one)
	}
	return true
}

// settle notes of sequences what must follow, and which tokens directly close a rule.
// After says that something must follow the piece itself.
func (n *grammarNode) settle(empty map[*grammarRule]bool, after bool) {
	if n.kind != grammarSequence {
		for _, p := range n.parts {
			p.settle(empty, after)
		}
		return
	}
	n.must, n.blind = make([]bool, len(n.parts)), make([]bool, len(n.parts))
	must := after
	for k := len(n.parts) - 1; k >= 0; k-- {
		n.blind[k] = k > 0 && !must && n.parts[k].kind == grammarToken && n.parts[k-1].kind == grammarCall
		n.parts[k].settle(empty, must)
		must = must || !n.parts[k].empty(empty)
		n.must[k] = must
	}
}
