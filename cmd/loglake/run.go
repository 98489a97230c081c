package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/capture"
)

func runCommand() *cobra.Command {
	var f captureFlags
	var stderr bool
	c := &cobra.Command{
		Use:   "run --group GROUP -- PROGRAM [ARGUMENT]...",
		Short: "Run a program and capture what it prints into a log group",
		Long: `run starts a program, passes its stdout and stderr on untouched, and brings their lines into a log
group, as ` + "`loglake pipe`" + ` does. Signals are passed on to the program, and its exit code is ours: 128 and
the signal's number when a signal killed it, 127 when it was not found, 126 when it could not be started.

It serves as the first process of a container: it reaps what other processes leave behind. The program's
stdout is a pipe; one that asks whether it is a terminal is told no, and many programs then write in
blocks (PYTHONUNBUFFERED=1 helps Python, stdbuf -oL many others).

At the program's end run sends what is left, for --flush-timeout at most; the rest is sent by the next run.`,
		Example: `  loglake run --group /app/api -- some-app --port 8080
  loglake run --group /app/api --parse json --drop 'path=/health' -- uvicorn main:app
  ENTRYPOINT ["loglake", "run", "--group", "/app/api", "--"]      in a Dockerfile; CMD stays as it is`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("run takes a PROGRAM, behind --\n  loglake run --group /app/api -- some-app --port 8080")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.settings(c, hostName()+"/"+filepath.Base(args[0]))
			if err != nil {
				return err
			}
			return s.child(c, capture.Command{Args: args, Stderr: stderr})
		},
	}
	f.register(c, "HOST/PROGRAM")
	c.Flags().SetInterspersed(false)
	c.Flags().BoolVar(&stderr, "stderr", true, "capture the program's stderr too; --stderr=false leaves it alone")
	return c
}

// child runs the program and captures it; its error is the program's exit code.
func (s *capturing) child(c *cobra.Command, command capture.Command) error {
	sum, code, err := s.watch(c, command)
	var failed startError
	switch {
	case errors.As(err, &failed):
		tell(c.ErrOrStderr(), failed.error)
		return exitError{failed.code}
	case err != nil:
		return err
	}
	s.tell(c.ErrOrStderr(), sum)
	if code != 0 {
		return exitError{code}
	}
	return nil
}

// startError is a program that could not be started, and the exit code that says so.
type startError struct {
	error
	code int
}

// watch runs the program, captures it, and gives the account and the program's exit code.
func (s *capturing) watch(c *cobra.Command, command capture.Command) (sum capture.Summary, code int, err error) {
	child, code, err := capture.Start(command)
	if err != nil {
		return sum, code, startError{err, code}
	}
	sources := []capture.Source{{Name: "stdout", In: child.Stdout, Out: passTo(c.OutOrStdout()), Passes: s.passes}}
	if child.Stderr != nil {
		sources = append(sources, capture.Source{Name: "stderr", In: child.Stderr, Out: passTo(c.ErrOrStderr()), Passes: s.passes})
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	captured := make(chan capture.Summary, 1)
	go func() { captured <- s.run(ctx, sources...) }()

	if code, err = child.Wait(); err != nil {
		return sum, code, err
	}
	late := time.AfterFunc(s.FlushTimeout, cancel) // whoever inherited its output may hold it open
	defer late.Stop()
	return <-captured, code, nil
}
