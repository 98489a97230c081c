package nativeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/server"
)

// pipelines is a running server of a test, with its parts at hand.
type pipelines struct {
	*server.Server
	t    testing.TB
	http string
}

func openPipelines(t testing.TB) *pipelines {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{
		Dir: t.TempDir(), AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Version: "v1",
		Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(e server.Endpoints) { ready <- e }) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	select {
	case e := <-ready:
		return &pipelines{Server: s, t: t, http: e.HTTP}
	case err := <-ended:
		ended <- err
		t.Fatal(err)
		return nil
	}
}

func (l *pipelines) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// status asks for the status and gives it with the HTTP status.
func (l *pipelines) status(query string) (s nativeapi.Status, code int) {
	l.t.Helper()
	answer, err := http.Get(l.http + "/v1/status" + query)
	l.must(err)
	defer answer.Body.Close() //nolint:errcheck // only read
	l.must(json.NewDecoder(answer.Body).Decode(&s))
	return s, answer.StatusCode
}

// pipeline makes group name → filter → stream name → table name in bucket lake.
func (l *pipelines) pipeline(name string, columns ...catalog.Column) {
	l.t.Helper()
	ctx := l.t.Context()
	l.must(l.Groups.CreateGroup(ctx, loggroup.NewGroup{Name: loglake.GroupName(name)}))
	l.must(l.Groups.CreateStream(ctx, loglake.GroupName(name), "i"))
	l.must(l.Catalog.CreateTable(ctx, "default", catalog.TableInput{
		Name: name, PartitionKeys: []catalog.Column{{Name: "dt", Type: "string"}}, TableType: "EXTERNAL_TABLE",
		StorageDescriptor: &catalog.StorageDescriptor{Columns: columns, Location: "s3://lake/" + name + "/"},
	}))
	var d delivery.Destination
	l.must(json.Unmarshal([]byte(`{"RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": "arn:aws:s3:::lake",
		"Prefix": "`+name+`/dt=!{timestamp:yyyy-MM-dd}/", "ErrorOutputPrefix": "rejects/!{firehose:error-output-type}/",
		"ProcessingConfiguration": {"Enabled": true, "Processors": [
			{"Type": "Decompression", "Parameters": [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]},
			{"Type": "CloudWatchLogProcessing", "Parameters": [{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}]}]},
		"DataFormatConversionConfiguration": {"SchemaConfiguration": {"RoleARN": "arn:aws:iam::000000000000:role/r", "DatabaseName": "default", "TableName": "`+name+`"},
			"InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}}, "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}}}}`), &d))
	_, err := l.Streams.Create(ctx, loglake.StreamName(name), d, nil)
	l.must(err)
	l.must(l.Groups.PutFilter(ctx, loggroup.Filter{Group: loglake.GroupName(name), Name: "all", Role: "arn:aws:iam::000000000000:role/r",
		Destination: "arn:aws:firehose:us-east-1:000000000000:deliverystream/" + name}))
}

func (l *pipelines) put(group string, messages ...string) {
	l.t.Helper()
	var b loggroup.Batch
	for _, m := range messages {
		b.Add(loglake.At(time.Now()), []byte(m))
	}
	_, err := l.Groups.PutEvents(l.t.Context(), loggroup.Put{Group: loglake.GroupName(group), Stream: "i", Batch: &b})
	l.must(err)
}

// A status tells of everything that is there, before a flush and after.
func TestStatus(t *testing.T) {
	l := openPipelines(t)
	ctx := t.Context()
	if s, _ := l.status(""); s.Server.Version != "v1" || s.Server.Account != "000000000000" || s.Server.FreeBytes == nil || *s.Server.FreeBytes == 0 ||
		s.Groups == nil || s.Streams == nil || s.Tables == nil || s.Totals != (nativeapi.StatusTotals{}) {
		t.Errorf("of an empty lake: %+v", s)
	}
	l.must(l.Store.CreateBucket(ctx, "lake"))
	l.pipeline("app", catalog.Column{Name: "level", Type: "string"}, catalog.Column{Name: "never", Type: "int"})
	l.must(l.Groups.PutRetention(ctx, "app", 30))
	l.put("app", `{"level":"INFO","requestId":"a"}`, `{"level":"WARN"}`, `not JSON`)

	s, _ := l.status("")
	if g := s.Groups[0]; g.Name != "app" || g.RetentionDays != 30 || g.Streams != 1 || g.Events != 3 || g.Bytes == 0 || g.LastEvent == nil {
		t.Errorf("the group is %+v", g)
	}
	if diff := cmp.Diff([]nativeapi.FilterStatus{{Name: "all", Kind: nativeapi.ToStream, Destination: "app", Lag: 3}}, s.Groups[0].Filters); diff != "" {
		t.Error(diff)
	}
	if st := s.Streams[0]; st.Backlog != 3 || st.Delivered != 0 || st.LastObject != nil || st.State != nativeapi.StateOK {
		t.Errorf("before the flush: %+v", st)
	}

	_, err := l.Streams.Flush(ctx, "app")
	l.must(err)
	s, _ = l.status("")
	now := time.Now()
	want := nativeapi.StreamState{
		StreamStatus: nativeapi.StreamStatus{Name: "app", Version: "1", NoColumn: []string{"requestid"}, LastFlush: &now},
		State:        nativeapi.StateOK, From: []string{"app"}, Table: "default.app", Bucket: "lake", Prefix: "app/dt=!{timestamp:yyyy-MM-dd}/", Policy: "aws",
		Processors: []string{"Decompression", "CloudWatchLogProcessing"}, BufferSeconds: 300, BufferMiB: 128, Delivered: 2, Rejected: 1, Objects: 1,
		LastObject:  &nativeapi.ObjectStatus{Bucket: "lake", Rows: 2, EmptyColumns: []string{"never"}, At: now},
		LastRejects: &nativeapi.ObjectStatus{Bucket: "lake", Rows: 1, At: now},
	}
	options := cmp.Options{cmpopts.EquateApproxTime(time.Minute), cmpopts.IgnoreUnexported(nativeapi.StreamState{}),
		cmpopts.IgnoreFields(nativeapi.ObjectStatus{}, "Key", "Bytes")}
	if diff := cmp.Diff(want, s.Streams[0], options); diff != "" {
		t.Error(diff)
	}
	table := nativeapi.TableStatus{
		Database: "default", Name: "app", Location: "s3://lake/app/", Partitions: 1, Objects: 1, Rows: 2, Bytes: s.Streams[0].LastObject.Bytes,
		Columns:       []nativeapi.TableColumn{{Name: "level", Type: "string"}, {Name: "never", Type: "int"}},
		PartitionKeys: []nativeapi.TableColumn{{Name: "dt", Type: "string"}}, Newest: s.Streams[0].LastObject,
	}
	if diff := cmp.Diff(table, s.Tables[0]); diff != "" {
		t.Error(diff)
	}
	if s.Groups[0].Filters[0].Lag != 0 {
		t.Errorf("after the flush: %+v", s.Groups[0].Filters)
	}

	// A buffer of which nothing will be a row is worth a word before it is written.
	l.put("app", `no JSON`)
	deadline := time.Now().Add(30 * time.Second)
	for s, _ = l.status(""); s.Streams[0].State != nativeapi.StateWarned || s.Streams[0].Refusal == ""; s, _ = l.status("") {
		if time.Now().After(deadline) {
			t.Fatalf("of a buffer of rejects: %+v", s.Streams[0])
		}
	}

	// The sums go on from where they were.
	l.put("app", `{"level":"INFO"}`)
	_, err = l.Streams.Flush(ctx, "app")
	l.must(err)
	if s, _ = l.status(""); s.Streams[0].Delivered != 3 || s.Streams[0].Rejected != 2 || s.Streams[0].Objects != 2 || s.Streams[0].LastObject.Rows != 1 || s.Tables[0].Rows != 3 {
		t.Errorf("after a second flush: %+v %+v", s.Streams[0], s.Tables[0])
	}
	l.must(l.Streams.Delete(ctx, "app"))
	if s, _ = l.status(""); !s.Groups[0].Filters[0].Missing || len(s.Streams) != 0 || s.Tables[0].Objects != 2 {
		t.Errorf("without the stream: %+v %+v", s.Groups, s.Tables)
	}
}

// The newest object of a table is the one that came last, also where it lies in the folder of an older day.
func TestStatusOfBackFill(t *testing.T) {
	l := openPipelines(t)
	l.must(l.Store.CreateBucket(t.Context(), "lake"))
	l.pipeline("app", catalog.Column{Name: "at", Type: "timestamp"})
	l.must(l.Streams.Retag(t.Context(), "app", func(tags map[string]string) { tags[delivery.PartitionTag] = "at" }))
	for _, day := range []string{"2026-01-02", "2026-01-01"} {
		l.put("app", `{"at":"`+day+`T10:00:00Z"}`)
		_, err := l.Streams.Flush(t.Context(), "app")
		l.must(err)
		s, _ := l.status("")
		for _, o := range []*nativeapi.ObjectStatus{s.Tables[0].Newest, s.Streams[0].LastObject} {
			if o == nil || !strings.Contains(o.Key, "dt="+day) {
				t.Errorf("the newest after the rows of %s is %+v", day, o)
			}
		}
	}
}

// A filter that leads to a group is a filter like any other.
func TestStatusOfRoutes(t *testing.T) {
	l := openPipelines(t)
	for _, name := range []string{"app", "errors"} {
		l.must(l.Groups.CreateGroup(t.Context(), loggroup.NewGroup{Name: loglake.GroupName(name)}))
		l.must(l.Groups.CreateStream(t.Context(), loglake.GroupName(name), "i"))
	}
	l.must(l.Groups.PutFilter(t.Context(), loggroup.Filter{Group: "app", Name: "f", Pattern: "ERROR", Destination: "arn:aws:logs:us-east-1:000000000000:log-group:errors"}))
	l.put("app", "ERROR a", "INFO b")
	want := []nativeapi.FilterStatus{{Name: "f", Kind: nativeapi.ToGroup, Destination: "errors", Pattern: "ERROR"}}
	deadline := time.Now().Add(30 * time.Second)
	for {
		s, _ := l.status("")
		if s.Groups[1].Events == 1 && cmp.Equal(want, s.Groups[0].Filters) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the groups are %+v", s.Groups)
		}
	}
}

func TestStatusLimit(t *testing.T) {
	l := openPipelines(t)
	for _, name := range []string{"a", "b", "c"} {
		l.must(l.Groups.CreateGroup(t.Context(), loggroup.NewGroup{Name: loglake.GroupName(name)}))
	}
	s, _ := l.status("?limit=2")
	if len(s.Groups) != 2 || s.Groups[1].Name != "b" || s.Totals.Groups != 3 {
		t.Errorf("two of three: %+v of %+v", s.Groups, s.Totals)
	}
	for _, wrong := range []string{"x", "-1", fmt.Sprint(nativeapi.StatusLimitMax + 1)} {
		if _, code := l.status("?limit=" + wrong); code != http.StatusBadRequest {
			t.Errorf("limit %s: %d", wrong, code)
		}
	}
}

// BenchmarkStatus is a status of a thousand pipelines.
func BenchmarkStatus(b *testing.B) {
	l := openPipelines(b)
	l.must(l.Store.CreateBucket(b.Context(), "lake"))
	for i := range 1000 {
		name := fmt.Sprintf("p%04d", i)
		l.pipeline(name, catalog.Column{Name: "level", Type: "string"})
		l.put(name, `{"level":"INFO"}`)
	}
	l.status("")
	for b.Loop() {
		if s, _ := l.status(""); len(s.Streams) != 1000 {
			b.Fatal(len(s.Streams))
		}
	}
}
