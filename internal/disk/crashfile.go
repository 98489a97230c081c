package disk

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// crashFile is an open file of a Crashable, whose mutex guards it.
type crashFile struct {
	c      *Crashable
	n      *node
	name   string
	flag   int
	off    int64
	closed bool
}

const accessMode = os.O_RDONLY | os.O_WRONLY | os.O_RDWR

// begin is the start of each call: the lock, and whether the call may be. The caller unlocks in any case.
func (f *crashFile) begin(allowed ...int) error {
	f.c.mu.Lock()
	if f.closed {
		return fs.ErrClosed
	}
	for _, mode := range allowed {
		if f.flag&accessMode == mode {
			return nil
		}
	}
	if len(allowed) > 0 {
		return syscall.EBADF
	}
	return nil
}

func (f *crashFile) Read(p []byte) (int, error) {
	err := f.begin(os.O_RDONLY, os.O_RDWR)
	defer f.c.mu.Unlock()
	if err != nil {
		return 0, pathError("read", f.name, err)
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.n.live.readAt(p, f.off)
	f.off += int64(n)
	if n > 0 {
		err = nil // the end is told by the next call
	}
	return n, err
}

func (f *crashFile) ReadAt(p []byte, off int64) (int, error) {
	err := f.begin(os.O_RDONLY, os.O_RDWR)
	defer f.c.mu.Unlock()
	if err == nil && off < 0 {
		err = syscall.EINVAL
	}
	if err != nil {
		return 0, pathError("read", f.name, err)
	}
	if len(p) == 0 {
		return 0, nil
	}
	return f.n.live.readAt(p, off)
}

func (f *crashFile) Write(p []byte) (int, error) {
	err := f.begin(os.O_WRONLY, os.O_RDWR)
	defer f.c.mu.Unlock()
	if err != nil {
		return 0, pathError("write", f.name, err)
	}
	if f.flag&os.O_APPEND != 0 {
		f.off = f.n.live.size
	}
	f.write(p, f.off)
	f.off += int64(len(p))
	return len(p), nil
}

func (f *crashFile) WriteAt(p []byte, off int64) (int, error) {
	err := f.begin(os.O_WRONLY, os.O_RDWR)
	defer f.c.mu.Unlock()
	if err == nil && (off < 0 || f.flag&os.O_APPEND != 0) {
		err = syscall.EINVAL
	}
	if err != nil {
		return 0, pathError("write", f.name, err)
	}
	f.write(p, off)
	return len(p), nil
}

func (f *crashFile) write(p []byte, off int64) {
	if len(p) > 0 {
		f.n.edit(edit{off: off, data: append([]byte(nil), p...)})
	}
}

func (f *crashFile) Seek(offset int64, whence int) (int64, error) {
	err := f.begin()
	defer f.c.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += f.off
	case io.SeekEnd:
		offset += f.n.live.size
	}
	if err == nil && offset < 0 {
		err = syscall.EINVAL
	}
	if err != nil {
		return 0, pathError("seek", f.name, err)
	}
	f.off = offset
	return offset, nil
}

func (f *crashFile) Truncate(bytes int64) error {
	err := f.begin(os.O_WRONLY, os.O_RDWR)
	defer f.c.mu.Unlock()
	if err == nil && bytes < 0 {
		err = syscall.EINVAL
	}
	if err == nil && bytes != f.n.live.size {
		f.n.edit(edit{off: bytes, resize: true})
	}
	return pathError("truncate", f.name, err)
}

func (f *crashFile) Sync() error {
	err := f.begin()
	defer f.c.mu.Unlock()
	if err == nil {
		f.n.sync()
	}
	return pathError("sync", f.name, err)
}

// failSync is a Sync that fails: as on Linux, the bytes are taken for clean from then on, so no later Sync writes them.
func (f *crashFile) failSync() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.n.settle(fateLeft)
}

func (f *crashFile) Close() error {
	err := f.begin()
	defer f.c.mu.Unlock()
	f.closed = true
	return pathError("close", f.name, err)
}

func (f *crashFile) Stat() (fs.FileInfo, error) {
	err := f.begin()
	defer f.c.mu.Unlock()
	if err != nil {
		return nil, pathError("stat", f.name, err)
	}
	return f.n.info(filepath.Base(f.name)), nil
}

func (f *crashFile) Name() string { return f.name }

// crashInfo is the fs.FileInfo of a node at one moment.
type crashInfo struct {
	name     string
	size     int64
	isDir    bool
	modified time.Time
}

func (n *node) info(name string) crashInfo {
	return crashInfo{name: name, size: n.live.size, isDir: n.isDir, modified: n.modified}
}

func (i crashInfo) Name() string       { return i.name }
func (i crashInfo) Size() int64        { return i.size }
func (i crashInfo) ModTime() time.Time { return i.modified }
func (i crashInfo) IsDir() bool        { return i.isDir }
func (i crashInfo) Sys() any           { return nil }

func (i crashInfo) Mode() fs.FileMode {
	if i.isDir {
		return fs.ModeDir | dirPerm
	}
	return filePerm
}
