package capture

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/loglake/loglake"
)

// codes are the codes that the exceptions of the wire stand for. Others are CodeInvalid.
var codes = map[string]loglake.Code{
	"ResourceNotFoundException":           loglake.CodeNotFound,
	"ThrottlingException":                 loglake.CodeThrottled,
	"ServiceUnavailableException":         loglake.CodeUnavailable,
	"InternalFailure":                     loglake.CodeUnavailable,
	"AccessDeniedException":               loglake.CodeDenied,
	"UnrecognizedClientException":         loglake.CodeDenied,
	"InvalidSignatureException":           loglake.CodeDenied,
	"SignatureDoesNotMatch":               loglake.CodeDenied,
	"InvalidClientTokenId":                loglake.CodeDenied,
	"MissingAuthenticationToken":          loglake.CodeDenied,
	"MissingAuthenticationTokenException": loglake.CodeDenied,
	"ExpiredTokenException":               loglake.CodeDenied,
}

// refusal says in few words why a put failed, and what to do.
func (s Server) refusal(p Put, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return &loglake.Error{Code: loglake.CodeUnavailable, Err: err, Message: "no server answers at " + s.Client.Endpoint(),
			Hint: "LOGLAKE_ENDPOINT or --endpoint says where it is"}
	}
	code, ok := codes[api.ErrorCode()]
	if !ok {
		code = loglake.CodeInvalid
	}
	e := &loglake.Error{Code: code, Err: err, Message: fmt.Sprintf("%s answers %s: %s", s.Client.Endpoint(), api.ErrorCode(), api.ErrorMessage())}
	switch code {
	case loglake.CodeDenied:
		e.Hint = "LOGLAKE_ACCESS_KEY_ID and LOGLAKE_SECRET_ACCESS_KEY are the key pair"
	case loglake.CodeNotFound:
		e.Hint = fmt.Sprintf("make the group %s and its stream %s, or leave --create=false out", p.Group, p.Stream)
	}
	return e
}
