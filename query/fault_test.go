package query_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

var errInjected = errors.New("injected")

// failOnce has the next transaction of a name fail.
func (l *lake) failOnce(rec *faulttest.Recorder, name string, apply bool) {
	var seen bool
	f := rec.State(func(transaction string) (bool, error) {
		if transaction != name || seen {
			return false, nil
		}
		seen = true
		return apply, errInjected
	})
	l.fault.Store(&f)
	l.t.Cleanup(func() { l.fault.Store(nil) })
}

// restart has another server take over.
func (l *lake) restart() {
	l.t.Helper()
	l.start()
}

// TestFaults fails each write of a query, undone and done. What is said of an execution stays true, also for the next
// server: one that was told to have succeeded has, and its result is there.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		t.Run(fmt.Sprintf("puts, done %v", apply), func(t *testing.T) { faultyPuts(t, rec, apply) })
		t.Run(fmt.Sprintf("transactions of an execution, done %v", apply), func(t *testing.T) { faultyExecution(t, rec, apply) })
		t.Run(fmt.Sprintf("workgroups, done %v", apply), func(t *testing.T) { faultyWorkGroups(t, rec, apply) })
		t.Run(fmt.Sprintf("removed outside, done %v", apply), func(t *testing.T) { faultyRemoval(t, rec, apply) })
	}
}

func faultyPuts(t *testing.T, rec *faulttest.Recorder, apply bool) {
	faulty := &storetest.Faulty{}
	l := newLake(t, func(c *query.Config) {
		faulty.Store = c.Store.(store.Store)
		c.Store = faulty
	})
	for _, sql := range []string{"SELECT 1", "SHOW DATABASES"} {
		for nth := 1; nth <= 2; nth++ {
			seen := 0
			faulty.Fault = func(method, _ string) (bool, error) {
				if seen++; method != "Put" || seen != nth {
					return false, nil
				}
				rec.Call(apply)
				return apply, errInjected
			}
			x := l.run(sql)
			reached := seen >= nth
			if failed := x.State == query.Failed; failed != reached {
				t.Errorf("%s, put %d of its result failed (%v): %s %s", sql, nth, reached, x.State, x.Reason)
			}
			l.restart()
			if again, err := l.Get(t.Context(), x.ID); err != nil || again.State != x.State {
				t.Errorf("%s: told %s, and after a restart %s, %v", sql, x.State, again.State, err)
			}
			if x.State == query.Succeeded {
				l.page(x)
			}
		}
	}
}

func faultyExecution(t *testing.T, rec *faulttest.Recorder, apply bool) {
	l := newLake(t, nil)
	request := query.StartRequest{QueryString: "SELECT 1", Token: strings.Repeat("token-", 8)}
	l.failOnce(rec, "query.start", apply)
	id, err := l.Start(t.Context(), request)
	if (err == nil) != apply {
		t.Errorf("start: %v", err)
	}
	again, err := l.Start(t.Context(), request)
	l.must(err)
	if apply && again != id {
		t.Errorf("the repeat of %s started %s", id, again)
	}
	x, err := l.Wait(t.Context(), again)
	l.must(err)
	if x.State != query.Succeeded {
		t.Errorf("%s %s", x.State, x.Reason)
	}

	l.failOnce(rec, "query.finish", apply)
	x = l.run("SELECT 2")
	l.restart()
	if after, err := l.Get(t.Context(), x.ID); err != nil || x.State != query.Succeeded || after.State != x.State {
		t.Errorf("told %s, and after a restart %s, %v", x.State, after.State, err)
	}

	never := func(name string) (bool, error) {
		if name == "query.finish" {
			return false, errInjected
		}
		return false, nil
	}
	l.fault.Store(&never)
	x = l.run("SELECT 3")
	l.fault.Store(nil)
	if x.State != query.Failed {
		t.Errorf("an end that can't be recorded was told as %s", x.State)
	}
	l.failOnce(rec, "query.recover", apply)
	if _, err := query.New(context.Background(), l.config); err == nil {
		t.Error("a server starts although it could not end what was running")
	}
	l.restart()
	if after, err := l.Get(t.Context(), x.ID); err != nil || after.State != query.Failed {
		t.Errorf("told %s, and after a restart %s, %v", x.State, after.State, err)
	}
}

func faultyWorkGroups(t *testing.T, rec *faulttest.Recorder, apply bool) {
	l := newLake(t, nil)
	ctx := t.Context()
	show := func() string {
		list, err := l.WorkGroups(ctx)
		l.must(err)
		text := ""
		for _, g := range list {
			text += g.Name + " " + g.Description + "; "
		}
		return text
	}
	for _, c := range []struct {
		transaction string
		do          func() error
	}{
		{"query.create-workgroup", func() error { return l.CreateWorkGroup(ctx, query.WorkGroup{Name: "g", Engine: "AUTO"}) }},
		{"query.update-workgroup", func() error {
			return l.UpdateWorkGroup(ctx, "g", func(g *query.WorkGroup) error { g.Description = "new"; return nil })
		}},
		{"query.delete-workgroup", func() error { return l.DeleteWorkGroup(ctx, "g", true) }},
	} {
		before := show()
		l.failOnce(rec, c.transaction, apply)
		if err := c.do(); !errors.Is(err, errInjected) {
			t.Errorf("%s: %v", c.transaction, err)
		}
		if changed := show() != before; changed != apply {
			t.Errorf("%s: %s, before %s", c.transaction, show(), before)
		}
		var refused *query.Refusal
		if err := c.do(); err != nil && !(apply && errors.As(err, &refused)) {
			t.Errorf("%s again: %v", c.transaction, err)
		}
		if show() == before {
			t.Errorf("%s again changed nothing", c.transaction)
		}
	}
}

// A query goes on without an object that somebody removed, whether that can be noted or not.
func faultyRemoval(t *testing.T, rec *faulttest.Recorder, apply bool) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	key := l.commit("data/dt=a/", events(200, 1))
	l.commit("data/dt=b/", events(300, 1))
	l.must(l.store.Delete(t.Context(), bucket, key))
	l.failOnce(rec, "query.removed-outside", apply)
	for range 3 {
		if got := l.rows("SELECT status_code FROM events"); len(got) != 1 || got[0] != "300" {
			t.Errorf("rows %v", got)
		}
	}
}
