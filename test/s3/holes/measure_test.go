package holes_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
)

// BenchmarkQuery says what queries over S3 cost: with nothing on this machine, with all of it, and over a directory.
//
//	go test ./test/s3/holes -run '^$' -bench Query -benchtime 1x -v
func BenchmarkQuery(b *testing.B) {
	for _, objects := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("objects=%d", objects), func(b *testing.B) { measure(b, objects) })
	}
}

func measure(b *testing.B, objects int) {
	s := newService(b)
	if err := s.dir.CreateBucket(b.Context(), "lake"); err != nil {
		b.Fatal(err)
	}
	content := ours(b, makeRows())
	for i := range objects {
		if _, err := s.dir.Put(b.Context(), "lake", fmt.Sprintf("wide/kind=v1/%04d.parquet", i), bytes.NewReader(content), store.PutOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	const statement = "SELECT few, count(*), max(id) FROM wide WHERE kind = 'v1' GROUP BY few"
	direct := newLake(b, s.dir)
	empty := &swapped{s.dir}
	remote := newLake(b, empty)
	timed := func(what string, l *lake) {
		s.take()
		began := time.Now()
		l.rows(statement)
		took := time.Since(began)
		requests, n := s.take()
		b.Logf("%4d objects of %d bytes, %s: %v, requests %v, %d bytes given", objects, len(content), what, took.Round(time.Millisecond), requests, n)
	}
	for range b.N {
		timed("directory", direct)
		timed("directory again", direct)
		empty.Store = s.open(b, disk.Real())
		timed("S3, nothing here", remote)
		timed("S3, all here", remote)
		empty.Store = s.open(b, disk.Real())
		timed("S3, footers remembered, nothing here", remote)
	}
}
