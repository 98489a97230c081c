//go:build cgo

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query/engine"
)

const childEnv = "LOGLAKE_TEST_ENGINE_CHILD=1"

// TestMain lets the test binary be the child process too.
func TestMain(m *testing.M) {
	if os.Getenv("LOGLAKE_TEST_ENGINE_CHILD") != "" {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func newEngine(t *testing.T, change func(*engine.Config)) *engine.Engine {
	t.Helper()
	config := engine.Config{Command: []string{os.Args[0]}, Env: []string{childEnv}, Threads: 2, Dir: t.TempDir()}
	if change != nil {
		change(&config)
	}
	e, err := engine.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// one runs a query that gives one integer.
func one(e *engine.Engine, r engine.Request) (int64, error) {
	rows, err := e.Query(context.Background(), r)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var value int64
	for {
		b, err := rows.Next()
		if err != nil || b == nil {
			return value, err
		}
		value = b.Columns[0].Int(0)
	}
}

func faultKind(err error) engine.FaultKind {
	var f *engine.Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

// show prints a value plainly, enough to compare.
func show(v *engine.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	parts := func(from, to int, child *engine.Vector) string {
		var list []string
		for k := from; k < to; k++ {
			list = append(list, show(child, k))
		}
		return strings.Join(list, " ")
	}
	switch v.Type.Kind {
	case engine.Boolean:
		return fmt.Sprint(v.Bool(i))
	case engine.Float, engine.Double:
		return fmt.Sprint(v.Float(i))
	case engine.Varchar:
		return string(v.Bytes(i))
	case engine.Blob:
		return fmt.Sprintf("%x", v.Bytes(i))
	case engine.HugeInt, engine.Decimal:
		return v.Big(i).String() + "e-" + fmt.Sprint(v.Type.Scale)
	case engine.UUID:
		return fmt.Sprintf("%x", v.UUIDBytes(i))
	case engine.Interval:
		m, d, u := v.Interval(i)
		return fmt.Sprint(m, " ", d, " ", u)
	case engine.List, engine.Map:
		from, to := v.Span(i)
		return "[" + parts(from, to, v.Child(0)) + "]"
	case engine.Struct:
		s := "{"
		for k, f := range v.Type.Fields {
			s += f.Name + "=" + show(v.Child(k), i) + ";"
		}
		return s + "}"
	}
	return fmt.Sprint(v.Int(i))
}

func TestEveryTypeArrivesAsItIs(t *testing.T) {
	e := newEngine(t, nil)
	f := func(expr, wantKind, want string) {
		t.Helper()
		rows, err := e.Query(t.Context(), engine.Request{SQL: "SELECT x FROM (VALUES (NULL), (" + expr + "), (NULL)) t(x) WHERE x IS NOT NULL UNION ALL (SELECT NULL LIMIT 1)"})
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			return
		}
		defer rows.Close()
		var got []string
		for {
			b, err := rows.Next()
			if err != nil {
				t.Errorf("%s: %v", expr, err)
				return
			}
			if b == nil {
				break
			}
			for i := range b.Rows {
				got = append(got, show(&b.Columns[0], i))
			}
		}
		if k := string(rows.Columns[0].Type.Kind); k != wantKind {
			t.Errorf("%s: kind %s, want %s", expr, k, wantKind)
		}
		if diff := cmp.Diff([]string{want, "NULL"}, got); diff != "" {
			t.Errorf("%s: %s", expr, diff)
		}
	}
	f("true", "BOOLEAN", "true")
	f("(-7)::TINYINT", "TINYINT", "-7")
	f("(-700)::SMALLINT", "SMALLINT", "-700")
	f("-70000", "INTEGER", "-70000")
	f("-7000000000", "BIGINT", "-7000000000")
	f("'-170141183460469231731687303715884105727'::HUGEINT", "HUGEINT", "-170141183460469231731687303715884105727e-0")
	f("1.5::FLOAT", "FLOAT", "1.5")
	f("-1.5e300", "DOUBLE", "-1.5e+300")
	f("(-12.34)::DECIMAL(4,2)", "DECIMAL", "-1234e-2")
	f("1234567.89::DECIMAL(9,2)", "DECIMAL", "123456789e-2")
	f("(-1234567890.12)::DECIMAL(18,2)", "DECIMAL", "-123456789012e-2")
	f("'-12345678901234567890123456789012345678'::DECIMAL(38,0)", "DECIMAL", "-12345678901234567890123456789012345678e-0")
	f("'short'", "VARCHAR", "short")
	f("'longer than twelve bytes, ö'", "VARCHAR", "longer than twelve bytes, ö")
	f(`'\x00\xFF'::BLOB`, "BLOB", "00ff")
	f("DATE '1969-12-31'", "DATE", "-1")
	f("TIME '00:00:01.5'", "TIME", "1500000")
	f("TIMESTAMP '1970-01-01 00:00:01.5'", "TIMESTAMP", "1500000")
	f("'1970-01-01 00:00:01.5'::TIMESTAMP_MS", "TIMESTAMP_MS", "1500")
	f("'1970-01-01 00:00:01.5'::TIMESTAMP_NS", "TIMESTAMP_NS", "1500000000")
	f("TIMESTAMPTZ '1970-01-01 00:00:01+01'", "TIMESTAMPTZ", "-3599000000")
	f("INTERVAL '14 months 3 days 1 second'", "INTERVAL", "14 3 1000000")
	f("'0a1b2c3d-0000-4000-8000-0123456789ab'::UUID", "UUID", "0a1b2c3d0000400080000123456789ab")
	f("[1, NULL, 3]", "LIST", "[1 NULL 3]")
	f("[['a', 'a string longer than twelve'], [], NULL]", "LIST", "[[a a string longer than twelve] [] NULL]")
	f("map(['k', 'j'], [1, NULL])", "MAP", "[{key=k;value=1;} {key=j;value=NULL;}]")
	f("{'a': 1, 'b': [{'c': 'x'}]}", "STRUCT", "{a=1;b=[{c=x;}];}")
}

func TestRowsKeepTheirOrderOverManyBatches(t *testing.T) {
	e := newEngine(t, nil)
	rows, err := e.Query(t.Context(), engine.Request{
		SQL: "SELECT range, CASE WHEN range % 3 = 0 THEN NULL ELSE range::VARCHAR || repeat('x', (range % 20)::INT) END, [range, range + 1] FROM range(100000)"})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	next := 0
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		for i := range b.Rows {
			text := fmt.Sprint(next) + strings.Repeat("x", next%20)
			if next%3 == 0 {
				text = "NULL"
			}
			want := fmt.Sprintf("%d|%s|[%d %d]", next, text, next, next+1)
			if got := show(&b.Columns[0], i) + "|" + show(&b.Columns[1], i) + "|" + show(&b.Columns[2], i); got != want {
				t.Fatalf("row %d is %s, want %s", next, got, want)
			}
			next++
		}
	}
	if next != 100000 {
		t.Errorf("%d rows, want 100000", next)
	}
}

func TestFailuresHaveKindsAndTheChildGoesOn(t *testing.T) {
	e := newEngine(t, nil)
	f := func(sql string, want engine.FaultKind, text string) {
		t.Helper()
		_, err := one(e, engine.Request{SQL: sql})
		if faultKind(err) != want || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want %s with %q", sql, err, want, text)
		}
	}
	f("SELECT CAST(x AS INTEGER) FROM (VALUES ('1'), ('abc')) t(x)", engine.FaultConversion, "Could not convert string 'abc' to INT32")
	f("SELECT CAST('abc' AS INTEGER)", engine.FaultConversion, "'abc'")
	f("SELECT x + 1 FROM (VALUES (2147483647)) t(x)", engine.FaultOutOfRange, "Overflow")
	f("SELECT error('DIVISION_BY_ZERO: Division by zero')", engine.FaultInput, "DIVISION_BY_ZERO: Division by zero")
	f("SELEC 1", engine.FaultDefect, "syntax error")
	f("SELECT nosuch", engine.FaultDefect, "nosuch")
	f("SELECT 1; SELECT 2", engine.FaultInput, "multiple statements")
	f("CREATE TABLE t (x INT)", engine.FaultDefect, "only statements that read")
	f("SET threads = 8", engine.FaultDefect, "")
	if e.Idle() != 1 {
		t.Errorf("%d idle children, want the one that answered all of these", e.Idle())
	}
}

func TestAChildReadsTheFilesOfItsRequestOnly(t *testing.T) {
	e := newEngine(t, nil)
	dir := t.TempDir()
	given, other := filepath.Join(dir, "it's given.csv"), filepath.Join(dir, "other.csv")
	for _, name := range []string{given, other} {
		if err := os.WriteFile(name, []byte("a\n42\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	quote := func(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }
	files := []string{given}
	if n, err := one(e, engine.Request{SQL: "SELECT a FROM read_csv(" + quote(given) + ")", Files: files}); err != nil || n != 42 {
		t.Errorf("a given file: %d, %v", n, err)
	}
	for _, sql := range []string{
		"SELECT a FROM read_csv(" + quote(other) + ")",
		"SELECT a FROM read_csv(" + quote(dir+"/*.csv") + ")",
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM glob('/etc/*')",
		"SELECT a FROM read_csv('https://example.org/x.csv')",
		"COPY (SELECT 1) TO " + quote(filepath.Join(dir, "written.csv")),
		"ATTACH " + quote(filepath.Join(dir, "db")),
		"INSTALL httpfs",
	} {
		if n, err := one(e, engine.Request{SQL: sql, Files: files}); err == nil {
			t.Errorf("%s: got %d, want a refusal", sql, n)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

// endless is a query that gives its first row only after longer than any test runs.
const endless = "SELECT count(*) FROM range(10000000000000) a WHERE hash(a.range) = 1"

func TestCancelStopsAQueryAndKeepsTheChild(t *testing.T) {
	e := newEngine(t, nil)
	if _, err := one(e, engine.Request{SQL: "SELECT 1"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := e.Query(ctx, engine.Request{SQL: endless})
		failed <- err
	}()
	cancel()
	if err := <-failed; faultKind(err) != engine.FaultInterrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want interrupted", err)
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 {
		t.Errorf("the next query: %d, %v", n, err)
	}
}

func TestCloseInTheMiddleOfAHugeResult(t *testing.T) {
	e := newEngine(t, nil)
	rows, err := e.Query(t.Context(), engine.Request{SQL: "SELECT range, repeat('x', 1000) FROM range(1000000000)"})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := rows.Next(); err != nil || b == nil || b.Rows == 0 {
		t.Fatalf("no rows: %v", err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 || e.Idle() != 1 {
		t.Errorf("the next query: %d, %v, %d idle", n, err, e.Idle())
	}
}

func TestAKilledChildFailsItsQueryOnly(t *testing.T) {
	e := newEngine(t, nil)
	rows, err := e.Query(t.Context(), engine.Request{SQL: "SELECT range, repeat('x', 1000) FROM range(1000000000)"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := e.Query(t.Context(), engine.Request{SQL: "SELECT range FROM range(100000)"})
	if err != nil {
		t.Fatal(err)
	}
	rows.KillChild()
	for {
		b, err := rows.Next()
		if err != nil {
			if faultKind(err) != engine.FaultCrashed {
				t.Errorf("error %v, want crashed", err)
			}
			break
		}
		if b == nil {
			t.Fatal("a killed child's query ended well")
		}
	}
	_ = rows.Close()
	count := 0
	for {
		b, err := other.Next()
		if err != nil {
			t.Fatalf("the other query: %v", err)
		}
		if b == nil {
			break
		}
		count += b.Rows
	}
	_ = other.Close()
	if count != 100000 {
		t.Errorf("the other query gave %d rows", count)
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 {
		t.Errorf("the next query: %d, %v", n, err)
	}
}

func TestAStoppedChildIsKilledAfterTheGrace(t *testing.T) {
	e := newEngine(t, func(c *engine.Config) { c.Grace = 50 * time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := e.Query(ctx, engine.Request{SQL: "SELECT range FROM range(1000000000)"})
	if err != nil {
		t.Fatal(err)
	}
	rows.FreezeChild() // a child that hears nothing
	cancel()
	for err == nil {
		_, err = rows.Next()
	}
	if faultKind(err) != engine.FaultInterrupted {
		t.Errorf("error %v, want interrupted", err)
	}
	_ = rows.Close()
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 {
		t.Errorf("the next query: %d, %v", n, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	e := newEngine(t, func(c *engine.Config) { c.MemoryMax, c.SpillMax = 64<<20, 16<<20 })
	_, err := one(e, engine.Request{SQL: "SELECT len(list(range || 'some text to fill the memory')) FROM range(3000000)"})
	if faultKind(err) != engine.FaultMemory {
		t.Errorf("error %v, want memory", err)
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 {
		t.Errorf("the next query: %d, %v", n, err)
	}
}

func TestIdleChildrenAreStopped(t *testing.T) {
	e := newEngine(t, func(c *engine.Config) { c.IdleAfter = time.Millisecond })
	if _, err := one(e, engine.Request{SQL: "SELECT 1"}); err != nil {
		t.Fatal(err)
	}
	look, deadline := time.NewTicker(time.Millisecond), time.After(5*time.Second)
	defer look.Stop()
	for e.Idle() > 0 {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("the idle child is still there")
		}
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7"}); err != nil || n != 7 {
		t.Errorf("the next query: %d, %v", n, err)
	}
}

func TestACommandThatIsNoEngine(t *testing.T) {
	e := newEngine(t, func(c *engine.Config) { c.Command = []string{"/bin/false"} })
	if _, err := one(e, engine.Request{SQL: "SELECT 1"}); faultKind(err) != engine.FaultCrashed {
		t.Errorf("error %v, want crashed", err)
	}
	e = newEngine(t, func(c *engine.Config) { c.Command = []string{"/no/such/program"} })
	if _, err := one(e, engine.Request{SQL: "SELECT 1"}); faultKind(err) != engine.FaultCrashed {
		t.Errorf("error %v, want crashed", err)
	}
}

func TestManyFiles(t *testing.T) {
	e := newEngine(t, nil)
	dir := t.TempDir()
	var files []string
	for i := range 10000 {
		files = append(files, filepath.Join(dir, fmt.Sprintf("dt=2025-01-01/file-with-a-long-name-%08d.parquet", i)))
	}
	if n, err := one(e, engine.Request{SQL: "SELECT 7", Files: files}); err != nil || n != 7 {
		t.Errorf("%d, %v", n, err)
	}
}
