package ddl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one lexical element. Its text is the value: without quotes, with escapes resolved.
type token struct {
	kind       tokenKind
	text       string
	start, end int // bytes of the statement
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenBackquoted
	tokenString // '…'
	tokenDouble // "…": a string or a name, by where it stands
	tokenNumber
	tokenSymbol
)

// is tells whether t is the keyword, which is given in capitals.
func (t token) is(keyword string) bool {
	return t.kind == tokenWord && strings.EqualFold(t.text, keyword)
}

// lex splits a statement into tokens, the last of which is tokenEnd. Blanks and comments vanish.
func lex(sql string) ([]token, *Error) {
	l := lexer{sql: sql}
	tokens := make([]token, 0, 16+len(sql)/8)
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == tokenEnd {
			return tokens, nil
		}
	}
}

type lexer struct {
	sql string
	pos int
}

func (l *lexer) next() (token, *Error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	start := l.pos
	if start == len(l.sql) {
		return token{kind: tokenEnd, start: start, end: start}, nil
	}
	switch c := l.sql[start]; {
	case c == '\'':
		return l.quoted(tokenString)
	case c == '"':
		return l.quoted(tokenDouble)
	case c == '`':
		return l.quoted(tokenBackquoted)
	case c >= '0' && c <= '9':
		return l.number(), nil
	}
	if n := l.wordLength(start); n > 0 {
		l.pos += n
		return token{kind: tokenWord, text: l.sql[start:l.pos], start: start, end: l.pos}, nil
	}
	return l.symbol()
}

// skip moves over blanks, -- and /* */ comments.
func (l *lexer) skip() *Error {
	for l.pos < len(l.sql) {
		rest := l.sql[l.pos:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			l.pos += size
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return errorAt(l.sql, l.pos, "the comment that begins here has no end")
			}
			l.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

// wordLength gives the length of the word at a byte offset, 0 where there is none.
func (l *lexer) wordLength(at int) int {
	n := 0
	for at+n < len(l.sql) {
		r, size := utf8.DecodeRuneInString(l.sql[at+n:])
		if r == utf8.RuneError && size <= 1 || r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	return n
}

// number reads 12, 1.5, 1e9; a run of digits that goes on with letters is a word, as in Hive.
func (l *lexer) number() token {
	start := l.pos
	digits := func() {
		for l.pos < len(l.sql) && l.sql[l.pos] >= '0' && l.sql[l.pos] <= '9' {
			l.pos++
		}
	}
	digits()
	if l.pos+1 < len(l.sql) && l.sql[l.pos] == '.' && l.sql[l.pos+1] >= '0' && l.sql[l.pos+1] <= '9' {
		l.pos++
		digits()
	}
	if l.pos < len(l.sql) && (l.sql[l.pos] == 'e' || l.sql[l.pos] == 'E') {
		mark := l.pos
		l.pos++
		if l.pos < len(l.sql) && (l.sql[l.pos] == '-' || l.sql[l.pos] == '+') {
			l.pos++
		}
		exponent := l.pos
		if digits(); l.pos == exponent {
			l.pos = mark
		}
	}
	kind := tokenNumber
	if n := l.wordLength(l.pos); n > 0 && !strings.Contains(l.sql[start:l.pos], ".") {
		l.pos += n
		kind = tokenWord
	}
	return token{kind: kind, text: l.sql[start:l.pos], start: start, end: l.pos}
}

func (l *lexer) symbol() (token, *Error) {
	start := l.pos
	for _, s := range [...]string{"<=", ">=", "<>", "!=", "=="} {
		if strings.HasPrefix(l.sql[start:], s) {
			l.pos += 2
			return token{kind: tokenSymbol, text: s, start: start, end: l.pos}, nil
		}
	}
	r, size := utf8.DecodeRuneInString(l.sql[start:])
	if !strings.ContainsRune("().,;:<>=+-*/[]{}?%&|!", r) || r == utf8.RuneError {
		return token{}, errorAt(l.sql, start, "token recognition error at: '%s'", l.sql[start:start+size])
	}
	l.pos += size
	return token{kind: tokenSymbol, text: l.sql[start:l.pos], start: start, end: l.pos}, nil
}

// quoted reads a string or a quoted name. Strings know backslash escapes and a doubled quote, names the latter only.
func (l *lexer) quoted(kind tokenKind) (token, *Error) {
	start := l.pos
	quote := l.sql[start]
	var text strings.Builder
	for i := start + 1; i < len(l.sql); i++ {
		switch c := l.sql[i]; {
		case c == quote && i+1 < len(l.sql) && l.sql[i+1] == quote:
			text.WriteByte(quote)
			i++
		case c == quote:
			l.pos = i + 1
			return token{kind: kind, text: text.String(), start: start, end: l.pos}, nil
		case c == '\\' && kind != tokenBackquoted && i+1 < len(l.sql):
			i += unescape(&text, l.sql[i+1:])
		default:
			text.WriteByte(c)
		}
	}
	rest := l.sql[start:]
	if len(rest) > 40 {
		rest = strings.ToValidUTF8(rest[:40], "") + "…"
	}
	return token{}, errorAt(l.sql, start, "token recognition error at: '%s'", rest)
}

// unescape writes what the escape sequence stands for and gives its length; rest begins behind the backslash. It
// follows Hive: octal \ooo, \uXXXX, the usual letters; \% and \_ keep their backslash for LIKE.
func unescape(text *strings.Builder, rest string) int {
	if len(rest) >= 3 && rest[0] >= '0' && rest[0] <= '1' && octal(rest[1]) && octal(rest[2]) {
		text.WriteByte((rest[0]-'0')<<6 | (rest[1]-'0')<<3 | rest[2] - '0')
		return 3
	}
	if len(rest) >= 5 && rest[0] == 'u' {
		if r, ok := hex4(rest[1:5]); ok {
			text.WriteRune(r)
			return 5
		}
	}
	switch c := rest[0]; c {
	case '0':
		text.WriteByte(0)
	case 'b':
		text.WriteByte('\b')
	case 'n':
		text.WriteByte('\n')
	case 'r':
		text.WriteByte('\r')
	case 't':
		text.WriteByte('\t')
	case 'Z':
		text.WriteByte(0x1a)
	case '%', '_':
		text.WriteByte('\\')
		text.WriteByte(c)
	default:
		text.WriteByte(c)
	}
	return 1
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

func hex4(s string) (rune, bool) {
	var r rune
	for i := range 4 {
		digit := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if digit < 0 || s[i] < '0' {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}
