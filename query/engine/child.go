package engine

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// child is one engine process as the parent sees it. Between its start and its kill it is owned by the engine's idle
// list or by the Rows of its query.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	outEnd io.Closer
	stderr *tail
	retire *time.Timer // set while idle
	done   chan struct{}

	sending sync.Mutex // frames to the child are written whole
	ended   error      // the process's end; read after done is closed
}

func startChild(config Config, spillDir string) (*child, error) {
	cmd := exec.Command(config.Command[0], config.Command[1:]...)
	cmd.Env = append([]string{}, config.Env...)
	cmd.SysProcAttr = childAttributes()
	c := &child{cmd: cmd, stderr: &tail{}, done: make(chan struct{})}
	cmd.Stderr = c.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, &Fault{Kind: FaultCrashed, Message: "the engine process does not start: " + err.Error(), Err: err}
	}
	c.in, c.out, c.outEnd = in, bufio.NewReaderSize(out, 64<<10), out
	go func() { // ends with the process
		state, err := cmd.Process.Wait()
		if err != nil {
			c.ended = err
		} else {
			c.ended = fmt.Errorf("%v", state)
		}
		if spillDir != "" {
			_ = config.FS.RemoveAll(spillDir) // what is left is removed by the next New
		}
		close(c.done)
	}()
	err = c.send(frameHello, hello{Dir: spillDir, MemoryMax: config.MemoryMax, SpillMax: config.SpillMax, Threads: config.Threads})
	if err != nil {
		c.kill()
		return nil, c.crashed(err)
	}
	return c, nil
}

func (c *child) send(kind frameKind, value any) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	if value == nil {
		return writeFrame(c.in, kind, nil)
	}
	return writeJSONFrame(c.in, kind, value)
}

func (c *child) exited() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// kill ends the process at once. It may be called more than once and on a process that has ended.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // the only failure is that it has ended
	_ = c.in.Close()
	_ = c.outEnd.Close()
}

// crashed says that the child ended in the middle of a query, with what it wrote last.
func (c *child) crashed(cause error) *Fault {
	select {
	case <-c.done:
	case <-time.After(time.Second): // the pipe closes a moment before the process is gone
	}
	message := "the engine process ended unexpectedly"
	if c.exited() && c.ended != nil {
		message += " (" + c.ended.Error() + ")"
	}
	if last := c.stderr.String(); last != "" {
		message += ": " + last
	}
	return &Fault{Kind: FaultCrashed, Message: message, Err: cause}
}

// tail keeps the last bytes that a process wrote to its standard error.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytesMax = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if extra := len(t.last) - tailBytesMax; extra > 0 {
		t.last = append(t.last[:0], t.last[extra:]...)
	}
	return len(p), nil
}

// String gives the first line kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(t.last)), "\n")
	return line
}
