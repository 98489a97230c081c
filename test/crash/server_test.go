package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the server under test, one after another on the same folder and the same addresses: the retries of clients
// cross the kills.
type process struct {
	t      *testing.T
	log    *events
	binary string
	dir    string

	at     endpoints
	cmd    *exec.Cmd
	stdout io.ReadCloser
	stderr bytes.Buffer // of the present process
	kills  int
	engine int // kills of query engines
}

// limits of what is waited for; reached, the seed fails.
const (
	startMax = 30 * time.Second
	stopMax  = 30 * time.Second
)

func (s *process) String() string {
	return fmt.Sprintf("%d kills, %d of the engine", s.kills, s.engine)
}

// launch starts the process and does not wait for it to be ready.
func (s *process) launch() {
	s.t.Helper()
	args := []string{"serve", "--ephemeral", "--data", s.dir, "--journal-file", "64KiB"} // so that much of the journal moves on in a seed
	for flag, endpoint := range map[string]string{"--aws-addr": s.at.AWS, "--http-addr": s.at.HTTP} {
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
	s.log.add("server launched")
}

// up starts the process and waits until it is ready.
func (s *process) up() endpoints {
	s.t.Helper()
	s.launch()
	late := time.AfterFunc(startMax, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(s.stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.at)
	}
	if err != nil {
		_ = s.cmd.Wait()
		s.t.Fatalf("the server did not start within %s (%v); it said:\n%s", startMax, err, s.stderr.String())
	}
	s.log.add("server ready")
	return s.at
}

// fall kills the engine now and then, and the server; another one, too, in the middle of its recovery.
func (s *process) fall(rng *rand.Rand) {
	s.t.Helper()
	for rng.IntN(2) == 0 {
		s.killEngines()
		pause(time.Duration(rng.IntN(150)) * time.Millisecond)
	}
	s.kill()
	for rng.IntN(3) == 0 {
		s.launch()
		pause(time.Duration(5+rng.IntN(80)) * time.Millisecond)
		s.kill()
	}
	s.up()
}

// kill is SIGKILL.
func (s *process) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatalf("the server was gone before it was killed (%v); it said:\n%s", err, s.stderr.String())
	}
	s.log.add("server killed")
	_ = s.cmd.Wait() // "signal: killed"
	if status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		s.t.Fatalf("the server ended by itself (%v); it said:\n%s", s.cmd.ProcessState, s.stderr.String())
	}
	s.kills++
}

// killEngines kills the children of the server, where the operating system lists them.
func (s *process) killEngines() {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.cmd.Process.Pid)) // by the thread that started them
	if err != nil {
		s.t.Fatal(err)
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err == nil && syscall.Kill(child, syscall.SIGKILL) == nil {
				s.log.add("engine %d killed", child)
				s.engine++
			}
		}
	}
}

// stop ends the process as an operator does.
func (s *process) stop() {
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
func (s *process) cleanUp() {
	if s.cmd != nil && s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
	if s.t.Failed() {
		s.t.Logf("the server said:\n%s", s.stderr.String())
	}
}

// check runs `loglake check` on the stopped server's folder.
func (s *process) check() (c checked) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopMax)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.binary, "check", "--data", s.dir, "--format", "json").Output()
	if err != nil {
		s.t.Errorf("check: %v\n%s", err, out)
		return c
	}
	if err := json.Unmarshal(out, &c); err != nil {
		s.t.Fatalf("check: %v\n%s", err, out)
	}
	return c
}
