package engine

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes has the kernel end a child whose parent is gone, should it not notice by itself.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// limitProcess bounds this process for good: memory beyond DuckDB's own accounting, no core files, no new privileges,
// and first in line when the machine runs out of memory.
func limitProcess(memoryMax int64) error {
	bytes := uint64(2*memoryMax + 1<<30)
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	// Best effort: some containers do not let a process change its score.
	if fd, err := unix.Open("/proc/self/oom_score_adj", unix.O_WRONLY|unix.O_CLOEXEC, 0); err == nil {
		_, _ = unix.Write(fd, []byte("900"))
		_ = unix.Close(fd)
	}
	return nil
}
