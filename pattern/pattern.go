// Package pattern is the filter-pattern language of CloudWatch Logs, which subscription filters, FilterLogEvents and
// metric filters share: it parses a pattern, prints it back and tells whether a message matches.
//
// The first non-blank character chooses one of three grammars:
//
//	ERROR -timeout ?a ?b "two words" %re[gG]ex%      terms: terms.go
//	{ $.level = "ERROR" || $.status_code >= 400 }    JSON: jsonparse.go builds the tree, jsonmatch.go runs it
//	[ip, user, ..., status = 4*, bytes]              space-delimited fields: space.go, spacematch.go
//
// An empty pattern, "", " " and [] match everything. All three are case-sensitive. What a JSON or a field condition
// compares with is an operand (operand.go): text with a wildcard at its ends, a number, or a regex (regex.go).
//
// A Pattern is parsed once and matched millions of times, so everything that can be decided is decided by Parse. A JSON
// pattern becomes a tree of the wanted paths; one validating scan of the message (jsonscan.go) walks message and tree
// together, without building a value. What AWS accepts and this package does not know is refused by Parse; nothing is
// matched by guess.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
package pattern

import (
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// Limits of the language. The service documents all of them.
const (
	TextMax          = 1024 // characters of a pattern
	RegexesMax       = 2    // regexes in one pattern
	WildcardPathsMax = 3    // JSON selectors with [*] or .* in one pattern; each has at most one
)

// Pattern is a parsed pattern. It is immutable and safe for concurrent use.
type Pattern struct {
	match   matcher // nil: everything matches
	regexes int
}

// matcher is one of the three grammars. It is asked once per event.
type matcher interface {
	match(message []byte) bool
	extract(message []byte) map[string]string
	String() string
}

// Parse parses a pattern of at most TextMax characters. Errors are CodeInvalid where the text is not a pattern, and
// CodeUnsupported where it holds a construct that is known but not built, which the message names.
func Parse(text string) (*Pattern, error) {
	if n := utf8.RuneCountInString(text); n > TextMax {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Invalid filter pattern: it has %d characters, at most %d are allowed", n, TextMax)
	}
	if !utf8.ValidString(text) {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Invalid filter pattern: it is not UTF-8")
	}
	c := &cursor{text: text}
	c.skip()
	p := &Pattern{}
	var err error
	switch trimmed := strings.Trim(text, blanks); {
	case trimmed == "", trimmed == `""`, trimmed == `" "`:
		return p, nil
	case trimmed[0] == '{':
		p.match, err = parseJSON(c)
	case trimmed[0] == '[':
		p.match, err = parseSpace(c)
	default:
		p.match, err = parseTerms(c)
	}
	if err != nil {
		return nil, err
	}
	if c.regexes > RegexesMax {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Invalid filter pattern: it has %d regular expressions, at most %d are allowed", c.regexes, RegexesMax)
	}
	p.regexes = c.regexes
	return p, nil
}

// Match tells whether the pattern selects the message. It keeps no reference to it.
func (p *Pattern) Match(message []byte) bool { return p.match == nil || p.match.match(message) }

// MatchesAll tells whether the pattern selects every message because it says nothing.
func (p *Pattern) MatchesAll() bool {
	space, ok := p.match.(*spacePattern)
	return p.match == nil || ok && len(space.fields) == 0
}

// Regexes is the number of regular expressions in the pattern; a log group may have five filters that use any.
func (p *Pattern) Regexes() int { return p.regexes }

// Extract gives the values that the pattern names in a message it matches: "$.selector" of a JSON pattern, "$field" and
// "$3" (the third word) of a space-delimited one, nothing of a pattern of terms. ok is what Match says.
// It is for TestMetricFilter and may allocate.
func (p *Pattern) Extract(message []byte) (values map[string]string, ok bool) {
	if !p.Match(message) {
		return nil, false
	}
	if p.match == nil {
		return map[string]string{}, true
	}
	return p.match.extract(message), true
}

// String gives the pattern in one canonical spelling, which Parse reads back to an equal pattern.
func (p *Pattern) String() string {
	if p.match == nil {
		return ""
	}
	return p.match.String()
}
