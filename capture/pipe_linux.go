package capture

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes is what an unprivileged process may have: /proc/sys/fs/pipe-max-size.
const pipeBytes = 1 << 20

// EnlargePipe lets a pipe hold more, so that the application finds room while we are busy, and has reads of it block a
// thread: then nobody is woken by a write while nobody reads. What is no pipe stays as it is.
func EnlargePipe(f *os.File) {
	_, _ = unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, pipeBytes) // Fd makes it blocking; without more room it works too
}

// pipeHolds gives how many bytes wait in a pipe.
func pipeHolds(f *os.File) (bytes int, ok bool) {
	if f == nil {
		return 0, false
	}
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	return n, err == nil
}
