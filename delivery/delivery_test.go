package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

const (
	role   = "arn:aws:iam::000000000000:role/firehose"
	bucket = "my-bucket"
)

// lake is everything that delivery stands on, on one folder.
type lake struct {
	t        *testing.T
	dir      string
	fault    func(string) (bool, error)
	fs       disk.FS
	hotMax   int64 // HotBytesMax
	flushMax int64 // FlushBytesMax
	state    *state.DB
	journal  *journal.Log
	store    *store.Dir
	faulty   storetest.Faulty // around it
	catalog  *catalog.Catalog
	groups   *loggroup.Groups
	commit   *commit.Committer
	streams  *delivery.Streams
	stop     context.CancelFunc
	ended    chan error
	notices  chan delivery.Notice
}

func migrations() (all []state.Migration) {
	for _, m := range [][]state.Migration{
		position.Migrations(), ledger.Migrations(), catalog.Migrations(), loggroup.Migrations(), commit.Migrations(), delivery.Migrations(),
	} {
		all = append(all, m...)
	}
	return all
}

// open opens a lake on dir and runs its streams.
func open(t *testing.T, l *lake) *lake {
	t.Helper()
	if l.dir == "" {
		l.dir = t.TempDir()
	}
	if l.fs == nil {
		l.fs = disk.Real()
	}
	l.t = t
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	var err error
	l.state, err = state.Open(t.Context(), state.Config{Path: filepath.Join(l.dir, "state.db"), Migrations: migrations(), Fault: l.fault})
	must(err)
	l.journal, err = journal.Open(t.Context(), journal.Config{FS: l.fs, Dir: filepath.Join(l.dir, "journal"), Clock: time.Now})
	must(err)
	l.store, err = store.OpenDir(store.DirConfig{FS: l.fs, Root: filepath.Join(l.dir, "buckets"), Clock: time.Now})
	must(err)
	l.faulty.Store = l.store
	l.catalog = catalog.New(catalog.Config{DB: l.state, Home: home, Clock: time.Now})
	l.groups, err = loggroup.New(t.Context(), loggroup.Config{
		DB: l.state, Journal: l.journal, Home: home, Clock: time.Now,
		CheckDestination: func(ctx context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
			return l.streams.Resolve(ctx, arn)
		},
		OnSubscriptions: func(producer loglake.ProducerID) { l.streams.Wake(producer) },
	})
	must(err)
	l.commit = commit.New(commit.Config{FS: l.fs, Dir: filepath.Join(l.dir, "staging"), State: l.state, Store: &l.faulty, Home: home, Clock: time.Now})
	l.notices = make(chan delivery.Notice, 1000)
	l.streams, err = delivery.Open(t.Context(), delivery.Config{
		FS: l.fs, State: l.state, Journal: l.journal, Groups: l.groups, Catalog: l.catalog, Commit: l.commit, Store: &l.faulty,
		Home: home, Clock: time.Now, Scratch: filepath.Join(l.dir, "scratch"), HotBytesMax: l.hotMax, FlushBytesMax: l.flushMax,
		OnEvent: func(n delivery.Notice) {
			select {
			case l.notices <- n:
			default:
			}
		},
	})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	l.stop, l.ended = cancel, make(chan error, 2)
	go func() { l.ended <- l.journal.Run(ctx) }()
	go func() { l.ended <- l.streams.Run(ctx) }()
	return l
}

// close stops a lake and lets its folder go.
func (l *lake) close() {
	l.stop()
	<-l.ended
	<-l.ended
	if err := l.journal.Close(); err != nil {
		l.t.Error(err)
	}
	if err := l.state.Close(); err != nil {
		l.t.Error(err)
	}
}

// setUp makes the bucket and the table that every story needs.
func (l *lake) setUp() {
	l.t.Helper()
	if err := l.store.CreateBucket(l.t.Context(), bucket); err != nil {
		l.t.Fatal(err)
	}
	var database catalog.DatabaseInput
	var table catalog.TableInput
	l.decode(`{"Name":"default"}`, &database)
	l.decode(`{"Name":"logs","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"dt","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://my-bucket/data/","Columns":[{"Name":"timestamp","Type":"timestamp"},{"Name":"id","Type":"string"},{"Name":"n","Type":"int"}]}}`, &table)
	if err := l.catalog.CreateDatabase(l.t.Context(), database); err != nil {
		l.t.Fatal(err)
	}
	if err := l.catalog.CreateTable(l.t.Context(), "default", table); err != nil {
		l.t.Fatal(err)
	}
}

// in gives one place of the bucket.
func in(prefix string) []loglake.Place { return []loglake.Place{{Bucket: bucket, Prefix: prefix}} }

func (l *lake) decode(text string, out any) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(text), out); err != nil {
		l.t.Fatal(err)
	}
}

// destination gives one that converts by the table, with members laid over it.
func (l *lake) destination(over string) delivery.Destination {
	l.t.Helper()
	var d delivery.Destination
	l.decode(`{"RoleARN":"`+role+`","BucketARN":"arn:aws:s3:::my-bucket","Prefix":"data/dt=!{timestamp:yyyy-MM-dd}/",
		"ErrorOutputPrefix":"errors/!{firehose:error-output-type}/","BufferingHints":{"SizeInMBs":64,"IntervalInSeconds":900},
		"DataFormatConversionConfiguration":{"SchemaConfiguration":{"RoleARN":"`+role+`","DatabaseName":"default","TableName":"logs"},
		"InputFormatConfiguration":{"Deserializer":{"OpenXJsonSerDe":{}}},
		"OutputFormatConfiguration":{"Serializer":{"ParquetSerDe":{}}}}}`, &d)
	if over != "" {
		l.decode(over, &d)
	}
	return d
}

func processing(processors ...string) string {
	return `{"ProcessingConfiguration":{"Enabled":true,"Processors":[` + strings.Join(processors, ",") + `]}}`
}

const (
	gunzip  = `{"Type":"Decompression","Parameters":[{"ParameterName":"CompressionFormat","ParameterValue":"GZIP"}]}`
	extract = `{"Type":"CloudWatchLogProcessing","Parameters":[{"ParameterName":"DataMessageExtraction","ParameterValue":"true"}]}`
	delimit = `{"Type":"AppendDelimiterToRecord"}`
)

func (l *lake) stream(name loglake.StreamName, d delivery.Destination) {
	l.t.Helper()
	if _, err := l.streams.Create(l.t.Context(), name, d, nil); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) put(name loglake.StreamName, records ...string) {
	l.t.Helper()
	data := make([][]byte, len(records))
	for i, r := range records {
		data[i] = []byte(r)
	}
	if _, err := l.streams.Put(l.t.Context(), name, "", data); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) flush(name loglake.StreamName) []delivery.Key {
	l.t.Helper()
	keys, err := l.streams.Flush(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	return keys
}

func (l *lake) body(k delivery.Key) []byte {
	l.t.Helper()
	content, _, err := l.store.Get(l.t.Context(), k.Bucket, k.Key)
	if err != nil {
		l.t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(content)
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

// ids gives the id column of a Parquet object.
func (l *lake) ids(k delivery.Key) (ids []string) {
	l.t.Helper()
	return readIDs(l.t, l.body(k))
}

func readIDs(t *testing.T, b []byte) (ids []string) {
	t.Helper()
	type row struct {
		ID *string `parquet:"id,optional"`
	}
	rows, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.ID == nil {
			ids = append(ids, "NULL")
			continue
		}
		ids = append(ids, *r.ID)
	}
	return ids
}

// check runs the checker and fails on any problem.
func (l *lake) check() *check.Report {
	l.t.Helper()
	report, err := check.Run(l.t.Context(), check.Config{State: l.state, Journal: l.journal, Store: l.store, Commit: l.commit, Books: l.books()})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, p := range report.Problems {
		l.t.Errorf("check: %s: %s", p.Kind, p.Text)
	}
	return report
}

func event(id string, n int) string {
	return fmt.Sprintf(`{"timestamp":"2025-12-03T10:15:30Z","id":%q,"n":%d}`, id, n)
}

func TestDirectPutToParquet(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("direct", l.destination(""))
	l.put("direct", event("a", 1), event("b", 2)+event("c", 3))
	l.put("direct", `{"id":"bad","n":"oops"}`)
	keys := l.flush("direct")
	if len(keys) != 2 || keys[0].Kind != loglake.ObjectParquet || keys[1].Kind != loglake.ObjectRejects {
		t.Fatalf("flush wrote %+v", keys)
	}
	if got := strings.Join(l.ids(keys[0]), " "); got != "a b c" {
		t.Errorf("rows are %q", got)
	}
	var line struct{ LastErrorCode, RawData string }
	l.decode(string(l.body(keys[1])), &line)
	if line.LastErrorCode != "DataFormatConversion.MalformedData" {
		t.Errorf("reject is %+v", line)
	}
	report := l.check()
	if report.Events != 3 || report.Rows != 3 || report.Rejects != 1 || report.Buffered != 0 {
		t.Errorf("report is %+v", report)
	}
	partitions, err := l.catalog.Partitions(t.Context(), "default", "logs")
	if err != nil || len(partitions) != 1 {
		t.Errorf("partitions are %v, %v", partitions, err)
	}
	if again := l.flush("direct"); len(again) != 0 {
		t.Errorf("an empty flush wrote %v", again)
	}
}
