package route_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
)

// TestSkipDamaged damages a put in the middle of a route's source: what is before it is copied and what follows waits, with a
// status that says what to do; then what follows is copied, once, and the books have the lost event.
func TestSkipDamaged(t *testing.T) {
	l := newLake(t)
	l.group("/a", "/b")
	l.route("/a", "", "/b")
	l.put("/a", "s", "before")
	l.put("/a", "s", "damaged")
	l.put("/a", "s", "behind")
	l.close()
	damagePut(t, filepath.Join(l.dir, "journal"), "damaged")
	l.open()
	l.run()
	for !strings.Contains(l.failure(), "loglake resume --group /a --filter") {
		l.pause()
	}
	if got := l.all("/b"); len(got) != 1 {
		t.Errorf("before anybody says so there is %q", got)
	}
	if _, err := l.routes.SkipDamaged("/a", "other"); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Errorf("a filter that is not there: %v", err)
	}
	filter := l.routes.Statuses()[0].Filter
	skipped, err := l.routes.SkipDamaged("/a", filter)
	if err != nil || len(skipped) != 1 || skipped[0].From != 1 || skipped[0].To != 2 {
		t.Fatalf("skipped %+v, %v", skipped, err)
	}
	l.await(map[loglake.GroupName][]string{"/b": {"s before", "s behind"}})
	for l.failure() != "" {
		l.pause()
	}
	if _, err := l.routes.SkipDamaged("/a", filter); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Errorf("where nothing is damaged: %v", err)
	}
	l.stop()
	var sum ledger.Counts
	for _, s := range l.books() {
		sum.Add(s.Counts)
	}
	if err := sum.Balance(); err != nil || sum.Events != 3 || sum.Delivered != 2 || sum.Undecodable != 1 {
		t.Errorf("the books have %+v, %v", sum, err)
	}
}

// failure gives why the only route does not go on.
func (l *lake) failure() string {
	for _, s := range l.routes.Statuses() {
		return s.Failure
	}
	return ""
}

// damagePut flips a bit of a message in the write-ahead log.
func damagePut(t *testing.T, dir, message string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "wal", "*.wal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.Index(string(b), message); i >= 0 {
			b[i] ^= 1
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the message is not in the write-ahead log")
}
