// Package sdk_test drives the built binary with the AWS SDK for Go, as programs do. The binary is LOGLAKE_BIN, or built
// once for the run.
package sdk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// binary gives the path of the program under test; it is built at the first call.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("LOGLAKE_BIN"); path != "" {
		return path, nil
	}
	return build("loglake")
})

// build builds the program into the folder of this run.
func build(name string, environment ...string) (string, error) {
	path := filepath.Join(folder, name)
	c := exec.Command("go", "build", "-o", path, "../../cmd/loglake")
	c.Env = append(os.Environ(), environment...)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
}

// folder holds what is built, for as long as the tests run.
var folder string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if folder, err = os.MkdirTemp("", "loglake-sdk-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder)
		return m.Run()
	}())
}

// command is the program with these arguments, and none of the caller's own settings.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return commandOf(path, args...)
}

func commandOf(path string, args ...string) *exec.Cmd {
	c := exec.Command(path, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LOGLAKE_") {
			c.Env = append(c.Env, v)
		}
	}
	return c
}

// run runs a command to its end.
func run(t *testing.T, c *exec.Cmd) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// lake is a running server.
type lake struct {
	AWS, HTTP, Data string

	process *exec.Cmd
	stdout  *bufio.Reader
	stderr  *strings.Builder
}

// serve starts an ephemeral server that stops with the test. Arguments may give it a lasting folder.
func serve(t *testing.T, args ...string) *lake {
	t.Helper()
	return start(t, command(t, append([]string{"serve", "--ephemeral"}, args...)...))
}

func start(t *testing.T, c *exec.Cmd) *lake {
	t.Helper()
	l := &lake{process: c, stderr: &strings.Builder{}}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = l.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stop(t) })
	l.stdout = bufio.NewReader(out)
	line, err := l.stdout.ReadString('\n')
	if err != nil {
		_ = c.Wait()
		t.Fatalf("the server printed %q and ended: %s", line, l.stderr)
	}
	if err := json.Unmarshal([]byte(line), l); err != nil {
		t.Fatal(err)
	}
	return l
}

// stop asks the server to end and fails the test where it does not end well. A server that has ended is left alone.
func (l *lake) stop(t *testing.T) {
	t.Helper()
	if l.process.ProcessState != nil {
		return
	}
	_ = l.process.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(30*time.Second, func() { _ = l.process.Process.Kill() })
	defer kill.Stop()
	if err := l.process.Wait(); err != nil {
		t.Errorf("the server ended with %v: %s", err, l.stderr)
	}
}

func (l *lake) kill(t *testing.T) {
	t.Helper()
	if err := l.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = l.process.Wait()
}

// config is that of an SDK user: a static pair, a few attempts without long pauses.
func (l *lake) config(options ...func(*aws.Config)) aws.Config {
	c := aws.Config{
		Region: "us-east-1", BaseEndpoint: &l.AWS, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 10 * time.Millisecond })
		},
	}
	for _, o := range options {
		o(&c)
	}
	return c
}

func withPair(id, secret string) func(*aws.Config) {
	return func(c *aws.Config) { c.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "") }
}

func withTransport(f roundTripper) func(*aws.Config) {
	return func(c *aws.Config) { c.HTTPClient = &http.Client{Transport: f} }
}

func (l *lake) s3(options ...func(*aws.Config)) *s3.Client {
	return s3.NewFromConfig(l.config(options...), func(o *s3.Options) { o.UsePathStyle = true })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// wantCode fails the test unless err is an answer of the service with this code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case !errors.As(err, &api):
		t.Errorf("got %v, want %s", err, code)
	case api.ErrorCode() != code:
		t.Errorf("got %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	case api.ErrorMessage() == "":
		t.Errorf("%s comes without a message", code)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// eventually asks until f is satisfied.
func eventually(t *testing.T, what string, f func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !f(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}
