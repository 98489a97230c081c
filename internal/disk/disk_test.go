package disk_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
)

func TestReal(t *testing.T) {
	disktest.Run(t, func(t *testing.T) (disk.FS, string) { return disk.Real(), t.TempDir() })
}

func TestCrashable(t *testing.T) {
	disktest.Run(t, func(*testing.T) (disk.FS, string) { return disk.NewCrashable(), "/" })
}

func TestCrashableAfterACrash(t *testing.T) {
	disktest.Run(t, func(t *testing.T) (disk.FS, string) {
		c := disk.NewCrashable()
		if err := disk.MkdirAllDurable(c, "/some/where"); err != nil {
			t.Fatal(err)
		}
		return c.Crash(disk.SeedLoseAll), "/some/where"
	})
}

func TestFaultyWithoutRules(t *testing.T) {
	disktest.Run(t, func(t *testing.T) (disk.FS, string) { return disk.NewFaulty(disk.Real()), t.TempDir() })
	disktest.Run(t, func(*testing.T) (disk.FS, string) { return disk.NewFaulty(disk.NewCrashable()), "/" })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// show prints all files of a tree: "a=text d/b=text".
func show(t *testing.T, fsys disk.FS, dir string) string {
	t.Helper()
	var out []string
	list, err := fsys.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			out = append(out, strings.TrimPrefix(name, "/")+"/", show(t, fsys, name))
			continue
		}
		data, err := disk.ReadFile(fsys, name)
		must(t, err)
		out = append(out, strings.TrimPrefix(name, "/")+"="+string(data))
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

func write(t *testing.T, fsys disk.FS, name, text string) disk.File {
	t.Helper()
	f, err := disk.Create(fsys, name)
	must(t, err)
	_, err = f.Write([]byte(text))
	must(t, err)
	return f
}

func overwrite(t *testing.T, f disk.File, text string) {
	t.Helper()
	_, err := f.WriteAt([]byte(text), 0)
	must(t, err)
}

// TestCrashOutcomes lists for small histories every outcome that a power cut may have, and wants each of them to come.
func TestCrashOutcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		history func(t *testing.T, c *disk.Crashable)
		want    []string // the first is what SeedLoseAll leaves, the last what SeedKeepAll does
	}{
		{"a file synced without its name", func(t *testing.T, c *disk.Crashable) {
			must(t, write(t, c, "a", "x").Sync())
		}, []string{"", "a=x"}},
		{"a name synced without its file", func(t *testing.T, c *disk.Crashable) {
			write(t, c, "a", "x")
			must(t, c.SyncDir("/"))
		}, []string{"a=", "a=\x00", "a=x"}},
		{"both", func(t *testing.T, c *disk.Crashable) {
			must(t, write(t, c, "a", "x").Sync())
			must(t, c.SyncDir("/"))
		}, []string{"a=x"}},
		{"a rename over a file", func(t *testing.T, c *disk.Crashable) {
			must(t, write(t, c, "a", "new").Sync())
			must(t, write(t, c, "b", "old").Sync())
			must(t, c.SyncDir("/"))
			must(t, c.Rename("a", "b"))
		}, []string{"a=new b=old", "b=new"}},
		{"creation and rename", func(t *testing.T, c *disk.Crashable) {
			must(t, write(t, c, "a", "x").Sync())
			must(t, c.Rename("a", "b"))
		}, []string{"", "a=x", "b=x"}},
		{"a removal", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			must(t, c.Remove("a"))
		}, []string{"a=x", ""}},
		{"a rename to another directory, there synced", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.MkdirAllDurable(c, "d"))
			must(t, disk.WriteFile(c, "a", []byte("x")))
			must(t, c.Rename("a", "d/a"))
			must(t, c.SyncDir("d"))
		}, []string{"a=x d/ d/a=x", "d/ d/a=x"}},
		{"a link", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			must(t, c.Link("a", "b"))
			must(t, c.Remove("a"))
		}, []string{"a=x", "", "a=x b=x", "b=x"}},
		{"two directories, the inner one synced", func(t *testing.T, c *disk.Crashable) {
			must(t, c.MkdirAll("d/e"))
			must(t, c.SyncDir("d"))
		}, []string{"", "d/ d/e/"}},
		{"an overwritten file", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			f, err := c.OpenFile("a", os.O_RDWR, 0)
			must(t, err)
			overwrite(t, f, "y")
			overwrite(t, f, "z")
		}, []string{"a=x", "a=y", "a=z"}},
		{"a truncation", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			f, err := c.OpenFile("a", os.O_RDWR, 0)
			must(t, err)
			must(t, f.Truncate(0))
		}, []string{"a=x", "a="}},
		{"a sync after one that failed", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("xx")))
			faulty := disk.NewFaulty(c)
			faulty.Fail(disk.Rule{Op: disk.OpSync, Nth: 1})
			f, err := faulty.OpenFile("a", os.O_RDWR, 0)
			must(t, err)
			overwrite(t, f, "y")
			if err := f.Sync(); !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
			_, err = f.WriteAt([]byte("z"), 1)
			must(t, err)
			must(t, f.Sync()) // makes the second write durable, and nothing makes the first
		}, []string{"a=xz", "a=yz"}},
		{"a sync done and reported failed", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			faulty := disk.NewFaulty(c)
			faulty.Fail(disk.Rule{Op: disk.OpSync, Apply: true})
			f, err := faulty.OpenFile("a", os.O_RDWR, 0)
			must(t, err)
			overwrite(t, f, "y")
			if err := f.Sync(); !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
		}, []string{"a=y"}},
		{"WriteFile", func(t *testing.T, c *disk.Crashable) {
			must(t, disk.WriteFile(c, "a", []byte("x")))
			must(t, disk.WriteFile(c, "a", []byte("y")))
		}, []string{"a=y"}},
		{"MkdirAllDurable", func(t *testing.T, c *disk.Crashable) {
			must(t, c.MkdirAll("d"))
			must(t, c.SyncDir("/"))
			must(t, disk.MkdirAllDurable(c, "d/e/f"))
		}, []string{"d/ d/e/ d/e/f/"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := disk.NewCrashable()
			c.history(t, fsys)
			before := show(t, fsys, "/")
			if got := show(t, fsys.Crash(disk.SeedLoseAll), "/"); got != c.want[0] {
				t.Errorf("SeedLoseAll leaves %q, want %q", got, c.want[0])
			}
			if got := show(t, fsys.Crash(disk.SeedKeepAll), "/"); got != before {
				t.Errorf("SeedKeepAll leaves %q, want %q", got, before)
			}
			seen := map[string]bool{}
			for seed := range uint64(300) {
				got := show(t, fsys.Crash(seed), "/")
				if !slices.Contains(c.want, got) {
					t.Fatalf("seed %d leaves %q, want one of %q", seed, got, c.want)
				}
				if again := show(t, fsys.Crash(seed), "/"); again != got {
					t.Fatalf("seed %d leaves %q and %q", seed, got, again)
				}
				seen[got] = true
			}
			if len(seen) != len(c.want) {
				t.Errorf("of %q came only %v", c.want, seen)
			}
			if after := show(t, fsys, "/"); after != before {
				t.Errorf("the power cut changed the original from %q to %q", before, after)
			}
		})
	}
}

// TestWriteFileIsAtomic cuts the power before and after every call of WriteFile, and fails every call both ways.
func TestWriteFileIsAtomic(t *testing.T) {
	whole := func(t *testing.T, fsys disk.FS, when string) {
		t.Helper()
		data, err := disk.ReadFile(fsys, "d/a")
		if err != nil || string(data) != "old" && string(data) != "new" {
			t.Errorf("%s: the file holds %q, %v", when, data, err)
		}
	}
	start := func(t *testing.T) (*disk.Crashable, *disk.Faulty) {
		c := disk.NewCrashable()
		must(t, disk.MkdirAllDurable(c, "d"))
		must(t, disk.WriteFile(c, "d/a", []byte("old")))
		return c, disk.NewFaulty(c)
	}
	c, faulty := start(t)
	faulty.Watch(func(call disk.Call, done bool) {
		for seed := range uint64(30) {
			whole(t, c.Crash(seed), fmt.Sprintf("power cut at %+v, done %v, seed %d", call, done, seed))
		}
	})
	must(t, disk.WriteFile(faulty, "d/a", []byte("new")))
	calls := faulty.Calls()
	want := []disk.Op{disk.OpCreate, disk.OpWrite, disk.OpSync, disk.OpRename, disk.OpSyncDir}
	var got []disk.Op
	for _, call := range calls {
		got = append(got, call.Op)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the sequence of calls: %s", diff)
	}
	for _, call := range calls {
		for _, apply := range []bool{false, true} {
			c, faulty := start(t)
			faulty.Fail(disk.Rule{Op: call.Op, Nth: 1, Apply: apply})
			if err := disk.WriteFile(faulty, "d/a", []byte("new")); !errors.Is(err, syscall.EIO) {
				t.Errorf("%s fails, apply %v: %v", call.Op, apply, err)
			}
			for seed := range uint64(30) {
				whole(t, c.Crash(seed), fmt.Sprintf("%s failed, apply %v, seed %d", call.Op, apply, seed))
			}
		}
	}
}

// TestTornWrite wants a large write to come apart in every documented way.
func TestTornWrite(t *testing.T) {
	c := disk.NewCrashable()
	text := strings.Repeat("x", 4096)
	write(t, c, "a", text)
	must(t, c.SyncDir("/"))
	var beginning, holes, zeros int
	for seed := range uint64(200) {
		data, err := disk.ReadFile(c.Crash(seed), "a")
		must(t, err)
		kept := strings.Count(string(data), "x")
		switch {
		case strings.Trim(string(data), "x\x00") != "" || len(data) > len(text):
			t.Fatalf("seed %d: bytes that nobody wrote", seed)
		case kept == 0 && len(data) == len(text):
			zeros++
		case kept == len(data) && kept > 0 && kept < len(text):
			beginning++
		case kept > 0 && kept < len(data):
			if kept%512 != 0 {
				t.Errorf("seed %d: a torn sector inside: %d bytes kept of %d", seed, kept, len(data))
			}
			holes++
		}
	}
	if beginning == 0 || holes == 0 || zeros == 0 {
		t.Errorf("beginnings %d, holes %d, lengths alone %d; want some of each", beginning, holes, zeros)
	}
}

func TestRules(t *testing.T) {
	mine := errors.New("mine")
	faulty := disk.NewFaulty(disk.NewCrashable())
	must(t, faulty.MkdirAll("d"))
	faulty.Fail(disk.Rule{Op: disk.OpRename, Path: "*.seg", Nth: 2, Apply: true, Err: mine})
	faulty.Fail(disk.Rule{Op: disk.OpRead, Path: "/d/*", Err: mine})
	write(t, faulty, "/d/a", "x")
	write(t, faulty, "b", "x")
	must(t, faulty.Rename("b", "c"))
	must(t, faulty.Rename("c", "1.seg"))
	if err := faulty.Rename("1.seg", "d/b"); !errors.Is(err, mine) {
		t.Errorf("the second rename of a segment: %v", err)
	}
	if _, err := faulty.Stat("d/b"); err != nil {
		t.Errorf("it was to be done: %v", err)
	}
	must(t, faulty.Rename("d/b", "2.seg"))
	if _, err := disk.ReadFile(faulty, "/d/a"); !errors.Is(err, mine) {
		t.Errorf("reading: %v", err)
	}
	if _, err := disk.ReadFile(faulty, "2.seg"); err != nil {
		t.Errorf("reading what no rule names: %v", err)
	}
	faulty.Heal()
	if _, err := disk.ReadFile(faulty, "/d/a"); err != nil {
		t.Errorf("after Heal: %v", err)
	}
	if calls := faulty.Calls(); len(calls) != 9 || calls[8].N != 9 || calls[8].To != "2.seg" {
		t.Errorf("calls: %+v", calls)
	}
}

// TestThen stops the machine at a call.
func TestThen(t *testing.T) {
	for _, apply := range []bool{false, true} {
		faulty := disk.NewFaulty(disk.NewCrashable())
		must(t, faulty.MkdirAll("d"))
		faulty.Fail(disk.Rule{Op: disk.OpCreate, Nth: 2, Apply: apply, Then: func() { faulty.Fail(disk.Rule{}) }})
		write(t, faulty, "d/1", "x")
		for _, name := range []string{"d/2", "d/3"} {
			if err := disk.WriteFile(faulty, name, nil); !errors.Is(err, syscall.EIO) {
				t.Errorf("create %s: %v", name, err)
			}
		}
		if list, err := faulty.ReadDir("d"); err != nil || len(list) != map[bool]int{false: 1, true: 2}[apply] {
			t.Errorf("applied %t, and there are %v, %v", apply, list, err)
		}
	}
}

func TestFaultyWriteBothWays(t *testing.T) {
	for _, apply := range []bool{false, true} {
		c := disk.NewCrashable()
		faulty := disk.NewFaulty(c)
		f, err := disk.Create(faulty, "a")
		must(t, err)
		faulty.Fail(disk.Rule{Op: disk.OpWrite, Apply: apply})
		if n, err := f.Write([]byte("x")); n != 0 || !errors.Is(err, syscall.EIO) {
			t.Errorf("apply %v: Write gave %d, %v", apply, n, err)
		}
		want := map[bool]string{false: "a=", true: "a=x"}[apply]
		if got := show(t, c, "/"); got != want {
			t.Errorf("apply %v: %q, want %q", apply, got, want)
		}
	}
}

func TestFullDisk(t *testing.T) {
	faulty := disk.NewFaulty(disk.NewCrashable())
	f := write(t, faulty, "a", "12345")
	write(t, faulty, "b", "12345678")
	faulty.Fill(3)
	if free, err := faulty.Free("/"); free != 3 || err != nil {
		t.Errorf("Free: %d, %v", free, err)
	}
	if n, err := f.Write([]byte("6789")); n != 3 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write gave %d, %v", n, err)
	}
	overwrite(t, f, "ABC")
	for name, err := range map[string]error{
		"write":    second(f.WriteAt([]byte("x"), 8)),
		"truncate": f.Truncate(9),
		"create":   second(disk.Create(faulty, "c")),
		"link":     faulty.Link("a", "c"),
		"mkdir":    faulty.MkdirAll("d"),
	} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, faulty.Rename("b", "c"))
	must(t, f.Sync())
	must(t, faulty.Remove("c"))
	_, err := f.Seek(0, io.SeekEnd)
	must(t, err)
	_, err = f.Write([]byte("9abcdefg"))
	must(t, err)
	if _, err := f.Write([]byte("h")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the room of what was removed is used up: %v", err)
	}
	faulty.Enlarge()
	_, err = f.Write([]byte("h"))
	must(t, err)
	if got := show(t, faulty, "/"); got != "a=ABC456789abcdefgh" {
		t.Errorf("got %q", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestExport(t *testing.T) {
	c := disk.NewCrashable()
	must(t, c.MkdirAll("d/e"))
	write(t, c, "a", "x")
	write(t, c, "d/b", strings.Repeat("y", 70000))
	dir := t.TempDir()
	must(t, c.Export(disk.Real(), dir))
	data, err := os.ReadFile(filepath.Join(dir, "d", "b"))
	if err != nil || len(data) != 70000 {
		t.Errorf("d/b has %d bytes, %v", len(data), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "d", "e")); err != nil || !info.IsDir() {
		t.Errorf("d/e: %v, %v", info, err)
	}
}

func TestLockedByAnotherProcess(t *testing.T) {
	err := error(&disk.LockedError{Name: "lake/lock", PID: 42})
	if !errors.Is(err, disk.ErrLocked) || err.Error() != "lock lake/lock: held by process 42" || errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
}
