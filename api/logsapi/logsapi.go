// Package logsapi is CloudWatch Logs on the wire: each operation decodes its input, checks it by the service's model and
// asks loggroup. One file holds one operation and begins with what AWS does, what loglake does and what is not here.
//
// PutLogEvents is the hot path: decode.go reads its body in one pass into the form that the journal stores. All other
// operations go through awsjson.Handle.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
package logsapi

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/loggroup"
)

// Config of the service.
type Config struct {
	Groups *loggroup.Groups
	Home   loglake.Home // speaks in ARNs
}

type service struct {
	groups *loggroup.Groups
	home   loglake.Home
	puts   putPool
}

// New gives the service for an awsjson.Router.
func New(cfg Config) awsjson.Service {
	s := &service{groups: cfg.Groups, home: cfg.Home}
	return awsjson.Service{
		Target: "Logs_20140328", SigningName: "logs", MessageKey: "message", Internal: "InternalServerException", Errors: fault,
		Operations: map[string]awsjson.Operation{
			"CreateLogGroup":                awsjson.Handle(s.createLogGroup),
			"CreateLogStream":               awsjson.Handle(s.createLogStream),
			"DeleteLogGroup":                awsjson.Handle(s.deleteLogGroup),
			"DeleteLogStream":               awsjson.Handle(s.deleteLogStream),
			"DeleteRetentionPolicy":         awsjson.Handle(s.deleteRetentionPolicy),
			"DeleteSubscriptionFilter":      awsjson.Handle(s.deleteSubscriptionFilter),
			"DescribeLogGroups":             awsjson.Handle(s.describeLogGroups),
			"DescribeLogStreams":            awsjson.Handle(s.describeLogStreams),
			"DescribeSubscriptionFilters":   awsjson.Handle(s.describeSubscriptionFilters),
			"FilterLogEvents":               awsjson.Handle(s.filterLogEvents),
			"GetLogEvents":                  awsjson.Handle(s.getLogEvents),
			"ListTagsForResource":           awsjson.Handle(s.listTagsForResource),
			"PutLogEvents":                  s.putLogEvents,
			"PutLogGroupDeletionProtection": awsjson.Handle(s.putLogGroupDeletionProtection),
			"PutRetentionPolicy":            awsjson.Handle(s.putRetentionPolicy),
			"PutSubscriptionFilter":         awsjson.Handle(s.putSubscriptionFilter),
			"TagResource":                   awsjson.Handle(s.tagResource),
			"TestMetricFilter":              awsjson.Handle(s.testMetricFilter),
			"UntagResource":                 awsjson.Handle(s.untagResource),
		},
	}
}

// exceptions says how the service names each code. All of them are answered with status 400 unless it says otherwise.
var exceptions = map[loglake.Code]awsjson.Fault{
	loglake.CodeInvalid:     {Type: "InvalidParameterException"},
	loglake.CodeNotFound:    {Type: "ResourceNotFoundException"},
	loglake.CodeExists:      {Type: "ResourceAlreadyExistsException"},
	loglake.CodeConflict:    {Type: "OperationAbortedException"},
	loglake.CodeLimit:       {Type: "LimitExceededException"},
	loglake.CodeThrottled:   {Type: "ThrottlingException"},
	loglake.CodeUnsupported: {Type: "InvalidParameterException"},
	loglake.CodeDenied:      {Type: "AccessDeniedException"},
	loglake.CodeUnavailable: {Type: "ServiceUnavailableException", Status: http.StatusServiceUnavailable},
}

// fault words a failure. Texts that clients compare come without a hint.
func fault(err *loglake.Error) awsjson.Fault {
	f, ok := exceptions[err.Code]
	if !ok {
		return awsjson.Fault{Type: "InternalServerException", Status: http.StatusInternalServerError}
	}
	f.Message = err.Message
	if err.Hint != "" {
		f.Message += " (" + err.Hint + ")"
	}
	return f
}

// empty is the output of operations without one: the body is empty.
type empty struct{}

func newConstraints() *awsjson.Constraints {
	return &awsjson.Constraints{Fault: awsjson.Fault{Type: "InvalidParameterException"}}
}

func invalid(format string, args ...any) error {
	return loglake.Errorf(loglake.CodeInvalid, format, args...)
}

func validation(message string) error {
	return &awsjson.Fault{Type: "ValidationException", Message: message}
}

var (
	groupNameForm  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]*$`)
	streamNameForm = regexp.MustCompile(`^[^:*]*$`)
)

// requireName notes what is wrong with a name that has to be there.
func requireName(c *awsjson.Constraints, member string, name *string, form *regexp.Regexp) {
	c.Required(member, name)
	checkName(c, member, name, form)
}

// checkName notes what is wrong with a name that may be left out. One that is too long is told apart from the other
// constraints, by errTooLong.
func checkName(c *awsjson.Constraints, member string, name *string, form *regexp.Regexp) {
	if name == nil {
		return
	}
	if *name == "" {
		c.Length(member, *name, 1, -1)
	}
	spelling := `[\.\-_/#A-Za-z0-9]+`
	if form == streamNameForm {
		spelling = "[^:*]*"
	}
	c.Pattern(member, *name, form, spelling)
}

// errTooLong is the service's answer to names of groups and streams that are too long.
func errTooLong(names ...*string) error {
	for _, name := range names {
		if name != nil && utf8.RuneCountInString(*name) > loggroup.NameBytesMax {
			return invalid("Invalid LogGroup or LogStream, both must have length less than or equal to %d.", loggroup.NameBytesMax)
		}
	}
	return nil
}

// value gives what p points to, the zero value where it is nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// groupOf gives the group that an input names by exactly one of name and identifier.
func (s *service) groupOf(name, identifier *string) (loglake.GroupName, error) {
	switch {
	case name != nil && identifier != nil:
		return "", validation("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case name != nil:
		return loglake.GroupName(*name), nil
	case identifier == nil:
		return "", invalid("Either logGroupName or logGroupIdentifier is required.")
	case strings.HasPrefix(*identifier, "arn:"):
		return s.groupOfARN(*identifier)
	}
	return loglake.GroupName(*identifier), nil
}

// groupOfARN gives the group of an ARN of this home, with or without ":*" at its end.
func (s *service) groupOfARN(arn string) (loglake.GroupName, error) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(arn, ":*"), s.home.ARN("logs", "log-group:"))
	if !ok || name == "" || strings.Contains(name, ":") {
		return "", loglake.Errorf(loglake.CodeNotFound, "The specified log group does not exist.")
	}
	return loglake.GroupName(name), nil
}

func (s *service) groupARN(name loglake.GroupName) string {
	return s.home.ARN("logs", "log-group:"+string(name))
}
