package delivery_test

import (
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/unpack"
)

// heapPeak samples what the collector found to live until the function it gives is called, which gives the most that was seen, in bytes,
// beyond what there was at first.
func heapPeak() (stop func() uint64) {
	read := func() uint64 {
		s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	percent := debug.SetGCPercent(5) // collect often, so that the collector saw much of what was there
	first := read()
	var most atomic.Uint64
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		for {
			most.Store(max(most.Load(), read()))
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() uint64 {
		close(quit)
		<-done
		debug.SetGCPercent(percent)
		return max(most.Load(), first) - first
	}
}

// TestRecordsThatUnpackToMuch puts, in one call, small records that unpack to a thousand times their size. They are taken
// one after the other: neither a chunk nor a batch holds all of them.
func TestRecordsThatUnpackToMuch(t *testing.T) {
	const count, size = 40, 8 << 20
	l := open(t, &lake{hotMax: 16 << 20, flushMax: 24 << 20})
	defer l.close()
	l.setUp()
	l.stream("bombs", l.destination(processing(gunzip)))
	records := make([]string, count)
	for i := range records {
		records[i] = string(unpack.Gzip(nil, []byte(fmt.Sprintf(`{"id":"%02d","extra":"%s"}`, i, strings.Repeat("x", size)))))
	}
	peak := heapPeak()
	l.put("bombs", records...)
	keys := l.flush("bombs")
	if most := peak(); most > count*size/2 {
		t.Errorf("%d MiB unpacked took %d MiB of memory at once", count*size>>20, most>>20)
	}
	if len(keys) == 0 {
		t.Fatal("nothing was written")
	}
	if got := len(l.rows("data/")); got != count {
		t.Errorf("%d rows came of %d records", got, count)
	}
	l.check()
}

// TestManyRowsOfFewBytes puts objects of two bytes, whose rows take far more memory: the batch is flushed by what it takes,
// long before its buffer hints say so.
func TestManyRowsOfFewBytes(t *testing.T) {
	const records, objects = 100, 5000 // a MiB of messages, and 27 bytes for each of the 500,000 rows
	l := open(t, &lake{hotMax: 4 << 20, flushMax: 4 << 20})
	defer l.close()
	l.setUp()
	l.stream("rows", l.destination(""))
	for range records / 10 {
		l.put("rows", strings.Split(strings.Repeat(strings.Repeat("{}", objects)+"\n", 10), "\n")[:10]...)
	}
	l.flush("rows")
	keys := l.keys("data/")
	if len(keys) < 2 {
		t.Errorf("all rows are in %d object", len(keys))
	}
	if got := len(l.rows("data/")); got != records*objects {
		t.Errorf("there are %d rows, not %d", got, records*objects)
	}
	l.check()
}

// TestRowsGoWhereTheyCantBeExported fills the disk of hot rows that memory has no room for: they go all the same, so that
// the memory is bounded, and are delivered from the journal.
func TestRowsGoWhereTheyCantBeExported(t *testing.T) {
	fs := disk.NewFaulty(disk.Real())
	l := open(t, &lake{fs: fs, hotMax: 1})
	defer l.close()
	l.setUp()
	l.stream("all", l.destination(""))
	full := errors.New("no space left")
	fs.Fail(disk.Rule{Op: disk.OpCreate, Path: l.dir + "/scratch/hot-*", Err: full})
	l.put("all", event("a", 1), event("b", 2))
	if err := wait(l, delivery.NoticeRetry, full); err != nil {
		t.Fatal(err)
	}
	statuses, err := l.streams.Statuses(t.Context())
	if err != nil || len(statuses) != 1 || statuses[0].HotRows != 2 {
		t.Fatalf("the stream says %+v, %v", statuses, err)
	}
	l.flush("all")
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

// wait waits for a notice of a kind with a cause.
func wait(l *lake, kind delivery.NoticeKind, cause error) error {
	timeout := time.After(20 * time.Second)
	for {
		select {
		case n := <-l.notices:
			if n.Kind == kind && errors.Is(n.Err, cause) {
				return nil
			}
		case <-timeout:
			return fmt.Errorf("no notice of kind %s about %w came", kind, cause)
		}
	}
}
