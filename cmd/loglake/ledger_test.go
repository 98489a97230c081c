package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/books"
)

// ledgerServer answers for the ledger of a server.
func ledgerServer(t *testing.T, l nativeapi.Ledger, minutes []books.Minute) (endpoint string, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RequestURI())
		var body any = l
		if strings.HasSuffix(r.URL.Path, "/minutes") {
			body = nativeapi.LedgerMinutes{Minutes: minutes}
		}
		if err := json.NewEncoder(w).Encode(body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestLedgerCommand(t *testing.T) {
	n := func(n int64) *int64 { return &n }
	group := books.Row{Kind: books.KindGroup, Group: "/app\x1b[31m", Balanced: true, Accepted: n(1234), Retained: n(1000), Expired: n(200), Deleted: n(0), Late: n(3),
		Repeated: n(1), TooNew: n(2), TooOld: n(3), PastRetention: n(4)}
	taken := books.Row{Kind: books.KindRoute, Group: "/app", Filter: "errors", Target: "/errors", Balanced: true, Events: n(10), Unmatched: n(7), Delivered: n(3), Rejects: n(0), Late: n(0), Buffered: n(5)}
	quiet := books.Row{Kind: books.KindDirect, Stream: "nobody", Balanced: true, Events: n(0), Buffered: n(0)}
	l := nativeapi.Ledger{Balanced: true, Rows: []books.Row{group, taken, quiet}}
	endpoint, asked := ledgerServer(t, l, []books.Minute{
		{Start: time.Date(2025, 12, 3, 10, 15, 0, 0, time.UTC), Seconds: 60, Kind: books.KindSubscription, Group: "/app", Filter: "all", Stream: "logs", Events: 7, Rows: 6, Rejects: 1, Bytes: 2000},
		{Start: time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC), Seconds: 86400, Kind: books.KindRoute, Group: "/app", Target: "/errors", Events: 9, Delivered: 4},
	})
	holds := func(args string, code int, want ...string) {
		t.Helper()
		got, out, errs := told(t, append(strings.Fields(args), "--endpoint", endpoint)...)
		if got != code {
			t.Errorf("%s: exit code %d, want %d: %s", args, got, code, errs)
		}
		for _, text := range want {
			if !strings.Contains(out+errs, text) {
				t.Errorf("%s: no %q in\n%s%s", args, text, out, errs)
			}
		}
		if people := !strings.Contains(args, "format"); people && (strings.Contains(out, "\x1b[31m") || strings.Contains(out, "nobody")) {
			t.Errorf("%s: what strangers named, or nobody uses:\n%q", args, out)
		}
	}
	holds("ledger", exitOK, "1,234", "1,000", "200", "10\n", "/app, errors → group /errors", "balanced: 3 accounts, and every event is in its place")
	holds("ledger --format json", exitOK, `"balanced":true`, `"accepted":1234`)
	holds("ledger --format csv", exitOK, "kind,log_group,filter,", "route,/app,errors,,/errors,true,0,")
	holds("ledger --group /app --ended", exitOK, "balanced")
	holds("ledger --minutes --since 15m --limit 5 --stream logs", exitOK, "2025-12-03 10:15", "2025-11-01 (day)", "2.0 kB")
	holds("ledger --minutes --format csv", exitOK, "start_time,seconds,", "2025-12-03T10:15:00Z,60,subscription,/app,all,logs,")
	holds("ledger --minutes --format json", exitOK, `"start_time":"2025-12-03T10:15:00Z"`)
	holds("ledger --format text", exitUsage, "--format is table, json or csv")
	holds("ledger --minutes --limit 0", exitUsage, "--limit is from 1")
	for _, want := range []string{"/v1/ledger?ended=true&group=%2Fapp", "limit=5&since=", "&stream=logs"} {
		if !strings.Contains(strings.Join(*asked, " "), want) {
			t.Errorf("no call with %s: %v", want, *asked)
		}
	}
	l.Balanced = false
	l.Rows[0].Balanced, l.Rows[0].Difference, l.Rows[0].Problem = false, 34, "1234 accepted events are not 1000 retained, 200 expired and 0 deleted: 34 are missing"
	endpoint, _ = ledgerServer(t, l, nil)
	holds("ledger", exitProblem, "not balanced:", "out by 34: 1234 accepted events are not 1000 retained", "docs/ledger.md")
	holds("ledger --format json", exitProblem, `"difference":34`)
}
