// Package rangecache keeps parts of remote files as sparse local files, for readers that open paths: a bounded number of
// bytes in one folder, the least recently used given up first, never those that somebody has pinned.
//
// A file of the cache has its remote's length. Bytes that were never fetched read as zeros, and mean nothing: whoever
// opens the path has to have fetched what he reads. A remote file is one version of it (its key has the version in it), so
// what is in a file never changes; a file whose remote turns out to be gone or replaced is given up, and its path is
// never used for another.
//
// Where to start: Cache.Pin, then File.Fetch (fetch.go).
package rangecache

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/loglake/loglake/internal/disk"
)

// Limits of a cache.
const (
	blockBytes = 4 << 10  // what is fetched begins and ends at such, as the filesystem's blocks do
	gapBytes   = 64 << 10 // between two spans that are fetched as one: a request costs more than these bytes
	pieceBytes = 8 << 20  // of one request
	readersMax = 32       // requests at the same time, of all files
	copyBytes  = 128 << 10
)

// ErrFull is the failure of a fetch for which there is no room, because others have pinned what is there.
var ErrFull = errors.New("cache full")

// ErrGone is the failure of a fetch from a file that was given up. Pin gives a new one.
var ErrGone = errors.New("given up")

// Config says where a cache is, and how large.
type Config struct {
	FS       disk.FS
	Dir      string // of this cache alone; what is in it is removed
	BytesMax int64
	// Gone tells whether a source's error means that its remote is not there any more, or is another. Nil: never.
	Gone func(error) bool
}

// Cache is a set of files. Its methods may be called concurrently.
type Cache struct {
	config  Config
	readers chan struct{} // a token for each request under way

	mu      sync.Mutex // guards what follows, and all entries
	entries map[string]*entry
	idle    *list.List // of *entry: those that nobody has pinned, the least recently used first
	used    int64      // bytes that are there or on their way
	files   int64      // made so far, for names
}

// Source gives the n bytes at off of a remote file, and not one less.
type Source func(ctx context.Context, off, n int64) (io.ReadCloser, error)

// entry is one version of a remote file.
type entry struct {
	key, path string
	size      int64
	made      bool // whether the file is there
	gone      bool // given up: in no table any more

	pins    int
	place   *list.Element // in idle; nil while it is pinned
	present spans
	flights []*flight
}

// flight is a piece that is being fetched.
type flight struct {
	Span
	done chan struct{}
}

// Open makes a cache, and removes what an earlier one has left.
func Open(c Config) (*Cache, error) {
	err := c.FS.RemoveAll(c.Dir)
	if err == nil {
		err = c.FS.MkdirAll(c.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("empty the cache %s: %w", c.Dir, err)
	}
	return &Cache{config: c, readers: make(chan struct{}, readersMax), entries: map[string]*entry{}, idle: list.New()}, nil
}

// BytesMax is how many bytes the cache may hold.
func (c *Cache) BytesMax() int64 { return c.config.BytesMax }

// Used gives how many bytes the cache holds.
func (c *Cache) Used() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}

// File is a pinned file of a cache. It may be used concurrently, until Release.
type File struct {
	cache   *Cache
	entry   *entry
	source  Source
	release sync.Once
}

// Pin gives the file of a remote of size bytes, and keeps what is in it until it is released. key names the remote and
// its version; source reads it.
func (c *Cache) Pin(key string, size int64, source Source) *File {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		c.files++
		e = &entry{key: key, size: size, path: filepath.Join(c.config.Dir, fmt.Sprint(c.files))}
		c.entries[key] = e
	}
	if e.place != nil {
		c.idle.Remove(e.place)
		e.place = nil
	}
	e.pins++
	return &File{cache: c, entry: e, source: source}
}

// Path is where the file is, once something of it was fetched.
func (f *File) Path() string { return f.entry.path }

// Release ends the pin. Once is enough, and more do nothing.
func (f *File) Release() {
	f.release.Do(func() {
		c, e := f.cache, f.entry
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.pins--; e.pins > 0 {
			return
		}
		if e.gone || e.present.bytes() == 0 {
			c.remove(e)
			return
		}
		e.place = c.idle.PushBack(e)
	})
}

// giveUp takes a file out of the cache whose remote is not there any more. Those who have it keep what they fetched.
func (c *Cache) giveUp(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.gone = true
	if c.entries[e.key] == e {
		delete(c.entries, e.key)
	}
}

// remove takes a file that nobody has pinned away. It is called with mu held.
func (c *Cache) remove(e *entry) {
	if e.place != nil {
		c.idle.Remove(e.place)
		e.place = nil
	}
	e.gone = true
	if c.entries[e.key] == e {
		delete(c.entries, e.key)
	}
	c.used -= e.present.bytes()
	e.present = nil
	if e.made {
		_ = c.config.FS.Remove(e.path) // one that stays is in nobody's way, and goes with the next Open
	}
}

// reserve makes room for n bytes more. It is called with mu held.
func (c *Cache) reserve(n int64) error {
	for c.used+n > c.config.BytesMax {
		oldest := c.idle.Front()
		if oldest == nil {
			return fmt.Errorf("%w: %d bytes are wanted, and the queries that run hold %d of %d", ErrFull, n, c.used, c.config.BytesMax)
		}
		c.remove(oldest.Value.(*entry)) //nolint:forcetypeassert // nothing else is put there
	}
	c.used += n
	return nil
}

// make makes the file of an entry, all of it a hole. It is called with mu held, so that it is made once.
func (c *Cache) make(e *entry) error {
	if e.made {
		return nil
	}
	f, err := c.config.FS.OpenFile(e.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) // one may be left of a try that failed
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(e.size), f.Close()); err != nil {
		return errors.Join(err, c.config.FS.Remove(e.path))
	}
	e.made = true
	return nil
}

// shrink lets go of all that nobody has pinned, where err says that the disk is full.
func (c *Cache) shrink(err error) {
	if !errors.Is(err, syscall.ENOSPC) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for oldest := c.idle.Front(); oldest != nil; oldest = c.idle.Front() {
		c.remove(oldest.Value.(*entry)) //nolint:forcetypeassert // nothing else is put there
	}
}
