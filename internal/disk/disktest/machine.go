package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/loglake/loglake/internal/disk"
)

// Machine is a computer with a folder, whose power can be cut: a disk that forgets what was not synced, and the state
// file, which lies in the same folder of the real disk, since SQLite writes by itself. SQLite with synchronous=FULL has
// every transaction that was answered; of one that is under way when the power goes, the Machine's user decides.
type Machine struct {
	Dir string
	FS  *disk.Faulty // the disk, to hand to what runs here and to set rules on

	mem  *disk.Crashable
	down atomic.Bool
	stop func()
}

// stateFiles are what SQLite keeps.
var stateFiles = []string{"state.db", "state.db-wal"}

// ErrDown is how every call fails once the power is cut.
var ErrDown = errors.New("the machine is down")

// NewMachine gives a machine on an empty folder, which is there on both disks. stop is called when its power is cut, and
// ends whatever waits on it.
func NewMachine(dir string, stop func()) (*Machine, error) {
	m := &Machine{Dir: dir, mem: disk.NewCrashable(), stop: stop}
	m.FS = disk.NewFaulty(m.mem)
	return m, errors.Join(disk.MkdirAllDurable(m.mem, dir), os.MkdirAll(dir, 0o755))
}

// Cut cuts the power: no call of the disk is done any more, and no transaction has to be. It may be called from a rule's
// Then, and from a transaction.
func (m *Machine) Cut() {
	if m.down.Swap(true) {
		return
	}
	m.FS.Fail(disk.Rule{Err: ErrDown})
	m.stop()
}

// Down tells whether the power is cut.
func (m *Machine) Down() bool { return m.down.Load() }

// Transaction refuses the transactions of a machine that is down: a state.Config.Fault.
func (m *Machine) Transaction(string) (apply bool, err error) {
	if m.down.Load() {
		return false, ErrDown
	}
	return false, nil
}

// Export puts what a power cut of a seed leaves into the folder dir of the real disk, with the state.
func (m *Machine) Export(seed uint64, dir string) error {
	s, err := m.Survivor(dir, seed, func() {})
	if err != nil {
		return err
	}
	return s.mem.Export(disk.Real(), "/") // its paths are those of the real disk
}

// Survivor is the machine after the power cut, as a seed of disk.Crashable's Crash leaves it, in the folder dir, which may be
// the same. Whatever ran on m has ended: what is still open is an error, since a state that is copied while SQLite moves its log
// into it could lack all that was written.
func (m *Machine) Survivor(dir string, seed uint64, stop func()) (*Machine, error) {
	s := &Machine{Dir: dir, mem: m.mem.Crash(seed), stop: stop}
	s.FS = disk.NewFaulty(s.mem)
	if dir == m.Dir {
		return s, nil
	}
	if _, err := os.Stat(filepath.Join(m.Dir, "state.db-shm")); err == nil {
		return nil, fmt.Errorf("survivor of %s: somebody still has the state open", m.Dir)
	}
	err := errors.Join(s.mem.Rename(m.Dir, dir), s.mem.SyncDir(filepath.Dir(dir)), os.MkdirAll(dir, 0o755))
	for _, name := range stateFiles {
		b, readErr := os.ReadFile(filepath.Join(m.Dir, name))
		if readErr == nil {
			readErr = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		} else if errors.Is(readErr, fs.ErrNotExist) {
			readErr = nil
		}
		err = errors.Join(err, readErr)
	}
	if err != nil {
		return nil, fmt.Errorf("survivor in %s: %w", dir, err)
	}
	return s, nil
}

// Restarted is the machine after the kill of the process alone: what was not synced is there, and not safe yet. Whatever ran
// on m has ended.
func (m *Machine) Restarted(stop func()) *Machine {
	r := &Machine{Dir: m.Dir, mem: m.mem, stop: stop}
	r.FS = disk.NewFaulty(r.mem)
	return r
}
