// Package faulttest has the table of the program's writes, and holds tests to it. A write is whatever changes something
// that lasts: calls of the disk, transactions of the state, calls of a store. Each has a row in table.txt, which names
// the test that fails it both ways, undone and done. Two tests make that true:
//
//   - `go test ./internal/house -run TestWrites` finds the writes in the source, and fails on one without a row, on a row
//     without a write, and on a row whose test is not there;
//   - the test that a row names has a Recorder. It sees on the stack of each call that the test lets fail whose it is, and
//     fails the test at its end when a row that names it was not hit both ways.
//
// A test that visits only a part of its cases in everyday runs says so by Choice; with the flag -full it visits all, and
// is held to the table. `make faults` runs them all so.
package faulttest

import (
	_ "embed"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

//go:embed table.txt
var table string

const module = "github.com/loglake/loglake/"

var full = flag.Bool("full", false, "visit every case of the fault tables")

// Full tells whether every case is to be visited.
func Full() bool { return *full }

// Row is one write of the program: a kind of call in a function.
type Row struct {
	Folder   string // of the package
	Function string // as the runtime names it, without the package: "(*Log).Append"
	Call     string // a disk.Op, "WriteFile" or "MkdirAllDurable" of package disk, "tx:NAME", or "store:METHOD"
	Lines    int    // lines of the function that make the call
	Test     string // its test: "FOLDER.TestName"
}

func (r Row) String() string { return fmt.Sprintf("%s %s %s", r.Folder, r.Function, r.Call) }

// Rows reads the table. A line has the fields of a Row, with space between; "#" begins a comment.
func Rows() (rows []Row, err error) {
	for n, line := range strings.Split(table, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		var r Row
		if len(fields) != 5 {
			return nil, fmt.Errorf("table.txt:%d: %d fields, want 5", n+1, len(fields))
		}
		r.Folder, r.Function, r.Call, r.Test = fields[0], fields[1], fields[2], fields[4]
		if _, err := fmt.Sscan(fields[3], &r.Lines); err != nil {
			return nil, fmt.Errorf("table.txt:%d: %w", n+1, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// Recorder notes which writes a test has failed. Its methods may be called concurrently. A nil one notes nothing.
type Recorder struct {
	rows []Row

	mu     sync.Mutex
	choice bool
	hits   map[hit]*both
}

// hit is one line of a row. Of WriteFile and MkdirAllDurable each call within counts for itself.
type hit struct {
	row  int
	call string // "sync", also within WriteFile
	line int
}

type both struct{ undone, done bool }

// New gives the recorder of a test, which ends with its judgement.
func New(t *testing.T) *Recorder {
	t.Helper()
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	r := &Recorder{rows: rows, hits: map[hit]*both{}}
	pc, _, _, _ := runtime.Caller(1)
	folder, _ := place(runtime.FuncForPC(pc).Name())
	t.Cleanup(func() { r.judge(t, strings.TrimSuffix(folder, "_test")+"."+t.Name()) })
	return r
}

// Choice says that this run visits a part of the test's cases only.
func (r *Recorder) Choice() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.choice = true
}

// Call notes that the call under way on this goroutine, of a disk.Faulty, of a storetest.Faulty or of a test's own store,
// fails; with apply after it was done. It is for a Rule's Then, and for a storetest.Faulty's Fault.
func (r *Recorder) Call(apply bool) {
	if r == nil {
		return
	}
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	call, within := "", ""
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		folder, function := place(f.Function)
		name := function[strings.LastIndex(function, ".")+1:]
		switch {
		case folder == "internal/disk" && call == "":
			call = diskCalls[name]
			if !strings.HasPrefix(function, "(*Faulty).") && !strings.HasPrefix(function, "(*faultyFile).") {
				call = ""
			}
		case folder == "internal/disk" && parts[function] != nil:
			within = function
		case folder == "store/storetest" && call == "" && strings.HasPrefix(function, "(*Faulty).") && name != "do":
			call = "store:" + name
		case strings.HasSuffix(folder, "_test") && call == "" && slices.Contains(storeCalls, name):
			call = "store:" + name
		case folder != "" && call != "" && r.note(folder, function, call, within, f.Line, apply):
			return
		}
	}
}

// diskCalls are the methods of a disk.Faulty and its files, and what a row calls them.
var diskCalls = map[string]string{
	"OpenFile": "create", "Rename": "rename", "Link": "link", "Remove": "remove", "RemoveAll": "remove", "MkdirAll": "mkdir", "SyncDir": "syncdir",
	"Write": "write", "WriteAt": "write", "Truncate": "truncate", "Sync": "sync",
}

// storeCalls are the methods of a store that change something.
var storeCalls = []string{
	"CreateBucket", "DeleteBucket", "Put", "PutFile", "Delete", "PutDocument", "DeleteDocument",
	"CreateUpload", "PutPart", "CompleteUpload", "AbortUpload",
}

// parts are the calls that the functions of package disk are made of.
var parts = map[string][]string{
	"WriteFile":       {"create", "write", "sync", "rename", "syncdir"},
	"MkdirAllDurable": {"mkdir", "syncdir"},
}

// place takes a runtime's name of a function of the module apart, and leaves out what closures add. folder is "" for one
// of another module.
func place(name string) (folder, function string) {
	name, inside := strings.CutPrefix(name, module)
	if !inside {
		return "", name
	}
	slash := strings.LastIndex(name, "/") + 1
	dot := slash + strings.Index(name[slash:], ".")
	folder, function = name[:dot], strings.ReplaceAll(name[dot+1:], "[...]", "")
	for _, closure := range []string{".func", "-range", "-fm", ".deferwrap", ".gowrap"} {
		function, _, _ = strings.Cut(function, closure)
	}
	return folder, function
}

func (r *Recorder) note(folder, function, call, within string, line int, apply bool) bool {
	wanted := call
	if within != "" {
		wanted = within
	}
	i := slices.IndexFunc(r.rows, func(row Row) bool { return row.Folder == folder && row.Function == function && row.Call == wanted })
	if i >= 0 {
		r.hit(hit{i, call, line}, apply)
	}
	return i >= 0
}

func (r *Recorder) hit(h hit, apply bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.hits[h]
	if b == nil {
		b = &both{}
		r.hits[h] = b
	}
	b.done = b.done || apply
	b.undone = b.undone || !apply
}

// State wraps the Fault of a state.Config, so that transactions that it fails are noted.
func (r *Recorder) State(fault func(name string) (apply bool, err error)) func(name string) (apply bool, err error) {
	return func(name string) (bool, error) {
		apply, err := fault(name)
		if err != nil {
			r.Transaction(name, apply)
		}
		return apply, err
	}
}

// Transaction notes that a transaction of the state fails.
func (r *Recorder) Transaction(name string, apply bool) {
	if r == nil {
		return
	}
	for i, row := range r.rows {
		if row.Call == "tx:"+name {
			r.hit(hit{row: i, call: row.Call}, apply)
		}
	}
}

func (r *Recorder) judge(t *testing.T, test string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.choice || t.Skipped() || t.Failed() {
		return
	}
	for i, row := range r.rows {
		if row.Test != test {
			continue
		}
		calls := parts[row.Call]
		if calls == nil {
			calls = []string{row.Call}
		}
		for _, call := range calls {
			undone, done := 0, 0
			for h, b := range r.hits {
				if h.row != i || h.call != call {
					continue
				}
				if b.undone {
					undone++
				}
				if b.done {
					done++
				}
			}
			if min(undone, done) < row.Lines {
				t.Errorf("the table names this test for %s; of its %d lines it failed %s undone at %d, done at %d", row, row.Lines, call, undone, done)
			}
		}
	}
}
