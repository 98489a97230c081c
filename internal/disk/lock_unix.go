//go:build linux || darwin

package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// flock tries to lock f; held says that another has it.
func flock(f *os.File) (held bool, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return false, err
	}
	var lockErr error
	err = raw.Control(func(fd uintptr) {
		for {
			if lockErr = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB); lockErr != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return false, err
	}
	if lockErr == unix.EWOULDBLOCK {
		return true, nil
	}
	return false, lockErr
}

// freeBytes is what a process without privileges may still write.
func freeBytes(name string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(name, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
