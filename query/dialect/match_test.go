package dialect_test

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
)

// TestMatched holds the choice of overloads, and what is said where there is none, against Trino's.
func TestMatched(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		q, err := analyze(t, "SELECT "+sql)
		got := text(t, err)
		if err == nil {
			got = q.Output[0].Type.String()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("abs(NULL)", "tinyint")
	f("concat(1, ARRAY[2e0])", "array(double)")
	f("'a' || NULL", "array(varchar(1))")
	f("cast('a' AS char(2)) || 'b'", "char(3)")
	f("ARRAY[1] || ARRAY[ARRAY[1]]", "array(array(integer))")
	f("element_at(map(ARRAY[1], ARRAY['a']), 1e0)", "varchar(1)")
	f("zip(NULL, ARRAY[1])", "array(row(unknown, integer))")
	f("reduce(ARRAY[1], 0, (s, x) -> s + x + 1e0, s -> s)", "double")
	f("reduce(ARRAY[1], 'a', (s, x) -> s || 'b', s -> length(s))", "bigint")
	f("reduce(ARRAY[1, 2], ARRAY[], (s, x) -> s || x, s -> s)", "array(integer)")
	f("transform(ARRAY[1], x -> transform(ARRAY['a'], y -> ROW(x, y)))", "array(array(row(integer, varchar(1))))")
	f("transform(ARRAY[], x -> x)", "array(unknown)")
	f("sequence(timestamp '2020-01-01 00:00:00', date '2020-01-03', interval '1' day)", "array(timestamp(0))")
	f("concat(NULL, NULL)", "AMBIGUOUS_FUNCTION_CALL: line 1:8: Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n\t * (char(0),char(0)):char(0)\n")
	f("x -> x", "TYPE_MISMATCH: line 1:8: Lambda expression should always be used inside a function")
	f("coalesce(x -> x, 1)", "TYPE_MISMATCH: line 1:17: Lambda expression should always be used inside a function")
	f("foo(x -> x)", "FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered")
	f("transform(1, x -> nosuch)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, <function>) for function transform. Expected: transform(array(T), function(T,U)) T, U")
	f("filter(ARRAY[1], x -> NULL)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), <function>) for function filter. Expected: filter(array(t), function(t,boolean)) T")
	f("array_sort(ARRAY[map()], 1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(map(unknown,unknown)), integer) for function array_sort. Expected: array_sort(array(e)) E:orderable, array_sort(array(t), function(t,t,integer)) T")
	f("transform_keys(1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function transform_keys. Expected: transform_keys(map(K1,V), function(K1,V,K2)) K1, K2, V")
	f("transform(ARRAY[1], (x, y) -> x)", "INVALID_PARAMETER_USAGE: line 1:28: Expected a lambda that takes 1 argument(s) but got 2")
	f("transform(ARRAY[1], x -> sum(x) + count(*))", "EXPRESSION_NOT_SCALAR: line 1:40: Lambda expression cannot contain aggregations, window functions or grouping operations: [sum(x), count(*)]")
	f("transform(ARRAY[1], x -> x IN (SELECT 1))", "NOT_SUPPORTED: line 1:35: Lambda expression cannot contain subqueries")
	f("reduce(ARRAY[1], ARRAY[], (s, x) -> ARRAY[s], s -> s)", "GENERIC_INTERNAL_ERROR: SignatureBinder.iterativeSolve does not converge after 4 iterations.")
	f("strpos(cast('a' AS char(2)), 'a')", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (char(2), varchar(1)) for function strpos")
}

// TestPrintedLambdas holds names in printed lambdas to what they must be: not hiding each other, and the same for the same
// expression wherever it stands.
func TestPrintedLambdas(t *testing.T) {
	printed := func(sql string) string {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Fatal(err)
		}
		return q.DuckDB(scanName)
	}
	if got := printed("SELECT transform(tags, x -> transform(tags, y -> x || y)) FROM server_logs"); got !=
		`SELECT list_transform(r1."tags", lambda x401: (list_transform(r1."tags", lambda x201: ((x401 || x201))))) AS c1 FROM server_logs AS r1` {
		t.Error(got)
	}
	const key = "transform(tags, x -> lower(x))"
	once := strings.TrimSuffix(strings.TrimPrefix(printed("SELECT "+key+" FROM server_logs"), "SELECT "), " AS c1 FROM server_logs AS r1")
	if got := printed("SELECT upper(array_join(" + key + ", ',')) FROM server_logs GROUP BY " + key); strings.Count(got, once) < 2 {
		t.Errorf("%s has not %s twice", got, once)
	}
	if got := printed("SELECT contains(ARRAY[1e0], random())"); strings.Count(got, "random()") != 1 {
		t.Errorf("%s evaluates random() more than once", got)
	}
}

// TestHostileLambdas holds lambdas in lambdas, whose bodies are analysed for each choice of types, to bounded time.
func TestHostileLambdas(t *testing.T) {
	nested := func(open, shut string, depth int) string {
		return "SELECT " + strings.Repeat(open, depth) + "1" + strings.Repeat(shut, depth)
	}
	for name, sql := range map[string]string{
		"transform": nested("transform(ARRAY[1], x -> ", ")", 60), "reduce": nested("reduce(ARRAY[1], 0, (s, x) -> s + 1e0 + ", ", s -> s)", 40),
		"array_sort": nested("array_sort(ARRAY[1], (a, b) -> cardinality(", "))", 40), "map_zip_with": nested("map_zip_with(map(), map(), (k, a, b) -> ", ")", 60),
		"any_match": nested("any_match(ARRAY[1], x -> 1 / x = if(", ", 1, 0))", 30),
	} {
		stmt, err := dialect.Parse(sql)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if q, err := dialect.Analyze(stmt, session(), nil); err == nil && len(q.DuckDB(scanName)) > 4<<20 {
			t.Errorf("%s: %d bytes", name, len(q.DuckDB(scanName)))
		}
	}
}
