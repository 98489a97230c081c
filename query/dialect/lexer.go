package dialect

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokName
	tokQuotedName
	tokBackquotedName
	tokDigitName // 1abc
	tokInteger
	tokDecimal // 1.5
	tokDouble  // 1e3
	tokString
	tokUnicodeString // U&'…'
	tokBinary        // X'…'
	tokSymbol
	tokUnknown
)

// token is a piece of the text [off, end). Value holds the decoded text of strings and quoted names, in upper case the
// text of plain names.
type token struct {
	kind     tokenKind
	off, end int32
	value    string
}

// lexer cuts a text into tokens. It never fails: what is no token becomes tokUnknown, which no rule of the parser accepts.
type lexer struct {
	text string
	pos  int
}

// tokens gives all tokens of the text, the last one tokEOF; ok is false when there are more than tokensMax.
func tokens(text string) (list []token, ok bool) {
	l := lexer{text: text}
	list = make([]token, 0, len(text)/4+8)
	for {
		t := l.next()
		list = append(list, t)
		if t.kind == tokEOF {
			return list, true
		}
		if len(list) >= tokensMax {
			return nil, false
		}
	}
}

func (l *lexer) next() token {
	l.skip()
	start := l.pos
	if start >= len(l.text) {
		return token{kind: tokEOF, off: int32(start), end: int32(start)}
	}
	kind, value := l.scan()
	return token{kind: kind, off: int32(start), end: int32(l.pos), value: value}
}

// skip passes blanks and comments; an unfinished block comment is left as an unknown token.
func (l *lexer) skip() {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			l.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return
			}
			l.pos += end + 4
		default:
			return
		}
	}
}

func (l *lexer) scan() (tokenKind, string) {
	rest := l.text[l.pos:]
	c := rest[0]
	switch {
	case c == '\'':
		return l.quoted('\'', tokString)
	case c == '"':
		return l.quoted('"', tokQuotedName)
	case c == '`':
		return l.quoted('`', tokBackquotedName)
	case (c == 'x' || c == 'X') && strings.HasPrefix(rest[1:], "'"):
		l.pos++
		return l.quoted('\'', tokBinary)
	case (c == 'u' || c == 'U') && strings.HasPrefix(rest[1:], "&'"):
		l.pos += 2
		return l.quoted('\'', tokUnicodeString)
	case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return l.number()
	case isNameStart(c):
		start := l.pos
		l.name()
		return tokName, strings.ToUpper(l.text[start:l.pos])
	}
	for _, symbol := range [...]string{"<>", "!=", "<=", ">=", "||", "->", "=>"} {
		if strings.HasPrefix(rest, symbol) {
			l.pos += 2
			return tokSymbol, symbol
		}
	}
	if strings.IndexByte("()[]{},.;:=<>+-*/%?|^$@", c) >= 0 {
		l.pos++
		return tokSymbol, rest[:1]
	}
	_, size := utf8.DecodeRuneInString(rest)
	l.pos += size
	return tokUnknown, ""
}

// quoted reads up to the closing quote; a doubled quote stands for itself. Without a closing quote the opening one is an
// unknown token of one character.
func (l *lexer) quoted(quote byte, kind tokenKind) (tokenKind, string) {
	start := l.pos + 1
	for i := start; i < len(l.text); i++ {
		if l.text[i] != quote {
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == quote {
			i++
			continue
		}
		l.pos = i + 1
		q := string(quote)
		return kind, strings.ReplaceAll(l.text[start:i], q+q, q)
	}
	l.pos = start
	return tokUnknown, ""
}

// number reads Trino's numeric literals: digits with single underscores, 0x, 0o, 0b, decimals and an exponent.
func (l *lexer) number() (tokenKind, string) {
	start := l.pos
	if l.text[l.pos] == '0' && l.pos+1 < len(l.text) && strings.IndexByte("xXoObB", l.text[l.pos+1]) >= 0 {
		l.name()
		return tokInteger, strings.ReplaceAll(l.text[start:l.pos], "_", "")
	}
	kind := tokInteger
	l.digits()
	if l.peek() == '.' {
		kind = tokDecimal
		l.pos++
		l.digits()
	}
	if c := l.peek(); c == 'e' || c == 'E' {
		mark := l.pos
		l.pos++
		if c := l.peek(); c == '+' || c == '-' {
			l.pos++
		}
		if isDigit(l.peek()) {
			kind = tokDouble
			l.digits()
		} else {
			l.pos = mark
		}
	}
	if isNameStart(l.peek()) {
		l.name()
		return tokDigitName, l.text[start:l.pos]
	}
	return kind, strings.ReplaceAll(l.text[start:l.pos], "_", "")
}

func (l *lexer) peek() byte {
	if l.pos < len(l.text) {
		return l.text[l.pos]
	}
	return 0
}

func (l *lexer) digits() {
	for isDigit(l.peek()) || l.peek() == '_' && l.pos+1 < len(l.text) && isDigit(l.text[l.pos+1]) {
		l.pos++
	}
}

func (l *lexer) name() {
	for isNameStart(l.peek()) || isDigit(l.peek()) {
		l.pos++
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
