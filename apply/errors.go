package apply

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/loglake/loglake"
)

// is tells whether a service answered with the exception of that name.
func is(err error, name string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && answer.ErrorCode() == name
}

// codes are the kinds of the exceptions that a plan may meet.
var codes = map[string]loglake.Code{
	"AccessDeniedException": loglake.CodeDenied, "AccessDenied": loglake.CodeDenied, "SignatureDoesNotMatch": loglake.CodeDenied,
	"InvalidAccessKeyId": loglake.CodeDenied, "UnrecognizedClientException": loglake.CodeDenied, "InvalidSignatureException": loglake.CodeDenied,
	"LimitExceededException": loglake.CodeLimit, "ConcurrentModificationException": loglake.CodeConflict,
	"ServiceUnavailableException": loglake.CodeUnavailable,
}

// explain gives what a service said without the SDK's words around it.
func explain(err error) error {
	var own *loglake.Error
	if errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return &loglake.Error{Code: loglake.CodeUnavailable, Message: err.Error(), Err: err}
	}
	code, ok := codes[answer.ErrorCode()]
	if !ok {
		code = loglake.CodeInvalid
	}
	return &loglake.Error{Code: code, Message: answer.ErrorCode() + ": " + strings.TrimSpace(answer.ErrorMessage()), Err: err}
}

// message gives the text of a failure for a person.
func message(err error) string {
	var own *loglake.Error
	if errors.As(err, &own) {
		return own.Message
	}
	return err.Error()
}
