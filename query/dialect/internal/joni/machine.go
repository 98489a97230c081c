package joni

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// frame is something to go back to: another way on, or the value that a register had.
type frame struct {
	kind frameKind
	at   int // instruction, or register
	a, b int
}

type frameKind uint8

const (
	frameSplit frameKind = iota // go on at place a
	frameValue                  // the register was a
	frameSpan                   // a span that ends at a and could end earlier, but not before b
	frameLazy                   // a span that ends at a and could take b characters more
)

// machine runs a program over a text.
type machine struct {
	re        *Regexp
	text      string
	from      int
	registers []int
	frames    []frame
	steps     int
}

// Match gives the places of the first match that begins at from or later: of the whole and of each group, -1 for one that
// took no part; nil where there is none.
func (re *Regexp) Match(text string, from int) ([]int, error) {
	m, ok := re.machines.Get().(*machine)
	if !ok {
		m = &machine{re: re, registers: make([]int, re.registers)}
	}
	defer func() {
		m.text = ""
		if cap(m.frames) < 1<<16 {
			re.machines.Put(m)
		}
	}()
	m.text, m.from, m.steps = text, from, 0
	for at := from; at <= len(text); {
		if at = re.skip(text, at); at < 0 {
			return nil, nil
		}
		found, err := m.run(at)
		if err != nil {
			return nil, err
		}
		if found {
			return slices.Clone(m.registers[:2*(re.groups+1)]), nil
		}
		at += max(width(text[at:]), 1)
	}
	return nil, nil
}

// skip gives the next place where a match may begin, -1 where there is none.
func (re *Regexp) skip(text string, at int) int {
	if re.prefix != "" {
		i := strings.Index(text[at:], re.prefix)
		if i < 0 {
			return -1
		}
		return at + i
	}
	if re.first == nil {
		return at
	}
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		if re.first.has(r) {
			return at
		}
		at += n
	}
	return -1
}

func width(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// put changes a register so that going back restores it.
func (m *machine) put(register, value int) {
	m.frames = append(m.frames, frame{frameValue, register, m.registers[register], 0})
	m.registers[register] = value
}

// run looks for a match that begins at a place.
func (m *machine) run(place int) (bool, error) {
	m.frames = m.frames[:0]
	for i := range m.registers {
		m.registers[i] = -1
	}
	program := m.re.program
	for pc := 0; ; {
		if m.steps++; m.steps > StepsMax || len(m.frames) > framesMax {
			return false, ErrSteps
		}
		in, ok := &program[pc], true
		pc++
		switch in.op {
		case opMatch:
			return true, nil
		case opSet:
			r, n := utf8.DecodeRuneInString(m.text[place:])
			ok = n > 0 && in.set.has(r)
			place += n
		case opText:
			ok = strings.HasPrefix(m.text[place:], in.text)
			place += len(in.text)
		case opSplit:
			m.frames = append(m.frames, frame{frameSplit, in.to, place, 0})
			pc = in.n
		case opJump:
			pc = in.to
		case opSpan:
			place, ok = m.span(in, pc, place)
		default:
			place, pc, ok = m.rare(in, pc, place)
		}
		if !ok {
			if place, pc = m.back(); pc < 0 {
				return false, nil
			}
		}
	}
}

// rare runs the other instructions.
func (m *machine) rare(in *instruction, pc, place int) (_, next int, ok bool) {
	switch in.op {
	case opFold:
		place, ok = m.folded(in.runes, place)
		return place, pc, ok
	case opLazySpan:
		place, ok = m.lazySpan(in, pc, place)
		return place, pc, ok
	case opSave:
		m.put(in.n, place)
	case opMark:
		m.put(in.n, len(m.frames)+1)
	case opCut:
		kept := m.frames[:m.registers[in.n]]
		for _, f := range m.frames[m.registers[in.n]:] {
			if f.kind == frameValue {
				kept = append(kept, f)
			}
		}
		m.frames = kept
	case opAbandon:
		for mark := m.registers[in.n]; len(m.frames) > mark; m.frames = m.frames[:len(m.frames)-1] {
			if f := m.frames[len(m.frames)-1]; f.kind == frameValue {
				m.registers[f.at] = f.a
			}
		}
		return place, pc, false
	case opReturn:
		place = m.registers[in.n]
	case opMoved:
		if m.registers[in.n] == place {
			pc = in.to
		}
	case opBack:
		for range in.n {
			_, n := lastRune(m.text[:place])
			if n == 0 {
				return place, pc, false
			}
			place -= n
		}
	case opReference:
		place, ok = m.reference(in, place)
		return place, pc, ok
	case opAnchor:
		return place, pc, m.at(in.anchor, place)
	}
	return place, pc, true
}

// back gives the place and instruction at which the last choice goes another way, -1 where there is no choice left.
func (m *machine) back() (place, pc int) {
	for len(m.frames) > 0 {
		f := &m.frames[len(m.frames)-1]
		switch f.kind {
		case frameValue:
			m.registers[f.at] = f.a
		case frameSplit:
			place, pc = f.a, f.at
			m.frames = m.frames[:len(m.frames)-1]
			return place, pc
		case frameSpan:
			_, n := lastRune(m.text[:f.a])
			f.a -= n
			place, pc = f.a, f.at
			if f.a <= f.b {
				m.frames = m.frames[:len(m.frames)-1]
			}
			return place, pc
		case frameLazy:
			r, n := utf8.DecodeRuneInString(m.text[f.a:])
			if n > 0 && f.b != 0 && m.re.program[f.at-1].set.has(r) {
				f.a += n
				f.b--
				return f.a, f.at
			}
		}
		m.frames = m.frames[:len(m.frames)-1]
	}
	return 0, -1
}

// span takes as many characters of a set as it can.
func (m *machine) span(in *instruction, pc, place int) (int, bool) {
	least, count := place, 0
	for ; count != in.max && place < len(m.text); count++ {
		if c := m.text[place]; c < utf8.RuneSelf {
			if in.set.ascii[c/64]&(1<<(c%64)) == 0 {
				break
			}
			place++
		} else {
			r, n := utf8.DecodeRuneInString(m.text[place:])
			if !in.set.has(r) {
				break
			}
			place += n
		}
		if count+1 == in.min {
			least = place
		}
	}
	m.steps += count / 8
	if count < in.min {
		return place, false
	}
	if place > least {
		m.frames = append(m.frames, frame{frameSpan, pc, place, least})
	}
	return place, true
}

// lazySpan takes as few characters of a set as it can.
func (m *machine) lazySpan(in *instruction, pc, place int) (int, bool) {
	for range in.min {
		r, n := utf8.DecodeRuneInString(m.text[place:])
		if n == 0 || !in.set.has(r) {
			return place, false
		}
		place += n
	}
	m.steps += in.min / 8
	m.frames = append(m.frames, frame{frameLazy, pc, place, in.max - in.min})
	return place, true
}

// folded takes a text that is equal to folded runes.
func (m *machine) folded(runes []rune, place int) (int, bool) {
	var buffer [4]rune
	for len(runes) > 0 {
		r, n := utf8.DecodeRuneInString(m.text[place:])
		if n == 0 {
			return place, false
		}
		fold := appendFold(buffer[:0], r)
		if len(fold) > len(runes) || !slices.Equal(fold, runes[:len(fold)]) {
			return place, false
		}
		runes, place = runes[len(fold):], place+n
	}
	return place, true
}

func (m *machine) reference(in *instruction, place int) (int, bool) {
	from, to := m.registers[2*in.n], m.registers[2*in.n+1]
	if from < 0 || to < 0 {
		return place, false
	}
	group := m.text[from:to]
	m.steps += len(group) / 8
	if !in.fold {
		return place + len(group), strings.HasPrefix(m.text[place:], group)
	}
	for _, want := range group {
		r, n := utf8.DecodeRuneInString(m.text[place:])
		if n == 0 || foldOne(r) != foldOne(want) {
			return place, false
		}
		place += n
	}
	return place, true
}

// at tells whether a place is such.
func (m *machine) at(a anchor, place int) bool {
	switch a {
	case anchorTextStart:
		return place == 0
	case anchorTextEnd:
		return place == len(m.text)
	case anchorLastEnd:
		return place == len(m.text) || place == len(m.text)-1 && m.text[place] == '\n'
	case anchorLineStart:
		return place == 0 || m.text[place-1] == '\n' && place < len(m.text)
	case anchorLineEnd:
		return place == len(m.text) || m.text[place] == '\n'
	case anchorSearchStart:
		return place == m.from
	}
	before, n := lastRune(m.text[:place])
	after, k := utf8.DecodeRuneInString(m.text[place:])
	boundary := (n > 0 && isWord(before)) != (k > 0 && isWord(after))
	return boundary == (a == anchorWord)
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return wordASCII.has(r)
	}
	return properties()["word"].has(r)
}
