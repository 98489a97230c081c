package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/loglake/loglake/internal/disk"
)

// usage is what a process has used.
type usage struct {
	cpu  float64 // seconds, user and system
	peak int64   // bytes resident, at most
}

// ticksPerSecond is USER_HZ, the unit of times in /proc on every Linux.
const ticksPerSecond = 100

// readUsage reads /proc. A pid of 0 has used nothing.
func readUsage(pid int) (u usage, err error) {
	if pid == 0 {
		return u, nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("read the server's CPU time: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	for _, i := range []int{11, 12} { // utime, stime; the first two fields are cut off
		ticks, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return u, fmt.Errorf("read the server's CPU time: %w", err)
		}
		u.cpu += float64(ticks) / ticksPerSecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, fmt.Errorf("read the server's memory: %w", err)
	}
	_, rest, _ = strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscanf(rest, "%d kB", &u.peak); err != nil {
		return u, fmt.Errorf("read the server's memory: %w", err)
	}
	u.peak <<= 10
	return u, nil
}

// childrenRSS gives the resident memory of a process's children, which are the query engines; 0 where it can't be read.
func childrenRSS(pid int) (bytes float64) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // each thread has its own
	if err != nil {
		return 0
	}
	var children []string
	for _, list := range lists {
		if text, err := os.ReadFile(list); err == nil {
			children = append(children, strings.Fields(string(text))...)
		}
	}
	for _, child := range children {
		statm, err := os.ReadFile("/proc/" + child + "/statm")
		if err != nil {
			continue // gone since
		}
		if fields := strings.Fields(string(statm)); len(fields) > 1 {
			pages, err := strconv.ParseFloat(fields[1], 64)
			if err == nil {
				bytes += pages * float64(os.Getpagesize())
			}
		}
	}
	return bytes
}

// ownCPU gives the CPU seconds of this process.
func ownCPU() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

const (
	syncs     = 1000
	syncBytes = 4 << 10
)

// reportSync measures what an acknowledgement can't be faster than: one write of 4 KiB into a file's own blocks, and its
// fdatasync, in the server's folder.
func reportSync(dir, when string, out io.Writer) (err error) {
	if dir == "" {
		return nil
	}
	fs, path := disk.Real(), filepath.Join(dir, "load.sync")
	f, err := fs.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), fs.Remove(path)) }()
	if _, err := f.Write(make([]byte, syncs*syncBytes)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	block, took := make([]byte, syncBytes), make([]time.Duration, syncs)
	for i := range took {
		block[0] = byte(i)
		began := time.Now()
		if _, err := f.WriteAt(block, int64(i*syncBytes)); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		took[i] = time.Since(began)
	}
	fmt.Fprintf(out, "fdatasync of 4 KiB %s: %s\n", when, spread(took))
	return nil
}
