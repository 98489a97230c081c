package dialect

// An ordinary URL is read by one regular expression of DuckDB; java.net.URI's own rules, in Go, are asked for all others.
const (
	urlLabel    = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	urlHost     = `(?:` + urlLabel + `\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	urlPlain    = `[A-Za-z0-9_.!~'()*:@&=+$,;/-]`
	urlOrdinary = `^(?:([A-Za-z][A-Za-z0-9+.-]*)://(` + urlHost + `)(?::[0-9]{1,9})?)?(/(?:[A-Za-z0-9_.!~'()*:@&=+$,;-]` + urlPlain + `*)?)?(?:[?]([A-Za-z0-9_.!~'()*:@&=+$,;/?-]*))?(?:#[A-Za-z0-9_-]*)?\z`
)

func urlFunctions() []Function {
	const url = "'https://me@example.com:8443/a%20b/c?x=1&y=2%263#top'"
	ordinary := func(name, group string, examples ...Example) Function {
		pattern := quoteText(templateText(urlOrdinary))
		f := calling(name, "varchar(x) -> varchar(x)", examples...)
		f.Overloads[0].SQL = "coalesce(nullif(regexp_extract($1, " + pattern + ", " + group + "), ''), loglake_" + name + "($1))"
		return f
	}
	return []Function{
		ordinary("url_extract_protocol", "1", example("url_extract_protocol("+url+")", "https", "varchar(51)"), example("url_extract_protocol('http://a/b')", "http", "varchar(10)"), example("url_extract_protocol('/a')", "", "varchar(2)"),
			example("url_extract_protocol('1http://h')", "NULL", "varchar(9)"), example("url_extract_protocol('http:')", "NULL", "varchar(5)"), example("url_extract_protocol(NULL)", "NULL", "varchar(0)")),
		ordinary("url_extract_host", "2", example("url_extract_host("+url+")", "example.com", "varchar(51)"), example("url_extract_host('/a/b')", "", "varchar(4)"), example("url_extract_host('http://a_b.com/')", "", "varchar(15)"),
			example("url_extract_host('http://1.2.3.4/')", "1.2.3.4", "varchar(15)"), example("url_extract_host('http://1.2.3/')", "", "varchar(13)"), example("url_extract_host('http://[::1]:80/')", "[::1]", "varchar(16)"), example("url_extract_host('http://[::g]/')", "NULL", "varchar(13)"),
			example("url_extract_host('http://u:p@h:80/')", "h", "varchar(16)"), example("url_extract_host('http://exa mple.com/')", "NULL", "varchar(20)"), example("url_extract_host(NULL)", "NULL", "varchar(0)")),
		calling("url_extract_port", "varchar(x) -> bigint", example("url_extract_port("+url+")", "8443", "bigint"), example("url_extract_port('http://a/')", "NULL", "bigint"), example("url_extract_port('http://h:')", "NULL", "bigint"),
			example("url_extract_port('http://a_b.com:80/x')", "NULL", "bigint"), example("url_extract_port(NULL)", "NULL", "bigint")),
		ordinary("url_extract_path", "3", example("url_extract_path("+url+")", "/a b/c", "varchar(51)"), example("url_extract_path('/api/users?x=1')", "/api/users", "varchar(14)"), example("url_extract_path('a b')", "NULL", "varchar(3)"),
			example("url_extract_path('http://h')", "", "varchar(8)"), example("url_extract_path('//h/p')", "/p", "varchar(5)"), example("url_extract_path('mailto:a@b.c')", "", "varchar(12)"), example("url_extract_path('http://h/a%C3')", "/a\uFFFD", "varchar(13)"),
			example("url_extract_path('http://h/a%2')", "NULL", "varchar(12)"), example("url_extract_path('http://h/é')", "/é", "varchar(10)"), example("url_extract_path(NULL)", "NULL", "varchar(0)")),
		ordinary("url_extract_query", "4", example("url_extract_query("+url+")", "x=1&y=2&3", "varchar(51)"), example("url_extract_query('http://h/?a=1')", "a=1", "varchar(13)"), example("url_extract_query('/a')", "", "varchar(2)"),
			example("url_extract_query('http://h?a b')", "NULL", "varchar(12)"), example("url_extract_query(NULL)", "NULL", "varchar(0)")),
		calling("url_extract_fragment", "varchar(x) -> varchar(x)", example("url_extract_fragment("+url+")", "top", "varchar(51)"), example("url_extract_fragment('/a')", "", "varchar(2)"), example("url_extract_fragment('http://h#a#b')", "NULL", "varchar(12)"),
			example("url_extract_fragment(NULL)", "NULL", "varchar(0)")),
		calling("url_extract_parameter", "varchar(x), varchar(y) -> varchar(x)", example("url_extract_parameter("+url+", 'y')", "2&3", "varchar(51)"), example("url_extract_parameter("+url+", 'z')", "NULL", "varchar(51)"),
			example("url_extract_parameter('http://h?a', 'a')", "", "varchar(10)"), example("url_extract_parameter('http://h?a=x%20y+z', 'a')", "x y z", "varchar(18)"), example("url_extract_parameter('http://h?a=1&a=2', 'a')", "1", "varchar(16)"),
			example("url_extract_parameter(NULL, 'a')", "NULL", "varchar(0)")),
		{Name: "url_encode", Overloads: []Overload{{Signature: "varchar(x) -> varchar", SQL: "loglake_url_encode($1)", rewrite: func(c *rewriting) error {
			if t := c.args[0].typ(); t.Precision < VarcharMax/12 {
				c.result.Precision = 12 * t.Precision
			}
			return nil
		}}}, Examples: []Example{example("url_encode('a b&c*~é')", "a+b%26c*%7E%C3%A9", "varchar(96)"), example("url_encode('')", "", "varchar(0)"), example("url_encode(NULL)", "NULL", "varchar(0)")}},
		calling("url_decode", "varchar(x) -> varchar(x)", example("url_decode('a+b%26c')", "a b&c", "varchar(7)"), example("url_decode('a%C3')", "a\uFFFD", "varchar(4)"), example("url_decode(NULL)", "NULL", "varchar(0)"),
			failing("url_decode('%zz')", CodeFunctionArgument), failing("url_decode('%2')", CodeFunctionArgument)),
	}
}
