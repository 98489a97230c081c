package disk

import (
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Real gives the operating system's filesystem.
func Real() FS { return real{} }

type real struct{}

var _ FS = real{}

func (real) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return realFile{f}, nil
}

func (real) Rename(from, to string) error { return os.Rename(from, to) }

func (real) Link(from, to string) error { return os.Link(from, to) }

func (real) Remove(name string) error { return os.Remove(name) }

func (real) RemoveAll(name string) error { return os.RemoveAll(name) }

func (real) MkdirAll(name string) error { return os.MkdirAll(name, dirPerm) }

func (real) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

func (real) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

func (real) SetModified(name string, at time.Time) error { return os.Chtimes(name, at, at) }

// SyncDir is fsync of the directory itself.
func (real) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (real) Free(name string) (int64, error) {
	free, err := freeBytes(name)
	if err != nil {
		return 0, &fs.PathError{Op: "statfs", Path: name, Err: err}
	}
	return free, nil
}

// Lock is flock, which the kernel releases when the process ends. The holder's process id is in the file for whoever
// finds it locked; the file stays when the lock is released, since removing it would let two processes lock two files
// of one name.
func (real) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, filePerm)
	if err != nil {
		return nil, err
	}
	held, err := flock(f)
	if err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	if held {
		text, _ := io.ReadAll(io.LimitReader(f, 32)) // the process id is a help; 0 without it
		f.Close()
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return nil, &LockedError{Name: name, PID: pid}
	}
	l := realLock{f}
	if err := l.sign(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

type realLock struct{ f *os.File }

func (l realLock) sign(text string) error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(text), 0)
	return err
}

// Close gives the lock back.
func (l realLock) Close() error {
	err := l.sign("")
	if closeErr := l.f.Close(); err == nil {
		err = closeErr
	}
	return err
}

type realFile struct{ *os.File }

func (f realFile) Sync() error {
	if err := syncData(f.File); err != nil {
		return &fs.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}
