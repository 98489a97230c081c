package s3api

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// Error is a failure as S3 words it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
type Error struct {
	Code    string
	Status  int
	Message string
	Members []Member // further members, in order
}

// Member is one of an Error's further members.
type Member struct{ Name, Value string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func notImplemented(format string, args ...any) error {
	return &Error{Code: "NotImplemented", Status: http.StatusNotImplemented, Message: fmt.Sprintf(format, args...)}
}

func invalid(code, format string, args ...any) error {
	return &Error{Code: code, Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

func invalidArgument(name, value, message string) error {
	return &Error{Code: "InvalidArgument", Status: http.StatusBadRequest, Message: message, Members: []Member{{"ArgumentName", name}, {"ArgumentValue", value}}}
}

func malformedXML() error {
	return invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

var errPrecondition = &Error{Code: "PreconditionFailed", Status: http.StatusPreconditionFailed, Message: "At least one of the pre-conditions you specified did not hold"}

// errNotModified has no body.
var errNotModified = &Error{Code: "NotModified", Status: http.StatusNotModified}

// causes are what the store's failures are in S3.
var causes = []struct {
	cause error
	Error
}{
	{store.ErrNoBucket, Error{Code: "NoSuchBucket", Status: 404, Message: "The specified bucket does not exist"}},
	{store.ErrNoObject, Error{Code: "NoSuchKey", Status: 404, Message: "The specified key does not exist."}},
	{store.ErrNoUpload, Error{Code: "NoSuchUpload", Status: 404, Message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."}},
	{store.ErrNotEmpty, Error{Code: "BucketNotEmpty", Status: 409, Message: "The bucket you tried to delete is not empty"}},
	{store.ErrPrecondition, *errPrecondition},
	{store.ErrDigest, Error{Code: "BadDigest", Status: 400, Message: "The Content-MD5 you specified did not match what we received."}},
	{store.ErrTooLarge, Error{Code: "EntityTooLarge", Status: 400, Message: "Your proposed upload exceeds the maximum allowed size"}},
	{store.ErrBucketName, Error{Code: "InvalidBucketName", Status: 400, Message: "The specified bucket is not valid."}},
	{store.ErrKey, Error{Code: "KeyTooLongError", Status: 400, Message: "Your key is too long"}},
	{store.ErrPart, Error{Code: "InvalidPart", Status: 400, Message: "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."}},
	{store.ErrPartOrder, Error{Code: "InvalidPartOrder", Status: 400, Message: "The list of parts was not in ascending order. Parts must be ordered by part number."}},
	{store.ErrPartTooSmall, Error{Code: "EntityTooSmall", Status: 400, Message: "Your proposed upload is smaller than the minimum allowed size"}},
	{os.ErrDeadlineExceeded, Error{Code: "RequestTimeout", Status: 400, Message: "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed."}},
	{io.ErrUnexpectedEOF, Error{Code: "IncompleteBody", Status: 400, Message: "You did not provide the number of bytes specified by the Content-Length HTTP header"}},
	{syscall.ENOSPC, Error{Code: "SlowDown", Status: 503, Message: "The disk that holds the buckets is full. Nothing was stored; free space and try again."}},
}

// signature is what a failed signature knows of itself (sigv4.Error), also when it shows in the middle of a body.
type signature interface {
	error
	S3() (code string, status int)
}

// codeUnavailable is how S3 says that it can't answer now; here, that the S3 service which holds the buckets can't.
const codeUnavailable = "ServiceUnavailable"

// FaultOf gives what S3 calls a failure. Failures of ours are InternalError.
func FaultOf(err error) Error {
	var fault *Error
	if errors.As(err, &fault) {
		return *fault
	}
	var sig signature
	if errors.As(err, &sig) {
		code, status := sig.S3()
		return Error{Code: code, Status: status, Message: sig.Error()}
	}
	for _, c := range causes {
		if errors.Is(err, c.cause) {
			return c.Error
		}
	}
	var known *loglake.Error
	if errors.As(err, &known) {
		switch known.Code {
		case loglake.CodeInvalid, loglake.CodeConflict:
			return Error{Code: "InvalidRequest", Status: 400, Message: known.Message}
		case loglake.CodeUnsupported:
			return Error{Code: "NotImplemented", Status: 501, Message: known.Message}
		case loglake.CodeDenied:
			return Error{Code: "AccessDenied", Status: 403, Message: "Access Denied"}
		case loglake.CodeThrottled, loglake.CodeLimit:
			return Error{Code: "SlowDown", Status: 503, Message: "Please reduce your request rate."}
		case loglake.CodeUnavailable:
			return Error{Code: codeUnavailable, Status: 503, Message: "The service behind the buckets can't be used now. Please try again."}
		}
	}
	return Error{Code: "InternalError", Status: 500, Message: "We encountered an internal error. Please try again."}
}

// fail answers a failure.
func (h *Handler) fail(q *request, err error) {
	fault := FaultOf(err)
	if (fault.Code == "InternalError" || fault.Code == codeUnavailable) && h.OnError != nil && !errors.Is(err, context.Canceled) {
		h.OnError(q.Request, err)
	}
	WriteError(q.w, q.Request, fault)
}

type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	Members   []xmlMember
	Resource  string
	RequestID string `xml:"RequestId"`
	HostID    string `xml:"HostId"`
}

type xmlMember struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

// WriteError answers a failure as S3 does; for those that show before a Handler is asked.
func WriteError(w http.ResponseWriter, r *http.Request, e Error) {
	id := w.Header().Get("X-Amz-Request-Id")
	doc := errorDocument{Code: e.Code, Message: e.Message, Resource: r.URL.Path, RequestID: id, HostID: id}
	for _, m := range e.Members {
		doc.Members = append(doc.Members, xmlMember{xml.Name{Local: m.Name}, m.Value})
	}
	if e.Status == http.StatusNotModified {
		w.WriteHeader(e.Status)
		return
	}
	text, _ := xml.Marshal(doc) // strings only
	(&request{Request: r, w: w}).write(e.Status, append([]byte(xml.Header), text...))
}
