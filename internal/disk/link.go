package disk

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// LinkOrCopy gives the file from a second name, or, where the filesystem has no links or none from there, a copy. The copy
// is not synced. The name to must be new.
func LinkOrCopy(fsys FS, from, to string) (err error) {
	err = fsys.Link(from, to)
	if !errors.Is(err, syscall.EXDEV) && !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.EMLINK) {
		return err
	}
	in, err := Open(fsys, from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := fsys.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, filePerm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
