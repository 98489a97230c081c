package layout

import (
	"strings"
)

// Prefix is a parsed prefix: literal text and expressions !{namespace:value}.
type Prefix struct {
	text  string
	parts []part
}

// part is a literal, or an expression where namespace is not empty.
type part struct {
	namespace string
	value     string // the literal, or what stands right of the colon
	pattern   timePattern
}

// ParsePrefix parses the text of a prefix. The error is CodeInvalid with the service's text.
func ParsePrefix(text string) (*Prefix, error) { return parse(text, "Prefix") }

// parse is ParsePrefix, with the name of the member that errors speak of.
func parse(text, member string) (*Prefix, error) {
	p := &Prefix{text: text}
	for rest := text; rest != ""; {
		start := strings.Index(rest, "!{")
		if start < 0 {
			p.parts = append(p.parts, part{value: rest})
			break
		}
		if start > 0 {
			p.parts = append(p.parts, part{value: rest[:start]})
		}
		inside, after, closed := strings.Cut(rest[start+2:], "}")
		namespace, value, colon := strings.Cut(inside, ":")
		if !closed || !colon || value == "" {
			return nil, invalid("Invalid expression usage")
		}
		one, err := expression(namespace, value, member)
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, one)
		rest = after
	}
	return p, nil
}

func expression(namespace, value, member string) (part, error) {
	one := part{namespace: namespace, value: value}
	switch namespace {
	case "timestamp":
		var err error
		one.pattern, err = parseTimePattern(value, member)
		return one, err
	case "firehose":
		if value != "random-string" && value != "error-output-type" {
			return one, invalid("Invalid expression usage")
		}
	case "partitionKeyFromQuery", "partitionKeyFromLambda":
	default:
		return one, invalid("Namespace to the left of colon (" + namespace + ") is an invalid keyword!")
	}
	return one, nil
}

// String gives the text that was parsed.
func (p *Prefix) String() string { return p.text }

// HasExpressions tells whether the prefix is more than literal text.
func (p *Prefix) HasExpressions() bool { return p.has("", "") }

// has tells whether there is an expression of a namespace ("": any) and value ("": any).
func (p *Prefix) has(namespace, value string) bool {
	for _, one := range p.parts {
		if one.namespace != "" && (namespace == "" || one.namespace == namespace) && (value == "" || one.value == value) {
			return true
		}
	}
	return false
}

// Eval gives the prefix with its expressions evaluated.
func (p *Prefix) Eval(v Values) string {
	var b strings.Builder
	at := v.instant()
	for _, one := range p.parts {
		switch {
		case one.namespace == "":
			b.WriteString(one.value)
		case one.namespace == "timestamp":
			one.pattern.format(&b, at)
		case one.value == "error-output-type":
			b.WriteString(v.ErrorType)
		case one.value == "random-string" && v.Random != nil:
			b.WriteString(v.Random())
		}
	}
	return b.String()
}
