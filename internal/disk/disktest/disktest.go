// Package disktest is the conformance suite of disk.FS. A new filesystem's test is
//
//	func TestMine(t *testing.T) {
//		disktest.Run(t, func(t *testing.T) (disk.FS, string) { return mine.New(), "/" })
//	}
//
// It states what programs see while the power is on. What a power cut leaves is disk.Crashable's own test.
package disktest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/internal/disk"
)

// Open gives a filesystem and an empty directory in it that exists.
type Open func(t *testing.T) (disk.FS, string)

// Run runs the suite, each test on a filesystem of its own.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, tree){
		"ReadAndWrite": testReadAndWrite, "OpenFlags": testOpenFlags, "Truncate": testTruncate, "Seek": testSeek,
		"Rename": testRename, "RenameDirectory": testRenameDirectory, "Link": testLink, "Remove": testRemove,
		"OpenFileOutlivesItsName": testOutlives, "Directories": testDirectories, "Lock": testLock,
		"WriteFile": testWriteFile, "MkdirAllDurable": testMkdirAllDurable, "Missing": testMissing, "Closed": testClosed,
	} {
		t.Run(name, func(t *testing.T) {
			fsys, dir := open(t)
			test(t, tree{t, fsys, dir})
		})
	}
}

// tree is a filesystem under test, with names relative to the empty directory.
type tree struct {
	t *testing.T
	disk.FS
	dir string
}

func (f tree) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f tree) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// fails wants an error that is target.
func (f tree) fails(err, target error) {
	f.t.Helper()
	if !errors.Is(err, target) {
		f.t.Errorf("error %v, want %v", err, target)
	}
}

func (f tree) open(name string, flag int) disk.File {
	f.t.Helper()
	file, err := f.OpenFile(f.path(name), flag, 0o644)
	f.must(err)
	f.t.Cleanup(func() { file.Close() })
	return file
}

func (f tree) put(name, text string) {
	f.t.Helper()
	file := f.open(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	_, err := file.Write([]byte(text))
	f.must(errors.Join(err, file.Sync(), file.Close()))
}

// holds wants the file to be there with the text.
func (f tree) holds(name, text string) {
	f.t.Helper()
	data, err := disk.ReadFile(f.FS, f.path(name))
	if err != nil || string(data) != text {
		f.t.Errorf("%s holds %q, %v; want %q", name, data, err, text)
	}
}

func (f tree) gone(name string) {
	f.t.Helper()
	_, err := f.Stat(f.path(name))
	f.fails(err, fs.ErrNotExist)
}

func testReadAndWrite(t *testing.T, f tree) {
	file := f.open("a", os.O_RDWR|os.O_CREATE|os.O_EXCL)
	large := bytes.Repeat([]byte("0123456789abcdef"), 5000)
	n, err := file.Write(large)
	if n != len(large) || err != nil {
		t.Fatal(n, err)
	}
	if n, err := file.WriteAt([]byte("XYZ"), 40000); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	copy(large[40000:], "XYZ")
	f.must(file.Sync())
	f.holds("a", string(large))
	p := make([]byte, 10)
	if n, err := file.ReadAt(p, int64(len(large))-4); n != 4 || err != io.EOF || string(p[:4]) != "cdef" {
		t.Errorf("ReadAt over the end: %d %v %q", n, err, p[:n])
	}
	if n, err := file.ReadAt(p, int64(len(large))); n != 0 || err != io.EOF {
		t.Errorf("ReadAt at the end: %d %v", n, err)
	}
	if n, err := file.Read(p); n != 0 || err != io.EOF {
		t.Errorf("Read at the end: %d %v", n, err)
	}
	if _, err := file.WriteAt([]byte("z"), int64(len(large))+3); err != nil {
		t.Fatal(err)
	}
	f.holds("a", string(large)+"\x00\x00\x00z")
	info, err := file.Stat()
	if err != nil || info.Size() != int64(len(large))+4 || info.Name() != "a" || info.IsDir() || !info.Mode().IsRegular() {
		t.Errorf("Stat: %v, %v", info, err)
	}
	if file.Name() != f.path("a") {
		t.Errorf("Name is %s", file.Name())
	}
}

func testOpenFlags(t *testing.T, f tree) {
	f.put("a", "old")
	_, err := f.OpenFile(f.path("a"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	f.fails(err, fs.ErrExist)
	f.must(f.open("a", os.O_RDWR|os.O_CREATE).Close())
	f.holds("a", "old")
	appending := f.open("a", os.O_WRONLY|os.O_APPEND)
	for _, s := range []string{"+", "more"} {
		if _, err := appending.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	f.holds("a", "old+more")
	if _, err := appending.WriteAt([]byte("x"), 0); err == nil {
		t.Error("WriteAt on a file opened for appending")
	}
	if _, err := appending.Read(make([]byte, 1)); err == nil {
		t.Error("read from a file opened for writing")
	}
	if _, err := f.open("a", os.O_RDONLY).Write([]byte("x")); err == nil {
		t.Error("wrote to a file opened for reading")
	}
	f.open("a", os.O_WRONLY|os.O_TRUNC)
	f.holds("a", "")
}

func testTruncate(t *testing.T, f tree) {
	file := f.open("a", os.O_RDWR|os.O_CREATE)
	if _, err := file.Write(bytes.Repeat([]byte("x"), 40000)); err != nil {
		t.Fatal(err)
	}
	f.must(errors.Join(file.Truncate(20000), file.Truncate(4), file.Truncate(6)))
	f.holds("a", "xxxx\x00\x00")
	f.must(errors.Join(file.Truncate(40000), file.Truncate(6)))
	f.holds("a", "xxxx\x00\x00")
	if err := file.Truncate(-1); err == nil {
		t.Error("Truncate(-1) went well")
	}
}

func testSeek(t *testing.T, f tree) {
	f.put("a", "0123456789")
	file := f.open("a", os.O_RDWR)
	for _, c := range []struct {
		offset int64
		whence int
		want   string
	}{{3, io.SeekStart, "34"}, {1, io.SeekCurrent, "67"}, {-2, io.SeekEnd, "89"}} {
		if _, err := file.Seek(c.offset, c.whence); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 2)
		if _, err := io.ReadFull(file, p); err != nil || string(p) != c.want {
			t.Errorf("after %+v read %q, %v", c, p, err)
		}
	}
	if _, err := file.Seek(-1, io.SeekStart); err == nil {
		t.Error("sought before the start")
	}
}

func testRename(t *testing.T, f tree) {
	f.put("a", "a")
	f.put("b", "b")
	f.must(f.MkdirAll(f.path("d")))
	f.must(f.Rename(f.path("a"), f.path("b")))
	f.gone("a")
	f.holds("b", "a")
	f.must(f.Rename(f.path("b"), f.path("d/c")))
	f.gone("b")
	f.holds("d/c", "a")
	f.must(f.Rename(f.path("d/c"), f.path("d/c")))
	f.holds("d/c", "a")
	f.fails(f.Rename(f.path("none"), f.path("x")), fs.ErrNotExist)
	f.fails(f.Rename(f.path("d/c"), f.path("none/x")), fs.ErrNotExist)
	if err := f.Rename(f.path("d/c"), f.path("d")); err == nil {
		t.Error("renamed a file to a directory")
	}
}

func testRenameDirectory(t *testing.T, f tree) {
	f.must(errors.Join(f.MkdirAll(f.path("d/e")), f.MkdirAll(f.path("full"))))
	f.put("d/e/a", "a")
	f.put("full/b", "b")
	if err := f.Rename(f.path("d"), f.path("full")); err == nil {
		t.Error("replaced a directory that is not empty")
	}
	if err := f.Rename(f.path("d"), f.path("d/e/x")); err == nil {
		t.Error("moved a directory into itself")
	}
	f.must(f.Rename(f.path("d"), f.path("g")))
	f.gone("d")
	f.holds("g/e/a", "a")
}

func testLink(t *testing.T, f tree) {
	f.put("a", "a")
	f.put("b", "b")
	f.fails(f.Link(f.path("a"), f.path("b")), fs.ErrExist)
	f.holds("b", "b")
	f.must(f.Link(f.path("a"), f.path("c")))
	file := f.open("c", os.O_WRONLY)
	if _, err := file.WriteAt([]byte("A"), 0); err != nil {
		t.Fatal(err)
	}
	f.must(f.Remove(f.path("a")))
	f.holds("c", "A")
	f.fails(f.Link(f.path("a"), f.path("d")), fs.ErrNotExist)
}

func testRemove(t *testing.T, f tree) {
	f.must(f.MkdirAll(f.path("d/e")))
	f.put("d/a", "a")
	f.fails(f.Remove(f.path("d")), syscall.ENOTEMPTY)
	f.must(f.Remove(f.path("d/e")))
	f.must(f.Remove(f.path("d/a")))
	f.fails(f.Remove(f.path("d/a")), fs.ErrNotExist)
	f.put("d/b", "b")
	f.must(f.RemoveAll(f.path("d")))
	f.gone("d")
	f.must(f.RemoveAll(f.path("d")))
	f.must(f.RemoveAll(f.path("d/e/f")))
}

func testOutlives(t *testing.T, f tree) {
	f.put("a", "text")
	file := f.open("a", os.O_RDWR)
	f.must(f.Remove(f.path("a")))
	p := make([]byte, 4)
	if _, err := file.ReadAt(p, 0); err != nil || string(p) != "text" {
		t.Errorf("read %q, %v from a removed file", p, err)
	}
	f.put("a", "other")
	if _, err := file.WriteAt([]byte("x"), 0); err != nil {
		t.Error(err)
	}
	f.holds("a", "other")
}

func testDirectories(t *testing.T, f tree) {
	f.must(f.MkdirAll(f.path("d/e/f")))
	f.must(f.MkdirAll(f.path("d/e/f")))
	f.put("d/b", "12345")
	f.put("d/a", "")
	list, err := f.ReadDir(f.path("d"))
	f.must(err)
	type entry struct {
		Name string
		Dir  bool
	}
	var got []entry
	for _, e := range list {
		got = append(got, entry{e.Name(), e.IsDir()})
	}
	if diff := cmp.Diff([]entry{{"a", false}, {"b", false}, {"e", true}}, got); diff != "" {
		t.Error(diff)
	}
	if info, err := list[1].Info(); err != nil || info.Size() != 5 {
		t.Errorf("Info: %v, %v", info, err)
	}
	if info, err := f.Stat(f.path("d")); err != nil || !info.IsDir() || info.Name() != "d" {
		t.Errorf("Stat: %v, %v", info, err)
	}
	f.must(f.SyncDir(f.path("d")))
	if err := f.MkdirAll(f.path("d/a/x")); err == nil {
		t.Error("made a directory below a file")
	}
	if _, err := f.ReadDir(f.path("d/a")); err == nil {
		t.Error("listed a file")
	}
	if free, err := f.Free(f.dir); err != nil || free <= 0 {
		t.Errorf("Free: %d, %v", free, err)
	}
}

func testLock(t *testing.T, f tree) {
	first, err := f.Lock(f.path("lock"))
	f.must(err)
	_, err = f.Lock(f.path("lock"))
	f.fails(err, disk.ErrLocked)
	var locked *disk.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("the holder is not told: %v", err)
	}
	other, err := f.Lock(f.path("other"))
	f.must(err)
	f.must(errors.Join(other.Close(), first.Close()))
	again, err := f.Lock(f.path("lock"))
	f.must(err)
	f.must(again.Close())
}

func testWriteFile(t *testing.T, f tree) {
	f.must(disk.WriteFile(f.FS, f.path("a"), []byte("one")))
	f.must(disk.WriteFile(f.FS, f.path("a"), []byte("two")))
	f.holds("a", "two")
	f.gone("a" + disk.TempSuffix)
	f.fails(disk.WriteFile(f.FS, f.path("none/a"), nil), fs.ErrNotExist)
}

func testMkdirAllDurable(t *testing.T, f tree) {
	f.must(disk.MkdirAllDurable(f.FS, f.path("a/b/c")))
	f.must(disk.MkdirAllDurable(f.FS, f.path("a/b/c")))
	f.put("a/b/c/x", "x")
	f.holds("a/b/c/x", "x")
	if err := disk.MkdirAllDurable(f.FS, f.path("a/b/c/x")); err == nil {
		t.Error("made a directory where a file is")
	}
}

func testMissing(t *testing.T, f tree) {
	_, err := disk.Open(f.FS, f.path("none"))
	f.fails(err, fs.ErrNotExist)
	_, err = disk.Create(f.FS, f.path("none/a"))
	f.fails(err, fs.ErrNotExist)
	_, err = f.ReadDir(f.path("none"))
	f.fails(err, fs.ErrNotExist)
	f.fails(f.SyncDir(f.path("none")), fs.ErrNotExist)
	_, err = f.Free(f.path("none"))
	f.fails(err, fs.ErrNotExist)
	_, err = f.Lock(f.path("none/lock"))
	f.fails(err, fs.ErrNotExist)
}

func testClosed(t *testing.T, f tree) {
	file := f.open("a", os.O_RDWR|os.O_CREATE)
	f.must(file.Close())
	f.fails(file.Close(), fs.ErrClosed)
	f.fails(file.Sync(), fs.ErrClosed)
	_, err := file.Write([]byte("x"))
	f.fails(err, fs.ErrClosed)
	_, err = file.ReadAt(make([]byte, 1), 0)
	f.fails(err, fs.ErrClosed)
}
