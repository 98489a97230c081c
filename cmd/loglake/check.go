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
	var f serverFlags
	var format string
	c := &cobra.Command{
		Use:   "check",
		Short: "Hold journals, ledger, manifest and bucket against each other",
		Long: `check reads a data folder whose server is stopped, and proves that every acknowledged event is in
the journal, or in exactly one committed object, or counted as reject: every block and object is
read and its checksum compared. It changes nothing but what every start finishes: batches that were
staged stay staged.

Exit code 3 when it finds a problem.`,
		Example: `  loglake check
  loglake check --data /var/lib/loglake --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			cfg, _, err := f.config(c)
			if err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(cfg.Dir, "journal")); errors.Is(err, fs.ErrNotExist) {
				return loglake.Errorf(loglake.CodeNotFound, "the folder %s holds no loglake", cfg.Dir).WithHint("name its data folder with --data")
			}
			return withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
				report, err := l.Check(ctx)
				if err != nil {
					return err
				}
				if err := printReport(c.OutOrStdout(), format, report); err != nil {
					return err
				}
				if len(report.Problems) > 0 {
					return exitError{exitProblem}
				}
				return nil
			})
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func printReport(w io.Writer, format string, r *check.Report) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		n    int64
		what string
	}{
		{int64(r.Batches), "batches committed"}, {int64(r.Objects), "objects read"}, {r.Events, "events in batches"},
		{r.Rows, "rows"}, {r.Rejects, "rejects"}, {r.Buffered, "events buffered in journals"}, {int64(r.Removed), "objects removed by others"}, {int64(len(r.Problems)), "problems"},
	} {
		fmt.Fprintf(t, "%d\t %s\n", row.n, row.what)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "%s: %s\n", p.Kind, p.Text)
	}
	return nil
}
