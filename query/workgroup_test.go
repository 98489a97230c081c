package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/state"
)

func TestWorkGroupsSayWhereResultsGo(t *testing.T) {
	l := newLake(t, nil)
	inGroup := "s3://" + bucket + "/of-the-group"
	asked := "s3://" + bucket + "/asked/"
	f := func(g query.WorkGroup, output *string, want string) {
		t.Helper()
		g.Name, g.Engine = "g", "AUTO"
		l.must(l.CreateWorkGroup(t.Context(), g))
		defer func() { l.must(l.DeleteWorkGroup(t.Context(), "g", true)) }()
		id, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1", WorkGroup: "g", Output: output})
		var refused *query.Refusal
		if errors.As(err, &refused) {
			if !strings.HasPrefix(refused.Cause.Message, want) {
				t.Errorf("%+v: %v, want %s", g, err, want)
			}
			return
		}
		l.must(err)
		x, err := l.Wait(t.Context(), id)
		l.must(err)
		if x.State != query.Succeeded || x.WorkGroup != "g" || x.Output != want+id+".csv" {
			t.Errorf("%+v: %s %s in %s at %s, want %s", g, x.State, x.Reason, x.WorkGroup, x.Output, want)
		}
	}
	f(query.WorkGroup{Output: inGroup, Enforce: true}, &asked, inGroup+"/")
	f(query.WorkGroup{Output: inGroup}, &asked, asked)
	f(query.WorkGroup{Output: inGroup}, nil, inGroup+"/")
	f(query.WorkGroup{Enforce: true}, &asked, "No output location provided.")
	f(query.WorkGroup{Output: inGroup, Disabled: true}, nil, "WorkGroup g is disabled.")
}

func TestAQueryThatReadsTooMuchIsCancelledBeforeItReads(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	l.commit(day(1), events(1, 100))
	l.must(l.CreateWorkGroup(t.Context(), query.WorkGroup{Name: "small", Engine: "AUTO", CutoffBytes: query.CutoffBytesMin, Output: l.config.Output}))
	run := func() query.Execution {
		t.Helper()
		id, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT count(*), max(status_code) FROM events", WorkGroup: "small"})
		l.must(err)
		x, err := l.Wait(t.Context(), id)
		l.must(err)
		return x
	}
	x := run()
	if x.State != query.Succeeded || x.Statistics.ScannedBytes < 10 {
		t.Fatalf("%s %s: %+v", x.State, x.Reason, x.Statistics)
	}
	// A limit that small can't be asked for; what it does is what a large one does.
	l.must(l.db.Update(t.Context(), "test", func(tx *state.Tx) error {
		_, err := tx.Exec(`UPDATE query_workgroups SET document = replace(document, '"CutoffBytes":10000000', '"CutoffBytes":9')`)
		return err
	}))
	x = run()
	if x.State != query.Cancelled || !strings.HasPrefix(x.Reason, "Bytes scanned limit was exceeded") || x.Statistics.ScannedBytes != 0 {
		t.Errorf("%s %s: %+v", x.State, x.Reason, x.Statistics)
	}
}

func TestExecutionsBelongToTheirWorkGroup(t *testing.T) {
	l := newLake(t, nil)
	l.must(l.CreateWorkGroup(t.Context(), query.WorkGroup{Name: "g", Engine: "AUTO", Output: l.config.Output}))
	l.run("SELECT 1")
	id, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 2", WorkGroup: "g"})
	l.must(err)
	_, err = l.Wait(t.Context(), id)
	l.must(err)
	ids, _, err := l.List(t.Context(), "g", "", 10)
	if err != nil || len(ids) != 1 || ids[0] != id {
		t.Errorf("executions of g: %v %v, want %s", ids, err, id)
	}
	err = l.DeleteWorkGroup(t.Context(), "g", false)
	if err == nil || err.Error() != "WorkGroup g is not empty" {
		t.Errorf("deleting a group with executions: %v", err)
	}
	if _, err := l.Get(t.Context(), id); err != nil {
		t.Errorf("the refused deletion took an execution: %v", err)
	}
	l.must(l.DeleteWorkGroup(t.Context(), "g", true))
	if _, err := l.Get(t.Context(), id); err == nil {
		t.Error("an execution outlives its group")
	}
	if err := l.DeleteWorkGroup(t.Context(), query.PrimaryWorkGroup, true); err == nil {
		t.Error("primary was deleted")
	}
}

// Where the workgroup's settings are enforced, a repeat of a request is one whatever output location it asks for.
func TestATokenOfAnEnforcingWorkGroup(t *testing.T) {
	l := newLake(t, nil)
	token, elsewhere := strings.Repeat("t", 32), "s3://"+bucket+"/elsewhere/"
	l.must(l.CreateWorkGroup(t.Context(), query.WorkGroup{Name: "g", Engine: "AUTO", Enforce: true, Output: l.config.Output}))
	first, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1", WorkGroup: "g", Token: token})
	l.must(err)
	again, err := l.Start(t.Context(), query.StartRequest{QueryString: "SELECT 1", WorkGroup: "g", Token: token, Output: &elsewhere})
	if err != nil || again != first {
		t.Errorf("the repeat is %s, %v; the first is %s", again, err, first)
	}
	_, err = l.Wait(t.Context(), first)
	l.must(err)
}
