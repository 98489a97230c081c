// Package disk is the seam between loglake and its filesystem. Everything that must survive a power cut is written
// through an FS, so that tests can put another one in its place:
//
//   - Real is the operating system's;
//   - Crashable lives in memory, knows what has been synced, and gives the tree as a power cut leaves it;
//   - Faulty wraps any FS: a chosen call fails without or after being done, or the disk is full.
//
// Package disktest holds the conformance suite that all of them pass.
//
// The rules of durability that callers follow, and that Crashable enforces to the letter of POSIX:
//
//   - bytes written to a file are durable after File.Sync returned nil, and after nothing else;
//   - a name created, renamed, linked or removed is durable after SyncDir of its directory returned nil. Syncing the file
//     does not make its name durable, and syncing the name does not make the file's bytes durable;
//   - a rename inside one directory is atomic: after a power cut the new name has the old file or the new one, whole;
//   - after a failed Sync the file is not to be trusted: a later Sync that succeeds says nothing about the bytes before.
//
// WriteFile and MkdirAllDurable are the sequences that most callers need.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// FS is a filesystem. Names are paths of the operating system, absolute or relative to the working directory. Errors
// are those of package os: errors.Is with fs.ErrNotExist, fs.ErrExist and syscall.ENOSPC works on them. All methods may
// be called concurrently.
type FS interface {
	// OpenFile opens or creates a file; flag is os.O_RDONLY and so on. The directory must exist. A file created is not
	// durable before File.Sync (its bytes) and SyncDir of its directory (its name).
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)

	// Rename gives from the name to, replacing a file that has it, in one step. Durable after SyncDir of the directory,
	// of both directories where they differ.
	Rename(from, to string) error

	// Link gives the file from a second name. It fails with fs.ErrExist when to is there, so that publishing never
	// overwrites. Durable after SyncDir of to's directory.
	Link(from, to string) error

	// Remove removes a file or an empty directory; fs.ErrNotExist when there is none. Open Files go on working.
	Remove(name string) error

	// RemoveAll removes name and all below it; nil when there is nothing. It is not atomic.
	RemoveAll(name string) error

	// MkdirAll makes a directory and its missing parents, mode 0755; nil when it is there. See MkdirAllDurable.
	MkdirAll(name string) error

	// ReadDir lists a directory by name.
	ReadDir(name string) ([]fs.DirEntry, error)

	// Stat describes what has the name.
	Stat(name string) (fs.FileInfo, error)

	// SyncDir makes the creations, renames, links and removals done so far in the directory name durable.
	SyncDir(name string) error

	// SetModified sets when a file was modified last. It is durable after a Sync of the file that comes later.
	SetModified(name string, at time.Time) error

	// Lock takes the file name, which it creates where missing, for this holder alone until the Closer is closed or the
	// process ends, however it ends. When another holds it the error is a *LockedError, which Is ErrLocked.
	Lock(name string) (io.Closer, error)

	// Free gives the bytes that may still be written to the filesystem on which the existing path name lies.
	Free(name string) (bytes int64, err error)
}

// File is an open file. ReadAt and WriteAt may be called concurrently, also with each other on other ranges; the other
// methods not. A file opened with os.O_APPEND refuses WriteAt.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Seeker
	io.Closer

	// Sync makes the file's bytes and its length durable (fdatasync where there is one), not its name. A failure is
	// final: what was written since the last Sync that succeeded may or may not be there, now and after later Syncs.
	Sync() error

	// Truncate sets the length; a longer file is filled with zeros. Durable after Sync.
	Truncate(bytes int64) error

	Stat() (fs.FileInfo, error)

	// Name is the name that the file was opened by.
	Name() string
}

// ErrLocked is what a *LockedError Is.
var ErrLocked = errors.New("locked by another process")

// LockedError says who holds a lock.
type LockedError struct {
	Name string
	PID  int // of the holder; 0 where it is not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("lock %s: held by another process", e.Name)
	}
	return fmt.Sprintf("lock %s: held by process %d", e.Name, e.PID)
}

// Is tells whether target is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

const (
	filePerm = 0o644
	dirPerm  = 0o755
)

// Open opens a file for reading.
func Open(fsys FS, name string) (File, error) { return fsys.OpenFile(name, os.O_RDONLY, 0) }

// Create creates a file, or empties the one there is, for reading and writing.
func Create(fsys FS, name string) (File, error) {
	return fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, filePerm)
}

// ReadFile reads a whole file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := Open(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, info.Size()+1) // one more, so that the last read sees the end without growing
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// TempSuffix ends the name under which WriteFile prepares a file. A file so named found at start is left from a crash
// and means nothing.
const TempSuffix = ".tmp"

// WriteFile replaces the file name by data, durably and in one step: after a power cut at any moment the name has the
// old content or the new one, whole, and after WriteFile returned nil the new one. The sequence:
//
//	open(name.tmp, O_CREAT|O_TRUNC), write, fdatasync, close, rename(name.tmp, name), fsync(directory)
//
// One writer per name at a time. After an error the name may have the old content or the new.
func WriteFile(fsys FS, name string, data []byte) error {
	temp := name + TempSuffix
	f, err := Create(fsys, temp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = fsys.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(fsys, temp))
	}
	return fsys.SyncDir(filepath.Dir(name))
}

func removeIfThere(fsys FS, name string) error {
	if err := fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// MkdirAllDurable makes the directory name and its missing parents so that they are there after a power cut. The
// sequence, from the outermost directory that may be new: mkdir for all, then fsync of each one's parent. The parents
// of directories that were there are synced too up to the first one that was there before the call, since another
// caller may have made it a moment ago; so a call on an existing directory costs one fsync.
func MkdirAllDurable(fsys FS, name string) error {
	name = filepath.Clean(name)
	sync := []string{filepath.Dir(name)}
	for dir := name; ; {
		_, err := fsys.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
		sync = append(sync, filepath.Dir(dir))
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	for i := len(sync) - 1; i >= 0; i-- {
		if err := fsys.SyncDir(sync[i]); err != nil {
			return err
		}
	}
	return nil
}
