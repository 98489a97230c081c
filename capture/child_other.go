//go:build !unix

package capture

import (
	"os"

	"github.com/loglake/loglake"
)

// ExitNotExecutable is the exit code of a program that could not be started, as shells have it.
const ExitNotExecutable = 126

// Command is a program to be run under capture.
type Command struct {
	Args   []string
	Stderr bool
}

// Child is a program that runs.
type Child struct{ Stdout, Stderr *os.File }

// Start refuses: signals and exit codes pass on Unix only.
func Start(Command) (*Child, int, error) {
	return nil, ExitNotExecutable, loglake.Errorf(loglake.CodeUnsupported, "`loglake run` is not built for this system").
		WithHint("pipe the program into `loglake pipe` instead")
}

// Wait is never called: there is no Child.
func (*Child) Wait() (int, error) { return ExitNotExecutable, nil }
