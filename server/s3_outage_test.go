package server_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// outage is how long the S3 service is away, by the server's clock.
const outage = 5 * time.Hour

// steppedClock goes on when it is told to.
type steppedClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *steppedClock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *steppedClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestS3Outage takes the S3 service away for hours. Puts are acknowledged until the journal has what it may hold, and then
// refused with the services' throttling errors; reads, status and metrics go on and say since when the service is away.
// When it is back, everything is delivered and puts are taken again, without anybody doing anything.
func TestS3Outage(t *testing.T) {
	l := newLake(t)
	clock := &steppedClock{now: time.Now()}
	ctx, cancel := context.WithTimeout(t.Context(), s3LifeMax)
	defer cancel()
	l.config.AWSAddr, l.config.HTTPAddr, l.config.Clock = "127.0.0.1:0", "127.0.0.1:0", clock.read
	l.config.JournalBytes, l.config.JournalMax = 0, 1<<20
	s, err := server.Open(ctx, l.config)
	fatal(t, err)
	t.Cleanup(func() { fatal(t, s.Close()) })
	e, stop := serve(t, s)
	r := &running{Server: s}
	fatal(t, l.setUp(ctx, r))
	l.put(ctx, r, "direct", false)
	fatal(t, l.flush(ctx, r))

	l.proxy.Down()
	began := clock.read()
	for clock.read().Sub(began) < outage {
		clock.step(20 * time.Minute)
		l.put(ctx, r, "direct", false)
		l.put(ctx, r, "", true)
	}
	l.fillJournal(ctx, e)
	l.away(ctx, r, e, began)

	before := s.Journal.Size(journalOf(t, r, "direct"))
	fatal(t, l.proxy.Up())
	back := time.Now()
	l.await(ctx, r, func() bool {
		clock.step(time.Minute) // what came in last is due, some time
		return !l.behind(ctx, r)
	})
	t.Logf("%d bytes of journal and %d puts of an outage of %v are delivered %v after it", before, len(l.puts), outage, time.Since(back).Round(time.Millisecond))
	l.await(ctx, r, func() bool {
		_, err := s.Streams.Put(ctx, "direct", "", [][]byte{[]byte(`{"id":"after","n":1}`)})
		return err == nil
	})
	l.puts = append(l.puts, &put{id: "after", stream: "direct", rows: []string{"after"}, answered: true, messages: []string{`{"id":"after"}`}})
	fatal(t, l.flush(ctx, r))
	l.account(ctx, r, "after the outage")
	l.notices = nil
	l.healthy(ctx, r)
	stop()
	l.check(ctx, s, "after the outage")
}

// fillJournal puts into a stream and into a group until both are refused, each with the throttling error of its service.
func (l *lake) fillJournal(ctx context.Context, e server.Endpoints) {
	streams, logs := firehose.NewFromConfig(config(e)), cloudwatchlogs.NewFromConfig(config(e))
	noise := rand.NewChaCha8([32]byte{1})
	next := func(bytes int) *put {
		text := make([]byte, bytes)
		_, _ = noise.Read(text)
		n := len(l.puts)
		id := fmt.Sprintf("%d-row", n)
		return &put{id: fmt.Sprint("put-", n), rows: []string{id}, answered: true, messages: []string{fmt.Sprintf(`{"id":%q,"n":1,"text":"%x"}`, id, text)}}
	}
	until := func(refused func(error) bool, try func() (*put, error)) {
		l.t.Helper()
		for range 1000 {
			p, err := try()
			switch {
			case err == nil:
				l.puts = append(l.puts, p)
			case refused(err):
				return
			default:
				l.t.Fatal("put in the outage: ", err)
			}
		}
		l.t.Fatal("the journal takes more than its limit")
	}
	until(func(err error) bool {
		busy := (*firehosetypes.ServiceUnavailableException)(nil)
		return errors.As(err, &busy)
	}, func() (*put, error) {
		p := next(16 << 10)
		p.stream = "direct"
		_, err := streams.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("direct"), Record: &firehosetypes.Record{Data: []byte(p.messages[0])}})
		return p, err
	})
	until(func(err error) bool {
		answer := smithy.APIError(nil)
		return errors.As(err, &answer) && answer.ErrorCode() == "ThrottlingException"
	}, func() (*put, error) {
		p := next(16 << 10)
		_, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("/app"), LogStreamName: aws.String("i-1"),
			LogEvents: []logstypes.InputLogEvent{{Message: &p.messages[0], Timestamp: aws.Int64(int64(l.now))}}})
		return p, err
	})
}

// away holds what clients and operators see of a lake whose S3 service is away.
func (l *lake) away(ctx context.Context, r *running, e server.Endpoints, began time.Time) {
	t := l.t
	events, _, err := r.Groups.FilterEvents(ctx, loggroup.FilterQuery{Group: "/app"})
	if err != nil || len(events) == 0 {
		t.Errorf("reads of the log group: %d events, %v", len(events), err)
	}
	l.await(ctx, r, func() bool { return l.failing(ctx, r) }) // the first attempt may wait for its time to end
	status, body := ask(t, "GET", e.HTTP+"/v1/status")
	if status != 200 || !strings.Contains(body, `"failing_since":"`) || !strings.Contains(body, "S3 service at "+l.proxy.URL) {
		t.Errorf("status: %d %s", status, body)
	}
	all, err := r.Streams.Statuses(ctx)
	fatal(t, err)
	for _, st := range all {
		if st.Name == "direct" && (st.Failing.Time().Before(began) || st.Failing.Time().After(began.Add(outage))) {
			t.Errorf("%s fails since %v, and the outage began at %v", st.Name, st.Failing.Time(), began)
		}
	}
	_, body = ask(t, "GET", e.HTTP+"/metrics")
	seconds := 0.0
	if _, text, ok := strings.Cut(body, `loglake_stream_failing_seconds{stream="direct"} `); ok {
		_, _ = fmt.Sscan(text, &seconds)
	}
	if seconds <= 0 || seconds > outage.Seconds() {
		t.Errorf("the metrics say that the stream has failed for %v s", seconds)
	}
	if !engine.Built {
		return
	}
	if rows, err := l.ask(ctx, r, "SELECT count(*) FROM logs"); err == nil {
		t.Errorf("a query that can't read the bucket answers %v", rows)
	}
}

func (l *lake) failing(ctx context.Context, r *running) bool {
	all, err := r.Streams.Statuses(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, st := range all {
		if st.Name == "direct" && st.Failure != "" {
			return true
		}
	}
	return false
}

// behind tells whether a stream has events that are not in committed objects.
func (l *lake) behind(ctx context.Context, r *running) bool {
	all, err := r.Streams.Statuses(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, st := range all {
		if st.Backlog > 0 {
			return true
		}
	}
	return false
}

// await asks until it is so.
func (l *lake) await(ctx context.Context, r *running, so func() bool) {
	l.t.Helper()
	for !so() {
		select {
		case <-ctx.Done():
			all, _ := r.Streams.Statuses(context.Background())
			l.t.Fatalf("it did not come so: %+v", all)
		case <-time.After(20 * time.Millisecond): // nobody tells of it
		}
	}
}

func journalOf(t *testing.T, r *running, stream loglake.StreamName) loglake.JournalID {
	t.Helper()
	def, err := r.Streams.Describe(stream)
	fatal(t, err)
	return def.Journal()
}
