package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/loggroup"
	queries "github.com/loglake/loglake/query"
	"github.com/loglake/loglake/server"
)

const stateChild = "LOGLAKE_TEST_STATE_CHILD"

// SQLite's own writes fail, since the operating system lets no file be written. Every change is refused, reads go on,
// memory and state agree; when files can be written again, so can everything else, without a restart. It happens in a
// process of its own, since the limit is a process's.
func TestStateCantBeWritten(t *testing.T) {
	if os.Getenv(stateChild) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStateCantBeWritten$", "-test.v")
		cmd.Env = append(os.Environ(), stateChild+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	dir := t.TempDir()
	cfg := server.Config{Dir: dir, Home: home}
	r, err := run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, now: loglake.At(time.Now())}
	if err := c.setUp(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	before := definitions(t, r)
	writable(t, false)
	var failed []string
	for name, change := range stateChanges(c, r) {
		if change(t.Context()) != nil {
			failed = append(failed, name)
		}
	}
	if _, err := r.Groups.PutEvents(t.Context(), loggroup.Put{Group: "/app", Stream: "i-1", Batch: one(c)}); err == nil {
		t.Error("an event was taken")
	}
	during := definitions(t, r)
	writable(t, true)
	if len(failed) != len(stateChanges(c, r)) {
		t.Errorf("refused were %v only", failed)
	}
	if d := cmp.Diff(before, during); d != "" {
		t.Error("changed, although it was refused: ", d)
	}
	for name, change := range stateChanges(c, r) {
		if err := change(t.Context()); err != nil {
			t.Errorf("%s, when files can be written again: %v", name, err)
		}
	}
	if err := try(t.Context(), func() error {
		_, err := r.Groups.PutEvents(t.Context(), loggroup.Put{Group: "/app", Stream: "i-1", Batch: one(c)})
		return err
	}); err != nil {
		t.Error("put, when files can be written again: ", err)
	}
	after := definitions(t, r)
	if err := r.close(); err != nil {
		t.Error(err)
	}
	if r, err = run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(after, definitions(t, r)); d != "" {
		t.Error("opened again: ", d)
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

func one(c *client) *loggroup.Batch {
	var b loggroup.Batch
	b.Add(c.now, []byte("event"))
	return &b
}

// writable lets the process write files, or none.
func writable(t *testing.T, yes bool) {
	t.Helper()
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l)
	if l.Cur = 0; yes {
		l.Cur = l.Max
	}
	if err := errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l)); err != nil {
		t.Fatal(err)
	}
}

func stateChanges(c *client, r *running) map[string]func(context.Context) error {
	var table catalog.TableInput
	if err := json.Unmarshal([]byte(`{"Name":"more"}`), &table); err != nil {
		c.t.Fatal(err)
	}
	return map[string]func(context.Context) error{
		"database": func(ctx context.Context) error {
			return r.Catalog.CreateDatabase(ctx, catalog.DatabaseInput{Name: "more"})
		},
		"table":     func(ctx context.Context) error { return r.Catalog.CreateTable(ctx, "default", table) },
		"group":     func(ctx context.Context) error { return r.Groups.CreateGroup(ctx, loggroup.NewGroup{Name: "/more"}) },
		"stream":    func(ctx context.Context) error { return r.Groups.CreateStream(ctx, "/app", "more") },
		"retention": func(ctx context.Context) error { return r.Groups.PutRetention(ctx, "/app", 3) },
		"filter":    func(ctx context.Context) error { return r.Groups.DeleteFilter(ctx, "/app", "all") },
		"delivery": func(ctx context.Context) error {
			_, err := r.Streams.Create(ctx, "more", destination(c.t, ""), nil)
			return err
		},
		"tags": func(ctx context.Context) error {
			return r.Streams.Retag(ctx, "direct", func(tags map[string]string) { tags["more"] = "1" })
		},
		"update": func(ctx context.Context) error {
			return r.Streams.Update(ctx, "grouped", "1", delivery.DestinationID, destination(c.t, extraction))
		},
		"workgroup": func(ctx context.Context) error {
			return r.Queries.CreateWorkGroup(ctx, queries.WorkGroup{Name: "more", Engine: "AUTO"})
		},
	}
}

// definitions gives what readers see.
func definitions(t *testing.T, r *running) map[string]any {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Error(err)
		}
	}
	all := map[string]any{}
	var err error
	all["databases"], _, err = r.Catalog.GetDatabases(ctx, catalog.Page{})
	must(err)
	all["tables"], err = r.Catalog.AllTables(ctx, func(catalog.Table) bool { return true })
	must(err)
	all["groups"], _, err = r.Groups.DescribeGroups(loggroup.GroupQuery{})
	must(err)
	streams, _, err := r.Groups.DescribeStreams(ctx, loggroup.StreamQuery{Group: "/app"})
	must(err)
	names := []loglake.LogStreamName{}
	for _, s := range streams {
		names = append(names, s.Name)
	}
	all["streams"] = names
	all["filters"], _, err = r.Groups.DescribeFilters(ctx, "/app", loggroup.FilterList{})
	must(err)
	deliveries := map[loglake.StreamName]string{}
	for _, name := range r.Streams.List() {
		def, err := r.Streams.Describe(name)
		must(err)
		text, err := json.Marshal(def)
		must(err)
		deliveries[name] = string(text)
	}
	all["deliveries"] = deliveries
	groups, err := r.Queries.WorkGroups(ctx)
	must(err)
	for i := range groups {
		groups[i].Created = time.Time{} // of the first one, the server's
	}
	all["workgroups"] = groups
	return all
}
