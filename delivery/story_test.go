package delivery_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/loggroup"
)

// subscribe makes a group with one stream and a filter to a delivery stream.
func (l *lake) subscribe(group loglake.GroupName, stream loglake.StreamName, pattern string) {
	l.t.Helper()
	if err := l.groups.CreateGroup(l.t.Context(), loggroup.NewGroup{Name: group}); err != nil && loglake.CodeOf(err) != loglake.CodeExists {
		l.t.Fatal(err)
	}
	if err := l.groups.CreateStream(l.t.Context(), group, "i-1"); err != nil && loglake.CodeOf(err) != loglake.CodeExists {
		l.t.Fatal(err)
	}
	l.filter(group, stream, pattern)
}

func (l *lake) filter(group loglake.GroupName, stream loglake.StreamName, pattern string) {
	l.t.Helper()
	err := l.groups.PutFilter(l.t.Context(), loggroup.Filter{
		Group: group, Name: "to-" + string(stream), Pattern: pattern, Destination: l.streams.ARN(stream), Role: role,
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) log(group loglake.GroupName, messages ...string) {
	l.t.Helper()
	var b loggroup.Batch
	for _, m := range messages {
		b.Add(loglake.At(time.Now()), []byte(m))
	}
	if _, err := l.groups.PutEvents(l.t.Context(), loggroup.Put{Group: group, Stream: "i-1", Batch: &b}); err != nil {
		l.t.Fatal(err)
	}
}

// rows gives the ids of all rows in Parquet objects, sorted.
func (l *lake) rows(prefix string) (ids []string) {
	l.t.Helper()
	for _, k := range l.keys(prefix) {
		ids = append(ids, l.ids(k)...)
	}
	slices.Sort(ids)
	return ids
}

func (l *lake) keys(prefix string) (keys []delivery.Key) {
	l.t.Helper()
	for after, more := "", true; more; {
		objects, next, err := l.store.List(l.t.Context(), bucket, prefix, after, 1000)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, o := range objects {
			after = o.Key
			keys = append(keys, delivery.Key{Bucket: bucket, Key: o.Key})
		}
		more = next
	}
	return keys
}

// rejects gives the lines of all reject objects.
func (l *lake) rejects() (lines []rejectLine) {
	l.t.Helper()
	for _, k := range l.keys("errors/") {
		for line := range strings.Lines(string(l.body(k))) {
			var r rejectLine
			l.decode(line, &r)
			lines = append(lines, r)
		}
	}
	return lines
}

type rejectLine struct {
	LastErrorCode, LastErrorMessage, ErrorCode, Hint string
	RawData                                          []byte
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestSubscriptionToParquet(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("all", l.destination(processing(gunzip, extract)))
	l.stream("odd", l.destination(`{"Prefix":"odd/","ErrorOutputPrefix":"e/"`+","+processing(gunzip, extract)[1:]))
	l.subscribe("/app", "all", "")
	l.log("/app", event("a", 1), event("b", 2))
	l.filter("/app", "odd", "{ $.n = 3 || $.n = 5 }")
	l.log("/app", event("c", 3), "no JSON", event("d", 4), event("e", 5))
	l.streams.CatchUp(t.Context(), in("data/"))
	if s := l.status(); s.HotRejects != 1 || !strings.HasPrefix(s.Refusal, "DataFormatConversion.ParseError: ") {
		t.Errorf("%d records wait to be rejected, because %q", s.HotRejects, s.Refusal)
	}
	l.flush("all")
	if s := l.status(); s.HotRejects != 0 || s.Refusal != "" {
		t.Errorf("after the flush %d wait, because %q", s.HotRejects, s.Refusal)
	}
	l.flush("odd")
	l.log("/app", `{"id":"f","n":6,"Error_Traceback":"x"}`)
	l.flush("all")
	statuses, err := l.streams.Statuses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "fields without column", statuses[0].Extra, "error_traceback")
	want(t, "all", l.rows("data/"), "a", "b", "c", "d", "e", "f")
	want(t, "odd", l.rows("odd/"), "c", "e")
	lines := l.rejects()
	if len(lines) != 1 || lines[0].LastErrorCode != "DataFormatConversion.ParseError" {
		t.Errorf("rejects are %+v", lines)
	}
	report := l.check()
	if report.Events != 7+4 || report.Rows != 8 || report.Rejects != 1 {
		t.Errorf("report is %+v", report)
	}
}

// What will be rejected is told while it waits, also where nobody has asked for rows and its chunk is still open.
func TestRejectsThatWait(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/app", "s", "")
	l.log("/app", event("a", 1), "no JSON")
	for l.status().HotRejects == 0 {
		select {
		case <-time.After(time.Millisecond): // a status is asked for, as everybody does
		case <-t.Context().Done():
			t.Fatal("the reject is not told")
		}
	}
	if s := l.status(); s.HotRejects != 1 || s.AllRefused || s.HotRows != 0 || !strings.HasPrefix(s.Refusal, "DataFormatConversion.ParseError: ") {
		t.Errorf("the status is %+v", s)
	}
	l.flush("s")
	if s := l.status(); s.HotRejects != 0 || s.Refusal != "" || s.AllRefused {
		t.Errorf("after the flush the status is %+v", s)
	}
	l.log("/app", "no JSON either")
	l.streams.CatchUp(t.Context(), in("data/"))
	if s := l.status(); !s.AllRefused {
		t.Errorf("with nothing that lands the status is %+v", s)
	}
	l.flush("s")
	l.check()
}

func TestFilterReplacedAndDeletedDrainsWhatWasAccepted(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/app", "s", "{ $.n = 1 }")
	l.log("/app", event("a", 1), event("x", 2))
	l.filter("/app", "s", "{ $.n = 2 }")
	l.log("/app", event("y", 1), event("b", 2))
	if err := l.groups.DeleteFilter(t.Context(), "/app", "to-s"); err != nil {
		t.Fatal(err)
	}
	l.log("/app", event("z", 2))
	l.flush("s")
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

// TestEnvelopePathsAgree holds the short way from a group to rows against the long one: the envelopes that a plain
// stream writes, put into a stream that unpacks them, give the same rows.
func TestEnvelopePathsAgree(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("short", l.destination(processing(gunzip, extract)))
	l.stream("raw", l.destination(`{"Prefix":"raw/","DataFormatConversionConfiguration":null}`))
	l.stream("long", l.destination(`{"Prefix":"long/",`+processing(gunzip, extract)[1:]))
	l.subscribe("/app", "short", "")
	l.filter("/app", "raw", "")
	var messages []string
	for i := range 300 {
		messages = append(messages, event(fmt.Sprintf("id-%03d-é\"\\\n", i), i))
	}
	messages = append(messages, strings.Repeat(`{"id":"big","x":"`+strings.Repeat("x", 200_000)+`"}`, 1), "not JSON", `{"id":"two","n":1}{"id":"three"}`)
	for at := 0; at < len(messages); at += 100 {
		l.log("/app", messages[at:min(at+100, len(messages))]...)
	}
	l.flush("short")
	l.flush("raw")
	var members []string
	for _, k := range l.keys("raw/") {
		members = append(members, gzipMembers(t, l.body(k))...)
	}
	l.put("long", members...)
	l.flush("long")
	short, long := l.rows("data/"), l.rows("long/")
	if len(short) != 303 {
		t.Errorf("the short way gave %d rows", len(short))
	}
	want(t, "the long way", long, short...)
	lines := l.rejects()
	if len(lines) != 2 || lines[0].LastErrorMessage != lines[1].LastErrorMessage {
		t.Fatalf("rejects are %+v", lines)
	}
	if a, b := gunzipped(t, lines[0].RawData), gunzipped(t, lines[1].RawData); a[strings.Index(a, `"logEvents"`):] != b[strings.Index(b, `"logEvents"`):] {
		t.Errorf("one way keeps %s, the other %s", a, b)
	}
	l.check()
}

// gzipMembers takes gzip data apart into its members, compressed as they are.
func gzipMembers(t *testing.T, b []byte) (members []string) {
	t.Helper()
	for len(b) > 0 {
		r := bytes.NewReader(b)
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		z.Multistream(false)
		if _, err := bytes.NewBuffer(nil).ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		n := len(b) - r.Len()
		members = append(members, string(b[:n]))
		b = b[n:]
	}
	return members
}

func gunzipped(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSwitchesTurnedOff(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("no-gunzip", l.destination(""))
	l.stream("no-extract", l.destination(`{"Prefix":"envelopes/",`+processing(gunzip)[1:]))
	l.subscribe("/app", "no-gunzip", "")
	l.filter("/app", "no-extract", "")
	l.log("/app", event("a", 1))
	l.flush("no-gunzip")
	l.flush("no-extract")
	for _, r := range l.rejects() {
		if !strings.HasPrefix(r.LastErrorMessage, "Encountered malformed JSON. Illegal character ((CTRL-CHAR, code 31)): only regular white space (\\r, \\n, \\t) is allowed between tokens") {
			t.Errorf("reject says %q", r.LastErrorMessage)
		}
		if !strings.Contains(r.Hint, "Decompression") {
			t.Errorf("hint is %q", r.Hint)
		}
	}
	if n := len(l.rejects()); n != 2 {
		t.Errorf("%d rejects, want the control message and the envelope", n)
	}
	want(t, "rows of envelopes", l.rows("envelopes/"), "NULL", "NULL")
	mistakes := map[loglake.StreamName]string{}
	statuses, err := l.streams.Statuses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statuses {
		mistakes[s.Name] = s.Mistake
	}
	if !strings.Contains(mistakes["no-gunzip"], "Decompression") || !strings.Contains(mistakes["no-extract"], "CloudWatchLogProcessing") {
		t.Errorf("mistakes are %q", mistakes)
	}
	l.check()
}

func TestHeldUntilMended(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	d := l.destination(processing(gunzip))
	if _, err := l.streams.Create(t.Context(), "s", d, map[string]string{delivery.PolicyTag: string(delivery.PolicyHold)}); err != nil {
		t.Fatal(err)
	}
	l.subscribe("/app", "s", "")
	l.log("/app", event("a", 1))
	_, err := l.streams.Flush(t.Context(), "s")
	if loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(err.Error(), "CloudWatchLogProcessing") {
		t.Fatalf("flush answered %v", err)
	}
	l.log("/app", event("b", 2))
	if keys := l.keys(""); len(keys) != 0 {
		t.Errorf("held, and wrote %v", keys)
	}
	var update delivery.Destination
	l.decode(processing(gunzip, extract), &update)
	if err := l.streams.Update(t.Context(), "s", "1", delivery.DestinationID, update); err != nil {
		t.Fatal(err)
	}
	l.flush("s")
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

func TestHeldDeliveredAsItIs(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	if _, err := l.streams.Create(t.Context(), "s", l.destination(processing(gunzip)), map[string]string{delivery.PolicyTag: string(delivery.PolicyHold)}); err != nil {
		t.Fatal(err)
	}
	l.subscribe("/app", "s", "")
	l.log("/app", event("a", 1))
	if _, err := l.streams.Flush(t.Context(), "s"); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Fatalf("flush answered %v", err)
	}
	if err := l.streams.ResumeAsIs("s"); err != nil {
		t.Fatal(err)
	}
	l.flush("s")
	want(t, "rows", l.rows("data/"), "NULL", "NULL")
	l.check()
}

func TestPlainOutput(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("glued", l.destination(`{"Prefix":"glued/","DataFormatConversionConfiguration":null}`))
	l.stream("lines", l.destination(`{"Prefix":"lines","CompressionFormat":"GZIP","DataFormatConversionConfiguration":null,`+processing(delimit)[1:]))
	for _, name := range []loglake.StreamName{"glued", "lines"} {
		l.put(name, "one", "", "two")
	}
	glued, lines := l.flush("glued"), l.flush("lines")
	if got := string(l.body(glued[0])); got != "onetwo" {
		t.Errorf("glued is %q", got)
	}
	if got := gunzipped(t, l.body(lines[0])); got != "one\n\ntwo\n" {
		t.Errorf("lines are %q", got)
	}
	if want := "lines" + time.Now().UTC().Format("2006/01/02/"); !strings.HasPrefix(lines[0].Key, want) || !strings.HasSuffix(lines[0].Key, ".gz") {
		t.Errorf("key is %s, want %s…gz", lines[0].Key, want)
	}
	l.check()
}

func TestTableChangedInMidBuffer(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", event("a", 1))
	l.streams.CatchUp(t.Context(), in("data/"))
	var table catalog.TableInput
	l.decode(`{"Name":"logs","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"dt","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://my-bucket/data/","Columns":[{"Name":"timestamp","Type":"timestamp"},{"Name":"id","Type":"string"},{"Name":"n","Type":"string"}]}}`, &table)
	if err := l.catalog.UpdateTable(t.Context(), "default", catalog.TableUpdate{Input: table}); err != nil {
		t.Fatal(err)
	}
	l.put("s", `{"id":"b","n":"not a number"}`)
	l.flush("s")
	if n := len(l.keys("data/")); n != 2 {
		t.Errorf("%d files, want one per table version", n)
	}
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

func TestDeletedStreamDiscardsItsBuffer(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", event("a", 1))
	if err := l.streams.Delete(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.streams.Describe("s"); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Errorf("describe answered %v", err)
	}
	l.stream("s", l.destination(""))
	l.put("s", event("b", 1))
	l.flush("s")
	want(t, "rows", l.rows("data/"), "b")
	l.check()
}

func TestFilterOutlivesItsStream(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/app", "s", "")
	l.log("/app", event("a", 1))
	if err := l.streams.Delete(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	l.log("/app", event("b", 1))
	filters, _, err := l.groups.DescribeFilters(t.Context(), "/app", loggroup.FilterList{})
	if err != nil || len(filters) != 1 {
		t.Errorf("filters are %v, %v", filters, err)
	}
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.log("/app", event("c", 1))
	l.flush("s")
	want(t, "rows", l.rows("data/"), "c")
	l.check()
}

func TestReopenedReadsOnFromThePosition(t *testing.T) {
	l := open(t, &lake{})
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/app", "s", "")
	l.log("/app", event("a", 1))
	l.flush("s")
	l.log("/app", event("b", 1))
	l.close()
	l = open(t, &lake{dir: l.dir})
	defer l.close()
	l.log("/app", event("c", 1))
	l.flush("s")
	want(t, "rows", l.rows("data/"), "a", "b", "c")
	l.check()
}

func TestUpdateMergesAndValidates(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	for name, c := range map[string]struct{ update, version, want string }{
		"version":   {`{}`, "7", "Cannot update firehose: s since the current version id: 1 and specified version id: 7 do not match"},
		"hints":     {`{"BufferingHints":{"SizeInMBs":5,"IntervalInSeconds":60}}`, "1", "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled."},
		"half":      {`{"BufferingHints":{"SizeInMBs":64}}`, "1", "BufferingHints needs both SizeInMBs and IntervalInSeconds."},
		"gzip":      {`{"CompressionFormat":"GZIP"}`, "1", "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. To enable compression within the converted output format, set the appropriate serialization option in the output format configuration."},
		"extract":   {processing(extract), "1", "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor"},
		"no table":  {`{"DataFormatConversionConfiguration":{"SchemaConfiguration":{"TableName":"none"}}}`, "1", "could not be found in the catalog"},
		"partition": {`{"DynamicPartitioningConfiguration":{"Enabled":true}}`, "1", "loglake does not support DynamicPartitioningConfiguration"},
	} {
		var update delivery.Destination
		l.decode(c.update, &update)
		err := l.streams.Update(t.Context(), "s", c.version, delivery.DestinationID, update)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	var update delivery.Destination
	l.decode(`{"Prefix":"other/!{timestamp:yyyy}/","DataFormatConversionConfiguration":{"SchemaConfiguration":{"VersionId":"LATEST"}}}`, &update)
	l.put("s", event("a", 1))
	if err := l.streams.Update(t.Context(), "s", "1", delivery.DestinationID, update); err != nil {
		t.Fatal(err)
	}
	def, err := l.streams.Describe("s")
	if err != nil {
		t.Fatal(err)
	}
	schema := def.Destination.DataFormatConversionConfiguration.SchemaConfiguration
	if def.VersionID() != "2" || *schema.TableName != "logs" || *schema.VersionId != "LATEST" {
		text, _ := json.Marshal(def)
		t.Errorf("merged to %s", text)
	}
	l.flush("s")
	want(t, "what was buffered", l.rows("other/"), "a")
}
