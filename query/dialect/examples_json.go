package dialect

var jsonScalarExamples = []Example{
	example(`json_extract_scalar('{"a": {"b": [1, "x"]}}', '$.a.b[1]')`, "x", "varchar(22)"), example(`json_extract_scalar('{"a": {"b": [1, "x"]}}', '$.a.b')`, "NULL", "varchar(22)"),
	example(`json_extract_scalar('{"a b": 7}', '$["a b"]')`, "7", "varchar(10)"), example(`json_extract_scalar('{"a": 1.50}', '$.a')`, "1.50", "varchar(11)"), example(`json_extract_scalar('{"a": 1E+03}', '$.a')`, "1E+03", "varchar(12)"),
	example(`json_extract_scalar('{"a": 12345678901234567890123}', '$.a')`, "12345678901234567890123", "varchar(30)"), example(`json_extract_scalar('{"a": -0}', '$.a')`, "-0", "varchar(9)"),
	example(`json_extract_scalar('{"a": 0, "b": "-0"}', '$.a')`, "0", "varchar(19)"), example(`json_extract_scalar('{"a": null}', '$.a')`, "NULL", "varchar(11)"), example(`json_extract_scalar('{"a": true}', '$.a')`, "true", "varchar(11)"),
	example(`json_extract_scalar('{"a": "\u00e9\n\"q\""}', '$.a') = U&'\00e9\000a"q"'`, "true", "boolean"), example(`json_extract_scalar('{"a": "\ud83d\ude00 \ud83d x"}', '$.a')`, "😀 ? x", "varchar(30)"),
	example(`json_extract_scalar('{"a": 1, "a": 2}', '$.a')`, "1", "varchar(16)"), example(`json_extract_scalar('{"a": {"b":1}, "a": {"c":2}}', '$.a.c')`, "NULL", "varchar(28)"),
	example(`json_extract_scalar('{"a": 1', '$.a')`, "1", "varchar(7)"), example(`json_extract_scalar('{"a": 1, "b": x}', '$.a')`, "1", "varchar(16)"), example(`json_extract_scalar('{"b": x, "a": 1}', '$.a')`, "NULL", "varchar(16)"),
	example(`json_extract_scalar('{"b": [1,], "a":2}', '$.a')`, "NULL", "varchar(18)"), example(`json_extract_scalar('{"b": NaN, "a":2}', '$.a')`, "NULL", "varchar(17)"), example(`json_extract_scalar('{"b": -Infinity, "a":2}', '$.a')`, "NULL", "varchar(23)"),
	example(`json_extract_scalar('{"b":"\ud800","a":1}', '$.a')`, "1", "varchar(20)"), example(`json_extract_scalar('{"b":"\x","a":1}', '$.a')`, "NULL", "varchar(16)"), example(`json_extract_scalar('no json', '$.a')`, "NULL", "varchar(7)"),
	example(`json_extract_scalar('', '$.a')`, "NULL", "varchar(0)"), example(`json_extract_scalar('[1,2]', '$[0]')`, "1", "varchar(5)"), example(`json_extract_scalar('[1,2]', '$[2]')`, "NULL", "varchar(5)"), example(`json_extract_scalar('[1,2]', '$.00')`, "1", "varchar(5)"),
	example(`json_extract_scalar('{"0":5}', '$[0]')`, "5", "varchar(7)"), example(`json_extract_scalar('"x"', '$')`, "x", "varchar(3)"), example(`json_extract_scalar('12x', '$')`, "NULL", "varchar(3)"), example(`json_extract_scalar('{"a]b": 7}', '$["a]b"]')`, "7", "varchar(10)"),
	example(`json_extract_scalar('{"a\"b": 7}', '$["a\"b"]')`, "7", "varchar(11)"), example(`json_extract_scalar('{"": 7}', '$[""]')`, "7", "varchar(7)"), example(`json_extract_scalar('{"*": 7, "b": 8}', '$["*"]')`, "7", "varchar(16)"),
	example(`json_extract_scalar('{"a": 7}', '$[a]')`, "7", "varchar(8)"), example(`json_extract_scalar('{"a:b": 7}', '$.a:b')`, "7", "varchar(10)"), example(`json_extract_scalar('{"é": 7}', '$.é')`, "7", "varchar(8)"), example(`json_extract_scalar('{"A": 7}', '$.a')`, "NULL", "varchar(8)"),
	example(`json_extract_scalar('{"a": 7}', p) FROM (VALUES '$.a') AS t (p)`, "7", "varchar(8)"), failing(`json_extract_scalar('{"a": 7}', p) FROM (VALUES '$.[[') AS t (p)`, CodeFunctionArgument),
	example(`json_extract_scalar(json_parse('{"a": 7.50}'), '$.a')`, "7.5", "varchar"), example(`json_extract_scalar('{"a": 7}', cast(NULL AS varchar))`, "NULL", "varchar(8)"), example(`json_extract_scalar(cast(NULL AS varchar), '$.a')`, "NULL", "varchar"),
	failing(`json_extract_scalar('{}', 'a')`, CodeFunctionArgument), failing(`json_extract_scalar('{}', '$.a-b')`, CodeFunctionArgument), failing(`json_extract_scalar('{}', '$[-1]')`, CodeFunctionArgument), failing(`json_extract_scalar('{}', '$..a')`, CodeFunctionArgument),
	failing(`json_extract_scalar('{}', '$[*]')`, CodeFunctionArgument), failing(`json_extract_scalar('{}', '$[''a'']')`, CodeFunctionArgument), failing(`json_extract_scalar('{}', '$.')`, CodeFunctionArgument),
}

var jsonExtractExamples = []Example{
	example(`json_extract('{"a": [1, 2.50], "b": {"d": 1, "c": "x y"}}', '$')`, `{"a":[1,2.5],"b":{"d":1,"c":"x y"}}`, "json"), example(`json_extract('{"a": [1, 2]}', '$.a')`, "[1,2]", "json"), example(`json_extract('{"a": 1}', '$.b')`, "NULL", "json"),
	example(`json_extract('{"a": null}', '$.a')`, "null", "json"), example(`json_extract('{"a": 1e3}', '$.a')`, "1000.0", "json"), example(`json_extract('{"a": "\u00e9"}', '$.a')`, `"é"`, "json"), example(`json_extract('{"a":"😀 \ud83d"}', '$.a')`, `"\uD83D\uDE00 \uD83D"`, "json"),
	example(`json_extract('{"b":1,"a":3.0e0,"c":12345678901234567890123,"d":0.00001,"e":123456789012.5,"f":-0,"g":-0.0,"h":1e400}', '$')`, `{"b":1,"a":3.0,"c":12345678901234567890123,"d":1.0E-5,"e":1.234567890125E11,"f":0,"g":-0.0,"h":"Infinity"}`, "json"),
	example(`json_extract('{"a": {"x":1,"x":2}}', '$.a')`, `{"x":1,"x":2}`, "json"), example(`json_extract('{"a": [1, 2', '$.a')`, "NULL", "json"), example(`json_extract('{"a": [1, 2]', '$.a')`, "[1,2]", "json"), example(`json_extract('no', '$.a')`, "NULL", "json"),
	example(`json_extract(cast(NULL AS varchar), '$.a')`, "NULL", "json"), failing(`json_extract('{}', '$.a.*')`, CodeFunctionArgument), failing(`json_extract('{}', '$.a[?(@.b > 1)]')`, CodeFunctionArgument), failing(`json_extract('{}', '$.a.length()')`, CodeFunctionArgument),
}

var jsonSizeExamples = []Example{
	example(`json_size('{"x": {"a": 1, "b": 2}}', '$.x')`, "2", "bigint"), example(`json_size('{"x": [1,2,3]}', '$.x')`, "3", "bigint"), example(`json_size('{"x": 1}', '$.x')`, "0", "bigint"), example(`json_size('{"x": null}', '$.x')`, "0", "bigint"),
	example(`json_size('{"x": 1}', '$.y')`, "NULL", "bigint"), example(`json_size('{"x": {"a":1,"a":2}}', '$.x')`, "2", "bigint"), example(`json_size('{"x": [1,2,3', '$.x')`, "NULL", "bigint"), example(`json_size('{"x": [1,2]', '$.x')`, "2", "bigint"),
	example(`json_size(json_parse('{"x": {"a":1}}'), '$')`, "1", "bigint"), example(`json_size(cast(NULL AS varchar), '$.x')`, "NULL", "bigint"), failing(`json_size('{}', '$..x')`, CodeFunctionArgument),
}

var jsonParseExamples = []Example{
	example(`json_parse('{"b" : 1, "a" :2}')`, `{"a":2,"b":1}`, "json"), example(`json_parse('[1.50, 1e3, 1.0, -0, -0.0, 12345678901234567890, 1.12345678901234567890123]')`, "[1.5,1000.0,1.0,0,-0.0,12345678901234567890,1.1234567890123457]", "json"),
	example(`json_parse('{"a":1,"a":2}')`, `{"a":2}`, "json"), example(`json_parse('{"é":"\u00e9\u20ac\ud83d\ude00"}')`, `{"é":"é€\uD83D\uDE00"}`, "json"), example(`json_parse('"\/ \" \\ \b\f\n\r\t \u0001"')`, `"/ \" \\ \b\f\n\r\t \u0001"`, "json"),
	example(`json_parse('{"B":1,"a":2,"":3,"10":1,"9":2,"é":3,"Z":4,"ab":5}')`, `{"":3,"10":1,"9":2,"B":1,"Z":4,"a":2,"ab":5,"é":3}`, "json"), example(`json_parse('{"aa":1,"aｚ":3,"a😀":2}')`, `{"aa":1,"a\uD83D\uDE00":2,"aｚ":3}`, "json"),
	example(`json_parse('{"a":{"d":1,"c":[{"z":1,"y":2}]}}')`, `{"a":{"c":[{"y":2,"z":1}],"d":1}}`, "json"), example(`json_parse('10000000.0')`, "1.0E7", "json"), example(`json_parse('0.0001')`, "1.0E-4", "json"), example(`json_parse('1e400')`, `"Infinity"`, "json"),
	example(`json_parse('4.9e-324')`, "4.9E-324", "json"), example(`json_parse('1e23')`, "1.0E23", "json"), example(`json_parse(' null ')`, "null", "json"), example(`json_parse(cast(NULL AS varchar))`, "NULL", "json"), example(`try(json_parse('{'))`, "NULL", "json"),
	failing(`json_parse('{')`, CodeFunctionArgument), failing(`json_parse('')`, CodeFunctionArgument), failing(`json_parse('NaN')`, CodeFunctionArgument), failing(`json_parse('01')`, CodeFunctionArgument), failing(`json_parse('[1,]')`, CodeFunctionArgument),
	failing(`json_parse('{} x')`, CodeFunctionArgument), failing(`json_parse('{a:1}')`, CodeFunctionArgument), failing(`json_parse('"\x"')`, CodeFunctionArgument),
}

var jsonContainsExamples = []Example{
	example(`json_array_contains('[1, 2, 3]', 2)`, "true", "boolean"), example(`json_array_contains('[1.0, 2, 3]', 1)`, "false", "boolean"), example(`json_array_contains('[1, 2, 3]', 1.0)`, "false", "boolean"), example(`json_array_contains('[1e0, 2]', 1.0)`, "true", "boolean"),
	example(`json_array_contains('["1", 2, 3]', 1)`, "false", "boolean"), example(`json_array_contains('["a\u00e9"]', 'aé')`, "true", "boolean"), example(`json_array_contains('[true]', true)`, "true", "boolean"), example(`json_array_contains('[[2], {"a":2}, 1]', 2)`, "false", "boolean"),
	example(`json_array_contains('{"a":2}', 2)`, "NULL", "boolean"), example(`json_array_contains('[2, x', 2)`, "true", "boolean"), example(`json_array_contains('[1, x', 2)`, "NULL", "boolean"), example(`json_array_contains('[99999999999999999999999, 2]', 2)`, "true", "boolean"),
	example(`json_array_contains('[1e400]', infinity())`, "false", "boolean"), example(`json_array_contains(json_parse('[1,2]'), 2)`, "true", "boolean"), example(`json_array_contains('[null]', cast(NULL AS bigint))`, "NULL", "boolean"),
}
