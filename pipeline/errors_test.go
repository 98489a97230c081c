package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
)

// head is what most wrong files begin with: a bucket, a group, a table. It has 5 lines.
const head = `bucket: my-logs
groups:
  /app/api:
tables:
  t: {columns: {at: timestamp, level: string, n: int}}
`

// What is wrong is told with its place and what would be right.
func TestErrors(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := pipeline.Parse([]byte(text))
		var invalid *pipeline.Invalid
		if err == nil || !errors.As(err, &invalid) {
			t.Errorf("%s\ngot %v, want errors", text, err)
			return
		}
		for i := range want {
			want[i] = "loglake.yaml:" + want[i]
		}
		if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", text, diff)
		}
	}

	// keys
	f("zoen: UTC\n", `1:1: the file has no key zoen; did you mean zone?`)
	f("whatever: 1\n", `1:1: the file has no key whatever; its keys are zone, bucket, database, groups, tables, streams, server`)
	f("groups:\n  /a: {retentoin: 30d}\n", `2:8: groups./a has no key retentoin; did you mean retention?`)
	f("groups:\n  /a:\n    noise:\n      - {paths: /health}\n", `4:10: groups./a.noise[0] has no key paths; did you mean path?`)
	f(head+"streams:\n  s: {form: /app/api, tabel: t}\n", `7:7: streams.s has no key form; did you mean from?`, `7:23: streams.s has no key tabel; did you mean table?`)
	f("retention: 30d\n", `1:1: the file has no key retention, which is one of a group; its keys are zone, bucket, database, groups, tables, streams, server`)
	f(head+"streams: {s: {bucket: x}}\n", `6:15: streams.s has no key bucket, which is one of the file; its keys are from, filter, table, prefix, error_prefix, codec, buffer, policy`)
	f("zone: UTC\nbucket: b-1\nzone: Asia/Seoul\n", `3:1: zone is there already, in line 1`)
	f("groups:\n/app/api:\n  retention: 30d\n", `2:1: /app/api stands at the beginning of its line, as the keys of the file do; a group has to be indented, below groups:`)
	f("? [a, b]\n: c\n", `1:3: a key is a name, not a list`)
	f("server: {aws-addr: ':1'}\n", `1:10: server has no key aws-addr; did you mean aws_addr?`)

	// forms
	f("- a\n", `1:1: the file is a list; it has keys: zone, bucket, database, groups, tables, streams, server`)
	f("zone: [UTC]\n", `1:7: zone is a list; it has to be a text`)
	f("zone:\n", `1:6: zone is nothing; it has to be a text`)
	f("groups: [/a, /b]\n", `1:9: groups is a list; write GROUP: and what it is, one each line`)
	f("groups: {/a: 30d}\n", `1:14: groups./a is "30d"; it has keys: retention, noise, routes, parse, regex, multiline`)
	f("groups: {/a: {noise: {path: /x}}}\n", `1:22: groups./a.noise is keys; it has to be a list: - one, - another, or [one, another]`)
	f("groups: {/a: {parse: jsn}}\n", `1:22: groups./a.parse is not "jsn"; did you mean json?`)
	f("groups: {/a: {parse: xml}}\n", `1:22: groups./a.parse is not "xml"; it is one of json, logfmt, common, combined, regex`)

	// zone, retention, patterns, expressions
	f("zone: Asia/Seul\n", `1:7: zone: "Asia/Seul" is not a time zone; it is a name such as UTC, Asia/Seoul or Europe/Berlin`)
	f("zone: EST\n", `1:7: zone: the service takes no zones of three letters but UTC; write a name such as Asia/Seoul or Europe/Berlin`)
	days := "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
	f("groups: {/a: {retention: 31d}}\n", `1:26: groups./a.retention: the service can't keep events for 31 days; the nearest is 30d, and all are `+days)
	f("groups: {/a: {retention: 45}}\n", `1:26: groups./a.retention: the service can't keep events for 45 days; the nearest is 60d, and all are `+days)
	f("groups: {/a: {retention: a month}}\n", `1:26: groups./a.retention: "a month" is not a number of days such as 30d, nor forever`)
	f("groups: {/a: {noise: [{except: [{path: /x}]}]}}\n", `1:23: groups./a.noise[0]: the rule gives nothing to match, so that it would drop everything; give it a method, a path, a level or a field`)
	f("groups: {/a: {multiline: '['}}\n", "1:26: groups./a.multiline: error parsing regexp: missing closing ]: `[`")
	f("groups: {/a: {regex: x}}\n", `1:22: groups./a.regex is for parse: regex`)
	f("groups: {/a: {parse: json, regex: x}}\n", `1:35: groups./a: lines of the format json are parsed without an expression; leave it out, or take the format regex`)

	// groups and routes
	f("groups: {'a b': }\n", `1:10: "a b" can't be a group: names are 1-512 letters, digits and . - _ / #, and do not begin with aws/`)
	f("groups: {/a: {routes: [{filter: x}]}}\n", `1:24: groups./a.routes[0] needs to: The group that gets the copies, another one of this file.`)
	f("groups: {/a: {routes: [{to: /a}]}}\n", `1:29: groups./a.routes[0].to: the group routes to itself`)
	f("groups:\n  /app/errors:\n  /a: {routes: [{to: /app/error}]}\n", `3:22: groups./a.routes[0].to: there is no group /app/error in the file; did you mean /app/errors?`)
	f("groups:\n  /a: {routes: [{to: /b}, {to: /b, filter: x}]}\n  /b:\n", `2:32: groups./a.routes[1].to: /b is routed to already; join the two patterns with ||`)
	f("groups:\n  /a: {routes: [{to: /b}]}\n  /b: {routes: [{to: /c}]}\n  /c: {routes: [{to: /a}]}\n",
		`4:22: groups./c.routes[0].to: events would go round: /a → /b → /c → /a`)

	// tables
	f("bucket: my-logs\ntables: {T: {columns: {a: int}}}\n", `2:10: "T" can't be a table: names are 1-255 lower-case letters, digits and _, and do not begin with a digit; t would be one`)
	f("bucket: my-logs\ntables: {server-logs: {columns: {a: int}}, '1t': {columns: {a: int}, location: x/}}\n",
		`2:10: "server-logs" can't be a table: names are 1-255 lower-case letters, digits and _, and do not begin with a digit; server_logs would be one`,
		`2:44: "1t" can't be a table: names are 1-255 lower-case letters, digits and _, and do not begin with a digit`)
	f("bucket: my-logs\ntables: {t: {columns: {a: 'array<string>'}}}\nstreams: {s: {table: t}}\n",
		`2:24: tables.t.columns.a: streams.s can't fill a column of type array<string> yet; one of type string takes the value as JSON text`)
	f("tables: {t: {columns: {a: int}}}\n", `1:1: bucket is missing: where tables and streams lie, such as bucket: my-logs`)
	f("bucket: My_Logs\n", `1:9: bucket: "My_Logs" can't be a bucket: names are 3 to 63 of a-z, 0-9, '.' and '-', begin and end with a letter or digit, and have no '..'`)
	f("bucket: my-logs\ntables: {t: }\n", `2:10: tables.t has no columns: give columns or ddl`)
	f("bucket: my-logs\ntables:\n  t:\n    columns:\n      a: text\n      b: itn\n      c: decimal(99)\n      D: int\n      dt: string\n      e: \n",
		`5:10: tables.t.columns.a: "text" is not a type; did you mean string?`,
		`6:10: tables.t.columns.b: "itn" is not a type; did you mean int?`,
		`7:10: tables.t.columns.c: type "decimal(99)": a decimal has a precision of 1 to 38 and a scale of 0 to the precision`,
		`8:7: tables.t.columns.D: columns are lower-case in the catalog; write d, which the JSON key D fills all the same`,
		`9:7: tables.t.columns.dt: dt is the name of the partition key, whose value comes from the folder; call the column something else, with key: dt`,
		`10:9: tables.t.columns.e has no type; write e: string`)
	f("bucket: my-logs\ntables: {t: {columns: {a: decimal(10,2)}}}\n",
		`2:27: tables.t.columns.a: "decimal(10" ends at a comma; between { and } write the type in quotes: a: 'decimal(10,…'`,
		`2:38: tables.t.columns.2): "2)" can't be a column: names are 1-255 lower-case letters, digits and _, and do not begin with a digit; key: 2) fills a column of another name`,
		`2:40: tables.t.columns.2) has no type; write 2): string`)
	f("bucket: my-logs\ntables: {t: {partition_by: ts, columns: {at: timestamp, n: int}}}\n", `2:28: tables.t.partition_by: the table has no column ts; columns of type timestamp or date are at`)
	f("bucket: my-logs\ntables: {t: {partition_by: timestmp, columns: {timestamp: timestamp}}}\n", `2:28: tables.t.partition_by: the table has no column timestmp; did you mean timestamp?`)
	f("groups: {/a: {noise: ["+noise(20)+"]}}\n", `1:22: groups./a.noise: the noise rules look at more than 32 fields`)
	f("bucket: my-logs\ntables: {t: {partition_by: n, columns: {at: timestamp, n: int}}}\n", `2:28: tables.t.partition_by: n is a int; a day comes from a timestamp or a date`)
	f("bucket: my-logs\ntables: {t: {columns: {n: int}, location: data/}, u: {columns: {n: int}, location: data/u}}\n",
		`2:84: tables.u.location: s3://my-logs/data/u/ lies where the table t does (s3://my-logs/data/); give one of them a location of its own`)
	f("bucket: my-logs\ntables: {t: {columns: {n: int}, location: gs://x/y}}\n", `2:43: tables.t.location: "gs://x/y/" is not a place; write a prefix such as orders/, or s3://BUCKET/PREFIX/`)
	f("tables:\n  t: {ddl: DROP TABLE t}\n", `2:12: tables.t.ddl: the statement has to be CREATE EXTERNAL TABLE`)

	// streams
	f(head+"streams: {s: {from: /app/apo, table: u}}\n", `6:21: streams.s.from[0]: there is no group /app/apo in the file; did you mean /app/api?`, `6:38: streams.s.table: there is no table u in the file; declare it below tables`)
	f(head+"streams: {a: {from: /app/api}, b: {from: /app/api}, c: {from: /app/api}}\n",
		`6:63: streams.c.from: /app/api feeds 2 streams already, and the service has no more for a group; route a copy into another group, and feed the stream from there`)
	f(head+"streams: {'a b': {from: /app/api, table: t}}\n", `6:11: "a b" can't be a stream: names are 1-64 letters, digits and _ . -`)
	f(head+"streams: {s: {filter: x}}\n", `6:23: streams.s.filter chooses from the events of groups, and the stream has no from`)
	f(head+"streams: {s: {from: /app/api, codec: zstd}}\n", `6:38: streams.s.codec: lines are gzip or plain; zstd is for the rows of a table`)
	f(head+"streams: {s: {from: /app/api, table: t, codec: plain}}\n", `6:48: streams.s.codec: rows are snappy, gzip, zstd or uncompressed; plain is for lines`)
	f(head+"streams: {s: {table: t, buffer: {size: 5MiB, interval: 1h}}}\n", `6:40: streams.s.buffer.size: 5 MiB; the service buffers 64-128 MiB of rows`, `6:56: streams.s.buffer.interval: 3600 seconds; the service buffers for 0-900`)
	f(head+"streams: {s: {table: t, buffer: {size: big, interval: soon}}}\n", `6:40: streams.s.buffer.size: "big" is not a size such as 64MiB`, `6:55: streams.s.buffer.interval: "soon" is not a time such as 60s or 5m`)
	f(head+"streams: {s: {table: t, prefix: 'x/dt=!{timestamp:yyyy-MM-dd}/'}}\n", `6:33: streams.s.prefix: "x/dt=!{timestamp:yyyy-MM-dd}/" is not in the folder of the table t; it has to begin with data/`)
	f(head+"streams: {s: {table: t, prefix: 'data/!{timestamp:yyyy}/'}}\n", `6:33: streams.s.prefix: the partitions of the table t lie below data/; the prefix has to go on with dt=…/`)
	f(head+"streams: {s: {prefix: data/x/}}\n", `6:23: streams.s.prefix: objects would lie in the folder of the table t (s3://my-logs/data/)`)
	f(head+"streams: {s: {table: t, error_prefix: 'data/no/!{firehose:error-output-type}/'}}\n", `6:39: streams.s.error_prefix: rejects would lie in the folder of the table t (s3://my-logs/data/), and a query would read them`)
	f(head+"streams: {s: {prefix: '!{timestamp:foo}/'}}\n", `6:23: streams.s: Invalid conversion character used in the value of the expression in Prefix`)
	f(head+"streams: {s: {policy: retry}}\n", `6:23: streams.s.policy is not "retry"; it is one of rescue, aws`)

	// settings
	f("server: {account: 12, tls_key: k.pem, http_addr: '80'}\n", `1:9: server: tls_cert and tls_key go together`, `1:19: server.account: "12" is not 12 digits`, `1:50: server.http_addr: "80" is not HOST:PORT, such as 127.0.0.1:4566`)
}

// noise gives n rules, each with four fields of its own.
func noise(n int) string {
	var rules []string
	for i := range n {
		rules = append(rules, fmt.Sprintf("{fields: {a%d: x, b%d: x, c%d: x, d%d: x}}", i, i, i, i))
	}
	return strings.Join(rules, ", ")
}

// What is not a file of ours at all is told too, and quickly.
func TestHostile(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := pipeline.Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: got %v, want %s", text, err, want)
		}
	}
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 20; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	f(laughs, "values, aliases counted as often as they are used")
	f(strings.Repeat("[", 10000), "this is not YAML")
	f("a: &a [*a]\n", "an alias stands within its own anchor")
	f("a: &a {<<: *a}\n", "an alias stands within its own anchor")
	f("zone: "+strings.Repeat("[", 60)+strings.Repeat("]", 60), "nest deeper than 40")
	f("zone: UTC\n\x80", "2:1: this is not UTF-8")
	f("zone: *nothing\n", "1:7: this is not YAML: unknown anchor")
	f("zone: 'UTC\n", "2:1: this is not YAML: while scanning a quoted scalar, found unexpected end of stream (it begins in line 1)")
	f("groups:\n\t/a: {}\n", "2:1: this line is indented with a tab; YAML is indented with spaces")
	f("zone: UTC\n---\nzone: UTC\n", "a second document begins here")
	f("zone: "+strings.Repeat("x", pipeline.FileBytesMax), "the file has 1048582 bytes; a pipeline has 1048576 at most")
	f("groups: {/a: {routes: [{filter: { $.level = \"ERROR\" }, to: /b}]}, /b: }", "a pattern that begins with { has to stand in quotes")
}

// An error is a failure in loglake's terms too, and names the file that was read.
func TestErrorKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my.yaml")
	if err := os.WriteFile(path, []byte("zoen: UTC\nbuckt: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pipeline.Load(path)
	var failure *loglake.Error
	if !errors.As(err, &failure) || failure.Code != loglake.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	want := "there are 2 errors in the file:\n" + path + ":1:1: the file has no key zoen; did you mean zone?\n" + path + ":2:1: the file has no key buckt; did you mean bucket?"
	if diff := cmp.Diff(want, failure.Message); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := pipeline.Load(path + ".no"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}
