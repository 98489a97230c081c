// Package dialect reads Athena's SQL (Trino's query grammar), resolves its names and types the way Trino does, and prints
// DuckDB SQL that means the same. It is pure: no engine, no catalog, no clock.
//
// The way of a query, one file family per step:
//
//	text ─lexer.go─► tokens ─parse*.go─► tree ─analyze*.go─► plan ─print*.go─► DuckDB SQL
//	                                               ▲    └─prune.go─► which partitions it may read
//	                           registry.go, functions_*.go
//
// The tree (tree.go) holds what was written, with positions. The plan (plan.go) holds what it means: every expression has
// a Type, every implicit coercion is a cast, every name is a column of a relation. DuckDB is lenient where Trino is strict
// (implicit casts, aliases visible everywhere, NULL for division by zero), so no user text ever reaches it: only the plan
// is printed, with the type of each literal and result pinned. What is not parsed, or can't be translated exactly, is
// refused by name (NOT_SUPPORTED).
//
// The functions are data: one registry entry each, with Trino's signatures, the translation, how it differs if it does,
// and examples that the engine's tests execute.
//
// Where a function or construct differs in rare cases its entry says how, and docs/compat/sql.md tells it.
//
// How Trino's types travel: see Type.DuckDB. A timestamp with time zone is DuckDB's TIMESTAMP holding the UTC instant; its
// zone is part of the static type (Type.Zone), so the session's time zone never matters; where the zone is not known before,
// the value is a struct of the instant and the zone's name.
package dialect

import (
	"strings"
	"unicode/utf8"
)

// Limits on what is accepted; beyond them a query is refused, so that hostile text costs bounded time and memory.
const (
	TextBytesMax  = 262144  // length of a statement, Athena's own limit
	depthMax      = 200     // nesting of expressions and queries
	tokensMax     = 100_000 // tokens of a statement
	printBytesMax = 4 << 20 // length of the printed SQL, without the scans
	itemsMax      = 10_000  // columns of a SELECT
	keysMax       = 500     // expressions of GROUP BY, of ORDER BY
)

// Parse parses one statement; a trailing semicolon is accepted. Errors are *Error: SYNTAX_ERROR in Trino's words where the
// text is not Trino's grammar, NOT_SUPPORTED where it is but is not built.
func Parse(sql string) (*Statement, error) {
	if len(sql) > TextBytesMax {
		return nil, &Error{Code: CodeSyntax, Message: "the statement is longer than 262144 bytes"}
	}
	if !utf8.ValidString(sql) || strings.IndexByte(sql, 0) >= 0 {
		return nil, &Error{Code: CodeSyntax, Message: "the statement is not valid UTF-8 text without NUL"}
	}
	p, err := newParser(sql)
	if err != nil {
		return nil, err
	}
	return p.statement()
}
