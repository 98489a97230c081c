package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/query"
)

func sqlCommand() *cobra.Command {
	var f queryFlags
	c := &cobra.Command{
		Use:   "sql",
		Short: "A prompt for SQL, with history and completion",
		Long: `sql asks for statements of Athena's SQL and prints their rows. A statement ends with a semicolon and
may take many lines. Tab completes keywords, functions, and the tables and columns of the database;
the arrow keys bring back earlier statements, which are kept in ~/.local/state/loglake/sql_history
(below $XDG_STATE_HOME where that is set). Ctrl-C cancels the statement that runs, or clears what was
typed; Ctrl-D leaves.

` + metaHelp + `
Where standard input or output is no terminal there is no prompt: the statements of standard input run
one after another, and the first that fails ends it.`,
		Example: `  loglake sql
  loglake sql --database logs --format json
  loglake sql < nightly.sql > report.csv
  LOGLAKE_ENDPOINT=https://lake.example.com loglake sql`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runSQL(c, &f) },
	}
	f.register(c)
	return c
}

func runSQL(c *cobra.Command, f *queryFlags) error {
	price, err := f.check(c)
	if err != nil {
		return err
	}
	if f.format == "parquet" {
		return usageError{errors.New("--format is table, csv or json here: a Parquet file is of one statement, and `loglake query --output` writes one")}
	}
	server, err := f.remote.client()
	if err != nil {
		return err
	}
	s := &shell{server: server, database: f.database, format: f.format, price: price, quiet: f.quiet,
		out: c.OutOrStdout(), errs: c.ErrOrStderr(), names: &names{}}
	in, terminal := terminalOf(c.InOrStdin())
	out, shown := terminalOf(c.OutOrStdout())
	if !terminal || !shown {
		return s.read(c.Context(), c.InOrStdin())
	}
	s.history = openHistory(disk.Real(), historyPath(os.Getenv))
	before, err := term.MakeRaw(in)
	if err != nil {
		return fmt.Errorf("take the terminal over: %w", err)
	}
	defer term.Restore(in, before) //nolint:errcheck // nothing is left to do about it
	return s.ask(c.Context(), os.Stdin, os.Stdout, func() (width, height int, err error) { return term.GetSize(out) })
}

// historyPath gives where statements are kept, "" where no place is known.
func historyPath(getenv func(string) string) string {
	base := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) { // as the specification wants it
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "loglake", "sql_history")
}

// shell runs statements as they are typed. It belongs to one goroutine.
type shell struct {
	server    *client.Client
	database  string
	format    string
	price     float64
	quiet     bool
	out, errs io.Writer
	progress  io.Writer // nil: nobody looks
	history   *history  // nil: nothing is kept
	names     *names    // what Tab completes

	typed string // of a statement without its end
	// running brings a statement under the control of the keyboard; nil: there is none.
	running func(context.Context) (ctx context.Context, done func())
}

// errLeave is how a command ends the shell.
var errLeave = errors.New("leave")

// read runs the statements of a file or pipe. The last one needs no semicolon.
func (s *shell) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, query.QueryBytesMax+1)
	for lines.Scan() && ctx.Err() == nil {
		if err := s.line(ctx, lines.Text()); err != nil {
			return leave(err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return usageError{fmt.Errorf("a line has more than %d bytes, the limit of a statement", query.QueryBytesMax)}
	}
	if lines.Err() != nil {
		return fmt.Errorf("read the statements: %w", lines.Err())
	}
	if err := s.line(ctx, ";"); err != nil || s.typed == "" {
		return leave(err)
	}
	return errors.New("the last statement has no end: a quote or a comment in it is still open")
}

func leave(err error) error {
	if errors.Is(err, errLeave) {
		return nil
	}
	return err
}

// line takes a line and runs the statements that it ends.
func (s *shell) line(ctx context.Context, line string) error {
	if command := strings.TrimSpace(line); s.typed == "" && command != "" {
		switch {
		case strings.HasPrefix(command, `\`):
			return s.meta(ctx, command)
		case command == "exit" || command == "quit":
			return errLeave
		case command == "help":
			return s.meta(ctx, `\?`)
		}
	}
	s.typed += line + "\n"
	for {
		end := query.StatementEnd(s.typed)
		if end == len(s.typed) {
			if len(s.typed) > query.QueryBytesMax {
				s.typed = ""
				return fmt.Errorf("there are more than %d bytes and no semicolon: that is no statement", query.QueryBytesMax)
			}
			if strings.TrimSpace(s.typed) == "" {
				s.typed = ""
			}
			return nil
		}
		sql := s.typed[:end]
		s.typed = strings.TrimLeft(s.typed[end+1:], " \t\r\n")
		if text, ok := oneLine(sql); ok && text == "" { // nothing but comments
			continue
		}
		if err := s.run(ctx, sql); err != nil {
			s.typed = ""
			return err
		}
	}
}

// run runs one statement. Its errors are told; what comes back is only that there was one.
func (s *shell) run(ctx context.Context, sql string) error {
	if s.history != nil {
		if err := s.history.remember(sql + ";"); err != nil {
			tell(s.errs, fmt.Errorf("keep the history: %w", err))
		}
	}
	if s.running != nil {
		var done func()
		ctx, done = s.running(ctx)
		defer done()
	}
	q := statement{server: s.server, request: client.QueryRequest{SQL: sql, Database: s.database}, stderr: s.errs, price: s.price,
		quiet: s.quiet, progress: s.progress, executed: s.executed}
	return q.told(q.run(ctx, s.out, s.format))
}

// executed has names looked up again after what may have changed them.
func (s *shell) executed(statistics client.QueryStatistics) {
	if statistics.Statement == "DDL" {
		s.names.forget()
	}
}
