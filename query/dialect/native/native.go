// Package native holds the functions of Trino for which DuckDB has no expression that is exact. The engine registers them in
// each of its databases, and the SQL that package dialect prints calls them by name. They are plain Go over plain values.
package native

import (
	"fmt"
	"slices"
	"sync"
)

// Function is one function that printed SQL can call. It is called from many threads at once.
type Function struct {
	Name   string   // begins with loglake_
	Params []string // DuckDB types: VARCHAR BIGINT INTEGER DOUBLE FLOAT BOOLEAN BLOB DATE TIMESTAMP, lists and maps of them
	Result string   // the same
	Nulls  bool     // NULL arguments are handed in; otherwise any of them gives NULL without a call
	// Volatile: equal arguments may give different results. Such a function can't be used inside TRY.
	Volatile bool
	// Call takes and gives string (VARCHAR), []byte (BLOB), int64 (BIGINT, INTEGER, DATE as days, TIMESTAMP as microseconds),
	// float64, bool, []any (lists), Map, and nil (NULL). The arguments must not be changed.
	Call func(args []any) (any, error)
	// Make gives a Call that remembers something between calls. Where it is set each database has one of its own.
	Make func() func(args []any) (any, error)
}

// Map is a value of a map type, in the order of its entries.
type Map []Entry

// Entry is a key and its value. The key is not nil.
type Entry struct{ Key, Value any }

// Error fails the query as Athena would; inside TRY it becomes NULL where the code is one that TRY takes.
type Error struct {
	Code    string // INVALID_FUNCTION_ARGUMENT
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Caught tells whether Trino's TRY makes NULL of the error.
func (e *Error) Caught() bool {
	return slices.Contains([]string{codeArgument, codeCast, codeRange, codeDivision}, e.Code)
}

const (
	codeArgument = "INVALID_FUNCTION_ARGUMENT"
	codeCast     = "INVALID_CAST_ARGUMENT"
	codeRange    = "NUMERIC_VALUE_OUT_OF_RANGE"
	codeDivision = "DIVISION_BY_ZERO"
	codeLimit    = "NOT_SUPPORTED"
	codeInternal = "GENERIC_INTERNAL_ERROR"
)

// invalid is the error of an argument that the function can't take.
func invalid(format string, args ...any) error {
	return &Error{Code: codeArgument, Message: fmt.Sprintf(format, args...)}
}

// BytesMax bounds one result, so that a short text can't ask for more than the process has.
const BytesMax = 64 << 20

// tooLong refuses a result of n bytes if it is beyond BytesMax.
func tooLong(name string, n int) error {
	if n <= BytesMax {
		return nil
	}
	return &Error{Code: codeLimit, Message: fmt.Sprintf("the result of %s exceeds %d bytes", name, BytesMax)}
}

// Functions gives all of them. The list must not be changed.
func Functions() []Function { return functions() }

var functions = sync.OnceValue(func() []Function {
	return slices.Concat(
		numberFunctions(),
		statisticsFunctions(),
		stringFunctions(),
		binaryFunctions(),
		urlFunctions(),
		regexpFunctions(),
		formatFunctions(),
		timeFunctions(),
		momentFunctions(),
		castFunctions(),
		jsonCastFunctions(),
		decimalFunctions(), likeFunctions(),
		aggregateFunctions(),
		jsonFunctions(), sqlJSONFunctions(),
		displayFunctions(),
		sortingFunctions(),
	)
})
