package journal_test

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// line gives a 400-byte JSON event as a service prints it, different for each i.
func line(i int) []byte {
	h := uint64(i)*0x9e3779b97f4a7c15 + 12345
	b := fmt.Appendf(nil, `{"timestamp":"2025-12-03T10:15:%02d.%03dZ","level":"INFO","request_id":"%016x-%08x","method":"POST","path":"/api/users/%d","status_code":200,"response_time":%d,"user_agent":"Mozilla/5.0 (X11; Linux x86_64)","remote":"10.0.%d.%d","message":"`,
		i/1000%60, i%1000, h, uint32(h>>20), h%5000, h%997, h%250, h>>8%250)
	return append(append(b, bytes.Repeat([]byte("request handled "), 20)[:398-len(b)]...), `"}`...)
}

func benchLog(b *testing.B, sync journal.Sync) *journal.Log {
	l, err := journal.Open(ctx, journal.Config{Dir: b.TempDir(), Sync: sync})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

func benchAppend(b *testing.B, l *journal.Log, goroutines, events int) {
	lines := make([][]byte, events)
	for i := range lines {
		lines[i] = line(i)
	}
	var next atomic.Int64
	b.SetParallelism((goroutines + 1) / 2)
	b.ReportAllocs()
	b.SetBytes(int64(events * 400))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		id := loglake.JournalID(fmt.Sprint("g", next.Add(1)%16))
		var e journal.Builder
		for pb.Next() {
			e.Reset()
			for i, m := range lines {
				e.Add(loglake.Millis(1_700_000_000_000+i), m)
			}
			if _, err := l.Append(ctx, journal.Put{Journal: id, Stream: "s", Ingested: 1_700_000_000_000, Events: &e}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
}

func BenchmarkAppendSmall(b *testing.B) {
	b.Run("fsync", func(b *testing.B) { benchAppend(b, benchLog(b, journal.SyncAlways), 64, 1) })
	b.Run("none", func(b *testing.B) { benchAppend(b, benchLog(b, journal.SyncNone), 64, 1) })
}

func BenchmarkAppendBig(b *testing.B) {
	b.Run("fsync", func(b *testing.B) { benchAppend(b, benchLog(b, journal.SyncAlways), 8, 500) })
	b.Run("none", func(b *testing.B) { benchAppend(b, benchLog(b, journal.SyncNone), 8, 500) })
	b.Run("one", func(b *testing.B) { benchAppend(b, benchLog(b, journal.SyncNone), 1, 500) })
}

func BenchmarkRead(b *testing.B) {
	const puts, events = 100, 500
	read := func(b *testing.B, l *journal.Log) {
		b.SetBytes(puts * events * 400)
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for at := loglake.Offset(0); at < l.Head("g"); {
				blocks, err := l.Read(ctx, "g", at, 1<<20)
				if err != nil {
					b.Fatal(err)
				}
				for _, k := range blocks {
					for _, e := range k.Events() {
						n += len(e.Message)
					}
					at = k.End()
				}
			}
			if n != puts*events*400 {
				b.Fatal("bytes:", n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*puts*events), "ns/event")
	}
	l := benchLog(b, journal.SyncNone)
	fill(b, l, puts, events)
	b.Run("memory", func(b *testing.B) { read(b, l) })
	dir := b.TempDir()
	reopen := func() *journal.Log {
		l, err := journal.Open(ctx, journal.Config{Dir: dir, Sync: journal.SyncNone})
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	l = reopen()
	fill(b, l, puts, events)
	l.Close()
	l = reopen()
	b.Run("wal", func(b *testing.B) { read(b, l) })
	if err := l.Settle(ctx); err != nil {
		b.Fatal(err)
	}
	b.Run("segment", func(b *testing.B) { read(b, l) })
	l.Close()
}

func BenchmarkSettle(b *testing.B) {
	const puts, events = 100, 500
	b.SetBytes(puts * events * 400)
	for b.Loop() {
		b.StopTimer()
		cfg := journal.Config{Dir: b.TempDir(), Sync: journal.SyncNone, CacheBytes: 1}
		l, err := journal.Open(ctx, cfg)
		if err != nil {
			b.Fatal(err)
		}
		fill(b, l, puts, events)
		l.Close()
		if l, err = journal.Open(ctx, cfg); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := l.Settle(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(l.Size("g"))/(puts*events), "B/event")
		l.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*puts*events), "ns/event")
}

// BenchmarkOpen opens a log of 1,000 journals: two full WAL files of 64 MiB, and segments.
func BenchmarkOpen(b *testing.B) {
	cfg := journal.Config{Dir: b.TempDir(), Sync: journal.SyncNone}
	l, err := journal.Open(ctx, cfg)
	if err != nil {
		b.Fatal(err)
	}
	var e journal.Builder
	put := func(n, events int) {
		for k := range n {
			e.Reset()
			for i := range events {
				e.Add(loglake.Millis(k), line(k*events+i))
			}
			if _, err := l.Append(ctx, journal.Put{Journal: loglake.JournalID(fmt.Sprint("g", k%1000)), Stream: "s", Events: &e}); err != nil {
				b.Fatal(err)
			}
		}
	}
	for range 10 {
		put(2000, 10)
		l.Close()
		if l, err = journal.Open(ctx, cfg); err != nil {
			b.Fatal(err)
		}
		if err := l.Settle(ctx); err != nil {
			b.Fatal(err)
		}
	}
	put(140_000, 4)
	l.Close()
	for b.Loop() {
		l, err := journal.Open(ctx, cfg)
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}

func fill(b *testing.B, l *journal.Log, puts, events int) {
	var e journal.Builder
	for k := range puts {
		e.Reset()
		for i := range events {
			e.Add(loglake.Millis(k*events+i), line(k*events+i))
		}
		if _, err := l.Append(ctx, journal.Put{Journal: "g", Stream: "s", Events: &e}); err != nil {
			b.Fatal(err)
		}
	}
}
