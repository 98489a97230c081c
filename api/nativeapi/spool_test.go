package nativeapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

func TestSpoolPosition(t *testing.T) {
	l := openPipelines(t)
	ctx := t.Context()
	l.must(l.Groups.CreateGroup(ctx, loggroup.NewGroup{Name: "/app/api"}))
	l.must(l.Groups.CreateStream(ctx, "/app/api", "s"))
	var b loggroup.Batch
	b.Add(loglake.At(time.Now()), []byte("m"))
	_, err := l.Groups.PutEvents(ctx, loggroup.Put{Group: "/app/api", Stream: "s", Spool: "run-1", Position: 41, Batch: &b})
	l.must(err)
	_, err = l.Groups.PutEvents(ctx, loggroup.Put{Group: "/app/api", Stream: "s", Spool: "run-3", Sum: 0xbeef, Batch: &b})
	l.must(err)
	for _, want := range []struct {
		path string
		code int
		body string
	}{
		{"/v1/spools/run-1?group=/app/api", http.StatusOK, `{"position":42}`},
		{"/v1/spools/run-1?group=%2Fapp%2Fapi", http.StatusOK, `{"position":42}`},
		{"/v1/spools/run-3?group=/app/api", http.StatusOK, `{"position":1,"sum":"beef"}`},
		{"/v1/spools/run-2?group=/app/api", http.StatusOK, `{"position":0}`},
		{"/v1/spools/run-1?group=/app/other", http.StatusNotFound, "does not exist"},
		{"/v1/spools/run-1", http.StatusBadRequest, "the parameter group is missing"},
		{"/v1/spools/run%201?group=/app/api", http.StatusBadRequest, "is not the id of a spool"},
	} {
		answer, err := http.Get(l.http + want.path)
		l.must(err)
		body, err := io.ReadAll(answer.Body)
		l.must(err)
		l.must(answer.Body.Close())
		if answer.StatusCode != want.code || !strings.Contains(string(body), want.body) {
			t.Errorf("%s: %d %s", want.path, answer.StatusCode, body)
		}
	}
}
