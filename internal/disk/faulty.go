package disk

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Op names a kind of call of an FS or of a File.
type Op string

// The calls that a Rule can fail. All but OpOpen and OpRead change the disk or make a change durable.
const (
	OpOpen     Op = "open"   // OpenFile without os.O_CREATE
	OpCreate   Op = "create" // OpenFile with os.O_CREATE, whether the file is there or not
	OpRead     Op = "read"   // Read, ReadAt
	OpWrite    Op = "write"  // Write, WriteAt
	OpTruncate Op = "truncate"
	OpSync     Op = "sync"
	OpRename   Op = "rename"
	OpLink     Op = "link"
	OpRemove   Op = "remove" // Remove, RemoveAll
	OpMkdir    Op = "mkdir"
	OpSyncDir  Op = "syncdir"
	OpModified Op = "modified" // SetModified
)

// Call is one call that reached a Faulty.
type Call struct {
	N    int // its number among the calls that change something, from 1; 0 for OpOpen and OpRead
	Op   Op
	Path string
	To   string // of Rename and Link
}

// Rule says which call fails, and how.
type Rule struct {
	Op   Op     // "" any
	Path string // a pattern of path.Match: of the last element where it has no slash, of the whole path else; "" any

	// Nth is which of the matching calls since the rule was set fails, from 1; 0: each of them.
	Nth int

	// Apply: the call is done and then reported failed, as when a reply is lost. Otherwise it is not done. A Sync that is
	// not done leaves the file's bytes without hope on a Crashable: a later one does not make them durable.
	Apply bool

	Err error // nil: syscall.EIO

	// Then is called when the call's fate is decided and nothing of it is done yet, on the goroutine of the call. With
	// Fail(Rule{}) in it the machine stops at this call: it is the last that may be done. Nil: nothing.
	Then func()
}

// Faulty wraps an FS whose calls can be made to fail, and whose disk can be made full. Without rules it is the FS.
type Faulty struct {
	fs FS

	mu    sync.Mutex // guards what follows
	rules []*armed
	watch func(c Call, done bool)
	calls []Call
	limit bool  // the disk has room for only
	room  int64 // so many bytes more
}

type armed struct {
	Rule
	seen int
}

var _ FS = (*Faulty)(nil)

// NewFaulty wraps fs.
func NewFaulty(fs FS) *Faulty { return &Faulty{fs: fs} }

// Unwrap gives the FS inside.
func (f *Faulty) Unwrap() FS { return f.fs }

// Fail adds a rule. Where several match, the first set decides; all of them count the call.
func (f *Faulty) Fail(r Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &armed{Rule: r})
}

// Heal takes away all rules. The counting of calls goes on.
func (f *Faulty) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// Watch has fn called before (done false) and after (done true) each call that changes something, on the goroutine of
// the call: the moments at which a power cut may come. nil ends it.
func (f *Faulty) Watch(fn func(c Call, done bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch = fn
}

// Calls gives the calls so far that change something, in the order in which they began; failed ones too.
func (f *Faulty) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Fill makes the disk full once so many bytes more are written: then writes beyond a file's end write what fits and
// fail with syscall.ENOSPC, and so do longer files and new names. Overwriting, renaming and removing go on; what is
// removed or cut off is room again.
func (f *Faulty) Fill(room int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limit, f.room = true, room
}

// Enlarge ends the full disk.
func (f *Faulty) Enlarge() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limit = false
}

// begin registers a call and finds its fate. It returns what is to be called at the call's end, and for a call that
// fails err and whether it is done before.
func (f *Faulty) begin(c Call) (end func(), apply bool, err error) {
	f.mu.Lock()
	if c.Op != OpOpen && c.Op != OpRead {
		c.N = len(f.calls) + 1
		f.calls = append(f.calls, c)
	}
	var then func()
	for _, r := range f.rules {
		if !r.matches(c) {
			continue
		}
		r.seen++
		if err != nil || r.Nth != 0 && r.seen != r.Nth {
			continue
		}
		if apply, then, err = r.Apply, r.Then, r.Err; err == nil {
			err = syscall.EIO
		}
	}
	watch := f.watch
	f.mu.Unlock()
	if then != nil {
		then()
	}
	if watch == nil || c.N == 0 {
		return func() {}, apply, err
	}
	watch(c, false)
	return func() { watch(c, true) }, apply, err
}

func (r Rule) matches(c Call) bool {
	if r.Op != "" && r.Op != c.Op {
		return false
	}
	return r.Path == "" || r.matchesPath(c.Path) || c.To != "" && r.matchesPath(c.To)
}

func (r Rule) matchesPath(name string) bool {
	name = filepath.ToSlash(name)
	if !strings.Contains(r.Path, "/") {
		name = path.Base(name)
	}
	ok, err := path.Match(r.Path, name)
	return ok && err == nil
}

// do runs a call as its rules want it.
func (f *Faulty) do(c Call, call func() error) error {
	end, apply, fault := f.begin(c)
	defer end()
	if fault != nil && !apply {
		return pathError(string(c.Op), c.Path, fault)
	}
	if err := call(); err != nil {
		return err
	}
	return pathError(string(c.Op), c.Path, fault)
}

// reserve takes room for bytes more on the disk and says how many there is room for.
func (f *Faulty) reserve(bytes int64) (granted int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.limit {
		return bytes
	}
	granted = min(bytes, f.room)
	f.room -= granted
	return granted
}

func (f *Faulty) release(bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room += bytes
}

// full tells whether nothing more fits: a new name needs room too.
func (f *Faulty) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limit && f.room <= 0
}

// OpenFile is OpCreate or OpOpen.
func (f *Faulty) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	op := OpOpen
	if flag&os.O_CREATE != 0 {
		op = OpCreate
	}
	var file File
	err := f.do(Call{Op: op, Path: name}, func() (err error) {
		info, statErr := f.fs.Stat(name)
		if statErr != nil && op == OpCreate && f.full() {
			return pathError("open", name, syscall.ENOSPC)
		}
		file, err = f.fs.OpenFile(name, flag, perm)
		if err == nil && statErr == nil && flag&os.O_TRUNC != 0 {
			f.release(info.Size())
		}
		return err
	})
	if err != nil {
		if file != nil {
			file.Close() // done and reported failed: nobody will close it
		}
		return nil, err
	}
	return &faultyFile{File: file, f: f, appends: flag&os.O_APPEND != 0}, nil
}

// Rename is OpRename.
func (f *Faulty) Rename(from, to string) error {
	return f.do(Call{Op: OpRename, Path: from, To: to}, func() error { return f.fs.Rename(from, to) })
}

// Link is OpLink.
func (f *Faulty) Link(from, to string) error {
	return f.do(Call{Op: OpLink, Path: from, To: to}, func() error {
		if f.full() {
			return linkError("link", from, to, syscall.ENOSPC)
		}
		return f.fs.Link(from, to)
	})
}

// Remove is OpRemove.
func (f *Faulty) Remove(name string) error {
	return f.do(Call{Op: OpRemove, Path: name}, func() error { return f.remove(name, f.fs.Remove) })
}

// RemoveAll is OpRemove.
func (f *Faulty) RemoveAll(name string) error {
	return f.do(Call{Op: OpRemove, Path: name}, func() error { return f.remove(name, f.fs.RemoveAll) })
}

func (f *Faulty) remove(name string, remove func(string) error) error {
	bytes := f.bytesBelow(name)
	err := remove(name)
	if err == nil {
		f.release(bytes)
	}
	return err
}

func (f *Faulty) bytesBelow(name string) (bytes int64) {
	info, err := f.fs.Stat(name)
	if err != nil {
		return 0
	}
	if !info.IsDir() {
		return info.Size()
	}
	list, _ := f.fs.ReadDir(name) // what can't be listed gives no room back
	for _, entry := range list {
		bytes += f.bytesBelow(filepath.Join(name, entry.Name()))
	}
	return bytes
}

// SetModified is OpModified.
func (f *Faulty) SetModified(name string, at time.Time) error {
	return f.do(Call{Op: OpModified, Path: name}, func() error { return f.fs.SetModified(name, at) })
}

// MkdirAll is OpMkdir.
func (f *Faulty) MkdirAll(name string) error {
	return f.do(Call{Op: OpMkdir, Path: name}, func() error {
		if _, err := f.fs.Stat(name); err != nil && f.full() {
			return pathError("mkdir", name, syscall.ENOSPC)
		}
		return f.fs.MkdirAll(name)
	})
}

// ReadDir is passed on.
func (f *Faulty) ReadDir(name string) ([]fs.DirEntry, error) { return f.fs.ReadDir(name) }

// Stat is passed on.
func (f *Faulty) Stat(name string) (fs.FileInfo, error) { return f.fs.Stat(name) }

// SyncDir is OpSyncDir.
func (f *Faulty) SyncDir(name string) error {
	return f.do(Call{Op: OpSyncDir, Path: name}, func() error { return f.fs.SyncDir(name) })
}

// Lock is passed on.
func (f *Faulty) Lock(name string) (io.Closer, error) { return f.fs.Lock(name) }

// Free is what is left of a disk that is to become full.
func (f *Faulty) Free(name string) (int64, error) {
	free, err := f.fs.Free(name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.limit {
		free = min(free, max(f.room, 0))
	}
	return free, err
}
