package query

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query/engine"
)

// The codes of refused requests, Athena's AthenaErrorCode.
const (
	CodeInvalidInput     = "INVALID_INPUT"
	CodeMalformedQuery   = "MALFORMED_QUERY"
	CodeTokenMismatch    = "IDEMPOTENT_PARAMETER_MISMATCH"
	CodeNoExecution      = "QUERY_EXECUTION_NOT_FOUND"
	CodeExecutionState   = "INVALID_QUERY_EXECUTION_STATE"
	CodeNoResult         = "RESULT_NOT_FOUND"
	CodeNoDataCatalog    = "DATACATALOG_NOT_FOUND"
	CodeConcurrencyLimit = "CONCURRENT_QUERY_LIMIT_EXCEEDED"
)

// Refusal is why a request is not accepted, with the code that Athena adds to the exception.
type Refusal struct {
	AthenaCode string
	Cause      *loglake.Error
}

func (r *Refusal) Error() string { return r.Cause.Error() }

// Unwrap gives the error as the rest of loglake knows it.
func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(code, format string, args ...any) *Refusal {
	kind := loglake.CodeInvalid
	switch code {
	case CodeNoExecution, CodeNoResult, CodeNoDataCatalog:
		kind = loglake.CodeNotFound
	case CodeTokenMismatch, CodeExecutionState:
		kind = loglake.CodeConflict
	case CodeConcurrencyLimit:
		kind = loglake.CodeThrottled
	}
	return &Refusal{AthenaCode: code, Cause: loglake.Errorf(kind, format, args...)}
}

// Failure is why an execution failed: Status.StateChangeReason and Status.AthenaError.
type Failure struct {
	Reason    string // StateChangeReason
	Message   string // AthenaError.ErrorMessage; mostly the same
	Category  int    // 1 system, 2 user, 3 other
	Type      int    // Athena's error catalogue
	Retryable bool
}

func (f *Failure) Error() string { return f.Reason }

const (
	categorySystem = 1
	categoryUser   = 2
)

// failureTypes are the measured ErrorTypes of Trino's error names; spec §5.1.
var failureTypes = map[string]int{
	"DIVISION_BY_ZERO": 1001, "TYPE_MISMATCH": 1002, "SYNTAX_ERROR": 1006, "COLUMN_NOT_FOUND": 1006, "CATALOG_NOT_FOUND": 1006,
	"INVALID_CAST_ARGUMENT": 1100, "NUMERIC_VALUE_OUT_OF_RANGE": 1100, "INVALID_PARAMETER_USAGE": 1100, "MISSING_COLUMN_NAME": 1100,
	"INVALID_FUNCTION_ARGUMENT": 1106, "TABLE_ALREADY_EXISTS": 1110, "NOT_SUPPORTED": 1200, "TABLE_NOT_FOUND": 1301,
	"SCHEMA_NOT_FOUND": 1301, "FUNCTION_NOT_FOUND": 1303, "HIVE_BAD_DATA": 1001, "EXCEEDED_TIME_LIMIT": 1009,
}

// failTrino is a failure of the SQL engine: NAME: message.
func failTrino(name, format string, args ...any) *Failure {
	text := name + ": " + fmt.Sprintf(format, args...)
	f := &Failure{Reason: text, Message: text, Category: categoryUser, Type: 1000}
	if t, ok := failureTypes[name]; ok {
		f.Type = t
	}
	if name == "GENERIC_INTERNAL_ERROR" {
		f.Category, f.Type = categorySystem, 200
	}
	return f
}

// failHive is a failure of a Hive statement.
func failHive(errorType int, format string, args ...any) *Failure {
	text := "FAILED: " + fmt.Sprintf(format, args...)
	return &Failure{Reason: text, Message: text, Category: categoryUser, Type: errorType}
}

// trinoNamed is a text that begins with the name of one of Trino's errors, as error('…') in printed SQL gives them.
var trinoNamed = regexp.MustCompile(`(?s)^([A-Z][A-Z0-9_]{3,60}): (.*)$`)

var (
	castText     = regexp.MustCompile(`(?s)^Could not convert string '(.*)' to ([A-Z0-9_]+)`)
	overflowText = regexp.MustCompile(`^Overflow in (addition|subtraction|multiplication) of INT(8|16|32|64) \((.*)\)!?$`)
)

var intWords = map[string]string{"8": "tinyint", "16": "smallint", "32": "integer", "64": "bigint"}

// castWords are the types as INVALID_CAST_ARGUMENT names them.
var castWords = map[string]string{"INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT", "BOOL": "BOOLEAN"}

// failureOf words any error of a running statement as Athena words a failed execution.
func failureOf(err error) *Failure {
	var f *Failure
	var fault *engine.Fault
	var known *loglake.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &fault):
		return failureOfFault(fault)
	case errors.As(err, &known) && known.Code == loglake.CodeUnsupported:
		return failTrino("NOT_SUPPORTED", "%s", known.Message)
	case errors.As(err, &known) && known.Code != loglake.CodeInternal:
		return failTrino("GENERIC_USER_ERROR", "%s", known.Message)
	case errors.Is(err, context.Canceled):
		return failTrino("GENERIC_INTERNAL_ERROR", "the query was stopped because the server stops; start it again")
	}
	return failTrino("GENERIC_INTERNAL_ERROR", "%v", err)
}

func failureOfFault(fault *engine.Fault) *Failure {
	switch fault.Kind {
	case engine.FaultInput:
		if m := trinoNamed.FindStringSubmatch(fault.Message); m != nil {
			return failTrino(m[1], "%s", m[2])
		}
		return failTrino("INVALID_FUNCTION_ARGUMENT", "%s", fault.Message)
	case engine.FaultConversion:
		if m := castText.FindStringSubmatch(fault.Message); m != nil {
			word := m[2]
			if w, ok := castWords[word]; ok {
				word = w
			}
			return failTrino("INVALID_CAST_ARGUMENT", "Cannot cast '%s' to %s", m[1], word)
		}
		if strings.Contains(fault.Message, "out of range") {
			return failTrino("NUMERIC_VALUE_OUT_OF_RANGE", "%s", fault.Message)
		}
		return failTrino("INVALID_CAST_ARGUMENT", "%s", fault.Message)
	case engine.FaultOutOfRange:
		if m := overflowText.FindStringSubmatch(fault.Message); m != nil {
			return failTrino("NUMERIC_VALUE_OUT_OF_RANGE", "%s %s overflow: %s", intWords[m[2]], m[1], m[3])
		}
		return failTrino("NUMERIC_VALUE_OUT_OF_RANGE", "%s", fault.Message)
	case engine.FaultMemory:
		text := "Query exhausted resources at this scale factor"
		return &Failure{Reason: text, Message: text, Category: categoryUser, Type: 0}
	case engine.FaultFile:
		return failTrino("HIVE_CANNOT_OPEN_SPLIT", "Error opening Hive split: %s", fault.Message)
	case engine.FaultTooLarge:
		return failTrino("EXCEEDED_ROW_SIZE", "%s", fault.Message)
	}
	return failTrino("GENERIC_INTERNAL_ERROR", "%s", fault.Message)
}
