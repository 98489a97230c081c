package crash

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

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
	return fmt.Sprintf("%d calls, %d answered; %d rows and %d rejects in %d objects; %d flushes, %d queries, %d changes",
		a.calls, a.answered, a.rows, a.rejects, a.objects, a.load.flushes.Load(), a.load.queries.Load(), a.load.changes.Load())
}

// account flushes everything and holds what is there, by each way to read it, against the record.
func (l *load) account() account {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*callMax)
	defer cancel()
	for _, stream := range []string{grouped, direct} {
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
	parquetRows, objects := l.parquet(ctx)
	rejects, rejectObjects := l.rejects(ctx)
	a.rows, a.rejects, a.objects = len(parquetRows), len(rejects), objects+rejectObjects
	l.hold("Parquet objects", parquetRows, func(c *call) []string { return c.rows })
	l.hold("SQL", l.selected(ctx), func(c *call) []string { return c.rows })
	l.hold("reject objects", rejects, func(c *call) []string { return c.rejects })
	l.hold("log group", l.group(ctx), func(c *call) []string {
		all := append(append(append([]string(nil), c.rows...), c.rejects...), c.unmatched...)
		if len(all) > 0 && !strings.HasPrefix(all[0], "g") {
			return nil
		}
		return all
	})
	return a
}

// problemsMax bounds what is printed of one disagreement.
const problemsMax = 10

// hold is the rule: answered exactly once, unanswered at most once and whole or not at all, and nothing else.
func (l *load) hold(what string, got []string, of func(*call) []string) {
	l.t.Helper()
	count := map[string]int{}
	for _, id := range got {
		count[id]++
	}
	problems := 0
	problem := func(format string, args ...any) {
		if problems++; problems <= problemsMax {
			l.t.Errorf(what+": "+format, args...)
		}
	}
	for _, c := range l.calls {
		ids, there := of(c), 0
		for _, id := range ids {
			n := count[id]
			delete(count, id)
			if n > 1 {
				problem("event %s is there %d times (its call was answered: %t)", id, n, c.answered)
			}
			if n > 0 {
				there++
			}
		}
		if there < len(ids) && (c.answered || there > 0) {
			problem("%d of the %d events of the call of %s are there (answered: %t)", there, len(ids), ids[0], c.answered)
		}
	}
	for id, n := range count {
		problem("event %q is there %d times and nobody put it", id, n)
	}
	if problems > problemsMax {
		l.t.Errorf("%s: %d problems in all", what, problems)
	}
}

// selected gives every id by SQL, from the CSV in the bucket.
func (l *load) selected(ctx context.Context) (ids []string) {
	l.t.Helper()
	r, err := l.sql(ctx, `SELECT id FROM logs`)
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

// parquet gives every id in the Parquet objects.
func (l *load) parquet(ctx context.Context) (ids []string, objects int) {
	l.t.Helper()
	type row struct {
		ID *string `parquet:"id,optional"`
	}
	for _, key := range l.keys(ctx, "data/") {
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

// group gives every id in the log group.
func (l *load) group(ctx context.Context) (ids []string) {
	l.t.Helper()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(l.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, e := range page.Events {
			ids = append(ids, l.id([]byte(*e.Message)))
		}
	}
	return ids
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
