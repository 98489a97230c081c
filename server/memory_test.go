package server

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/disk"
)

// TestShares: what the parts may take together leaves a quarter of the memory for what has no share, and the program itself
// its 64 MiB, from the least that may be said.
func TestShares(t *testing.T) {
	const builds = 2 // delivery.buildsMax
	for _, memory := range []int64{MemoryMin, memoryDefault, 64 << 30} {
		s := divide(memory)
		all := []int64{s.hot, builds * s.flush, s.bodies, s.queue, s.recent, s.answers}
		var sum int64
		for _, share := range all {
			if share < 4<<20 {
				t.Errorf("of %d MiB a share is %d bytes: %+v", memory>>20, share, s)
			}
			sum += share
		}
		if sum > memory*3/4 {
			t.Errorf("the shares of %d MiB are %d MiB", memory>>20, sum>>20)
		}
	}
}

// TestMemoryDefault reads what machines and containers say.
func TestMemoryDefault(t *testing.T) {
	for _, c := range []struct {
		name, meminfo, cgroup string
		want                  int64
	}{
		{"nothing is known", "", "", memoryDefault},
		{"a big machine", "MemTotal:       65536000 kB\nMemFree: 1 kB\n", "max\n", memoryDefault},
		{"a small machine", "MemTotal:       524288 kB\n", "", MemoryMin},
		{"between", "MemTotal:       2097152 kB\n", "", 512 << 20},
		{"a container", "MemTotal:       65536000 kB\n", "2147483648\n", 512 << 20},
		{"garbage", "MemTotal: much\n", "9223372036854771712\n", memoryDefault},
	} {
		fs := disk.NewCrashable()
		for path, text := range map[string]string{"/proc/meminfo": c.meminfo, "/sys/fs/cgroup/memory.max": c.cgroup} {
			if text == "" {
				continue
			}
			if err := fs.MkdirAll(path[:strings.LastIndex(path, "/")]); err != nil {
				t.Fatal(err)
			}
			if err := disk.WriteFile(fs, path, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if got := MemoryDefault(fs); got != c.want {
			t.Errorf("%s: %d MiB, not %d", c.name, got>>20, c.want>>20)
		}
	}
}
