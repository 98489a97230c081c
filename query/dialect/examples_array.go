package dialect

// Examples of the functions of arrays.

var transformExamples = []Example{
	example("transform(ARRAY[1, NULL], x -> x + 1)", "[2, null]", "array(integer)"),
	example("transform(ARRAY[1], x -> transform(ARRAY[2.5e0], y -> x + y))", "[[3.5]]", "array(array(double))"),
	example("transform(ARRAY[], x -> 'a')", "[]", "array(varchar(1))"),
	example("transform(NULL, x -> 1)", "NULL", "array(integer)"),
	example("transform(ARRAY[1], x -> x + y) FROM (VALUES 10) AS t (y)", "[11]", "array(integer)"),
	example("transform(ARRAY[1], X -> \"x\" + 1)", "[2]", "array(integer)"),
	example("transform(ARRAY['a', 'b'], x -> ARRAY[x, upper(x)])", "[[a, A], [b, B]]", "array(array(varchar(1)))"),
	example("transform(ARRAY[1, 0], x -> try(1 / x))", "[1, null]", "array(integer)"),
	failing("transform(ARRAY[1, 0], x -> 1 / x)", "DIVISION_BY_ZERO: Division by zero"),
	example("try(transform(ARRAY[1, 0], x -> 1 / x))", "NULL", "array(integer)"),
	example("transform(ARRAY[ARRAY[1, 2], ARRAY[3]], x -> transform(x, y -> y + cardinality(x)))", "[[3, 4], [4]]", "array(array(bigint))"),
	failing("transform(ARRAY[1], (x, y) -> x)", "INVALID_PARAMETER_USAGE: line 1:28: Expected a lambda that takes 1 argument(s) but got 2"),
	failing("transform(ARRAY[1], x -> (SELECT 1))", "NOT_SUPPORTED: line 1:33: Lambda expression cannot contain subqueries"),
	example("transform(ARRAY['1', '2'], x -> cast(x AS integer))", "[1, 2]", "array(integer)"),
	example("transform(split(s, ','), x -> cast(x AS integer)) FROM (VALUES '1,2', 'a') AS t (s) WHERE s LIKE '1%'", "[1, 2]", "array(integer)"),
	example("sum(transform(ARRAY[x], v -> v + 1)[1]) FROM (VALUES 1, 2) AS t (x)", "5", "bigint"),
	failing("transform(array_agg(x ORDER BY x), v -> v + count(*)) FROM (VALUES 1, 2) AS t (x)", "EXPRESSION_NOT_SCALAR: line 1:50: Lambda expression cannot contain aggregations, window functions or grouping operations: [count(*)]"),
	example("array_agg(transform(ARRAY[1, 2], v -> v * x) ORDER BY x) FROM (VALUES 1, 2) AS t (x)", "[[1, 2], [2, 4]]", "array(array(integer))"),
}

var filterExamples = []Example{
	example("filter(ARRAY[1, NULL, 3], x -> x > 1)", "[3]", "array(integer)"),
	example("filter(ARRAY['a'], x -> false)", "[]", "array(varchar(1))"),
	example("filter(NULL, x -> true)", "NULL", "array(unknown)"),
	example("filter(ARRAY[1, NULL], x -> x IS NULL)", "[null]", "array(integer)"),
	failing("filter(ARRAY[1, 2], x -> x)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), <function>) for function filter. Expected: filter(array(t), function(t,boolean)) T"),
	example("filter(ARRAY[], x -> true)", "[]", "array(unknown)"),
	example("filter(ARRAY[1, 2, 3], x -> x > y) FROM (VALUES 2) AS t (y)", "[3]", "array(integer)"),
}

var anyMatchExamples = []Example{
	example("any_match(ARRAY[1, 2], x -> x = 2)", "true", "boolean"),
	example("any_match(ARRAY[1, 2], x -> x > 2)", "false", "boolean"),
	example("any_match(ARRAY[], x -> true)", "false", "boolean"),
	example("any_match(NULL, x -> true)", "NULL", "boolean"),
	example("any_match(ARRAY[1, NULL], x -> x = 2)", "NULL", "boolean"),
	example("any_match(ARRAY[1, NULL], x -> x = 1)", "true", "boolean"),
	example("any_match(ARRAY[1, 0], x -> 1 / x = 1)", "true", "boolean"),
	failing("any_match(ARRAY[2, 0], x -> 1 / x = 1)", "DIVISION_BY_ZERO: Division by zero"),
	example("any_match(ARRAY[2, NULL], x -> 1 / x = 1)", "NULL", "boolean"),
}

var allMatchExamples = []Example{
	example("all_match(ARRAY[1, 2], x -> x > 0)", "true", "boolean"),
	example("all_match(ARRAY[1, 2], x -> x > 1)", "false", "boolean"),
	example("all_match(ARRAY[], x -> false)", "true", "boolean"),
	example("all_match(NULL, x -> true)", "NULL", "boolean"),
	example("all_match(ARRAY[1, NULL], x -> x = 1)", "NULL", "boolean"),
	example("all_match(ARRAY[1, NULL], x -> x = 2)", "false", "boolean"),
	example("all_match(ARRAY[2, 0], x -> 1 / x = 1)", "false", "boolean"),
	example("all_match(ARRAY[1, NULL], x -> 1 / x = 1)", "NULL", "boolean"),
}

var noneMatchExamples = []Example{
	example("none_match(ARRAY[1, 2], x -> x = 3)", "true", "boolean"),
	example("none_match(ARRAY[1, 2], x -> x = 2)", "false", "boolean"),
	example("none_match(ARRAY[], x -> true)", "true", "boolean"),
	example("none_match(ARRAY[1, NULL], x -> x = 2)", "NULL", "boolean"),
	example("none_match(ARRAY[1, 0], x -> 1 / x = 1)", "false", "boolean"),
	example("none_match(NULL, x -> true)", "NULL", "boolean"),
}

var reduceExamples = []Example{
	failing("reduce(ARRAY[1], BIGINT '1', (s, x) -> 5, s -> s)", CodeFunctionNotFound),
	example("reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)", "75", "integer"),
	example("reduce(ARRAY[5, 20], 0, (s, x) -> s + x + 0.5e0, s -> s)", "26.0", "double"),
	example("reduce(ARRAY[5, NULL], 0, (s, x) -> s + x, s -> s)", "NULL", "integer"),
	example("reduce(ARRAY[5, NULL], 0, (s, x) -> s + coalesce(x, 1), s -> s * 2)", "12", "integer"),
	example("reduce(ARRAY['a', 'bcd'], 0, (s, x) -> s + length(x), s -> s)", "4", "bigint"),
	example("reduce(ARRAY['a', 'b'], '', (s, x) -> s || x, s -> upper(s))", "AB", "varchar"),
	example("reduce(ARRAY[1, 2], ARRAY[], (s, x) -> s || x, s -> s)", "[1, 2]", "array(integer)"),
	example("reduce(ARRAY[1], NULL, (s, x) -> x, s -> coalesce(s, 7))", "1", "integer"),
	example("reduce(NULL, 0, (s, x) -> s + x, s -> coalesce(s, 7))", "NULL", "integer"),
	example("reduce(cast(ARRAY[] AS array(integer)), 5, (s, x) -> s + x, s -> s)", "5", "integer"),
	failing("reduce(ARRAY[2147483647, 1], 0, (s, x) -> s + x, s -> s)", "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1"),
	example("reduce(ARRAY[2147483647, 1], bigint '0', (s, x) -> s + x, s -> s)", "2147483648", "bigint"),
	example("reduce(ARRAY[5, 6], cast(ROW(0.0e0, 0) AS ROW(total double, n integer)), (s, x) -> cast(ROW(x + s.total, s.n + 1) AS ROW(total double, n integer)), s -> s.total / s.n)", "5.5", "double"),
	example("reduce(ARRAY[1, 2], 'x', (s, x) -> s || cast(x AS varchar), s -> s)", "x12", "varchar"),
	example("reduce(ARRAY[1, 2], y, (s, x) -> s + x * y, s -> s + y) FROM (VALUES 10) AS t (y)", "50", "integer"),
}

var zipWithExamples = []Example{
	example("zip_with(ARRAY[1, 2], ARRAY['a'], (x, y) -> (y, x))", "[{a, 1}, {null, 2}]", "array(row(varchar(1), integer))"),
	example("zip_with(ARRAY[1, 2], ARRAY[10, 20], (x, y) -> x + y)", "[11, 22]", "array(integer)"),
	example("zip_with(ARRAY[1, 2], ARRAY[3, 4, 5], (x, y) -> coalesce(x, 0) * y)", "[3, 8, 0]", "array(integer)"),
	example("zip_with(ARRAY[1, 2], NULL, (x, y) -> 1)", "NULL", "array(integer)"),
	failing("zip_with(ARRAY['a'], ARRAY['d'], (x, x) -> x)", "AMBIGUOUS_NAME: line 1:42: Column 'x' is ambiguous"),
	example("zip_with(ARRAY[], ARRAY[], (x, y) -> 1)", "[]", "array(integer)"),
}

var cardinalityExamples = []Example{
	example("cardinality(ARRAY[1, 2])", "2", "bigint"),
	example("cardinality(ARRAY[])", "0", "bigint"),
	example("cardinality(NULL)", "NULL", "bigint"),
	example("cardinality(map(ARRAY[1], ARRAY['a']))", "1", "bigint"),
	example("cardinality(map())", "0", "bigint"),
	failing("cardinality(1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function cardinality. "),
}

var elementAtExamples = []Example{
	example("element_at(ARRAY[1, 2], -1)", "2", "integer"),
	example("element_at(ARRAY[1, 2], 5)", "NULL", "integer"),
	failing("element_at(ARRAY[1, 2], 0)", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
	example("element_at(ARRAY[1, 2], NULL)", "NULL", "integer"),
	example("element_at(ARRAY['a', NULL], 2)", "NULL", "varchar(1)"),
	example("element_at(map(ARRAY['a'], ARRAY[1]), 'a')", "1", "integer"),
	example("element_at(map(ARRAY['a'], ARRAY[1]), 'z')", "NULL", "integer"),
	example("element_at(map(ARRAY['a'], ARRAY[1]), NULL)", "NULL", "integer"),
	example("element_at(map(ARRAY[nan()], ARRAY[1]), nan())", "NULL", "integer"),
	example("element_at(map(ARRAY[ARRAY[1]], ARRAY['x']), ARRAY[1])", "x", "varchar(1)"),
	example("element_at(map(ARRAY[1], ARRAY['x']), bigint '1')", "x", "varchar(1)"),
	example("element_at(NULL, 1)", "NULL", "unknown"),
}

var containsExamples = []Example{
	example("contains(ARRAY[1, 2], 2)", "true", "boolean"),
	example("contains(ARRAY[1, NULL], 2)", "NULL", "boolean"),
	example("contains(ARRAY[1, NULL], 1)", "true", "boolean"),
	example("contains(ARRAY[1], NULL)", "NULL", "boolean"),
	example("contains(ARRAY[], 1)", "false", "boolean"),
	example("contains(NULL, 1)", "NULL", "boolean"),
	example("contains(ARRAY[nan()], nan())", "false", "boolean"),
	example("contains(ARRAY[nan(), NULL], nan())", "NULL", "boolean"),
	example("contains(ARRAY[0e0], -0e0)", "true", "boolean"),
	example("contains(ARRAY[1], 1e0)", "true", "boolean"),
	example("contains(ARRAY['a'], 'A')", "false", "boolean"),
	example("contains(ARRAY[ARRAY[1], NULL], ARRAY[1])", "true", "boolean"),
	example("contains(ARRAY[ARRAY[1], NULL], ARRAY[2])", "NULL", "boolean"),
	example("contains(ARRAY[ARRAY[1, NULL]], ARRAY[2, 3])", "false", "boolean"),
	failing("contains(ARRAY[ARRAY[1, NULL]], ARRAY[1, NULL])", "NOT_SUPPORTED: contains does not support arrays with elements that are null or contain null"),
	example("contains(ARRAY[ROW(1, 'a')], ROW(1, 'a'))", "true", "boolean"),
	failing("contains(ARRAY[ROW(1, NULL)], ROW(1, 2))", "NOT_SUPPORTED: contains does not support arrays with elements that are null or contain null"),
	failing("contains(ARRAY[1], 'a')", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), varchar(1)) for function contains. "),
}

var arrayPositionExamples = []Example{
	example("array_position(ARRAY['a', 'b'], 'b')", "2", "bigint"),
	example("array_position(ARRAY[1], 5)", "0", "bigint"),
	example("array_position(ARRAY[NULL, 1, 1], 1)", "2", "bigint"),
	example("array_position(ARRAY[1], NULL)", "NULL", "bigint"),
	example("array_position(NULL, 1)", "NULL", "bigint"),
	example("array_position(ARRAY[nan()], nan())", "0", "bigint"),
	example("array_position(ARRAY[ARRAY[1], NULL, ARRAY[2]], ARRAY[2])", "3", "bigint"),
	failing("array_position(ARRAY[ARRAY[1, NULL]], ARRAY[1, NULL])", "NOT_SUPPORTED: array_position does not support arrays with elements that are null or contain null"),
	example("array_position(ARRAY[ROW(1, 2)], ROW(1, 2))", "1", "bigint"),
}

var arrayRemoveExamples = []Example{
	example("array_remove(ARRAY[1, 2, 1, NULL], 1)", "[2, null]", "array(integer)"),
	example("array_remove(ARRAY[1], NULL)", "NULL", "array(integer)"),
	example("array_remove(ARRAY[nan(), 1e0], nan())", "[NaN, 1.0]", "array(double)"),
	example("array_remove(ARRAY['a'], 'a')", "[]", "array(varchar(1))"),
	example("array_remove(NULL, 1)", "NULL", "array(integer)"),
	example("array_remove(ARRAY[ROW(1, 2), NULL], ROW(1, 2))", "[null]", "array(row(integer, integer))"),
	example("array_remove(ARRAY[ARRAY[1, NULL]], ARRAY[2, NULL])", "[[1, null]]", "array(array(integer))"),
	failing("array_remove(ARRAY[ARRAY[1, NULL]], ARRAY[1, NULL])", "NOT_SUPPORTED: array_remove does not support arrays with elements that are null or contain null"),
}

var arrayJoinExamples = []Example{
	example("array_join(ARRAY[1, NULL, 3], ',')", "1,3", "varchar"),
	example("array_join(ARRAY['a', NULL], ',', '-')", "a,-", "varchar"),
	example("array_join(ARRAY['a', NULL, '', 'b'], '-')", "a--b", "varchar"),
	example("array_join(ARRAY[], '-')", "", "varchar"),
	example("array_join(ARRAY['a', 'b'], x) FROM (VALUES '-') AS t (x)", "a-b", "varchar"),
	example("array_join(ARRAY['a'], NULL)", "NULL", "varchar"),
	example("array_join(ARRAY['a', NULL], ',', NULL)", "NULL", "varchar"),
	example("array_join(NULL, ',')", "NULL", "varchar"),
	example("array_join(ARRAY[1.5e0, 100e0], ' ')", "1.5E0 1.0E2", "varchar"),
	example("array_join(ARRAY[true, false], '-')", "true-false", "varchar"),
	example("array_join(ARRAY[decimal '1.50'], '-')", "1.50", "varchar"),
	example("array_join(ARRAY[date '2020-01-05', date '2021-02-03'], '/')", "2020-01-05/2021-02-03", "varchar"),
	example("array_join(ARRAY[timestamp '2020-01-01 00:00:00.10'], '-')", "2020-01-01 00:00:00.10", "varchar"),
	failing("array_join(ARRAY[ARRAY[1]], '-')", "OPERATOR_NOT_FOUND: line 1:8: Cannot cast array(integer) to varchar"),
	failing("array_join(ARRAY[X'61'], '-')", "OPERATOR_NOT_FOUND: line 1:8: Cannot cast varbinary to varchar"),
}

var arrayDistinctExamples = []Example{
	example("array_distinct(ARRAY[2, 1, 2])", "[2, 1]", "array(integer)"),
	example("array_distinct(ARRAY[nan(), nan(), 0e0, -0e0, NULL, NULL])", "[NaN, 0.0, null]", "array(double)"),
	example("array_distinct(ARRAY[])", "[]", "array(unknown)"),
	example("array_distinct(NULL)", "NULL", "array(unknown)"),
	example("array_distinct(ARRAY[ARRAY[1, NULL], ARRAY[1, NULL], ARRAY[1]])", "[[1, null], [1]]", "array(array(integer))"),
	example("array_distinct(ARRAY[ROW(1, 'a'), ROW(1, 'a')])", "[{1, a}]", "array(row(integer, varchar(1)))"),
	example("cardinality(array_distinct(sequence(1, 1000) || sequence(500, 1500)))", "1500", "bigint"),
	example("array_distinct(sequence(1, 100) || NULLIF(1, 1) || NULLIF(1, 1) || 7)[101]", "NULL", "bigint"),
	example("slice(array_distinct(transform(sequence(1, 100), x -> (x * 7) % 10)), 1, 4)", "[7, 4, 1, 8]", "array(bigint)"),
}

var arrayUnionExamples = []Example{
	example("array_union(ARRAY[5, 1, NULL, 5], ARRAY[9, 1, NULL])", "[5, 1, null, 9]", "array(integer)"),
	example("array_union(ARRAY[1], ARRAY[2.5e0])", "[1.0, 2.5]", "array(double)"),
	example("array_union(ARRAY[], ARRAY['a'])", "[a]", "array(varchar(1))"),
	example("array_union(ARRAY[1], NULL)", "NULL", "array(integer)"),
	example("array_union(ARRAY[nan()], ARRAY[nan()])", "[NaN]", "array(double)"),
	example("slice(array_union(reverse(sequence(1, 100)), sequence(50, 103)), 99, 5)", "[2, 1, 101, 102, 103]", "array(bigint)"),
}

var arrayIntersectExamples = []Example{
	example("array_intersect(ARRAY[5, 1, 2], ARRAY[1, 2, 5])", "[5, 1, 2]", "array(integer)"),
	example("array_intersect(ARRAY[5, 1, 2], ARRAY[9, 2, 1, 5, 8, 7])", "[2, 1, 5]", "array(integer)"),
	example("array_intersect(ARRAY[3, 5, 1, 2, 3], ARRAY[2, 1, 5])", "[5, 1, 2]", "array(integer)"),
	example("array_intersect(ARRAY[1, NULL, NULL], ARRAY[NULL, 2])", "[null]", "array(integer)"),
	example("array_intersect(ARRAY[nan()], ARRAY[nan()])", "[NaN]", "array(double)"),
	example("array_intersect(ARRAY[1], NULL)", "NULL", "array(integer)"),
	example("array_intersect(ARRAY[ARRAY[1, NULL]], ARRAY[ARRAY[1, NULL]])", "[[1, null]]", "array(array(integer))"),
	example("array_intersect(reverse(sequence(1, 100)), sequence(98, 300, 2))", "[98, 100]", "array(bigint)"),
	example("array_intersect(reverse(sequence(1, 300)), sequence(98, 104, 2))", "[104, 102, 100, 98]", "array(bigint)"),
}

var arrayExceptExamples = []Example{
	example("array_except(ARRAY[1, 1, NULL, NULL], CAST(ARRAY[] AS array(integer)))", "[1, 1, null, null]", "array(integer)"),
	example("array_except(ARRAY[5, 1, 5, NULL, 1, NULL], ARRAY[3])", "[5, 1, null]", "array(integer)"),
	example("array_except(ARRAY[1, NULL, 5], ARRAY[NULL, 1])", "[5]", "array(integer)"),
	example("array_except(ARRAY[nan(), 1e0], ARRAY[nan()])", "[1.0]", "array(double)"),
	example("array_except(ARRAY[1, 1], ARRAY[])", "[1, 1]", "array(integer)"), example("array_except(x, y) FROM (VALUES (ARRAY[1, NULL, 1], filter(ARRAY[1], e -> e > 1))) AS t (x, y)", "[1, null, 1]", "array(integer)"),
	example("array_except(ARRAY[1], NULL)", "NULL", "array(integer)"),
	example("array_except(ARRAY['a'], ARRAY['a'])", "[]", "array(varchar(1))"),
	example("array_except(reverse(sequence(1, 100)) || 7, sequence(4, 500))", "[3, 2, 1]", "array(bigint)"),
}

var arraysOverlapExamples = []Example{
	example("arrays_overlap(ARRAY[1, 2], ARRAY[2, 3])", "true", "boolean"),
	example("arrays_overlap(ARRAY[1], ARRAY[2])", "false", "boolean"),
	example("arrays_overlap(ARRAY[1, NULL], ARRAY[NULL, 2])", "NULL", "boolean"),
	example("arrays_overlap(ARRAY[1, NULL], ARRAY[1])", "true", "boolean"),
	example("arrays_overlap(ARRAY[], ARRAY[NULL])", "false", "boolean"),
	example("arrays_overlap(ARRAY[1], NULL)", "NULL", "boolean"),
	example("arrays_overlap(ARRAY[nan()], ARRAY[nan()])", "true", "boolean"),
	example("arrays_overlap(ARRAY[ARRAY[1, NULL]], ARRAY[ARRAY[1, NULL]])", "true", "boolean"),
}

var arrayHistogramExamples = []Example{
	example("array_histogram(ARRAY[1, NULL, 1, 2])", "{1=2, 2=1}", "map(integer, bigint)"),
	example("array_histogram(ARRAY['b', 'a', 'b'])", "{a=1, b=2}", "map(varchar(1), bigint)"),
	example("array_histogram(ARRAY[])", "{}", "map(unknown, bigint)"),
	example("array_histogram(cast(ARRAY[NULL] AS array(integer)))", "{}", "map(integer, bigint)"),
	example("array_histogram(NULL)", "NULL", "map(unknown, bigint)"),
	example("array_histogram(ARRAY[nan(), nan()])", "{NaN=2}", "map(double, bigint)"), example("array_histogram(x) FROM (VALUES ARRAY[1e0, nan(), nan()]) AS t (x)", "{1.0=1, NaN=2}", "map(double, bigint)"),
	example("array_histogram(x)[row(2, 'b')] FROM (VALUES ARRAY[row(1, 'a'), row(2, 'b'), row(2, 'b')]) AS t (x)", "2", "bigint"),
	example("map_keys(array_histogram(ARRAY[ARRAY[1], ARRAY[1]]))", "[[1]]", "array(array(integer))"),
}

var containsSequenceExamples = []Example{
	example("contains_sequence(ARRAY[1, 2, 3], ARRAY[2, 3])", "true", "boolean"),
	example("contains_sequence(ARRAY[1, 2, 3], ARRAY[1, 3])", "false", "boolean"),
	example("contains_sequence(ARRAY[1, 2, 3], ARRAY[])", "true", "boolean"),
	example("contains_sequence(ARRAY[], ARRAY[1])", "false", "boolean"),
	example("contains_sequence(ARRAY[1, NULL, 3], ARRAY[NULL, 3])", "true", "boolean"),
	example("contains_sequence(ARRAY[nan()], ARRAY[nan()])", "true", "boolean"),
	example("contains_sequence(ARRAY[1], NULL)", "NULL", "boolean"),
	example("contains_sequence(ARRAY[ARRAY[1, NULL]], ARRAY[ARRAY[1, NULL]])", "true", "boolean"),
}

var arrayMaxExamples = []Example{
	example("array_max(ARRAY[1, 3, 2])", "3", "integer"),
	example("array_max(ARRAY[1, NULL])", "NULL", "integer"),
	example("array_max(ARRAY[])", "NULL", "unknown"),
	example("array_max(NULL)", "NULL", "unknown"),
	example("array_max(ARRAY['b', 'a'])", "b", "varchar(1)"),
	example("array_max(ARRAY[nan(), 1e0])", "1.0", "double"),
	example("array_max(ARRAY[nan()])", "NaN", "double"),
	example("array_max(ARRAY[ARRAY[1], ARRAY[1, 3]])", "[1, 3]", "array(integer)"),
	example("array_max(ARRAY[ROW(1, 2), ROW(1, 3)])", "{1, 3}", "row(integer, integer)"),
	failing("array_max(ARRAY[ARRAY[1, NULL], ARRAY[1, 3]])", "NOT_SUPPORTED: ARRAY comparison not supported for arrays with null elements"),
	failing("array_max(ARRAY[ROW(1, NULL), ROW(1, 3)])", "NOT_SUPPORTED: ROW comparison not supported for fields with null elements"),
	failing("array_max(ARRAY[map(ARRAY[1], ARRAY[1])])", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(map(integer,integer))) for function array_max. Expected: array_max(array(t)) T:orderable"),
}

var arrayMinExamples = []Example{
	example("array_min(ARRAY[3, 1, 2])", "1", "integer"),
	example("array_min(ARRAY[1, NULL])", "NULL", "integer"),
	example("array_min(ARRAY[nan(), 1e0])", "1.0", "double"),
	example("array_min(ARRAY[])", "NULL", "unknown"),
	example("array_min(ARRAY[date '2020-01-05', date '2019-01-05'])", "2019-01-05", "date"),
	example("array_min(ARRAY[ARRAY[1, 3], ARRAY[1]])", "[1]", "array(integer)"),
	failing("array_min(ARRAY[ARRAY[1, NULL], ARRAY[1, 3]])", "NOT_SUPPORTED: ARRAY comparison not supported for arrays with null elements"),
}

var arraySortExamples = []Example{
	example("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]", "array(integer)"),
	example("array_sort(ARRAY[nan(), 1e0, infinity(), NULL])", "[1.0, Infinity, NaN, null]", "array(double)"),
	example("array_sort(ARRAY['b', 'a', 'B', ''])", "[, B, a, b]", "array(varchar(1))"),
	example("array_sort(ARRAY[true, false])", "[false, true]", "array(boolean)"),
	example("array_sort(ARRAY[])", "[]", "array(unknown)"),
	example("array_sort(NULL)", "NULL", "array(unknown)"),
	example("array_sort(ARRAY[ARRAY[2], ARRAY[1, 5], ARRAY[1]])", "[[1], [1, 5], [2]]", "array(array(integer))"),
	example("array_sort(ARRAY[ROW(2, 'a'), ROW(1, 'b')])", "[{1, b}, {2, a}]", "array(row(integer, varchar(1)))"),
	failing("array_sort(ARRAY[ARRAY[1, NULL], ARRAY[1, 5]])", "NOT_SUPPORTED: ARRAY comparison not supported for arrays with null elements"),
	failing("array_sort(ARRAY[map(ARRAY[1], ARRAY[1])])", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(map(integer,integer))) for function array_sort. Expected: array_sort(array(e)) E:orderable, array_sort(array(t), function(t,t,integer)) T"),
	example("array_sort(ARRAY[3, 2, 5, 1, 2], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))", "[5, 3, 2, 2, 1]", "array(integer)"),
	example("array_sort(ARRAY['bc', 'ab', 'dc'], (x, y) -> CASE WHEN x > y THEN -1 WHEN x < y THEN 1 ELSE 0 END)", "[dc, bc, ab]", "array(varchar(2))"),
	example("array_sort(ARRAY['dd', 'a', 'cc', 'abcd', 'bb'], (x, y) -> IF(length(x) < length(y), -1, IF(length(x) = length(y), 0, 1)))", "[a, dd, cc, bb, abcd]", "array(varchar(4))"),
	example("array_sort(ARRAY['dd', 'a', 'cc', 'abcd', 'bb'], (x, y) -> IF(length(x) < length(y), 1, IF(length(x) > length(y), -1, 0)))", "[abcd, dd, cc, bb, a]", "array(varchar(4))"),
	example("array_sort(ARRAY[3, 2, NULL, 5, NULL, 1, 2], (x, y) -> CASE WHEN x IS NULL THEN -1 WHEN y IS NULL THEN 1 WHEN x < y THEN 1 WHEN x = y THEN 0 ELSE -1 END)", "[null, null, 5, 3, 2, 2, 1]", "array(integer)"),
	example("array_sort(ARRAY[3, 1, 2, 1], (x, y) -> IF(x < y, 1, -1))", "[3, 2, 1, 1]", "array(integer)"),
	example("array_sort(ARRAY[5, 1, 4], (x, y) -> IF(abs(x - 4) < abs(y - 4), -1, IF(abs(x - 4) > abs(y - 4), 1, 0)))", "[4, 5, 1]", "array(integer)"),
	failing("array_sort(ARRAY[3, 1], (x, y) -> 2)", "INVALID_FUNCTION_ARGUMENT: Lambda comparator must return either -1, 0, or 1"),
	example("array_sort(ARRAY[3], (x, y) -> 2)", "[3]", "array(integer)"),
	example("array_sort(ARRAY[3, 1, 2], (x, y) -> 1)", "[3, 1, 2]", "array(integer)"), example("array_sort(ARRAY[3, 1, 2], (x, y) -> -1)", "[2, 1, 3]", "array(integer)"),
	example("array_sort(ARRAY[3, NULL, 1, 2], (x, y) -> CASE WHEN x < y THEN -1 WHEN x > y THEN 1 ELSE 0 END)", "[3, null, 1, 2]", "array(integer)"),
	failing("array_sort(transform(sequence(1, 32), i -> row(i % 3, i)), (x, y) -> IF(x[1] < y[1], -1, 1))", "NOT_SUPPORTED: array_sort of more than 31 elements with a comparator that contradicts itself"),
	failing("array_sort(ARRAY[3, 1], (x, y) -> cast(NULL AS integer))", "INVALID_FUNCTION_ARGUMENT: Lambda comparator must return either -1, 0, or 1"),
	failing("array_sort(ARRAY[3, 1], (x, y) -> bigint '1')", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), <function>) for function array_sort. Expected: array_sort(array(e)) E:orderable, array_sort(array(t), function(t,t,integer)) T"),
	example("array_sort(NULL, (x, y) -> 1)", "NULL", "array(unknown)"),
	example("array_sort(ARRAY[2.5e0, 1e0, nan()], (x, y) -> IF(x < y, -1, IF(x > y, 1, 0)))[1]", "1.0", "double"),
	example("array_sort(ARRAY[ROW('b', 2), ROW('a', 3), ROW('c', 2)], (x, y) -> IF(x[2] < y[2], -1, IF(x[2] = y[2], 0, 1)))", "[{b, 2}, {c, 2}, {a, 3}]", "array(row(varchar(1), integer))"),
}

var shuffleExamples = []Example{
	example("array_sort(shuffle(ARRAY[3, 1, NULL, 2]))", "[1, 2, 3, null]", "array(integer)"),
	example("shuffle(ARRAY[1])", "[1]", "array(integer)"),
	example("shuffle(NULL)", "NULL", "array(unknown)"),
	example("shuffle(ARRAY[])", "[]", "array(unknown)"),
}

var sliceExamples = []Example{
	example("slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], -2, 1)", "[2]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], 2, 5)", "[2, 3]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], -4, 2)", "[]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], 5, 2)", "[]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], 2, 0)", "[]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], 2, 9223372036854775807)", "[]", "array(integer)"),
	example("slice(ARRAY[1, 2, 3], -9223372036854775808, 2)", "[]", "array(integer)"),
	example("slice(ARRAY[1], NULL, 1)", "NULL", "array(integer)"),
	example("slice(NULL, 1, 1)", "NULL", "array(unknown)"),
	failing("slice(ARRAY[1], 0, 1)", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
	failing("slice(ARRAY[1], 1, -1)", "INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0"),
}

var trimArrayExamples = []Example{
	example("trim_array(ARRAY[1, 2, 3], 1)", "[1, 2]", "array(integer)"),
	example("trim_array(ARRAY[1, 2, 3], 3)", "[]", "array(integer)"),
	example("trim_array(ARRAY[1, 2, 3], 0)", "[1, 2, 3]", "array(integer)"),
	failing("trim_array(ARRAY[1, 2, 3], 4)", "INVALID_FUNCTION_ARGUMENT: size must not exceed array cardinality 3: 4"),
	failing("trim_array(ARRAY[1, 2, 3], -1)", "INVALID_FUNCTION_ARGUMENT: size must not be negative: -1"),
	example("trim_array(ARRAY[1], NULL)", "NULL", "array(integer)"),
	example("trim_array(NULL, 1)", "NULL", "array(unknown)"),
}

var flattenExamples = []Example{
	example("flatten(ARRAY[ARRAY[1, NULL], NULL, ARRAY[], ARRAY[2]])", "[1, null, 2]", "array(integer)"),
	example("flatten(ARRAY[ARRAY[ARRAY[1]], ARRAY[ARRAY[2], ARRAY[]]])", "[[1], [2], []]", "array(array(integer))"),
	example("flatten(ARRAY[])", "[]", "array(unknown)"),
	example("flatten(NULL)", "NULL", "array(unknown)"),
	failing("flatten(ARRAY[1])", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer)) for function flatten. Expected: flatten(array(array(E))) E"),
}

var ngramsExamples = []Example{
	example("ngrams(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [b, c]]", "array(array(varchar(1)))"),
	example("ngrams(ARRAY[1, 2, 3], 5)", "[[1, 2, 3]]", "array(array(integer))"),
	example("ngrams(ARRAY[], 2)", "[[]]", "array(array(unknown))"),
	example("ngrams(ARRAY[1, NULL], 1)", "[[1], [null]]", "array(array(integer))"),
	failing("ngrams(ARRAY[1], 0)", "INVALID_FUNCTION_ARGUMENT: N must be positive"),
	example("ngrams(ARRAY[1], NULL)", "NULL", "array(array(integer))"),
	example("ngrams(NULL, 2)", "NULL", "array(array(unknown))"),
	failing("ngrams(ARRAY[1], bigint '1')", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), bigint) for function ngrams. Expected: ngrams(array(t), integer) T"),
}

var combinationsExamples = []Example{
	example("combinations(ARRAY[1, 2, 3, 4], 2)", "[[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]]", "array(array(integer))"),
	example("combinations(ARRAY[1, 2, 3, 4, 5], 3)", "[[1, 2, 3], [1, 2, 4], [1, 3, 4], [2, 3, 4], [1, 2, 5], [1, 3, 5], [2, 3, 5], [1, 4, 5], [2, 4, 5], [3, 4, 5]]", "array(array(integer))"),
	example("combinations(ARRAY['a', NULL, 'a'], 2)", "[[a, null], [a, a], [null, a]]", "array(array(varchar(1)))"),
	example("combinations(ARRAY[1, 2], 1)", "[[1], [2]]", "array(array(integer))"),
	example("combinations(ARRAY[1, 2, 3], 0)", "[[]]", "array(array(integer))"),
	example("combinations(ARRAY[1, 2], 3)", "[]", "array(array(integer))"),
	example("combinations(ARRAY[], 0)", "[[]]", "array(array(unknown))"),
	example("combinations(ARRAY[1, 2, 3, 4, 5, 6], 5)", "[[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [1, 2, 3, 5, 6], [1, 2, 4, 5, 6], [1, 3, 4, 5, 6], [2, 3, 4, 5, 6]]", "array(array(integer))"),
	example("combinations(ARRAY[1, 2, 3, 4, 5], 4)", "[[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 4, 5], [1, 3, 4, 5], [2, 3, 4, 5]]", "array(array(integer))"),
	example("combinations(ARRAY[1], NULL)", "NULL", "array(array(integer))"),
	failing("combinations(ARRAY[1], -1)", "INVALID_FUNCTION_ARGUMENT: combination size must not be negative: -1"),
	failing("combinations(ARRAY[1], 6)", "INVALID_FUNCTION_ARGUMENT: combination size must not exceed 5: 6"),
	failing("combinations(sequence(1, 317), 2)", "INVALID_FUNCTION_ARGUMENT: combinations exceed max size"),
	example("cardinality(combinations(sequence(1, 316), 2))", "49770", "bigint"),
}

var zipExamples = []Example{
	example("zip(ARRAY[1, 2], ARRAY['a'])", "[{1, a}, {2, null}]", "array(row(integer, varchar(1)))"),
	example("zip(ARRAY[1], ARRAY['a'], ARRAY[])", "[{1, a, null}]", "array(row(integer, varchar(1), unknown))"),
	example("zip(ARRAY[1], ARRAY[2], ARRAY[3], ARRAY[4, NULL])", "[{1, 2, 3, 4}, {null, null, null, null}]", "array(row(integer, integer, integer, integer))"),
	example("zip(ARRAY[1], ARRAY[2], ARRAY[3], ARRAY[4], ARRAY[5])", "[{1, 2, 3, 4, 5}]", "array(row(integer, integer, integer, integer, integer))"),
	example("zip(ARRAY[], ARRAY[])", "[]", "array(row(unknown, unknown))"),
	example("zip(ARRAY[1], NULL)", "NULL", "array(row(integer, unknown))"),
	failing("zip(ARRAY[1])", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer)) for function zip. Expected: zip(array(T1), array(T2)) T1, T2, zip(array(T1), array(T2), array(T3)) T1, T2, T3, zip(array(T1), array(T2), array(T3), array(T4)) T1, T2, T3, T4, zip(array(T1), array(T2), array(T3), array(T4), array(T5)) T1, T2, T3, T4, T5"),
}

var repeatExamples = []Example{
	example("repeat('a', 3)", "[a, a, a]", "array(varchar(1))"),
	example("repeat(NULL, 2)", "[null, null]", "array(unknown)"),
	example("repeat(1, 0)", "[]", "array(integer)"),
	example("repeat(1, NULL)", "NULL", "array(integer)"),
	example("repeat(ARRAY[1, NULL], 2)", "[[1, null], [1, null]]", "array(array(integer))"),
	failing("repeat(1, -1)", "INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be greater than or equal to 0"),
	failing("repeat(1, 10001)", "INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be less than or equal to 10000"),
	example("cardinality(repeat(1, 10000))", "10000", "bigint"),
	example("cardinality(repeat(rpad('a', 96, 'b'), 10000))", "10000", "bigint"),
	failing("repeat(rpad('a', 97, 'b'), 10000)", "INVALID_FUNCTION_ARGUMENT: result of repeat function must not take more than 1000000 bytes"),
	failing("repeat(ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], 10000)", "INVALID_FUNCTION_ARGUMENT: result of repeat function must not take more than 1000000 bytes"),
	example("cardinality(repeat(x, 2)) FROM (VALUES 'a') AS t (x)", "2", "bigint"),
}

var sequenceExamples = []Example{
	example("sequence(1, 3)", "[1, 2, 3]", "array(bigint)"),
	example("sequence(3, 1)", "[3, 2, 1]", "array(bigint)"),
	example("sequence(1, 10, 3)", "[1, 4, 7, 10]", "array(bigint)"),
	example("sequence(5, 1, -2)", "[5, 3, 1]", "array(bigint)"),
	example("sequence(1, 1)", "[1]", "array(bigint)"),
	example("sequence(1, NULL)", "NULL", "array(bigint)"),
	example("sequence(9223372036854775806, 9223372036854775807, 5)", "[9223372036854775806]", "array(bigint)"),
	example("sequence(-9223372036854775808, 9223372036854775807, 9223372036854775807)", "[-9223372036854775808, -1, 9223372036854775806]", "array(bigint)"),
	failing("sequence(1, 10, 0)", "INVALID_FUNCTION_ARGUMENT: step must not be zero"),
	failing("sequence(1, 10, -1)", "INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"),
	failing("sequence(10, 1, 1)", "INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"),
	example("cardinality(sequence(1, 10000))", "10000", "bigint"),
	failing("sequence(1, 10001)", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	failing("sequence(-9223372036854775808, 9223372036854775807)", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	example("cardinality(sequence(1, 20000, 2))", "10000", "bigint"),
	failing("sequence(1, 20001, 2)", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	example("sequence(date '2020-01-30', date '2020-02-02')", "[2020-01-30, 2020-01-31, 2020-02-01, 2020-02-02]", "array(date)"),
	example("sequence(date '2020-02-02', date '2020-01-30')", "[2020-02-02, 2020-02-01, 2020-01-31, 2020-01-30]", "array(date)"),
	failing("sequence(date '2020-01-01', date '2320-01-01')", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	example("sequence(date '2020-01-01', date '2020-01-05', interval '2' day)", "[2020-01-01, 2020-01-03, 2020-01-05]", "array(date)"),
	failing("sequence(date '2020-01-01', date '2020-01-05', interval '36' hour)", "INVALID_FUNCTION_ARGUMENT: sequence step must be a day interval if start and end values are dates"),
	failing("sequence(date '2020-01-01', date '2020-01-05', interval '-1' day)", "INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"),
	example("sequence(date '2020-01-31', date '2020-05-05', interval '1' month)", "[2020-01-31, 2020-02-29, 2020-03-31, 2020-04-30]", "array(date)"),
	example("sequence(date '2020-05-31', date '2020-01-01', interval '-1' month)", "[2020-05-31, 2020-04-30, 2020-03-31, 2020-02-29, 2020-01-31]", "array(date)"),
	failing("sequence(date '2020-01-05', date '2020-01-01', interval '1' month)", "INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"),
	failing("sequence(date '2020-01-01', date '2920-01-01', interval '1' month)", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	failing("sequence(date '2020-01-01', date '2020-01-05', interval '0' month)", "INVALID_FUNCTION_ARGUMENT: step must not be zero"),
	example("sequence(timestamp '2020-01-01 00:00:00', timestamp '2020-01-01 02:30:00', interval '1' hour)", "[2020-01-01 00:00:00, 2020-01-01 01:00:00, 2020-01-01 02:00:00]", "array(timestamp(0))"),
	example("sequence(timestamp '2020-01-01 00:00:00.123456', timestamp '2020-01-01 02:30:00', interval '90' minute)", "[2020-01-01 00:00:00.123456, 2020-01-01 01:30:00.123456]", "array(timestamp(6))"),
	example("sequence(timestamp '2020-01-31 05:00:00', timestamp '2020-04-30 04:00:00', interval '1' month)", "[2020-01-31 05:00:00, 2020-02-29 05:00:00, 2020-03-31 05:00:00]", "array(timestamp(0))"),
	example("sequence(timestamp '2020-04-30 00:00:00', timestamp '2020-01-31 00:00:00', interval '-1' month)", "[2020-04-30 00:00:00, 2020-03-30 00:00:00, 2020-02-29 00:00:00, 2020-01-30 00:00:00]", "array(timestamp(0))"),
	failing("sequence(timestamp '2020-01-01 00:00:00', timestamp '2020-01-02 00:00:00', interval '1' second)", "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries"),
	example("sequence(timestamp '2020-01-01 00:00:00', date '2020-01-03', interval '1' day)", "[2020-01-01 00:00:00, 2020-01-02 00:00:00, 2020-01-03 00:00:00]", "array(timestamp(0))"),
	failing("sequence('a')", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(1)) for function sequence. Expected: sequence(bigint, bigint), sequence(bigint, bigint, bigint), sequence(date, date), sequence(date, date, interval day to second), sequence(date, date, interval year to month), sequence(timestamp(p), timestamp(p), interval day to second), sequence(timestamp(p), timestamp(p), interval year to month)"),
	failing("sequence(NULL, NULL)", "AMBIGUOUS_FUNCTION_CALL: line 1:8: Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n	 * (bigint,bigint):array(bigint)\n	 * (date,date):array(date)\n"),
}

var cosineSimilarityExamples = []Example{
	example("cosine_similarity(ARRAY[1, 2], ARRAY[3, 4])", "0.9838699100999074", "double"),
	example("cosine_similarity(ARRAY[1e0, NULL], ARRAY[1e0, 2e0])", "NULL", "double"),
	example("cosine_similarity(ARRAY[1e0], ARRAY[1e0] || cast(NULL AS array(double)))", "NULL", "double"),
	failing("cosine_similarity(ARRAY[1e0, 2e0], ARRAY[1e0])", "INVALID_FUNCTION_ARGUMENT: The arguments must have the same length"),
	failing("cosine_similarity(ARRAY[0e0], ARRAY[1e0])", "INVALID_FUNCTION_ARGUMENT: Vector magnitude cannot be zero"),
	example("cosine_similarity(NULL, ARRAY[1e0])", "NULL", "double"),
	example("cosine_similarity(map(ARRAY['a'], ARRAY[1e0]), map(ARRAY['a', 'b'], ARRAY[2e0, 3e0]))", "0.5547001962252291", "double"),
	example("cosine_similarity(map(ARRAY['a'], ARRAY[0e0]), map(ARRAY['a'], ARRAY[2e0]))", "NaN", "double"),
	example("cosine_similarity(map(ARRAY['a'], ARRAY[NULL]), map(ARRAY['a'], ARRAY[2e0]))", "NULL", "double"),
}

var cosineDistanceExamples = []Example{
	example("cosine_distance(ARRAY[1, 2], ARRAY[3, 4])", "0.01613008990009257", "double"),
	failing("cosine_distance(ARRAY[1e0], ARRAY[1e0, 2e0])", "INVALID_FUNCTION_ARGUMENT: The arguments must have the same length"),
	failing("cosine_distance(ARRAY[0e0], ARRAY[1e0])", "INVALID_FUNCTION_ARGUMENT: Vector magnitude cannot be zero"),
	example("cosine_distance(ARRAY[1e0], NULL)", "NULL", "double"),
}

var dotProductExamples = []Example{
	example("dot_product(ARRAY[1, 2], ARRAY[3, 4])", "11.0", "double"),
	example("dot_product(ARRAY[1, NULL], ARRAY[3, 4])", "3.0", "double"),
	example("dot_product(ARRAY[], ARRAY[])", "0.0", "double"),
	failing("dot_product(ARRAY[1, 2], ARRAY[3])", "INVALID_FUNCTION_ARGUMENT: The arguments must have the same length"),
	example("dot_product(NULL, ARRAY[3])", "NULL", "double"),
}

var euclideanDistanceExamples = []Example{
	example("euclidean_distance(ARRAY[1, 2], ARRAY[4, 6])", "5.0", "double"),
	example("euclidean_distance(ARRAY[1, NULL], ARRAY[4, 3])", "4.242640687119285", "double"),
	failing("euclidean_distance(ARRAY[1], ARRAY[3, 4])", "INVALID_FUNCTION_ARGUMENT: The arguments must have the same length"),
	example("euclidean_distance(NULL, ARRAY[3])", "NULL", "double"),
}

var concatExamples = []Example{
	example("concat('a', 'b', 'c')", "abc", "varchar"),
	failing("concat('a', 'b') || NULL", "AMBIGUOUS_FUNCTION_CALL: line 1:25: Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n	 * (varchar,array(varchar)):array(varchar)\n	 * (varchar,varchar):varchar\n"),
	failing("concat('a')", "INVALID_FUNCTION_ARGUMENT: There must be two or more concatenation arguments"),
	example("concat('a', NULL)", "NULL", "array(varchar(1))"),
	example("concat('a', cast(NULL AS varchar))", "NULL", "varchar"),
	example("concat(cast('a' AS char(2)), cast('b' AS char(3)))", "a b  ", "char(5)"),
	example("concat(X'61', X'62')", "61 62", "varbinary"),
	example("ARRAY[1] || ARRAY[2, NULL]", "[1, 2, null]", "array(integer)"),
	example("ARRAY[1] || 2", "[1, 2]", "array(integer)"),
	example("2 || ARRAY[1e0]", "[2.0, 1.0]", "array(double)"),
	example("ARRAY[1] || 2 || 3", "[1, 2, 3]", "array(integer)"),
	example("ARRAY[ARRAY[1]] || ARRAY[2]", "[[1], [2]]", "array(array(integer))"),
	example("concat(ARRAY[1], ARRAY[2], ARRAY[3])", "[1, 2, 3]", "array(integer)"),
	example("concat(ARRAY[1], cast(NULL AS array(integer)))", "NULL", "array(integer)"),
	example("ARRAY[1] || cast(NULL AS integer)", "NULL", "array(integer)"),
	failing("ARRAY[1] || NULL", "AMBIGUOUS_FUNCTION_CALL: line 1:17: Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n	 * (array(integer),integer):array(integer)\n	 * (array(integer),array(array(integer))):array(array(integer))\n	 * (array(integer),array(integer)):array(integer)\n"),
	failing("concat(ARRAY[1])", "INVALID_FUNCTION_ARGUMENT: There must be two or more arguments to concat"),
	failing("concat(1, 2)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, integer) for function concat. Expected: concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)"),
	failing("ARRAY[1] || 'a'", "FUNCTION_NOT_FOUND: line 1:17: Unexpected parameters (array(integer), varchar(1)) for function concat. Expected: concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)"),
	failing("1 || ARRAY[ARRAY[1]]", "FUNCTION_NOT_FOUND: line 1:10: Unexpected parameters (integer, array(array(integer))) for function concat. Expected: concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)"),
}
