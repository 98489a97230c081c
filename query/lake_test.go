package query_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

const childEnv = "LOGLAKE_TEST_ENGINE_CHILD=1"

// TestMain lets the test binary be the engine's child process too.
func TestMain(m *testing.M) {
	if os.Getenv("LOGLAKE_TEST_ENGINE_CHILD") != "" {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

var home = loglake.Home{Account: "123456789012", Region: "us-east-1"}

const bucket = "my-bucket"

// lake is a small lake around the executions under test: real state, catalog, store and engine; hot rows are told.
type lake struct {
	*query.Executions
	t       *testing.T
	db      *state.DB
	catalog *catalog.Catalog
	store   *store.Dir
	config  query.Config
	root    string // of the buckets

	fault atomic.Pointer[func(transaction string) (apply bool, err error)] // nil: none fails

	mu     sync.Mutex
	hot    []loglake.Hot
	onHot  func(ctx context.Context) // called when a query has pinned
	pinned int
	batch  int64
}

func newLake(t *testing.T, change func(*query.Config)) *lake {
	t.Helper()
	dir := t.TempDir()
	l := &lake{t: t}
	var migrations []state.Migration
	for _, m := range [][]state.Migration{catalog.Migrations(), position.Migrations(), commit.Migrations(), query.Migrations()} {
		migrations = append(migrations, m...)
	}
	var err error
	l.db, err = state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"), Migrations: migrations, Fault: func(name string) (bool, error) {
		if f := l.fault.Load(); f != nil {
			return (*f)(name)
		}
		return false, nil
	}})
	l.must(err)
	t.Cleanup(func() { l.must(l.db.Close()) })
	l.root = filepath.Join(dir, "buckets")
	l.must(os.Mkdir(l.root, 0o755))
	l.store, err = store.OpenDir(store.DirConfig{Root: l.root, Clock: time.Now})
	l.must(err)
	l.must(l.store.CreateBucket(t.Context(), bucket))
	l.catalog = catalog.New(catalog.Config{DB: l.db, Home: home})
	l.must(l.catalog.CreateDefault(t.Context()))
	l.config = query.Config{DB: l.db, Home: home, Clock: time.Now, Catalog: l.catalog, Store: l.store,
		Engine: newEngine(t), Hot: l.pin, Output: "s3://" + bucket + "/results/"}
	if change != nil {
		change(&l.config)
	}
	l.start()
	return l
}

// newEngine gives the engine, or nil where this build has none.
func newEngine(t *testing.T) *engine.Engine {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	e, err := engine.New(engine.Config{Command: []string{os.Args[0]}, Env: []string{childEnv}, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// start makes the executions, as a server that starts does.
func (l *lake) start() {
	l.t.Helper()
	e, err := query.New(context.Background(), l.config)
	l.must(err)
	l.Executions = e
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = e.Run(ctx)
	}()
	l.t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (l *lake) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// run runs a statement to its end.
func (l *lake) run(sql string) query.Execution {
	l.t.Helper()
	id, err := l.Start(l.t.Context(), query.StartRequest{QueryString: sql})
	if err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
	x, err := l.Wait(l.t.Context(), id)
	l.must(err)
	return x
}

// rows runs a statement that must succeed and gives its rows as text, values joined by "|", without the header.
func (l *lake) rows(sql string) []string {
	l.t.Helper()
	x := l.run(sql)
	if x.State != query.Succeeded {
		l.t.Fatalf("%s: %s %s", sql, x.State, x.Reason)
	}
	list := l.page(x)
	if x.StatementType == "DML" {
		list = list[1:]
	}
	return list
}

func (l *lake) page(x query.Execution) []string {
	l.t.Helper()
	r, err := l.Results(l.t.Context(), x.ID, "", 0)
	l.must(err)
	return texts(r.Rows)
}

func texts(rows []query.Row) []string {
	list := []string{}
	for _, row := range rows {
		parts := make([]string, len(row))
		for i, v := range row {
			parts[i] = "NULL"
			if v != nil {
				parts[i] = *v
			}
		}
		list = append(list, strings.Join(parts, "|"))
	}
	return list
}

// event is a row of the test tables.
type event struct {
	Timestamp  time.Time `parquet:"timestamp,timestamp(millisecond)"`
	Level      *string   `parquet:"level,optional"`
	StatusCode int32     `parquet:"status_code"`
}

const eventsDDL = `CREATE EXTERNAL TABLE events (timestamp timestamp, level string, status_code int)
	PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://my-bucket/data/'`

func text(s string) *string { return &s }

// events gives n rows with the status codes from, from+1, ….
func events(from, n int) []event {
	rows := make([]event, n)
	for i := range rows {
		rows[i] = event{Timestamp: time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC), Level: text("INFO"), StatusCode: int32(from + i)}
	}
	return rows
}

func parquetOf[T any](l *lake, rows []T) []byte {
	l.t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b)
	_, err := w.Write(rows)
	l.must(err)
	l.must(w.Close())
	return b.Bytes()
}

func (l *lake) put(key string, content []byte) {
	l.t.Helper()
	_, err := l.store.Put(l.t.Context(), bucket, key, bytes.NewReader(content), store.PutOptions{})
	l.must(err)
}

// commit does what a flush does: the object is put, then object, partition and position become known together.
func (l *lake) commit(prefix string, rows []event, taken ...loglake.Range) string {
	l.t.Helper()
	l.batch++
	content := parquetOf(l, rows)
	key := layout.FormatKey(prefix, layout.Name{Stream: "s", Version: "1", Arrival: time.Unix(0, 0).UTC(),
		Provenance: layout.Provenance{Producer: 1, Batch: uint64(l.batch), Part: 1, Parts: 1}, Extension: ".parquet"})
	l.put(key, content)
	l.must(l.db.Update(l.t.Context(), "test.commit", func(tx *state.Tx) error {
		o := loglake.Object{Bucket: bucket, Key: key, Kind: loglake.ObjectParquet, Bytes: int64(len(content)), Rows: int64(len(rows)), Producer: "p", Batch: l.batch, Part: 1, Parts: 1}
		if err := catalog.AddObjects(tx, []loglake.Object{o}); err != nil {
			return err
		}
		for _, r := range taken {
			if err := position.Advance(tx, "p", r); err != nil {
				return err
			}
		}
		return catalog.RegisterPartitions(tx, home, 0, bucket, []string{key})
	}))
	return key
}

// addHot makes rows hot: a chunk of the journal range [from, from+len).
func (l *lake) addHot(prefix string, from loglake.Offset, rows []event) loglake.Range {
	l.t.Helper()
	rng := loglake.Range{Source: loglake.DirectSource, Journal: "j", From: from, To: from + loglake.Offset(len(rows))}
	path := filepath.Join(l.t.TempDir(), "hot.parquet")
	l.must(os.WriteFile(path, parquetOf(l, rows), 0o600))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hot = append(l.hot, loglake.Hot{Bucket: bucket, Prefix: prefix, Producer: "p", Range: rng, Rows: int64(len(rows)),
		Export: func() (string, int64, error) { return path, 0, nil },
		Unpin: func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.pinned--
		}})
	return rng
}

// dropHot lets go of a chunk that has been committed.
func (l *lake) dropHot(rng loglake.Range) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hot = slices.DeleteFunc(l.hot, func(h loglake.Hot) bool { return h.Range == rng })
}

func (l *lake) startPosition() {
	l.t.Helper()
	l.must(l.db.Update(l.t.Context(), "test", func(tx *state.Tx) error {
		return position.Start(tx, position.Position{Producer: "p", Source: loglake.DirectSource, Journal: "j"})
	}))
}

func (l *lake) pin(ctx context.Context, places []loglake.Place) ([]loglake.Hot, error) {
	l.mu.Lock()
	var list []loglake.Hot
	for _, h := range l.hot {
		in := func(p loglake.Place) bool { return p.Holds(h.Bucket, h.Prefix) }
		if slices.ContainsFunc(places, in) {
			list = append(list, h)
			l.pinned++
		}
	}
	on := l.onHot
	l.mu.Unlock()
	if on != nil {
		on(ctx)
	}
	return list, nil
}

func day(n int) string { return fmt.Sprintf("data/dt=2025-01-%02d/", n) }
