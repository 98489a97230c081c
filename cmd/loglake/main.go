// Command loglake is a log lake in one binary: CloudWatch Logs in, Parquet in a bucket, SQL out.
//
// Each subcommand is a file of this folder. `loglake --help` lists them with examples.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones by name also where the system has none

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
)

// version is set when the binary is built.
var version = "dev"

// The exit codes, as `loglake --help` says.
const (
	exitOK      = 0
	exitFailed  = 1 // the command failed
	exitUsage   = 2 // the command line is wrong
	exitProblem = 3 // check, doctor or status --check found problems
	exitChanges = 4 // plan --exit-code found something to change
)

// exitError ends the program with a code of its own; its text, if any, was printed already.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code) //nolint:gocritic // everything deferred has run
}

// run is main with its surroundings as values.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	}
	if strings.HasPrefix(err.Error(), "unknown command") { // cobra has no type for it
		err = usageError{fmt.Errorf("%s\n  `loglake --help` lists the commands", strings.TrimSpace(err.Error()))}
	}
	tell(stderr, err)
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a mistake on the command line.
type usageError struct{ error }

// Unwrap gives the mistake itself.
func (e usageError) Unwrap() error { return e.error }

// checkFormat refuses what --format does not know, before any work is done.
func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return usageError{fmt.Errorf("--format is text or json, not %q", format)}
	}
	return nil
}

// tell prints an error the way a person reads it: what was seen, and on a line of its own what to do.
func tell(w io.Writer, err error) {
	var e *loglake.Error
	if !errors.As(err, &e) {
		fmt.Fprintf(w, "loglake: %v\n", err)
		return
	}
	fmt.Fprintf(w, "loglake: %s\n", e.Message)
	if e.Hint != "" {
		fmt.Fprintf(w, "  %s\n", e.Hint)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "loglake",
		Short: "A log lake in one binary: CloudWatch Logs in, Parquet in a bucket, SQL out",
		Long: `loglake takes log events over the wire of CloudWatch Logs, passes them through subscription filters
into delivery streams (the wire of Firehose), writes them as Parquet into a bucket that speaks S3,
and answers SQL over the wire of Athena, with tables in a catalog that speaks Glue.

Exit codes: 0 success, 1 the command failed, 2 the command line is wrong (or loglake.yaml, for
plan), 3 check, ledger, doctor or status --check found problems, 4 plan --exit-code found something to change;
of run: the program's own.`,
		Example: `  loglake demo                             see the whole chain at work
  loglake serve                            serve on 127.0.0.1:4566 from ./lake
  export AWS_ENDPOINT_URL=http://127.0.0.1:4566
  aws logs create-log-group --log-group-name /app/api`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\n  `%s --help` shows the flags", err, c.CommandPath())}
	})
	root.AddCommand(serveCommand(), initCommand(), planCommand(), applyCommand(), schemaCommand(), demoCommand(), demoAppCommand(), statusCommand(), ledgerCommand(), tailCommand(), doctorCommand(), explainCommand(), queryCommand(), sqlCommand(), fmtCommand(), flushCommand(), resumeCommand(), putCommand(), terraformCommand(), checkCommand(), backupCommand(), restoreCommand(), pipeCommand(), runCommand(), engineCommand())
	return root
}
