package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// load is the clients.
type load struct {
	t      *testing.T
	seed   uint64
	log    *events
	wire   *wire
	at     endpoints
	binary string // "": no processes, so no SQL and no capture

	logs     *cloudwatchlogs.Client
	firehose *firehose.Client
	glue     *glue.Client
	athena   *athena.Client
	s3       *s3.Client

	mu       sync.Mutex
	calls    []*call
	settings *settings
	numbers  numbers
	captures []*captured
	puts     filePut

	stopping atomic.Bool
	stop     context.CancelFunc
	writers  sync.WaitGroup
	others   sync.WaitGroup

	flushes, queries, changes atomic.Int64 // that were answered
}

const (
	logWriters = 2
	callMax    = 15 * time.Second // of a call with all its attempts
	eventsMax  = 3000             // of a writer in a seed; then it rests
)

func newLoad(t *testing.T, seed uint64, log *events) *load {
	return &load{t: t, seed: seed, log: log, wire: newWire(), settings: newSettings()}
}

// connect makes the clients.
func (l *load) connect() {
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &l.at.AWS, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: &http.Client{Timeout: callMax, Transport: l.wire},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.RateLimiter = 400, ratelimit.None
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 30 * time.Millisecond, nil })
			})
		},
	}
	l.logs, l.firehose, l.glue, l.athena = cloudwatchlogs.NewFromConfig(cfg), firehose.NewFromConfig(cfg), glue.NewFromConfig(cfg), athena.NewFromConfig(cfg)
	l.s3 = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// begin starts the clients.
func (l *load) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	for i, put := range []func(context.Context, *rand.Rand, *call, int) error{
		l.putLogs(0), l.putLogs(1), l.putRecords, l.putRecord, l.putDays, l.putAging,
	} {
		l.writers.Go(func() { l.write(ctx, rand.New(rand.NewPCG(l.seed, uint64(100+i))), put) })
	}
	l.writers.Go(func() { l.count(ctx) })
	repeat := func(every time.Duration, what string, do func(context.Context, int) error, count *atomic.Int64) {
		l.others.Go(func() { l.repeat(ctx, every, what, do, count) })
	}
	repeat(40*time.Millisecond, "flush", l.flushOne, &l.flushes)
	repeat(40*time.Millisecond, "change", l.change, &l.changes)
	repeat(50*time.Millisecond, "ledger", l.ledger, &l.queries)
	repeat(20*time.Millisecond, "object", l.putObject, &l.changes)
	repeat(20*time.Millisecond, "statement", l.statement, &l.changes)
	if l.binary != "" {
		repeat(30*time.Millisecond, "query", l.query, &l.queries)
		l.others.Go(func() { l.capture(ctx) })
		l.others.Go(func() { l.putFile(ctx) })
	}
}

// write puts without pause until the load ends.
func (l *load) write(ctx context.Context, rng *rand.Rand, put func(context.Context, *rand.Rand, *call, int) error) {
	for n, events := 0, 0; !l.stopping.Load() && events < eventsMax; n++ {
		c := &call{}
		l.mu.Lock()
		l.calls = append(l.calls, c)
		l.mu.Unlock()
		ctx, cancel := context.WithTimeout(ctx, callMax)
		err := put(ctx, rng, c, n)
		cancel()
		c.answered = err == nil
		all := append(append(append([]string(nil), c.rows...), c.rejects...), c.unmatched...)
		events += len(all)
		l.log.add("put %s and %d more: %v", all[0], len(all)-1, err)
	}
}

// repeat does something now and then. That it fails while the server is down is as it should be; that it fails wrongly
// is told by do itself.
func (l *load) repeat(ctx context.Context, every time.Duration, what string, do func(context.Context, int) error, count *atomic.Int64) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := 0; !l.stopping.Load(); i++ {
		ctx, cancel := context.WithTimeout(ctx, callMax)
		err := do(ctx, i)
		cancel()
		l.log.add("%s %d: %v", what, i, err)
		if err == nil {
			count.Add(1)
		} else if strings.Contains(err.Error(), "StatusCode: 500") {
			l.t.Errorf("%s: %v", what, err)
		}
		<-ticker.C
	}
}

// end stops the clients; the calls that are under way come to their ends.
func (l *load) end() {
	l.stopping.Store(true)
	l.writers.Wait()
	l.others.Wait()
	l.stop()
}

// attempts gives options for a call: now and then one without retries, so that some calls stay unanswered.
func attempts(rng *rand.Rand) int {
	if rng.IntN(4) == 0 {
		return 1
	}
	return 400
}

// event makes a message of one of the kinds, and notes its id with the call.
func (c *call) event(rng *rand.Rand, id string) string {
	at := fmt.Sprintf("2025-12-%02dT10:15:30Z", 1+rng.IntN(5))
	switch rng.IntN(12) {
	case 0:
		c.rejects = append(c.rejects, id)
		return fmt.Sprintf(`{"timestamp":%q,"id":%q,"level":"INFO","n":"not a number"}`, at, id)
	case 1, 2:
		c.unmatched = append(c.unmatched, id)
		return fmt.Sprintf(`{"timestamp":%q,"id":%q,"level":"DEBUG","n":2}`, at, id)
	case 3:
		c.rows = append(c.rows, id)
		return fmt.Sprintf(`{"id":%q,"level":"INFO"}`, id)
	}
	c.rows = append(c.rows, id)
	return fmt.Sprintf(`{"timestamp":%q,"id":%q,"level":"INFO","n":3,"extra":"x"}`, at, id)
}

// all are rows where there is no filter before a stream.
func (c *call) unfiltered() { c.rows, c.unmatched = append(c.rows, c.unmatched...), nil }

// putLogs puts events into the group that is subscribed, under a log stream of its own.
func (l *load) putLogs(writer int) func(context.Context, *rand.Rand, *call, int) error {
	return func(ctx context.Context, rng *rand.Rand, c *call, n int) error {
		var list []logstypes.InputLogEvent
		now := time.Now().UnixMilli()
		for i := range 1 + rng.IntN(40) {
			message := c.event(rng, fmt.Sprintf("g%d-%d-%d", writer, n, i))
			list = append(list, logstypes.InputLogEvent{Timestamp: &now, Message: &message})
		}
		return l.putEvents(ctx, group, fmt.Sprint("w", writer), list, attempts(rng))
	}
}

func (l *load) putEvents(ctx context.Context, group, stream string, list []logstypes.InputLogEvent, attempts int) error {
	_, err := l.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: list},
		func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = attempts })
	return err
}

// putAging puts events of now, and ones that are days old: they expire and come in as the group's retention changes.
func (l *load) putAging(ctx context.Context, rng *rand.Rand, c *call, n int) error {
	var list []logstypes.InputLogEvent
	for i := range 2 + rng.IntN(20) {
		at, id := time.Now(), fmt.Sprintf("f-%d-%d", n, i)
		if i%2 == 0 {
			at, id = at.Add(-50*time.Hour), fmt.Sprintf("o-%d-%d", n, i)
			c.old = append(c.old, id)
		} else {
			c.unmatched = append(c.unmatched, id)
		}
		list = append(list, logstypes.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: aws.String(fmt.Sprintf(`{"id":%q}`, id))})
	}
	return l.putEvents(ctx, aging, "w", list, attempts(rng))
}

func (l *load) putRecords(ctx context.Context, rng *rand.Rand, c *call, n int) error {
	return l.putBatch(ctx, direct, rng, c, func(i int) string { return fmt.Sprintf("d-%d-%d", n, i) })
}

// putDays puts to the stream whose rows find their folders by their own time.
func (l *load) putDays(ctx context.Context, rng *rand.Rand, c *call, n int) error {
	return l.putBatch(ctx, days, rng, c, func(i int) string { return fmt.Sprintf("p-%d-%d", n, i) })
}

func (l *load) putBatch(ctx context.Context, stream string, rng *rand.Rand, c *call, id func(int) string) error {
	in := &firehose.PutRecordBatchInput{DeliveryStreamName: &stream}
	for i := range 1 + rng.IntN(30) {
		in.Records = append(in.Records, firehosetypes.Record{Data: []byte(c.event(rng, id(i)))})
	}
	c.unfiltered()
	max := attempts(rng)
	out, err := l.firehose.PutRecordBatch(ctx, in, func(o *firehose.Options) { o.RetryMaxAttempts = max })
	if err == nil && *out.FailedPutCount != 0 {
		l.t.Errorf("PutRecordBatch failed %d records", *out.FailedPutCount)
	}
	return err
}

func (l *load) putRecord(ctx context.Context, rng *rand.Rand, c *call, n int) error {
	data := []byte(c.event(rng, fmt.Sprintf("s-%d", n)))
	c.unfiltered()
	max := attempts(rng)
	_, err := l.firehose.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String(direct), Record: &firehosetypes.Record{Data: data}},
		func(o *firehose.Options) { o.RetryMaxAttempts = max })
	return err
}

func (l *load) flushOne(ctx context.Context, i int) error {
	stream := streams[i%len(streams)]
	acked := l.numbers.acked.Load()
	err := l.flush(ctx, stream)
	if err == nil && stream == ordered {
		l.numbers.flushed.Store(acked)
	}
	return err
}

func (l *load) flush(ctx context.Context, stream string) error {
	return l.native(ctx, http.MethodPost, "/v1/streams/"+stream+"/flush", nil)
}

// ledger wants the account of every event to balance, whatever is under way.
func (l *load) ledger(ctx context.Context, _ int) error {
	var account struct {
		Balanced bool
		Rows     []map[string]any
	}
	if err := l.native(ctx, http.MethodGet, "/v1/ledger?ended=true", &account); err != nil {
		return err
	}
	rows := slices.DeleteFunc(account.Rows, func(row map[string]any) bool { return row["balanced"] == true })
	if !account.Balanced || len(rows) > 0 {
		l.t.Errorf("the ledger does not balance: %v", rows)
	}
	return nil
}

// native makes a native call.
func (l *load) native(ctx context.Context, method, path string, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, l.at.HTTP+path, nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: l.wire}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: StatusCode: %d", method, path, answer.StatusCode)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}
