package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData is fdatasync: the bytes and the length, without the times, which saves the filesystem a journal commit when
// a recycled file is overwritten.
func syncData(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var syncErr error
	err = raw.Control(func(fd uintptr) {
		for {
			if syncErr = unix.Fdatasync(int(fd)); syncErr != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return os.ErrClosed // the one reason of Control to fail, in an error that nothing can be compared with
	}
	return syncErr
}
