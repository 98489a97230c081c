package rangecache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/store/internal/rangecache"
)

const kib = 1 << 10

// remote is a file that counts the requests for it.
type remote struct {
	text     []byte
	requests atomic.Int64
	err      error
	before   func(off, n int64) // called first, where it is set
}

func newRemote(size int) *remote {
	text := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = random.Read(text) // it does not fail
	return &remote{text: text}
}

func (r *remote) read(_ context.Context, off, n int64) (io.ReadCloser, error) {
	r.requests.Add(1)
	if r.before != nil {
		r.before(off, n)
	}
	if r.err != nil {
		return nil, r.err
	}
	return io.NopCloser(bytes.NewReader(r.text[off : off+n])), nil
}

func openCache(t *testing.T, fs disk.FS, max int64) *rangecache.Cache {
	t.Helper()
	c, err := rangecache.Open(rangecache.Config{FS: fs, Dir: "/cache", BytesMax: max, Gone: func(err error) bool { return errors.Is(err, errGone) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var errGone = errors.New("gone")

// holds tells whether a file has the remote's bytes in a span.
func holds(fs disk.FS, f *rangecache.File, r *remote, p rangecache.Span) error {
	text, err := disk.ReadFile(fs, f.Path())
	if err == nil && len(text) != len(r.text) {
		err = fmt.Errorf("%d bytes, want %d", len(text), len(r.text))
	}
	if err == nil && !bytes.Equal(text[p.From:p.To], r.text[p.From:p.To]) {
		err = fmt.Errorf("%v has other bytes", p)
	}
	return err
}

func TestBound(t *testing.T) {
	fs := disk.NewCrashable()
	c := openCache(t, fs, 300*kib)
	var files []*rangecache.File
	remotes := []*remote{newRemote(100 * kib), newRemote(101 * kib), newRemote(99 * kib), newRemote(98 * kib)}
	fetch := func(i int) error {
		f := c.Pin(fmt.Sprint(i), int64(len(remotes[i].text)), remotes[i].read)
		files = append(files, f)
		all := rangecache.Span{From: 0, To: int64(len(remotes[i].text))}
		if err := f.Fetch(t.Context(), []rangecache.Span{all}); err != nil {
			return err
		}
		return holds(fs, f, remotes[i], all)
	}
	for i := range 2 {
		if err := fetch(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := fetch(2); err != nil {
		t.Fatal(err)
	}
	if err := fetch(3); !errors.Is(err, rangecache.ErrFull) {
		t.Errorf("beside three that are pinned: %v", err)
	}
	files[1].Release()
	files[0].Release()
	files[0].Release() // nothing
	if err := fetch(3); err != nil {
		t.Errorf("when one may go: %v", err)
	}
	if n := c.Used(); n > 300*kib {
		t.Errorf("%d bytes are held", n)
	}
	for i, want := range []int64{1, 2} { // 1 was released first, and had to go
		if err := fetch(i); i == 0 && err != nil {
			t.Error(err)
		}
		if n := remotes[i].requests.Load(); i == 0 && n != want {
			t.Errorf("file %d was asked for %d times, want %d", i, n, want)
		}
	}
}

// TestTogether has many readers ask for spans of one file: each byte is fetched once, and nobody goes on before his are there.
func TestTogether(t *testing.T) {
	fs := disk.NewCrashable()
	r := newRemote(4 << 20)
	var mu sync.Mutex
	fetched := map[int64]int{}
	r.before = func(off, n int64) {
		mu.Lock()
		defer mu.Unlock()
		for block := off / 4096; block*4096 < off+n; block++ {
			fetched[block]++
		}
	}
	c := openCache(t, fs, 1<<30)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			f := c.Pin("k", int64(len(r.text)), r.read)
			defer f.Release()
			from := int64(i%8) * 500_000
			p := rangecache.Span{From: from, To: min(from+700_000, int64(len(r.text)))}
			if err := f.Fetch(t.Context(), []rangecache.Span{p}); err != nil {
				t.Error(err)
			} else if err := holds(fs, f, r, p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for block, n := range fetched {
		if n != 1 {
			t.Errorf("block %d was fetched %d times", block, n)
		}
	}
}

// TestOthersFail holds that who waits for another's fetch does it himself when that one fails.
func TestOthersFail(t *testing.T) {
	fs := disk.NewCrashable()
	r := newRemote(64 * kib)
	c := openCache(t, fs, 1<<30)
	p := rangecache.Span{From: 0, To: 64 * kib}
	began, gone := make(chan struct{}), make(chan struct{})
	first := c.Pin("k", 64*kib, func(context.Context, int64, int64) (io.ReadCloser, error) {
		close(began)
		<-gone
		return nil, errors.New("broken")
	})
	done := make(chan error)
	go func() { done <- first.Fetch(t.Context(), []rangecache.Span{p}) }()
	<-began
	second := c.Pin("k", 64*kib, r.read)
	both := make(chan error)
	go func() { both <- second.Fetch(t.Context(), []rangecache.Span{p}) }()
	close(gone)
	if err := <-done; err == nil {
		t.Error("the first says nothing")
	}
	if err := <-both; err != nil {
		t.Errorf("the second: %v", err)
	}
	if err := holds(fs, second, r, p); err != nil {
		t.Error(err)
	}
}

func TestGone(t *testing.T) {
	fs := disk.NewCrashable()
	r := newRemote(256 * kib)
	c := openCache(t, fs, 1<<30)
	f := c.Pin("k", 256*kib, r.read)
	if err := f.Fetch(t.Context(), []rangecache.Span{{From: 0, To: 10}}); err != nil {
		t.Fatal(err)
	}
	r.err = errGone
	if err := f.Fetch(t.Context(), []rangecache.Span{{From: 200 * kib, To: 201 * kib}}); !errors.Is(err, errGone) {
		t.Errorf("gone gives %v", err)
	}
	r.err = nil
	if err := f.Fetch(t.Context(), []rangecache.Span{{From: 200 * kib, To: 201 * kib}}); !errors.Is(err, rangecache.ErrGone) {
		t.Errorf("a file that was given up gives %v", err)
	}
	if err := holds(fs, f, r, rangecache.Span{From: 0, To: 10}); err != nil {
		t.Errorf("what was fetched before: %v", err)
	}
	again := c.Pin("k", 256*kib, r.read)
	if again.Path() == f.Path() {
		t.Error("a path is used again")
	}
	f.Release()
	again.Release()
	if n := c.Used(); n != 0 {
		t.Errorf("%d bytes are held", n)
	}
}

// TestRandom fetches spans at random and holds what is there against a model of what was asked for.
func TestRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	fs := disk.NewCrashable()
	for round := range 30 {
		r := newRemote(1 + random.IntN(3<<20))
		c := openCache(t, fs, 1<<30)
		f := c.Pin(fmt.Sprint(round), int64(len(r.text)), r.read)
		for range 20 {
			var list []rangecache.Span
			for range 1 + random.IntN(5) {
				from := random.Int64N(int64(len(r.text)))
				list = append(list, rangecache.Span{From: from, To: min(int64(len(r.text)), from+random.Int64N(100_000))})
			}
			if err := f.Fetch(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				if p.From < p.To {
					if err := holds(fs, f, r, p); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if n := c.Used(); n > int64(len(r.text)) {
			t.Errorf("%d bytes of %d are held", n, len(r.text))
		}
	}
}

// life opens a cache, and fills it twice.
func life(fs disk.FS, small, large *remote) error {
	c, err := rangecache.Open(rangecache.Config{FS: fs, Dir: "/cache", BytesMax: 96 * kib})
	if err != nil {
		return err
	}
	for i, r := range []*remote{small, large} {
		f := c.Pin(fmt.Sprint(i), int64(len(r.text)), r.read)
		all := rangecache.Span{From: 0, To: int64(len(r.text))}
		err := f.Fetch(context.Background(), []rangecache.Span{all})
		if err == nil {
			err = holds(fs, f, r, all)
		}
		f.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// TestFaults lets each call on the disk fail. What is then there is right or an error, and the next life is well.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	small, large := newRemote(64*kib), newRemote(90*kib)
	dry := disk.NewFaulty(disk.NewCrashable())
	if err := life(dry, small, large); err != nil {
		t.Fatal(err)
	}
	for _, call := range dry.Calls() {
		for _, apply := range []bool{false, true} {
			fs := disk.NewFaulty(disk.NewCrashable())
			if err := disk.MkdirAllDurable(fs, "/cache"); err != nil {
				t.Fatal(err)
			}
			first := disk.Rule{Op: call.Op, Apply: apply, Nth: 1, Then: func() {
				rec.Call(apply)
				fs.Fail(disk.Rule{Op: disk.OpRemove, Apply: apply, Then: func() { rec.Call(apply) }}) // nothing can be cleared away after it
			}}
			if call.Op == disk.OpMkdir {
				first.Then = func() { rec.Call(apply) }
			}
			fs.Fail(first)
			err := life(fs, small, large)
			fs.Heal()
			if again := life(fs, small, large); again != nil {
				t.Errorf("%s fails (done: %v) with %v, and the next life with %v", call.Op, apply, err, again)
			}
		}
	}
}
