package convert

import (
	"fmt"
	"unicode/utf8"
)

// Codes of Firehose's error records, as they stand in lastErrorCode.
const (
	CodeParseError    = "DataFormatConversion.ParseError"    // the record is not JSON
	CodeMalformedData = "DataFormatConversion.MalformedData" // it is, but does not fit the schema
)

// Reject says why a record did not convert: lastErrorCode and lastErrorMessage of its line in the error output.
type Reject struct {
	Code    string
	Message string
}

func (r *Reject) Error() string { return r.Code + ": " + r.Message }

const (
	textBlank     = "The record was empty or contained only whitespace."
	textPrimitive = "The input JSON contained a primitive at the top level. The top level must be an object or array."
	textMisfit    = "Data does not match the schema. "
	textMalformed = "Encountered malformed JSON. "
	textTooMany   = "The record holds more than %d objects, which is what a record may hold for a table of %d columns."
)

func malformedData(format string, args ...any) *Reject {
	return &Reject{Code: CodeMalformedData, Message: fmt.Sprintf(format, args...)}
}

// quotedMax is how much of a value is repeated in a message; the error record holds the whole record anyway.
const quotedMax = 1024

// notInput is Java's text for a value that a number, and here a boolean too, can't be made of.
func notInput(value []byte) *Reject {
	return malformedData(`%sFor input string: "%s"`, textMisfit, shortened(value))
}

func shortened(value []byte) string {
	if len(value) <= quotedMax {
		return string(value)
	}
	n := quotedMax
	for n > 0 && !utf8.RuneStart(value[n]) {
		n--
	}
	return string(value[:n]) + "…"
}
