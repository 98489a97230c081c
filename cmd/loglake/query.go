package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/query"
)

// queryFlags are what `query` and `sql` are told.
type queryFlags struct {
	remote   remote
	database string
	format   string // "": table on a terminal, csv elsewhere
	price    string // dollars per TB
	quiet    bool

	file, output string // of `query` alone
	dryRun       bool
	explain      bool
}

func (f *queryFlags) register(c *cobra.Command) {
	f.remote.register(c)
	price := os.Getenv("LOGLAKE_PRICE")
	if price == "" {
		price = "5"
	}
	c.Flags().StringVar(&f.database, "database", "default", "database of tables that are named without one")
	c.Flags().StringVar(&f.format, "format", "", "table, csv, json (an object per line) or parquet (default: table on a terminal, csv elsewhere)")
	c.Flags().StringVar(&f.price, "price", price, "dollars per TB scanned, for the cost that is shown (LOGLAKE_PRICE)")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print the result alone, without the line on rows, bytes, cost and time")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	_ = c.RegisterFlagCompletionFunc("database", f.completeDatabase)
}

func queryCommand() *cobra.Command {
	var f queryFlags
	c := &cobra.Command{
		Use:   "query [SQL|-]",
		Short: "Run one statement of SQL and print its rows",
		Long: `query runs one statement of Athena's SQL, DDL included, and prints its rows. It sees what was put a
second ago. "-" reads the statement from standard input, --file from a file.

On a terminal the rows are a table, in which long values are cut with … and columns are as wide as
the first 1,000 rows need. Elsewhere they are CSV with a header: NULL is nothing and an empty text is
"". --format json prints an object per line, with numbers and booleans as such; --output writes into a
file, in the format of its ending (.csv, .json, .parquet), which is there only once it is whole.

Then standard error tells rows, bytes scanned, time, and what AWS would bill: $5 per TB with 10 MB at
least (--price and LOGLAKE_PRICE have others). --dry-run tells the bytes and the cost beforehand, from
the partitions and files that are left after pruning, and runs nothing. --explain does the same and says in
plain words, step by step, what the statement does, and what about it is slow or left to chance.

Ctrl-C cancels the statement on the server. ` + "`loglake sql`" + ` is the prompt for more than one.`,
		Example: `  loglake query "SELECT level, count(*) AS n FROM server_logs GROUP BY level"
  loglake query "SELECT * FROM server_logs WHERE dt = '2026-01-31'" --dry-run
  loglake query "SELECT path, count(*) FROM server_logs GROUP BY path" --explain
  loglake query --file report.sql --output report.parquet
  loglake query "SELECT path, response_time FROM server_logs" --format json | jq .path
  echo "SHOW PARTITIONS server_logs" | loglake query -
  LOGLAKE_ENDPOINT=https://lake.example.com loglake query "SELECT 1"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("the statement came as %d arguments: put it in quotes, or into --file", len(args))}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, args []string) error { return runQuery(c, &f, args) },
	}
	f.register(c)
	c.Flags().StringVarP(&f.file, "file", "f", "", "read the statement from this file (- is standard input)")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the rows into this file")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "tell what would be scanned and what it would cost, and run nothing")
	c.Flags().BoolVar(&f.explain, "explain", false, "tell in plain words what the statement does and what it would cost, and run nothing")
	return c
}

// formats are those of rows.
var formats = []string{"table", "csv", "json", "parquet"}

func runQuery(c *cobra.Command, f *queryFlags, args []string) error {
	price, err := f.check(c)
	if err != nil {
		return err
	}
	sql, err := f.statement(c, args)
	if err != nil {
		return err
	}
	server, err := f.remote.client()
	if err != nil {
		return err
	}
	q := statement{server: server, request: client.QueryRequest{SQL: sql, Database: f.database}, stderr: c.ErrOrStderr(), price: price, quiet: f.quiet}
	if _, terminal := terminalOf(q.stderr); terminal && !f.quiet {
		q.progress = q.stderr
	}
	if f.dryRun || f.explain {
		return q.told(q.dryRun(c.Context(), c.OutOrStdout(), f.format, f.explain))
	}
	out, err := f.open(c)
	if err != nil {
		return err
	}
	return q.told(out.end(q.run(c.Context(), out, f.format)))
}

// check completes the flags and refuses those that can't be, before any work is done.
func (f *queryFlags) check(c *cobra.Command) (price float64, err error) {
	price, err = strconv.ParseFloat(f.price, 64)
	if err != nil || price < 0 || math.IsInf(price, 0) || math.IsNaN(price) {
		return 0, usageError{fmt.Errorf("--price %q is no number of dollars per TB, such as 5 or 6.25", f.price)}
	}
	_, terminal := terminalOf(c.OutOrStdout())
	if f.format == "" && f.output != "" && f.output != "-" {
		endings := map[string]string{".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet", ".txt": "table"}
		if f.format = endings[filepath.Ext(f.output)]; f.format == "" {
			return 0, usageError{fmt.Errorf("--output %s does not say the format by its ending (.csv, .json, .parquet): choose one with --format", f.output)}
		}
	}
	if f.format == "" {
		if f.format = "csv"; terminal || f.dryRun || f.explain {
			f.format = "table"
		}
	}
	switch {
	case !slices.Contains(formats, f.format):
		return 0, usageError{fmt.Errorf("--format is table, csv, json or parquet, not %q", f.format)}
	case (f.dryRun || f.explain) && f.format != "table" && f.format != "json":
		return 0, usageError{fmt.Errorf("--dry-run and --explain print a table or json, not %s", f.format)}
	case (f.dryRun || f.explain) && f.output != "":
		return 0, usageError{errors.New("--dry-run and --explain have no rows to write into --output")}
	case f.format == "parquet" && terminal && (f.output == "" || f.output == "-"):
		return 0, usageError{errors.New("--format parquet is nothing for a terminal: write it into a file with --output FILE")}
	}
	return price, nil
}

// statement gives the SQL of the argument, the file or standard input.
func (f *queryFlags) statement(c *cobra.Command, args []string) (string, error) {
	in := c.InOrStdin()
	switch _, terminal := terminalOf(in); {
	case len(args) == 1 && f.file != "":
		return "", usageError{errors.New("there is a statement as argument and one in --file: give one of them")}
	case len(args) == 1 && args[0] != "-":
		return args[0], nil
	case f.file != "" && f.file != "-":
		file, err := os.Open(f.file)
		if err != nil {
			return "", fmt.Errorf("read --file: %w", err)
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	case len(args) == 0 && f.file == "" && terminal:
		return "", usageError{fmt.Errorf("there is no statement\n  `%s \"SELECT 1\"` runs one, and `loglake sql` asks for them", c.CommandPath())}
	}
	text, err := io.ReadAll(io.LimitReader(in, query.QueryBytesMax+1))
	if err != nil {
		return "", fmt.Errorf("read the statement: %w", err)
	}
	if len(text) > query.QueryBytesMax {
		return "", usageError{fmt.Errorf("the statement has more than %d bytes, the limit", query.QueryBytesMax)}
	}
	return string(text), nil
}

// outputFile is where rows go. One of a name is written beside it first, so that half a result never has the name.
type outputFile struct {
	io.Writer
	name string // "": standard output
	file disk.File
}

func (f *queryFlags) open(c *cobra.Command) (*outputFile, error) {
	if f.output == "" || f.output == "-" {
		return &outputFile{Writer: c.OutOrStdout()}, nil
	}
	file, err := disk.Create(disk.Real(), f.output+".partial")
	if err != nil {
		return nil, fmt.Errorf("write --output: %w", err)
	}
	return &outputFile{Writer: file, name: f.output, file: file}, nil
}

// end gives the file its name, or takes it away where err says that it is not whole.
func (o *outputFile) end(err error) error {
	if o.name == "" {
		return err
	}
	if err == nil {
		err = o.file.Sync()
	}
	err = errors.Join(err, o.file.Close())
	if err != nil {
		return errors.Join(err, disk.Real().Remove(o.file.Name()))
	}
	return disk.Real().Rename(o.file.Name(), o.name)
}

// statement is one statement on its way.
type statement struct {
	server  *client.Client
	request client.QueryRequest
	stderr  io.Writer
	price   float64
	quiet   bool
	// progress is the terminal that is shown how long the answer takes; nil: nobody looks.
	progress io.Writer
	// executed is told the statistics at the end; nil: nobody.
	executed func(client.QueryStatistics)
}

// run runs the statement and writes its rows, and then what it took.
func (s *statement) run(ctx context.Context, to io.Writer, format string) error {
	stop := s.waiting()
	rows, err := s.server.Query(ctx, s.request)
	stop()
	if err != nil {
		return interrupted(ctx, err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	out := newRowWriter(format, to, rows.Columns)
	for {
		row, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = out.row(row)
		}
		if err != nil {
			return errors.Join(interrupted(ctx, err), out.abandon())
		}
	}
	if err := out.close(); err != nil {
		return err
	}
	if s.executed != nil {
		s.executed(rows.Statistics)
	}
	if !s.quiet {
		for _, notice := range rows.Statistics.Notices {
			fmt.Fprintf(s.stderr, "loglake: %s\n", foreign(notice))
		}
		fmt.Fprintln(s.stderr, footer(rows.Statistics, s.price))
	}
	return nil
}

// waiting shows on a terminal how long the answer takes, until stop is called.
func (s *statement) waiting() (stop func()) {
	if s.progress == nil {
		return func() {}
	}
	began, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for shown := false; ; shown = true {
			select {
			case <-done:
				if shown {
					fmt.Fprint(s.progress, "\r\033[K")
				}
				return
			case <-time.After(time.Second):
				fmt.Fprintf(s.progress, "\rrunning for %.0f s (Ctrl-C cancels)\033[K", time.Since(began).Seconds())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// interrupted words an error whose cause is that the person had enough.
func interrupted(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &loglake.Error{Code: loglake.CodeUnavailable, Message: "interrupted; the statement is cancelled"}
	}
	return err
}

// told prints a statement's error with its place marked, and gives what is left to say of it.
func (s *statement) told(err error) error {
	var e *client.QueryError
	switch {
	case errors.Is(err, syscall.EPIPE): // whoever reads has seen enough
		return exitError{exitOK}
	case !errors.As(err, &e):
		return err
	}
	fmt.Fprint(s.stderr, mark(s.request.SQL, e))
	fmt.Fprintf(s.stderr, "loglake: %s\n", foreign(e.Error()))
	if e.Hint != "" {
		fmt.Fprintf(s.stderr, "  %s\n", e.Hint)
	}
	return exitError{exitFailed}
}

// dryRun prints what the statement would read.
func (s *statement) dryRun(ctx context.Context, to io.Writer, format string, explain bool) error {
	plan, err := s.server.Plan(ctx, s.request)
	if err != nil {
		return interrupted(ctx, err)
	}
	if format == "json" {
		return json.NewEncoder(to).Encode(struct {
			client.QueryPlan
			Dollars float64 `json:"dollars"`
		}{plan, dollars(plan.ScannedBytes, s.price)})
	}
	if explain {
		fmt.Fprintf(to, "%s\n\n", strings.Join(plan.Steps, "\n"))
	}
	fmt.Fprintf(to, "would scan %s, %s\n\n", exactly(plan.ScannedBytes), costs(plan.ScannedBytes, s.price))
	t := table{header: []string{"table", "partitions", "files", "bytes", "columns"}, right: []bool{false, true, true, true, false}}
	for _, scan := range plan.Tables {
		partitions := "-"
		if all := scan.Partitions + scan.PrunedPartitions; all > 0 {
			partitions = grouped(scan.Partitions) + " of " + grouped(all)
		}
		t.add(scan.Database+"."+scan.Table, partitions, grouped(scan.Files), grouped(scan.ScannedBytes), strings.Join(scan.Columns, ", "))
	}
	t.print(to)
	if plan.HotRows > 0 {
		fmt.Fprintf(to, "\n%s rows are not in the bucket yet, and are read from where they wait\n", grouped(plan.HotRows))
	}
	return nil
}

// terminalOf gives the descriptor of a reader or writer that is a terminal.
func terminalOf(v any) (fd int, ok bool) {
	file, ok := v.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	return int(file.Fd()), true
}

// completionTimeout bounds how long a shell waits for the server when somebody presses Tab.
const completionTimeout = 2 * time.Second

func (f *queryFlags) completeDatabase(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	server, err := f.remote.client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionTimeout)
	defer cancel()
	list, err := server.Glue().GetDatabases(ctx, &glue.GetDatabasesInput{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for _, d := range list.DatabaseList {
		names = append(names, *d.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
