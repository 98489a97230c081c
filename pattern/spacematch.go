package pattern

import "strconv"

// word is a piece of a message between blanks, without the quotes or brackets around it.
type word struct {
	start      int // of the whole word
	from, to   int // of its value
	afterWords int // position after the whole word
}

// wordsUsual is how many words of a message are held without allocation.
const wordsUsual = 64

func (p *spacePattern) match(message []byte) bool {
	if len(p.fields) == 0 {
		return true
	}
	var memory [wordsUsual]word
	return p.bind(message, memory[:0], func(f *field, value []byte, _ int) bool {
		return f == nil || f.test == nil || f.test.holds(value)
	})
}

// bind gives each field its piece of the message, and the words that an ellipsis took to a nil field, with the number
// of the word from 1. It stops with false where the message has too few words or fn says false.
func (p *spacePattern) bind(message []byte, words []word, fn func(f *field, value []byte, number int) bool) bool {
	words = splitWords(words, message, p.wordsNeeded())
	fields := len(p.fields)
	if p.ellipsis >= 0 {
		fields--
	}
	if len(words) < fields {
		return false
	}
	surplus := len(words) - fields
	at := 0
	for i := range p.fields {
		if i == p.ellipsis {
			for range surplus {
				if !fn(nil, message[words[at].from:words[at].to], at+1) {
					return false
				}
				at++
			}
			continue
		}
		value := message[words[at].from:words[at].to]
		if i == len(p.fields)-1 && p.ellipsis < 0 && surplus > 0 {
			value = message[words[at].start:]
		}
		if !fn(&p.fields[i], value, at+1) {
			return false
		}
		at++
	}
	return true
}

// wordsNeeded is how many words of a message have to be looked at, -1 for all.
func (p *spacePattern) wordsNeeded() int {
	if p.ellipsis >= 0 || len(p.fields) == 0 {
		return -1
	}
	return len(p.fields) + 1
}

// splitWords appends the words of a message, at most limit where it isn't negative. A word that begins with a quote or
// a bracket and has the closing one before a blank holds whatever lies between.
func splitWords(words []word, message []byte, limit int) []word {
	for i := 0; limit < 0 || len(words) < limit; {
		for i < len(message) && isBlank(message[i]) {
			i++
		}
		if i == len(message) {
			break
		}
		w := word{start: i}
		if end := enclosedEnd(message, i); end > 0 {
			w.from, w.to, w.afterWords = i+1, end, end+1
		} else {
			for i < len(message) && !isBlank(message[i]) {
				i++
			}
			w.from, w.to, w.afterWords = w.start, i, i
		}
		words = append(words, w)
		i = w.afterWords
	}
	return words
}

// enclosedEnd gives the position of the closing quote or bracket of the word at i, 0 where it isn't enclosed.
func enclosedEnd(message []byte, i int) int {
	closing := byte(']')
	switch message[i] {
	case '"':
		closing = '"'
	case '[':
	default:
		return 0
	}
	for j := i + 1; j < len(message); j++ {
		if message[j] == '\\' && closing == '"' {
			j++
			continue
		}
		if message[j] == closing {
			if j+1 == len(message) || isBlank(message[j+1]) {
				return j
			}
			return 0
		}
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (t *test) holds(value []byte) bool {
	switch t.kind {
	case '&':
		for _, part := range t.parts {
			if !part.holds(value) {
				return false
			}
		}
		return true
	case '|':
		for _, part := range t.parts {
			if part.holds(value) {
				return true
			}
		}
		return false
	}
	if t.value.number == nil {
		return t.value.holdsForText(t.op, value)
	}
	var digits [48]byte
	if _, ok := parseDecimal(digits[:0], value); ok {
		return t.value.holdsForNumber(t.op, value)
	}
	return t.op == opUnequal // a word that is no number differs from one
}

func (p *spacePattern) extract(message []byte) map[string]string {
	values := map[string]string{}
	if len(p.fields) == 0 {
		for i, w := range splitWords(nil, message, -1) {
			values["$"+strconv.Itoa(i+1)] = string(message[w.from:w.to])
		}
		return values
	}
	p.bind(message, nil, func(f *field, value []byte, number int) bool {
		key := "$" + strconv.Itoa(number)
		if f != nil && f.name != "" {
			key = "$" + f.name
		}
		values[key] = string(value)
		return true
	})
	return values
}
