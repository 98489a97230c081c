package iamapi

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"
)

// form are the members of a request. The first that is wrong is kept; err gives it.
type form struct {
	values url.Values
	failed error
}

// name says what a member that names something may be.
type name struct {
	member string
	most   int // characters
}

var (
	roleName   = name{"roleName", 64}
	policyName = name{"policyName", 128}
)

var (
	namePattern        = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern        = regexp.MustCompile(`^(/|/[!-~]+/)$`)
	pathPrefixPattern  = regexp.MustCompile(`^/[!-\x7f]*$`)
	descriptionPattern = regexp.MustCompile(`^[\t\n\r -~\x{A1}-\x{FF}]*$`)
	tagPattern         = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// member gives a request's member by the name that messages have, which begins with a small letter.
func (f *form) member(name string) (value string, given bool) {
	key := string(name[0]-'a'+'A') + name[1:]
	return f.values.Get(key), f.values.Has(key)
}

// wrong notes that a member breaks a constraint, in the service's words.
func (f *form) wrong(member, constraint string) {
	if f.failed == nil {
		f.failed = refuse("ValidationError", "1 validation error detected: Value at '%s' failed to satisfy constraint: %s", member, constraint)
	}
}

// text gives a member of least to most characters that fits a pattern (nil: any). One that was not given must be
// optional, which is what otherwise stands for.
func (f *form) text(member string, most int, pattern *regexp.Regexp, otherwise *string) string {
	value, given := f.member(member)
	switch {
	case !given && otherwise != nil:
		return *otherwise
	case !given:
		f.wrong(member, "Member must not be null")
	case utf8.RuneCountInString(value) > most:
		f.wrong(member, "Member must have length less than or equal to "+strconv.Itoa(most))
	case pattern != nil && !pattern.MatchString(value):
		f.wrong(member, "Member must satisfy regular expression pattern: "+pattern.String())
	}
	return value
}

func (f *form) name(n name) string { return f.text(n.member, n.most, namePattern, nil) }

const documentMax = 131072 // characters

func (f *form) document(member string) string {
	text := f.text(member, documentMax, nil, nil)
	if text == "" {
		f.wrong(member, "Member must have length greater than or equal to 1")
	}
	return text
}

func (f *form) description() string {
	return f.text("description", 1000, descriptionPattern, new(string))
}

// session gives MaxSessionDuration, 0 where it was not given.
func (f *form) session() time.Duration {
	text, given := f.member("maxSessionDuration")
	if !given {
		return 0
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 3600 || seconds > 43200 {
		f.wrong("maxSessionDuration", "Member must have value between 3600 and 43200")
	}
	return time.Duration(seconds) * time.Second
}

// list gives the members NAME.member.1… of a list; suffix is .Key where they are structures.
func (f *form) list(name, suffix string) (values []string) {
	for i := 1; ; i++ {
		key := name + ".member." + strconv.Itoa(i) + suffix
		if !f.values.Has(key) {
			return values
		}
		values = append(values, f.values.Get(key))
	}
}

func (f *form) tags() map[string]string {
	tags := map[string]string{}
	keys := f.list("Tags", ".Key")
	for i, key := range keys {
		value := f.values.Get("Tags.member." + strconv.Itoa(i+1) + ".Value")
		if key == "" || utf8.RuneCountInString(key) > 128 || !tagPattern.MatchString(key) {
			f.wrong("tags", "Member must have keys of 1 to 128 letters, digits, blanks and _.:/=+-@")
		}
		if utf8.RuneCountInString(value) > 256 || !tagPattern.MatchString(value) {
			f.wrong("tags", "Member must have values of up to 256 letters, digits, blanks and _.:/=+-@")
		}
		if _, twice := tags[key]; twice && f.failed == nil {
			f.failed = refuse("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags[key] = value
	}
	return tags
}

// page is where a listing goes on and how many entries it gives. Markers are names in base64.
type page struct {
	after string
	max   int
}

func (f *form) page() page {
	p := page{max: pageUsual}
	if text, given := f.member("maxItems"); given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > pageMax {
			f.wrong("maxItems", "Member must have value between 1 and 1000")
		}
		p.max = n
	}
	if text, given := f.member("marker"); given {
		after, err := base64.URLEncoding.DecodeString(text)
		if err != nil && f.failed == nil {
			f.failed = refuse("ValidationError", "Invalid Marker.")
		}
		p.after = string(after)
	}
	return p
}

// paged is the end of every listing.
type paged struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

func pagedAfter(last string) paged {
	return paged{IsTruncated: true, Marker: base64.URLEncoding.EncodeToString([]byte(last))}
}

// cut gives one page of sorted names.
func (p page) cut(names []string) ([]string, paged) {
	for len(names) > 0 && p.after != "" && names[0] <= p.after {
		names = names[1:]
	}
	if len(names) <= p.max {
		return names, paged{}
	}
	return names[:p.max], pagedAfter(names[p.max-1])
}
