package ddl

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// Error says why a text is not a statement that can run. Athena answers it when the query is started.
type Error struct {
	Code    loglake.Code // CodeInvalid, or CodeUnsupported for what is understood and refused
	Line    int          // from 1; 0 when the error is about no place in the text
	Column  int          // from 1, in UTF-16 units, as Athena counts
	Message string       // without the position
	Hint    string
}

// Error gives the text that a client sees.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d:%d: %s", e.Line, e.Column, e.Message)
}

// Unwrap gives the same error in the words of package loglake.
func (e *Error) Unwrap() error {
	return &loglake.Error{Code: e.Code, Message: e.Error(), Hint: e.Hint}
}

// refusedText is the sentence that clients look for when a statement is not one of Athena's.
const refusedText = "Queries of this type are not supported"

// refused is the error for a statement that Athena does not have.
func refused(what string) *Error {
	return &Error{Code: loglake.CodeUnsupported, Message: refusedText, Hint: what + " is not one of Athena's statements"}
}

// invalid is an error about the statement as a whole.
func invalid(format string, args ...any) *Error {
	return &Error{Code: loglake.CodeInvalid, Message: fmt.Sprintf(format, args...)}
}

// errorAt is an error about the place at byte offset in sql.
func errorAt(sql string, offset int, format string, args ...any) *Error {
	line, column := position(sql, offset)
	return &Error{Code: loglake.CodeInvalid, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

// position gives the line and the column of a byte offset, both from 1, the column in UTF-16 units.
func position(sql string, offset int) (line, column int) {
	before := sql[:offset]
	line = 1 + strings.Count(before, "\n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	column = 1
	for len(before) > 0 {
		r, size := utf8.DecodeRuneInString(before)
		column++
		if r > 0xFFFF {
			column++
		}
		before = before[size:]
	}
	return line, column
}
