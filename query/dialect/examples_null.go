package dialect

// nullExamples show that a NULL argument gives NULL where the others would make the function fail.
var nullExamples = []Example{
	nulled("element_at(a, b)", "CAST(NULL AS array(integer)), 0", "integer"), nulled("a[b]", "CAST(NULL AS array(integer)), 0", "integer"), nulled("a[b]", "CAST(NULL AS map(integer, integer)), 1", "integer"),
	nulled("trim_array(a, b)", "CAST(NULL AS array(integer)), -1", "array(integer)"), nulled("ngrams(a, b)", "CAST(NULL AS array(integer)), 0", "array(array(integer))"),
	nulled("slice(a, b, 1)", "CAST(NULL AS array(integer)), 0", "array(integer)"), nulled("combinations(a, b)", "CAST(NULL AS array(integer)), 7", "array(array(integer))"),
	nulled("split_part(a, ',', b)", "CAST(NULL AS varchar), 0", "varchar"), nulled("split(a, b)", "CAST(NULL AS varchar), ''", "array(varchar)"), nulled("lpad(a, b, 'x')", "CAST(NULL AS varchar), -1", "varchar"),
	nulled("rgb(a, b, 1)", "-1, CAST(NULL AS integer)", "color"), nulled("sequence(1, a, b)", "CAST(NULL AS bigint), 0", "array(bigint)"), nulled("mod(a, b)", "CAST(NULL AS decimal(5,2)), DECIMAL '0'", "decimal(3,2)"),
	nulled("a / b", "CAST(NULL AS interval day to second), 0e0", "interval day to second"), nulled("a + b", "CAST(NULL AS date), INTERVAL '1' HOUR", "date"),
	{SQL: "SELECT sum(x) / count(x) FROM (VALUES CAST(NULL AS integer)) AS t (x)", Want: "NULL", Type: "bigint"},
}

func nulled(call, row, kind string) Example {
	return Example{SQL: "SELECT " + call + " FROM (VALUES (" + row + ")) AS t (a, b)", Want: "NULL", Type: kind}
}
