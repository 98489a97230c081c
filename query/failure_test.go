package query_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/store"
)

// TestNoPaths: what a client is told of a failure names no file of the server; the server's log is told.
func TestNoPaths(t *testing.T) {
	const secret = "/var/lib/loglake/secret.parquet"
	for name, err := range map[string]error{
		"any error":         &os.PathError{Op: "open", Path: secret, Err: errors.New("input/output error")},
		"a file":            &engine.Fault{Kind: engine.FaultFile, Message: `Cannot open file "` + secret + `"`},
		"a defect":          &engine.Fault{Kind: engine.FaultDefect, Message: "Catalog Error: " + secret},
		"a full disk":       &engine.Fault{Kind: engine.FaultFile, Message: `Could not write file "` + secret + `": No space left on device`},
		"a crash of engine": &engine.Fault{Kind: engine.FaultCrashed, Message: "the engine ended", Err: errors.New(secret)},
	} {
		if told := query.FailureOf(err).Error(); strings.Contains(told, "secret") {
			t.Errorf("%s: the client is told %q", name, told)
		}
	}
}

// failingPuts is a bucket whose puts fail with a path of the server.
type failingPuts struct {
	query.Store
	path string
}

func (f failingPuts) Put(context.Context, string, string, io.Reader, store.PutOptions) (store.Object, error) {
	return store.Object{}, &os.PathError{Op: "write", Path: f.path, Err: errors.New("input/output error")}
}

func TestOnFailure(t *testing.T) {
	causes := make(chan string, 10)
	dir := t.TempDir()
	l := newLake(t, func(c *query.Config) {
		c.Store = failingPuts{c.Store, dir}
		c.OnFailure = func(id string, cause error) { causes <- id + ": " + cause.Error() }
	})
	x := l.run("SELECT 1")
	if x.State != query.Failed || strings.Contains(x.Reason, dir) || !strings.Contains(x.Reason, "the server's log") {
		t.Errorf("%s: %s", x.State, x.Reason)
	}
	if cause := <-causes; !strings.HasPrefix(cause, x.ID) || !strings.Contains(cause, dir) {
		t.Errorf("the log is told %q", cause)
	}
}

// TestDamagedFile damages the rows of a file: the query names the object, and no folder of the server.
func TestDamagedFile(t *testing.T) {
	l := newLake(t, nil)
	l.run(eventsDDL)
	content := parquetOf(l, events(1, 100))
	for i := 4; i < 104; i++ {
		content[i] ^= 0xff
	}
	l.put("data/dt=2025-01-01/broken.parquet", content)
	l.run("ALTER TABLE events ADD PARTITION (dt = '2025-01-01')")
	x := l.run("SELECT * FROM events")
	if x.State != query.Failed || strings.Contains(x.Reason, l.root) || !strings.Contains(x.Reason, "s3://my-bucket/data/dt=2025-01-01/broken.parquet") {
		t.Errorf("%s: %s", x.State, x.Reason)
	}
}
