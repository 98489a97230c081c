package server

import (
	"bytes"
	"io"
	"strconv"

	"github.com/loglake/loglake/internal/disk"
)

// Memory that a server may use where nobody says: a quarter of what the machine, or the container around it, has, within
// these bounds.
const (
	MemoryMin     = 256 << 20 // also the least that may be said
	memoryDefault = 1 << 30
	memoryPart    = 4
)

// MemoryDefault gives the memory that a server may use where nobody says, in bytes.
func MemoryDefault(fs disk.FS) int64 {
	has := machineMemory(fs)
	if has == 0 {
		return memoryDefault
	}
	return min(memoryDefault, max(MemoryMin, has/memoryPart))
}

// shares are what a server's memory is divided into. What is left of it, more than a quarter, is for all that is small or
// grows with what there is to know: connections, the index of the journal, names of groups and log streams, SQLite's
// pages, work under way.
type shares struct {
	hot     int64 // converted rows that no object has yet
	flush   int64 // rows of one batch that is being built; there are two at most
	bodies  int64 // requests
	queue   int64 // puts that wait for the disk, compressed
	recent  int64 // what was appended last, for its readers
	answers int64 // to puts, for their repeats
}

func divide(memory int64) shares {
	return shares{
		hot: memory / 8, flush: memory * 5 / 32, bodies: memory / 8, queue: memory / 16, recent: memory / 32, answers: memory / 16,
	}
}

// machineMemory gives the memory that there is, in bytes; 0 where the system does not say.
func machineMemory(fs disk.FS) int64 {
	var least int64
	for _, from := range []struct {
		path, key string
		unit      int64
	}{
		{"/proc/meminfo", "MemTotal:", 1 << 10},
		{"/sys/fs/cgroup/memory.max", "", 1},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "", 1},
	} {
		f, err := disk.Open(fs, from.path)
		if err != nil {
			continue // not on this system
		}
		text, err := io.ReadAll(io.LimitReader(f, 4<<10))
		_ = f.Close() // only read
		if err != nil {
			continue
		}
		if n := number(text, from.key) * from.unit; n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// number gives the first number behind a key; 0 where there is none.
func number(text []byte, key string) int64 {
	_, behind, found := bytes.Cut(text, []byte(key))
	if fields := bytes.Fields(behind); found && len(fields) > 0 {
		if n, err := strconv.ParseInt(string(fields[0]), 10, 64); err == nil && n < 1<<50 {
			return n
		}
	}
	return 0
}
