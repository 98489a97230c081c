package journal_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

var everyBit = flag.Bool("every-bit", false, "flip each bit of each file of a journal, and not one of each byte")

// flipped is a journal that lies on the disk and is opened again with one bit of it flipped.
type flipped struct {
	*rig
	files map[string][]byte              // as they are
	want  map[loglake.JournalID][]string // event by event
	block map[string]int                 // events that a block has at the most, by the extension of its file
	tail  string                         // the WAL file that holds the last group commit alone; "": none
}

const walHeaderBytes = 64

// newFlipped closes r and keeps what it left.
func newFlipped(r *rig, blocks map[string]int) *flipped {
	f := &flipped{rig: r, files: map[string][]byte{}, want: map[loglake.JournalID][]string{}, block: blocks}
	for _, id := range r.log.Journals() {
		f.want[id] = r.all(id, 1<<20)
	}
	r.must(r.log.Close())
	for _, path := range f.paths() {
		b, err := os.ReadFile(path)
		r.must(err)
		f.files[path] = b
	}
	return f
}

func (f *flipped) paths() (all []string) {
	f.must(filepath.WalkDir(f.cfg.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// restore puts the files back.
func (f *flipped) restore() {
	for _, path := range f.paths() {
		if _, ok := f.files[path]; !ok {
			f.must(os.Remove(path))
		}
	}
	for path, b := range f.files {
		f.must(os.WriteFile(path, b, 0o600))
	}
}

// read opens the log and reads around what is damaged: the events, what was told of the damage, by events and by errors.
func (f *flipped) read() (got map[loglake.JournalID][]string, told []*journal.CorruptError, cut, refused bool) {
	f.events = nil
	l, err := journal.Open(ctx, f.cfg)
	var damage *journal.CorruptError
	if errors.As(err, &damage) {
		return nil, []*journal.CorruptError{damage}, false, true
	}
	f.must(err)
	f.log = l
	defer l.Close()
	got = map[loglake.JournalID][]string{}
	for id := range f.want {
		for at := l.First(id); at < l.Head(id); {
			blocks, err := l.Read(ctx, id, at, 1<<20)
			if errors.As(err, &damage) && damage.To > at {
				told, at = append(told, damage), damage.To
				continue
			}
			f.must(err)
			if len(blocks) == 0 {
				break
			}
			for _, b := range blocks {
				got[id] = append(got[id], blockLines(b)...)
				at = b.End()
			}
		}
	}
	for _, e := range f.events {
		if errors.As(e.Err, &damage) {
			told = append(told, damage)
		}
		cut = cut || e.Kind == journal.EventTailCut
	}
	f.must(l.Check(ctx, func(p journal.Problem) {
		if errors.As(p.Err, &damage) {
			told = append(told, damage)
		}
	}))
	return got, told, cut, false
}

// one flips a bit and looks at what comes of it.
func (f *flipped) one(path string, at int, bit byte) {
	name := fmt.Sprintf("%s, byte %d of %d, bit %d", strings.TrimPrefix(path, f.cfg.Dir), at, len(f.files[path]), bit)
	b := slices.Clone(f.files[path])
	b[at] ^= 1 << bit
	f.must(os.WriteFile(path, b, 0o600))
	defer f.restore()
	got, told, cut, refused := f.read()
	if refused { // of a small file that holds where everything stands: nothing is served by it
		if dir := filepath.Dir(path); dir != f.cfg.Dir {
			f.t.Errorf("%s: the log does not open", name)
		}
		return
	}
	lost := 0
	for id, want := range f.want {
		for _, line := range got[id] {
			if !slices.Contains(want, line) {
				f.t.Errorf("%s: read %q, which nobody wrote", name, line)
			}
		}
		for _, line := range want {
			if !slices.Contains(got[id], line) {
				lost++
			}
		}
	}
	if most := f.block[filepath.Ext(path)]; lost > most {
		f.t.Errorf("%s: %d events are lost, of blocks of %d", name, lost, most)
	}
	at64 := int64(at)
	named := slices.ContainsFunc(told, func(e *journal.CorruptError) bool { return e.File == path && e.Offset <= at64 })
	tail := path == f.tail && at >= walHeaderBytes // where nothing follows that proves that something was there
	if lost > 0 && !named && !cut && !tail {
		f.t.Errorf("%s: %d events are lost, and nobody is told the file: %v", name, lost, told)
	}
}

// flipAll flips a bit in each byte that is chosen.
func (f *flipped) flipAll(t *testing.T, chosen func(path string, size int) []int) {
	for _, path := range slices.Sorted(func(yield func(string) bool) {
		for path := range f.files {
			if !yield(path) {
				return
			}
		}
	}) {
		for _, at := range chosen(path, len(f.files[path])) {
			for bit := range byte(8) {
				if *everyBit || int(bit) == at%8 {
					f.one(path, at, bit)
				}
			}
			if t.Failed() {
				return
			}
		}
	}
}

func everyByte(_ string, size int) []int {
	all := make([]int, size)
	for i := range all {
		all[i] = i
	}
	return all
}

// TestFlippedBitAtStart flips a bit in each byte of a small journal, in WAL files, segments and the files beside them, and
// opens it: nothing wrong is read, a block is lost at most, and whoever looks is told the file and about where. Only of the
// last group commit that was written before the start nothing proves that it was there: a flipped bit in it is taken for a
// torn write.
func TestFlippedBitAtStart(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s", 1, "hello", "world")
	r.put("other", "x", 1, "unrelated")
	r.put("g", "t", 1, "again")
	r.reopen()
	r.must(r.log.Settle(ctx)) // into one shared segment
	r.put("g", "s", 5, "in", "the", "WAL")
	r.put("g", "s", 6, "and", "more")
	r.put("other", "x", 7, "of it")
	r.reopen() // what follows is in another file, whose header seals this one
	r.put("g", "s", 8, "the", "last")
	f := newFlipped(r, map[string]int{".wal": 3, ".seg": 3})
	f.tail = slices.Max(slices.DeleteFunc(f.paths(), func(path string) bool { return filepath.Ext(path) != ".wal" }))
	f.flipAll(t, everyByte)
}

// TestFlippedBitInABigSegment flips bits in a segment of many pages: each costs a page, and the index none.
func TestFlippedBitInABigSegment(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.WALBytes = 8 << 20 })
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		text := make([]byte, 3<<10)
		for k := range text {
			text[k] = byte('a' + random.IntN(26))
		}
		r.put("g", loglake.LogStreamName(fmt.Sprint("s", i%300)), loglake.Millis(i), string(text))
	}
	r.reopen()
	r.must(r.log.Settle(ctx))
	perPage := 256<<10/(3<<10) + 2
	newFlipped(r, map[string]int{".seg": perPage}).flipAll(t, func(path string, size int) (at []int) {
		if filepath.Ext(path) != ".seg" {
			return nil
		}
		for i := range 12 { // within pages
			at = append(at, 100+i*(size/13))
		}
		for i := range 40 { // in both copies of the index, and in the trailers
			at = append(at, size-1-i*i*7%min(size, 12<<10))
		}
		return at
	})
}
