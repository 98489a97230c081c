package loggroup

import (
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// errNameLength is what the service says of names that are too long.
func errNameLength() error {
	return invalid("Invalid LogGroup or LogStream, both must have length less than or equal to %d.", NameBytesMax)
}

func checkGroupName(name loglake.GroupName) error {
	switch {
	case len(name) > NameBytesMax:
		return errNameLength()
	case name == "" || strings.IndexFunc(string(name), notInGroupName) >= 0:
		return invalid("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, name)
	case strings.HasPrefix(string(name), "aws/"):
		return invalid("Log groups starting with aws/ are reserved for AWS.")
	}
	return nil
}

func notInGroupName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/#", r))
}

func checkStreamName(name loglake.LogStreamName) error {
	switch {
	case utf8.RuneCountInString(string(name)) > NameBytesMax || len(name) > NameBytesMax:
		return errNameLength()
	case name == "" || strings.ContainsAny(string(name), ":*"):
		return invalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", name)
	}
	return nil
}
