package server_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

var caseFlag = flag.String("case", "", "visit the cases alone whose names begin with this")

// way is how a call goes wrong.
type way struct {
	name  string
	apply bool // it is done all the same
	crash bool // it is the last before the machine stops
}

var ways = []way{{"fails undone", false, false}, {"fails done", true, false}, {"crash before", false, true}, {"crash after", true, true}}

// site is a class of calls that change something: of the disk by operation and pattern of the path, or of the state by
// the transaction's name.
type site struct {
	op   disk.Op // "tx": a transaction
	path string  // below the folder, or the transaction's name
}

const opTransaction disk.Op = "tx"

func (s site) String() string { return string(s.op) + " " + s.path }

// fault is a case of the table: the nth call of a site goes wrong in a way.
type fault struct {
	site site
	nth  int
	way  way
	lost bool // the state goes with the power

	record *faulttest.Recorder
}

func (f fault) String() string { return fmt.Sprintf("%s #%d %s", f.site, f.nth, f.way.name) }

// machine is a computer on which a fault is to happen.
type machine struct {
	*disktest.Machine
	hit atomic.Bool // the fault has happened

	mu    sync.Mutex
	fault fault
	txs   map[string]int // transactions by name
}

func newMachine(on *disktest.Machine, f fault) *machine {
	m := &machine{Machine: on, fault: f, txs: map[string]int{}}
	if f.nth > 0 && f.site.op != opTransaction {
		m.FS.Fail(disk.Rule{Op: f.site.op, Path: filepath.Join(m.Dir, f.site.path), Nth: f.nth, Apply: f.way.apply, Then: m.happened})
	}
	return m
}

// happened stops the machine where the fault is a crash.
func (m *machine) happened() {
	m.hit.Store(true)
	switch {
	case m.fault.way.crash:
		m.Cut()
	case m.fault.site.op == opTransaction:
		m.fault.record.Transaction(m.fault.site.path, m.fault.way.apply)
	default:
		m.fault.record.Call(m.fault.way.apply)
	}
}

// transaction decides the fate of a state transaction.
func (m *machine) transaction(name string) (apply bool, err error) {
	m.mu.Lock()
	m.txs[name]++
	n := m.txs[name]
	m.mu.Unlock()
	if m.fault.site == (site{opTransaction, name}) && n == m.fault.nth {
		m.happened()
		return m.fault.way.apply, errors.New("injected")
	}
	return m.Transaction(name)
}

// survivor is the machine after a power cut of a seed, without faults, on a folder of its own.
func (m *machine) survivor(t *testing.T, dir string, seed uint64, stop context.CancelFunc) *machine {
	t.Helper()
	s, err := m.Survivor(dir, seed, stop)
	if err != nil {
		t.Fatal(err)
	}
	return newMachine(s, fault{})
}

// described is the name of an object's description: by the hash of its key, its time and its size.
var described = regexp.MustCompile(`descriptions/[^/]+/[^/]+\.json`)

var variable = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}|[0-9a-f]{16,}|[0-9]+`)

// sites gives every class of calls that a machine saw, with how many there were.
func (m *machine) sites() map[site]int {
	count := map[site]int{}
	calls := m.FS.Calls()
	below := func(name string) string {
		rel, err := filepath.Rel(m.Dir, name)
		if err != nil || strings.HasPrefix(rel, "..") {
			return ""
		}
		return rel
	}
	for _, c := range calls {
		if rel := below(c.Path); rel != "" {
			rel = described.ReplaceAllString(variable.ReplaceAllString(rel, "*"), "descriptions/*/*.json")
			count[site{c.Op, strings.ReplaceAll(rel, "**", "*")}] = 0
		}
	}
	for s := range count {
		for _, c := range calls {
			here, _ := path.Match(s.path, below(c.Path))
			there, _ := path.Match(s.path, below(c.To))
			if c.Op == s.op && (here || c.To != "" && there) {
				count[s]++
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, n := range m.txs {
		count[site{opTransaction, name}] = n
	}
	return count
}

// table gives the cases: all, or of each site one, with nth and way that differ from site to site.
func table(count map[site]int, full bool) (cases []fault) {
	sites := make([]site, 0, len(count))
	for s := range count {
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b site) int { return strings.Compare(a.String(), b.String()) })
	for i, s := range sites {
		if !full {
			cases = append(cases, fault{site: s, nth: 1 + i*7%count[s], way: ways[i%len(ways)]})
			continue
		}
		for nth := 1; nth <= count[s]; nth++ {
			for _, w := range ways {
				cases = append(cases, fault{site: s, nth: nth, way: w})
			}
		}
	}
	return cases
}

// TestFaults lets each call of a life that changes something fail, or be the last before the power is cut, before or
// after it is done: put, journal, settle, stage, put object, commit, release, and each state transaction. A clean life
// is counted first, so that no call is outside the table. -full visits all cases; -v names the classes of calls.
func TestFaults(t *testing.T) {
	if testing.Short() && !faulttest.Full() {
		t.Skip("takes seconds: left out by -short")
	}
	root, record := t.TempDir(), faulttest.New(t)
	clean := oneFault(t, root, "clean", fault{})
	count := clean.sites()
	cases := table(count, faulttest.Full() || *caseFlag != "")
	if *caseFlag != "" {
		cases = slices.DeleteFunc(cases, func(f fault) bool { return !strings.HasPrefix(f.String(), *caseFlag) })
	}
	if !faulttest.Full() || *caseFlag != "" {
		record.Choice()
	}
	var missed atomic.Int64
	visited := map[site]int{}
	const parallel = 6 // most of a case is waiting, for a retry or for the disk under SQLite
	var group sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i, f := range cases {
		f.record = record
		visited[f.site]++
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if t.Failed() {
				return
			}
			t.Run(f.String(), func(t *testing.T) {
				if m := oneFault(t, root, fmt.Sprint("case", i), f); m != nil && !m.hit.Load() {
					missed.Add(1)
				}
				if t.Failed() {
					t.Logf("again: go test ./server -run TestFaults -case '%s'", f)
				}
			})
		})
	}
	group.Wait()
	var names bytes.Buffer
	for s, n := range count {
		fmt.Fprintf(&names, "\n%4d calls, %4d cases  %s", n, visited[s], s)
	}
	lines := strings.Split(names.String(), "\n")
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[min(len(a), 24):], b[min(len(b), 24):]) })
	t.Logf("%d classes of calls, %d cases, %d of which were not reached in their run:%s", len(count), len(cases), missed.Load(), strings.Join(lines, "\n"))
	if missed.Load() > int64(len(cases)/4) {
		t.Errorf("%d of %d cases were not reached: lives differ too much for the table to mean anything", missed.Load(), len(cases))
	}
}
