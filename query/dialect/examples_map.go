package dialect

// Examples of the functions of maps.

var mapExamples = []Example{
	example("map(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}", "map(varchar(1), integer)"),
	example("map(ARRAY['a', 'b'], ARRAY[1, 2])['b']", "2", "integer"),
	failing("map(ARRAY['a'], ARRAY[1])['z']", "INVALID_FUNCTION_ARGUMENT: Key not present in map: z"),
	example("map()", "{}", "map(unknown, unknown)"),
	example("map(ARRAY[1], NULL)", "NULL", "map(integer, unknown)"),
	failing("map(ARRAY[1, 2], ARRAY['a'])", "INVALID_FUNCTION_ARGUMENT: Key and value arrays must be the same length"),
	failing("map(ARRAY[1, 1], ARRAY['a', 'b'])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (1) are not allowed"),
	failing("map(ARRAY[1, NULL], ARRAY['a', 'b'])", "INVALID_FUNCTION_ARGUMENT: map key cannot be null"),
	failing("map(ARRAY[nan(), nan()], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys "),
	example("map_keys(map(ARRAY[ARRAY[1]], ARRAY[1]))", "[[1]]", "array(array(integer))"),
	failing("map(ARRAY[ARRAY[1], ARRAY[1]], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys ([1]) are not allowed"),
	failing("map(ARRAY[ROW(1, NULL)], ARRAY[1])", "INVALID_FUNCTION_ARGUMENT: map key cannot be indeterminate"),
	example("map(ARRAY[1], ARRAY[ROW(1, 'a')])", "{1={1, a}}", "map(integer, row(integer, varchar(1)))"),
	example("try(map(ARRAY[1, 1], ARRAY['a', 'b']))", "NULL", "map(integer, varchar(1))"),
}

var mapKeysExamples = []Example{
	example("map_keys(map(ARRAY['b', 'a'], ARRAY[1, 2]))", "[b, a]", "array(varchar(1))"),
	example("map_keys(map())", "[]", "array(unknown)"),
	example("map_keys(NULL)", "NULL", "array(unknown)"),
}

var mapValuesExamples = []Example{
	example("map_values(map(ARRAY['b', 'a'], ARRAY[1, NULL]))", "[1, null]", "array(integer)"),
	example("map_values(map())", "[]", "array(unknown)"),
	example("map_values(NULL)", "NULL", "array(unknown)"),
}

var mapEntriesExamples = []Example{
	example("map_entries(map(ARRAY[1, 2], ARRAY['a', NULL]))", "[{1, a}, {2, null}]", "array(row(integer, varchar(1)))"),
	example("map_entries(map())", "[]", "array(row(unknown, unknown))"),
	example("map_entries(NULL)", "NULL", "array(row(unknown, unknown))"),
}

var mapConcatExamples = []Example{
	example("map_concat(map(ARRAY[1, 2], ARRAY['a', 'b']), map(ARRAY[2, 3], ARRAY['x', 'y']))", "{1=a, 2=x, 3=y}", "map(integer, varchar(1))"),
	example("map_keys(map_concat(map(ARRAY[1, 2], ARRAY['a', 'b']), map(ARRAY[3, 2], ARRAY['x', 'y'])))", "[3, 2, 1]", "array(integer)"),
	example("map_concat(map(ARRAY[3, 1], ARRAY[1, 1]), map(ARRAY[2, 3], ARRAY[5, 6]), map(ARRAY[1], ARRAY[9]))", "{1=9, 2=5, 3=6}", "map(integer, integer)"),
	example("map_concat(map(ARRAY[1], ARRAY['a']), NULL)", "NULL", "map(integer, varchar(1))"),
	example("map_concat(map(), map(ARRAY[1], ARRAY['a']))", "{1=a}", "map(integer, varchar(1))"),
	failing("map_concat(map(ARRAY[1], ARRAY['a']))", "INVALID_FUNCTION_ARGUMENT: There must be two or more concatenation arguments to map_concat"),
	failing("map_concat()", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters () for function map_concat. Expected: map_concat(map(K,V)) K, V"),
	failing("map_concat(map(ARRAY[1], ARRAY[1]), map(ARRAY[2], ARRAY['a']))", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (map(integer,integer), map(integer,varchar(1))) for function map_concat. Expected: map_concat(map(K,V)) K, V"),
}

var mapFilterExamples = []Example{
	example("map_filter(map(ARRAY[1, 2], ARRAY['a', NULL]), (k, v) -> v IS NULL)", "{2=null}", "map(integer, varchar(1))"),
	example("map_filter(map(ARRAY[1, 2], ARRAY['a', NULL]), (k, v) -> v = 'a')", "{1=a}", "map(integer, varchar(1))"),
	example("map_filter(map(ARRAY[10, 20, 30], ARRAY['a', 'b', 'c']), (k, v) -> k > 10 AND v <> 'b')", "{30=c}", "map(integer, varchar(1))"),
	example("map_filter(NULL, (k, v) -> true)", "NULL", "map(unknown, unknown)"),
	example("map_filter(map(), (k, v) -> true)", "{}", "map(unknown, unknown)"),
	example("map_filter(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> contains(ARRAY['b'], k))", "{b=2}", "map(varchar(1), integer)"),
	failing("map_filter(map(ARRAY[1], ARRAY[2]), k -> true)", "INVALID_PARAMETER_USAGE: line 1:44: Expected a lambda that takes 2 argument(s) but got 1"),
}

var transformKeysExamples = []Example{
	example("transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> k + 1)", "{2=a, 3=b}", "map(integer, varchar(1))"),
	example("transform_keys(map(ARRAY['x'], ARRAY[1]), (k, v) -> k || cast(v AS varchar))", "{x1=1}", "map(varchar, integer)"),
	failing("transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> 1)", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (1) are not allowed"),
	failing("transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> cast(NULL AS integer))", "INVALID_FUNCTION_ARGUMENT: map key cannot be null"),
	failing("transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> ARRAY[1])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys ([1]) are not allowed"),
	example("transform_keys(map(), (k, v) -> 1)", "{}", "map(integer, unknown)"),
	example("transform_keys(NULL, (k, v) -> 1)", "NULL", "map(integer, unknown)"),
}

var transformValuesExamples = []Example{
	example("transform_values(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> v || cast(k AS varchar))", "{1=a1, 2=b2}", "map(integer, varchar)"),
	example("transform_values(map(ARRAY[1], ARRAY['a']), (k, v) -> NULL)", "{1=null}", "map(integer, unknown)"),
	example("transform_values(map(), (k, v) -> 1)", "{}", "map(unknown, integer)"),
	example("transform_values(NULL, (k, v) -> 1)", "NULL", "map(unknown, integer)"),
	example("transform_values(map(ARRAY['a', 'b'], ARRAY[ARRAY[1, 2], ARRAY[]]), (k, v) -> cardinality(v))", "{a=2, b=0}", "map(varchar(1), bigint)"),
	example("transform_values(map(ARRAY['a'], ARRAY[1]), (k, v) -> transform(ARRAY[v], x -> x + length(k)))", "{a=[2]}", "map(varchar(1), array(bigint))"),
}

var mapZipWithExamples = []Example{
	example("map_zip_with(map(ARRAY[1, 2], ARRAY['a', 'b']), map(ARRAY[2, 3], ARRAY['x', 'y']), (k, a, b) -> coalesce(a, '-') || coalesce(b, '-'))", "{1=a-, 2=bx, 3=-y}", "map(integer, varchar)"),
	example("map_keys(map_zip_with(map(ARRAY[1, 2], ARRAY['a', 'b']), map(ARRAY[3, 2], ARRAY['x', 'y']), (k, a, b) -> 1))", "[1, 2, 3]", "array(integer)"),
	example("map_zip_with(NULL, map(ARRAY[1], ARRAY[1]), (k, a, b) -> 1)", "NULL", "map(integer, integer)"),
	example("map_zip_with(map(ARRAY['a'], ARRAY[1]), map(ARRAY['a'], ARRAY[2]), (k, a, b) -> k || cast(a + b AS varchar))", "{a=a3}", "map(varchar(1), varchar)"),
	example("map_zip_with(map(), map(), (k, a, b) -> 1)", "{}", "map(unknown, integer)"),
}

var mapFromEntriesExamples = []Example{
	example("map_from_entries(ARRAY[(1, 'a'), (2, NULL)])", "{1=a, 2=null}", "map(integer, varchar(1))"),
	failing("map_from_entries(ARRAY[(1, 'a'), (1, NULL)])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (1) are not allowed"),
	failing("map_from_entries(ARRAY[(1, 'a'), NULL])", "INVALID_FUNCTION_ARGUMENT: map entry cannot be null"),
	failing("map_from_entries(ARRAY[(NULL, 'a')])", "INVALID_FUNCTION_ARGUMENT: map key cannot be null"),
	example("map_from_entries(ARRAY[])", "{}", "map(unknown, unknown)"),
	example("map_from_entries(NULL)", "NULL", "map(unknown, unknown)"),
	failing("map_from_entries(ARRAY[(nan(), 1), (nan(), 2)])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys "),
	example("map_from_entries(map_entries(map(ARRAY['a'], ARRAY[1])))", "{a=1}", "map(varchar(1), integer)"),
	example("map_from_entries(zip(ARRAY['a', 'b'], ARRAY[1, 2]))", "{a=1, b=2}", "map(varchar(1), integer)"),
}

var multimapFromEntriesExamples = []Example{
	example("multimap_from_entries(ARRAY[(1, 'a'), (2, 'b'), (1, NULL)])", "{1=[a, null], 2=[b]}", "map(integer, array(varchar(1)))"),
	failing("multimap_from_entries(ARRAY[(1, 'a'), NULL])", "INVALID_FUNCTION_ARGUMENT: map entry cannot be null"),
	failing("multimap_from_entries(ARRAY[(NULL, 'a')])", "INVALID_FUNCTION_ARGUMENT: map key cannot be null"),
	example("multimap_from_entries(ARRAY[])", "{}", "map(unknown, array(unknown))"),
	example("multimap_from_entries(NULL)", "NULL", "map(unknown, array(unknown))"),
	example("multimap_from_entries(ARRAY[(nan(), 1), (nan(), 2)])", "{NaN=[1, 2]}", "map(double, array(integer))"),
}

var splitToMapExamples = []Example{
	example("split_to_map('a=1;b=2', ';', '=')", "{a=1, b=2}", "map(varchar, varchar)"),
	example("split_to_map('a=>1&&b=>2', '&&', '=>')", "{a=1, b=2}", "map(varchar, varchar)"),
	example("split_to_map('', ';', '=')", "{}", "map(varchar, varchar)"),
	example("split_to_map('a=1;', ';', '=')", "{a=1}", "map(varchar, varchar)"),
	example("split_to_map('=;b=', ';', '=')", "{=, b=}", "map(varchar, varchar)"),
	failing("split_to_map('a=1;a=2', ';', '=')", "INVALID_FUNCTION_ARGUMENT: Duplicate keys (a) are not allowed"),
	failing("split_to_map('a=1;b', ';', '=')", "INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: 'b'"),
	failing("split_to_map(';a=1', ';', '=')", "INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: ''"),
	failing("split_to_map('a=1=2', ';', '=')", "INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: 'a=1=2'"),
	failing("split_to_map('a=1', '', '=')", "INVALID_FUNCTION_ARGUMENT: entryDelimiter is empty"),
	failing("split_to_map('a=1', ';', '')", "INVALID_FUNCTION_ARGUMENT: keyValueDelimiter is empty"),
	failing("split_to_map('a=1', '=', '=')", "INVALID_FUNCTION_ARGUMENT: entryDelimiter and keyValueDelimiter must not be the same"),
	example("split_to_map(NULL, ';', '=')", "NULL", "map(varchar, varchar)"),
	example("map_keys(split_to_map('z=1;b=2', ';', '='))", "[z, b]", "array(varchar)"),
}

var splitToMultimapExamples = []Example{
	example("split_to_multimap('a=1;b=2;a=3', ';', '=')", "{a=[1, 3], b=[2]}", "map(varchar, array(varchar))"),
	example("split_to_multimap('', ';', '=')", "{}", "map(varchar, array(varchar))"),
	example("split_to_multimap('a=1;', ';', '=')", "{a=[1]}", "map(varchar, array(varchar))"),
	failing("split_to_multimap('a', ';', '=')", "INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: a"),
	failing("split_to_multimap('a=1', '=', '=')", "INVALID_FUNCTION_ARGUMENT: entryDelimiter and keyValueDelimiter must not be the same"),
	failing("split_to_multimap('a=1', '', '=')", "INVALID_FUNCTION_ARGUMENT: entryDelimiter is empty"),
	failing("split_to_multimap('a=1', ';', '')", "INVALID_FUNCTION_ARGUMENT: keyValueDelimiter is empty"),
	example("split_to_multimap(NULL, ';', '=')", "NULL", "map(varchar, array(varchar))"),
	example("map_keys(split_to_multimap('z=1;b=2;z=4', ';', '='))", "[z, b]", "array(varchar)"),
}
