package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

var errLost = errors.New("the answer was lost")

// failing makes a lake whose transaction of a name fails once armed, undone or done.
func failing(t *testing.T, rec *faulttest.Recorder, name string, apply bool) (l *lake, arm func()) {
	t.Helper()
	var armed atomic.Bool
	l = open(t, &lake{fault: rec.State(func(transaction string) (bool, error) {
		if transaction == name && armed.CompareAndSwap(true, false) {
			return apply, errLost
		}
		return false, nil
	})})
	l.setUp()
	return l, func() { armed.Store(true) }
}

// Each change of a stream fails undone and done; afterwards the stream is what the state says, also for the next start.
func TestFaultsOfChanges(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, c := range []struct {
			transaction string
			change      func(l *lake) error
		}{
			{"delivery.create", func(l *lake) error {
				_, err := l.streams.Create(t.Context(), "new", l.destination(""), nil)
				return err
			}},
			{"delivery.update", func(l *lake) error {
				return l.streams.Update(t.Context(), "s", "1", delivery.DestinationID, delivery.Destination{})
			}},
			{"delivery.tags", func(l *lake) error {
				return l.streams.Retag(t.Context(), "s", func(tags map[string]string) { tags["k"] = "v" })
			}},
			{"delivery.delete", func(l *lake) error { return l.streams.Delete(t.Context(), "s") }},
		} {
			t.Run(fmt.Sprintf("%s done %v", c.transaction, apply), func(t *testing.T) {
				l, arm := failing(t, rec, c.transaction, apply)
				l.stream("s", l.destination(""))
				l.put("s", event("a", 1))
				arm()
				if err := c.change(l); apply != (err == nil) {
					t.Errorf("answered %v", err)
				}
				if err := c.change(l); err != nil && !apply {
					t.Errorf("once more: %v", err)
				}
				before := l.describe()
				l.close()
				l = open(t, &lake{dir: l.dir})
				defer l.close()
				if after := l.describe(); after != before {
					t.Errorf("before the start %s, after it %s", before, after)
				}
				for _, name := range l.streams.List() {
					l.put(name, event("b", 2))
					l.flush(name)
				}
				l.check()
			})
		}
	}
}

// describe gives all streams as text.
func (l *lake) describe() (s string) {
	for _, name := range l.streams.List() {
		def, err := l.streams.Describe(name)
		if err != nil {
			l.t.Fatal(err)
		}
		s += fmt.Sprintf("%s %s %s %v;", name, def.Producer, def.VersionID(), def.Tags)
	}
	return s
}

// A commit that was done and reported failed, while the definition changes: nothing is delivered twice.
func TestUpdateWhileACommitIsInDoubt(t *testing.T) {
	var l *lake
	var armed atomic.Bool
	updated := make(chan error, 1)
	l = open(t, &lake{fault: func(transaction string) (bool, error) {
		if transaction != "commit.commit" || !armed.CompareAndSwap(true, false) {
			return false, nil
		}
		go func() {
			updated <- l.streams.Update(context.Background(), "s", "1", delivery.DestinationID, delivery.Destination{})
		}()
		return true, errLost
	}})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", event("a", 1), event("b", 2))
	armed.Store(true)
	l.flush("s")
	if err := <-updated; err != nil {
		t.Fatal(err)
	}
	l.put("s", event("c", 3))
	l.flush("s")
	want(t, "rows", l.rows("data/"), "a", "b", "c")
	l.check()
}

// Rows that were converted under one prefix stay visible while a new definition writes to another.
func TestHotRowsSurviveAnUpdate(t *testing.T) {
	release := make(chan struct{})
	var armed atomic.Bool
	l := open(t, &lake{fault: func(transaction string) (bool, error) {
		if transaction == "commit.commit" && armed.Load() {
			<-release
		}
		return false, nil
	}})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", event("a", 1))
	l.streams.CatchUp(t.Context(), in("data/"))
	hot := func() (rows int64) {
		all, err := l.streams.Hot(t.Context(), in("data/"))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			if path, bytes, err := h.Export(); err != nil || bytes == 0 || path == "" {
				t.Errorf("export gave %q of %d bytes, %v", path, bytes, err)
			}
			rows += h.Rows
			h.Unpin()
		}
		return rows
	}
	if n := hot(); n != 1 {
		t.Errorf("%d rows are hot", n)
	}
	armed.Store(true)
	flushed := make(chan error, 1)
	go func() {
		_, err := l.streams.Flush(context.Background(), "s")
		flushed <- err
	}()
	if n := hot(); n != 1 {
		t.Errorf("during the commit %d rows are hot", n)
	}
	armed.Store(false)
	close(release)
	if err := <-flushed; err != nil {
		t.Fatal(err)
	}
	if n := hot(); n != 0 {
		t.Errorf("after the commit %d rows are hot", n)
	}
}

// A flush into a bucket that is not there says so; once it is there, delivery goes on by itself.
func TestBucketMissing(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(`{"BucketARN":"arn:aws:s3:::other-bucket"}`))
	l.put("s", event("a", 1))
	_, err := l.streams.Flush(t.Context(), "s")
	if loglake.CodeOf(err) != loglake.CodeNotFound || !strings.Contains(err.Error(), "other-bucket") {
		t.Errorf("flush answered %v", err)
	}
	if err := l.store.CreateBucket(t.Context(), "other-bucket"); err != nil {
		t.Fatal(err)
	}
	for {
		n := <-l.notices
		if n.Kind == delivery.NoticeBatch {
			break
		}
	}
	l.check()
}

// A journal whose events are damaged holds up its own source and no other.
func TestADamagedGroupHoldsUpNoOther(t *testing.T) {
	l := open(t, &lake{})
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/a", "s", "")
	l.subscribe("/b", "s", "")
	marker := strings.Repeat("damaged ", 50)
	l.log("/a", event(marker, 1))
	l.log("/a", event("a", 1))
	l.log("/b", event("b", 2))
	l.close() // nothing is flushed
	flipFirstPut(t, filepath.Join(l.dir, "journal"))
	l = open(t, &lake{dir: l.dir})
	defer l.close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := l.streams.Flush(ctx, "s")
	if loglake.CodeOf(err) != loglake.CodeUnavailable || !strings.Contains(err.Error(), "log group /a") {
		t.Errorf("flush answered %v", err)
	}
	want(t, "rows", l.rows("data/"), "b")
}

// flipFirstPut flips a bit of the first put in the write-ahead log.
func flipFirstPut(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "wal", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no write-ahead log in %s: %v", dir, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(b), "damaged ")
	if at < 0 {
		t.Skip("the event is not found in the file: it is compressed")
	}
	b[at] ^= 1
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
}
