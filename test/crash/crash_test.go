// Package crash brings a loglake down under load and accounts for every event.
//
// A seed is one life of a data folder: clients write, flush, query and reconfigure without pause, through the SDK as
// applications use it; loglake falls at random moments, in the middle of its recovery too, and is started again on the same
// folder. The clients keep their own record (record_test.go). In the end SQL, the bucket's objects, the log groups, the
// settings and the record must agree to the event, and the checker must find nothing.
//
// The rule: what an answered call carried is there exactly once; what an unanswered call carried is there at most once,
// and whole or not at all. The SDK's own retries are part of the call. A setting is what it was last set to by a call that was
// answered, or by a later one that was not.
//
// There are two modes, and each shows what the other can't:
//
//   - TestKill kills the built binary with SIGKILL, and its query engine, and the commands that capture (server_test.go,
//     capture_test.go). It is the real program on the real disk; but the operating system's caches live on, so that a
//     missing fsync goes unnoticed.
//   - TestPower runs the whole server in this process on a disk that forgets what was not synced, and cuts its power at a
//     chosen call of the disk or a chosen transaction (power_test.go).
//
// A failing seed leaves its folder, with events.log in it: what was done when.
package crash

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/loglake/loglake/query/engine"
)

var (
	seeds = flag.Int("seeds", 2, "how many seeds to run")
	seed  = flag.Uint64("seed", 0, "run this seed alone")
)

// TestMain is the application of capture_test.go where it was started as that.
func TestMain(m *testing.M) {
	if os.Getenv(appVariable) != "" {
		application()
		return
	}
	os.Exit(m.Run())
}

// TestKill kills processes. `make crash SEED=N` runs a seed again, with the same choices but not the same timing, so it
// may take some attempts.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills take seconds: left out by -short")
	}
	binary := build(t)
	run(t, "make crash", func(t *testing.T, seed uint64, log *events) (lake, *load) {
		s := &process{t: t, log: log, binary: binary, at: addresses(seed), dir: filepath.Join(t.ArtifactDir(), "lake")}
		t.Cleanup(s.cleanUp)
		l := newLoad(t, seed, log)
		l.binary = binary
		return s, l
	})
}

// TestPower cuts the power. `make power SEED=N` runs a seed again.
func TestPower(t *testing.T) {
	if testing.Short() {
		t.Skip("power cuts take seconds: left out by -short")
	}
	run(t, "make power", func(t *testing.T, seed uint64, log *events) (lake, *load) {
		l := newLoad(t, seed, log)
		return newPowered(t, seed, l.wire, log), l
	})
}

// run runs the seeds, in parallel by -parallel, until one fails.
func run(t *testing.T, target string, set func(*testing.T, uint64, *events) (lake, *load)) {
	first, n := uint64(time.Now().UnixNano()>>16), *seeds
	if *seed != 0 {
		first, n = *seed, 1
	}
	began := time.Now()
	t.Cleanup(func() {
		t.Logf("%d seeds from %d in %s: %.1f a minute", n, first, time.Since(began).Round(time.Second), float64(n)/time.Since(began).Minutes())
	})
	for i := range n {
		s := first + uint64(i)
		t.Run(fmt.Sprint("seed=", s), func(t *testing.T) {
			t.Parallel()
			if failed(t, nil) {
				t.Skip("an earlier seed has failed")
			}
			t.Logf("replay: %s SEED=%d", target, s)
			log := newEvents()
			dir := t.ArtifactDir()
			t.Cleanup(func() { failed(t, func() error { return log.write(dir) }) })
			lake, l := set(t, s, log)
			life(t, lake, l)
		})
	}
}

// failedSeed is left by a seed that failed, for those that would follow.
var failedSeed = make(chan struct{}, 1)

// failed tells whether a seed has failed. With write it is the end of one: a failed one leaves its folder, another nothing.
func failed(t *testing.T, write func() error) bool {
	if write != nil && t.Failed() {
		if err := write(); err != nil {
			t.Error(err)
		}
		t.Logf("its folder: %s", t.ArtifactDir())
		select {
		case failedSeed <- struct{}{}:
		default:
		}
	} else if write != nil {
		if err := os.RemoveAll(t.ArtifactDir()); err != nil {
			t.Error(err)
		}
	}
	return len(failedSeed) > 0
}

// build gives the binary to be killed: LOGLAKE_BIN, or one that is built now.
func build(t *testing.T) string {
	t.Helper()
	if !engine.Built {
		t.Skip("this build has no SQL engine (CGO_ENABLED=0): the account needs one")
	}
	if path := os.Getenv("LOGLAKE_BIN"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "loglake")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/loglake/loglake/cmd/loglake").CombinedOutput()
	if err != nil {
		t.Skipf("the binary can't be built here: %v\n%s", err, out)
	}
	return path
}

// lake is the loglake of a seed, wherever it runs.
type lake interface {
	up() endpoints       // starts it and waits until it is ready; its addresses stay the same
	fall(rng *rand.Rand) // brings it down at a random moment, and up again
	stop()               // as an operator does
	check() checked      // the checker's report on the stopped one
	String() string      // what happened to it
}

// endpoints are where a lake listens.
type endpoints struct{ AWS, HTTP string }

// addresses gives a seed addresses of its own: what is down leaves its ports to whoever asks for one, as other seeds do.
func addresses(seed uint64) endpoints {
	host := "127.0.0.1"
	if runtime.GOOS == "linux" { // all of 127.0.0.0/8 is this machine
		host = fmt.Sprintf("127.%d.%d.%d", 1+seed>>14%250, 1+seed>>7%128, 1+seed%128)
	}
	return endpoints{AWS: "http://" + host + ":0", HTTP: "http://" + host + ":0"}
}

// checked is what the checker said.
type checked struct {
	Rows, Rejects, Buffered int64
	Problems                []any
}

// fallsMax bounds how often a lake falls in one seed.
const fallsMax = 4

// life is one seed.
func life(t *testing.T, lake lake, l *load) {
	rng := rand.New(rand.NewPCG(l.seed, 1))
	l.at = lake.up()
	l.setUp()
	l.begin()
	for range 1 + rng.IntN(fallsMax) {
		pause(time.Duration(50+rng.IntN(400)) * time.Millisecond)
		lake.fall(rng)
	}
	pause(100 * time.Millisecond)
	l.end()
	a := l.account()
	l.wire.cut()
	lake.stop()
	if c := lake.check(); len(c.Problems) > 0 || c.Rows != int64(a.rows) || c.Rejects != int64(a.rejects) || c.Buffered != 0 {
		t.Errorf("check: %+v; want %d rows, %d rejects and nothing else", c, a.rows, a.rejects)
	}
	t.Logf("%s; %s", lake, a)
}

// pause lets the load run. What happens meanwhile is the test; nothing waits for it to be over.
func pause(d time.Duration) { <-time.After(d) }
