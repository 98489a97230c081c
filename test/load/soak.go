package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	hose "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	glued "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake/internal/disk"
)

// A soak keeps everything that users do going at once for long: puts as fast as they are acknowledged, records put
// directly, queries, changes of streams, tables, groups and filters. So that the disk does not fill, what is old goes: log
// groups are made anew and deleted with their events, objects are deleted behind the server's back, as a lifecycle rule
// of a bucket does. Meanwhile everything that could grow is looked at each second (sample.go) and drawn (timeline.go).
const (
	soakTurn   = 45 * time.Second // a group is used for so long, and is there for two turns
	soakKeep   = 90 * time.Second // objects are kept
	soakQuery  = time.Second      // between two queries
	soakChange = 5 * time.Second  // between two changes of tables and streams
	soakDirect = 100 * time.Millisecond
)

// soak is one run.
type soak struct {
	lake    *lake
	pieces  []piece
	events  atomic.Int64
	records atomic.Int64
	queries atomic.Int64
	refused atomic.Int64 // puts that were throttled
	changes atomic.Int64
	deleted atomic.Int64 // objects

	mu      sync.Mutex
	oddness map[string]int // failures that were not expected, by text
}

// soakLoad runs everything for o.soak and writes what was seen into o.out.
func soakLoad(ctx context.Context, l *lake, out io.Writer) error {
	s := &soak{lake: l, pieces: pieces(l.o.bytes), oddness: map[string]int{}}
	running, stop := context.WithTimeout(ctx, l.o.soak)
	defer stop()
	group, running := errgroup.WithContext(running)
	for g := range l.o.groups {
		for w := range l.o.writers {
			if l.o.writes(w, g) {
				group.Go(func() error { return s.write(running, g, w) })
			}
		}
	}
	every := func(pause time.Duration, what string, f func(ctx context.Context, turn int) error) {
		group.Go(func() error {
			for turn := 0; ; turn++ {
				select {
				case <-running.Done():
					return nil
				case <-time.After(pause):
				}
				if err := f(running, turn); err != nil && running.Err() == nil {
					s.odd(what, err)
				}
			}
		})
	}
	every(soakDirect, "PutRecordBatch", s.direct)
	every(soakQuery, "a query", s.query)
	every(soakChange, "a change of the catalog", s.retable)
	every(soakChange, "a change of a stream", s.restream)
	every(soakTurn/3, "deleting old objects", s.sweep)
	m := newMeter(l.o)
	group.Go(func() error { return m.run(running) })
	err := group.Wait()
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && running.Err() == nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.report(m, out)
}

// odd counts a failure; the soak goes on, and shows it at its end.
func (s *soak) odd(what string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oddness[fmt.Sprintf("%s: %.300s", what, err.Error())]++
}

// write is the life of a writer: it puts into a group, makes another one when its turn is over, and deletes the one before.
func (s *soak) write(ctx context.Context, g, writer int) error {
	l := s.lake
	w, err := dial(ctx, l.o.endpoint, l.keys, region)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	var last string
	for turn := 0; ctx.Err() == nil; turn++ {
		name := fmt.Sprintf("%s/%d/%d/%d", l.o.name, g, writer, turn)
		if err := s.group(ctx, name, g); err != nil {
			return ignoreEnd(ctx, err)
		}
		b := newBodies(s.pieces, uint64(turn)<<32|uint64(writer*l.o.groups+g+1), name, streamName(writer))
		for end := time.Now().Add(soakTurn); ctx.Err() == nil && time.Now().Before(end); {
			body, _ := b.next(l.o.batch, time.Now())
			err := w.put(ctx, body)
			switch {
			case err == nil:
				s.events.Add(int64(l.o.batch))
			case isThrottled(err):
				s.refused.Add(1)
				time.Sleep(100 * time.Millisecond)
			default:
				return ignoreEnd(ctx, err)
			}
		}
		if last != "" && ctx.Err() == nil {
			if _, err := l.logs.DeleteLogGroup(ctx, &logs.DeleteLogGroupInput{LogGroupName: &last}); err != nil {
				return ignoreEnd(ctx, err)
			}
		}
		last = name
	}
	return nil
}

// isThrottled tells whether the server asked to be asked less.
func isThrottled(err error) bool {
	text := err.Error()
	return strings.Contains(text, "ThrottlingException") || strings.Contains(text, "ServiceUnavailableException")
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// group makes a log group that feeds the delivery stream of g.
func (s *soak) group(ctx context.Context, name string, g int) error {
	l := s.lake
	if _, err := l.logs.CreateLogGroup(ctx, &logs.CreateLogGroupInput{LogGroupName: &name}); err != nil {
		return err
	}
	for w := range l.o.writers {
		if _, err := l.logs.CreateLogStream(ctx, &logs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: aws.String(streamName(w))}); err != nil {
			return err
		}
	}
	_, err := l.logs.PutSubscriptionFilter(ctx, &logs.PutSubscriptionFilterInput{
		LogGroupName: &name, FilterName: aws.String("all"), FilterPattern: aws.String(""), RoleArn: aws.String(role),
		DestinationArn: aws.String("arn:aws:firehose:" + region + ":000000000000:deliverystream/" + l.hosed(g)),
	})
	return err
}

// direct puts records into the stream that has no group; each tenth does not convert.
func (s *soak) direct(ctx context.Context, turn int) error {
	in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String(s.lake.hosed(s.lake.o.groups))}
	for i := range 100 {
		text := fmt.Sprintf(`{"timestamp":"%s","request_id":"direct-%d-%d","status_code":200,"path":"/direct"}`, time.Now().UTC().Format(timeForm), turn, i)
		if i%10 == 0 {
			text = `{"status_code":"none"}`
		}
		in.Records = append(in.Records, hose.Record{Data: []byte(text)})
	}
	if _, err := s.lake.hose.PutRecordBatch(ctx, in); err != nil {
		if isThrottled(err) {
			s.refused.Add(1)
			return nil
		}
		return err
	}
	s.records.Add(int64(len(in.Records)))
	return nil
}

// query asks what a person would, of the newest rows or of all.
func (s *soak) query(ctx context.Context, turn int) error {
	text := []string{
		"SELECT count(*), max(timestamp) FROM " + table,
		"SELECT status_code, count(*), avg(response_time) FROM " + table + " GROUP BY status_code ORDER BY 2 DESC LIMIT 10",
		"SELECT path, approx_percentile(response_time, 0.99) FROM " + table + " WHERE level = 'ERROR' GROUP BY path",
		"SELECT * FROM " + table + " WHERE path = '/direct' LIMIT 100",
	}[turn%4]
	_, err := s.lake.ask(ctx, text)
	if err == nil {
		s.queries.Add(1)
	}
	return err
}

// retable makes a table beside the load's own and drops the one before, and changes the comment of the load's own.
func (s *soak) retable(ctx context.Context, turn int) error {
	l := s.lake
	name := func(turn int) *string { return aws.String(fmt.Sprintf("soak_%d", turn)) }
	_, err := l.glue.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: &l.o.name, TableInput: &glued.TableInput{
		Name: name(turn), TableType: aws.String("EXTERNAL_TABLE"), StorageDescriptor: &glued.StorageDescriptor{
			Columns:  []glued.Column{{Name: aws.String("id"), Type: aws.String("string")}},
			Location: aws.String(fmt.Sprintf("s3://%s/soak-%d/", l.o.name, turn)),
		},
	}})
	if err == nil && turn > 0 {
		_, err = l.glue.DeleteTable(ctx, &glue.DeleteTableInput{DatabaseName: &l.o.name, Name: name(turn - 1)})
	}
	if err == nil {
		s.changes.Add(2)
	}
	return err
}

// restream changes the buffer hints of the streams by turns: what they hold is read again and delivered by the new ones.
func (s *soak) restream(ctx context.Context, turn int) error {
	l := s.lake
	name := aws.String(l.hosed(turn % (l.o.groups + 1)))
	is, err := l.hose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: name})
	if err != nil {
		return err
	}
	d := is.DeliveryStreamDescription
	_, err = l.hose.UpdateDestination(ctx, &firehose.UpdateDestinationInput{
		DeliveryStreamName: name, CurrentDeliveryStreamVersionId: d.VersionId, DestinationId: d.Destinations[0].DestinationId,
		ExtendedS3DestinationUpdate: &hose.ExtendedS3DestinationUpdate{BufferingHints: &hose.BufferingHints{
			SizeInMBs: aws.Int32(int32(64 + turn%65)), IntervalInSeconds: aws.Int32(int32(20 + turn%20))}},
	})
	if err == nil {
		s.changes.Add(1)
	}
	return err
}

// sweep deletes objects that are old, as a lifecycle rule does: the manifest learns of it by itself.
func (s *soak) sweep(ctx context.Context, _ int) error {
	pages := s3.NewListObjectsV2Paginator(s.lake.s3, &s3.ListObjectsV2Input{Bucket: &s.lake.o.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		var old []s3types.ObjectIdentifier
		for _, o := range page.Contents {
			if time.Since(*o.LastModified) > soakKeep {
				old = append(old, s3types.ObjectIdentifier{Key: o.Key})
			}
		}
		if len(old) == 0 {
			continue
		}
		if _, err := s.lake.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.lake.o.name, Delete: &s3types.Delete{Objects: old}}); err != nil {
			return err
		}
		s.deleted.Add(int64(len(old)))
	}
	return nil
}

// report prints what was done and what was seen, and writes the samples and their plot.
func (s *soak) report(m *meter, out io.Writer) error {
	o := s.lake.o
	fmt.Fprintf(out, "soak of %v: %d events and %d records acknowledged, %d puts throttled, %d queries, %d changes, %d objects deleted\n",
		o.soak, s.events.Load(), s.records.Load(), s.refused.Load(), s.queries.Load(), s.changes.Load(), s.deleted.Load())
	for text, n := range s.oddness {
		fmt.Fprintf(out, "failed %d times: %s\n", n, text)
	}
	if err := m.report(out); err != nil {
		return err
	}
	if o.out == "" {
		return nil
	}
	fs := disk.Real()
	err := disk.WriteFile(fs, filepath.Join(o.out, "soak.csv"), m.csv())
	return errors.Join(err, disk.WriteFile(fs, filepath.Join(o.out, "soak.svg"), []byte(timeline(m))))
}
