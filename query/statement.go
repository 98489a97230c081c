package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The states of an execution. It goes from queued to running to one of the other three, or from queued to those.
const (
	Queued    = "QUEUED"
	Running   = "RUNNING"
	Succeeded = "SUCCEEDED"
	Failed    = "FAILED"
	Cancelled = "CANCELLED"
)

// oneStatement gives the one statement of a text, trimmed, as Athena counts them: semicolons outside of quotes and
// comments separate, and a piece that is only a comment counts.
func oneStatement(text string) (string, error) {
	var pieces []string
	rest := text
	for rest != "" {
		end := StatementEnd(rest)
		if piece := strings.TrimSpace(rest[:end]); piece != "" {
			pieces = append(pieces, piece)
		}
		rest = strings.TrimPrefix(rest[end:], ";")
	}
	switch len(pieces) {
	case 0:
		return "", refuse(CodeMalformedQuery, "Empty sql statement: %s", strings.TrimSpace(text))
	case 1:
		return pieces[0], nil
	}
	return "", refuse(CodeMalformedQuery, "Only one sql statement is allowed. Got: %s", strings.TrimRightFunc(text, unicode.IsSpace))
}

// StatementEnd gives the offset of the first semicolon outside of quotes and comments, or the length of the text.
func StatementEnd(text string) int {
	for i := 0; i < len(text); {
		switch {
		case text[i] == ';':
			return i
		case text[i] == '\'' || text[i] == '"' || text[i] == '`':
			i += 1 + after(text[i+1:], text[i:i+1])
		case strings.HasPrefix(text[i:], "--"):
			i += after(text[i:], "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i += 2 + after(text[i+2:], "*/")
		default:
			i++
		}
	}
	return len(text)
}

// after gives the offset behind the first occurrence of end, or the length of text.
func after(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// class is Athena's classification of a statement.
type class struct {
	Type         string // DML, DDL or UTILITY
	Substatement string // "" where it is not known
}

// classes are the statements of Trino's grammar by their first words. Those of the Hive grammar are classified by
// catalog/ddl. The longer entries come first.
var classes = []struct {
	words string
	class class
}{
	{"SELECT", class{"DML", "SELECT"}}, {"WITH", class{"DML", "SELECT"}}, {"VALUES", class{"DML", "SELECT"}},
	{"TABLE", class{"DML", "SELECT"}}, {"EXPLAIN", class{"DML", "EXPLAIN"}}, {"INSERT", class{"DML", "INSERT"}},
	{"UPDATE", class{"DML", "UPDATE"}}, {"DELETE", class{"DML", "DELETE"}}, {"MERGE", class{"DML", "MERGE"}},
	{"VACUUM", class{"DML", "VACUUM_TABLE"}}, {"OPTIMIZE", class{"DDL", "CREATE_TABLE_AS_SELECT"}}, {"UNLOAD", class{"DML", "UNLOAD"}},
	{"CREATE TABLE", class{"DDL", "CREATE_TABLE_AS_SELECT"}}, {"CREATE VIEW", class{"DDL", "CREATE_VIEW"}},
	{"CREATE OR REPLACE VIEW", class{"DDL", "CREATE_VIEW"}}, {"DROP VIEW", class{"DDL", "DROP_VIEW"}},
	{"SHOW CREATE VIEW", class{"UTILITY", "SHOW_CREATE_VIEW"}}, {"SHOW FUNCTIONS", class{"UTILITY", showFunctions}},
	{"PREPARE", class{"UTILITY", ""}}, {"EXECUTE", class{"DML", ""}}, {"DEALLOCATE", class{"UTILITY", ""}},
}

// classify gives the class of a statement of Trino's grammar; an empty one for what Athena does not have.
func classify(sql string) class {
	words := strings.Join(firstWords(sql, 4), " ") + " "
	for _, c := range classes {
		if strings.HasPrefix(words, c.words+" ") {
			return c.class
		}
	}
	return class{}
}

// firstWords gives the first n words in upper case; comments, blanks and leading parentheses are skipped.
func firstWords(sql string, n int) []string {
	var words []string
	for len(words) < n && sql != "" {
		r, size := utf8.DecodeRuneInString(sql)
		switch {
		case strings.HasPrefix(sql, "--"):
			sql = sql[after(sql, "\n"):]
		case strings.HasPrefix(sql, "/*"):
			sql = sql[2+after(sql[2:], "*/"):]
		case unicode.IsSpace(r) || r == '(' && len(words) == 0:
			sql = sql[size:]
		case unicode.IsLetter(r) || r == '_':
			end := strings.IndexFunc(sql, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' && !unicode.IsDigit(r) })
			if end < 0 {
				end = len(sql)
			}
			words = append(words, strings.ToUpper(sql[:end]))
			sql = sql[end:]
		default:
			return words
		}
	}
	return words
}
