// Package loglaketest gives a Go test a whole loglake: every service on free ports of this machine, a folder of its own
// that goes with the test, and faults on demand.
//
//	func TestMain(m *testing.M) { loglaketest.Main(m) }
//
//	func TestMyPipeline(t *testing.T) {
//		lake := loglaketest.Start(t, loglaketest.Options{})
//		logs := cloudwatchlogs.NewFromConfig(lake.Config())
//		…
//		lake.Flush(t, "my-stream")
//		rows := lake.Query(t, "SELECT count(*) FROM server_logs")
//	}
//
// Any number of them may run at once, in one test or in parallel ones. SQL needs a build with cgo, and Main: the query engine
// is a process of its own, which the test binary then is.
//
// A Lake's faults (fault.go) are what a client meets: answers with an error, answers that are slow, answers that are lost
// after the work was done, a full disk, a server that is away for a while.
package loglaketest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/apply"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// Main runs a package's tests, or is the query engine's process where a Lake has started it as that. It does not return.
func Main(m *testing.M) {
	if isEngine() {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// isEngine tells whether this process was started to be the query engine of a test.
func isEngine() bool { return len(os.Args) == 2 && os.Args[1] == "engine" }

// Options of a Lake; the zero value is a lake that takes any key pair.
type Options struct {
	Account string            // 12 digits; "": 000000000000
	Region  string            // "": us-east-1
	Keys    map[string]string // secret by access key; none: any pair is taken
	// Pipeline is the path of a loglake.yaml that the lake begins with; "": it is empty. Its server settings are left out.
	Pipeline string
	// Clock is what the server takes for now: retention, buffer ages, timestamps; nil: time.Now. Signatures are held
	// against the machine's clock, which is what SDKs sign by.
	Clock func() time.Time
	// OnEvent is told of errors, as an operator would be; nil: they go to the test's log.
	OnEvent func(text string, err error)
}

// Lake is a loglake that serves until its test ends.
type Lake struct {
	URL     string // of the AWS services: what AWS_ENDPOINT_URL is set to
	HTTP    string // of native HTTP and the page; another one after Up
	Dir     string // the data folder
	Account string
	Region  string

	options Options
	disk    *disk.Faulty
	door    *door
	client  *client.Client

	mu     sync.Mutex
	cancel context.CancelFunc // ends Run of the server that is up; nil while there is none
	ended  chan error
}

// Start gives a lake on an empty folder, ready for calls. It ends with the test.
func Start(t testing.TB, o Options) *Lake {
	t.Helper()
	if isEngine() { // or each test with a query would start all tests again, and so on for ever
		fmt.Fprintln(os.Stderr, "the tests have no `func TestMain(m *testing.M) { loglaketest.Main(m) }`, which SQL needs")
		os.Exit(1)
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	l := &Lake{Dir: t.TempDir(), Account: o.Account, Region: o.Region, options: o, disk: disk.NewFaulty(disk.Real())}
	l.door = openDoor()
	l.URL = l.door.server.URL
	t.Cleanup(l.door.server.Close)
	key, secret := "loglake", "loglake"
	for key, secret = range o.Keys {
		break
	}
	var err error
	l.client, err = client.New(client.Config{Endpoint: l.URL, Region: o.Region, AccessKey: key, SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	l.Up(t)
	t.Cleanup(func() {
		if err := l.stop(); err != nil {
			t.Errorf("loglake ended: %v", err)
		}
	})
	if o.Pipeline != "" {
		if err := l.apply(t.Context(), o.Pipeline); err != nil {
			t.Fatalf("apply %s: %v", o.Pipeline, err)
		}
	}
	return l
}

func (l *Lake) apply(ctx context.Context, path string) error {
	p, err := pipeline.Load(path)
	if err != nil {
		return err
	}
	plan, err := apply.Look(ctx, l.client, p)
	if err != nil {
		return err
	}
	return plan.Apply(ctx, nil)
}

// Up starts the server again after Down, on the same folder and address.
func (l *Lake) Up(t testing.TB) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		t.Fatal("the lake is up already")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // t's ends before its cleanups, which still call
	s, err := server.Open(ctx, l.config(t))
	if err != nil {
		cancel()
		t.Fatalf("open loglake: %v", err)
	}
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- errors.Join(s.Run(ctx, func(e server.Endpoints) { ready <- e }), s.Close()) }()
	select {
	case e := <-ready:
		target, err := url.Parse(e.AWS)
		if err != nil {
			t.Fatal(err)
		}
		l.HTTP = e.HTTP
		l.door.lead(target)
	case err := <-ended:
		cancel()
		t.Fatalf("run loglake: %v", err)
	}
	l.cancel, l.ended = cancel, ended
}

// Down stops the server as SIGTERM does. Its address answers 503 until Up.
func (l *Lake) Down(t testing.TB) {
	t.Helper()
	if err := l.stop(); err != nil {
		t.Fatalf("stop loglake: %v", err)
	}
}

func (l *Lake) stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel == nil {
		return nil
	}
	l.door.lead(nil)
	l.cancel()
	l.cancel = nil
	return <-l.ended
}

func (l *Lake) config(t testing.TB) server.Config {
	o := l.options
	onEvent := o.OnEvent
	if onEvent == nil {
		onEvent = func(text string, err error) { t.Logf("loglake: %s: %v", text, err) }
	}
	return server.Config{
		Dir: l.Dir, AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Home: loglake.Home{Account: o.Account, Region: o.Region},
		Credentials: o.Keys, Clock: o.Clock, FS: l.disk,
		OnEvent: func(e server.Event) {
			if e.Level == server.LevelError {
				onEvent(e.Part+": "+e.Text, e.Err)
			}
		},
	}
}

// Config gives what the SDK's clients are made of: address, region, and a key pair that the lake takes. S3's wants
// UsePathStyle.
func (l *Lake) Config() aws.Config { return l.client.AWS() }

// Object is an object that a flush wrote.
type Object struct {
	Bucket string
	Key    string
	Kind   string // parquet, plain or rejects
}

// Flush has a delivery stream write what it has buffered, and gives the objects once they are committed.
func (l *Lake) Flush(t testing.TB, stream string) []Object {
	t.Helper()
	var answer struct{ Objects []Object }
	if err := l.client.Call(t.Context(), http.MethodPost, "/v1/streams/"+url.PathEscape(stream)+"/flush", nil, &answer); err != nil {
		t.Fatalf("flush %s: %v", stream, err)
	}
	return answer.Objects
}

// Query runs a statement and gives its rows; a NULL is "". Rows that were put a moment ago are there, flushed or not. A
// statement that fails ends the test.
func (l *Lake) Query(t testing.TB, sql string) [][]string {
	t.Helper()
	rows, err := l.query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	return rows
}

func (l *Lake) query(ctx context.Context, sql string) (all [][]string, err error) {
	rows, err := l.client.Query(ctx, client.QueryRequest{SQL: sql})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return rows.Texts()
}
