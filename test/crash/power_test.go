package crash

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/server"
)

// powered is a loglake in this process on a machine whose power is cut. What ran when it was cut goes on running into
// errors, without an answer to anybody; what comes next runs on what the disk remembers.
type powered struct {
	t    *testing.T
	log  *events
	wire *wire

	at      endpoints
	machine *disktest.Machine
	down    chan struct{} // closed when the machine's power is cut
	cuts    []string      // at what they came

	mu  sync.Mutex
	txs int // transactions until the power is cut at one of them; 0: none is
	way bool

	stopRun context.CancelFunc
	ended   chan error
}

// power is what is small in these lives, so that they are full of events: a write-ahead file.
const powerJournalBytes = 24 << 10

func newPowered(t *testing.T, seed uint64, w *wire, log *events) *powered {
	p := &powered{t: t, wire: w, log: log, at: addresses(seed)}
	p.down = make(chan struct{})
	var err error
	if p.machine, err = disktest.NewMachine(filepath.Join(t.ArtifactDir(), "lake"), p.closeDown(p.down)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.stopRun != nil {
			p.stopRun()
		}
	})
	return p
}

// closeDown is what a machine does when its power is cut.
func (p *powered) closeDown(down chan struct{}) func() { return func() { close(down) } }

func (p *powered) String() string {
	return fmt.Sprintf("%d cuts (%s)", len(p.cuts), strings.Join(p.cuts, ", "))
}

func (p *powered) config() server.Config {
	return server.Config{
		Dir: p.machine.Dir, FS: p.machine.FS, StateFault: p.transaction, JournalBytes: powerJournalBytes,
		AWSAddr: strings.TrimPrefix(p.at.AWS, "http://"), HTTPAddr: strings.TrimPrefix(p.at.HTTP, "http://"),
		Home:    loglake.Home{Account: "000000000000", Region: "us-east-1"},
		OnEvent: func(e server.Event) { p.log.add("%s: %s: %v", e.Part, e.Text, e.Err) },
	}
}

// transaction decides the fate of a state transaction.
func (p *powered) transaction(name string) (apply bool, err error) {
	p.mu.Lock()
	here, apply, m := p.txs == 1, p.way, p.machine
	p.txs = max(p.txs-1, 0)
	p.mu.Unlock()
	if here && !m.Down() {
		p.cut(m, "transaction "+name, apply)
		return apply, disktest.ErrDown
	}
	return m.Transaction(name)
}

// cut cuts the power. Nobody is answered any more before anything fails.
func (p *powered) cut(m *disktest.Machine, what string, done bool) {
	p.wire.cut()
	m.Cut()
	p.log.add("the power was cut at %s, done: %t", what, done)
}

// launch opens the lake and serves; false where the power is cut before it is ready.
func (p *powered) launch() bool {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := server.Open(ctx, p.config())
	if err != nil {
		cancel()
		if !p.machine.Down() {
			p.t.Fatalf("open: %v", err)
		}
		return false
	}
	p.wire.mend()
	ready := make(chan server.Endpoints, 1)
	p.ended, p.stopRun = make(chan error, 1), cancel
	go func() {
		err := s.Run(ctx, func(e server.Endpoints) { ready <- e })
		p.ended <- errors.Join(err, s.Close())
	}()
	late := time.AfterFunc(startMax, cancel)
	defer late.Stop()
	select {
	case e := <-ready:
		p.at = endpoints(e)
		p.log.add("the server is ready")
		return true
	case err := <-p.ended:
		p.stopRun = nil
		if !p.machine.Down() {
			p.t.Fatalf("run: %v", err)
		}
		return false
	}
}

func (p *powered) up() endpoints {
	p.t.Helper()
	if !p.launch() {
		p.t.Fatal("the lake fell when nobody had touched it")
	}
	return p.at
}

// cutMax is when the power is cut at the latest, whatever is done then.
const cutMax = 400 * time.Millisecond

// ops are the kinds of calls at which the power is cut; "": any, "tx": a transaction.
var ops = []disk.Op{"", opTransaction, opTransaction, disk.OpCreate, disk.OpWrite, disk.OpWrite, disk.OpSync, disk.OpSync, disk.OpRename, disk.OpLink,
	disk.OpRemove, disk.OpMkdir, disk.OpSyncDir, disk.OpSyncDir, disk.OpTruncate}

const opTransaction disk.Op = "tx"

// arm has the power cut at a call to come.
func (p *powered) arm(rng *rand.Rand, callsMax float64) {
	op, nth, done := ops[rng.IntN(len(ops))], int(math.Exp(rng.Float64()*math.Log(callsMax))), rng.IntN(2) == 0
	p.log.add("armed: %s %d, done: %t", op, nth, done)
	if op == opTransaction {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.txs, p.way = nth, done
		return
	}
	m := p.machine
	m.FS.Fail(disk.Rule{Op: op, Nth: nth, Apply: done, Err: disktest.ErrDown, Then: func() { p.cut(m, string(op), done) }})
}

// fall cuts the power, of the recovery too now and then.
func (p *powered) fall(rng *rand.Rand) {
	p.t.Helper()
	const loaded, recovering = 200, 30 // calls
	p.arm(rng, loaded)
	for up := true; ; {
		m := p.machine
		late := time.AfterFunc(cutMax, func() { p.cut(m, "a moment", false) })
		if up {
			<-p.down
			p.await()
		}
		late.Stop()
		p.survive(rng)
		again := rng.IntN(3) == 0
		if again {
			p.arm(rng, recovering)
		}
		if up = p.launch(); up && !again {
			return
		}
	}
}

// await waits for the end of what runs on a machine that is down.
func (p *powered) await() {
	p.t.Helper()
	p.stopRun()
	slow := time.AfterFunc(2*time.Second, func() {
		stacks := make([]byte, 1<<20)
		p.log.add("the server takes its time to end:\n%s", stacks[:runtime.Stack(stacks, true)])
	})
	defer slow.Stop()
	select {
	case <-p.ended:
	case <-time.After(stopMax):
		p.t.Fatalf("the server did not end within %s of the power cut", stopMax)
	}
	p.stopRun = nil
}

// survive goes on with what the disk remembers, or, where the process alone has died, with all that was written: that is
// there, and no safer than it was.
func (p *powered) survive(rng *rand.Rand) {
	p.t.Helper()
	calls := p.machine.FS.Calls()
	last := calls[max(0, len(calls)-1):]
	p.down = make(chan struct{})
	seed := []uint64{disk.SeedLoseAll, disk.SeedKeepAll, 2 + rng.Uint64N(1<<32), killed}[rng.IntN(4)]
	m, err := p.machine.Restarted(p.closeDown(p.down)), error(nil)
	if seed != killed {
		m, err = p.machine.Survivor(p.machine.Dir, seed, p.closeDown(p.down))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.machine, p.txs = m, 0
	p.mu.Unlock()
	p.cuts = append(p.cuts, fmt.Sprintf("%d calls", len(calls)))
	p.log.add("after %d calls (the last %v) the disk remembers by seed %d", len(calls), last, seed)
}

// killed is the seed of what is no power cut.
const killed = math.MaxUint64

func (p *powered) stop() {
	p.t.Helper()
	p.stopRun()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the server did not stop well: %v", err)
		}
	case <-time.After(stopMax):
		p.t.Errorf("the server did not stop within %s", stopMax)
	}
	p.stopRun = nil
}

func (p *powered) check() (c checked) {
	p.t.Helper()
	s, err := server.Open(p.t.Context(), p.config())
	if err != nil {
		p.t.Fatalf("open, to check: %v", err)
	}
	report, err := s.Check(p.t.Context())
	if err = errors.Join(err, s.Close()); err != nil {
		p.t.Fatalf("check: %v", err)
	}
	c = checked{Rows: report.Rows, Rejects: report.Rejects, Buffered: report.Buffered}
	for _, problem := range report.Problems {
		c.Problems = append(c.Problems, problem)
	}
	return c
}
