package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/server"
)

// rebuildFlags are what goes with `check --rebuild`.
type rebuildFlags struct {
	rebuild bool
	record  string
	without bool
}

func (f *rebuildFlags) register(c *cobra.Command) {
	c.Flags().BoolVar(&f.rebuild, "rebuild", false, "make a lost or damaged state.db again from the record, the bucket and the journal")
	c.Flags().StringVar(&f.record, "record", "", "with --rebuild: the `place` of the record, s3://bucket/key or a file; the newest of this lake where it is left out")
	c.Flags().BoolVar(&f.without, "without-record", false, "with --rebuild: go on where no record is left")
}

// check refuses what does not go together.
func (f *rebuildFlags) check(repair bool) error {
	switch {
	case !f.rebuild && (f.record != "" || f.without):
		return usageError{errors.New("--record and --without-record go with --rebuild")}
	case f.rebuild && repair:
		return usageError{errors.New("--rebuild and --repair don't go together: rebuild first")}
	case f.record != "" && f.without:
		return usageError{errors.New("--record and --without-record don't go together")}
	}
	return nil
}

// run makes the state again and prints what became of it.
func (f *rebuildFlags) run(c *cobra.Command, cfg server.Config, format string) error {
	p := newProgress(c.ErrOrStderr())
	done, err := server.Rebuild(c.Context(), cfg, server.RebuildOptions{Record: f.record, WithoutRecord: f.without, Progress: p.objects})
	p.end()
	if errors.Is(err, disk.ErrLocked) {
		return inUse(cfg.Dir, err)
	}
	if err != nil {
		return err
	}
	if err := printRebuilt(c.OutOrStdout(), format, done); err != nil {
		return err
	}
	if !done.Installed || len(done.Check.Problems) > 0 {
		return exitError{exitProblem}
	}
	return nil
}

func printRebuilt(w io.Writer, format string, done *server.Rebuilt) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(done)
	}
	m := done.Remade
	if done.Record == "" {
		fmt.Fprintf(w, "no record: groups have new names, and streams, filters and tables have to be declared again\n\n")
	} else {
		fmt.Fprintf(w, "record %s of %s\nlake %s\n\n", done.Record, done.Written.Time().Format("2006-01-02 15:04:05Z07:00"), m.Lake)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		n    int64
		what string
	}{
		{int64(m.Objects), "objects in the manifest"}, {int64(m.Batches), "batches in the ledger"}, {int64(m.Gaps), "rows that stand for batches of which not all is known"},
		{m.Rows, "rows"}, {m.Rejects, "rejects"}, {int64(m.Partitions), "partitions beside the record's"}, {int64(m.Positions), "positions beyond the record's"},
		{int64(m.Finishing), "staged batches that the next start finishes"}, {int64(m.Voiding), "half-put batches that the next start takes back and delivers again"},
		{int64(m.Groups), "log groups under a new name"}, {int64(m.Foreign), "objects of other lakes, left alone"},
	} {
		if row.n > 0 {
			fmt.Fprintf(t, "%d\t %s\n", row.n, row.what)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Tables)) {
		if n := m.Tables[name]; n > 0 {
			fmt.Fprintf(t, "%d\t in table %s\n", n, name)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(m.Notes) > 0 {
		fmt.Fprintf(w, "\nnot known, or not as it was:\n")
	}
	for _, n := range m.Notes {
		fmt.Fprintf(w, "  %s: %s\n", n.Kind, n.Text)
	}
	fmt.Fprintf(w, "\nthe checker on the new state:\n")
	if err := printReport(w, "text", done.Check); err != nil {
		return err
	}
	if !done.Installed {
		fmt.Fprintf(w, "\nThe new state contradicts itself, so it was not taken: it is %s.\n", done.Path)
		if len(m.Beyond) > 0 {
			fmt.Fprintf(w, "%d journals go on behind what was delivered of them; nothing else was changed.\n", len(m.Beyond))
		} else {
			fmt.Fprintln(w, "Nothing else was changed.")
		}
		_, err := fmt.Fprintln(w, "Mend what the problems name and run it again, or restore a backup. To go on with it as it is, rename it to state.db.")
		return err
	}
	for _, name := range done.Aside {
		fmt.Fprintf(w, "kept as %s\n", name)
	}
	_, err := fmt.Fprintf(w, "made %s again; start the server\n", done.Path)
	return err
}

// objects tells how many objects were read.
func (p *progress) objects(read, of int) {
	p.count("reading objects", int64(read), int64(of))
}

// inUse words the failure to take a folder's lock.
func inUse(dir string, err error) error {
	return &loglake.Error{
		Code: loglake.CodeConflict, Err: err, Message: fmt.Sprintf("the data folder %s is in use: %v", dir, err),
		Hint: "stop the other loglake, or choose another folder with --data",
	}
}
