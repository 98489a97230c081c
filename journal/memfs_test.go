package journal_test

import (
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loglake/loglake/internal/disk"
)

// memFS is a disk in memory that knows what is durable: bytes that were synced, names whose directory was synced. cut
// gives what a power cut leaves. After a sync that failed (see lose) the bytes are never durable unless written again.
type memFS struct {
	mu      sync.Mutex
	names   map[string]*inode
	durable map[string]*inode
	pending []dirOp // not yet durable, in order
}

type inode struct {
	data   []byte
	synced []byte
	writes []memWrite // not yet synced
}

type memWrite struct {
	at   int64
	data []byte
}

// dirOp removes the name from and gives the name to to node; either may be "".
type dirOp struct {
	from, to string
	node     *inode
}

func newMemFS() *memFS { return &memFS{names: map[string]*inode{}, durable: map[string]*inode{}} }

func apply(data []byte, w memWrite) []byte {
	if end := int(w.at) + len(w.data); end > len(data) {
		data = append(data, make([]byte, end-len(data))...)
	}
	copy(data[w.at:], w.data)
	return data
}

func (op dirOp) apply(names map[string]*inode) {
	if op.from != "" {
		delete(names, op.from)
	}
	if op.to != "" {
		names[op.to] = op.node
	}
}

// cut gives the disk after a power cut: of what was not durable any part may have got there, in any order.
func (m *memFS) cut(rng *rand.Rand) *memFS {
	m.mu.Lock()
	defer m.mu.Unlock()
	keep := []int{0, 30, 100}[rng.IntN(3)] // in 100
	names := maps.Clone(m.durable)
	for _, op := range m.pending {
		if rng.IntN(100) < keep {
			op.apply(names)
		}
	}
	out, nodes := newMemFS(), map[*inode]*inode{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		old := names[name]
		if nodes[old] == nil {
			data := slices.Clone(old.synced)
			for _, w := range old.writes {
				if rng.IntN(100) < keep {
					from := 0
					for from < len(w.data) { // pages get there one by one
						n := min(len(w.data)-from, 512)
						if rng.IntN(100) < max(keep, 50) {
							data = apply(data, memWrite{w.at + int64(from), w.data[from : from+n]})
						}
						from += n
					}
				}
			}
			nodes[old] = &inode{data: data, synced: slices.Clone(data)}
		}
		out.names[name], out.durable[name] = nodes[old], nodes[old]
	}
	return out
}

// lose makes the bytes of name that are not synced be lost in a power cut, whatever is synced later.
func (m *memFS) lose(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.names[filepath.Clean(name)]; n != nil {
		n.writes = nil
	}
}

func (m *memFS) change(op dirOp) {
	op.apply(m.names)
	m.pending = append(m.pending, op)
}

func notThere(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

func (m *memFS) OpenFile(name string, flag int, _ fs.FileMode) (disk.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = filepath.Clean(name)
	n := m.names[name]
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, notThere("open", name)
	case n == nil:
		n = &inode{}
		m.change(dirOp{to: name, node: n})
	case flag&os.O_TRUNC != 0 && len(n.data) > 0:
		n = &inode{} // good enough: the old bytes are gone when the new name is durable
		m.change(dirOp{to: name, node: n})
	}
	return &memFile{m: m, n: n, name: name}, nil
}

func (m *memFS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[filepath.Clean(from)]
	if n == nil {
		return notThere("rename", from)
	}
	m.change(dirOp{from: filepath.Clean(from), to: filepath.Clean(to), node: n})
	return nil
}

func (m *memFS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names[filepath.Clean(name)] == nil {
		return notThere("remove", name)
	}
	m.change(dirOp{from: filepath.Clean(name)})
	return nil
}

func (m *memFS) SyncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir = filepath.Clean(dir)
	m.pending = slices.DeleteFunc(m.pending, func(op dirOp) bool {
		in := op.from != "" && filepath.Dir(op.from) == dir || op.to != "" && filepath.Dir(op.to) == dir
		if in {
			op.apply(m.durable)
		}
		return in
	})
	return nil
}

func (m *memFS) ReadDir(dir string) (list []fs.DirEntry, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(m.names)) {
		if filepath.Dir(name) == filepath.Clean(dir) {
			list = append(list, fs.FileInfoToDirEntry(memInfo{name, int64(len(m.names[name].data))}))
		}
	}
	return list, nil
}

func (m *memFS) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = filepath.Clean(name)
	if n := m.names[name]; n != nil {
		return memInfo{name, int64(len(n.data))}, nil
	}
	if !strings.Contains(filepath.Base(name), ".") {
		return memInfo{name, 0}, nil // directories are always there
	}
	return nil, notThere("stat", name)
}

func (m *memFS) MkdirAll(string) error          { return nil }
func (m *memFS) Free(string) (int64, error)     { return 1 << 40, nil }
func (m *memFS) Link(_, _ string) error         { return fs.ErrInvalid }
func (m *memFS) RemoveAll(string) error         { return fs.ErrInvalid }
func (m *memFS) Lock(string) (io.Closer, error) { return nil, fs.ErrInvalid }

type memInfo struct {
	name string
	size int64
}

func (i memInfo) Name() string       { return filepath.Base(i.name) }
func (i memInfo) Size() int64        { return i.size }
func (i memInfo) Mode() fs.FileMode  { return 0o644 }
func (i memInfo) ModTime() time.Time { return time.Time{} }
func (i memInfo) IsDir() bool        { return false }
func (i memInfo) Sys() any           { return nil }

type memFile struct {
	m    *memFS
	n    *inode
	name string
	pos  int64
}

func (f *memFile) Name() string { return f.name }
func (f *memFile) Close() error { return nil }

func (f *memFile) WriteAt(p []byte, at int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	w := memWrite{at, slices.Clone(p)}
	f.n.data = apply(f.n.data, w)
	f.n.writes = append(f.n.writes, w)
	return len(p), nil
}

func (f *memFile) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

func (f *memFile) ReadAt(p []byte, at int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if at >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.pos)
	f.pos += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *memFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	for _, w := range f.n.writes {
		f.n.synced = apply(f.n.synced, w)
	}
	f.n.writes = nil
	return nil
}

func (f *memFile) Seek(off int64, whence int) (int64, error) {
	if whence == io.SeekStart {
		f.pos = off
	} else {
		f.pos += off
	}
	return f.pos, nil
}

func (f *memFile) Truncate(int64) error { return fs.ErrInvalid }

func (f *memFile) Stat() (fs.FileInfo, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return memInfo{f.name, int64(len(f.n.data))}, nil
}
