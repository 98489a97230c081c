// Package crash kills the built binary under load and accounts for every event.
//
// A seed is one life of a data folder: clients write, flush, query and reconfigure without pause, through the SDK as
// applications use it; the server is killed at random moments, its recovery too, and started again on the same folder.
// The clients keep their own record. In the end SQL, the bucket's objects, the log group and the record must agree to
// the event, and `loglake check` must find nothing.
//
// The rule: what an answered call carried is there exactly once; what an unanswered call carried is there at most once,
// and whole or not at all. The SDK's own retries are part of the call.
//
// SIGKILL leaves the operating system's caches alive, so this proves nothing about fsync. That is proved by the fault
// tables of packages journal, store and delivery, on a disk that forgets what was not synced.
package crash

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/loglake/loglake/query/engine"
)

var (
	seeds = flag.Int("seeds", 2, "how many seeds to run")
	seed  = flag.Uint64("seed", 0, "run this seed alone")
)

// TestKill runs the seeds. A failure prints its seed; `make crash SEED=N` runs that one again, with the same choices but
// not the same timing, so it may take some attempts.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills take seconds: left out by -short")
	}
	binary := build(t)
	first, n := uint64(time.Now().UnixNano()>>16), *seeds
	if *seed != 0 {
		first, n = *seed, 1
	}
	for i := range n {
		s := first + uint64(i)
		ok := t.Run(fmt.Sprint("seed=", s), func(t *testing.T) {
			t.Logf("replay: make crash SEED=%d", s)
			life(t, binary, s)
		})
		if !ok {
			t.FailNow()
		}
	}
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

// killsMax bounds the kills of one seed.
const killsMax = 4

// life is one seed.
func life(t *testing.T, binary string, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := &server{t: t, binary: binary, dir: filepath.Join(t.TempDir(), "lake")}
	defer s.cleanUp()
	s.start()
	l := newLoad(t, s, seed)
	l.setUp()
	l.begin()
	kills := 1 + rng.IntN(killsMax)
	for range kills {
		pause(time.Duration(50+rng.IntN(400)) * time.Millisecond)
		s.kill()
		for rng.IntN(3) == 0 { // in the middle of recovery
			s.launch()
			pause(time.Duration(5+rng.IntN(80)) * time.Millisecond)
			s.kill()
		}
		s.start()
	}
	pause(100 * time.Millisecond)
	l.end()
	a := l.account()
	l.disconnect()
	s.stop()
	s.check(a)
	t.Logf("%d kills; %s", s.kills, a)
}

// pause lets the load run. What happens meanwhile is the test; nothing waits for it to be over.
func pause(d time.Duration) { <-time.After(d) }
