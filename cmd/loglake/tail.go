package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
)

// tailFlags are what `tail` is told.
type tailFlags struct {
	remote
	follow  bool
	pattern string
	since   string
	stream  string
	limit   int
}

func tailCommand() *cobra.Command {
	var f tailFlags
	c := &cobra.Command{
		Use:   "tail GROUP",
		Short: "Print the events of a log group, and go on as they come in",
		Long: `tail prints the events of a log group, the oldest first, with FilterLogEvents; so it works against AWS
too. A message that is a JSON object becomes one line for people: time, level, method, path, status,
duration, message, and the rest of its fields; a traceback follows indented. What a terminal might obey
is replaced. --format json prints the messages as they are, one object per line, for other programs.

--follow asks again twice a second. An event is printed once, also when it comes in late, up to a minute
after others of its time. Where the server does not answer, tail says so, and goes on when it does.`,
		Example: `  loglake tail /app/api
  loglake tail /app/api --follow --filter '{ $.level = "ERROR" }'
  loglake tail /app/api --since 2h --filter '{ $.request_id = "abc-124" }'
  loglake tail /app/api --limit 100 --format json | jq -r .path | sort | uniq -c`,
		Args:              oneArg("GROUP"),
		ValidArgsFunction: f.completeGroups,
		RunE:              func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	f.register(c)
	c.Flags().BoolVarP(&f.follow, "follow", "f", false, "go on with what comes in, until interrupted")
	c.Flags().StringVar(&f.pattern, "filter", "", "filter pattern of CloudWatch Logs: ERROR, '{ $.status >= 500 }', '%regex%'")
	c.Flags().StringVar(&f.since, "since", "10m", "how far back to begin: 30s, 10m, 2h, 7d, or a time such as 2026-01-31T09:00:00Z")
	c.Flags().StringVar(&f.stream, "stream", "", "only log streams whose names begin so")
	c.Flags().IntVar(&f.limit, "limit", 0, "begin with this many of the newest events at most; 0: all since --since")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	complete(c, "format", "text", "json")
	return c
}

// completeGroups gives the log groups that begin with what is typed.
func (r *remote) completeGroups(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	server, err := r.client()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	in := &cloudwatchlogs.DescribeLogGroupsInput{}
	if typed != "" {
		in.LogGroupNamePrefix = &typed
	}
	out, err := server.Logs().DescribeLogGroups(c.Context(), in)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, g := range out.LogGroups {
		names = append(names, aws.ToString(g.LogGroupName))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (f *tailFlags) run(c *cobra.Command, group string) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	now := time.Now()
	from, err := parseSince(now, f.since)
	if err != nil {
		return usageError{err}
	}
	if f.limit < 0 {
		return usageError{fmt.Errorf("--limit is the number of events, 0 for all, not %d", f.limit)}
	}
	server, err := f.client()
	if err != nil {
		return err
	}
	t := &tail{
		events: server.Logs(), endpoint: server.Endpoint(), said: c.ErrOrStderr(), seen: map[string]int64{},
		query: cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, StartTime: aws.Int64(from.UnixMilli())},
		print: lineWriter{w: c.OutOrStdout(), json: f.format == "json", paint: painter(c.OutOrStdout()), zone: time.Local}.event,
	}
	if f.pattern != "" {
		t.query.FilterPattern = &f.pattern
	}
	if f.stream != "" {
		t.query.LogStreamNamePrefix = &f.stream
	}
	if err := t.begin(c.Context(), f.limit); err != nil {
		return t.told(c.Context(), err)
	}
	if !f.follow {
		return nil
	}
	return t.told(c.Context(), t.follow(c.Context()))
}

// parseSince reads how far back to begin.
func parseSince(now time.Time, text string) (time.Time, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n >= 0 {
			return now.Add(-time.Duration(n * 24 * float64(time.Hour))), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since is a length of time (30s, 10m, 2h, 7d) or a time (2026-01-31T09:00:00Z), not %q", text)
}

// How tail follows: it asks every tailEvery for what is at most tailNear old, and every tailFarEvery for what is at most
// tailFar old, where it finds what came in late.
const (
	tailEvery    = 500 * time.Millisecond
	tailNear     = 5 * time.Second
	tailFar      = time.Minute
	tailFarEvery = 10 * time.Second
	tailFailures = 3 // in a row, until the user is told
)

// eventSource is the part of the CloudWatch Logs client that tail needs.
type eventSource interface {
	FilterLogEvents(context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error)
}

// tail is one run of the command. It belongs to one goroutine.
type tail struct {
	events   eventSource
	endpoint string
	query    cloudwatchlogs.FilterLogEventsInput
	print    func(types.FilteredLogEvent) error
	said     io.Writer

	following bool

	seen map[string]int64 // timestamps of what was printed and might be found again, by event id
	now  time.Time        // the server's clock at its last answer
}

// begin prints what is there, the newest limit events of it unless limit is 0.
func (t *tail) begin(ctx context.Context, limit int) error {
	if limit == 0 {
		return t.pages(ctx, t.query, t.show)
	}
	query := t.query
	query.StartFromHead, query.Limit = aws.Bool(false), aws.Int32(int32(min(limit, tailPageMax)))
	var newest []types.FilteredLogEvent
	err := t.pages(ctx, query, func(page []types.FilteredLogEvent) error {
		if newest = append(newest, page...); len(newest) >= limit {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	slices.SortStableFunc(newest, inTime)
	newest = newest[max(len(newest)-limit, 0):]
	if len(newest) == limit { // what is older is not wanted later either
		t.query.StartTime = newest[0].Timestamp
	}
	return t.show(newest)
}

// tailPageMax is how many events FilterLogEvents gives at a time.
const tailPageMax = 10_000

// inTime is the order of FilterLogEvents; ids grow with what was put.
func inTime(a, b types.FilteredLogEvent) int {
	return cmp.Or(cmp.Compare(aws.ToInt64(a.Timestamp), aws.ToInt64(b.Timestamp)),
		cmp.Compare(aws.ToInt64(a.IngestionTime), aws.ToInt64(b.IngestionTime)), cmp.Compare(aws.ToString(a.EventId), aws.ToString(b.EventId)))
}

// errEnough ends a search whose caller has what it wants.
var errEnough = errors.New("enough")

// show prints what was not printed yet.
func (t *tail) show(events []types.FilteredLogEvent) error {
	for _, e := range events {
		id := aws.ToString(e.EventId)
		if _, ok := t.seen[id]; ok {
			continue
		}
		if err := t.print(e); err != nil {
			return printError{err}
		}
		t.seen[id] = aws.ToInt64(e.Timestamp)
	}
	return nil
}

// printError is a failure of our own output.
type printError struct{ error }

// pages gives f all that a query finds, page by page.
func (t *tail) pages(ctx context.Context, query cloudwatchlogs.FilterLogEventsInput, f func([]types.FilteredLogEvent) error) error {
	for {
		page, err := t.page(ctx, &query)
		if err != nil {
			return err
		}
		if at, ok := awsmiddleware.GetServerTime(page.ResultMetadata); ok {
			t.now = at
		} else {
			t.now = time.Now()
		}
		if err := f(page.Events); err != nil {
			return err
		}
		if query.NextToken = page.NextToken; query.NextToken == nil {
			return nil
		}
	}
}

// tailPatience is how long tail waits for a page.
const tailPatience = 30 * time.Second

// page makes one call. While following, a call that fails is not made again at once: the next question covers it, and the
// user is told meanwhile.
func (t *tail) page(ctx context.Context, query *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, tailPatience)
	defer cancel()
	return t.events.FilterLogEvents(ctx, query, func(o *cloudwatchlogs.Options) {
		if t.following {
			o.RetryMaxAttempts = 1
		}
	})
}

// follow asks for new events until ctx ends or the server refuses.
func (t *tail) follow(ctx context.Context) error {
	ticker := time.NewTicker(tailEvery)
	defer ticker.Stop()
	answered, far, failed := t.now, t.now, 0
	t.following = true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		query, reach := t.query, tailNear
		if failed > 0 || t.now.Sub(far) >= tailFarEvery {
			reach, far = tailFar, t.now
		}
		query.StartTime = aws.Int64(max(aws.ToInt64(t.query.StartTime), answered.Add(-reach).UnixMilli()))
		err := t.pages(ctx, query, t.show)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			if failed >= tailFailures {
				fmt.Fprintf(t.said, "loglake: %s answers again\n", t.endpoint)
			}
			failed, answered = 0, t.now
			t.forget(answered.Add(-2 * tailFar).UnixMilli())
		case !transient(err):
			return err
		default:
			if failed++; failed == tailFailures { // one alone may be a connection that was left open too long
				fmt.Fprintf(t.said, "loglake: no answer from %s (%v); waiting for it\n", t.endpoint, rootCause(err))
			}
		}
	}
}

// forget drops the ids of events that are older than any further question.
func (t *tail) forget(before int64) {
	for id, at := range t.seen {
		if at < before {
			delete(t.seen, id)
		}
	}
}

// transient tells whether a call that failed may succeed when it is made again: there was no answer, or one of a server
// that is busy or starts.
func transient(err error) bool {
	var own printError
	if errors.As(err, &own) {
		return false
	}
	code := awsCode(err)
	switch code {
	case "", "ThrottlingException", "ServiceUnavailableException", "InternalFailure", "InternalServerException":
		return true
	}
	return strings.HasPrefix(code, "5") // no code of a service, but the status of something between
}

// told is an error as the user is told of it; the end of ctx is none.
func (t *tail) told(ctx context.Context, err error) error {
	var own printError
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case errors.As(err, &own):
		return own.error
	}
	return serviceError(err, t.endpoint, "`loglake status` lists the log groups")
}

// serviceError words a failed call of an AWS service: what the service said, or that nobody did. missing is the hint where
// something is not there.
func serviceError(err error, endpoint, missing string) error {
	switch code := awsCode(err); code {
	case "":
		return &loglake.Error{Code: loglake.CodeUnavailable, Err: err, Message: fmt.Sprintf("no loglake answers at %s: %v", endpoint, rootCause(err)),
			Hint: "start one with `loglake serve`, or give the address of its AWS services with --endpoint or LOGLAKE_ENDPOINT"}
	case "ResourceNotFoundException":
		return &loglake.Error{Code: loglake.CodeNotFound, Err: err, Message: awsText(err), Hint: missing}
	default:
		e := &loglake.Error{Code: loglake.CodeInvalid, Err: err, Message: code + ": " + awsText(err)}
		if x := lookUp(code); x != nil {
			e.Hint = x.Mend
		}
		return e
	}
}
