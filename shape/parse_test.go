package shape_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/shape"
)

func parser(t testing.TB, f shape.Format, expression string) *shape.Parser {
	t.Helper()
	p, err := shape.NewParser(f, expression)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	expression := `^(?P<level>[A-Z]+) \[(?P<took>[0-9.]+)ms\](?: (?P<message>.*))?$`
	f := func(format shape.Format, line, want string) {
		t.Helper()
		with := ""
		if format == shape.Regex {
			with = expression
		}
		got, ok := parser(t, format, with).Parse([]byte("before "), []byte(line))
		if string(got) != "before "+want || ok == strings.HasPrefix(want, `{"message":`) {
			t.Errorf("%s %q\n gives %s, %v\n  want %s", format, line, got[7:], ok, want)
		}
	}
	f(shape.JSON, `{"a":1}`, `{"a":1}`)
	f(shape.JSON, ` {"a" : [1, {"b":null}], "a":"\u00e9\/"}`+"\t", `{"a" : [1, {"b":null}], "a":"\u00e9\/"}`)
	f(shape.JSON, `{}`, `{}`)
	f(shape.JSON, `{"a":1e-5,"b":-0.0,"c":true}`, `{"a":1e-5,"b":-0.0,"c":true}`)
	f(shape.JSON, `[1]`, `{"message":"[1]"}`)
	f(shape.JSON, `{"a":1,}`, `{"message":"{\"a\":1,}"}`)
	f(shape.JSON, `{,}`, `{"message":"{,}"}`)
	f(shape.JSON, `{"a":01}`, `{"message":"{\"a\":01}"}`)
	f(shape.JSON, `{"a":1}{"a":2}`, `{"message":"{\"a\":1}{\"a\":2}"}`)
	f(shape.JSON, ``, `{"message":""}`)
	f(shape.JSON, "a\x00\x1b[31m\tb\xff\r", `{"message":"a\u0000\u001b[31m\tb`+"\uFFFD"+`\r"}`)
	f(shape.JSON, `{"a":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)+`}`,
		`{"message":"{\"a\":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)+`}"}`)

	f(shape.Logfmt, `level=info n=7 big=1e3 neg=-1.5 id=007 ok=true no=null empty= msg="hello \"there\"\n" at=12ms`,
		`{"level":"info","n":7,"big":1e3,"neg":-1.5,"id":"007","ok":true,"no":"null","empty":"","msg":"hello \"there\"\n","at":"12ms"}`)
	f(shape.Logfmt, "  a=b\tc=d=e  ", `{"a":"b","c":"d=e"}`)
	f(shape.Logfmt, `path="C:\dir"`, `{"path":"C:\\dir"}`)
	f(shape.Logfmt, `connection to host=db refused`, `{"message":"connection to host=db refused"}`)
	f(shape.Logfmt, `a="b`, `{"message":"a=\"b"}`)
	f(shape.Logfmt, `a="b"c`, `{"message":"a=\"b\"c"}`)
	f(shape.Logfmt, `a=b"c`, `{"message":"a=b\"c"}`)
	f(shape.Logfmt, `=b`, `{"message":"=b"}`)
	f(shape.Logfmt, ` `, `{"message":" "}`)

	const head = `192.0.2.7 - - [17/May/2015:10:05:03 +0200] `
	const fields = `{"timestamp":"2015-05-17T08:05:03Z","remote_addr":"192.0.2.7"`
	f(shape.Combined, head+`"GET /a/b?c=d&e HTTP/1.1" 200 2326 "http://r.example/?q=\"x\"" "Mozilla/5.0 (X; \\y)"`, fields+
		`,"method":"GET","path":"/a/b","query":"c=d&e","protocol":"HTTP/1.1","status_code":200,"bytes":2326,"referer":"http://r.example/?q=\"x\"","user_agent":"Mozilla/5.0 (X; \\y)"}`)
	f(shape.Combined, `::1 id frank smith [31/Dec/2015:23:59:59 -0100] "-" 408 - "-" "-"`,
		`{"timestamp":"2016-01-01T00:59:59Z","remote_addr":"::1","ident":"id","user":"frank smith","status_code":408}`)
	f(shape.Combined, head+`"\x16\x03\x01" 400 0 "-" "-" "10.0.0.1" 0.003`, fields+
		`,"request":"\\x16\\x03\\x01","status_code":400,"bytes":0,"extra":"\"10.0.0.1\" 0.003"}`)
	f(shape.Combined, head+`"GET /a b HTTP/1.1" 200 007 "-" "`+"\xe9\x01"+`"`, fields+
		`,"request":"GET /a b HTTP/1.1","status_code":200,"bytes":7,"user_agent":"`+"\uFFFD"+`\u0001"}`)
	f(shape.Common, head+`"HEAD / HTTP/1.0" 304 -`, fields+`,"method":"HEAD","path":"/","protocol":"HTTP/1.0","status_code":304}`)
	f(shape.Common, head+`"GET /" 200 5`, fields+`,"request":"GET /","status_code":200,"bytes":5}`)
	f(shape.Combined, head+`"HEAD / HTTP/1.0" 304 -`, `{"message":"192.0.2.7 - - [17/May/2015:10:05:03 +0200] \"HEAD / HTTP/1.0\" 304 -"}`)
	f(shape.Common, `www:80 192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.0" 200 1`,
		`{"message":"www:80 192.0.2.7 - - [17/May/2015:10:05:03 +0200] \"GET / HTTP/1.0\" 200 1"}`)
	f(shape.Common, `192.0.2.7 - - [31/Feb/2015:10:05:03 +0200] "GET / HTTP/1.0" 200 1`,
		`{"message":"192.0.2.7 - - [31/Feb/2015:10:05:03 +0200] \"GET / HTTP/1.0\" 200 1"}`)
	f(shape.Common, ``, `{"message":""}`)

	f(shape.Regex, `WARN [12.5ms] slow "query"`, `{"level":"WARN","took":12.5,"message":"slow \"query\""}`)
	f(shape.Regex, `WARN [1.2.3ms]`, `{"level":"WARN","took":"1.2.3"}`)
	f(shape.Regex, `warn`, `{"message":"warn"}`)
}

func TestNewParserRefuses(t *testing.T) {
	f := func(format shape.Format, expression, want string) {
		t.Helper()
		_, err := shape.NewParser(format, expression)
		if loglake.CodeOf(err) != loglake.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("NewParser(%q, %q): %v, want %q in it", format, expression, err, want)
		}
	}
	f("xml", "", "json, logfmt, common, combined, regex")
	f("", "", `"" is not a format`)
	f(shape.JSON, ".*", "without an expression")
	f(shape.Regex, "", "there is none")
	f(shape.Regex, "(", "missing closing")
	f(shape.Regex, "(.*)", "no named group")
	f(shape.Regex, "(?P<a>.)(?P<a>.)", "two groups named a")
}

// Whatever the bytes are, what comes out is one JSON object in UTF-8, and a line that did not parse is in it whole.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":["\u00e9",-1.5e3,{"c":null}]}`))
	f.Add([]byte(`a=b c="d\"e" f=1`))
	f.Add([]byte(`192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /a?b HTTP/1.1" 200 2326 "r\"" "a\\"`))
	f.Add([]byte("ERROR at line\xff\x00"))
	f.Add([]byte(`{"a":1,}`))
	var parsers []*shape.Parser
	for _, format := range shape.Formats() {
		expression := ""
		if format == shape.Regex {
			expression = `(?P<a>\S*) (?P<b>.*)`
		}
		parsers = append(parsers, parser(f, format, expression))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		given := bytes.Clone(line)
		for i, p := range parsers {
			format := shape.Formats()[i]
			out, ok := p.Parse(nil, line)
			var object map[string]any
			if err := json.Unmarshal(out, &object); err != nil || object == nil {
				t.Fatalf("%s %q gives %q: %v", format, line, out, err)
			}
			if format == shape.JSON {
				trimmed := bytes.TrimSpace(line)
				if ok != (json.Valid(trimmed) && len(trimmed) > 0 && trimmed[0] == '{') || ok && !bytes.Equal(out, trimmed) {
					t.Fatalf("json %q gives %q, %v", line, out, ok)
				}
			} else if !utf8.Valid(out) {
				t.Fatalf("%s %q gives %q, which is not UTF-8", format, line, out)
			}
			if !ok && utf8.Valid(line) && object["message"] != string(line) {
				t.Fatalf("%s %q gives %q", format, line, out)
			}
		}
		if !bytes.Equal(line, given) {
			t.Fatalf("the line has changed from %q to %q", given, line)
		}
	})
}

func TestMembers(t *testing.T) {
	f := func(object string, want ...string) {
		t.Helper()
		var got []string
		for name, value := range shape.Members([]byte(object)) {
			got = append(got, string(name)+"="+string(value))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", object, diff)
		}
	}
	f(` {"a":1, "\u0062\n" : {"c":[]}, "a":"x\n" } `, "a=1", "b\n={\"c\":[]}", `a="x\n"`)
	f(`{}`)
	f(`{"a":1`)
	f(`[1]`)
	for name := range shape.Members([]byte(`{"a":1,"b":2}`)) {
		if string(name) == "b" {
			t.Error("it goes on when told to stop")
		}
		break
	}
}
