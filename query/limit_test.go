package query_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/store"
)

// TestResultBytesMax: a result that grows beyond its limit fails its query, and leaves no file.
func TestResultBytesMax(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.ResultBytesMax = 100 })
	if x := l.run("SELECT 'short'"); x.State != query.Succeeded {
		t.Errorf("a short result is %s: %s", x.State, x.Reason)
	}
	x := l.run("SELECT '" + strings.Repeat("x", 200) + "'")
	if x.State != query.Failed || !strings.Contains(x.Reason, "EXCEEDED_RESULT_BYTES") {
		t.Errorf("a long result is %s: %s", x.State, x.Reason)
	}
}

// TestWidePages: a page of wide rows ends early, and the pages together have all rows.
func TestWidePages(t *testing.T) {
	const rows, width = 40, 1 << 20
	l := newLake(t, nil)
	list := make([]string, rows)
	for i := range list {
		list[i] = "(" + strings.Repeat("1", 1+i%3) + ")"
	}
	x := l.run("SELECT n, rpad('x', 1048576, 'y') AS wide FROM (VALUES " + strings.Join(list, ", ") + ") t(n)")
	if x.State != query.Succeeded {
		t.Fatal(x.Reason)
	}
	got, token := 0, ""
	for pages := 0; ; pages++ {
		page, err := l.Results(t.Context(), x.ID, token, 0)
		l.must(err)
		if len(page.Rows)*width > query.PageBytesMax+2*width {
			t.Errorf("a page has %d rows of a MiB", len(page.Rows))
		}
		got += len(page.Rows)
		if token = page.NextToken; token == "" {
			break
		}
		if pages > rows {
			t.Fatal("the pages do not end")
		}
	}
	if got != rows+1 {
		t.Errorf("the pages have %d rows, not %d and the header", got, rows)
	}
}

// fullStore is a bucket on a full disk.
type fullStore struct{ query.Store }

func (fullStore) Put(context.Context, string, string, io.Reader, store.PutOptions) (store.Object, error) {
	return store.Object{}, &fs.PathError{Op: "write", Path: "/somewhere/of/ours", Err: syscall.ENOSPC}
}

// TestFullDisk: a query that needs a file on a full disk says so, and no path of the server.
func TestFullDisk(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.Store = fullStore{c.Store} })
	x := l.run("SELECT 1")
	if x.State != query.Failed || !strings.Contains(x.Reason, "the disk of the server is full") || strings.Contains(x.Reason, "somewhere") || !x.Failure.Retryable {
		t.Errorf("%s %s %+v", x.State, x.Reason, x.Failure)
	}
}

// awayStore is a service that does not answer.
type awayStore struct{ query.Store }

func (awayStore) HasBucket(context.Context, string) (bool, error) {
	return false, loglake.Errorf(loglake.CodeUnavailable, "the service did not answer")
}

// TestBucketUnknown: that nobody knows whether the bucket of the results is there is no fault of the request.
func TestBucketUnknown(t *testing.T) {
	l := newLake(t, func(c *query.Config) { c.Store = awayStore{c.Store} })
	_, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1"})
	var refused *query.Refusal
	if errors.As(err, &refused) || loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("a query while the service is away: %v", err)
	}
}

// TestHistoryIsForgotten: executions that are too old to be asked for go while the server runs.
func TestHistoryIsForgotten(t *testing.T) {
	now := time.Now()
	l := newLake(t, func(c *query.Config) { c.Clock = func() time.Time { return now } })
	old := l.run("SELECT 1")
	now = now.Add(query.HistoryFor + time.Hour)
	young := l.run("SELECT 2")
	if _, err := l.Get(t.Context(), old.ID); err == nil {
		t.Error("an execution is there after its time")
	}
	if _, err := l.Get(t.Context(), young.ID); err != nil {
		t.Error(err)
	}
}
