package delivery_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/loggroup"
)

// TestSkipDamaged damages a put in the middle of a group. What is before it is delivered and what follows waits; the status
// says what to do; then the damaged events are rejects in the books, and everything else is delivered once.
func TestSkipDamaged(t *testing.T) {
	for _, hotMax := range []int64{0, 1} { // with 1 every chunk is evicted, and read again by its flush
		t.Run(fmt.Sprint("hotMax=", hotMax), func(t *testing.T) {
			l := open(t, &lake{hotMax: hotMax})
			l.setUp()
			l.stream("s", l.destination(processing(gunzip, extract)))
			l.subscribe("/a", "s", "")
			l.log("/a", event("before", 1))
			l.log("/a", event("gone-1", 1), event("gone-2", 2), event("gone-3", 3))
			l.log("/a", event("behind", 1))
			l.close()
			damageRecord(t, filepath.Join(l.dir, "journal"), 1)
			l = open(t, &lake{dir: l.dir, hotMax: hotMax})
			defer func() { l.close() }()
			l.untilFailure("--skip-damaged")
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if _, err := l.streams.Flush(ctx, "s"); loglake.CodeOf(err) != loglake.CodeUnavailable {
				t.Errorf("a flush of what is damaged answers %v", err)
			}
			want(t, "rows before", l.rows("data/"), "before")
			page, _, err := l.groups.FilterEvents(ctx, loggroup.FilterQuery{Group: "/a"})
			if err != nil || len(page) != 2 {
				t.Errorf("reading the group around the damage gave %d events, %v", len(page), err)
			}
			skipped, err := l.streams.SkipDamaged("s")
			if err != nil || len(skipped) != 1 || skipped[0].To-skipped[0].From != 3 || !strings.Contains(skipped[0].Damage, "damaged") {
				t.Fatalf("skipped %+v, %v", skipped, err)
			}
			l.flush("s")
			want(t, "rows", l.rows("data/"), "before", "behind")
			lines := l.rejects()
			if len(lines) != 3 || lines[0].ErrorCode != delivery.CodeDamaged {
				t.Errorf("rejects are %+v", lines)
			}
			report := l.checkDamaged()
			if report.Events != 5 || report.Rows != 2 || report.Rejects != 3 {
				t.Errorf("the books have %+v", report)
			}
			if _, err := l.streams.SkipDamaged("s"); loglake.CodeOf(err) != loglake.CodeConflict {
				t.Errorf("skipping where nothing is damaged: %v", err)
			}
		})
	}
}

// checkDamaged runs the checker, which is to find the damage and nothing else: in the journal, in the account of the log, and in
// that of its group, by as many events as were damaged.
func (l *lake) checkDamaged() *check.Report {
	l.t.Helper()
	report, err := check.Run(l.t.Context(), check.Config{State: l.state, Journal: l.journal, Store: l.store, Commit: l.commit, Books: l.books()})
	if err != nil {
		l.t.Fatal(err)
	}
	if len(report.Problems) == 0 {
		l.t.Error("the checker finds no damage")
	}
	for _, p := range report.Problems {
		if p.Kind != "journal" && !strings.Contains(p.Text, "3 are damaged or gone on the disk") && !strings.Contains(p.Text, "in 1 of the write-ahead log's files") {
			l.t.Errorf("check: %s: %s", p.Kind, p.Text)
		}
	}
	return report
}

// untilFailure waits until the only stream's status says text.
func (l *lake) untilFailure(text string) {
	l.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		statuses, err := l.streams.Statuses(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		if strings.Contains(statuses[0].Failure, text) {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("the status never said %q, but %q", text, statuses[0].Failure)
		}
	}
}

// damageRecord flips a bit in the body of a put in the write-ahead log, counted from 0 among those that hold events.
func damageRecord(t *testing.T, dir string, nth int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "wal", "*.wal"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no write-ahead log in %s: %v", dir, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	const header = 80
	for at := 64; at+header < len(b); {
		size := int(b[at+4]) | int(b[at+5])<<8 | int(b[at+6])<<16
		if size < header {
			break
		}
		if b[at+16] == 1 { // a put
			if nth == 0 {
				b[at+size-16] ^= 1
				if err := os.WriteFile(files[0], b, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			nth--
		}
		at += size
	}
	t.Fatal("there are not so many puts in the write-ahead log")
}
