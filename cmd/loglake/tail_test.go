package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
)

func TestTailLine(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 123e6, time.UTC)
	f := func(message, want string) {
		t.Helper()
		var b bytes.Buffer
		if err := (lineWriter{w: &b, zone: time.UTC}).event(types.FilteredLogEvent{Message: &message, Timestamp: aws.Int64(at.UnixMilli())}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(strings.TrimPrefix(b.String(), "10:00:00.123"), " "); got != want+"\n" {
			t.Errorf("%q:\n got %q\nwant %q", message, got, want)
		}
	}
	f(`{"timestamp":"x","level":"info","method":"GET","path":"/a","status_code":200,"response_time":45}`, "INFO  GET /a 200 45 ms")
	f(`{"level":"ERROR","msg":"no","request_id":"r-1","user":{"id":7},"nothing":null}`, `ERROR no request_id=r-1 user={"id":7}`)
	f(`{"duration":"1.5s","url":"/x","severity":"warning"}`, "WARNING /x 1.5s")
	f(`{"error":"KeyError","error_traceback":"Traceback:\n  File \"a\"\n\tx()\n"}`, "KeyError\n    Traceback:\n      File \"a\"\n        x()")
	f(`{"message":"two\nlines"}`, "two\n    lines")
	f(`{"message":""}`, "")
	f("plain\r\n  at x\r\n", "plain\n      at x")
	f("\x1b[31mred\x1b]0;title\x07 \u202etxt", "\uFFFD[31mred\uFFFD]0;title\uFFFD \uFFFDtxt")
	f("{\"message\":\"\\u001b[2J\",\"k\\u0007\":\"\\u009b1m\"}", "\uFFFD[2J k\uFFFD=\uFFFD1m")
	f(`{"a":1} {"b":2}`, `{"a":1} {"b":2}`)
	f(`{"a":`, `{"a":`)
	f("", "")
}

func TestTailColours(t *testing.T) {
	f := func(message, want string) {
		t.Helper()
		var b bytes.Buffer
		if err := (lineWriter{w: &b, zone: time.UTC, paint: paint{on: true}}).event(types.FilteredLogEvent{Message: &message, Timestamp: aws.Int64(0)}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q: %q is not in %q", message, want, b.String())
		}
	}
	f(`{"level":"ERROR"}`, "\x1b[31mERROR\x1b[0m")
	f(`{"level":"WARN","status":404}`, "\x1b[33m404\x1b[0m")
	f("2026-01-31 10:00:00 CRITICAL broken", "\x1b[31m2026-01-31 10:00:00 CRITICAL broken\x1b[0m")
	f("an errant word", " an errant word\n")
}

func TestTailJSON(t *testing.T) {
	f := func(message, want string) {
		t.Helper()
		var b bytes.Buffer
		writeJSONLine(&b, message)
		if b.String() != want+"\n" {
			t.Errorf("%q: got %q, want %q", message, b.String(), want)
		}
	}
	f("{ \"a\": 1,\n \"b\": \"<é>\" }\n", `{"a":1,"b":"<é>"}`)
	f("plain\nlines <b>", `{"message":"plain\nlines <b>"}`)
	f("[1]", `{"message":"[1]"}`)
	f("{\"a\":\"\u009b31m\x7f\"}", `{"a":"\u009b31m\u007f"}`)
	f("\x1b[2J", `{"message":"\u001b[2J"}`)
	f(`{"broken"`, `{"message":"{\"broken\""}`)
}

func TestSince(t *testing.T) {
	now := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"10m": 10 * time.Minute, "7d": 168 * time.Hour, "0.5d": 12 * time.Hour, "0s": 0, "2026-01-31T09:00:00Z": time.Hour} {
		if got, err := parseSince(now, text); err != nil || now.Sub(got) != want {
			t.Errorf("%s: %v before, want %v; %v", text, now.Sub(got), want, err)
		}
	}
	for _, wrong := range []string{"", "10", "-5m", "-1d", "yesterday", "d"} {
		if got, err := parseSince(now, wrong); err == nil {
			t.Errorf("%q is %v", wrong, got)
		}
	}
}

// fakeGroup is a log group of a test: what is in it is found by time, two events to a page.
type fakeGroup struct {
	mu     sync.Mutex
	events []types.FilteredLogEvent
	err    error
	asked  []int64 // starts of the questions
}

func (g *fakeGroup) put(id string, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, types.FilteredLogEvent{EventId: &id, Timestamp: aws.Int64(at.UnixMilli()), Message: &id})
}

func (g *fakeGroup) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return nil, g.err
	}
	var found []types.FilteredLogEvent
	for _, e := range g.events {
		if *e.Timestamp >= *in.StartTime {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, inTime)
	if in.StartFromHead != nil && !*in.StartFromHead {
		return &cloudwatchlogs.FilterLogEventsOutput{Events: found[max(len(found)-int(*in.Limit), 0):]}, nil
	}
	from := 0
	if in.NextToken != nil {
		from = len(*in.NextToken)
	} else {
		g.asked = append(g.asked, *in.StartTime)
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{Events: found[from:min(from+2, len(found))]}
	if from+2 < len(found) {
		out.NextToken = aws.String(strings.Repeat("x", from+2))
	}
	return out, nil
}

// fail makes every question fail from now on, none where err is nil.
func (g *fakeGroup) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
}

type tailRig struct {
	*tail
	group   *fakeGroup
	printed []string
	said    bytes.Buffer
}

func newTailRig(group *fakeGroup, since time.Duration) *tailRig {
	r := &tailRig{group: group}
	r.tail = &tail{events: group, endpoint: "http://lake", seen: map[string]int64{}, said: &r.said,
		query: cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(time.Now().Add(-since).UnixMilli())},
		print: func(e types.FilteredLogEvent) error {
			group.mu.Lock()
			defer group.mu.Unlock()
			r.printed = append(r.printed, *e.EventId)
			return nil
		}}
	return r
}

// Events are printed once, in the order in which they are found; late ones too, and such as came in while the server was away.
func TestTailFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := &fakeGroup{}
		start := time.Now()
		for i := range 5 {
			group.put(fmt.Sprint("old", i), start.Add(time.Duration(i-10)*time.Second))
		}
		r := newTailRig(group, time.Minute)
		if err := r.begin(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.follow(ctx) }()
		pass := func(d time.Duration, want ...string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			group.mu.Lock()
			defer group.mu.Unlock()
			if !slices.Equal(r.printed, want) {
				t.Errorf("after %v: %q, want %q", time.Since(start), r.printed, want)
			}
			r.printed = nil
		}
		pass(time.Second, "old0", "old1", "old2", "old3", "old4")
		group.put("a", time.Now())
		group.put("ahead", time.Now().Add(time.Hour))
		pass(time.Second, "a", "ahead")
		group.put("late", time.Now().Add(-30*time.Second))
		pass(tailFarEvery+time.Second, "late")
		pass(5 * time.Minute)

		group.fail(errors.New("connection refused"))
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		group.put("meanwhile", time.Now().Add(-3*time.Minute))
		group.put("b", time.Now())
		group.fail(nil)
		pass(time.Second, "meanwhile", "b")
		pass(time.Hour)
		group.fail(&smithy.GenericAPIError{Code: "ResourceNotFoundException"})
		if err := <-ended; awsCode(err) != "ResourceNotFoundException" {
			t.Errorf("a group that is gone: %v", err)
		}
		cancel()
		if got := r.said.String(); got != "loglake: no answer from http://lake (connection refused); waiting for it\nloglake: http://lake answers again\n" {
			t.Errorf("said %q", got)
		}
		if len(r.seen) > 1 {
			t.Errorf("it remembers %d events", len(r.seen))
		}
	})
}

func TestTailBegins(t *testing.T) {
	group := &fakeGroup{}
	for i := range 7 {
		group.put(fmt.Sprint(i), time.Now().Add(time.Duration(i-10)*time.Second))
	}
	for limit, want := range map[int]string{0: "0 1 2 3 4 5 6", 3: "4 5 6", 7: "0 1 2 3 4 5 6", 100: "0 1 2 3 4 5 6"} {
		r := newTailRig(group, time.Minute)
		if err := r.begin(t.Context(), limit); err != nil || strings.Join(r.printed, " ") != want {
			t.Errorf("limit %d: %q, %v", limit, r.printed, err)
		}
	}
	r := newTailRig(group, time.Minute)
	broken := errors.New("no reader")
	r.print = func(types.FilteredLogEvent) error { return broken }
	if err := r.told(t.Context(), r.begin(t.Context(), 0)); !errors.Is(err, broken) {
		t.Errorf("a broken pipe: %v", err)
	}
}

func FuzzTailLine(f *testing.F) {
	for _, seed := range []string{`{"level":"ERROR","path":"/x","status":500}`, "a\nb", "{", "{}", "\x1b[0m", `{"a":{"b":[1]}}`, "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		for _, asJSON := range []bool{false, true} {
			var b bytes.Buffer
			if err := (lineWriter{w: &b, json: asJSON, zone: time.UTC}).event(types.FilteredLogEvent{Message: &message}); err != nil {
				t.Fatal(err)
			}
			for _, r := range b.String() {
				if r != '\n' && (r < 0x20 || r >= 0x7f && r <= 0x9f) {
					t.Fatalf("%q has %q, which a terminal may obey", b.String(), r)
				}
			}
			if asJSON && strings.Count(b.String(), "\n") != 1 {
				t.Fatalf("%q is not one line", b.String())
			}
		}
	})
}
