package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/client"
)

func statusCommand() *cobra.Command {
	var r remote
	var watch, check bool
	var limit int
	c := &cobra.Command{
		Use:   "status",
		Short: "Show groups, streams and tables, one line each",
		Long: `status shows what a server has and what it is doing: log groups with where their events go, delivery
streams with what they have not yet delivered, tables with what is in the bucket.

The state of a delivery stream is ok; warned, where it delivers and its set-up looks wrong; failing,
where a step fails and is tried again; held, where it stopped by its policy. Nothing is lost in any
of them, and the reason stands below the table. ` + "`loglake doctor`" + ` says what to do.

With --check the exit code is 3 where a stream is failing or held.`,
		Example: `  loglake status
  loglake status --watch
  loglake status --check --format json > status.json || mail -s lake ops < status.json
  loglake status --format csv | grep ^stream`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("--format", r.format, "table", "json", "csv"); err != nil {
				return err
			}
			server, err := r.client()
			if err != nil {
				return err
			}
			if watch {
				return watchStatus(c, server, statusView{format: r.format, limit: limit})
			}
			s, err := readStatus(c.Context(), server, limit)
			if err != nil {
				return err
			}
			if err := (statusView{format: r.format, paint: painter(c.OutOrStdout())}).print(c.OutOrStdout(), s); err != nil {
				return err
			}
			if check && troubled(s) {
				return exitError{exitProblem}
			}
			return nil
		},
	}
	r.register(c)
	c.Flags().BoolVar(&watch, "watch", false, "show it again every second")
	c.Flags().BoolVar(&check, "check", false, "exit with 3 where a stream is failing or held")
	c.Flags().IntVar(&limit, "limit", nativeapi.StatusLimitDefault, "groups, streams and tables to show, of each")
	c.Flags().StringVar(&r.format, "format", "table", "table, json or csv")
	complete(c, "format", "table", "json", "csv")
	return c
}

func readStatus(ctx context.Context, server *client.Client, limit int) (*nativeapi.Status, error) {
	s := &nativeapi.Status{}
	return s, server.Call(ctx, http.MethodGet, fmt.Sprintf("/v1/status?limit=%d", limit), nil, s)
}

// troubled tells whether a stream does not deliver.
func troubled(s *nativeapi.Status) bool {
	for _, stream := range s.Streams {
		if stream.State == nativeapi.StateFailing || stream.State == nativeapi.StateHeld {
			return true
		}
	}
	return false
}

// watchEvery is how often --watch asks.
const watchEvery = time.Second

// watchStatus shows the status again and again until it is interrupted. A server that does not answer for a while is
// told of in its place.
func watchStatus(c *cobra.Command, server *client.Client, v statusView) error {
	out := c.OutOrStdout()
	v.paint = painter(out)
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		var page bytes.Buffer
		s, err := readStatus(c.Context(), server, v.limit)
		if c.Context().Err() != nil {
			return nil
		}
		if err == nil {
			err = v.print(&page, s)
		}
		if err != nil {
			tell(&page, err)
		}
		if isTerminal(out) {
			fmt.Fprint(out, "\x1b[H\x1b[2J")
		}
		if _, err := out.Write(page.Bytes()); err != nil {
			return err
		}
		select {
		case <-c.Context().Done():
			return nil
		case <-ticker.C:
		}
	}
}

// statusView says how a status is written.
type statusView struct {
	format string
	limit  int
	paint  paint
}

func (v statusView) print(w io.Writer, s *nativeapi.Status) error {
	switch v.format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(s)
	case "csv":
		return writeStatusCSV(w, s)
	}
	var b bytes.Buffer
	v.server(&b, s)
	v.groups(&b, s)
	v.streams(&b, s)
	v.tables(&b, s)
	_, err := w.Write(b.Bytes())
	return err
}

func (v statusView) server(w io.Writer, s *nativeapi.Status) {
	parts := []string{"loglake"}
	if s.Server.Version != "" {
		parts[0] += " " + s.Server.Version
	}
	parts = append(parts, "up "+span(time.Duration(s.Server.UptimeSeconds)*time.Second), s.Server.Account+" in "+s.Server.Region,
		"journals "+size(s.Server.JournalBytes))
	if s.Server.JournalMax > 0 {
		parts[len(parts)-1] += " of at most " + size(s.Server.JournalMax)
	}
	if s.Server.Store != "" {
		parts = append(parts, "buckets in "+s.Server.Store)
	}
	if s.Server.FreeBytes != nil {
		parts = append(parts, size(*s.Server.FreeBytes)+" free")
	}
	if !s.Server.Engine {
		parts = append(parts, "no SQL engine")
	}
	fmt.Fprintf(w, "%s\n", v.paint.in(bold, printable(strings.Join(parts, ", "))))
}

// rows prints a table with a line of its own colour for each row, and how many rows are left out.
func (v statusView) rows(w io.Writer, t *table, colours []colour, total int) {
	fmt.Fprintln(w)
	if len(t.rows) == 0 {
		fmt.Fprintf(w, "  no %ss\n", t.header[0])
		return
	}
	var b bytes.Buffer
	t.print(&b)
	for i, line := range strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case i < 2:
			line = v.paint.in(dim, line)
		case i-2 < len(colours):
			line = v.paint.in(colours[i-2], line)
		}
		fmt.Fprintln(w, line)
	}
	if more := total - len(t.rows); more > 0 {
		fmt.Fprintf(w, "  and %s more; --limit shows them\n", grouped(int64(more)))
	}
}

func (v statusView) groups(w io.Writer, s *nativeapi.Status) {
	t := &table{header: []string{"group", "kept", "events", "on disk", "last event", "goes to"}, right: []bool{false, true, true, true, true, false}}
	var colours []colour
	for _, g := range s.Groups {
		kept, last, to, c := "for ever", "-", []string{}, plain
		if g.RetentionDays > 0 {
			kept = fmt.Sprintf("%d days", g.RetentionDays)
		}
		if g.LastEvent != nil {
			last = ago(s.Server.Now, *g.LastEvent)
		}
		for _, f := range g.Filters {
			name := printable(f.Destination)
			switch {
			case f.Missing:
				name, c = name+" (gone)", yellow
			case f.Lag > 0:
				name += fmt.Sprintf(" (%s behind)", grouped(f.Lag))
			}
			to = append(to, name)
		}
		t.add(printable(g.Name), kept, grouped(g.Events), size(g.Bytes), last, strings.Join(append(to, "-")[:max(len(to), 1)], ", "))
		colours = append(colours, c)
	}
	v.rows(w, t, colours, s.Totals.Groups)
}

var stateColours = map[string]colour{nativeapi.StateHeld: red, nativeapi.StateFailing: red, nativeapi.StateWarned: yellow}

func (v statusView) streams(w io.Writer, s *nativeapi.Status) {
	t := &table{header: []string{"stream", "state", "lag", "buffered", "last object", "delivered", "rejected", "to"},
		right: []bool{false, false, true, true, false, true, true, false}}
	var colours []colour
	for _, st := range s.Streams {
		last, to := "-", st.Table
		if st.LastObject != nil {
			last = fmt.Sprintf("%s, %s rows", ago(s.Server.Now, st.LastObject.At), grouped(st.LastObject.Rows))
		}
		if to == "" {
			to = "s3://" + st.Bucket + "/" + st.Prefix
		}
		t.add(printable(st.Name), st.State, grouped(st.Backlog), buffered(s.Server.Now, st), last, grouped(st.Delivered), grouped(st.Rejected), shown(to))
		colours = append(colours, stateColours[st.State])
	}
	v.rows(w, t, colours, s.Totals.Streams)
	for _, st := range s.Streams {
		if why := trouble(st); why != "" {
			state := st.State
			if st.Failing != nil && st.Held == "" {
				state += " for " + span(max(s.Server.Now.Sub(*st.Failing), 0))
			}
			fmt.Fprintf(w, "  %s\n", v.paint.in(stateColours[st.State], printable(st.Name+" is "+state+": "+why)))
		}
	}
}

// trouble is why a stream is not ok.
func trouble(st nativeapi.StreamState) string {
	for _, why := range []string{st.Held, st.LastFailure, st.Mistake} {
		if why != "" {
			return why
		}
	}
	if st.State == nativeapi.StateWarned {
		return "all that waits in its buffer will be rejected: " + strings.ReplaceAll(st.Refusal, "\n", " ")
	}
	return ""
}

func buffered(now time.Time, st nativeapi.StreamState) string {
	if st.HotBytes == 0 {
		return "-"
	}
	text := size(st.HotBytes)
	if st.Oldest != nil {
		text += ", " + span(max(now.Sub(*st.Oldest), 0))
	}
	return text
}

func (v statusView) tables(w io.Writer, s *nativeapi.Status) {
	t := &table{header: []string{"table", "rows", "objects", "partitions", "on disk", "newest", "location"},
		right: []bool{false, true, true, true, true, true, false}}
	for _, tb := range s.Tables {
		newest := "-"
		if tb.Newest != nil {
			newest = ago(s.Server.Now, tb.Newest.At)
		}
		t.add(printable(tb.Database+"."+tb.Name), grouped(tb.Rows), grouped(tb.Objects), grouped(int64(tb.Partitions)), size(tb.Bytes), newest, shown(tb.Location))
	}
	v.rows(w, t, nil, s.Totals.Tables)
}

// writeStatusCSV writes one line for each group, stream and table; what a kind has not is empty.
func writeStatusCSV(w io.Writer, s *nativeapi.Status) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"kind", "name", "state", "events", "lag_events", "rejected", "objects", "bytes", "last"}}
	number := func(n int64) string { return fmt.Sprint(n) }
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	object := func(o *nativeapi.ObjectStatus) string {
		if o == nil {
			return ""
		}
		return at(&o.At)
	}
	for _, g := range s.Groups {
		lag := int64(0)
		for _, f := range g.Filters {
			lag = max(lag, f.Lag)
		}
		lines = append(lines, []string{"group", g.Name, "", number(g.Events), number(lag), "", "", number(g.Bytes), at(g.LastEvent)})
	}
	for _, st := range s.Streams {
		lines = append(lines, []string{"stream", st.Name, st.State, number(st.Delivered), number(st.Backlog), number(st.Rejected), number(st.Objects),
			number(st.HotBytes), object(st.LastObject)})
	}
	for _, t := range s.Tables {
		lines = append(lines, []string{"table", t.Database + "." + t.Name, "", number(t.Rows), "", "", number(t.Objects), number(t.Bytes), object(t.Newest)})
	}
	return out.WriteAll(lines)
}

// oneOf refuses what a flag does not know.
func oneOf(flag, value string, known ...string) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	last := len(known) - 1
	return usageError{fmt.Errorf("%s is %s or %s, not %q", flag, strings.Join(known[:last], ", "), known[last], value)}
}

// complete has the shell complete a flag with fixed values.
func complete(c *cobra.Command, flag string, values ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}
