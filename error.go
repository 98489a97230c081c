package loglake

import (
	"errors"
	"fmt"
)

// Code is the kind of a failure. The list is closed: each api package maps every code to an exception of its service,
// and anything that is not an *Error is CodeInternal there, its text kept from the client.
type Code string

const (
	CodeInvalid     Code = "invalid"     // the request can't be right, whatever the state
	CodeNotFound    Code = "not_found"   // the thing named does not exist
	CodeExists      Code = "exists"      // the thing to create is there already
	CodeConflict    Code = "conflict"    // a version, token or state given does not match what is there
	CodeLimit       Code = "limit"       // a documented limit is reached
	CodeThrottled   Code = "throttled"   // try again later: nothing was done
	CodeUnsupported Code = "unsupported" // understood, but not built: refused by name
	CodeDenied      Code = "denied"      // the caller may not
	CodeUnavailable Code = "unavailable" // a part of the server is down: try again
	CodeInternal    Code = "internal"    // a defect of loglake
)

// Error is a failure that may be told to a client. Message says what was seen and what it means; Hint says what to do
// about it and is shown by our own tools, and on AWS wires only where it does not disturb a text that clients compare.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Err     error // the cause, for logs; never shown to a client
}

// Error gives the message, the hint and the cause, for logs.
func (e *Error) Error() string {
	s := e.Message
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint gives a copy of e that says what to do.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// CodeOf gives the code of the first *Error in err's chain, CodeInternal where there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
