package dialect_test

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
)

// matrix is what a real Trino said of pairs of types: the types, and its answers by the text before the arrow.
type matrix struct {
	types   []string
	answers map[string]string
}

func readMatrix(t *testing.T, name string) matrix {
	t.Helper()
	m := matrix{answers: map[string]string{}}
	for _, line := range strings.Split(strings.TrimSpace(testdata(t, "types/"+name+".txt")), "\n") {
		if types, ok := strings.CutPrefix(line, "# types: "); ok {
			m.types = strings.Split(types, " | ")
		} else if !strings.HasPrefix(line, "#") {
			pair, answer, _ := strings.Cut(line, " ->")
			m.answers[pair] = strings.TrimSpace(answer)
		}
	}
	return m
}

// null gives NULL as a value of a type.
func null(kind string) string {
	if kind == "unknown" {
		return "NULL"
	}
	return "cast(NULL AS " + kind + ")"
}

// verdict is the type of an expression, or the code of its error.
func verdict(t *testing.T, expression string) string {
	t.Helper()
	q, err := analyze(t, "SELECT "+expression)
	if err != nil {
		code, _, _ := strings.Cut(text(t, err), ":")
		return code
	}
	return q.Output[0].Type.String()
}

// TestCastsOfTypes holds CAST between all types against Trino's.
func TestCastsOfTypes(t *testing.T) {
	m := readMatrix(t, "casts")
	for _, from := range m.types {
		taken := map[string]bool{}
		for _, to := range strings.Split(m.answers[from], " | ") {
			taken[to] = true
		}
		for _, to := range m.types {
			if to == "unknown" {
				continue
			}
			want := "TYPE_MISMATCH"
			if taken[to] {
				want = to
			}
			sql := "cast(" + null(from) + " AS " + to + ")"
			got := verdict(t, sql)
			if got == dialect.CodeNotSupported && taken[to] && (strings.HasPrefix(from, "time(") && strings.HasPrefix(to, "timestamp") ||
				strings.HasPrefix(from, "varchar") && strings.HasSuffix(to, "with time zone")) {
				continue // refused by name
			}
			if got != want {
				t.Errorf("%s: %s, want %s", sql, got, want)
			}
		}
	}
}

// TestCommonTypes holds the common type of each pair against Trino's.
func TestCommonTypes(t *testing.T) {
	m := readMatrix(t, "common")
	for _, a := range m.types {
		for _, b := range m.types {
			want, ok := m.answers[a+" | "+b]
			if !ok {
				want = "TYPE_MISMATCH"
			}
			for _, sql := range []string{
				"CASE WHEN true THEN " + null(a) + " ELSE " + null(b) + " END", "coalesce(" + null(a) + ", " + null(b) + ")",
				"ARRAY[" + null(a) + ", " + null(b) + "][1]", "if(true, " + null(a) + ", " + null(b) + ")",
			} {
				if got := verdict(t, sql); got != want {
					t.Errorf("%s: %s, want %s", sql, got, want)
				}
			}
			if got := verdict(t, null(a)+" AS x UNION SELECT "+null(b)); got != want {
				t.Errorf("%s UNION %s: %s, want %s", a, b, got, want)
			}
		}
	}
}

// TestComparableTypes holds what can be compared against Trino's.
func TestComparableTypes(t *testing.T) {
	m := readMatrix(t, "comparisons")
	for i, a := range m.types {
		for _, b := range m.types[i:] {
			for _, op := range []string{"=", "<"} {
				want := "TYPE_MISMATCH"
				if strings.Contains(m.answers[a+" | "+b], op) {
					want = "boolean"
				}
				for _, sql := range []string{null(a) + " " + op + " " + null(b), null(b) + " " + op + " " + null(a)} {
					if got := verdict(t, sql); got != want {
						t.Errorf("%s: %s, want %s", sql, got, want)
					}
				}
			}
		}
	}
}

// TestOperatorsOfTypes holds the results of operators against Trino's.
func TestOperatorsOfTypes(t *testing.T) {
	m := readMatrix(t, "operators")
	for _, a := range m.types {
		for _, b := range m.types {
			nested := strings.Contains(a+b, "array") || strings.Contains(a+b, "map") || strings.Contains(a+b, "row")
			for _, op := range []string{"+", "-", "*", "/", "%", "||"} {
				want, ok := m.answers[a+" | "+op+" | "+b]
				switch {
				case !ok && op == "||":
					want = "FUNCTION_NOT_FOUND"
				case !ok:
					want = "TYPE_MISMATCH"
				}
				if nested && op != "||" {
					continue
				}
				if got := verdict(t, null(a)+" "+op+" "+null(b)); got != want {
					t.Errorf("%s %s %s: %s, want %s", a, op, b, got, want)
				}
			}
		}
	}
}

// TestDeepTypes holds that types nested in one another cost no more than their size: the text is printed or refused.
func TestDeepTypes(t *testing.T) {
	nested := func(open, inside, end string, depth int) string {
		return strings.Repeat(open, depth) + inside + strings.Repeat(end, depth)
	}
	wide := strings.Repeat("1, ", 5000) + "1"
	for _, sql := range []string{
		nested("row(", "1", ")", 90) + " < " + nested("row(", "2", ")", 90), nested("row(", "1", ")", 90) + " = " + nested("row(", "2e0", ")", 90),
		nested("ARRAY[", "1", "]", 60) + " < " + nested("ARRAY[", "2", "]", 60), nested("ARRAY[", "1", "]", 60) + " = " + nested("ARRAY[", "2e0", "]", 60),
		"cast(" + nested("row(", "1", ")", 90) + " AS json)", "cast(" + nested("row(", "'1'", ")", 90) + " AS " + nested("row(", "double", ")", 90) + ")",
		nested("row(", wide, ")", 90) + " < " + nested("row(", wide, ")", 90), "cast(" + nested("row(", wide, ")", 90) + " AS json)",
		nested("cast(", "'1'", " AS varchar)", 90), nested("cast(cast(", "1e0", " AS varchar) AS double)", 60), nested("(", "1e0", " > 1e0 AND x > random()) IN (true", 20),
	} {
		stmt, err := dialect.Parse("SELECT " + sql)
		if err != nil {
			continue
		}
		q, err := dialect.Analyze(stmt, session(), logs(t))
		if err == nil && len(q.DuckDB(scanName)) > 4<<20 {
			t.Errorf("%.60s… prints %d bytes", sql, len(q.DuckDB(scanName)))
		}
	}
}
