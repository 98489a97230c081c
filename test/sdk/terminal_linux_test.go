package sdk_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal gives both ends of a new terminal.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals: ", err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = theirs.Close() })
	return ours, theirs
}

// Ctrl-C goes to the program by the terminal, and not a second time by us, also when our input is no terminal.
func TestCaptureInterruptedOnce(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip(err)
	}
	l := serve(t)
	ours, theirs := terminal(t)
	// In a session of its own the program hears nothing of the terminal: what it hears is from us.
	c := l.capturing(t, t.TempDir(), "run", "--group", "/terminal", "--quiet", "--", "setsid", "sh", "-c",
		`trap "echo interrupted" INT; trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done`)
	c.ExtraFiles = []*os.File{theirs}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Write([]byte{3}); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil { // which is passed on behind it
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	_ = c.Wait()
	if err != nil || string(rest) != "" || c.ProcessState.ExitCode() != 3 {
		t.Errorf("exit %d, %q %v", c.ProcessState.ExitCode(), rest, err)
	}
}
