package capture_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/capture"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

// life is a run that fills several segments while the server is away, syncs, and sends them when it is back.
type life struct {
	fs      *disk.Faulty
	lake    *lake
	crashed atomic.Bool
	written []string
	synced  int // so many of written are on the disk
}

func (v *life) config() capture.Config {
	return capture.Config{Group: "/g", Stream: "s", Wire: v.lake, Server: "x", FS: v.fs, Dir: "spool", SpoolBytesMax: capture.SpoolBytesMin,
		FlushTimeout: 10 * time.Second}
}

func (v *life) run(t *testing.T) capture.Summary {
	v.lake.setDown(true)
	w, end := opened(t, v.config())
	say := func() {
		for range 6 {
			line := fmt.Sprintf("%d %s", len(v.written), strings.Repeat("x", 20<<10))
			v.written = append(v.written, line)
			w.say("%s\n", line)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !v.crashed.Load() {
			v.synced = len(v.written)
		}
	}
	say()
	say()
	v.lake.setDown(v.crashed.Load())
	time.Sleep(40 * time.Second) // longer than any pause
	say()
	return end()
}

// A disk of which any one call fails, before it is done or after, and then removals too, costs nothing while the process
// lives.
func TestSpoolFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for nth := 1; spoolFault(t, nth, func(v *life) disk.Rule {
			return disk.Rule{Nth: nth, Apply: apply, Then: func() { rec.Call(apply) }}
		}); nth++ {
		}
		for nth := 1; spoolFault(t, nth, func(v *life) disk.Rule {
			return disk.Rule{Nth: nth, Then: func() {
				v.fs.Fail(disk.Rule{Op: disk.OpRemove, Nth: 1, Apply: apply, Then: func() { rec.Call(apply) }})
			}}
		}); nth++ {
		}
	}
}

// spoolFault lives a life with a fault, and tells whether it came to that.
func spoolFault(t *testing.T, nth int, fault func(v *life) disk.Rule) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
		rule := fault(&v)
		then := rule.Then
		rule.Then = func() { reached = true; then() }
		v.fs.Fail(rule)
		sum := v.run(t)
		if diff := cmp.Diff(v.written, v.lake.messages()); diff != "" || sum.Left != 0 || sum.Dropped.Lines != 0 {
			t.Errorf("call %d fails (done: %t): %d of %d lines, %+v", nth, rule.Apply, len(v.lake.events), len(v.written), sum)
		}
	})
	return reached
}

// After a sync that failed, once, what is appended and synced afterwards survives a power cut: it does not rest on the
// file whose sync failed.
func TestFailedSync(t *testing.T) {
	for _, path := range []string{"*.seg", "spool.json.tmp", "acked.tmp"} {
		synctest.Test(t, func(t *testing.T) {
			memory := disk.NewCrashable()
			v := life{fs: disk.NewFaulty(memory), lake: newLake(t)}
			notices, hit := &told{}, false
			v.fs.Fail(disk.Rule{Op: disk.OpSync, Path: path, Nth: 1, Then: func() { hit = true }})
			if path == "acked.tmp" {
				v.lake.setDown(false)
			} else {
				v.lake.setDown(true)
			}
			config := v.config()
			config.OnNotice = notices.take
			w, end := opened(t, config)
			say := func(line string) {
				w.say("%s\n", line)
				time.Sleep(5 * time.Second)
				synctest.Wait()
			}
			say("before")
			v.lake.setDown(true)
			say("after")
			if !hit || !strings.Contains(notices.String(), "disk failed") {
				t.Errorf("%s: sync failed %v, told %s", path, hit, notices)
			}
			left := memory.Crash(disk.SeedLoseAll)
			if path == "spool.json.tmp" {
				v.lake.setDown(false)
				end()
				return // without its label there is no folder: it is in memory, and says so
			}
			end()
			v.fs = disk.NewFaulty(left)
			v.lake.setDown(false)
			_, end = opened(t, v.config())
			end()
			if came := strings.Join(v.lake.messages(), " "); !strings.Contains(came, "after") || strings.Count(came, "before") > 1 {
				t.Errorf("%s: after the power cut came %q", path, came)
			}
		})
	}
}

// A power cut at any call: what was synced comes once, and nothing comes twice or under a position of something else.
func TestSpoolPowerCut(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{disk.SeedLoseAll, disk.SeedKeepAll, 7} {
		for nth := 1; ; nth++ {
			reached := false
			synctest.Test(t, func(t *testing.T) {
				memory := disk.NewCrashable()
				v := life{fs: disk.NewFaulty(memory), lake: newLake(t)}
				var left *disk.Crashable
				v.fs.Fail(disk.Rule{Nth: nth, Then: func() {
					if !v.crashed.Swap(true) {
						left = memory.Crash(seed)
						v.lake.setDown(true) // the machine is gone; what of it goes on here reaches nobody
					}
				}})
				v.run(t)
				if reached = v.crashed.Load(); !reached {
					return
				}
				v.fs = disk.NewFaulty(left)
				v.lake.setDown(false)
				_, end := opened(t, v.config())
				end()
				v.verify(t, nth, seed)
				entries, _ := left.ReadDir("spool") // not there: nothing stays
				for _, e := range entries {
					if e.IsDir() {
						t.Errorf("call %d, seed %d: %v stays", nth, seed, e)
					}
				}
			})
			if !reached {
				break
			}
		}
	}
}

func (v *life) verify(t *testing.T, nth int, seed uint64) {
	t.Helper()
	came := map[string]int{}
	for _, message := range v.lake.messages() {
		if came[message]++; came[message] > 1 {
			t.Errorf("call %d, seed %d: %.10q came twice", nth, seed, message)
		}
	}
	for i, line := range v.written[:v.synced] {
		if came[line] == 0 {
			t.Errorf("call %d, seed %d: line %d was synced and did not come", nth, seed, i)
		}
	}
}

// A disk that is full, or not there, has lines wait in memory, and says so.
func TestNoDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
		v.fs.Fail(disk.Rule{Op: disk.OpMkdir}) // a read-only root
		notices := &told{}
		config := v.config()
		config.OnNotice = notices.take
		w, end := opened(t, config)
		w.say("one\n")
		if sum := end(); sum.Sent != 1 || !sum.InMemory || notices.String() != "disk failed" {
			t.Errorf("%+v, told %s", sum, notices)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
		v.lake.down = true
		notices := &told{}
		config := v.config()
		config.OnNotice, config.SpoolBytesMax = notices.take, 0
		w, end := opened(t, config)
		say := func(n int) {
			for range n {
				w.say("%s\n", strings.Repeat("x", 20<<10))
			}
			time.Sleep(5 * time.Second)
		}
		say(4)
		v.fs.Fill(30 << 10)
		say(100)
		v.fs.Enlarge()
		say(100)
		v.lake.setDown(false)
		if sum := end(); sum.Sent != 204 || sum.Left != 0 {
			t.Errorf("%+v", sum)
		}
		if got := notices.String(); !strings.Contains(got, "disk failed") || !strings.Contains(got, "disk back") {
			t.Errorf("told %s", got)
		}
	})
}

// A spool in use is left alone, and garbage in a spool's folder harms nobody.
func TestStrangeFolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := disk.NewCrashable()
		v := life{fs: disk.NewFaulty(fs), lake: newLake(t)}
		w, end := opened(t, v.config())
		w.say("one\n")
		synctest.Wait() // its own spool is there, and others it has looked for
		write := func(name, text string) {
			t.Helper()
			if err := fs.MkdirAll(filepath.Dir(name)); err != nil {
				t.Fatal(err)
			}
			if err := disk.WriteFile(fs, name, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		home := `{"version":1,"server":"x","group":"/g","stream":"s"}`
		write("spool/garbage/spool.json", "{")
		write("spool/later/spool.json", `{"version":2,"server":"x"}`)
		write("spool/empty/other", "")
		write("spool/torn/spool.json", home)
		write("spool/torn/00000000000000000000.seg", string(capture.AppendSegment(nil, 0, capture.Event{Time: 1, Message: []byte("zero")}))+"torn")
		write("spool/torn/00000000000000000005.seg", string(capture.AppendSegment(nil, 5, capture.Event{Time: 1, Message: []byte("five")})))
		write("spool/torn/00000000000000000009.seg", "LLSP")
		write("spool/torn/acked", "no number")
		write("spool/stray", "")
		notices := &told{}
		config := v.config()
		config.OnNotice = notices.take
		_, end2 := opened(t, config)
		if sum := end2(); sum.Adopted != 2 {
			t.Errorf("%+v, told %s", sum, notices)
		}
		if sum := end(); sum.Sent != 1 {
			t.Errorf("%+v", sum)
		}
		if diff := cmp.Diff(map[string]int{"/g s": 3}, v.lake.stream); diff != "" {
			t.Error(diff)
		}
		for name, stays := range map[string]bool{"garbage": true, "later": true, "empty": false, "torn": false, "stray": true} {
			if _, err := fs.Stat("spool/" + name); (err == nil) != stays {
				t.Errorf("%s: %v, told %s", name, err, notices)
			}
		}
	})
}

// A disk that can't be read for a moment does not shift positions: what is sent is what the server does not have.
func TestReadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
		if err := v.fs.MkdirAll("spool/left"); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"spool.json": `{"version":1,"server":"x","group":"/g","stream":"s"}`,
			"acked":      "1",
			"00000000000000000000.seg": string(capture.AppendSegment(nil, 0, capture.Event{Time: 1, Message: []byte("zero")},
				capture.Event{Time: 1, Message: []byte("one")}, capture.Event{Time: 1, Message: []byte("two")})),
		} {
			if err := disk.WriteFile(v.fs, "spool/left/"+name, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		v.fs.Fail(disk.Rule{Op: disk.OpRead, Path: "*.seg", Nth: 2}) // the first is of the header
		_, end := opened(t, v.config())
		time.Sleep(time.Minute)
		if sum := end(); sum.Adopted != 2 {
			t.Errorf("%+v", sum)
		}
		if diff := cmp.Diff([]string{"one", "two"}, v.lake.messages()); diff != "" {
			t.Error(diff)
		}
	})
}

// Two runs that find the same leftover at once may both remove its lock. That is no failure of the disk.
func TestLockRemovedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
		v.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*.lock", Apply: true, Err: fs.ErrNotExist})
		notices := &told{}
		config := v.config()
		config.OnNotice = notices.take
		_, end := opened(t, config)
		if sum := end(); notices.String() != "" {
			t.Errorf("%+v, told %s", sum, notices)
		}
	})
}

// TestFlippedBits flips a bit of each byte of a spool that was left: a line at most is lost where the damage is in a line or
// its checksum, and told; what is sent is sent once, and under its own position.
func TestFlippedBits(t *testing.T) {
	const first, second = "00000000000000000000.seg", "00000000000000000004.seg"
	event := func(i int) capture.Event {
		return capture.Event{Time: int64(1000 + i), Message: fmt.Append(nil, "line ", i)}
	}
	files := map[string][]byte{
		first:  capture.AppendSegment(nil, 0, event(0), event(1), event(2), event(3)),
		second: capture.AppendSegment(nil, 4, event(4), event(5)),
	}
	const header, record, length = 16, 16 + 6, 4
	for _, name := range []string{first, second} {
		for at := range files[name] {
			synctest.Test(t, func(t *testing.T) {
				v := life{fs: disk.NewFaulty(disk.NewCrashable()), lake: newLake(t)}
				if err := v.fs.MkdirAll("spool/left"); err != nil {
					t.Fatal(err)
				}
				all := map[string][]byte{"spool.json": []byte(`{"version":1,"server":"x","group":"/g","stream":"s"}`), "acked": []byte("1")}
				for n, b := range files {
					all[n] = slices.Clone(b)
				}
				all[name][at] ^= 1
				for n, b := range all {
					if err := disk.WriteFile(v.fs, "spool/left/"+n, b); err != nil {
						t.Fatal(err)
					}
				}
				notices := &told{}
				config := v.config()
				config.OnNotice = notices.take
				_, end := opened(t, config)
				time.Sleep(time.Minute)
				sum := end()
				lost := lostLines(name == first, at, header, record, length)
				var want, came []string
				for i := 1; i < 6; i++ {
					if !slices.Contains(lost, i) {
						want = append(want, fmt.Sprint("line ", i))
					}
				}
				for _, m := range v.lake.messages() {
					if !strings.Contains(m, "dropped") {
						came = append(came, m)
					}
				}
				if diff := cmp.Diff(want, came); diff != "" {
					t.Errorf("%s, byte %d: %s told %s", name, at, diff, notices)
				}
				isTold := sum.Dropped.Lines == int64(len(lost))
				if slices.Contains(lost, 5) { // nobody can tell a damaged end from one that was not written whole
					isTold = strings.Contains(notices.String(), "spool torn")
				}
				if !isTold {
					t.Errorf("%s, byte %d: %v are lost, and %d are told: %s", name, at, lost, sum.Dropped.Lines, notices)
				}
			})
		}
	}
}

// lostLines gives the lines, of 1 to 5, that a flipped bit costs.
func lostLines(ofFirst bool, at, header, record, length int) (lost []int) {
	if at < header {
		return nil
	}
	line, end := (at-header)/record, 4
	if !ofFirst {
		line, end = line+4, 6
	}
	lost = []int{line}
	if (at-header)%record < length { // where the next line begins is not known any more
		for i := line + 1; i < end; i++ {
			lost = append(lost, i)
		}
	}
	return slices.DeleteFunc(lost, func(i int) bool { return i < 1 || i >= end })
}
