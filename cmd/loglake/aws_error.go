package main

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"
)

// awsCode gives the code of an error that a service answered, "" where none did.
func awsCode(err error) string {
	var answered smithy.APIError
	if errors.As(err, &answered) {
		return answered.ErrorCode()
	}
	return ""
}

// awsText gives what a service said.
func awsText(err error) string {
	var answered smithy.APIError
	if errors.As(err, &answered) {
		return strings.TrimSpace(answered.ErrorMessage())
	}
	return err.Error()
}

// rootCause is the last error of a chain, which says most where all the others say that something failed.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
