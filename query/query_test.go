package query_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query"
)

func TestSelectSeesCommittedForeignAndHotRows(t *testing.T) {
	l := newLake(t, nil)
	l.startPosition()
	l.rows(eventsDDL)
	l.commit(day(1), events(100, 10))
	l.put(day(1)+"part-0001.snappy.parquet", parquetOf(l, events(200, 5)))
	l.put(day(1)+"_temporary/x.parquet", []byte("not Parquet, hidden"))
	l.put(day(1)+"_SUCCESS", nil)
	l.addHot(day(2), 10, events(300, 7)) // a partition that no commit has registered yet
	x := l.run("SELECT dt, count(*) AS n, sum(status_code) AS s FROM events GROUP BY dt ORDER BY dt")
	want := []string{"dt|n|s", "2025-01-01|15|2055", "2025-01-02|7|2121"}
	if diff := cmp.Diff(want, l.page(x)); diff != "" || x.State != query.Succeeded {
		t.Errorf("%s %s\n%s", x.State, x.Reason, diff)
	}
	if x.Statistics.HotRows != 7 || x.Statistics.ScannedFiles != 3 || x.Statistics.ScannedBytes == 0 {
		t.Errorf("statistics %+v", x.Statistics)
	}
	if l.pinned != 0 {
		t.Errorf("%d chunks are still pinned", l.pinned)
	}
}

func TestABatchThatCommitsDuringAQueryIsSeenOnce(t *testing.T) {
	l := newLake(t, nil)
	l.startPosition()
	l.rows(eventsDDL)
	rng := l.addHot(day(1), 0, events(1, 10))
	commits := 0
	l.onHot = func(context.Context) { // between the pin and the read of the manifest: the moment that must not lose or double rows
		if commits++; commits == 1 {
			l.commit(day(1), events(1, 10), rng)
		}
	}
	const count = "SELECT count(*), sum(status_code) FROM events"
	for range 2 { // and again, now that the chunk lingers behind its commit
		if got := l.rows(count); !slices.Equal(got, []string{"10|55"}) {
			t.Errorf("rows %v, want each once", got)
		}
	}
	l.onHot = nil
	l.addHot(day(1), 10, events(11, 1))
	if got := l.rows(count); !slices.Equal(got, []string{"11|66"}) {
		t.Errorf("with a newer chunk: %v", got)
	}
}

// TestARunningSum commits chunk after chunk while queries run: each sees a whole number of chunks, none less than were
// there when it began, and each row once.
func TestARunningSum(t *testing.T) {
	const chunks = 25
	l := newLake(t, nil)
	l.startPosition()
	l.rows(eventsDDL)
	var accepted atomic.Int64
	committed := make(chan struct{})
	go func() {
		defer close(committed)
		var before loglake.Range
		for i := range chunks {
			rng := l.addHot(day(1+i%3), loglake.Offset(i), events(i+1, 1))
			accepted.Store(int64(i + 1))
			l.commit(day(1+i%3), events(i+1, 1), rng)
			l.dropHot(before) // a chunk lingers behind its commit
			before = rng
		}
	}()
	for done := false; !done; {
		select {
		case <-committed:
			done = true
		default:
		}
		least := accepted.Load()
		var n, sum int64
		got := l.rows("SELECT count(*), coalesce(sum(status_code), 0) FROM events")
		if _, err := fmt.Sscanf(got[0], "%d|%d", &n, &sum); err != nil || n < least || n > accepted.Load() || sum != n*(n+1)/2 {
			t.Fatalf("%v: %d rows with the sum %d, want at least %d rows, each once", got, n, sum, least)
		}
	}
}

func TestPartitionsArePrunedBeforeAnyFileIsOpened(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	l.commit(day(1), events(1, 3))
	l.put(day(2)+"broken.parquet", []byte("this is not a Parquet file and opening it would fail"))
	l.rows("ALTER TABLE events ADD PARTITION (dt='2025-01-02')")
	x := l.run("SELECT count(*) FROM events WHERE dt >= '2025-01-01' AND dt < '2025-01-02'")
	if x.State != query.Succeeded || x.Statistics.PrunedPartitions != 1 || x.Statistics.ScannedBytes != 0 {
		t.Errorf("%s %s %+v", x.State, x.Reason, x.Statistics)
	}
	x = l.run("SELECT count(*) FROM events")
	if x.State != query.Failed || !strings.HasPrefix(x.Reason, "HIVE_BAD_DATA: Not valid Parquet file: s3://my-bucket/data/dt=2025-01-02/broken.parquet expected magic number: PAR1 got: ") {
		t.Errorf("%s %s", x.State, x.Reason)
	}
}

func TestManyPartitions(t *testing.T) {
	l := newLake(t, nil)
	l.rows(`CREATE EXTERNAL TABLE many (status_code int, level string) PARTITIONED BY (dt string, n int) STORED AS PARQUET LOCATION 's3://my-bucket/many/'`)
	content := parquetOf(l, events(1, 2))
	for i := range 600 { // as another program writes them: into the directory
		name := filepath.Join(l.root, bucket, fmt.Sprintf("many/dt=d%d/n=%d/f", i%7, i))
		l.must(os.MkdirAll(filepath.Dir(name), 0o755))
		l.must(os.WriteFile(name, content, 0o600))
	}
	l.rows("MSCK REPAIR TABLE many")
	want := []string{"600|1200|1800|179700"}
	if got := l.rows(`SELECT count(DISTINCT n), count(*), sum(status_code), sum(n) / 2 FROM many`); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want = []string{"d0|86|3", "d3|86|3"}
	if got := l.rows(`SELECT dt, count(DISTINCT n), max(status_code) + min(status_code) FROM many WHERE dt IN ('d0', 'd3') GROUP BY dt ORDER BY dt`); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want = []string{"s3://my-bucket/many/dt=d5/n=12/f|12"}
	if got := l.rows(`SELECT DISTINCT "$path", n FROM many WHERE n = 12`); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFilesAreHeldAgainstTheTable(t *testing.T) {
	l := newLake(t, nil)
	type odd struct {
		Level      int64   `parquet:"level"`
		StatusCode float64 `parquet:"status_code"`
	}
	l.put("odd/f", parquetOf(l, []odd{{1, 2}}))
	l.rows(`CREATE EXTERNAL TABLE odd (level string, status_code double, lacking bigint) STORED AS PARQUET LOCATION 's3://my-bucket/odd'`)
	if got := l.rows("SELECT status_code, lacking FROM odd"); !slices.Equal(got, []string{"2.0|NULL"}) {
		t.Errorf("got %v", got)
	}
	x := l.run("SELECT level FROM odd")
	want := "HIVE_BAD_DATA: Field level's type INT64 in parquet file s3://my-bucket/odd/f is incompatible with type varchar defined in table schema"
	if x.State != query.Failed || x.Reason != want || x.Failure.Message != want || x.Failure.Category != 2 {
		t.Errorf("%s %s %+v", x.State, x.Reason, x.Failure)
	}
}

func TestAMissingObjectIsReportedOnceAndLeftOut(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	l.commit(day(1), events(1, 3))
	key := l.commit(day(1), events(100, 4))
	l.must(l.store.Delete(t.Context(), bucket, key))
	x := l.run("SELECT count(*) FROM events")
	if got := l.page(x); !slices.Equal(got, []string{"_col0", "3"}) || len(x.Notices) != 1 || !strings.Contains(x.Notices[0], key) {
		t.Errorf("%s %s %v %q", x.State, x.Reason, got, x.Notices)
	}
	if x = l.run("SELECT count(*) FROM events"); len(x.Notices) != 0 {
		t.Errorf("reported again: %q", x.Notices)
	}
}

func TestRefusedRequests(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.Output = "" })
	output := "s3://my-bucket/results"
	f := func(name string, r query.StartRequest, code, message string) {
		t.Helper()
		if r.Output == nil {
			r.Output = &output
		}
		_, err := l.Start(t.Context(), r)
		var refusal *query.Refusal
		if !errors.As(err, &refusal) || refusal.AthenaCode != code || !strings.HasPrefix(refusal.Cause.Message, message) {
			t.Errorf("%s: %v, want %s %q", name, err, code, message)
		}
	}
	one := query.StartRequest{QueryString: "SELECT 1"}
	bad, none, elsewhere := "file:///x", "", "s3://nowhere/x"
	f("short token", query.StartRequest{QueryString: "SELECT 1", Token: "short"}, "INVALID_INPUT", "1 validation error detected: Value at 'clientRequestToken'")
	f("workgroup", query.StartRequest{QueryString: "SELECT 1", WorkGroup: "other"}, "INVALID_INPUT", "WorkGroup is not found.")
	f("output", query.StartRequest{QueryString: "SELEC", Output: &bad}, "INVALID_INPUT", "outputLocation is not a valid S3 path.")
	f("no output", query.StartRequest{QueryString: one.QueryString, Output: &none}, "INVALID_INPUT", "No output location provided.")
	f("bucket", query.StartRequest{QueryString: one.QueryString, Output: &elsewhere}, "INVALID_INPUT", "Unable to verify/create output bucket nowhere")
	f("two", query.StartRequest{QueryString: "SELECT 1; SELECT 2 "}, "MALFORMED_QUERY", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2")
	f("none", query.StartRequest{QueryString: " ; "}, "MALFORMED_QUERY", "Empty sql statement: ;")
	f("syntax", query.StartRequest{QueryString: "SELEC 1"}, "MALFORMED_QUERY", "line 1:1: mismatched input 'SELEC'")
	f("describe", query.StartRequest{QueryString: "DESCRIBE nosuch"}, "INVALID_INPUT", "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; Request ID: ")
	f("catalog", query.StartRequest{QueryString: "SHOW COLUMNS IN other.d.t"}, "DATACATALOG_NOT_FOUND", "Catalog 'other' does not exist")
}

func TestTokens(t *testing.T) {
	l := newLake(t, nil)
	token := strings.Repeat("t", 32)
	first, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1", Token: token})
	l.must(err)
	for range 2 {
		again, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1", Token: token})
		if err != nil || again != first {
			t.Errorf("the same request again: %s %v, want %s", again, err, first)
		}
		_, err = l.Wait(t.Context(), first)
		l.must(err)
	}
	_, err = l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1;", Token: token})
	var refusal *query.Refusal
	if !errors.As(err, &refusal) || refusal.AthenaCode != "IDEMPOTENT_PARAMETER_MISMATCH" {
		t.Errorf("another text: %v", err)
	}
	if ids, _, err := l.List(t.Context(), "", "", 50); err != nil || !slices.Equal(ids, []string{first}) {
		t.Errorf("list %v %v", ids, err)
	}
}

func TestResultsByPage(t *testing.T) {
	l := newLake(t, nil)
	x := l.run(`SELECT a, b FROM (VALUES (1, 'x,"y"'), (2, ''), (3, NULL), (4, 'two
lines')) t(a, b) ORDER BY a`)
	var got [][]string
	token := ""
	for {
		r, err := l.Results(t.Context(), x.ID, token, 2)
		l.must(err)
		got = append(got, texts(r.Rows))
		if len(r.Columns) != 2 || r.Columns[0].Type != "integer" || r.Columns[1].Type != "varchar" {
			t.Errorf("columns %+v", r.Columns)
		}
		if token = r.NextToken; token == "" {
			break
		}
	}
	want := [][]string{{"a|b", `1|x,"y"`}, {"2|", "3|NULL"}, {"4|two\nlines"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	full, err := l.Results(t.Context(), x.ID, "", 5)
	l.must(err)
	rest, err := l.Results(t.Context(), x.ID, full.NextToken, 5)
	if err != nil || full.NextToken == "" || len(rest.Rows) != 0 || rest.NextToken != "" {
		t.Errorf("behind a page that is exactly full: %+v %v", rest, err)
	}
	if _, err := l.Results(t.Context(), x.ID, "nonsense", 0); err == nil || !strings.Contains(err.Error(), "Malformed nextPageToken nonsense") {
		t.Errorf("a malformed token: %v", err)
	}
	if _, err := l.Results(t.Context(), x.ID, "", 1001); err == nil || !strings.Contains(err.Error(), "MaxResults is more than maximum allowed length 1000") {
		t.Errorf("too many: %v", err)
	}
	_, file, _ := strings.Cut(x.Output, bucket+"/")
	l.must(l.store.Delete(t.Context(), bucket, file))
	var refusal *query.Refusal
	if _, err := l.Results(t.Context(), x.ID, "", 0); !errors.As(err, &refusal) || refusal.AthenaCode != "RESULT_NOT_FOUND" {
		t.Errorf("a deleted result: %v", err)
	}
}

func TestResultFile(t *testing.T) {
	l := newLake(t, nil)
	x := l.run(`SELECT 1 AS "a""b", 'q"q' AS s, CAST(NULL AS varchar) AS n, '' AS e`)
	content, object, err := l.store.Get(t.Context(), bucket, "results/"+x.ID+".csv")
	l.must(err)
	defer content.Close()
	got := make([]byte, object.Bytes)
	_, err = content.Read(got)
	l.must(err)
	want := "\"a\"\"b\",\"s\",\"n\",\"e\"\n\"1\",\"q\"\"q\",,\"\"\n"
	if string(got) != want || x.Output != "s3://my-bucket/results/"+x.ID+".csv" {
		t.Errorf("%s holds %q, want %q", x.Output, got, want)
	}
	if _, err := l.store.Stat(t.Context(), bucket, "results/"+x.ID+".csv.metadata"); err != nil {
		t.Error(err)
	}
	if x := l.run("SELECT 1 / 0"); x.Reason != "DIVISION_BY_ZERO: Division by zero" || x.Failure.Type != 1001 {
		t.Errorf("%s %+v", x.Reason, x.Failure)
	} else if _, err := l.store.Stat(t.Context(), bucket, "results/"+x.ID+".csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed query left a result: %v", err)
	}
}

func TestStop(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.Concurrent = 1 })
	running := make(chan struct{})
	l.onHot = func(ctx context.Context) {
		close(running)
		<-ctx.Done()
	}
	l.rows(eventsDDL)
	id, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT count(*) FROM events"})
	l.must(err)
	<-running
	waiting, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 2"})
	l.must(err)
	if x, err := l.Get(t.Context(), waiting); err != nil || x.State != query.Queued {
		t.Errorf("behind a running query: %s %v", x.State, err)
	}
	if _, err := l.Results(t.Context(), waiting, "", 0); err == nil || !strings.Contains(err.Error(), "Query has not yet finished. Current state: QUEUED") {
		t.Errorf("results too early: %v", err)
	}
	l.must(l.Stop(t.Context(), id))
	l.must(l.Stop(t.Context(), id)) // of a finished one: no effect
	x, err := l.Get(t.Context(), id)
	if err != nil || x.State != query.Cancelled || x.Reason != "Query cancelled by user" || x.Failure != nil {
		t.Errorf("%s %s %+v %v", x.State, x.Reason, x.Failure, err)
	}
	if x, err := l.Wait(t.Context(), waiting); err != nil || x.State != query.Succeeded {
		t.Errorf("the one that waited: %s %s %v", x.State, x.Reason, err)
	}
	if err := l.Stop(t.Context(), "nosuch"); err == nil {
		t.Error("an unknown id was stopped")
	}
}

func TestHistorySurvivesTheServer(t *testing.T) {
	l := newLake(t, nil)
	done := l.run("SELECT 1")
	blocked := make(chan struct{})
	l.onHot = func(context.Context) { <-blocked }
	l.rows(eventsDDL)
	id, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT count(*) FROM events"})
	l.must(err)
	l.start() // a second server on the same state, as after a kill
	close(blocked)
	x, err := l.Get(t.Context(), id)
	if err != nil || x.State != query.Failed || !strings.Contains(x.Reason, "the server ended while the query was") || !x.Failure.Retryable {
		t.Errorf("%s %s %v", x.State, x.Reason, err)
	}
	if x, err := l.Get(t.Context(), done.ID); err != nil || x.State != query.Succeeded || cmp.Diff(done, x) != "" {
		t.Errorf("%s %v\n%s", x.State, err, cmp.Diff(done, x))
	}
}

func TestStopOfTheServerFailsWhatRuns(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	e, err := query.New(context.Background(), l.config)
	l.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	l.onHot = func(context.Context) { cancel() } // the server is stopped while the query runs
	id, err := e.Start(t.Context(), query.StartRequest{QueryString: "SELECT count(*) FROM events"})
	l.must(err)
	l.must(e.Run(ctx))
	x, err := e.Get(t.Context(), id)
	if err != nil || (x.State != query.Failed && x.State != query.Succeeded) {
		t.Errorf("%s %s %v", x.State, x.Reason, err)
	}
	if _, err := e.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1"}); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("a request to a stopped server: %v", err)
	}
}

func TestListByPage(t *testing.T) {
	l := newLake(t, nil)
	var want []string
	for range 5 {
		want = append([]string{l.run("SHOW DATABASES").ID}, want...)
	}
	var got []string
	token := ""
	for {
		ids, next, err := l.List(t.Context(), "primary", token, 2)
		l.must(err)
		got = append(got, ids...)
		if token = next; token == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTimeMax(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.TimeMax = 300 * time.Millisecond })
	l.onHot = func(ctx context.Context) { <-ctx.Done() }
	l.rows("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://my-bucket/t/'")
	if x := l.run("SELECT count(*) FROM t"); x.State != query.Failed || x.Reason != "EXCEEDED_TIME_LIMIT: Query exceeded the maximum run time limit of 0.01m" {
		t.Errorf("%s %s", x.State, x.Reason)
	}
}

func TestResultRowsMax(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.ResultRowsMax = 2 })
	if x := l.run("VALUES 1, 2, 3"); x.State != query.Failed || !strings.Contains(x.Reason, "more than 2 rows") {
		t.Errorf("%s %s", x.State, x.Reason)
	}
}
