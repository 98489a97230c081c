// Package layout owns every object key: it formats them and takes them apart. It is pure.
//
// A key is a prefix, given by the expressions of the delivery stream (prefix.go), and a name in Firehose's form, whose
// UUID is ours and says where the object comes from (key.go, docs/format/keys.md). Under a table's location the prefix
// carries partition values in Hive's form (partition.go).
//
// https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
package layout

import (
	"strings"
	"time"

	"github.com/loglake/loglake"
)

// prefixBytesMax bounds an evaluated prefix, as the service does.
const prefixBytesMax = 512

// errorTypeExpression is what an error prefix with expressions must contain.
const errorTypeExpression = "!{firehose:error-output-type}"

// Values is what a prefix is evaluated with.
type Values struct {
	// Instant is that of every time expression: the approximate arrival of the oldest record of the object, or the time
	// that its rows themselves tell.
	Instant   time.Time
	Zone      *time.Location // nil: UTC
	ErrorType string         // of an error prefix: format-conversion-failed and the like
	Random    func() string  // 11 letters or digits, new at each call; nil where no expression asks
}

func (v Values) instant() time.Time {
	if v.Zone == nil {
		return v.Instant.UTC()
	}
	return v.Instant.In(v.Zone)
}

// DeliveryPrefix evaluates the prefix of data objects: where it has no expression, yyyy/MM/dd/HH/ is appended as it is.
func DeliveryPrefix(prefix *Prefix, v Values) string {
	s := prefix.Eval(v)
	if !prefix.HasExpressions() {
		s += v.instant().Format("2006/01/02/15/")
	}
	return s
}

// ErrorPrefix evaluates the prefix of reject objects. A nil errorPrefix, which goes with a static prefix only, and a
// static one get the error type and yyyy/MM/dd/HH/ appended.
func ErrorPrefix(errorPrefix, prefix *Prefix, v Values) string {
	p := errorPrefix
	if p == nil {
		p = prefix
	}
	s := p.Eval(v)
	if !p.HasExpressions() {
		s += v.ErrorType + "/" + v.instant().Format("2006/01/02/15/")
	}
	return s
}

// Validate holds a stream's Prefix and ErrorOutputPrefix, nil where they are absent, against the service's rules. The
// error is CodeInvalid with the service's text.
func Validate(prefix, errorPrefix *string) error {
	p, err := parseMember(prefix, "Prefix")
	if err != nil {
		return err
	}
	e, err := parseMember(errorPrefix, "ErrorOutputPrefix")
	if err != nil {
		return err
	}
	switch {
	case p.has("firehose", "error-output-type"):
		return invalid("Prefix must not contain any occurrence of " + errorTypeExpression)
	case p.HasExpressions() && (errorPrefix == nil || *errorPrefix == ""):
		return invalid("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
	case e.has("partitionKeyFromQuery", "") || e.has("partitionKeyFromLambda", ""):
		return invalid("Dynamic Partitioning Namespaces can't be part of an error prefix expression")
	case e.HasExpressions() && !e.has("firehose", "error-output-type"):
		return invalid("ErrorOutputPrefix must contain at least one occurrence of " + errorTypeExpression)
	case p.has("partitionKeyFromQuery", "") || p.has("partitionKeyFromLambda", ""):
		return invalid("Dynamic Partitioning Namespaces can only be used in S3 Prefix when Dynamic Partitioning is enabled")
	}
	widest := Values{Instant: time.Date(2026, 12, 30, 23, 59, 59, 0, time.UTC), ErrorType: "format-conversion-failed", Random: func() string { return strings.Repeat("x", 11) }}
	if len(p.Eval(widest)) > prefixBytesMax {
		return invalid("Length of evaluated prefix cannot be greater than 512")
	}
	if len(e.Eval(widest)) > prefixBytesMax {
		return invalid("Length of evaluated ErrorOutputPrefix cannot be greater than 512")
	}
	return nil
}

func parseMember(text *string, member string) (*Prefix, error) {
	if text == nil {
		return &Prefix{}, nil
	}
	return parse(*text, member)
}

func invalid(text string) error { return loglake.Errorf(loglake.CodeInvalid, "%s", text) }
