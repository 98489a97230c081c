package dialect

import (
	"regexp"
	"strconv"
	"strings"
)

// The codes that printed queries raise by themselves, as "CODE: message".
var raised = map[string]bool{CodeDivisionByZero: true, CodeCastArgument: true, CodeFunctionArgument: true, CodeOutOfRange: true, CodeNotSupported: true,
	CodeInternal: true, CodeArguments: true, CodeWindowFrame: true, codeFunctionMemory: true, "GENERIC_USER_ERROR": true,
	"JSON_INPUT_CONVERSION_ERROR": true, "JSON_OUTPUT_CONVERSION_ERROR": true, "JSON_VALUE_RESULT_ERROR": true, "PATH_EVALUATION_ERROR": true}

// engineTexts are the engine's own failures that mean something in Trino. $1, $2 … are the groups; a type's name is mapped.
var engineTexts = []struct {
	pattern       *regexp.Regexp
	code, message string
}{
	// What DuckDB's planner makes nothing of, Trino's does not either.
	{regexp.MustCompile(`Failed to bind column reference|on correlated columns not supported|with correlation in RHS`), CodeNotSupported, "Given correlated subquery is not supported"},
	{regexp.MustCompile(`More than one row returned by a subquery`), CodeMultipleRows, "Scalar sub-query has returned multiple rows"},
	{regexp.MustCompile(`Overflow in (addition|subtraction|multiplication|division) of (INT\d+) \((.*)\)!`), CodeOutOfRange, "$2 $1 overflow: $3"},
	{regexp.MustCompile(`Type INT128 with value (\S+) can't be cast because the value is out of range for the destination type INT64`), CodeOutOfRange, "bigint addition overflow: $1"},
	{regexp.MustCompile(`Overflow in HUGEINT addition|SUM is out of range`), CodeOutOfRange, "Decimal overflow"},
	{regexp.MustCompile(`Overflow in division of -128 /`), CodeOutOfRange, "tinyint division overflow: -128 / -1"},
	{regexp.MustCompile(`Overflow in division of -32768 /`), CodeOutOfRange, "smallint division overflow: -32768 / -1"},
	{regexp.MustCompile(`Overflow in division of -2147483648 /`), CodeOutOfRange, "integer division overflow: -2147483648 / -1"},
	{regexp.MustCompile(`Overflow in division of -9223372036854775808 /`), CodeOutOfRange, "bigint division overflow: -9223372036854775808 / -1"},
	{regexp.MustCompile(`Overflow in negation of`), CodeOutOfRange, "negation overflow"},
	{regexp.MustCompile(`Overflow in (?:addition|subtraction|multiplication) of DECIMAL`), CodeOutOfRange, "Decimal overflow"},
	{regexp.MustCompile(`Type (?:\S+) with value (\S+) can't be cast because the value is out of range for the destination type (\w+)`), CodeOutOfRange, "Out of range for $2: $1"},
	{regexp.MustCompile(`(?s)Could not convert string '(.*)' to (\w+)`), CodeCastArgument, "Cannot cast '$1' to $2"},
	{regexp.MustCompile(`(?:date field value out of range|invalid date field format): "([^"]*)"`), CodeCastArgument, "Value cannot be cast to date: $1"},
	{regexp.MustCompile(`(?:timestamp field value out of range|invalid timestamp field format): "([^"]*)"`), CodeCastArgument, "Value cannot be cast to timestamp: $1"},
	{regexp.MustCompile(`Casting value "([^"]*)" to type (DECIMAL\S+) failed`), CodeCastArgument, "Cannot cast '$1' to $2"},
	{regexp.MustCompile(`(?s)Could not parse string "(.*)" according to format`), CodeFunctionArgument, `Invalid format: "$1" is malformed`},
	{regexp.MustCompile(`Map keys must be unique`), CodeFunctionArgument, "Duplicate map keys are not allowed"},
	{regexp.MustCompile(`(?i)^(?:Out of Range|Conversion) Error: .*\b(date|timestamp|interval)\b`), CodeOutOfRange, "a $1 is out of range"},
	{regexp.MustCompile(`^Out of Range Error: `), CodeOutOfRange, "a value is out of range"},
	{regexp.MustCompile(`^Conversion Error: `), CodeCastArgument, "a value cannot be cast"},
}

var engineTypes = map[string]string{"INT128": "bigint", "INT64": "bigint", "INT32": "integer", "INT16": "smallint", "INT8": "tinyint"}

var castTypes = map[string]string{"INT64": "BIGINT", "INT32": "INT", "INT16": "SMALLINT", "INT8": "TINYINT"}

// RuntimeError reads the text with which the engine failed a printed query, and gives what Athena would say. It gives nil
// for a text that it does not know, which is then no fault of the user.
func RuntimeError(text string) *Error {
	message := strings.TrimPrefix(text, "Invalid Input Error: ")
	if code, rest, ok := strings.Cut(message, ": "); ok && raised[code] {
		return &Error{Code: code, Message: rest}
	}
	for _, t := range engineTexts {
		m := t.pattern.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		names := engineTypes
		if t.code == CodeCastArgument {
			names = castTypes
		}
		message := t.message
		for i := len(m)/2 - 1; i > 0; i-- {
			part := text[m[2*i]:m[2*i+1]]
			if name, ok := names[part]; ok {
				part = name
			}
			message = strings.Replace(message, "$"+strconv.Itoa(i), part, 1)
		}
		return &Error{Code: t.code, Message: message}
	}
	return nil
}
