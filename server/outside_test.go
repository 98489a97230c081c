package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/test/s3/gateway"
)

// others are programs that have the bucket too.
type others struct {
	*lake
	store store.Store
}

// TestS3Outside has others delete, restore, add and overwrite objects of a lake, and its bucket, on a real S3 server.
func TestS3Outside(t *testing.T) {
	l := newLake(t)
	direct, err := store.NewS3(store.S3Config{Endpoint: l.gateway.URL, PathStyle: true, AccessKey: gateway.AccessKey, SecretKey: gateway.SecretKey, Dir: t.TempDir()})
	fatal(t, err)
	(&others{lake: l, store: direct}).live(t)
}

// TestOutside does so in a directory.
func TestOutside(t *testing.T) {
	l := &lake{client: &client{t: t, now: loglake.At(time.Now())}}
	l.config = server.Config{Dir: t.TempDir(), Home: home, JournalBytes: 1 << 10}
	(&others{lake: l}).live(t)
}

func (o *others) get(key string) []byte {
	o.t.Helper()
	content, _, err := o.store.Get(o.t.Context(), bucket, key)
	fatal(o.t, err)
	b, err := io.ReadAll(content)
	fatal(o.t, err)
	fatal(o.t, content.Close())
	return b
}

func (o *others) write(key string, text []byte) {
	o.t.Helper()
	_, err := o.store.Put(o.t.Context(), bucket, key, bytes.NewReader(text), store.PutOptions{})
	fatal(o.t, err)
}

func (o *others) remove(key string) {
	o.t.Helper()
	fatal(o.t, o.store.Delete(o.t.Context(), bucket, key))
}

// data gives the keys of the table's objects.
func (o *others) data() (keys []string) {
	o.t.Helper()
	objects, _, err := o.store.List(o.t.Context(), bucket, "data/", "", 1000)
	fatal(o.t, err)
	for _, object := range objects {
		keys = append(keys, object.Key)
	}
	return keys
}

// sees runs a query, and holds its count and its notices, one for each text, against what has to be.
func (o *others) sees(r *running, what string, rows int, notices ...string) {
	o.t.Helper()
	o.notices = nil
	got, err := o.ask(o.t.Context(), r, "SELECT count(*) FROM logs")
	if err != nil {
		o.t.Errorf("%s: %v", what, err)
		return
	}
	if got[0][0] != fmt.Sprint(rows) {
		o.t.Errorf("%s: %s rows, want %d", what, got[0][0], rows)
	}
	if len(o.notices) != len(notices) {
		o.t.Errorf("%s: notices %q, want %d", what, o.notices, len(notices))
		return
	}
	for i, text := range notices {
		if !strings.Contains(o.notices[i], text) {
			o.t.Errorf("%s: notice %q, want one of %q", what, o.notices[i], text)
		}
	}
}

// finds runs the checker on the running lake, on which nothing happens, and gives the kinds of its problems.
func (o *others) finds(r *running, what string, removed int, kinds ...string) {
	o.t.Helper()
	report, err := r.Check(o.t.Context())
	fatal(o.t, err)
	var got []string
	for _, p := range report.Problems {
		got = append(got, p.Kind)
	}
	slices.Sort(got)
	if !slices.Equal(got, kinds) || report.Removed != removed {
		o.t.Errorf("%s: check finds %d removed and %v: %v; want %d and %v", what, report.Removed, got, report.Problems, removed, kinds)
	}
}

// start opens a lake with one object of three rows.
func (o *others) start(t *testing.T) *running {
	t.Helper()
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	r := o.open(t.Context())
	t.Cleanup(func() { fatal(t, r.close()) })
	if o.store == nil {
		o.store = r.Store
	}
	fatal(t, o.setUp(t.Context(), r))
	o.put(t.Context(), r, "direct", false)
	fatal(t, o.flush(t.Context(), r))
	return r
}

func (o *others) live(t *testing.T) {
	r := o.start(t)
	key := o.data()[0]
	whole := o.get(key)
	o.sees(r, "at first", 3)

	o.remove(key)
	o.finds(r, "removed, and no query yet", 0, "missing")
	o.sees(r, "removed", 0, "was deleted from the bucket by somebody else; its 3 rows")
	o.sees(r, "removed, again", 0)
	o.finds(r, "removed", 1)

	o.write(key, whole)
	o.sees(r, "restored", 3, "is back; its 3 rows")
	o.sees(r, "restored, again", 3)
	o.finds(r, "restored", 0)

	o.remove(key)
	o.sees(r, "removed a second time", 0, "was deleted")
	other := slices.Clone(whole)
	other[len(other)/2] ^= 1
	o.write(key, other)
	o.sees(r, "restored with other bytes", 0, "is there with other bytes")
	o.write(key, whole)
	o.sees(r, "restored after all", 3, "is back")

	o.write("data/dt=2015/by-hand.parquet", whole)
	n, _ := layout.ParseKey(key)
	n.Provenance.Batch += 1000
	ours := layout.FormatKey("data/dt=2015/", n)
	o.write(ours, whole)
	o.partition(r)
	o.sees(r, "added", 6, "belongs to no batch")
	o.finds(r, "added", 0, "stray")
	o.remove(ours)
	o.sees(r, "taken away again", 6)

	o.put(t.Context(), r, "direct", false)
	o.put(t.Context(), r, "direct", false)
	fatal(t, o.flush(t.Context(), r))
	for _, k := range o.data() {
		if _, ok := layout.ParseKey(k); ok && k != key {
			o.write(k, whole)
		}
	}
	o.sees(r, "overwritten", 9, "was overwritten by somebody else")
	o.finds(r, "overwritten", 0, "object")
	o.again(t, r)
}

// again deletes the bucket, and makes it again.
func (o *others) again(t *testing.T, r *running) {
	ctx := context.WithoutCancel(t.Context())
	for {
		objects, _, err := o.store.List(ctx, bucket, "", "", 1000)
		fatal(t, err)
		if len(objects) == 0 {
			break
		}
		for _, object := range objects {
			o.remove(object.Key)
		}
	}
	fatal(t, o.store.DeleteBucket(ctx, bucket))
	if rows, err := o.ask(ctx, r, "SELECT count(*) FROM logs"); err == nil {
		t.Errorf("a query without the bucket answers %v", rows)
	}
	o.put(ctx, r, "direct", false)
	fatal(t, o.store.CreateBucket(ctx, bucket))
	fatal(t, o.flush(ctx, r))
	o.sees(r, "a new bucket", 3, "was deleted from the bucket", "was deleted from the bucket")
	report, err := r.Check(ctx)
	fatal(t, err)
	for _, p := range report.Problems { // rejects are read by no query
		if p.Kind != "missing" || !strings.Contains(p.Text, "errors/") {
			t.Errorf("a new bucket: %s: %s", p.Kind, p.Text)
		}
	}
	if report.Removed != 2 {
		t.Errorf("a new bucket: %d objects are marked as removed", report.Removed)
	}
}

// partition makes the folder of others' objects a partition, as MSCK REPAIR TABLE does, where it is not one.
func (o *others) partition(r *running) {
	o.t.Helper()
	_, err := o.ask(o.t.Context(), r, "MSCK REPAIR TABLE logs")
	fatal(o.t, err)
}

// TestS3Lies has the S3 service fail in each way, and deny what it has, while queries look: a query fails or is right, and
// nothing is marked as removed.
func TestS3Lies(t *testing.T) {
	o := &others{lake: newLake(t)}
	r := o.start(t)
	failed := 0
	for _, class := range []string{"ListObjectsV2", "HeadObject", "HeadBucket", "GetObject", ""} {
		for _, fault := range append(gateway.Faults(), gateway.Missing) {
			for _, times := range []int{1, s3Attempts + 1} {
				if fault == gateway.Missing {
					times = 1 // twice would be the truth
					o.proxy.Fail(gateway.Rule{Class: "ListObjectsV2", Fault: fault})
				}
				o.proxy.Fail(gateway.Rule{Class: class, Times: times, Fault: fault})
				rows, err := o.ask(t.Context(), r, "SELECT count(*) FROM logs")
				if err == nil && rows[0][0] != "3" {
					t.Errorf("%s, %d times, of %q: a query answers %v", fault, times, class, rows)
				}
				if err != nil {
					failed++
				}
				o.proxy.Heal()
			}
		}
	}
	t.Logf("%d queries failed", failed)
	o.sees(r, "in the end", 3)
	o.finds(r, "in the end", 0)
}

// TestFaultsOutside has the note that an object is back fail, undone and done: the query has its rows all the same, and
// so has every later one.
func TestFaultsOutside(t *testing.T) {
	record := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		t.Run(fmt.Sprintf("done %t", apply), func(t *testing.T) {
			o := &others{lake: &lake{client: &client{t: t, now: loglake.At(time.Now())}}}
			var armed atomic.Bool
			o.config = server.Config{Dir: t.TempDir(), Home: home, JournalBytes: 1 << 10, StateFault: record.State(func(name string) (bool, error) {
				if name == "query.returned-outside" && armed.Swap(false) {
					return apply, errors.New("injected")
				}
				return false, nil
			})}
			r := o.start(t)
			key := o.data()[0]
			whole := o.get(key)
			o.remove(key)
			o.sees(r, "removed", 0, "was deleted")
			o.write(key, whole)
			armed.Store(true)
			o.sees(r, "restored", 3, "is back")
			if armed.Load() {
				t.Error("nothing was noted")
			}
			if apply {
				o.sees(r, "restored, again", 3)
			} else {
				o.sees(r, "restored, again", 3, "is back")
			}
			o.finds(r, "restored", 0)
		})
	}
}
