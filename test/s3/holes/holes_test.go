// Package holes_test shows that a query over objects in S3, of which only parts are fetched, never takes for data what was
// not: the holes of the local copies are filled with noise, and every query must answer as it does over whole files.
package holes_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

var full = flag.Bool("full", false, "run every statement over every file")

const childEnv = "LOGLAKE_TEST_ENGINE_CHILD=1"

// TestMain lets the test binary be the engine's child process too.
func TestMain(m *testing.M) {
	if os.Getenv("LOGLAKE_TEST_ENGINE_CHILD") != "" {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// noisy is the operating system's filesystem, but a file that is made longer is filled with noise and not with zeros.
type noisy struct{ disk.FS }

func (n noisy) OpenFile(name string, flag int, perm os.FileMode) (disk.File, error) {
	f, err := n.FS.OpenFile(name, flag, perm)
	return noisyFile{f}, err
}

type noisyFile struct{ disk.File }

func (f noisyFile) Truncate(bytes int64) error {
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, bytes)
	_, _ = random.Read(noise) // it does not fail
	_, err := f.WriteAt(noise, 0)
	return err
}

// service is an S3 service, loglake's own face, that counts its requests and the bytes that it gives.
type service struct {
	dir *store.Dir
	url string

	mu       sync.Mutex
	requests map[string]int
	bytes    int64
}

func newService(t testing.TB) *service {
	t.Helper()
	dir, err := store.OpenDir(store.DirConfig{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{dir: dir, requests: map[string]int{}}
	home := loglake.Home{Account: "123456789012", Region: "us-east-1"}
	face := front.New(front.Config{S3: s3api.New(s3api.Config{Store: dir, Home: home}), STS: &stsapi.Handler{Home: home},
		Verifier: sigv4.New(sigv4.Config{Keys: map[string]string{"AKID": "SECRET"}, Region: "us-east-1"})})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &counted{ResponseWriter: w}
		face.ServeHTTP(c, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests[r.Method]++
		s.bytes += c.bytes
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

type counted struct {
	http.ResponseWriter
	bytes int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return c.ResponseWriter.Write(p)
}

// take gives the requests since the last take, by method, and the bytes that were given.
func (s *service) take() (requests map[string]int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests, bytes = s.requests, s.bytes
	s.requests, s.bytes = map[string]int{}, 0
	return requests, bytes
}

// open gives a new S3 over the service, with nothing in its cache.
func (s *service) open(t testing.TB, fs disk.FS) *store.S3 { return s.openSmall(t, fs, 0) }

// openSmall is open with a bound on the cache.
func (s *service) openSmall(t testing.TB, fs disk.FS, cacheBytes int64) *store.S3 {
	t.Helper()
	s3, err := store.NewS3(store.S3Config{Endpoint: s.url, PathStyle: true, AccessKey: "AKID", SecretKey: "SECRET", Dir: t.TempDir(), FS: fs, CacheBytes: cacheBytes})
	if err != nil {
		t.Fatal(err)
	}
	return s3
}

// swapped is a store whose place another takes between two queries.
type swapped struct{ query.Store }

// lake is a catalog and executions over a store.
type lake struct {
	*query.Executions
	t testing.TB
}

func newLake(t testing.TB, s query.Store) *lake {
	t.Helper()
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var migrations []state.Migration
	for _, m := range [][]state.Migration{catalog.Migrations(), position.Migrations(), query.Migrations()} {
		migrations = append(migrations, m...)
	}
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: migrations})
	must(err)
	e, err := engine.New(engine.Config{Command: []string{os.Args[0]}, Env: []string{childEnv}, Threads: 2})
	must(err)
	home := loglake.Home{Account: "123456789012", Region: "us-east-1"}
	c := catalog.New(catalog.Config{DB: db, Home: home})
	must(c.CreateDefault(t.Context()))
	executions, err := query.New(context.Background(), query.Config{DB: db, Home: home, Clock: time.Now, Catalog: c, Store: s, Engine: e, Output: "s3://lake/results/"})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = executions.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = e.Close()
		_ = db.Close()
	})
	l := &lake{Executions: executions, t: t}
	for _, ddl := range tables {
		l.rows(ddl)
	}
	return l
}

// rows gives the result of a statement as text, or why it failed.
func (l *lake) rows(sql string) string {
	l.t.Helper()
	x := l.run(sql)
	if x.State != query.Succeeded {
		return "FAILED: " + x.Reason
	}
	r, err := l.OpenResult(l.t.Context(), x.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	var b strings.Builder
	for row, err := r.Next(); err == nil; row, err = r.Next() {
		for _, v := range row {
			text := "NULL"
			if v != nil {
				text = *v
			}
			b.WriteString(text + "|")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (l *lake) run(sql string) query.Execution {
	l.t.Helper()
	id, err := l.Start(l.t.Context(), query.StartRequest{QueryString: sql})
	if err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
	x, err := l.Wait(l.t.Context(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	return x
}

const columns = `(id bigint, name string, body string, score double, flag boolean, at timestamp, few string)`

var tables = []string{
	`CREATE EXTERNAL TABLE wide ` + columns + ` PARTITIONED BY (kind string) STORED AS PARQUET LOCATION 's3://lake/wide/'`,
	`ALTER TABLE wide ADD PARTITION (kind='v1') PARTITION (kind='v2') PARTITION (kind='plain') PARTITION (kind='ours')`,
}

type row struct {
	ID    int64     `parquet:"id"`
	Name  string    `parquet:"name,dict"`
	Body  string    `parquet:"body"`
	Score *float64  `parquet:"score,optional"`
	Flag  bool      `parquet:"flag"`
	At    time.Time `parquet:"at,timestamp(millisecond)"`
	Few   string    `parquet:"few"`
	Spare []string  `parquet:"spare,list"` // in no table
}

const rowsOf = 60_000

func makeRows() []row {
	random := rand.New(rand.NewChaCha8([32]byte{7}))
	list := make([]row, rowsOf)
	for i := range list {
		score := random.Float64()
		list[i] = row{ID: int64(i) * 3, Name: fmt.Sprintf("name-%04d", random.IntN(5000)), Body: fmt.Sprintf("%x%x", random.Uint64(), random.Uint64()),
			Score: &score, Flag: i%3 == 0, At: time.UnixMilli(1_700_000_000_000 + int64(i)).UTC(), Few: []string{"a", "b", "c"}[i%3], Spare: []string{"x", "y"}}
		if i%11 == 0 {
			list[i].Score = nil
		}
	}
	return list
}

// files are objects of many forms, by key: writers, page versions, codecs, Bloom filters, page indexes, dictionaries.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	list := makeRows()
	all := map[string][]byte{}
	for key, options := range map[string][]parquet.WriterOption{
		"wide/kind=v1/a.parquet": {parquet.DataPageVersion(1), parquet.Compression(&parquet.Snappy),
			parquet.BloomFilters(parquet.SplitBlockFilter(10, "name"), parquet.SplitBlockFilter(10, "id"))},
		"wide/kind=v2/a.parquet":    {parquet.DataPageVersion(2), parquet.Compression(&parquet.Zstd), parquet.BloomFilters(parquet.SplitBlockFilter(10, "few"))},
		"wide/kind=plain/a.parquet": {parquet.DataPageVersion(1), parquet.Compression(compress.Codec(&parquet.Uncompressed)), parquet.PageBufferSize(16 << 10)},
	} {
		var b bytes.Buffer
		w := parquet.NewGenericWriter[row](&b, append(options, parquet.MaxRowsPerRowGroup(rowsOf/3))...)
		if _, err := w.Write(list); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all[key] = b.Bytes()
	}
	all["wide/kind=ours/a.parquet"] = ours(t, list)
	return all
}

// ours is a file as a delivery writes it.
func ours(t testing.TB, list []row) []byte {
	t.Helper()
	schema := loglake.Schema{}
	for _, c := range []string{"id bigint", "name string", "body string", "score double", "flag boolean", "at timestamp", "few string"} {
		name, kind, _ := strings.Cut(c, " ")
		schema.Columns = append(schema.Columns, loglake.Column{Name: name, Type: kind})
	}
	converter, err := convert.New(convert.Config{Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	b := converter.NewChunk()
	for _, r := range list {
		score := "null"
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		record := fmt.Sprintf(`{"id":%d,"name":%q,"body":%q,"score":%s,"flag":%t,"at":%q,"few":%q}`, r.ID, r.Name, r.Body, score, r.Flag, r.At.Format("2006-01-02 15:04:05.000"), r.Few)
		if _, reject := b.Add([]byte(record)); reject != nil {
			t.Fatal(reject)
		}
	}
	var out bytes.Buffer
	if _, err := convert.WriteParquet(&out, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{Codec: "ZSTD", RowGroupBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// statements read few columns and many, with every kind of pruning that the engine knows.
var statements = []string{
	"SELECT count(*) FROM wide",
	"SELECT kind, count(*), sum(id), count(score), min(at), max(at) FROM wide GROUP BY kind ORDER BY kind",
	"SELECT id, name FROM wide WHERE kind = '%s' AND id = 90000 ORDER BY id",
	"SELECT id, name FROM wide WHERE kind = '%s' AND id = 90001",
	"SELECT count(*), min(id), max(id) FROM wide WHERE kind = '%s' AND name = 'name-0042'",
	"SELECT count(*) FROM wide WHERE kind = '%s' AND name = 'name-0042'", // whose Bloom filters lie far from its chunks
	"SELECT count(*) FROM wide WHERE kind = '%s' AND name = 'name-1234'",
	"SELECT count(*) FROM wide WHERE kind = '%s' AND name = 'name-9999'",
	"SELECT id, body FROM wide WHERE kind = '%s' AND id BETWEEN 100000 AND 100100 ORDER BY id",
	"SELECT few, count(*), sum(length(body)) FROM wide WHERE kind = '%s' GROUP BY few ORDER BY few",
	"SELECT max(body) FROM wide WHERE kind = '%s' AND few = 'b' AND flag",
	"SELECT count(*) FROM wide WHERE kind = '%s' AND score IS NULL",
	"SELECT name, avg(score) FROM wide WHERE kind = '%s' GROUP BY name ORDER BY name LIMIT 20",
	"SELECT id FROM wide WHERE kind = '%s' AND at > timestamp '2023-11-14 22:14:15.000' ORDER BY id DESC LIMIT 7",
	"SELECT * FROM wide WHERE kind = '%s' AND id IN (3, 60000, 177777, 4) ORDER BY id",
	"SELECT substr(\"$path\", 1, 20), count(*) FROM wide WHERE kind = '%s' GROUP BY 1",
	"SELECT count(*) FROM wide a JOIN wide b ON a.id = b.id WHERE a.kind = '%s' AND b.kind = 'v2' AND a.few = 'a' AND b.flag",
	"SELECT count(distinct name), approx_distinct(flag) FROM wide WHERE kind = '%s'",
}

func TestHoles(t *testing.T) {
	s := newService(t)
	if err := s.dir.CreateBucket(t.Context(), "lake"); err != nil {
		t.Fatal(err)
	}
	var total int64
	for key, content := range files(t) {
		if _, err := s.dir.Put(t.Context(), "lake", key, bytes.NewReader(content), store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		if total += int64(len(content)); len(content) < 1<<20 {
			t.Errorf("%s has only %d bytes, and would be fetched whole", key, len(content))
		}
	}
	direct := newLake(t, s.dir)
	warm := newLake(t, s.open(t, noisy{disk.Real()}))
	empty := &swapped{s.open(t, noisy{disk.Real()})}
	cold := newLake(t, empty)
	var all []string
	for i, statement := range statements {
		if !strings.Contains(statement, "%s") {
			all = append(all, statement)
			continue
		}
		for j, kind := range []string{"v1", "v2", "plain", "ours"} {
			if *full || i%4 == j || kind == "v1" && strings.Contains(statement, "name =") {
				all = append(all, fmt.Sprintf(statement, kind))
			}
		}
	}
	for i, statement := range all {
		want := direct.rows(statement)
		if strings.HasPrefix(want, "FAILED") {
			t.Fatalf("%s: %s", statement, want)
		}
		// What one query has fetched must not hide what another should have.
		empty.Store = s.open(t, noisy{disk.Real()})
		s.take()
		if d := cmp.Diff(want, cold.rows(statement)); d != "" {
			t.Errorf("%s, nothing fetched before: %s", statement, d)
		}
		if _, n := s.take(); n > total*9/10 {
			t.Errorf("%s: %d bytes of %d were fetched, which is nearly all", statement, n, total)
		}
		if i%4 != 0 {
			continue
		}
		for range 2 {
			if d := cmp.Diff(want, warm.rows(statement)); d != "" {
				t.Errorf("%s: %s", statement, d)
			}
		}
	}
}

// TestNoRoom holds that a query says what is short: room in the cache, or on the disk.
func TestNoRoom(t *testing.T) {
	s := newService(t)
	if err := s.dir.CreateBucket(t.Context(), "lake"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.dir.Put(t.Context(), "lake", "wide/kind=ours/a.parquet", bytes.NewReader(ours(t, makeRows())), store.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	const few, many = "SELECT count(*) FROM wide WHERE kind = 'ours' AND flag", "SELECT max(body) FROM wide WHERE kind = 'ours'"
	l := newLake(t, s.openSmall(t, nil, 300_000))
	if x := l.run(many); x.State != query.Failed || x.Failure == nil || !strings.Contains(x.Reason, "cache of S3 objects is full") || !strings.Contains(x.Failure.Told.Hint, "--s3-cache") {
		t.Errorf("more than the cache holds: %s %+v", x.State, x.Failure)
	}
	for range 3 { // what a failed query fetched is no burden
		if got := l.rows(few); got != "20000|\n" {
			t.Errorf("after that: %s", got)
		}
	}
	full := disk.NewFaulty(disk.Real())
	l = newLake(t, s.open(t, full))
	full.Fill(0)
	if x := l.run(few); x.State != query.Failed || !strings.Contains(x.Reason, "disk") || !strings.Contains(x.Reason, "full") {
		t.Errorf("on a full disk: %s %s", x.State, x.Reason)
	}
	full.Enlarge()
	if got := l.rows(few); got != "20000|\n" {
		t.Errorf("with room again: %s", got)
	}
}
