package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store/storetest"
)

// The data folder and the bucket of results are made, or it is said that they are not; the next try makes them.
func TestFaultsOfOpening(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, op := range []disk.Op{disk.OpMkdir, disk.OpSyncDir} {
			dir := filepath.Join(t.TempDir(), "lake")
			fs := disk.NewFaulty(disk.Real())
			fs.Fail(disk.Rule{Op: op, Nth: 1, Apply: apply, Then: func() { rec.Call(apply) }})
			if s, err := server.Open(t.Context(), server.Config{Dir: dir, Home: home, FS: fs, AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"}); err == nil {
				t.Errorf("%s fails (done %v), and the server opens", op, apply)
				_ = s.Close()
			}
			s, err := server.Open(t.Context(), server.Config{Dir: dir, Home: home, FS: fs, AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			faultyResults(t, rec, s, apply)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func faultyResults(t *testing.T, rec *faulttest.Recorder, s *server.Server, apply bool) {
	t.Helper()
	faulty, hit := &storetest.Faulty{Store: s.Store}, false
	faulty.Fault = func(method, _ string) (bool, error) {
		if method != "CreateBucket" || hit {
			return false, nil
		}
		hit = true
		rec.Call(apply)
		return apply, errors.New("injected")
	}
	s.Store = faulty
	e, stop := serve(t, s)
	defer stop()
	ask := func() (int, string) {
		response, err := http.Post(e.HTTP+"/v1/query", "application/json", strings.NewReader(`{"sql":"SHOW DATABASES"}`))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close() //nolint:errcheck // only read
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	if code, text := ask(); code < 500 {
		t.Errorf("answered %d %s", code, text)
	}
	if !hit {
		t.Error("the bucket was not made")
	}
	if code, text := ask(); code != http.StatusOK {
		t.Error(fmt.Sprint("again: ", code, " ", text))
	}
}
