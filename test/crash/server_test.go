package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// server is the process under test, one after another on the same folder and the same addresses: the retries of clients
// cross the kills.
type server struct {
	t      *testing.T
	binary string
	dir    string

	aws, http string // endpoints
	cmd       *exec.Cmd
	stdout    io.ReadCloser
	stderr    bytes.Buffer // of the present process
	kills     int
}

// limits of what is waited for; reached, the seed fails.
const (
	startMax = 20 * time.Second
	stopMax  = 30 * time.Second
)

// launch starts the process and does not wait for it to be ready.
func (s *server) launch() {
	s.t.Helper()
	args := []string{"serve", "--ephemeral", "--data", s.dir}
	for flag, endpoint := range map[string]string{"--aws-addr": s.aws, "--http-addr": s.http} {
		if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
			args = append(args, flag, u.Host)
		}
	}
	s.cmd = exec.Command(s.binary, args...)
	s.stderr.Reset()
	s.cmd.Stderr = &s.stderr
	var err error
	if s.stdout, err = s.cmd.StdoutPipe(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// start starts the process and waits until it is ready.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	late := time.AfterFunc(startMax, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(s.stdout).ReadBytes('\n')
	var endpoints struct{ AWS, HTTP string }
	if err == nil {
		err = json.Unmarshal(line, &endpoints)
	}
	if err != nil {
		_ = s.cmd.Wait()
		s.t.Fatalf("the server did not start within %s (%v); it said:\n%s", startMax, err, s.stderr.String())
	}
	s.aws, s.http = endpoints.AWS, endpoints.HTTP
}

// kill is SIGKILL.
func (s *server) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatalf("the server was gone before it was killed (%v); it said:\n%s", err, s.stderr.String())
	}
	_ = s.cmd.Wait() // "signal: killed"
	if status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		s.t.Fatalf("the server ended by itself (%v); it said:\n%s", s.cmd.ProcessState, s.stderr.String())
	}
	s.kills++
}

// stop ends the process as an operator does.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	late := time.AfterFunc(stopMax, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the server did not stop well: %v; it said:\n%s", err, s.stderr.String())
	}
}

// cleanUp ends a process that a failed test left.
func (s *server) cleanUp() {
	if s.cmd == nil || s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.t.Logf("the server said:\n%s", s.stderr.String())
}

// check runs `loglake check` on the stopped server's folder.
func (s *server) check(a account) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopMax)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.binary, "check", "--data", s.dir, "--format", "json").Output()
	if err != nil {
		s.t.Errorf("check: %v\n%s", err, out)
		return
	}
	var report struct {
		Rows, Rejects, Buffered int64
		Problems                []any
	}
	if err := json.Unmarshal(out, &report); err != nil {
		s.t.Fatalf("check: %v\n%s", err, out)
	}
	if len(report.Problems) > 0 || report.Rows != int64(a.rows) || report.Rejects != int64(a.rejects) || report.Buffered != 0 {
		s.t.Errorf("check: %s; want %d rows, %d rejects and nothing else", out, a.rows, a.rejects)
	}
}
