package backup_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

const (
	vaultDir = "/backups/lake"
	newDir   = "/lakes/new"
)

// sent is a file as a server sends it, or, kept, leaves it to the receiver, who has it.
type sent struct {
	path, text string
	modified   int64
	kept       bool
}

var (
	first  = []sent{{"state.db", "state 1", 10, false}, {"buckets/b/data/x", "object x", 11, false}, {"journal/wal/1.wal", "wal 1", 12, false}}
	second = []sent{{"state.db", "state 2, longer", 20, false}, {"buckets/b/data/x", "object x", 11, true}, {"buckets/b/data/y", "object y", 21, false}}
)

func sum(text string) uint32 {
	return crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli))
}

// stream is what a server sends.
func stream(t *testing.T, files []sent) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	write := func(name string, modified int64, text []byte) {
		h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), ModTime: time.Unix(0, modified), Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	encode := func(v any) []byte {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(text, "\n%08x\n", sum(string(text)))
	}
	write("begin.json", 0, encode(map[string]int{"Format": 1, "Files": len(files)}))
	list := backup.List{Format: 1, Begun: 5, Buckets: backup.BucketsCopied, Folders: []string{"buckets/b", "buckets/empty"}}
	for _, f := range files {
		file := backup.File{Path: f.path, Bytes: int64(len(f.text)), Modified: f.modified, CRC32C: sum(f.text)}
		if f.kept {
			file.In, file.CRC32C = -1, 0
		} else {
			write(f.path, f.modified, []byte(f.text))
		}
		list.Files = append(list.Files, file)
	}
	write("end.json", 0, encode(list))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func receive(t *testing.T, fsys disk.FS, bytesOf []byte) (*backup.List, error) {
	v, err := backup.OpenVault(fsys, vaultDir)
	if err != nil {
		return nil, err
	}
	list, err := v.Receive(t.Context(), bytes.NewReader(bytesOf), nil)
	return list, errors.Join(err, v.Close())
}

// holds restores the last backup and compares it, and gives which of the two it is.
func holds(t *testing.T, fsys disk.FS) int {
	t.Helper()
	if err := fsys.RemoveAll(newDir); err != nil {
		t.Fatal(err)
	}
	list, err := backup.Restore(t.Context(), fsys, vaultDir, newDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, fsys, list.Number)
	return list.Number
}

func compare(t *testing.T, fsys disk.FS, number int) {
	t.Helper()
	want := map[int][]sent{1: first, 2: second, 3: second}[number]
	for _, f := range want {
		at := filepath.Join(newDir, f.path)
		text, err := disk.ReadFile(fsys, at)
		info, statErr := fsys.Stat(at)
		if err := errors.Join(err, statErr); err != nil || string(text) != f.text || info.ModTime().UnixNano() != f.modified {
			t.Errorf("%s is %q, %v", f.path, text, err)
		}
	}
	if info, err := fsys.Stat(filepath.Join(newDir, "buckets/empty")); err != nil || !info.IsDir() {
		t.Errorf("the empty bucket: %v", err)
	}
	if _, err := fsys.Stat(filepath.Join(newDir, "journal/wal/1.wal")); (err == nil) != (number == 1) {
		t.Errorf("the WAL file of the first: %v", err)
	}
}

// TestReceiveFaults takes a second backup whose every call fails, undone or done, or is the last before the power cut. The
// folder holds the first or the second, whole; and the next one succeeds.
func TestReceiveFaults(t *testing.T) {
	rec := faulttest.New(t)
	clean := disk.NewFaulty(disk.NewCrashable())
	for _, s := range [][]sent{first, second} {
		if _, err := receive(t, clean, stream(t, s)); err != nil {
			t.Fatal(err)
		}
	}
	if n := holds(t, clean); n != 2 {
		t.Fatalf("it holds backup %d", n)
	}
	calls := 0
	for nth := 1; ; nth++ {
		for _, apply := range []bool{false, true} {
			for _, crash := range []bool{false, true} {
				mem := disk.NewCrashable()
				if _, err := receive(t, mem, stream(t, first)); err != nil {
					t.Fatal(err)
				}
				faulty := disk.NewFaulty(mem)
				hit := false
				faulty.Fail(disk.Rule{Nth: nth, Apply: apply, Then: func() {
					hit = true
					if crash {
						faulty.Fail(disk.Rule{Err: errors.New("the power is cut")})
						return
					}
					rec.Call(apply)
				}})
				_, err := receive(t, faulty, stream(t, second))
				if !hit {
					t.Logf("%d calls", calls)
					return
				}
				var left disk.FS = mem
				if crash {
					left = mem.Crash(uint64(nth))
				}
				n := holds(t, left)
				if err == nil && n != 2 {
					t.Errorf("call %d (done %t, crash %t): it succeeded, and backup %d is there", nth, apply, crash, n)
				}
				if _, err := receive(t, left, stream(t, second)); err != nil {
					t.Errorf("call %d (done %t, crash %t): the next one: %v", nth, apply, crash, err)
				}
				if got := holds(t, left); got != n+1 {
					t.Errorf("call %d (done %t, crash %t): the next one is %d after %d", nth, apply, crash, got, n)
				}
				calls++
			}
		}
	}
}

// TestRestoreFaults has every call of a restore fail or be the last. The folder is there whole or not at all, and the next
// restore succeeds.
func TestRestoreFaults(t *testing.T) {
	rec := faulttest.New(t)
	for nth := 1; ; nth++ {
		for _, apply := range []bool{false, true} {
			for _, crash := range []bool{false, true} {
				mem := disk.NewCrashable()
				if _, err := receive(t, mem, stream(t, first)); err != nil {
					t.Fatal(err)
				}
				faulty := disk.NewFaulty(mem)
				hit := false
				faulty.Fail(disk.Rule{Nth: nth, Apply: apply, Then: func() {
					hit = true
					if crash {
						faulty.Fail(disk.Rule{Err: errors.New("the power is cut")})
						return
					}
					rec.Call(apply)
				}})
				_, err := backup.Restore(t.Context(), faulty, vaultDir, newDir, nil)
				if !hit {
					t.Logf("%d calls", nth)
					return
				}
				var left disk.FS = mem
				if crash {
					left = mem.Crash(uint64(nth))
				}
				if entries, statErr := left.ReadDir(newDir); statErr == nil && len(entries) > 0 {
					compare(t, left, 1)
					continue
				} else if err == nil {
					t.Errorf("call %d (done %t, crash %t): it succeeded, and nothing is there", nth, apply, crash)
				}
				if _, err := backup.Restore(t.Context(), left, vaultDir, newDir, nil); err != nil {
					t.Errorf("call %d (done %t, crash %t): the next one: %v", nth, apply, crash, err)
				}
				compare(t, left, 1)
			}
		}
	}
}

// TestBroken cuts and changes a stream at every place: the former backup stays the last.
func TestBroken(t *testing.T) {
	whole := stream(t, second)
	step := 97
	for at := 0; at < len(whole); at += step {
		for name, text := range map[string][]byte{"cut": whole[:at], "changed": append(append(bytes.Clone(whole[:at]), whole[at]^1), whole[at+1:]...)} {
			mem := disk.NewCrashable()
			if _, err := receive(t, mem, stream(t, first)); err != nil {
				t.Fatal(err)
			}
			_, err := receive(t, mem, text)
			if n := holds(t, mem); err != nil && n != 1 || err == nil && (n != 2 || name == "cut" && at < len(whole)-1024-512) {
				t.Errorf("%s at %d of %d: %v, and backup %d is there", name, at, len(whole), err, n)
			}
		}
	}
}

// TestDamaged harms a backup on its disk: it is told, and nothing is restored.
func TestDamaged(t *testing.T) {
	for name, harm := range map[string]func(fsys disk.FS) error{
		"a file changed": func(fsys disk.FS) error {
			return disk.WriteFile(fsys, vaultDir+"/files/000001/state.db", []byte("State 1"))
		},
		"a file cut": func(fsys disk.FS) error {
			return disk.WriteFile(fsys, vaultDir+"/files/000001/state.db", []byte("state"))
		},
		"a file gone":  func(fsys disk.FS) error { return fsys.Remove(vaultDir + "/files/000001/buckets/b/data/x") },
		"the list cut": func(fsys disk.FS) error { return disk.WriteFile(fsys, vaultDir+"/backup.json", []byte("{}")) },
		"the list changed": func(fsys disk.FS) error {
			text, err := disk.ReadFile(fsys, vaultDir+"/backup.json")
			return errors.Join(err, disk.WriteFile(fsys, vaultDir+"/backup.json", bytes.Replace(text, []byte("data/x"), []byte("data/z"), 1)))
		},
		"the list gone": func(fsys disk.FS) error { return fsys.Remove(vaultDir + "/backup.json") },
		"a newer list": func(fsys disk.FS) error {
			text := `{"Format":2,"Number":1}`
			return disk.WriteFile(fsys, vaultDir+"/backup.json", fmt.Appendf(nil, "%s\n%08x\n", text, sum(text)))
		},
		"a list that leads out": func(fsys disk.FS) error {
			text := `{"Format":1,"Number":1,"Files":[{"Path":"../../x","In":1}]}`
			return disk.WriteFile(fsys, vaultDir+"/backup.json", fmt.Appendf(nil, "%s\n%08x\n", text, sum(text)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			mem := disk.NewCrashable()
			if _, err := receive(t, mem, stream(t, first)); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Verify(t.Context(), mem, vaultDir, nil); err != nil {
				t.Errorf("verify before it: %v", err)
			}
			if err := harm(mem); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Verify(t.Context(), mem, vaultDir, nil); err == nil {
				t.Error("it is verified")
			}
			if _, err := backup.Restore(t.Context(), mem, vaultDir, newDir, nil); err == nil {
				t.Error("it is restored")
			}
			if _, err := mem.Stat(newDir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the new folder: %v", err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	mem := disk.NewCrashable()
	if _, err := receive(t, mem, stream(t, first)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(mem.MkdirAll(newDir), disk.WriteFile(mem, newDir+"/x", nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), mem, vaultDir, newDir, nil); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("restore over something: %v", err)
	}
	if _, err := backup.OpenVault(mem, newDir); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("a vault in a folder of somebody: %v", err)
	}
	if _, err := backup.Restore(t.Context(), mem, "/nowhere", "/lakes/other", nil); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Errorf("restore of nothing: %v", err)
	}
	v, err := backup.OpenVault(mem, vaultDir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := backup.OpenVault(mem, vaultDir); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a second one meanwhile: %v", err)
	}
	for _, path := range []string{"../x", "/etc/passwd", "a/../../x"} {
		_, err := v.Receive(t.Context(), bytes.NewReader(stream(t, []sent{{path, "x", 1, false}})), nil)
		if err == nil || !strings.Contains(err.Error(), "no file of a lake") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := v.Receive(t.Context(), bytes.NewReader(stream(t, []sent{{"never/sent", "x", 1, true}})), nil); err == nil {
		t.Error("a file that nobody has was taken")
	}
}

// lateLock is a filesystem on which another backup comes to its end just before a lock is got.
type lateLock struct {
	disk.FS
	before func()
}

func (l lateLock) Lock(path string) (io.Closer, error) {
	l.before()
	return l.FS.Lock(path)
}

// TestVaultReadsUnderItsLock opens a vault while another backup into it ends: that one is the last.
func TestVaultReadsUnderItsLock(t *testing.T) {
	mem := disk.NewCrashable()
	v, err := backup.OpenVault(lateLock{mem, func() {
		other, err := backup.OpenVault(mem, vaultDir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Receive(t.Context(), bytes.NewReader(stream(t, first)), nil); err != nil {
			t.Fatal(err)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	}}, vaultDir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if v.Last() == nil || len(v.Have()) != 8*len(first) {
		t.Errorf("the last backup is %+v", v.Last())
	}
	if _, err := v.Receive(t.Context(), bytes.NewReader(nil), nil); err == nil {
		t.Error("a backup that broke off is one")
	}
	if _, err := backup.Verify(t.Context(), mem, vaultDir, nil); err != nil {
		t.Error(err)
	}
}

// TestMarksAreBounded has more files in a vault than a request tells of: it stays below what a server reads of one.
func TestMarksAreBounded(t *testing.T) {
	marks := make(backup.Marks, 8<<20-8)
	marks.Add("fits")
	marks.Add("does not")
	text, err := json.Marshal(backup.Request{Have: marks})
	if err != nil || len(marks) != 8<<20 || len(text) > 12<<20 {
		t.Errorf("%d bytes of marks, and a request of %d, %v", len(marks), len(text), err)
	}
}
