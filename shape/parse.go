package shape

import (
	"regexp"
	"strings"

	"github.com/loglake/loglake"
)

// Format is how the lines of a source are written.
type Format string

// The formats that a Parser reads. Lines of none of them need no parser.
const (
	JSON     Format = "json"     // one object per line
	Logfmt   Format = "logfmt"   // level=info msg="hello there"
	Common   Format = "common"   // the access log of Apache and others
	Combined Format = "combined" // the same with referer and user agent; the usual one of nginx
	Regex    Format = "regex"    // an expression whose named groups are the fields
)

// Formats lists all formats, for those who choose and those who complain.
func Formats() []Format { return []Format{JSON, Logfmt, Common, Combined, Regex} }

// Parser makes one JSON object of a line. It may be used by many goroutines.
type Parser struct {
	format     Format
	expression *regexp.Regexp
}

// NewParser makes a parser. The expression, in the syntax of Go's package regexp, is for Regex alone and has at least one
// named group, (?P<name>…). Errors are of CodeInvalid.
func NewParser(f Format, expression string) (*Parser, error) {
	if f != Regex && expression != "" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "lines of the format %s are parsed without an expression", f).
			WithHint("leave it out, or take the format regex")
	}
	switch f {
	case JSON, Logfmt, Common, Combined:
		return &Parser{format: f}, nil
	case Regex:
		return regexParser(expression)
	}
	names := make([]string, 0, len(Formats()))
	for _, known := range Formats() {
		names = append(names, string(known))
	}
	return nil, loglake.Errorf(loglake.CodeInvalid, "%q is not a format of lines", string(f)).WithHint("there are %s", strings.Join(names, ", "))
}

// Parse appends one JSON object to dst. A line that is not of the format is appended as {"message": "…"}, and ok is
// false. A JSON line that is an object passes through byte for byte but for the space around it. Line ends are not part
// of a line: the caller takes them off.
func (p *Parser) Parse(dst, line []byte) (out []byte, ok bool) {
	start := len(dst)
	switch p.format {
	case JSON:
		if object := objectOf(line); object != nil {
			return append(dst, object...), true
		}
	case Logfmt:
		out, ok = parseLogfmt(dst, line)
	case Common, Combined:
		out, ok = parseAccess(dst, line, p.format == Combined)
	case Regex:
		out, ok = p.parseRegex(dst, line)
	}
	if ok {
		return out, true
	}
	return AppendMessage(dst[:start], line), false
}

// AppendMessage appends {"message": line}.
func AppendMessage(dst, line []byte) []byte {
	dst = append(dst, `{"message":`...)
	return append(appendString(dst, line), '}')
}
