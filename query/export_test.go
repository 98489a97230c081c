package query

import (
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
)

// Text is the text of a value.
func Text(v *engine.Vector, i int, t dialect.Type) string { return string(appendText(nil, v, i, t)) }

// OneStatement gives the statement of a text.
func OneStatement(text string) (string, error) { return oneStatement(text) }

// Classify gives the class of a statement.
func Classify(sql string) (kind, sub string) {
	c := classify(sql)
	return c.Type, c.Substatement
}

// FailureOf words an error as Athena does.
func FailureOf(err error) error { return failureOf(err) }
