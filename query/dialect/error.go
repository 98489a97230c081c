package dialect

import (
	"fmt"
	"strings"
)

// The names of Trino's errors that this package raises, as they begin an Athena StateChangeReason.
const (
	CodeSyntax             = "SYNTAX_ERROR"
	CodeNotSupported       = "NOT_SUPPORTED"
	CodeColumnNotFound     = "COLUMN_NOT_FOUND"
	CodeAmbiguousName      = "AMBIGUOUS_NAME"
	CodeTableNotFound      = "TABLE_NOT_FOUND"
	CodeSchemaNotFound     = "SCHEMA_NOT_FOUND"
	CodeCatalogNotFound    = "CATALOG_NOT_FOUND"
	CodeFunctionNotFound   = "FUNCTION_NOT_FOUND"
	CodeAmbiguousCall      = "AMBIGUOUS_FUNCTION_CALL"
	CodeOperatorNotFound   = "OPERATOR_NOT_FOUND"
	CodeTypeMismatch       = "TYPE_MISMATCH"
	CodeNotAggregate       = "EXPRESSION_NOT_AGGREGATE"
	CodeNotScalar          = "EXPRESSION_NOT_SCALAR"
	CodeNestedAggregation  = "NESTED_AGGREGATION"
	CodeInvalidLiteral     = "INVALID_LITERAL"
	CodeColumnReference    = "INVALID_COLUMN_REFERENCE"
	CodeFunctionArgument   = "INVALID_FUNCTION_ARGUMENT"
	CodeCastArgument       = "INVALID_CAST_ARGUMENT"
	CodeDivisionByZero     = "DIVISION_BY_ZERO"
	CodeOutOfRange         = "NUMERIC_VALUE_OUT_OF_RANGE"
	CodeMultipleRows       = "SUBQUERY_MULTIPLE_ROWS"
	CodeParameterUsage     = "INVALID_PARAMETER_USAGE"
	CodeMismatchedColumns  = "MISMATCHED_COLUMN_ALIASES"
	CodeDuplicateNames     = "DUPLICATE_NAMED_QUERY"
	CodeNotDistinctOrderBy = "EXPRESSION_NOT_IN_DISTINCT"
	codeFunctionMemory     = "EXCEEDED_FUNCTION_MEMORY_LIMIT"
	CodeNestedWindow       = "NESTED_WINDOW"
	CodeNullTreatment      = "NULL_TREATMENT_NOT_ALLOWED"
	CodeWindowFrame        = "INVALID_WINDOW_FRAME"
	CodeWindowReference    = "INVALID_WINDOW_REFERENCE"
	CodeDuplicateWindow    = "DUPLICATE_WINDOW_NAME"
	CodeMissingOrderBy     = "MISSING_ORDER_BY"
	CodeInvalidOrderBy     = "INVALID_ORDER_BY"
	CodeInvalidPartitionBy = "INVALID_PARTITION_BY"
	CodeMissingGroupBy     = "MISSING_GROUP_BY"
	CodeGroupingSets       = "TOO_MANY_GROUPING_SETS"
	CodeArguments          = "INVALID_ARGUMENTS"
	CodeMissingArgument    = "MISSING_ARGUMENT"
	CodeNotConstant        = "EXPRESSION_NOT_CONSTANT"
	CodeDuplicateColumn    = "DUPLICATE_COLUMN_NAME"
	CodeMissingColumns     = "MISSING_COLUMN_ALIASES"
	CodeRecursion          = "INVALID_RECURSIVE_REFERENCE"
	CodeLimitClause        = "INVALID_LIMIT_CLAUSE"
	CodeInternal           = "GENERIC_INTERNAL_ERROR"
)

// Error is why a statement can't run. Line and Column are 1-based and count characters; 0 where no place is known.
// Message is Trino's text where it is known. Hint is ours: what to write instead; it follows the message.
type Error struct {
	Code    string
	Line    int
	Column  int
	Message string
	Hint    string
}

// Error gives "CODE: line L:C: message", the form of Athena's StateChangeReason, and then the hint.
func (e *Error) Error() string {
	s := e.Text()
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Text gives what Athena would say, without the hint.
func (e *Error) Text() string {
	if e.Line == 0 {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("%s: line %d:%d: %s", e.Code, e.Line, e.Column, e.Message)
}

// source is a text whose offsets can be told as line and column.
type source string

// position gives the 1-based line and column (in characters) of a byte offset.
func (s source) position(off int32) (line, column int) {
	before := string(s)[:min(int(off), len(s))]
	line = strings.Count(before, "\n") + 1
	column = len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return line, column
}

func (s source) errorf(code string, off int32, format string, args ...any) *Error {
	line, column := s.position(off)
	return &Error{Code: code, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}
