package delivery_test

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/loggroup"
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
	l.streams.CatchUp(t.Context(), in("data/")) // the notice comes before the rows are counted
	statuses, err := l.streams.Statuses(t.Context())
	if err != nil || len(statuses) != 1 || statuses[0].HotRows != 2 {
		t.Fatalf("the stream says %+v, %v", statuses, err)
	}
	l.flush("all")
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

// TestSlowBucket has the bucket take nothing: puts go on, what waits is in the journal and not in memory, nothing piles up
// behind the call that hangs, and once it takes again everything is delivered once.
func TestSlowBucket(t *testing.T) {
	const puts, rows, size = 80, 8, 128 << 10 // 80 MiB, and the journal keeps 32 MiB of what was appended last in memory
	const most = 60 << 20
	gate, reached := make(chan struct{}), make(chan struct{}, 1000)
	l := &lake{hotMax: 4 << 20, flushMax: 4 << 20}
	l.faulty.Fault = func(method, _ string) (bool, error) {
		if method == "PutFile" {
			reached <- struct{}{}
			<-gate
		}
		return false, nil
	}
	open(t, l)
	defer l.close()
	l.setUp()
	l.stream("slow", l.destination(""))
	var want []string
	put := func(n int) {
		var records []string
		for i := range rows {
			id := fmt.Sprintf("%03d-%d", n, i)
			want = append(want, id)
			records = append(records, fmt.Sprintf(`{"id":"%s%s","n":1}`, id, strings.Repeat("x", size)))
		}
		l.put("slow", records...)
	}
	peak := heapPeak()
	put(0)
	go l.streams.Flush(t.Context(), "slow") //nolint:errcheck // its answer comes when the gate opens
	<-reached
	before := runtime.NumGoroutine()
	for n := range puts - 1 {
		put(n + 1)
	}
	if after := runtime.NumGoroutine(); after > before+10 {
		t.Errorf("there were %d goroutines and are %d", before, after)
	}
	if m := peak(); m > most {
		t.Errorf("%d MiB wait for the bucket, and %d MiB of memory", puts*rows*size>>20, m>>20)
	}
	close(gate)
	l.flush("slow")
	got := l.rows("data/")
	for i := range got {
		got[i] = strings.TrimRight(got[i], "x")
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d rows came of %d", len(got), len(want))
	}
	l.check()
}

// TestManyLogStreams puts into many log streams of a group that is delivered, 10,000 with -full: each costs a name and some
// counts.
func TestManyLogStreams(t *testing.T) {
	const each = 1 << 10 // bytes
	streams := 1000
	if faulttest.Full() {
		streams = 10_000
	}
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(processing(gunzip, extract)))
	l.subscribe("/a", "s", "")
	before := live()
	for n := range streams {
		name := loglake.LogStreamName(fmt.Sprintf("pod-%05d", n))
		if err := l.groups.CreateStream(t.Context(), "/a", name); err != nil {
			t.Fatal(err)
		}
		var b loggroup.Batch
		b.Add(loglake.At(time.Now()), []byte(event(string(name), n)))
		if _, err := l.groups.PutEvents(t.Context(), loggroup.Put{Group: "/a", Stream: name, Batch: &b}); err != nil {
			t.Fatal(err)
		}
	}
	l.flush("s")
	if after := live(); after > before+uint64(streams*each) {
		t.Errorf("%d log streams take %d bytes each", streams, (after-before)/uint64(streams))
	}
	if got := len(l.rows("data/")); got != streams {
		t.Errorf("%d rows came of %d log streams", got, streams)
	}
	l.check()
}

// live gives the bytes that are in use once everything else is collected.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
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
