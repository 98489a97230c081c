package dialect_test

import (
	"os"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
)

// TestSyntaxErrors holds the errors of malformed texts to what a Trino 476 said of them: place, token and what was expected.
// Of 366 texts 10 differ, and there the file has Trino's answer too. In 9 only the set differs: in 6 on purpose, as at the
// beginning of a statement we say what Athena says, which knows UNLOAD and no WITH but the query's; in 3 words are missing
// or too many. One, an unfinished WITH ORDINALITY, is told at another place.
func TestSyntaxErrors(t *testing.T) {
	file, err := os.ReadFile("testdata/syntax_errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimSpace(string(file)), "\n\n") {
		lines := strings.Split(block, "\n")
		_, err := dialect.Parse(lines[0])
		if got := text(t, err); got != lines[1] {
			t.Errorf("%s\n got %s\nwant %s", lines[0], got, lines[1])
		}
	}
}

// TestHostileErrors holds the search for what was expected to work that grows with the text and not with its nesting: without
// that it would not end.
func TestHostileErrors(t *testing.T) {
	for name, sql := range map[string]string{
		"list":     "SELECT 1" + strings.Repeat(",1", 40_000) + ", FROM t",
		"and":      "SELECT 1 FROM t WHERE a" + strings.Repeat(" AND a = 1", 20_000) + " AND",
		"in":       "SELECT 1 FROM t WHERE a IN (1" + strings.Repeat(",1", 40_000) + ",)",
		"brackets": "SELECT " + strings.Repeat("(", 150) + "1" + strings.Repeat(",1)", 149) + ",)",
		"closed":   "SELECT " + strings.Repeat("(", 150) + "1" + strings.Repeat(")", 151),
		"calls":    "SELECT " + strings.Repeat("f(a, ", 150) + strings.Repeat(")", 150),
		"joins":    "SELECT 1 FROM a" + strings.Repeat(" JOIN b ON c", 150) + " JOIN",
		"queries":  "SELECT 1 FROM " + strings.Repeat("(SELECT a FROM ", 60) + "t" + strings.Repeat(")", 61),
		"names":    "SELECT " + strings.Repeat("a.", 40_000) + " FROM t",
		"case":     "SELECT CASE" + strings.Repeat(" WHEN a THEN b", 10_000),
	} {
		_, err := dialect.Parse(sql)
		if got := text(t, err); !strings.HasPrefix(got, "SYNTAX_ERROR: line 1:") {
			t.Errorf("%s: %.200s", name, got)
		}
	}
}
