package shape

import (
	"regexp"

	"github.com/loglake/loglake"
)

func regexParser(text string) (*Parser, error) {
	if text == "" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "the format regex is parsed by an expression, and there is none").
			WithHint(`write one such as (?P<level>[A-Z]+) (?P<message>.*)`)
	}
	e, err := regexp.Compile(text)
	if err != nil {
		return nil, loglake.Errorf(loglake.CodeInvalid, "the expression for lines: %v", err).
			WithHint("the syntax is that of Go: https://pkg.go.dev/regexp/syntax")
	}
	seen := map[string]bool{}
	for _, name := range e.SubexpNames() {
		if name != "" && seen[name] {
			return nil, loglake.Errorf(loglake.CodeInvalid, "the expression for lines has two groups named %s", name)
		}
		seen[name] = name != ""
	}
	if delete(seen, ""); len(seen) == 0 {
		return nil, loglake.Errorf(loglake.CodeInvalid, "the expression for lines has no named group, so that it gives no fields").
			WithHint("write (?P<name>…) around what is to be a field")
	}
	return &Parser{format: Regex, expression: e}, nil
}

// parseRegex writes the named groups that took part and are not empty.
func (p *Parser) parseRegex(dst, line []byte) ([]byte, bool) {
	groups := p.expression.FindSubmatchIndex(line)
	if groups == nil {
		return dst, false
	}
	start := len(dst)
	for i, name := range p.expression.SubexpNames() {
		from, to := groups[2*i], groups[2*i+1]
		if name == "" || from == to {
			continue
		}
		dst = appendScalar(appendName(dst, name), line[from:to])
	}
	if len(dst) == start {
		return append(dst, "{}"...), true
	}
	dst[start] = '{'
	return append(dst, '}'), true
}
