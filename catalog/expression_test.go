package catalog_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/layout"
)

func expressionKeys() []catalog.Column {
	return []catalog.Column{
		{Name: "s", Type: "string"}, {Name: "n", Type: "int"}, {Name: "d", Type: "date"}, {Name: "t", Type: "timestamp"},
		{Name: "p", Type: "decimal(10,2)"}, {Name: "v", Type: "varchar(9)"}, {Name: "f", Type: "float"},
	}
}

func TestExpressionMatch(t *testing.T) {
	values := []string{"it's", "7", "2025-01-31", "2025-01-31 10:00:00.5", "1.50", "Abc", "1"}
	check := func(text string, want bool) {
		t.Helper()
		e, err := catalog.ParseExpression(text, expressionKeys())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		if got, err := e.Match(values); got != want || err != nil {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	check("", true)
	check("  \t", true)
	check("s = 'it''s'", true)
	check(`(s='it\'s')`, true)
	check("S = 'IT''S'", false)
	check(`"s" > 'it' AND `+"`s` < 'iu'", true)
	check("n = 7", true)
	check("n = '7'", true)
	check("n <> 7 or n != 8", true)
	check("n < 7 OR n > 7", false)
	check("2 < n AND 10 > n AND 7 = n AND 7 <= n AND 7 >= n", true)
	check("v >= 2", true)
	check("n = -7", false)
	check("d between '2025-01-01' and '2025-01-31'", true)
	check("d not between '2025-01-01' and '2025-01-31'", false)
	check("d = DATE '2025-01-31'", true)
	check("t > '2025-01-31 10:00:00'", true)
	check("t = TIMESTAMP '2025-01-31 10:00:00.500000000'", true)
	check("p = 1.5", true)
	check("p = 15e-1", true)
	check("p < '1.5'", false)
	check("v LIKE 'A%'", true)
	check("v LIKE 'a%'", false)
	check("v LIKE '%b_'", true)
	check("v LIKE '_'", false)
	check("v LIKE '%%'", true)
	check("v NOT LIKE '%z%'", true)
	check("s IN ('a', 'it''s')", true)
	check("(s) IN ('a')", false)
	check("(s) NOT IN (('a'), 'b')", true)
	check("n IS NULL", false)
	check("n IS NOT NULL", true)
	check("NOT n = 7", false)
	check("not (n = 7 and v = 'x')", true)
	check("n = 7 OR n = 8 AND n = 9", true)
	check("(n = 7 OR n = 8) AND n = 9", false)
	check("(n) = ((7)) (OR) (((n))) = (2)", true)
	check("((((n = 8)))) OR ((n) IN (7))", true)
	check("((s = 'v') OR (s in ('a', 'b')) OR (s >= 'a' AND s <= 'j')) AND (n >= 7)", true)
}

func TestExpressionNull(t *testing.T) {
	values := []string{layout.DefaultPartition, layout.DefaultPartition, layout.DefaultPartition, "", "", "", ""}
	check := func(text string, want bool) {
		t.Helper()
		e, err := catalog.ParseExpression(text, expressionKeys())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, err := e.Match(values); got != want || err != nil {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	check("n = 7", false)
	check("NOT n = 7", false) // unknown either way
	check("n <> 7", false)
	check("d > '2000-01-01' OR n = 7", false)
	check("n = '__HIVE_DEFAULT_PARTITION__'", true)
	check("n <> '__HIVE_DEFAULT_PARTITION__'", false)
	check("s = '__HIVE_DEFAULT_PARTITION__'", true)
	check("s <> 'a'", true) // an ordinary text for text keys
}

func TestExpressionErrors(t *testing.T) {
	check := func(text, want string) {
		t.Helper()
		_, err := catalog.ParseExpression(text, expressionKeys())
		if err == nil || err.Error() != want || loglake.CodeOf(err) != loglake.CodeInvalid {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	for _, text := range []string{"n", "n =", "= 7", "n = 7 AND", "(n = 7", "n = 7)", "n ~ 7", "n IN ()", "n IN (7", "n BETWEEN 1", "1 = 1",
		"n = s", "n IS 7", "NOT", "s = 'a", "n = 7 n = 8", "and = 1", "n NOT = 7", "'a' IN (s)", "s LIKE v"} {
		check(text, "Unsupported expression '"+text+"'")
	}
	check("x = 1", "Invalid partition expression!")
	check("f = 1", "Unknown type : 'float'")
	check("n = 'test'", `"test" is not an integer.`)
	check("n = 2.5", `"2.5" is not an integer.`)
	check("p = 'test'", "test is not a decimal.")
	check("p = '1e99999'", "1e99999 is not a decimal.")
	check("d = 'test'", "test is not a date.")
	check("d = '2025-1-1'", "2025-1-1 is not a date.")
	check("t = 'test'", "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] test is not a timestamp.")
	check("t = '2025-01-01'", "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] 2025-01-01 is not a timestamp.")
	check("n LIKE '7'", "Integral data type doesn't support operation 'LIKE'")
	check("p LIKE '7'", "Decimal data type doesn't support operation 'LIKE'")
	check("d LIKE '7'", "Date data type doesn't support operation 'LIKE'")
	check("t LIKE '7'", "Timestamp data type doesn't support operation 'LIKE'")
	check(strings.Repeat("n", 2049), "Expression has more than 2048 characters")
	if _, err := catalog.ParseExpression("s = 'a'", nil); err == nil || err.Error() != "Invalid partition expression!" {
		t.Errorf("without partition keys: %v", err)
	}
}

func TestExpressionStoredValue(t *testing.T) {
	e, err := catalog.ParseExpression("n = 7", expressionKeys())
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Match([]string{"", "abc", "", "", "", "", ""})
	if !errors.Is(err, catalog.ErrPartitionValue) || !strings.HasPrefix(err.Error(), `"abc" is not an integer.`) {
		t.Errorf("got %v", err)
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("(n) = ((7)) (OR) (((n))) = (2)", "x", "1")
	f.Add("s LIKE '%a_%' AND NOT (n BETWEEN 1 AND 2 OR s IN ('a','b'))", "xaby", "2")
	f.Add("p >= 1e3 or d = date '2025-01-01'", "", "")
	f.Fuzz(func(t *testing.T, text, s, n string) {
		e, err := catalog.ParseExpression(text, expressionKeys())
		if err != nil {
			if loglake.CodeOf(err) != loglake.CodeInvalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if _, err := e.Match([]string{s, n, "2025-01-01", "2025-01-01 00:00:00", "1", s, "1"}); err != nil && !errors.Is(err, catalog.ErrPartitionValue) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
