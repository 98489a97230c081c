package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake/api/nativeapi"
)

// healthy is a pipeline with which nothing is wrong.
func healthy() *patient {
	now, free := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC), int64(100<<30)
	columns := []nativeapi.TableColumn{{Name: "timestamp", Type: "timestamp"}, {Name: "request_id", Type: "string"}}
	p := &patient{
		endpoint: "http://lake:4566", clock: now, buckets: map[string]bool{"lake": true},
		rejects: map[string][]rejectLine{}, samples: map[string][]string{},
		status: &nativeapi.Status{
			Server: nativeapi.ServerStatus{Now: now, Account: "000000000000", Region: "us-east-1", FreeBytes: &free, Engine: true},
			Totals: nativeapi.StatusTotals{Groups: 2, Streams: 1, Tables: 1},
			Groups: []nativeapi.GroupStatus{
				{Name: "/app/api", RetentionDays: 30, Events: 100, Filters: []nativeapi.FilterStatus{
					{Name: "all", Kind: nativeapi.ToStream, Destination: "logs"},
					{Name: "errors", Kind: nativeapi.ToGroup, Destination: "/app/api/errors", Pattern: "ERROR"}}},
				{Name: "/app/api/errors", RetentionDays: 7, Events: 3},
			},
			Streams: []nativeapi.StreamState{{
				StreamStatus: nativeapi.StreamStatus{Name: "logs", Version: "1"}, State: nativeapi.StateOK, From: []string{"/app/api"}, Table: "default.logs",
				Bucket: "lake", Prefix: "data/dt=!{timestamp:yyyy-MM-dd}/", BufferSeconds: 300, BufferMiB: 128, Delivered: 100, Objects: 3,
				LastObject: &nativeapi.ObjectStatus{Rows: 100},
			}},
			Tables: []nativeapi.TableStatus{{Database: "default", Name: "logs", Location: "s3://lake/data/", Columns: columns,
				PartitionKeys: []nativeapi.TableColumn{{Name: "dt", Type: "string"}}, Objects: 3, Bytes: 300 << 20}},
		},
	}
	for i := range 30 {
		p.samples["/app/api"] = append(p.samples["/app/api"], fmt.Sprintf(`{"level":"ERROR","requestId":"r-%d"}`, i))
	}
	return p
}

// Each mistake is seen by its check, and by no other, and says what to do.
func TestDoctor(t *testing.T) {
	if d := examine(healthy()); len(d.Findings) != 0 {
		t.Fatalf("of a healthy lake: %+v", d.Findings)
	}
	seen := map[string]bool{}
	f := func(id string, want string, change func(p *patient, s *nativeapi.StreamState, g *nativeapi.GroupStatus, tb *nativeapi.TableStatus)) {
		t.Helper()
		p := healthy()
		change(p, &p.status.Streams[0], &p.status.Groups[0], &p.status.Tables[0])
		d := examine(p)
		seen[id] = true
		if len(d.Findings) != 1 || d.Findings[0].Check != id {
			t.Errorf("%s: found %+v", id, d.Findings)
			return
		}
		if x := d.Findings[0]; !strings.Contains(x.Seen+"\n"+x.Means+"\n"+x.Command, want) || x.Seen == "" || x.Means == "" || x.About == "" || x.Command == "" {
			t.Errorf("%s says %+v, want %q in it", id, x, want)
		}
	}
	type (
		stream = nativeapi.StreamState
		group  = nativeapi.GroupStatus
		tbl    = nativeapi.TableStatus
	)
	f("clock", "5 min apart", func(p *patient, _ *stream, _ *group, _ *tbl) { p.clock = p.clock.Add(-5 * time.Minute) })
	f("disk", "1.0 MB left", func(p *patient, _ *stream, _ *group, _ *tbl) { *p.status.Server.FreeBytes = 1e6 })
	f("journal", "it holds 900.0 MB and its limit is 1.0 GB", func(p *patient, _ *stream, _ *group, _ *tbl) {
		p.status.Server.JournalBytes, p.status.Server.JournalMax = 9e8, 1e9
	})
	f("engine", "SELECT is refused", func(p *patient, _ *stream, _ *group, _ *tbl) { p.status.Server.Engine = false })
	f("held", "loglake resume logs --as-is", func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.Held, s.Mistake = "records are gzip data: add the processor Decompression", "records are gzip data: add the processor Decompression"
	})
	f("failing", "disk on fire", func(_ *patient, s *stream, _ *group, _ *tbl) { s.LastFailure = "disk on fire" })
	f("mistake", `"Type":"Decompression"`, func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.Mistake = "records are gzip data: add the processor Decompression"
	})
	f("mistake", `"Type":"AppendDelimiterToRecord"`, func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.Mistake = "glued: add the processor AppendDelimiterToRecord"
	})
	f("mistake", "tag-delivery-stream --delivery-stream-name logs --tags Key=loglake:partition-by,", func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.Mistake = `rows lie in the folders of their arrival. The table has no column "time"`
	})
	f("bucket", "aws s3 mb s3://lake", func(p *patient, s *stream, _ *group, _ *tbl) {
		p.buckets, s.LastFailure = map[string]bool{}, "bucket lake does not exist"
	})
	f("table", "CREATE EXTERNAL TABLE default.logs", func(p *patient, _ *stream, _ *group, _ *tbl) { p.status.Tables, p.status.Totals.Tables = nil, 0 })
	f("prefix", `"Prefix":"data/dt=!{timestamp:yyyy-MM-dd}/"`, func(_ *patient, s *stream, _ *group, _ *tbl) { s.Prefix = "logs/dt=!{timestamp:yyyy-MM-dd}/" })
	f("prefix", "s3://other/", func(p *patient, s *stream, _ *group, _ *tbl) { s.Bucket, p.buckets["other"] = "other", true })
	f("partition", "no folder dt=", func(_ *patient, s *stream, _ *group, _ *tbl) { s.Prefix = "data/" })
	f("partition", "SHOW CREATE TABLE default.logs", func(_ *patient, _ *stream, _ *group, tb *tbl) { tb.PartitionKeys = nil })
	f("rejects", "loglake run", func(p *patient, s *stream, _ *group, _ *tbl) {
		s.Rejected, s.LastRejects = 7, &nativeapi.ObjectStatus{Bucket: "lake", Key: "rejects/x"}
		p.rejects["logs"] = parseRejects(rejected("DataFormatConversion.ParseError", plainTextRefused, "Segmentation fault"))
	})
	f("rejects", "7 records in its buffer", func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.HotRejects, s.Refusal = 7, `DataFormatConversion.MalformedData: Data does not match the schema. "2026-01-31T10:00:00+00:00" in column timestamp is no timestamp`
	})
	f("rejects", `replace("+00:00", "Z")`, func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.HotRejects, s.Refusal = 7, `DataFormatConversion.MalformedData: Data does not match the schema. "2026-01-31T10:00:00+00:00" in column timestamp is no timestamp`
	})
	f("rejects", "7 records were rejected", func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.Rejected, s.LastRejects = 7, &nativeapi.ObjectStatus{Bucket: "lake", Key: "rejects/x"}
	})
	f("keys", `"ColumnToJsonKeyMappings":{"request_id":"requestId"}`, func(_ *patient, s *stream, _ *group, _ *tbl) {
		s.NoColumn, s.LastObject.EmptyColumns = []string{"requestid"}, []string{"request_id"}
	})
	f("columns", "a value for request_id", func(_ *patient, s *stream, _ *group, _ *tbl) { s.LastObject.EmptyColumns = []string{"request_id"} })
	f("fields", "ADD COLUMNS (`user` string, `error` string)", func(_ *patient, s *stream, _ *group, _ *tbl) { s.NoColumn = []string{"user", "error"} })
	f("pattern", `matches none of the newest 30 events`, func(_ *patient, _ *stream, g *group, _ *tbl) { g.Filters[0].Pattern = `{ $.Level = "ERROR" }` })
	f("double", "--filter-name second", func(_ *patient, _ *stream, g *group, _ *tbl) {
		g.Filters = append(g.Filters, nativeapi.FilterStatus{Name: "second", Kind: nativeapi.ToStream, Destination: "logs", Pattern: "ERROR"})
	})
	f("double", "delete-subscription-filter --log-group-name /app/api --filter-name few", func(_ *patient, _ *stream, g *group, _ *tbl) {
		g.Filters[0].Pattern = "ERROR" // what the other passes is wanted
		g.Filters[0].Name = "few"
		g.Filters = append(g.Filters, nativeapi.FilterStatus{Name: "second", Kind: nativeapi.ToStream, Destination: "logs"})
	})
	f("double", "describe-subscription-filters", func(_ *patient, _ *stream, g *group, _ *tbl) {
		g.Filters[0].Pattern = "ERROR"
		g.Filters = append(g.Filters, nativeapi.FilterStatus{Name: "second", Kind: nativeapi.ToStream, Destination: "logs", Pattern: "level"})
	})
	f("gone", "delete-subscription-filter", func(_ *patient, _ *stream, g *group, _ *tbl) { g.Filters[0].Missing = true })
	f("source", "put-subscription-filter", func(_ *patient, s *stream, _ *group, _ *tbl) { s.From = nil })
	f("retention", "put-retention-policy --log-group-name /app/api ", func(_ *patient, _ *stream, g *group, _ *tbl) { g.RetentionDays = 0 })
	f("unfiltered", "--log-group-name /other ", func(p *patient, _ *stream, _ *group, _ *tbl) {
		p.status.Groups = append(p.status.Groups, group{Name: "/other", RetentionDays: 1, Events: 5})
	})
	f("small-files", `"IntervalInSeconds":900`, func(_ *patient, s *stream, _ *group, tb *tbl) {
		s.BufferSeconds, s.Objects, tb.Objects, tb.Bytes = 1, 5000, 5000, 5000<<10
	})
	for _, k := range checks() {
		if !seen[k.id] {
			t.Errorf("check %s is not tried", k.id)
		}
	}
}

// What a command has from a record or from the lake is one word to the shell: whoever logs a line runs nothing here.
func TestDoctorCommandsRunNothing(t *testing.T) {
	p := healthy()
	s, ran := &p.status.Streams[0], filepath.Join(t.TempDir(), "ran")
	evil := "$(touch " + ran + ")`touch " + ran + "`'; touch " + ran + "; '\""
	s.NoColumn = []string{"x\ntouch " + ran + "\n", evil, "request-id'" + evil, "Request_Id"}
	s.Name, s.Version, s.Held, s.Prefix, s.Bucket, s.LastRejects = "x"+evil, "1", "why", "other/"+evil+"=1/", evil, &nativeapi.ObjectStatus{Bucket: evil, Key: evil}
	p.status.Groups[0].Name, p.status.Groups[0].RetentionDays = evil, 0
	p.status.Tables[0].Location = "s3://lake/" + evil + "/"
	d := examine(p)
	if len(d.Findings) < 6 {
		t.Errorf("only %d findings", len(d.Findings))
	}
	for _, f := range d.Findings {
		for line := range strings.Lines(f.Command) {
			c := exec.Command("/bin/sh", "-c", "aws() { :; }; loglake() { :; }; "+line)
			out, err := c.CombinedOutput()
			if _, gone := os.Stat(ran); err != nil || gone == nil {
				t.Fatalf("%s: %v\n%s\n%s", f.Check, err, line, out)
			}
		}
	}
}

// A command reaches the server that was looked at, whatever the shell has in its environment.
func TestAimed(t *testing.T) {
	for _, c := range []struct{ command, aws, loglake, want string }{
		{"aws s3 mb s3://b", "", "", "aws --endpoint-url http://lake:1 s3 mb s3://b"},
		{"aws s3 mb s3://b", "http://elsewhere:1", "", "aws --endpoint-url http://lake:1 s3 mb s3://b"},
		{"aws s3 mb s3://b", "http://lake:1/", "", "aws s3 mb s3://b"},
		{"loglake tail /g", "", "", "loglake tail /g --endpoint http://lake:1"},
		{"loglake tail /g", "", "http://lake:1", "loglake tail /g"},
		{"df -h\naws logs x", "", "", "df -h\naws --endpoint-url http://lake:1 logs x"},
		{"loglake serve", "", "", "loglake serve"},
		{"", "", "", ""},
	} {
		t.Setenv("AWS_ENDPOINT_URL", c.aws)
		t.Setenv("LOGLAKE_ENDPOINT", c.loglake)
		if got := aimed(c.command, "http://lake:1"); got != c.want {
			t.Errorf("%q with %q and %q: %q, want %q", c.command, c.aws, c.loglake, got, c.want)
		}
	}
}

// Many findings of one check are counted, not told, and problems come before notes.
func TestDoctorTellsFew(t *testing.T) {
	p := healthy()
	for i := range 1000 {
		p.status.Groups = append(p.status.Groups, nativeapi.GroupStatus{Name: fmt.Sprint("g", i)})
	}
	p.status.Streams[0].LastFailure = "no"
	d := examine(p)
	if len(d.Findings) != findingsMax+1 || d.Problems != 1 || d.Notes != 1000 || d.Findings[0].Check != "failing" {
		t.Errorf("%d findings, %d problems, %d notes: %+v", len(d.Findings), d.Problems, d.Notes, d.Findings)
	}
	var b bytes.Buffer
	d.print(&b)
	if text := b.String(); !strings.Contains(text, "  and 995 more of the same\n") || !strings.HasSuffix(text, "1 problem, 1000 notes; 22 checks\n") || strings.Contains(text, "\x1b") {
		t.Errorf("it says\n%s", text)
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"/app/api": "/app/api", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'", `{ $.a = "b" }`: `'{ $.a = "b" }'`} {
		if got := shellWord(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

// Whoever can't be reached is told why.
func TestDoctorReaches(t *testing.T) {
	r := serving(t)
	for _, c := range []struct{ endpoint, want string }{
		{"http://127.0.0.1:1", "loglake serve"},
		{r.HTTP, "native HTTP"},
		{strings.Replace(r.AWS, "http:", "https:", 1), "without TLS"},
	} {
		code, out, _ := told(t, "doctor", "--endpoint", c.endpoint)
		if code != exitProblem || !strings.Contains(out, c.want) || !strings.HasSuffix(out, "1 problem, 0 notes; 1 check\n") {
			t.Errorf("%s: exit %d\n%s", c.endpoint, code, out)
		}
	}
	code, out, _ := told(t, "doctor", "--endpoint", r.AWS)
	if code != exitOK || !strings.Contains(out, "nothing to mend") && !strings.Contains(out, "without a SQL engine") {
		t.Errorf("an empty lake: exit %d\n%s", code, out)
	}
}

func TestDoctorHelpListsItsChecks(t *testing.T) {
	_, help, _ := told(t, "doctor", "--help")
	if ids := checks(); slices.ContainsFunc(ids, func(k mistakeCheck) bool { return !strings.Contains(help, "  "+k.id+" ") }) {
		t.Errorf("the help lacks a check:\n%s", help)
	}
}
