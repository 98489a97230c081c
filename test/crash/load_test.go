package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
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

// call is one call of a writer and what it carried, by event id.
type call struct {
	rows, rejects, unmatched []string
	answered                 bool
}

// load is the clients.
type load struct {
	t      *testing.T
	server *server
	seed   uint64

	disconnect func() // a server that stops waits for connections that never carried a request

	logs     *cloudwatchlogs.Client
	firehose *firehose.Client
	glue     *glue.Client
	athena   *athena.Client
	s3       *s3.Client

	mu    sync.Mutex
	calls []*call

	stopping atomic.Bool
	stop     context.CancelFunc
	writers  sync.WaitGroup
	others   sync.WaitGroup

	flushes, queries, changes atomic.Int64 // that were answered
}

const (
	bucket     = "crash-bucket"
	database   = "crash"
	group      = "/crash/api"
	filterName = "to-grouped"
	grouped    = "grouped"
	direct     = "direct"
	role       = "arn:aws:iam::000000000000:role/loglake"
	logWriters = 3
	callMax    = 15 * time.Second // of a call with all its attempts
	eventsMax  = 12000            // of a seed; then the writers rest
)

func newLoad(t *testing.T, s *server, seed uint64) *load {
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &s.aws, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: &http.Client{Timeout: callMax, Transport: transport},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.RateLimiter = 200, ratelimit.None
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 30 * time.Millisecond, nil })
			})
		},
	}
	return &load{
		t: t, server: s, seed: seed, disconnect: transport.CloseIdleConnections, logs: cloudwatchlogs.NewFromConfig(cfg), firehose: firehose.NewFromConfig(cfg),
		glue: glue.NewFromConfig(cfg), athena: athena.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// begin starts the clients.
func (l *load) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	write := func(i uint64, put func(context.Context, *rand.Rand, *call, int) error) {
		l.writers.Go(func() { l.write(ctx, rand.New(rand.NewPCG(l.seed, 100+i)), put) })
	}
	for i := range logWriters {
		write(uint64(i), func(ctx context.Context, rng *rand.Rand, c *call, n int) error { return l.putLogs(ctx, rng, c, i, n) })
	}
	write(logWriters, l.putRecords)
	repeat := func(every time.Duration, what string, do func(context.Context, int) error, count *atomic.Int64) {
		l.others.Go(func() { l.repeat(ctx, every, what, do, count) })
	}
	repeat(40*time.Millisecond, "flush", func(ctx context.Context, i int) error { return l.flush(ctx, []string{grouped, direct}[i%2]) }, &l.flushes)
	repeat(30*time.Millisecond, "query", l.query, &l.queries)
	repeat(70*time.Millisecond, "change", l.change, &l.changes)
}

// write puts without pause until the load ends.
func (l *load) write(ctx context.Context, rng *rand.Rand, put func(context.Context, *rand.Rand, *call, int) error) {
	for n, events := 0, 0; !l.stopping.Load() && events < eventsMax/(logWriters+1); n++ {
		c := &call{}
		l.mu.Lock()
		l.calls = append(l.calls, c)
		l.mu.Unlock()
		ctx, cancel := context.WithTimeout(ctx, callMax)
		err := put(ctx, rng, c, n)
		cancel()
		c.answered = err == nil
		events += len(c.rows) + len(c.rejects) + len(c.unmatched)
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
	return 200
}

// event makes a message of one of the kinds, and notes its id with the call.
func (c *call) event(rng *rand.Rand, id string) string {
	switch rng.IntN(12) {
	case 0:
		c.rejects = append(c.rejects, id)
		return fmt.Sprintf(`{"timestamp":"2025-12-03T10:15:30Z","id":%q,"level":"INFO","n":"not a number"}`, id)
	case 1, 2:
		c.unmatched = append(c.unmatched, id)
		return fmt.Sprintf(`{"timestamp":"2025-12-03T10:15:31Z","id":%q,"level":"DEBUG","n":2}`, id)
	}
	c.rows = append(c.rows, id)
	return fmt.Sprintf(`{"timestamp":"2025-12-03T10:15:32Z","id":%q,"level":"INFO","n":3,"extra":"x"}`, id)
}

func (l *load) putLogs(ctx context.Context, rng *rand.Rand, c *call, writer, n int) error {
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(fmt.Sprint("w", writer))}
	now := time.Now().UnixMilli()
	for i := range 1 + rng.IntN(40) {
		id := fmt.Sprintf("g%d-%d-%d", writer, n, i)
		in.LogEvents = append(in.LogEvents, logstypes.InputLogEvent{Timestamp: aws.Int64(now), Message: aws.String(c.event(rng, id))})
	}
	max := attempts(rng)
	_, err := l.logs.PutLogEvents(ctx, in, func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = max })
	return err
}

func (l *load) putRecords(ctx context.Context, rng *rand.Rand, c *call, n int) error {
	in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String(direct)}
	for i := range 1 + rng.IntN(30) {
		in.Records = append(in.Records, firehosetypes.Record{Data: []byte(c.event(rng, fmt.Sprintf("d-%d-%d", n, i)))})
	}
	c.rows, c.unmatched = append(c.rows, c.unmatched...), nil // there is no filter before this stream
	max := attempts(rng)
	out, err := l.firehose.PutRecordBatch(ctx, in, func(o *firehose.Options) { o.RetryMaxAttempts = max })
	if err == nil && *out.FailedPutCount != 0 {
		l.t.Errorf("PutRecordBatch failed %d records", *out.FailedPutCount)
	}
	return err
}

func (l *load) flush(ctx context.Context, stream string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.server.http+"/v1/streams/"+stream+"/flush", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only the status counts
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("flush of %s: StatusCode: %d", stream, answer.StatusCode)
	}
	return nil
}

// query holds that no event is seen twice at any moment.
func (l *load) query(ctx context.Context, _ int) error {
	x, err := l.sql(ctx, `SELECT count(*), count(DISTINCT id) FROM logs`)
	if err != nil || x.failure != "" {
		return err // the kill of the server fails what was running
	}
	if v := x.values[0]; len(v) == 2 && v[0] != v[1] {
		l.t.Errorf("a query saw %s rows and %s events", v[0], v[1])
	}
	return nil
}
