package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake/api/nativeapi"
)

// account is what became of the lines on their way to the server.
type account struct {
	lines, bytes int64
	events       int64 // that the server has
	unparsed     int64
	lost         int64
	noise        []int64 // by rule
	rules        []string
	took         time.Duration
}

// tellAccount prints what became of every line: on its way, and what the server's ledger says.
func (s *story) tellAccount(ctx context.Context) error {
	status, err := s.settledStatus(ctx)
	if err != nil {
		return err
	}
	a := s.account
	t := table{header: []string{"the account", "", ""}, right: []bool{false, true, false}}
	t.add("lines seen", grouped(a.lines), fmt.Sprintf("%s in %s", size(a.bytes), a.took.Round(time.Millisecond)))
	for n, dropped := range a.noise {
		if dropped > 0 && n < len(a.rules) {
			t.add("dropped as noise", grouped(dropped), fmt.Sprintf("%s: %.1f%% of the lines", a.rules[n], 100*float64(dropped)/float64(max(a.lines, 1))))
		}
	}
	if a.unparsed > 0 {
		t.add("not of the format", grouped(a.unparsed), `kept as {"message": …}`)
	}
	if a.lost > 0 {
		t.add("not stored", grouped(a.lost), "")
	}
	t.add("events in "+string(s.pipeline.Groups[0].Name), grouped(a.events), "each answered after an fsync")
	for _, g := range status.Groups[:min(len(status.Groups), nativeapi.StatusLimitDefault)] {
		if g.Name != string(s.pipeline.Groups[0].Name) {
			t.add("routed to "+g.Name, grouped(g.Events), fmt.Sprintf("kept %d days", g.RetentionDays))
		}
	}
	for _, stream := range status.Streams {
		t.add("delivered by "+stream.Name, grouped(stream.Delivered), s.delivered(status, stream))
		t.add("rejected by "+stream.Name, grouped(stream.Rejected), rejects(stream))
	}
	fmt.Fprintln(s.out)
	t.print(s.out)
	return nil
}

// routedPoll is how often the demo looks whether routes have caught up.
const routedPoll = 5 * time.Millisecond

// settledStatus asks for the server's status once nothing is on its way from group to group.
func (s *story) settledStatus(ctx context.Context) (status nativeapi.Status, err error) {
	for {
		if err := s.server.Call(ctx, http.MethodGet, "/v1/status", nil, &status); err != nil {
			return status, err
		}
		under := slices.ContainsFunc(status.Groups, func(g nativeapi.GroupStatus) bool {
			return slices.ContainsFunc(g.Filters, func(f nativeapi.FilterStatus) bool { return f.Kind == nativeapi.ToGroup && f.Lag > 0 })
		})
		if !under {
			return status, nil
		}
		select {
		case <-time.After(routedPoll):
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

// delivered says what the rows of a stream came to.
func (s *story) delivered(status nativeapi.Status, stream nativeapi.StreamState) string {
	for _, t := range status.Tables {
		if t.Database+"."+t.Name != stream.Table || t.Rows == 0 || s.account.lines == 0 {
			continue
		}
		row, line := float64(t.Bytes)/float64(t.Rows), float64(s.account.bytes)/float64(s.account.lines)
		text := fmt.Sprintf("%d Parquet objects, %s: %.1f bytes a row", t.Objects, size(t.Bytes), row)
		if row < line {
			text += fmt.Sprintf(", a line has %.1f", line)
		}
		return text
	}
	return ""
}

func rejects(stream nativeapi.StreamState) string {
	if stream.LastRejects == nil {
		return ""
	}
	prefix, _, _ := strings.Cut(stream.LastRejects.Key, "/")
	return "with the reason and their bytes under s3://" + stream.LastRejects.Bucket + "/" + prefix + "/"
}
