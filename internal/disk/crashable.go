package disk

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Crashable is a filesystem in memory that knows what has been synced. Crash gives what a power cut leaves of it. It has
// no working directory: "a/b" and "/a/b" are the same file.
//
// It stands in for the disk of whatever writes through an FS. What writes by itself, as SQLite does, can't live in it.
type Crashable struct {
	mu    sync.Mutex // guards everything, nodes and open files included
	root  *node
	locks map[*node]bool
}

var _ FS = (*Crashable)(nil)

// NewCrashable gives an empty filesystem, its root directory durable.
func NewCrashable() *Crashable {
	return &Crashable{root: newDir(), locks: map[*node]bool{}}
}

func split(name string) []string {
	clean := filepath.ToSlash(filepath.Clean(name))
	clean = strings.TrimPrefix(clean[len(filepath.VolumeName(clean)):], "/")
	if clean == "" || clean == "." {
		return nil
	}
	return strings.Split(clean, "/")
}

// find gives the node of a name.
func (c *Crashable) find(name string) (*node, error) { return c.walk(split(name)) }

func (c *Crashable) walk(parts []string) (*node, error) {
	n := c.root
	for _, part := range parts {
		if !n.isDir {
			return nil, syscall.ENOTDIR
		}
		if n = n.entries[part]; n == nil {
			return nil, syscall.ENOENT
		}
	}
	return n, nil
}

// findParent gives the directory of a name, which must be there, and the name within it, which need not.
func (c *Crashable) findParent(name string) (dir *node, base string, err error) {
	parts := split(name)
	if len(parts) == 0 {
		return nil, "", syscall.EINVAL
	}
	dir, err = c.walk(parts[:len(parts)-1])
	if err == nil && !dir.isDir {
		err = syscall.ENOTDIR
	}
	return dir, parts[len(parts)-1], err
}

func pathError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func linkError(op, from, to string, err error) error {
	if err == nil {
		return nil
	}
	return &os.LinkError{Op: op, Old: from, New: to, Err: err}
}

// OpenFile opens a file of the tree.
func (c *Crashable) OpenFile(name string, flag int, _ fs.FileMode) (File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.open(name, flag)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return &crashFile{c: c, n: n, name: name, flag: flag}, nil
}

func (c *Crashable) open(name string, flag int) (*node, error) {
	n, err := c.find(name)
	if err == syscall.ENOENT && flag&os.O_CREATE != 0 {
		dir, base, err := c.findParent(name)
		if err != nil {
			return nil, err
		}
		n = &node{modified: time.Now()}
		dir.bind(binding{base, n})
		return n, nil
	}
	switch {
	case err != nil:
		return nil, err
	case flag&(os.O_CREATE|os.O_EXCL) == os.O_CREATE|os.O_EXCL:
		return nil, syscall.EEXIST
	case n.isDir:
		return nil, syscall.EISDIR
	}
	if flag&os.O_TRUNC != 0 && n.live.size > 0 {
		n.edit(edit{resize: true})
	}
	return n, nil
}

// Rename is one change within a directory, and two between directories.
func (c *Crashable) Rename(from, to string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return linkError("rename", from, to, c.rename(from, to))
}

func (c *Crashable) rename(from, to string) error {
	source, sourceName, err := c.findParent(from)
	if err != nil {
		return err
	}
	n := source.entries[sourceName]
	if n == nil {
		return syscall.ENOENT
	}
	target, targetName, err := c.findParent(to)
	if err != nil {
		return err
	}
	if n.isDir && slices.Equal(split(from), prefixOf(split(to), len(split(from)))) && target != source {
		return syscall.EINVAL // into itself
	}
	switch there := target.entries[targetName]; {
	case there == n:
		return nil
	case there == nil:
	case there.isDir && !n.isDir:
		return syscall.EEXIST
	case !there.isDir && n.isDir:
		return syscall.ENOTDIR
	case there.isDir && len(there.entries) > 0:
		return syscall.ENOTEMPTY
	}
	if source == target {
		source.bind(binding{sourceName, nil}, binding{targetName, n})
		return nil
	}
	target.bind(binding{targetName, n})
	source.bind(binding{sourceName, nil})
	return nil
}

func prefixOf(parts []string, n int) []string { return parts[:min(n, len(parts))] }

// Link gives a file a second name.
func (c *Crashable) Link(from, to string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return linkError("link", from, to, c.link(from, to))
}

func (c *Crashable) link(from, to string) error {
	n, err := c.find(from)
	if err != nil {
		return err
	}
	if n.isDir {
		return syscall.EPERM
	}
	dir, base, err := c.findParent(to)
	if err != nil {
		return err
	}
	if dir.entries[base] != nil {
		return syscall.EEXIST
	}
	dir.bind(binding{base, n})
	return nil
}

// SetModified is remembered over a crash, like the rest of what is known of a file.
func (c *Crashable) SetModified(name string, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.find(name)
	if err != nil {
		return pathError("chtimes", name, err)
	}
	n.modified = at
	return nil
}

// Remove removes a file or an empty directory.
func (c *Crashable) Remove(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	dir, base, err := c.findParent(name)
	if err != nil {
		return pathError("remove", name, err)
	}
	switch n := dir.entries[base]; {
	case n == nil:
		return pathError("remove", name, syscall.ENOENT)
	case len(n.entries) > 0:
		return pathError("remove", name, syscall.ENOTEMPTY)
	}
	dir.bind(binding{base, nil})
	return nil
}

// RemoveAll removes what is below name, innermost first, each a change of its own, and then name.
func (c *Crashable) RemoveAll(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	dir, base, err := c.findParent(name)
	if err == syscall.ENOENT {
		return nil
	}
	if err != nil {
		return pathError("removeall", name, err)
	}
	if n := dir.entries[base]; n != nil {
		n.clear()
		dir.bind(binding{base, nil})
	}
	return nil
}

func (n *node) clear() {
	for _, name := range slices.Sorted(maps.Keys(n.entries)) {
		n.entries[name].clear()
		n.bind(binding{name, nil})
	}
}

// MkdirAll makes directories, each a change of its parent.
func (c *Crashable) MkdirAll(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.root
	for _, part := range split(name) {
		next := n.entries[part]
		if next == nil {
			next = newDir()
			n.bind(binding{part, next})
		}
		if n = next; !n.isDir {
			return pathError("mkdir", name, syscall.ENOTDIR)
		}
	}
	return nil
}

// ReadDir lists a directory by name.
func (c *Crashable) ReadDir(name string) ([]fs.DirEntry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.find(name)
	if err == nil && !n.isDir {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, pathError("readdir", name, err)
	}
	list := make([]fs.DirEntry, 0, len(n.entries))
	for _, base := range slices.Sorted(maps.Keys(n.entries)) {
		list = append(list, fs.FileInfoToDirEntry(n.entries[base].info(base)))
	}
	return list, nil
}

// Stat describes what has the name.
func (c *Crashable) Stat(name string) (fs.FileInfo, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.find(name)
	if err != nil {
		return nil, pathError("stat", name, err)
	}
	return n.info(filepath.Base(name)), nil
}

// SyncDir makes the entries of a directory durable, not what they lead to.
func (c *Crashable) SyncDir(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.find(name)
	if err == nil && !n.isDir {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return pathError("sync", name, err)
	}
	n.syncDir()
	return nil
}

// Lock is held against others of this filesystem, and by nobody after a Crash.
func (c *Crashable) Lock(name string) (io.Closer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.open(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, pathError("lock", name, err)
	}
	if c.locks[n] {
		return nil, &LockedError{Name: name, PID: os.Getpid()}
	}
	c.locks[n] = true
	return &crashLock{c, n}, nil
}

type crashLock struct {
	c *Crashable
	n *node
}

func (l *crashLock) Close() error {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	delete(l.c.locks, l.n)
	return nil
}

// Free is a number that is never used up; Faulty makes a disk full.
func (c *Crashable) Free(name string) (int64, error) {
	if _, err := c.Stat(name); err != nil {
		return 0, err
	}
	return 1 << 40, nil
}

// Export copies the tree as programs see it into the directory dir of to, for readers that open real files.
func (c *Crashable) Export(to FS, dir string) error { return export(c, "/", to, dir) }

func export(from FS, name string, to FS, target string) error {
	if err := to.MkdirAll(target); err != nil {
		return err
	}
	list, err := from.ReadDir(name)
	if err != nil {
		return err
	}
	for _, entry := range list {
		source, copied := filepath.Join(name, entry.Name()), filepath.Join(target, entry.Name())
		if entry.IsDir() {
			if err := export(from, source, to, copied); err != nil {
				return err
			}
			continue
		}
		data, err := ReadFile(from, source)
		if err != nil {
			return err
		}
		if err := WriteFile(to, copied, data); err != nil {
			return err
		}
	}
	return nil
}
