// Package statetest lets the transactions of a package fail, undone and done, and holds what the package then shows
// against what the state has.
package statetest

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

// Subject is a package whose changes are transactions. L is what it opens on a state file.
type Subject[L any] struct {
	// Open opens or makes the file at path, with fault as state.Config.Fault.
	Open func(t *testing.T, path string, fault func(name string) (apply bool, err error)) (l L, done func())
	// SetUp makes, on a new file, what the changes need.
	SetUp func(t *testing.T, l L) error
	// Show gives all that readers see, the memory of the package included.
	Show func(t *testing.T, l L) any
}

// Change is a call that makes a transaction of a name.
type Change[L any] struct {
	Transaction string
	Do          func(t *testing.T, l L) error
}

// Run fails the transaction of each change undone and done. Undone, nothing is changed, for readers of the same L and of
// one opened afterwards, and a repeat makes the change. Done, the change is there for both, whatever was answered, and a
// repeat makes nothing else of it.
func (s Subject[L]) Run(t *testing.T, changes []Change[L]) {
	rec := faulttest.New(t)
	for _, c := range changes {
		for _, apply := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", c.Transaction, apply), func(t *testing.T) { s.one(t, c, apply, rec) })
		}
	}
}

var errInjected = errors.New("no answer")

func (s Subject[L]) one(t *testing.T, c Change[L], apply bool, rec *faulttest.Recorder) {
	path, armed, hit := filepath.Join(t.TempDir(), "state.db"), false, false
	l, done := s.Open(t, path, rec.State(func(name string) (bool, error) {
		if !armed || name != c.Transaction {
			return false, nil
		}
		armed, hit = false, true
		return apply, errInjected
	}))
	if err := s.SetUp(t, l); err != nil {
		t.Fatal("set up: ", err)
	}
	before := s.Show(t, l)
	armed = true
	err := c.Do(t, l)
	armed = false
	if !hit {
		t.Fatalf("the change makes no transaction of the name: %v", err)
	}
	if err == nil && !apply {
		t.Error("a change that was rolled back was answered as made")
	}
	after := s.Show(t, l)
	if changed := !cmp.Equal(before, after); changed != apply {
		t.Errorf("changed: %v\n%s", changed, cmp.Diff(before, after))
	}
	done()
	l, done = s.Open(t, path, nil)
	defer done()
	if again := s.Show(t, l); !cmp.Equal(after, again) {
		t.Errorf("opened again it is something else:\n%s", cmp.Diff(after, again))
	}
	if err := c.Do(t, l); err != nil && !(apply && repeated(err)) {
		t.Errorf("the repeat: %v", err)
	}
	if repeat := s.Show(t, l); cmp.Equal(before, repeat) {
		t.Error("after the repeat all is as before")
	}
}

// repeated tells whether an error says no more than that a change is made already.
func repeated(err error) bool {
	switch loglake.CodeOf(err) {
	case loglake.CodeExists, loglake.CodeNotFound, loglake.CodeConflict:
		return true
	}
	return false
}
