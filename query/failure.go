package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query/dialect"
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
	Told       Told // in parts
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
	Told      Told `json:",omitzero"`

	cause error // of what the client is told no more of than that it happened; for Config.OnFailure
}

// Told is an error in parts, for those who show it better than as one line. The zero value is an error that has none.
type Told struct {
	Code         string // Trino's name of it: COLUMN_NOT_FOUND
	Message      string // without code, place and hint
	Line, Column int    // in the statement without what is blank before it, from 1; 0 where no place is known
	Hint         string // ours: what to do
}

func (f *Failure) Error() string { return f.Reason }

// Unwrap gives the cause, nil where the failure says it.
func (f *Failure) Unwrap() error { return f.cause }

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
	message := fmt.Sprintf(format, args...)
	text := name + ": " + message
	f := &Failure{Reason: text, Message: text, Category: categoryUser, Type: 1000, Told: Told{Code: name, Message: message}}
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

// failureOf words any error of a running statement as Athena words a failed execution.
func failureOf(err error) *Failure {
	var f *Failure
	var fault *engine.Fault
	var known *loglake.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, syscall.ENOSPC):
		return failFull()
	case errors.As(err, &fault):
		return failureOfFault(fault)
	case errors.As(err, &known) && known.Code == loglake.CodeUnsupported:
		return failTrino("NOT_SUPPORTED", "%s", known.Message)
	case errors.As(err, &known) && known.Code != loglake.CodeInternal:
		return failureOfKnown(known)
	case errors.Is(err, context.Canceled):
		return failTrino("GENERIC_INTERNAL_ERROR", "the query was stopped because the server stops; start it again")
	}
	return failInternal("an internal error, of which the server's log says more", err)
}

// failInternal is a failure whose cause says what a client must not see, such as paths of the server.
func failInternal(text string, cause error) *Failure {
	f := failTrino("GENERIC_INTERNAL_ERROR", "%s", text)
	f.cause = cause
	return f
}

// failureOfKnown words what another part of the server tells. What passes by itself is not the user's mistake.
func failureOfKnown(known *loglake.Error) *Failure {
	name := "GENERIC_USER_ERROR"
	passes := known.Code == loglake.CodeUnavailable || known.Code == loglake.CodeThrottled
	if passes {
		name = "GENERIC_INTERNAL_ERROR"
	}
	f := failTrino(name, "%s", known.Message)
	f.Retryable, f.Told.Hint = passes, known.Hint
	return f
}

// failureOfFault words a failure of the engine; what dialect's printed SQL can raise, dialect knows how to tell.
func failureOfFault(fault *engine.Fault) *Failure {
	text := fault.Message
	switch fault.Kind { // dialect knows DuckDB's texts with their class
	case engine.FaultOutOfRange:
		text = "Out of Range Error: " + text
	case engine.FaultConversion:
		text = "Conversion Error: " + text
	}
	switch fault.Kind {
	case engine.FaultInput, engine.FaultConversion, engine.FaultOutOfRange:
		if e := dialect.RuntimeError(text); e != nil {
			return failTrino(e.Code, "%s", e.Message)
		}
	case engine.FaultCrashed, engine.FaultDefect:
		if e := dialect.RuntimeError(text); e != nil && e.Code == dialect.CodeNotSupported {
			f := failTrino(e.Code, "%s", e.Message)
			f.cause = fault
			return f
		}
	case engine.FaultMemory:
		exhausted := "Query exhausted resources at this scale factor"
		return &Failure{Reason: exhausted, Message: exhausted, Category: categoryUser, Type: 0}
	case engine.FaultFile:
		if strings.Contains(fault.Message, "No space left on device") {
			return failFull()
		}
		return failSplit("a file that the query needs can't be read or written; the server's log says more", fault)
	case engine.FaultTooLarge:
		return failTrino("EXCEEDED_ROW_SIZE", "%s", fault.Message)
	}
	return failInternal("an internal error of the query engine, of which the server's log says more", fault)
}

func failFull() *Failure {
	f := failTrino("GENERIC_INTERNAL_ERROR", "the disk of the server is full: neither rows that no object has yet nor a result can be written for a query")
	f.Retryable = true
	return f
}

// failSplit is the failure of a query whose file can't be read.
func failSplit(text string, fault *engine.Fault) *Failure {
	f := failTrino("HIVE_CANNOT_OPEN_SPLIT", "Error opening Hive split: %s", text)
	f.cause = fault
	return f
}

// failureOfFile names the object whose file the engine could not read, as clients know it. Any other error is given back.
func failureOfFile(err error, scans []*scanPlan) error {
	var fault *engine.Fault
	if !errors.As(err, &fault) || fault.Kind != engine.FaultFile {
		return err
	}
	for _, p := range scans {
		for _, f := range p.files() {
			if f.uri != "" && strings.Contains(fault.Message, f.path) {
				return failSplit(f.uri+" is missing, damaged, or no Parquet file", fault)
			}
		}
	}
	return err
}
