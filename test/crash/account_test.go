package crash

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/parquet-go/parquet-go"
)

// account is what a seed came to.
type account struct {
	calls, answered int
	rows, rejects   int
	objects         int
	load            *load
}

func (a account) String() string {
	l := a.load
	return fmt.Sprintf("%d calls, %d answered; %d rows and %d rejects in %d objects; %d numbers; %d flushes, %d queries, %d changes; %d captured runs",
		a.calls, a.answered, a.rows, a.rejects, a.objects, l.numbers.acked.Load(), l.flushes.Load(), l.queries.Load(), l.changes.Load(), len(l.captures))
}

// from selects the events of calls by the beginning of their ids.
func from(prefixes string, of func(*call) []string) func(*call) []string {
	return func(c *call) (ids []string) {
		for _, id := range of(c) {
			if strings.Contains(prefixes, id[:1]) {
				ids = append(ids, id)
			}
		}
		return ids
	}
}

// account flushes everything and holds what is there, by each way to read it, against the record.
func (l *load) account() account {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*callMax)
	defer cancel()
	for _, stream := range streams {
		if err := l.flush(ctx, stream); err != nil {
			l.t.Fatal(err)
		}
	}
	a := account{calls: len(l.calls), load: l}
	for _, c := range l.calls {
		if c.answered {
			a.answered++
		}
	}
	rows := func(c *call) []string { return c.rows }
	converted := func(c *call) []string { return append(slices.Clone(c.rows), c.rejects...) }
	for table, writers := range map[string]string{"logs": "gds", days: "p"} {
		inObjects, objects := l.parquet(ctx, location(table))
		a.rows, a.objects = a.rows+len(inObjects), a.objects+objects
		l.hold("Parquet objects of "+table, inObjects, from(writers, rows))
		if l.binary != "" {
			l.hold("SQL of "+table, l.selected(ctx, table), from(writers, rows))
		}
	}
	rejects, objects := l.rejects(ctx)
	a.rejects, a.objects = len(rejects), a.objects+objects
	l.hold("reject objects", rejects, func(c *call) []string { return c.rejects })
	l.hold("log group", l.group(ctx, group), from("g", func(c *call) []string { return append(converted(c), c.unmatched...) }))
	l.holdCopies(ctx, from("g", converted))
	l.holdAging(ctx)
	a.rows += l.holdNumbers(ctx)
	l.settings.hold(l.t, l.set(ctx))
	if err := l.ledger(ctx, 0); err != nil {
		l.t.Errorf("read the ledger: %v", err)
	}
	if l.binary != "" {
		l.holdCaptures(ctx)
		l.holdFile(ctx)
	}
	return a
}

// holdCopies waits until the route has come to the end of its source, and holds that it copied what is there.
func (l *load) holdCopies(ctx context.Context, of func(*call) []string) {
	source := map[string]bool{}
	for _, id := range l.group(ctx, group) {
		source[id] = true
	}
	want := 0
	for _, ids := range l.all(of) {
		for _, id := range ids {
			if source[id] {
				want++
			}
		}
	}
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	got := l.group(ctx, copies)
	for begun := time.Now(); len(got) < want && time.Since(begun) < callMax; got = l.group(ctx, copies) {
		<-ask.C
	}
	l.hold("copies", got, of)
	if len(got) != want {
		l.t.Errorf("copies: %d events are there, of %d in their source", len(got), want)
	}
}

func (l *load) all(of func(*call) []string) (ids [][]string) {
	for _, c := range l.calls {
		ids = append(ids, of(c))
	}
	return ids
}

// holdAging wants fresh events as everywhere; of those that may expire, none twice.
func (l *load) holdAging(ctx context.Context) {
	var fresh []string
	old := map[string]bool{}
	put := map[string]bool{}
	for _, ids := range l.all(func(c *call) []string { return c.old }) {
		for _, id := range ids {
			put[id] = true
		}
	}
	for _, id := range l.group(ctx, aging) {
		switch {
		case id[0] == 'f':
			fresh = append(fresh, id)
		case old[id] || !put[id]:
			l.t.Errorf("%s: event %s is there again, or nobody put it", aging, id)
		}
		old[id] = true
	}
	l.hold(aging, fresh, from("f", func(c *call) []string { return c.unmatched }))
}

// holdNumbers wants each number once: in the group, and as rows.
func (l *load) holdNumbers(ctx context.Context) (rows int) {
	n := int(l.numbers.acked.Load())
	type row struct {
		N *int32 `parquet:"n,optional"`
	}
	var inObjects []int
	for _, key := range l.keys(ctx, location(ordered)) {
		b := l.object(ctx, key)
		list, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			l.t.Fatalf("%s: %v", key, err)
		}
		for _, r := range list {
			inObjects = append(inObjects, int(*r.N))
		}
	}
	var inGroup []int
	for _, m := range l.messages(ctx, counted) {
		var event struct{ N int }
		l.decode([]byte(m), &event)
		inGroup = append(inGroup, event.N)
	}
	for what, got := range map[string][]int{"Parquet objects of " + ordered: inObjects, counted: inGroup} {
		slices.Sort(got)
		if len(got) != n || n > 0 && (got[0] != 1 || got[n-1] != n || len(slices.Compact(slices.Clone(got))) != n) {
			l.t.Errorf("%s: %d numbers from %v, want those from 1 to %d, each once", what, len(got), got[:min(len(got), 1)], n)
		}
	}
	return len(inObjects)
}

// selected gives every id by SQL, from the CSV in the bucket.
func (l *load) selected(ctx context.Context, table string) (ids []string) {
	l.t.Helper()
	r, err := l.sql(ctx, `SELECT id FROM `+table)
	if err != nil || r.failure != "" {
		l.t.Fatalf("query: %v %s", err, r.failure)
	}
	lines, err := csv.NewReader(bytes.NewReader(l.object(ctx, r.output))).ReadAll()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, line := range lines[1:] {
		ids = append(ids, line[0])
	}
	return ids
}

// parquet gives every id in the Parquet objects below a prefix.
func (l *load) parquet(ctx context.Context, prefix string) (ids []string, objects int) {
	l.t.Helper()
	type row struct {
		ID *string `parquet:"id,optional"`
	}
	for _, key := range l.keys(ctx, prefix) {
		b := l.object(ctx, key)
		rows, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			l.t.Fatalf("%s: %v", key, err)
		}
		objects++
		for _, r := range rows {
			ids = append(ids, aws.ToString(r.ID))
		}
	}
	return ids, objects
}

// rejects gives every id in the reject objects: the raw data is a record as it was put, or a subscription's envelope.
func (l *load) rejects(ctx context.Context) (ids []string, objects int) {
	l.t.Helper()
	for _, key := range l.keys(ctx, "errors/") {
		objects++
		for line := range strings.Lines(string(l.object(ctx, key))) {
			var reject struct{ RawData []byte }
			l.decode([]byte(line), &reject)
			message := reject.RawData
			if z, err := gzip.NewReader(bytes.NewReader(message)); err == nil {
				doc, err := io.ReadAll(z)
				if err != nil {
					l.t.Fatalf("%s: %v", key, err)
				}
				var envelope struct{ LogEvents []struct{ Message string } }
				l.decode(doc, &envelope)
				if len(envelope.LogEvents) != 1 {
					l.t.Fatalf("%s: a rejected envelope holds %d events", key, len(envelope.LogEvents))
				}
				message = []byte(envelope.LogEvents[0].Message)
			}
			ids = append(ids, l.id(message))
		}
	}
	return ids, objects
}

// group gives every id in a log group.
func (l *load) group(ctx context.Context, name string) (ids []string) {
	l.t.Helper()
	for _, message := range l.messages(ctx, name) {
		ids = append(ids, l.id([]byte(message)))
	}
	return ids
}

// messages reads a log group.
func (l *load) messages(ctx context.Context, group string) (all []string) {
	l.t.Helper()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(l.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, e := range page.Events {
			all = append(all, *e.Message)
		}
	}
	return all
}

func (l *load) id(message []byte) string {
	l.t.Helper()
	var event struct{ ID string }
	l.decode(message, &event)
	return event.ID
}

func (l *load) decode(text []byte, out any) {
	l.t.Helper()
	if err := json.Unmarshal(text, out); err != nil {
		l.t.Fatalf("%v: %q", err, text)
	}
}

func (l *load) keys(ctx context.Context, prefix string) (keys []string) {
	l.t.Helper()
	pages := s3.NewListObjectsV2Paginator(l.s3, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	return keys
}

func (l *load) object(ctx context.Context, key string) []byte {
	l.t.Helper()
	out, err := l.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		l.t.Fatal(err)
	}
	defer out.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(out.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}
