package pattern_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pattern"
)

// The messages that the service's documentation and its recorded tests use.
var (
	requests = []string{`[ERROR 400] BAD REQUEST`, `[ERROR 401] UNAUTHORIZED REQUEST`, `[ERROR 419] MISSING ARGUMENTS`,
		`[ERROR 420] INVALID ARGUMENTS`, `[ERROR 500] INTERNAL SERVER ERROR`}
	moreRequests = append(append([]string{}, requests...), `[INFO] REQUEST FAILED`, `[WARN] UNAUTHORIZED REQUEST`)
	warnings     = []string{`ERROR WARN message`, `ERROR message`, `WARN message`}
	failures     = []string{`[Error] Unhandled Exception`, `[ERROR] A fatal exception has occurred`,
		`[ERROR] Caught IllegalArgumentException`, `Exiting with ERRORCODE: -1`}
	hellos = []string{`hello`, `world`, `hello world`, `goodbye world`, `hello cruela`, `goodbye cruel world`}
	cats   = []string{`cat`, `cats`, `CAT`, `Cat`, `car`, `tac`, `c a t`, `caterpillar`, `baby-cat`, `cart`, `communicate`}
	unable = []string{`[WARN] Failed to process the request`, `[ERROR] Unable to continue: Failed to process the request`}
	access = []string{`127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534`,
		`127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324`,
		`127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.gif HTTP/1.0" 200 4355`}
	notFound = []string{`127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`}
	rest     = []string{`INFO 09/25/2014 12:00:00 GET /service/resource/67 1200`, `INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310`,
		`WARNING 09/25/2014 12:00:02 Invalid user request`, `ERROR 09/25/2014 12:00:02 Failed to process request`}
	update = []string{`{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],` +
		`"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"ThisFlag":true,"cluster.name":"c"}`}
	john = []string{`{"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"},` +
		`{"id":3,"email":"Jane.Doe@example.com"}],"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}`}
	foos      = []string{`{"somekey":"value1","foo":"bar"}`, `{"somekey":"value1","foo":"baz"}`, `{"otherkey":"value1","foo":"bar"}`}
	successes = []string{`Successful message`, `{"Message": Success}`, `Error`}
	lambda    = []string{"2020-01-01T00:00:00.000Z\t6f1c-2\tloading index.html...", `START RequestId: 6f1c-2 Version: 1`, `REPORT RequestId: 6f1c-2 Duration: 1 ms`}
	flow      = []string{`2 123456789010 eni-1235b8ca 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK`,
		`2 123456789010 eni-1235b8ca - - - - - - - 1431280876 1431280934 - NODATA`}
	htmls = []string{`127.0.0.1 - frank [x y] "GET /a.html HTTP/1.0" 404 15`, `127.0.0.1 - frank [x y] "GET /a.html HTTP/1.0" 200 15`,
		`127.0.0.1 - frank [x y] "GET /b.html HTTP/1.0" 403 15`, `127.0.0.1 - frank [x y] "GET /b.gif HTTP/1.0" 403 15`}
)

// TestDocumentedExamples runs the examples that AWS documents, recorded or implies; want is one letter per message.
func TestDocumentedExamples(t *testing.T) {
	f := func(text string, messages []string, want string) {
		t.Helper()
		p, err := pattern.Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			return
		}
		again, err := pattern.Parse(p.String())
		if err != nil {
			t.Errorf("Parse(%q), printed from %q: %v", p, text, err)
			return
		}
		for _, parsed := range []*pattern.Pattern{p, again} {
			var got strings.Builder
			for _, m := range messages {
				got.WriteByte("ny"[b(parsed.Match([]byte(m)))])
			}
			if got.String() != want {
				t.Errorf("%s: matches %s, want %s", text, got.String(), want)
			}
		}
	}
	f(`ERROR`, requests, "yyyyy")
	f(`ERROR ARGUMENTS`, requests, "nnyyn")
	f(`?ERROR ?ARGUMENTS`, requests, "yyyyy")
	f(`?ERROR ?ARGUMENTS REQUEST`, moreRequests, "yynnnyy")
	f(`"INTERNAL SERVER ERROR"`, requests, "nnnny")
	f(`ERROR -ARGUMENTS`, requests, "yynny")
	f(`" "`, warnings, "yyy")
	f(``, warnings, "yyy")
	f(`""`, warnings, "yyy")
	f(`ERROR`, failures, "nyyy")
	f(`"ERROR" - "Exiting"`, failures, "nyyn")
	f(`"ERROR" "Exception"`, failures, "nnyn")
	f(`"Failed to process the request"`, unable, "yy")
	f(`?Error ?fatal`, failures, "yynn")
	f(`ERROR`, warnings, "yyn")
	f(`?ERROR ?WARN`, warnings, "yyy")
	f(`?ERROR ?WARN -message`, warnings, "nnn")
	f(`ERROR WARN`, warnings, "ynn")
	f(`ERROR -WARN`, warnings, "nyn")
	f(`-ERROR`, warnings, "nny")
	f(`hello`, hellos, "ynynyn")
	f(`goodbye world`, hellos, "nnnyny")
	f(`"hello cruel"`, hellos, "nnnnyn")
	f(`cat`, cats, "yynnnnnyyny")
	f(`error`, []string{"ERROR x"}, "n")
	f(`"[ERROR]"`, append(access[:1:1], failures...), "nnyyn")
	f(`"[ERROR]" Exception`, append(access[:1:1], failures...), "nnnyn")
	f(`a*b`, []string{"a*b", "axb"}, "yn")
	f(`%AUTHORIZED%`, []string{requests[1], "[INFO 200] AUTHORIZED", requests[0]}, "yyn")
	f(`%Success%`, successes, "yyn")
	f(`%[mM]essage%`, successes, "yyn")
	f(`%}$%`, []string{successes[1], `Error: {'Hello, World'} is not a valid object`}, "yn")
	f(`%colou?r%`, []string{"color", "colour", "colr"}, "yyn")
	f(`%gra|ey%`, []string{"gra", "grey", "gry"}, "yyn")
	f(`%^[hc]at%`, []string{"hat", "cat x", "that"}, "yyn")
	f(`%[hc]at$%`, []string{"a cat", "cats"}, "yn")
	f(`%a{3,5}%`, []string{"aa", "aaa", "baaaab"}, "nyy")
	f(`%^a{,2}$%`, []string{"", "aa", "aaa"}, "yyn")
	f(`%\[.\]%`, []string{"[a]", "[ab]"}, "yn")
	f(`%ab*c%`, []string{"ac", "abbbc", "adc"}, "yyn")
	f(`%ab+c%`, []string{"abc", "abbc", "ac"}, "yyn")
	f(`%10\.10\.0\.1%`, []string{"10.10.0.1", "10.10.0.10", "10010a0.1"}, "yyn")
	f(`%\x28%`, []string{"f(x)", "f[x]"}, "yn")
	f(`%a\sb[\S]%`, []string{"a\tbc", "a\fbc", "a b\n"}, "ynn")
	f(`%^starting|^initializing|^shutting down%`, []string{"starting up", "initializing", "shutting down now", "not starting"}, "yyyn")

	f(`{ $.eventType = "UpdateTrail" }`, update, "y")
	f(`{ $.eventType = "Update*" }`, update, "y")
	f(`{ $.eventType = "*Trail" }`, update, "y")
	f(`{ $.eventType = %^Update.*l$% }`, update, "y")
	f(`{ $.eventType = "updatetrail" }`, update, "n")
	f(`{ $.sourceIPAddress != 123.123.* }`, update, "y")
	f(`{ $.arrayKey[0] = "value" }`, update, "y")
	f(`{ $.arrayKey[1] = "value" }`, update, "n")
	f(`{ $.arrayKey[*] = "another value" }`, update, "y")
	f(`{ $.arrayKey = "value" }`, update, "n")
	f(`{ $.objectList[1].id = 2 }`, update, "y")
	f(`{ $.objectList[*].id = 2 }`, update, "y")
	f(`{ $.objectList[*].id = 3 }`, update, "n")
	f(`{ $.SomeObject IS NULL }`, update, "y")
	f(`{ $.SomeOtherObject NOT EXISTS }`, update, "y")
	f(`{ $.SomeObject NOT EXISTS }`, update, "n")
	f(`{ $.ThisFlag IS TRUE }`, update, "y")
	f(`{ $.ThisFlag IS FALSE }`, update, "n")
	f(`{ $.['cluster.name'] = "c" }`, update, "y")
	f(`{ $["cluster.name"] = "c" }`, update, "y")
	f(`{ $.* = "c" }`, update, "y")
	f(`{ $.eventType = "*" && $.sourceIPAddress != 123.123.* }`, update, "y")
	f(`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, john, "y")
	f(`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`, john, "y")
	f(`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`, john, "n")
	f(`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, john, "n")
	f(`{ $.coordinates[0][1] = 1 }`, john, "y")
	f(`{ $.users = "x" }`, []string{`{"users":[1,2,3]}`}, "n")
	f(`{ $.users != "x" }`, []string{`{"users":[1,2,3]}`}, "n")
	f(`{$.foo = bar}`, foos[:2], "yn")
	f(`{$.foo = baz }`, foos[:2], "ny")
	f(`{$.foo = bar || $.foo = baz }`, foos[:2], "yy")
	f(`{$.foo = "bar"}`, foos, "yny")
	f(`{ ($.somekey = "value1") && ($.foo = "bar") }`, foos, "ynn")
	f(`{ ($.somekey = "value1") || ($.foo = "bar") }`, foos, "yyy")
	f(`{ $.somekey = "value1" && $.foo = "bar" }`, foos[:2], "yn")
	f(`{ $.somekey = "value1" }`, []string{foos[0], "mymessage"}, "yn")
	f(`{ $._typeTag = "ImportantMessage" }`, []string{`{"_typeTag":"ImportantMessage"}`, `{"_typeTag":"NotImportantMessage"}`, `{}`}, "ynn")
	f(`{ ($.first = "*") && ($.second = "*") }`, []string{`{"second":"a","x":1,"first":"b"}`, `first`, `{"first":"a"}`}, "ynn")
	f(`{$.message = "hello"}`, []string{`hello`}, "n")
	f(`{ $.bandwidth > 75 }`, []string{`{"bandwidth":80}`, `{"bandwidth":75}`, `{"bandwidth":"80"}`}, "ynn")
	f(`{ $.latency < 50 }`, []string{`{"latency":49.5}`}, "y")
	f(`{ $.refreshRate >= 60 }`, []string{`{"refreshRate":60}`}, "y")
	f(`{ $.errorCode = 400}`, []string{`{"errorCode":400}`, `{"errorCode":400.0}`}, "yy")
	f(`{ $.errorCode != 500 }`, []string{`{"errorCode":400}`, `{"x":1}`}, "yn")
	f(`{ $.number[0] = 1e-3 }`, []string{`{"number":[0.001]}`}, "y")
	f(`{ $.number[0] != 1e+3 }`, []string{`{"number":[1000]}`}, "n")
	f(`{ $.latency = * }`, []string{`{"latency":50,"requestType":"GET"}`, `{"requestType":"GET"}`}, "yn")
	f(`{ $.name = "Ev*ent" }`, []string{`{"name":"Event"}`, `{"name":"Ev*ent"}`}, "ny")
	f(`{ $.code = 4* }`, []string{`{"code":404}`, `{"code":"404"}`, `{"code":504}`}, "yyn")
	f(`{$.userIdentity.type = Root}`, []string{`{"userIdentity":{"type":"Root"}}`}, "y")
	f(`{ $.level = "ERROR" || $.status_code >= 400 }`, []string{`{"level":"INFO","status_code":500}`, `{"level":"INFO","status_code":200}`}, "yn")

	f(`[ip, user, username, timestamp, request, status_code, bytes]`, notFound, "y")
	f(`[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, notFound, "y")
	f(`[..., request =*.html*, status_code = 4*, bytes]`, notFound, "y")
	f(`[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`, notFound, "y")
	f(`[ip, server, username, timestamp, request, status_code, bytes > 1000]`, notFound, "y")
	f(`[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, notFound, "y")
	f(`[ip, user, ..., status_code, bytes]`, access, "yyy")
	f(`[ip, user, ...]`, access, "yyy")
	f(`[..., status_code, bytes]`, access, "yyy")
	f(`[..., status_code=200, size]`, access, "yny")
	f(`[..., size]`, access, "yyy")
	f(`[]`, access, "yyy")
	f(`[ip, id, user, timestamp, request, status_code=4*, bytes>1000]`, access, "nnn")
	f(`[..., request=*.html*, status_code=4*,]`, htmls, "ynyn")
	f(`[..., request=*.html*, status_code=4*, ,]`, htmls, "nnnn")
	f(`[w1=ERROR, w2]`, rest, "nnny")
	f(`[w1=ERROR || w1=WARNING, w2]`, rest, "nnyy")
	f(`[w1=ERROR || W1=WARNING, w2]`, rest, "nnyy")
	f(`[w1!=ERROR && w1!=WARNING, w2]`, rest, "yynn")
	f(`[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, rest, "ynnn")
	f(`[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`, rest, "nynn")
	f(`[w1=ERROR || w1=%WARN%, w2]`, rest, "nnyy")
	f(`[w1 = ERROR||w1 = WARNING, w2]`, rest, "nnyy")
	f(`[(w1=ERROR || w1=INFO) && w1!=INFO, w2]`, rest, "nnny")
	f(`[log_level, rest]`, rest, "yyyy")
	f(`[log_level = INFO, rest]`, rest, "yynn")
	f(`[log_level = INFO]`, rest, "nnnn")
	f(`[log_level = IN*]`, rest, "yynn")
	f(`[log_level = %^IN[fF][oO]%]`, rest, "yynn")
	f(`[timestamp=*Z, request_id="*-*", event]`, lambda, "ynn")
	f(`[version, account_id, interface_id, srcaddr != "-", dstaddr != "-", srcport != "-", dstport != "-", protocol, packets, bytes, start, end, action, log_status]`, flow, "yn")
	f(`[host, ident, authuser, date, request, status, bytes, referrer, agent]`, []string{access[0] + ` "http://a" "Mozilla/4.08 [en]"`}, "y")
	f(`[ip !=%127\.0\.0\.[1-9]%, user]`, []string{"127.0.0.1 frank", "192.168.1.1 frank"}, "ny")
	f(`[a,b,c,d]`, []string{"one two"}, "n")
}

func b(v bool) int {
	if v {
		return 1
	}
	return 0
}

func TestRefused(t *testing.T) {
	f := func(text string, code loglake.Code, part string) {
		t.Helper()
		p, err := pattern.Parse(text)
		if err == nil {
			t.Errorf("Parse(%q) = %q, want an error", text, p)
			return
		}
		if loglake.CodeOf(err) != code || !strings.Contains(err.Error(), part) {
			t.Errorf("Parse(%q): %s %v, want %s and %q", text, loglake.CodeOf(err), err, code, part)
		}
	}
	f(`%(a)%`, loglake.CodeInvalid, "groups")
	f(`%a!%`, loglake.CodeInvalid, "can't stand")
	f(`%é%`, loglake.CodeInvalid, "can't stand")
	f(`%a\b%`, loglake.CodeInvalid, "escape")
	f(`%a**%`, loglake.CodeInvalid, "wrong")
	f(`%a{1000}b{1000}c{1000}%`, loglake.CodeInvalid, "too large")
	f(`%a`, loglake.CodeInvalid, "no closing")
	f(`%%`, loglake.CodeInvalid, "empty")
	f(`%a% %b% %c%`, loglake.CodeInvalid, "at most 2")
	f(`"a`, loglake.CodeInvalid, "not closed")
	f(`a"b`, loglake.CodeInvalid, "quote")
	f(`"a\n"`, loglake.CodeUnsupported, "backslash")
	f(`a ?`, loglake.CodeInvalid, "no term")
	f(`[a, b`, loglake.CodeInvalid, "If a filter pattern starts with '[' it must end with ']'")
	f(`[a AND b]`, loglake.CodeInvalid, "expected")
	f(`[a == b]`, loglake.CodeInvalid, "value is expected")
	f(`[a=1 && || b]`, loglake.CodeInvalid, "expected")
	f(`[..., a, ...]`, loglake.CodeInvalid, "once")
	f(`[a=1 && b=2]`, loglake.CodeUnsupported, "its own field")
	f(`[a<x]`, loglake.CodeInvalid, "compares numbers")
	f(`{}`, loglake.CodeInvalid, "selector")
	f(`{ $.a == 1 }`, loglake.CodeInvalid, "value is expected")
	f(`{ $.a IS 1 }`, loglake.CodeInvalid, "IS NULL")
	f(`{ $.a IS NOT NULL }`, loglake.CodeInvalid, "IS NULL")
	f(`{ $.a EXISTS }`, loglake.CodeInvalid, "IS NULL")
	f(`{ $.a = 1 AND $.b = 1 }`, loglake.CodeInvalid, "closing brace")
	f(`{ $.a = 1 } x`, loglake.CodeInvalid, "nothing may follow")
	f(`{ $.a > "x" }`, loglake.CodeInvalid, "compares numbers")
	f(`{ $.a[*].b[*] = 1 }`, loglake.CodeInvalid, "one wildcard")
	f(`{ $.a.* = 1 || $.b.* = 1 || $.c.* = 1 || $.d[*] = 1 }`, loglake.CodeInvalid, "more than 3")
	f(`{ $ = 1 }`, loglake.CodeInvalid, "at least one")
	f(`{ ($.a = 1 }`, loglake.CodeInvalid, "parenthesis")
	f(strings.Repeat("é", pattern.TextMax+1), loglake.CodeInvalid, "1025 characters")
}

func TestPrint(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, p.String()); diff != "" {
			t.Error(diff)
		}
	}
	f(` "" `, ``)
	f(`?a  - b "c \"d\\" %x%`, `?"a" -"b" "c \"d\\" %x%`)
	f(`{($.a=1||$.b!=x*)&&$.c.['d e'][0] IS   NULL}`, `{ ($.a = 1 || $.b != "x*") && $.c.['d e'][0] IS NULL }`)
	f(`{ $["it's"] NOT EXISTS }`, `{ $["it's"] NOT EXISTS }`)
	f(`[a, ..., ,b=1||b>2 && b<3]`, `[a, ..., , b=1 || b>2 && b<3]`)
}

func TestExtract(t *testing.T) {
	f := func(text, message string, want map[string]string) {
		t.Helper()
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		got, ok := p.Extract([]byte(message))
		if !ok {
			t.Errorf("%s does not match %s", text, message)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	f(`ERROR`, "an ERROR", map[string]string{})
	f(`[ip, user, username, timestamp, request, status_code, bytes]`, notFound[0], map[string]string{"$ip": "127.0.0.1", "$user": "Prod",
		"$username": "frank", "$timestamp": "10/Oct/2000:13:25:15 -0700", "$request": "GET /index.html HTTP/1.0", "$status_code": "404", "$bytes": "1534"})
	f(`[..., size]`, access[0], map[string]string{"$1": "127.0.0.1", "$2": "-", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700",
		"$5": "GET /apache_pb.gif HTTP/1.0", "$6": "200", "$size": "1534"})
	f(`[]`, "a b", map[string]string{"$1": "a", "$2": "b"})
	f(`[timestamp=*Z, request_id="*-*", event]`, lambda[0], map[string]string{
		"$timestamp": "2020-01-01T00:00:00.000Z", "$request_id": "6f1c-2", "$event": "loading index.html..."})
	f(`{ $.a.b = 1 || $.c[0] = "x" || $.d NOT EXISTS }`, `{"a":{"b":1.0},"c":["x"]}`, map[string]string{"$.a.b": "1.0", "$.c[0]": "x"})
}

func TestJSONCorners(t *testing.T) {
	f := func(text, message string, want bool) {
		t.Helper()
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		if p.Match([]byte(message)) != want {
			t.Errorf("%s on %s: want %t", text, message, want)
		}
	}
	f(`{ $.a = 1 }`, `{"a":2,"a":1}`, true) // the last one counts
	f(`{ $.a = 1 }`, `{"a":1,"a":2}`, false)
	f(`{ $.a.b = 1 }`, `{"a":{"b":1},"a":{}}`, false)
	f(`{ $.a.b NOT EXISTS }`, `{"a":{"b":1},"a":{}}`, true)
	f(`{ $.* = 1 }`, `{"a":1,"\u0061":2}`, false)
	f(`{ $.l[*].a = 1 }`, `{"l":[{"a":1},{"a":1,"a":2}]}`, true)
	f(`{ $.l[*].a = 1 }`, `{"l":[{"a":2},{"a":1,"a":2}]}`, false)
	f(`{ $.l[0] = 1 && $.l[*] = 2 }`, `{"l":[1,2]}`, true)
	f(`{ $.a = "x" && $.* = "y" }`, `{"a":"x","b":"y"}`, true)
	f(`{ $.key = "é\"" }`, "{\"k\\u0065y\":\"\\u00e9\\\"\"}", true)
	f(`{ $.a = "𝄞" }`, `{"a":"\ud834\udd1e"}`, true)
	f(`{ $.a = "�x" }`, `{"a":"\ud834x"}`, true)
	f(`{ $.id = 9007199254740993 }`, `{"id":9007199254740992}`, false)
	f(`{ $.id = 1e400 }`, `{"id":10e399}`, true)
	f(`{ $.id < -0.5 }`, `{"id":-0.51}`, true)
	f(`{ $.id = 0 }`, `{"id":-0.0e5}`, true)
	f(`{ $.code = 200 }`, `{"code":"200"}`, true)
	f(`{ $.code = "200" }`, `{"code":200}`, true)
	f(`{ $.code = "200" }`, `{"code":200.0}`, false)
	f(`{ $.flag = * }`, `{"flag":false}`, true)
	f(`{ $.flag = * }`, `{"flag":null}`, false)
	f(`{ $.flag != "x" }`, `{"flag":true}`, false)
	for _, broken := range []string{`{"a":1`, `{"a":1}x`, `{"a":1,}`, `{"a":01}`, `{"a":1.}`, `{"b":"\x","a":1}`, "{\"b\":\"\n\",\"a\":1}", `[{"a":1}]`,
		`{"a":1,"b":[1,]}`, `{"b":tru,"a":1}`, `{"a":1,"b":{]}`, `{"b" 1,"a":1}`, `{"a":1} {"a":1}`, ``, `{"b":"\ud8","a":1}`} {
		f(`{ $.a = 1 }`, broken, false)
	}
	deep := func(n int) string { return `{"b":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `,"a":1}` }
	f(`{ $.a = 1 }`, deep(9999), true)
	f(`{ $.a = 1 }`, deep(10000), false)
}

const event = `{"timestamp":"2025-12-03T10:15:30Z","level":"INFO","request_id":"3f2b8c1e-9d4a-4f60-8a57-2c8f1b6d7e90","method":"POST",` +
	`"path":"/api/users/12345/orders","status_code":200,"response_time":45,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",` +
	`"client":{"ip":"203.0.113.7","country":"DE"},"message":"request handled without trouble \"fine\" and tired","tags":["a","b","c"],"bytes":5120}`

func BenchmarkMatch(b *testing.B) {
	for name, text := range map[string]string{"terms": `ERROR -timeout`, "json": `{ $.level = "ERROR" || $.status_code >= 400 }`,
		"space": `[a, b, ..., status=200, bytes]`, "regex": `%stat[a-z]*_code%`} {
		p, err := pattern.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		message := []byte(event)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				p.Match(message)
			}
		})
	}
}
