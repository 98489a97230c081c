//go:build cgo

package engine_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake/query/dialect/native"
	"github.com/loglake/loglake/query/engine"
)

// same makes a function that gives its argument back.
func same(name, typ string) native.Function {
	return native.Function{Name: name, Params: []string{typ}, Result: typ, Nulls: true, Call: func(args []any) (any, error) { return args[0], nil }}
}

var testNatives = []native.Function{
	same("loglake_t_varchar", "VARCHAR"), same("loglake_t_blob", "BLOB"), same("loglake_t_bigint", "BIGINT"), same("loglake_t_integer", "INTEGER"), same("loglake_t_double", "DOUBLE"),
	same("loglake_t_float", "FLOAT"), same("loglake_t_boolean", "BOOLEAN"), same("loglake_t_date", "DATE"), same("loglake_t_timestamp", "TIMESTAMP"), same("loglake_t_varchars", "VARCHAR[]"),
	same("loglake_t_bigints", "BIGINT[]"), same("loglake_t_doubles", "DOUBLE[]"), same("loglake_t_blobs", "BLOB[]"), same("loglake_t_booleans", "BOOLEAN[]"), same("loglake_t_nested", "VARCHAR[][]"),
	same("loglake_t_map", "MAP(VARCHAR, BIGINT)"), same("loglake_t_multimap", "MAP(VARCHAR, VARCHAR[])"),
	{Name: "loglake_t_join", Params: []string{"VARCHAR", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
		return strings.Repeat(args[0].(string), int(args[1].(int64))), nil
	}},
	{Name: "loglake_t_fail", Params: []string{"BIGINT", "VARCHAR"}, Result: "BIGINT", Call: func(args []any) (any, error) {
		if args[0].(int64) == 3 {
			return nil, &native.Error{Code: args[1].(string), Message: "it is three"}
		}
		return args[0], nil
	}},
	{Name: "loglake_t_third", Params: []string{"VARCHAR"}, Result: "BIGINT", Call: func(args []any) (any, error) {
		text := args[0].(string)
		if strings.HasSuffix(text, "3") {
			return nil, &native.Error{Code: "INVALID_FUNCTION_ARGUMENT", Message: "it is three"}
		}
		return strconv.ParseInt(text[len(text)-1:], 10, 64)
	}},
	{Name: "loglake_t_panic", Params: []string{"BIGINT"}, Result: "BIGINT", Call: func(args []any) (any, error) { return args[1], nil }},
	{Name: "loglake_t_invalid", Params: []string{"BIGINT"}, Result: "VARCHAR", Call: func([]any) (any, error) { return "a\xffb", nil }},
}

// runNative gives the rows of a query as texts.
func runNative(sql string, files ...string) (rows []string, err error) {
	err = engine.RunNative(testNatives, engine.Request{SQL: sql, Files: files}, func(b *engine.Batch) {
		for i := range b.Rows {
			var row []string
			for k := range b.Columns {
				row = append(row, show(&b.Columns[k], i))
			}
			rows = append(rows, strings.Join(row, "|"))
		}
	})
	return rows, err
}

func TestNativeFunctionsTakeAndGiveEveryType(t *testing.T) {
	f := func(expr, want string) {
		t.Helper()
		got, err := runNative("SELECT " + expr + " FROM (SELECT unnest([0, 1, 2]) AS i)")
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if diff := cmp.Diff(want, strings.Join(got, " ; ")); diff != "" {
			t.Errorf("%s: %s", expr, diff)
		}
	}
	f("loglake_t_varchar(['', NULL, 'a text that is longer than twelve bytes'][i + 1])", " ; NULL ; a text that is longer than twelve bytes")
	f("loglake_t_varchar('constant')", "constant ; constant ; constant")
	f("loglake_t_varchar(CAST(NULL AS VARCHAR))", "NULL ; NULL ; NULL")
	f(`loglake_t_blob([''::BLOB, NULL, '\x00\xFF0123456789ABCDEF'::BLOB][i + 1])`, " ; NULL ; 00ff30313233343536373839414243444546")
	f("loglake_t_bigint([-9223372036854775808, NULL, 9223372036854775807][i + 1])", "-9223372036854775808 ; NULL ; 9223372036854775807")
	f("loglake_t_integer([CAST(-2147483648 AS INTEGER), NULL, 2147483647::INTEGER][i + 1])", "-2147483648 ; NULL ; 2147483647")
	f("loglake_t_double([-0.5e0, NULL, 'inf'::DOUBLE][i + 1])", "-0.5 ; NULL ; +Inf")
	f("loglake_t_float([1.5::FLOAT, NULL, 'nan'::FLOAT][i + 1])", "1.5 ; NULL ; NaN")
	f("loglake_t_boolean([true, NULL, false][i + 1])", "true ; NULL ; false")
	f("loglake_t_date([DATE '1970-01-02', NULL, DATE '1969-12-31'][i + 1])", "1 ; NULL ; -1")
	f("loglake_t_timestamp([TIMESTAMP '1970-01-01 00:00:01', NULL, TIMESTAMP '1969-12-31 23:59:59'][i + 1])", "1000000 ; NULL ; -1000000")
	f("loglake_t_varchars([[], NULL, ['a', NULL, 'longer than twelve bytes']][i + 1])", "[] ; NULL ; [a NULL longer than twelve bytes]")
	f("loglake_t_bigints([[1], NULL, [i, i + 1, NULL]][i + 1])", "[1] ; NULL ; [2 3 NULL]")
	f("loglake_t_doubles([[0.5e0], NULL, []][i + 1])", "[0.5] ; NULL ; []")
	f(`loglake_t_blobs([['\x01'::BLOB, NULL], NULL, []][i + 1])`, "[01 NULL] ; NULL ; []")
	f("loglake_t_booleans([[true, NULL, false], NULL, []][i + 1])", "[true NULL false] ; NULL ; []")
	f("loglake_t_nested([[['a'], NULL, []], NULL, [['b', 'c']]][i + 1])", "[[a] NULL []] ; NULL ; [[b c]]")
	f("loglake_t_map([map(['a', 'b'], [1, NULL]), NULL, map([], [])][i + 1])", "[{key=a;value=1;} {key=b;value=NULL;}] ; NULL ; []")
	f("loglake_t_multimap([map(['a', 'b'], [['x', 'y'], NULL]), NULL, map([], [])][i + 1])", "[{key=a;value=[x y];} {key=b;value=NULL;}] ; NULL ; []")
	f("loglake_t_join('ab', [2, NULL, 0][i + 1])", "abab ; NULL ; ")
	f("loglake_t_invalid(i)", "a\uFFFDb ; a\uFFFDb ; a\uFFFDb")
}

// Lists that DuckDB makes without copying their elements must arrive too.
func TestNativeFunctionsReadDerivedLists(t *testing.T) {
	f := func(expr string) {
		t.Helper()
		got, err := runNative("SELECT " + expr + ", loglake_t_varchars(" + expr + ") FROM (SELECT ['v' || i, 'w', NULL, 'x' || i % 3] AS l, i FROM range(5000) t(i))")
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			return
		}
		for _, row := range got {
			if a, b, _ := strings.Cut(row, "|"); a != b {
				t.Errorf("%s: %s arrives as %s", expr, a, b)
				return
			}
		}
	}
	for _, expr := range []string{"l", "l[2:3]", "l[1:4:2]", "list_reverse(l)", "list_sort(l)", "list_concat(l, l)", "list_distinct(l)", "list_filter(l, lambda x: x <> 'w')",
		"list_transform(l, lambda x: 'c')", "CASE WHEN i % 7 = 0 THEN NULL ELSE l END", "['a', 'b', 'c']", "[l[1], 'k']", "string_split('a-b-' || i, '-')",
		"map_values(map([i], ['a' || i]))", "flatten([l, ['y']])", "list_select(l, [4, 1])"} {
		f(expr)
	}
	got, err := runNative("SELECT m = loglake_t_map(m) FROM (SELECT map_from_entries([{'k': 'a' || i, 'v': i}, {'k': 'c', 'v': NULL}]) AS m FROM range(3000) t(i)) GROUP BY 1")
	if diff := cmp.Diff([]string{"true"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestNativeFunctionsOverManyRows(t *testing.T) {
	got, err := runNative("SELECT count(*), count(loglake_t_join('x', i)), sum(length(loglake_t_join('long enough to be kept elsewhere', i % 5))), sum(len(loglake_t_bigints(range(i % 10)))) " +
		"FROM (SELECT CASE WHEN i % 50 = 0 THEN NULL ELSE i END AS i FROM range(5000) t(i))")
	if diff := cmp.Diff([]string{"5000|4900|320000e-0|22500e-0"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestNativeFunctionsFail(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		_, err := runNative(sql)
		if err == nil || !strings.HasPrefix(err.Error(), "engine input: "+want) {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
	f("SELECT loglake_t_fail(i, 'INVALID_FUNCTION_ARGUMENT') FROM range(5) t(i)", "INVALID_FUNCTION_ARGUMENT: it is three")
	f("SELECT loglake_t_fail(3, 'INVALID_FUNCTION_ARGUMENT')", "INVALID_FUNCTION_ARGUMENT: it is three")
	f("SELECT loglake_t_panic(i) FROM range(5) t(i)", "GENERIC_INTERNAL_ERROR: loglake_t_panic: panic: runtime error: index out of range")
	f("SELECT TRY(loglake_t_panic(i)) FROM range(5) t(i)", "GENERIC_INTERNAL_ERROR: loglake_t_panic: panic")
	f("SELECT TRY(loglake_t_fail(i, 'NOT_SUPPORTED')) FROM range(5) t(i)", "NOT_SUPPORTED: it is three")
}

func TestTryOfANativeFunction(t *testing.T) {
	got, err := runNative("SELECT TRY(loglake_t_fail(i, 'INVALID_FUNCTION_ARGUMENT')) FROM range(2, 5) t(i)")
	if diff := cmp.Diff([]string{"2", "NULL", "4"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	got, err = runNative("SELECT CASE WHEN i <> 3 THEN loglake_t_fail(i, 'INVALID_FUNCTION_ARGUMENT') END FROM range(2, 5) t(i)")
	if diff := cmp.Diff([]string{"2", "NULL", "4"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// A file's dictionary has values that no row kept by the query has; no function may be called with them.
func TestNativeFunctionsSeeOnlyTheRowsTheyAreCalledFor(t *testing.T) {
	type row struct {
		X string `parquet:"x,dict"`
		N int64  `parquet:"n,dict"`
	}
	rows := make([]row, 3000)
	for i := range rows {
		rows[i] = row{"value of the dictionary " + strconv.Itoa(i%5), int64(i % 5)}
	}
	file := filepath.Join(t.TempDir(), "a.parquet")
	if err := parquet.WriteFile(file, rows); err != nil {
		t.Fatal(err)
	}
	for expr, want := range map[string]string{
		"sum(CASE WHEN n <> 3 THEN loglake_t_fail(n, 'INVALID_FUNCTION_ARGUMENT') END)":                         "4200e-0",
		"sum(CASE WHEN x NOT LIKE '%3' THEN loglake_t_third(x) END)":                                            "4200e-0",
		"sum(CASE WHEN x NOT LIKE '%3' THEN loglake_t_third(lower(x)) END)":                                     "4200e-0",
		"sum(CASE WHEN x NOT LIKE '%3' THEN list_transform([{'v': x}], lambda e: loglake_t_third(e.v))[1] END)": "4200e-0",
		"count(TRY(list_transform([{'v': x}], lambda e: loglake_t_third(e.v))[1]))":                             "2400",
		"count(TRY(loglake_t_third(x)))":                                                                        "2400",
		"count(TRY(loglake_t_third(x))) FILTER (WHERE n <> 3)":                                                  "2400",
	} {
		got, err := runNative("SELECT "+expr+" FROM read_parquet('"+file+"')", file)
		if diff := cmp.Diff([]string{want}, got); err != nil || diff != "" {
			t.Error(expr, err, diff)
		}
	}
}

func TestNativeFunctionsAnywhere(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		got, err := runNative(sql)
		if diff := cmp.Diff(want, strings.Join(got, " ; ")); err != nil || diff != "" {
			t.Error(sql, err, diff)
		}
	}
	f("SELECT list_transform(['a', 'b'], lambda x: loglake_t_join(x, 2))", "[aa bb]")
	f("SELECT list_transform([3], lambda n: list_transform(['a', 'b'], lambda x: loglake_t_join(loglake_t_join(x, n), 2))[1])[1]", "aaaaaa")
	f("SELECT loglake_t_join(x, 2), count(*) FROM (VALUES ('a'), ('b'), ('a')) t(x) GROUP BY loglake_t_join(x, 2) ORDER BY loglake_t_join(x, 2)", "aa|2 ; bb|1")
	f("SELECT max(loglake_t_join(x, 2)) OVER (PARTITION BY loglake_t_join(x, 1)) FROM (VALUES ('a'), ('b')) t(x) ORDER BY 1", "aa ; bb")
	f("SELECT (SELECT loglake_t_join(t.x, count(*)) FROM (VALUES (1), (2)) u(y)) FROM (VALUES ('a')) t(x)", "aa")
	f("SELECT u.y FROM (VALUES ('a')) t(x) CROSS JOIN LATERAL (SELECT loglake_t_join(t.x, 3) AS y) u WHERE loglake_t_join(x, 2) = 'aa'", "aaa")
	f("SELECT 'loglake_t_none(1)'", "loglake_t_none(1)")
}

func TestNativeFunctionsAreNamedAndTyped(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range native.Functions() {
		if !strings.HasPrefix(f.Name, "loglake_") || seen[f.Name] || (f.Call == nil) == (f.Make == nil) {
			t.Errorf("%s: the name is used twice or does not begin with loglake_, or it does nothing", f.Name)
		}
		seen[f.Name] = true
	}
	bad := []native.Function{{Name: "loglake_t_bad", Params: []string{"HUGEINT"}, Result: "VARCHAR"}}
	if err := engine.RunNative(bad, engine.Request{SQL: "SELECT 1"}, nil); err == nil || errors.As(err, new(*engine.Fault)) {
		t.Errorf("a type that no function can have: %v", err)
	}
}

func BenchmarkOpenDatabase(b *testing.B) {
	for b.Loop() {
		if err := engine.OpenAndClose(2); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCalls holds what a call of a Go function costs for a row against what an expression of the engine does.
func BenchmarkCalls(b *testing.B) {
	for name, call := range map[string]string{"none": "x", "expression": "upper(x)", "native": "loglake_t_varchar(x)"} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				sql := "SELECT sum(strlen(" + call + ")) FROM (SELECT 'GET /index.html?page=' || i AS x FROM range(1000000) t(i))"
				if _, err := runNative(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
