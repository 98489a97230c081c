// Package gateway gives tests a real S3 server, versitygw, as a process of its own on a folder, and a Proxy in front of it
// that breaks what passes by rule: connections, requests, answers. `make s3` builds the server and names it in Variable;
// without it Start skips the test.
//
// Where to start: Start below, then Rule and the Faults in proxy.go.
package gateway

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Variable of the environment names the server's program.
const Variable = "LOGLAKE_S3_SERVER"

// The key pair that the server takes.
const (
	AccessKey = "loglake-test"
	SecretKey = "loglake-test-secret"
)

// readyMax is how long a server may take to listen.
const readyMax = 20 * time.Second

// Gateway is a server that runs until its test ends.
type Gateway struct {
	URL      string // of the server itself, with no fault
	Dir      string // folder: file Dir/b/k is object k of bucket b
	Versions string // folder of the earlier versions, in buckets that keep them

	command *exec.Cmd
	log     bytes.Buffer
}

// Start gives a server on an empty folder. The test is skipped where the server has not been built.
func Start(t testing.TB) *Gateway {
	t.Helper()
	program := os.Getenv(Variable)
	if program == "" {
		t.Skipf("no S3 server: `make s3` builds one and runs this; %s names one that is there", Variable)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // the server takes it next
	g := &Gateway{URL: "http://" + addr, Dir: t.TempDir(), Versions: t.TempDir()}
	posix := []string{"posix", "--versioning-dir", g.Versions}
	if !keepsAttributes(t.TempDir()) {
		// What it keeps beside the files is not replaced together with them: an overwrite may show the old description.
		posix = append(posix, "--sidecar", t.TempDir())
	}
	g.command = exec.Command(program, append(append([]string{"--port", addr, "--keep-alive", "--quiet"}, posix...), g.Dir)...)
	g.command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey)
	g.command.Stdout, g.command.Stderr = &g.log, &g.log
	if err := g.command.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(func() {
		_ = g.command.Process.Kill() // it has nothing to keep
		_ = g.command.Wait()
		if t.Failed() {
			t.Logf("the S3 server said:\n%s", g.log.String())
		}
	})
	if err := g.ready(); err != nil {
		t.Fatal(err)
	}
	return g
}

// ready waits until the server answers.
func (g *Gateway) ready() error {
	for deadline := time.Now().Add(readyMax); ; {
		answer, err := http.Get(g.URL + "/")
		if err == nil {
			_ = answer.Body.Close() // an anonymous call is refused, and that is an answer
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the S3 server does not listen: %w; it said %q", err, strings.TrimSpace(g.log.String()))
		}
		time.Sleep(20 * time.Millisecond) // it tells nobody that it listens
	}
}
