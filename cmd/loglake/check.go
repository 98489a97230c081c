package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/server"
)

func checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check",
		Short: "Hold journals, ledger, manifest and bucket against each other",
		Long: `check reads a data folder whose server is stopped, and proves that every acknowledged event is in
the journal, or in exactly one committed object, or counted as reject: every block and object is
read and its checksum compared. It changes nothing but what every start finishes: batches that were
staged stay staged.

With --repair it mends what can be mended without risk, and says of everything else why not and
what to do. A batch whose staged bytes are damaged is voided: what of it is in the bucket is
withdrawn, and the next start delivers its events again. Nothing is removed of which there is no
other copy. --dry-run shows what it would do.

With --rebuild it makes a state.db again that is lost or damaged: definitions from the record of the
lake (in the folder and in the buckets), manifest, ledger and positions from the objects and the
journal. It proves the new state as above before it takes it, keeps a damaged one as
state.db.damaged-TIME, and says what can't be known. A state.db that is whole is refused: move it
aside first.

Exit code 3 when it finds a problem, with --repair and --rebuild when one is left.`,
		Example: `  loglake check
  loglake check --data /var/lib/loglake --format json
  loglake check --repair --dry-run
  loglake check --repair
  loglake check --rebuild --data /var/lib/loglake
  loglake check --rebuild --record s3://logs/_loglake/records/5c1d…/0000000000000012.jsonl.gz`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.serverFlags.register(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	c.Flags().BoolVar(&f.repair, "repair", false, "mend what can be mended")
	f.rebuildFlags.register(c)
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "with --repair: show what it would do")
	return c
}

// checkFlags are what `check` is told.
type checkFlags struct {
	serverFlags
	rebuildFlags
	format         string
	repair, dryRun bool
}

func (f *checkFlags) run(c *cobra.Command) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	if f.dryRun && !f.repair {
		return usageError{errors.New("--dry-run goes with --repair")}
	}
	if err := f.rebuildFlags.check(f.repair); err != nil {
		return err
	}
	cfg, _, err := f.config(c)
	if err != nil {
		return err
	}
	if f.rebuild {
		return f.rebuildFlags.run(c, cfg, f.format)
	}
	if err := isLake(cfg.Dir); err != nil {
		return err
	}
	return withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
		if f.repair {
			return f.mend(ctx, c.OutOrStdout(), l)
		}
		report, err := l.Check(ctx)
		if err != nil {
			return err
		}
		if err := printReport(c.OutOrStdout(), f.format, report); err != nil {
			return err
		}
		if len(report.Problems) > 0 {
			return exitError{exitProblem}
		}
		return nil
	})
}

// isLake refuses a folder that Open would make a lake of.
func isLake(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "journal")); errors.Is(err, fs.ErrNotExist) {
		return loglake.Errorf(loglake.CodeNotFound, "the folder %s holds no loglake", dir).WithHint("name its data folder with --data")
	}
	return nil
}

// mend is --repair. What was done is printed also where it ended with an error.
func (f *checkFlags) mend(ctx context.Context, w io.Writer, l *server.Server) error {
	mode := check.Mend
	if f.dryRun {
		mode = check.DryRun
	}
	done, err := l.Repair(ctx, mode)
	if done == nil {
		return err
	}
	if err := errors.Join(err, printRepaired(w, f, done)); err != nil {
		return err
	}
	if len(done.Left.Problems) > 0 {
		return exitError{exitProblem}
	}
	return nil
}

func printRepaired(w io.Writer, f *checkFlags, done *check.Repaired) error {
	if f.format == "json" {
		return json.NewEncoder(w).Encode(done)
	}
	if len(done.Answers) == 0 {
		fmt.Fprintf(w, "nothing to mend\n")
	}
	word := map[bool]string{true: "mended", false: "not mended"}
	if f.dryRun {
		word[true] = "to be mended"
	}
	for _, a := range done.Answers {
		fmt.Fprintf(w, "%s: %s\n  %s: %s\n", a.Kind, a.Text, word[a.Mended], a.Answer)
	}
	if f.dryRun {
		return nil
	}
	return printReport(w, "text", done.Left)
}

func printReport(w io.Writer, format string, r *check.Report) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		n    int64
		what string
		rare bool // told only where there is one
	}{
		{n: int64(r.Batches), what: "batches committed"},
		{n: int64(r.Objects), what: "objects read"},
		{n: r.Events, what: "events in batches"},
		{n: r.Rows, what: "rows"},
		{n: r.Rejects, what: "rejects"},
		{n: r.Buffered, what: "events buffered in journals"},
		{n: int64(r.Removed), what: "objects removed by others"},
		{n: int64(r.Foreign), what: "objects of other lakes, left alone", rare: true},
		{n: int64(r.Gaps), what: "batches of which not all is known, since the state was made again", rare: true},
		{n: int64(len(r.Problems)), what: "problems"},
	} {
		if row.n > 0 || !row.rare {
			fmt.Fprintf(t, "%d\t %s\n", row.n, row.what)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "%s: %s\n", p.Kind, p.Text)
	}
	return nil
}
