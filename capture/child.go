//go:build unix

package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exit codes of a program that could not be started, as shells have them.
const (
	ExitNotExecutable = 126
	ExitNotFound      = 127
)

// Command is a program to be run under capture. Its input is ours.
type Command struct {
	Args   []string
	Stderr bool // capture its stderr too; otherwise it has ours
}

// Child is a program that runs.
type Child struct {
	Stdout *os.File // the ends that capture reads
	Stderr *os.File // nil: it has ours

	process *os.Process
	signals chan os.Signal
}

// Start starts a program with pipes for its output, and passes signals on to it from now on. code, when there is an
// error, is what a shell would exit with.
func Start(c Command) (child *Child, code int, err error) {
	path, err := exec.LookPath(c.Args[0])
	if errors.Is(err, fs.ErrPermission) {
		return nil, ExitNotExecutable, fmt.Errorf("%s can't be executed: %w", c.Args[0], fs.ErrPermission)
	}
	if err != nil {
		return nil, ExitNotFound, fmt.Errorf("%s is not there to be run: %w", c.Args[0], errors.Unwrap(err))
	}
	child = &Child{signals: make(chan os.Signal, 64)}
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
	var ours []*os.File
	defer func() {
		for _, f := range ours {
			err = errors.Join(err, f.Close())
		}
	}()
	pipe := func(fd int) (*os.File, error) {
		r, w, err := quietPipe()
		if err != nil {
			return nil, err
		}
		files[fd], ours = w, append(ours, w)
		EnlargePipe(r)
		return r, nil
	}
	if child.Stdout, err = pipe(1); err != nil {
		return nil, ExitNotExecutable, err
	}
	if c.Stderr {
		if child.Stderr, err = pipe(2); err != nil {
			return nil, ExitNotExecutable, err
		}
	}
	child.listen() // before the start: no signal gets lost
	child.process, err = os.StartProcess(path, c.Args, &os.ProcAttr{Files: files})
	if err != nil {
		signal.Stop(child.signals)
		if errors.Is(err, fs.ErrNotExist) { // the interpreter of a script
			return nil, ExitNotFound, err
		}
		return nil, ExitNotExecutable, err
	}
	go child.forward()
	return child, 0, nil
}

// quietPipe makes a pipe that the runtime does not watch. It would watch one of os.Pipe, even where reads of it block a
// thread, and then each write into the empty pipe wakes the watcher: at times on the processor that the program writes on.
func quietPipe() (r, w *os.File, err error) {
	var fds [2]int
	syscall.ForkLock.RLock()
	err = unix.Pipe(fds[:])
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("pipe", err)
	}
	return os.NewFile(uintptr(fds[0]), "pipe"), os.NewFile(uintptr(fds[1]), "pipe"), nil
}

// listen has all signals sent to us, but those that a shell stops jobs with, which stop us as well, and those that we were
// started to ignore, as nohup does, which the program inherits.
func (c *Child) listen() {
	var ignored []os.Signal
	for _, s := range []os.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT} {
		if signal.Ignored(s) {
			ignored = append(ignored, s)
		}
	}
	signal.Notify(c.signals)
	signal.Reset(unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGCONT)
	if len(ignored) > 0 {
		signal.Ignore(ignored...)
	}
}

// forward passes signals on until the program has ended. Of a terminal's own signals the program has had them already:
// they go to everybody in the foreground.
func (c *Child) forward() {
	for s := range c.signals {
		switch s {
		case unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE: // about us, not about it
		case unix.SIGINT, unix.SIGQUIT, unix.SIGWINCH:
			if !foreground() {
				_ = c.process.Signal(s) // it may have ended
			}
		default:
			_ = c.process.Signal(s)
		}
	}
}

// foreground tells whether we are in the foreground of our terminal, which need not be our input.
func foreground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	_ = terminal.Close() // nothing was written
	return err == nil && group == unix.Getpgrp()
}

// Wait waits for the program and gives its exit code, 128 and the signal's number where one killed it. As process 1 it
// reaps what others leave, too. It is called once.
func (c *Child) Wait() (code int, err error) {
	defer func() {
		signal.Stop(c.signals)
		close(c.signals)
	}()
	which := c.process.Pid
	if os.Getpid() == 1 {
		which = -1
	}
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(which, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, fmt.Errorf("wait for process %d: %w", c.process.Pid, err)
		case pid != c.process.Pid:
		case status.Signaled():
			return 128 + int(status.Signal()), nil
		case status.Exited():
			return status.ExitStatus(), nil
		}
	}
}
