package journal_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/loglake/loglake/internal/disk"
)

// mode is how a call that changes the disk goes wrong.
type mode string

const (
	failUndone  mode = "fails undone"
	failDone    mode = "fails done"
	failHalf    mode = "fails half done" // a write
	crashBefore mode = "crash before"
	crashHalf   mode = "crash half done" // a write
	crashAfter  mode = "crash after"
)

var (
	errFault = errors.New("injected fault")
	errDead  = errors.New("the machine is down")
)

// hookFS counts the calls that change the disk and lets the at-th go wrong.
type hookFS struct {
	disk.FS
	at   int // from 1; 0: none
	mode mode

	mu     sync.Mutex
	calls  int
	what   string // the call that went wrong
	dead   bool
	failed string // a WAL file of which a write or a sync failed since it was opened
	broken string // a rule that was broken

	full bool  // writes that make a file longer need space
	free int64 // the space there is then: what was removed since
}

func (h *hookFS) do(what, path string, call func() error, half func()) error {
	h.mu.Lock()
	h.calls++
	dead, hit := h.dead, h.calls == h.at
	if touches := what == "write" || what == "sync"; touches && path == h.failed {
		h.broken = what + " of " + path + " after one that failed"
	} else if touches && hit && filepath.Ext(path) == ".wal" {
		h.failed = path
	}
	if hit {
		h.what = what + " " + filepath.Base(path)
		h.dead = h.mode == crashBefore || h.mode == crashHalf || h.mode == crashAfter
	}
	h.mu.Unlock()
	switch {
	case dead:
		return errDead
	case !hit:
		return call()
	}
	switch h.mode {
	case failUndone:
		if mem, ok := h.FS.(*memFS); ok && what == "sync" {
			mem.lose(path)
		}
	case failDone, crashAfter:
		if err := call(); err != nil {
			return err
		}
	case failHalf, crashHalf:
		if half != nil {
			half()
		}
	}
	return &fs.PathError{Op: what, Path: path, Err: errFault}
}

func (h *hookFS) alive() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.dead {
		return errDead
	}
	return nil
}

func (h *hookFS) OpenFile(name string, flag int, perm fs.FileMode) (f disk.File, err error) {
	h.mu.Lock()
	if h.failed == name {
		h.failed = "" // by a new life of the log
	}
	h.mu.Unlock()
	open := func() error { f, err = h.FS.OpenFile(name, flag, perm); return err }
	if flag&os.O_CREATE != 0 {
		err = h.do("create", name, open, nil)
	} else if err = h.alive(); err == nil {
		err = open()
	}
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, err
	}
	return hookFile{f, h}, nil
}

func (h *hookFS) Rename(from, to string) error {
	return h.do("rename", to, func() error { return h.FS.Rename(from, to) }, nil)
}

func (h *hookFS) Remove(name string) error {
	return h.do("remove", name, func() error {
		if st, err := h.FS.Stat(name); err == nil {
			h.mu.Lock()
			h.free += st.Size()
			h.mu.Unlock()
		}
		return h.FS.Remove(name)
	}, nil)
}

func (h *hookFS) Free(name string) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.full {
		return h.free, nil
	}
	return h.FS.Free(name)
}

// room takes the space for a write that ends at end of f.
func (h *hookFS) room(f disk.File, end int64) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	grows := max(0, end-st.Size())
	if !h.full || grows == 0 {
		return nil
	}
	if grows > h.free {
		return &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	h.free -= grows
	return nil
}

func (h *hookFS) setFull(full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.full, h.free = full, 0
}

func (h *hookFS) MkdirAll(name string) error {
	return h.do("mkdir", name, func() error { return h.FS.MkdirAll(name) }, nil)
}

func (h *hookFS) SyncDir(name string) error {
	return h.do("syncdir", name, func() error { return h.FS.SyncDir(name) }, nil)
}

func (h *hookFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := h.alive(); err != nil {
		return nil, err
	}
	return h.FS.ReadDir(name)
}

type hookFile struct {
	disk.File
	h *hookFS
}

func (f hookFile) Write(p []byte) (n int, err error) {
	err = f.h.do("write", f.Name(), func() error {
		if err = f.h.room(f.File, f.at()+int64(len(p))); err == nil {
			n, err = f.File.Write(p)
		}
		return err
	}, func() { f.File.Write(p[:len(p)/2]) })
	return n, err
}

func (f hookFile) WriteAt(p []byte, at int64) (n int, err error) {
	err = f.h.do("write", f.Name(), func() error {
		if err = f.h.room(f.File, at+int64(len(p))); err == nil {
			n, err = f.File.WriteAt(p, at)
		}
		return err
	}, func() { f.File.WriteAt(p[:len(p)/2], at) })
	return n, err
}

func (f hookFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.h.alive(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

func (f hookFile) at() int64 {
	at, _ := f.Seek(0, io.SeekCurrent)
	return at
}

func (f hookFile) Sync() error {
	return f.h.do("sync", f.Name(), f.File.Sync, nil)
}

func (f hookFile) Truncate(n int64) error {
	return f.h.do("truncate", f.Name(), func() error { return f.File.Truncate(n) }, nil)
}
