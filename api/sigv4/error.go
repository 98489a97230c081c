package sigv4

import "net/http"

// Kind says what is wrong with a signature.
type Kind int

// The kinds of failures. What each service calls them is in the table below.
const (
	Missing         Kind = iota // not signed at all
	Malformed                   // the Authorization header or query can't be read; Detail says why
	UnknownKey                  // no such access key
	Mismatch                    // another signature than the one expected
	Skewed                      // signed too long ago, or in the future; Detail says when
	Expired                     // a presigned request after its time
	WrongScope                  // signed for another date, region or service; Detail says which
	Unsigned                    // a header that has to be signed is not; Detail names it
	PayloadMismatch             // the body is not the one that was signed
	BadChunks                   // the body's aws-chunked coding is broken
	Unsupported                 // a way of signing that is not built; Detail names it
)

// Error is a signature that does not hold.
type Error struct {
	Kind      Kind
	Detail    string // one sentence, where the kind alone does not say it
	AccessKey string // that was named, if any
}

type wording struct {
	json, query, s3 string // the codes of the JSON services, of query services (STS), of S3
	status          int    // of query services and S3; the JSON services answer 400
	text            string
}

const mismatchText = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

var wordings = [...]wording{
	Missing:         {"MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied", http.StatusForbidden, "Missing Authentication Token"},
	Malformed:       {"IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed", http.StatusBadRequest, "The authorization header is malformed."},
	UnknownKey:      {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", http.StatusForbidden, "The security token included in the request is invalid."},
	Mismatch:        {"InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch", http.StatusForbidden, mismatchText},
	Skewed:          {"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", http.StatusForbidden, "The difference between the request time and the current time is too large."},
	Expired:         {"InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied", http.StatusForbidden, "Request has expired"},
	WrongScope:      {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", http.StatusBadRequest, "The credential is scoped wrongly."},
	Unsigned:        {"InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied", http.StatusForbidden, "There were headers present in the request which were not signed"},
	PayloadMismatch: {"InvalidSignatureException", "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch", http.StatusBadRequest, "The provided 'x-amz-content-sha256' header does not match what was computed."},
	BadChunks:       {"IncompleteBodyException", "MalformedInput", "IncompleteBody", http.StatusBadRequest, "The request body terminated unexpectedly"},
	Unsupported:     {"IncompleteSignatureException", "IncompleteSignature", "NotImplemented", http.StatusNotImplemented, "The request is signed in a way that is not supported."},
}

// Error gives the text that clients are told.
func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Detail
	}
	return wordings[e.Kind].text
}

// JSON gives the exception of a JSON service; its status is 400.
func (e *Error) JSON() string { return wordings[e.Kind].json }

// Query gives the code of a query service, and its status.
func (e *Error) Query() (code string, status int) {
	return wordings[e.Kind].query, wordings[e.Kind].status
}

// S3 gives the code of S3, and its status.
func (e *Error) S3() (code string, status int) { return wordings[e.Kind].s3, wordings[e.Kind].status }
