package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/books"
)

// ledgerFlags are those of `loglake ledger`.
type ledgerFlags struct {
	remote
	group, stream string
	ended         bool
	minutes       bool
	since         time.Duration
	limit         int
}

func ledgerCommand() *cobra.Command {
	var f ledgerFlags
	c := &cobra.Command{
		Use:   "ledger",
		Short: "Show what became of every event, and whether it adds up",
		Long: `ledger shows the books of a server. Each line is an account with equations of its own:

  a log group      accepted = retained + expired + deleted
  a subscriber     events between where it began and where it is = unmatched + control + consumed,
  (filter, route)  and what was consumed is rows, rejects or copies
  a stream         all its batches, which are the sum of its subscribers

It ends with the word "balanced", or with the accounts that are out, by how much, and why.
late events have a timestamp more than an hour older than their arrival; turned away are those that
were there already, too new, too old, or past the group's retention. docs/ledger.md explains every
column and what to do about an imbalance.

Exit code 3 where an account does not balance. The folder of a stopped server is held against the
same equations by ` + "`loglake check`" + `; in SQL the accounts are the tables of database loglake.`,
		Example: `  loglake ledger
  loglake ledger --group /app/api
  loglake ledger --minutes --since 15m
  loglake ledger --format json | jq '.rows[] | select(.balanced | not)'
  loglake query "SELECT log_group, late FROM loglake.ledger WHERE late > 0"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("--format", f.format, "table", "json", "csv"); err != nil {
				return err
			}
			if f.minutes {
				return f.showMinutes(c)
			}
			return f.showAccounts(c)
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.group, "group", "", "accounts of one log group")
	c.Flags().StringVar(&f.stream, "stream", "", "accounts of one delivery stream")
	c.Flags().BoolVar(&f.ended, "ended", false, "also filters, streams and groups that are gone")
	c.Flags().BoolVar(&f.minutes, "minutes", false, "what arrived, minute by minute")
	c.Flags().DurationVar(&f.since, "since", time.Hour, "with --minutes: how far back")
	c.Flags().IntVar(&f.limit, "limit", 1000, "with --minutes: how many lines, the newest")
	c.Flags().StringVar(&f.format, "format", "table", "table, json or csv")
	complete(c, "format", "table", "json", "csv")
	return c
}

// query gives the choice of rows as a call takes it.
func (f *ledgerFlags) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"group": f.group, "stream": f.stream} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (f *ledgerFlags) call(c *cobra.Command, path string, q url.Values, out any) error {
	server, err := f.client()
	if err != nil {
		return err
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return server.Call(c.Context(), http.MethodGet, path, nil, out)
}

func (f *ledgerFlags) showAccounts(c *cobra.Command) error {
	q := f.query()
	if f.ended {
		q.Set("ended", "true")
	}
	var l nativeapi.Ledger
	if err := f.call(c, "/v1/ledger", q, &l); err != nil {
		return err
	}
	if err := printLedger(c.OutOrStdout(), f.format, &l); err != nil {
		return err
	}
	if !l.Balanced {
		return exitError{exitProblem}
	}
	return nil
}

func printLedger(w io.Writer, format string, l *nativeapi.Ledger) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(l)
	case "csv":
		return writeRows(w, l.Rows)
	}
	var b bytes.Buffer
	v := statusView{paint: painter(w)}
	v.journalAccounts(&b, l.Rows)
	v.takers(&b, l.Rows)
	v.verdict(&b, l)
	_, err := w.Write(b.Bytes())
	return err
}

func writeRows[T any](w io.Writer, rows []T) error {
	out := csv.NewWriter(w)
	lines := [][]string{books.Header[T]()}
	for _, r := range rows {
		lines = append(lines, books.Record(r))
	}
	return out.WriteAll(lines)
}

// some gives a number, or a dash where there is none.
func some(n *int64) string {
	if n == nil {
		return "-"
	}
	return grouped(*n)
}

func colourOf(r *books.Row) colour {
	switch {
	case !r.Balanced:
		return red
	case r.Ended:
		return dim
	}
	return plain
}

// journalAccounts shows what became of what was put.
func (v statusView) journalAccounts(w io.Writer, rows []books.Row) {
	t := &table{header: []string{"log group", "accepted", "retained", "expired", "deleted", "late", "turned away"},
		right: []bool{false, true, true, true, true, true, true}}
	var colours []colour
	for i := range rows {
		r := &rows[i]
		name, gone := r.Group, r.Expired
		switch r.Kind {
		case books.KindGroup:
			name = cmp.Or(name, "(deleted, still read)")
		case books.KindRecords:
			if *r.Accepted == 0 && r.Balanced {
				continue // nobody puts records to the stream
			}
			name, gone = "records put to "+r.Stream, r.Released
		case books.KindDeleted:
			name, gone = fmt.Sprintf("(%s deleted)", grouped(*r.Journals)), r.Released
		default:
			continue
		}
		turned := *r.Repeated + *r.TooNew + *r.TooOld + *r.PastRetention
		t.add(printable(name), some(r.Accepted), some(r.Retained), some(gone), some(r.Deleted), some(r.Late), grouped(turned))
		colours = append(colours, colourOf(r))
	}
	v.rows(w, t, colours, len(t.rows))
}

// takers shows what became of what was taken.
func (v statusView) takers(w io.Writer, rows []books.Row) {
	t := &table{header: []string{"subscriber", "events", "unmatched", "delivered", "rejects", "late", "buffered"},
		right: []bool{false, true, true, true, true, true, true}}
	var colours []colour
	for i := range rows {
		r := &rows[i]
		var name string
		switch r.Kind {
		case books.KindStream:
			name = "stream " + cmp.Or(r.Stream, "(deleted) "+r.Producer)
		case books.KindSubscription:
			name = fmt.Sprintf("%s, %s → %s", cmp.Or(r.Group, "(deleted)"), cmp.Or(r.Filter, "(ended)"), cmp.Or(r.Stream, "(deleted)"))
		case books.KindRoute:
			name = fmt.Sprintf("%s, %s → group %s", cmp.Or(r.Group, "(deleted)"), cmp.Or(r.Filter, "(ended)"), cmp.Or(r.Target, "(deleted)"))
		case books.KindDirect:
			if *r.Events == 0 && r.Balanced && (r.Buffered == nil || *r.Buffered == 0) {
				continue
			}
			name = "records → " + cmp.Or(r.Stream, "(deleted)")
		default:
			continue
		}
		t.add(printable(name), some(r.Events), some(r.Unmatched), some(r.Delivered), some(r.Rejects), some(r.Late), some(r.Buffered))
		colours = append(colours, colourOf(r))
	}
	v.rows(w, t, colours, len(t.rows))
}

// verdict says whether all of it adds up, and else what does not.
func (v statusView) verdict(w io.Writer, l *nativeapi.Ledger) {
	fmt.Fprintln(w)
	if l.Balanced {
		fmt.Fprintf(w, "%s: %s accounts, and every event is in its place\n", v.paint.in(bold, "balanced"), grouped(int64(len(l.Rows))))
		return
	}
	fmt.Fprintln(w, v.paint.in(red, "not balanced:"))
	for i := range l.Rows {
		if r := &l.Rows[i]; !r.Balanced {
			fmt.Fprintf(w, "  %s\n", v.paint.in(red, printable(fmt.Sprintf("%s: out by %d: %s", accountName(r), r.Difference, r.Problem))))
		}
	}
	fmt.Fprintln(w, "  docs/ledger.md says what to do; `loglake check` looks closer once the server is stopped")
}

func accountName(r *books.Row) string {
	parts := []string{r.Kind}
	for _, name := range []string{r.Group, r.Filter, r.Stream, r.Target} {
		if name != "" {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, " ")
}

func (f *ledgerFlags) showMinutes(c *cobra.Command) error {
	if f.limit < 1 || f.limit > nativeapi.LedgerMinutesMax {
		return usageError{fmt.Errorf("--limit is from 1 to %d, not %d", nativeapi.LedgerMinutesMax, f.limit)}
	}
	if f.since <= 0 {
		return usageError{fmt.Errorf("--since is a time such as 15m or 24h, not %s", f.since)}
	}
	q := f.query()
	q.Set("limit", strconv.Itoa(f.limit))
	q.Set("since", time.Now().Add(-f.since).UTC().Format(time.RFC3339))
	var l nativeapi.LedgerMinutes
	if err := f.call(c, "/v1/ledger/minutes", q, &l); err != nil {
		return err
	}
	w := c.OutOrStdout()
	switch f.format {
	case "json":
		return json.NewEncoder(w).Encode(l)
	case "csv":
		return writeRows(w, l.Minutes)
	}
	t := &table{header: []string{"minute", "subscriber", "events", "bytes", "unmatched", "rows", "copied", "rejects", "late"},
		right: []bool{false, false, true, true, true, true, true, true, true}}
	for _, m := range l.Minutes {
		at := m.Start.UTC().Format("2006-01-02 15:04")
		if m.Seconds > 60 {
			at = m.Start.UTC().Format(time.DateOnly) + " (day)"
		}
		copied, rows := "-", grouped(m.Rows)
		name := fmt.Sprintf("%s, %s → %s", cmp.Or(m.Group, "(deleted)"), cmp.Or(m.Filter, "(ended)"), cmp.Or(m.Stream, "(deleted)"))
		switch m.Kind {
		case books.KindRoute:
			name = fmt.Sprintf("%s, %s → group %s", cmp.Or(m.Group, "(deleted)"), cmp.Or(m.Filter, "(ended)"), cmp.Or(m.Target, "(deleted)"))
			copied, rows = grouped(m.Delivered), "-"
		case books.KindDirect:
			name = "records → " + cmp.Or(m.Stream, "(deleted)")
		}
		t.add(at, printable(name), grouped(m.Events), size(m.Bytes), grouped(m.Unmatched), rows, copied, grouped(m.Rejects), grouped(m.Late))
	}
	var b bytes.Buffer
	statusView{paint: painter(w)}.rows(&b, t, nil, len(t.rows))
	_, err := w.Write(b.Bytes())
	return err
}
