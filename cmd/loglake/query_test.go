package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/query/engine"
)

func needEngine(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
}

func TestQueryUsage(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large.sql")
	if err := os.WriteFile(large, bytes.Repeat([]byte("x"), 262145), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"SELECT", "1"}, exitUsage, "came as 2 arguments: put it in quotes"},
		{[]string{"SELECT 1", "--format", "xml"}, exitUsage, "--format is table, csv, json or parquet"},
		{[]string{"SELECT 1", "--price", "much"}, exitUsage, `--price "much"`},
		{[]string{"SELECT 1", "--price", "-1"}, exitUsage, `--price "-1"`},
		{[]string{"SELECT 1", "--file", "x.sql"}, exitUsage, "give one of them"},
		{[]string{"--file", "/none.sql"}, exitFailed, "read --file: open /none.sql"},
		{[]string{"--file", large}, exitUsage, "more than 262144 bytes"},
		{[]string{"SELECT 1", "--output", "x.doc"}, exitUsage, "x.doc does not say the format"},
		{[]string{"SELECT 1", "--dry-run", "--output", "x.csv"}, exitUsage, "--dry-run"},
		{[]string{"SELECT 1", "--dry-run", "--format", "csv"}, exitUsage, "--dry-run and --explain print a table or json"},
		{[]string{"SELECT 1", "--endpoint", "http://127.0.0.1:1"}, exitFailed, "no loglake answers at http://127.0.0.1:1"},
		{[]string{"SELECT 1", "--endpoint", "nowhere"}, exitUsage, "is not the address of a server"},
		{[]string{"SELECT 1", "--output", "/none/x.csv"}, exitFailed, "write --output"},
	} {
		code, stdout, stderr := told(t, append([]string{"query"}, c.args...)...)
		if code != c.code || stdout != "" || !strings.HasPrefix(stderr, "loglake: ") || !strings.Contains(stderr, c.want) {
			t.Errorf("query %.60q: exit %d, want %d; %q, want %q in it", c.args, code, c.code, stderr, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	needEngine(t)
	r := serving(t)
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	const values = "SELECT * FROM (VALUES (1, 'a, \"b\"', true), (2, '', NULL), (3, NULL, false)) AS t (n, text, b) ORDER BY n"
	for format, want := range map[string]string{
		"":      "n,text,b\n1,\"a, \"\"b\"\"\",true\n2,\"\",\n3,,false\n",
		"csv":   "n,text,b\n1,\"a, \"\"b\"\"\",true\n2,\"\",\n3,,false\n",
		"json":  `{"n":1,"text":"a, \"b\"","b":true}` + "\n" + `{"n":2,"text":"","b":null}` + "\n" + `{"n":3,"text":null,"b":false}` + "\n",
		"table": "  n  text    b\n  ─  ──────  ─────\n  1  a, \"b\"  true\n  2          NULL\n  3  NULL    false\n",
	} {
		code, out, text := told(t, "query", values, "--format", format)
		if code != exitOK || !strings.HasPrefix(text, "3 rows, scanned 0 bytes, $0.000048 at $5 per TB (10 MB at least), ") {
			t.Errorf("%s: exit %d, %q", format, code, text)
		}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
		file := filepath.Join(t.TempDir(), "out.txt")
		if code, out, text := told(t, "query", values, "--format", format, "-q", "-o", file); format != "" && (code != exitOK || out+text != "") {
			t.Errorf("%s into a file: exit %d, %q, %q", format, code, out, text)
		} else if got, err := os.ReadFile(file); format != "" && (err != nil || string(got) != want) {
			t.Errorf("%s in a file: %q, %v", format, got, err)
		}
	}
	if code, out, text := told(t, "query", "CREATE DATABASE d"); code != exitOK || out != "" || !strings.HasPrefix(text, "0 rows, ") || strings.Contains(text, "$") {
		t.Errorf("DDL: exit %d, %q, %q", code, out, text)
	}
	if code, out, _ := told(t, "__complete", "query", "--database", ""); code != exitOK || !strings.HasPrefix(out, "d\ndefault\n") {
		t.Errorf("databases complete to %q", out)
	}
}

// A statement that fails says where, and leaves no file.
func TestQueryFails(t *testing.T) {
	needEngine(t)
	r := serving(t)
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	file := filepath.Join(t.TempDir(), "out.csv")
	code, out, text := told(t, "query", "SELECT 1,\n  nope FROM (VALUES 1) AS t (n)", "-o", file)
	want := "  2 |   nope FROM (VALUES 1) AS t (n)\n        ^\nloglake: COLUMN_NOT_FOUND: line 2:3: Column 'nope' cannot be resolved"
	if code != exitFailed || out != "" || !strings.HasPrefix(text, want) {
		t.Errorf("exit %d, %q, want %q", code, text, want)
	}
	code, _, text = told(t, "query", "SELECT CAST(chr(27) || '[31m' || chr(10) || 'loglake: all is well' AS integer)")
	if code != exitFailed || strings.Contains(text, "\x1b") || !strings.HasPrefix(text, "loglake: INVALID_CAST_ARGUMENT: ") || strings.Count("\n"+text, "\nloglake: ") != 1 {
		t.Errorf("an error with a value of a stranger's: exit %d, %q", code, text)
	}
	if left, err := filepath.Glob(file + "*"); err != nil || left != nil {
		t.Errorf("there is %q, %v", left, err)
	}
}

func TestDryRun(t *testing.T) {
	r := serving(t)
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	ddl := "CREATE EXTERNAL TABLE t (a INT, b STRING) PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://lake/t/'"
	if code, _, text := told(t, "query", ddl); code != exitOK {
		t.Fatalf("exit %d, %q", code, text)
	}
	code, out, _ := told(t, "query", "SELECT b FROM t WHERE dt > '2026'", "--dry-run", "--price", "6.25")
	want := "would scan 0 bytes, $0.000060 at $6.25 per TB (10 MB at least)\n\n" +
		"  table      partitions  files  bytes  columns\n  ─────────  ──────────  ─────  ─────  ───────\n  default.t           -      0      0  b, dt\n"
	if diff := cmp.Diff(want, out); code != exitOK || diff != "" {
		t.Errorf("exit %d (-want +got):\n%s", code, diff)
	}
	code, out, _ = told(t, "query", "SELECT b FROM t", "--dry-run", "--format", "json")
	var plan struct {
		Dollars float64
		Tables  []struct{ Table string }
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil || code != exitOK || len(plan.Tables) != 1 || plan.Tables[0].Table != "t" || plan.Dollars == 0 {
		t.Errorf("exit %d, %q", code, out)
	}
	code, out, _ = told(t, "query", "SELECT b FROM t WHERE dt > '2026'", "--explain", "--price", "6.25")
	steps := "1. Read default.t: b, dt (2 of 3 columns); only partitions where dt > '2026'.\n2. Keep the rows where dt > '2026'.\nAnswer: b varchar.\n\n"
	if diff := cmp.Diff(steps+want, out); code != exitOK || diff != "" {
		t.Errorf("--explain: exit %d (-want +got):\n%s", code, diff)
	}
	code, _, text := told(t, "query", ddl, "--dry-run")
	if code != exitFailed || !strings.Contains(text, "CREATE EXTERNAL is no query, so there is nothing to plan") {
		t.Errorf("DDL: exit %d, %q", code, text)
	}
	list, err := athena.NewFromConfig(r.config()).ListQueryExecutions(t.Context(), &athena.ListQueryExecutionsInput{})
	if err != nil || len(list.QueryExecutionIds) != 1 {
		t.Errorf("dry runs are in the history: %v, %v", list, err)
	}
}

// everyType has a column of each type that a result can have, in a row of values and one of NULLs.
const everyType = `SELECT CAST(1 AS tinyint) AS i8, CAST(2 AS smallint) AS i16, 3 AS i32, 9007199254740993 AS i64, 1.5E0 AS f64, nan() AS odd,
 CAST(2.5 AS real) AS f32, DECIMAL '-12345678901234567890.25' AS "dec", true AS yes, 'é"x' AS text,
 DATE '2026-02-03' AS day, TIMESTAMP '2026-02-03 04:05:06.789' AS at, from_hex('00ff') AS bin, ARRAY[1, 2] AS list, 3 AS I32
 UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`

func TestQueryParquet(t *testing.T) {
	needEngine(t)
	r := serving(t)
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	file := filepath.Join(t.TempDir(), "out.parquet")
	if code, _, text := told(t, "query", everyType, "--output", file); code != exitOK {
		t.Fatalf("exit %d, %q", code, text)
	}
	type row struct {
		I64   *int64   `parquet:"i64,optional"`
		I8    *int32   `parquet:"i8,optional"`
		F32   *float32 `parquet:"f32,optional"`
		Yes   *bool    `parquet:"yes,optional"`
		Text  *string  `parquet:"text,optional"`
		Bin   *string  `parquet:"bin,optional"`
		List  *string  `parquet:"list,optional"`
		Again *int32   `parquet:"i32_2,optional"`
	}
	rows, err := parquet.ReadFile[row](file)
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if rows[0].I64 == nil {
		rows[0], rows[1] = rows[1], rows[0]
	}
	got, err := json.Marshal(rows)
	want := `[{"I64":9007199254740993,"I8":1,"F32":2.5,"Yes":true,"Text":"é\"x","Bin":"00 ff","List":"[1, 2]","Again":3},` +
		`{"I64":null,"I8":null,"F32":null,"Yes":null,"Text":null,"Bin":null,"List":null,"Again":null}]`
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	none := filepath.Join(t.TempDir(), "none.parquet")
	if code, _, text := told(t, "query", "SELECT 1 AS n WHERE false", "-o", none); code != exitOK {
		t.Errorf("no rows: exit %d, %q", code, text)
	} else if rows, err := parquet.ReadFile[struct{ N *int32 }](none); err != nil || len(rows) != 0 {
		t.Errorf("no rows: %v, %v", rows, err)
	}
	if code, _, text := told(t, "query", "CREATE DATABASE d", "-o", none); code != exitFailed || !strings.Contains(text, "no columns") {
		t.Errorf("no columns: exit %d, %q", code, text)
	}
	pyarrow(t, file)
}

// pyarrow reads the file with a reader that is not ours.
func pyarrow(t *testing.T, file string) {
	if os.Getenv("LOGLAKE_CLIENTS") == "" {
		return
	}
	script := `import sys, pyarrow.parquet as p
t = p.read_table(sys.argv[1])
print(", ".join(f"{f.name} {f.type}" for f in t.schema))
print(sorted(t.column("dec").to_pylist(), key=str)[0], sorted(t.column("at").to_pylist(), key=str)[0], sorted(t.column("day").to_pylist(), key=str)[0])`
	out, err := exec.Command("../../.venv/bin/python", "-c", script, file).CombinedOutput()
	want := "i8 int8, i16 int16, i32 int32, i64 int64, f64 double, odd double, f32 float, dec decimal128(22, 2), yes bool, text string, " +
		"padded string, day date32[day], at timestamp[us], bin string, list string, i32_2 int32\n-12345678901234567890.25 2026-02-03 04:05:06.789000 2026-02-03\n"
	if err != nil || string(out) != want {
		t.Errorf("%v: %s\nwant %s", err, out, want)
	}
}

func TestQueryJSON(t *testing.T) {
	needEngine(t)
	r := serving(t)
	code, out, text := told(t, "query", everyType, "--format", "json", "--endpoint", r.AWS)
	if code != exitOK {
		t.Fatalf("exit %d, %q", code, text)
	}
	want := `{"i8":1,"i16":2,"i32":3,"i64":9007199254740993,"f64":1.5,"odd":"NaN","f32":2.5,"dec":-12345678901234567890.25,"yes":true,` +
		`"text":"é\"x","day":"2026-02-03","at":"2026-02-03 04:05:06.789","bin":"00 ff","list":"[1, 2]","i32_2":3}`
	if !strings.Contains(out, want+"\n") {
		t.Errorf("got %s, want %s", out, want)
	}
}

// With key pairs, from afar, everything is the same.
func TestQueryFromAfar(t *testing.T) {
	needEngine(t)
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte("[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := serving(t, "--credentials", path, "--aws-addr", "0.0.0.0:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(r.AWS, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("LOGLAKE_ENDPOINT", "http://127.0.0.1:"+port)
	for secret, want := range map[string]int{"secret": exitOK, "wrong": exitFailed} {
		t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
		code, out, text := told(t, "query", "SELECT 1 AS n")
		if code != want || want == exitOK && out != "n\n1\n" || want != exitOK && !strings.Contains(text, "the key pair has to be one") {
			t.Errorf("secret %q: exit %d, %q, %q", secret, code, out, text)
		}
	}
}

// Interrupting cancels on the server, and says so.
func TestQueryInterrupted(t *testing.T) {
	needEngine(t)
	r := serving(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() { ended <- run(ctx, []string{"query", endless, "--endpoint", r.AWS}, &out, &errs) }()
	waitForQuery(t, r, "RUNNING")
	cancel()
	if code := <-ended; code != exitFailed || out.Len() > 0 || errs.String() != "loglake: interrupted; the statement is cancelled\n" {
		t.Errorf("exit %d, %q, %q", code, out.String(), errs.String())
	}
	waitForQuery(t, r, "CANCELLED")
}

// endless is a query that takes longer than any test waits.
var endless = "WITH n AS (SELECT i FROM (VALUES " + strings.Repeat("1, ", 999) + "1) AS t (i)) " +
	"SELECT sum(a.i * b.i * c.i + d.i) FROM n a CROSS JOIN n b CROSS JOIN n c CROSS JOIN n d"

// waitForQuery waits until the newest execution is the endless one and has a state.
func waitForQuery(t *testing.T, r *running, state string) {
	t.Helper()
	c := athena.NewFromConfig(r.config())
	for t.Context().Err() == nil {
		list, err := c.ListQueryExecutions(t.Context(), &athena.ListQueryExecutionsInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.QueryExecutionIds) == 0 {
			continue
		}
		x, err := c.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: &list.QueryExecutionIds[0]})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(x.QueryExecution.Status.State); *x.QueryExecution.Query != endless {
			continue
		} else if got == state {
			return
		} else if got == "SUCCEEDED" || got == "FAILED" {
			t.Fatalf("the query is %s", got)
		}
	}
}

// A server that goes in the middle of an answer is told of, and the file is not there.
func TestQueryBrokenOff(t *testing.T) {
	server := broken(t, `{"columns":[{"name":"n","type":"integer"}]}`+"\n"+`{"row":["1"]}`+"\n"+`{"ro`)
	file := filepath.Join(t.TempDir(), "out.csv")
	code, _, text := told(t, "query", "SELECT 1", "--endpoint", server, "-o", file)
	if code != exitFailed || !strings.Contains(text, "broke off before its end") || !strings.Contains(text, "not all") {
		t.Errorf("exit %d, %q", code, text)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a result is there: %v", err)
	}
	for answer, want := range map[string]string{
		`{"columns":[{"name":"n","type":"integer"}]}` + "\n" + `{"row":[]}` + "\n": "a row that does not fit its columns",
		`{"plan":{}}` + "\n": "a result without columns",
		"<html>\n":           "invalid character",
	} {
		code, _, text := told(t, "query", "SELECT 1", "--endpoint", broken(t, answer))
		if code != exitFailed || !strings.Contains(text, want) {
			t.Errorf("%q: exit %d, %q", answer, code, text)
		}
	}
}

func broken(t *testing.T, answer string) (endpoint string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(answer))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// A reader that goes, as head does, is no failure.
func TestQueryIntoAClosedPipe(t *testing.T) {
	needEngine(t)
	r := serving(t)
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"query", "SELECT 1", "--endpoint", r.AWS}, closedPipe{}, &errs); code != exitOK || errs.Len() > 0 {
		t.Errorf("exit %d, %q", code, errs.String())
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		bytes int64
		price float64
		want  string
	}{
		{0, 5, "$0.000048 at $5 per TB (10 MB at least)"},
		{10<<20 - 1, 5, "$0.000048 at $5 per TB (10 MB at least)"},
		{10 << 20, 5, "$0.000048 at $5 per TB"},
		{10<<20 + 1, 5, "$0.000052 at $5 per TB"},
		{1 << 40, 5, "$5.00 at $5 per TB"},
		{3 << 40, 6.25, "$18.75 at $6.25 per TB"},
		{1 << 39, 1, "$0.500000 at $1 per TB"},
		{1 << 40, 0, "$0.000000 at $0 per TB"},
	} {
		if got := costs(c.bytes, c.price); got != c.want {
			t.Errorf("%d at %g costs %s, want %s", c.bytes, c.price, got, c.want)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB (1,000 bytes)", 1234567: "1.2 MB (1,234,567 bytes)", 2_500_000_000: "2.5 GB (2,500,000,000 bytes)"} {
		if got := exactly(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	s := client.QueryStatistics{Rows: 1, ScannedBytes: 5, QueueMillis: 10, TotalMillis: 1234, Statement: "DML"}
	if got, want := footer(s, 5), "1 row, scanned 5 bytes, $0.000048 at $5 per TB (10 MB at least), 1.23 s (0.01 s in the queue)"; got != want {
		t.Errorf("footer is %q, want %q", got, want)
	}
}

func TestMark(t *testing.T) {
	long := strings.Repeat("a", 80) + "X" + strings.Repeat("b", 80)
	for _, c := range []struct {
		sql          string
		line, column int
		want         string
	}{
		{"SELECT x", 1, 8, "  1 | SELECT x\n             ^\n"},
		{"SELECT\r\n\tx", 2, 2, "  2 |  x\n       ^\n"},
		{"SELECT '로그' x", 1, 13, "  1 | SELECT '로그' x\n                    ^\n"},
		{"SELECT", 1, 7, "  1 | SELECT\n            ^\n"},
		{"SELECT", 1, 99, "  1 | SELECT\n            ^\n"},
		{"SELECT", 2, 1, ""},
		{"SELECT", 0, 0, ""},
		{long, 1, 81, "  1 | …" + long[30:80] + long[80:129] + "…\n" + strings.Repeat(" ", 6+51) + "^\n"},
	} {
		if diff := cmp.Diff(c.want, mark(c.sql, &client.QueryError{Line: c.line, Column: c.column})); diff != "" {
			t.Errorf("%.20q at %d:%d (-want +got):\n%s", c.sql, c.line, c.column, diff)
		}
	}
}

// The columns of a table are as wide as the first rows need; a later wide value moves those behind it, and is whole.
func TestTableStreams(t *testing.T) {
	var out strings.Builder
	w := newRowWriter("table", &out, []client.QueryColumn{{Name: "n", Type: "decimal(3,1)"}, {Name: "text", Type: "varchar"}})
	short, wide, text := "1", "12345", "x"
	for n := range tableSample + 1 {
		v := &short
		if n == tableSample {
			v = &wide
		}
		if err := w.row([]*string{v, &text}); err != nil {
			t.Fatal(err)
		}
		if n == 10 && out.Len() > 0 {
			t.Fatal("it does not wait for the sample")
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "  n  text\n  ─  ────\n  1  x\n") || !strings.HasSuffix(got, "\n  1  x\n  12345  x\n") {
		t.Errorf("got %q", got[len(got)-40:])
	}
	out.Reset()
	w = newRowWriter("table", &out, []client.QueryColumn{{Name: "message", Type: "varchar"}})
	trace := strings.Repeat("long ", 30) + "\n\x1b[2Jat"
	if err := errors.Join(w.row([]*string{&trace}), w.close()); err != nil || !strings.HasSuffix(out.String(), "long\n  \ufffd[2Jat\n") {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
