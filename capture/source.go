package capture

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Passthrough says what becomes of the application's bytes on the output.
type Passthrough string

// The ways of passing on. With Block and with Drop each byte that passes is the application's.
const (
	Block Passthrough = "block" // everything passes; a slow reader of the output slows the application, as it would without capture
	Drop  Passthrough = "drop"  // whole lines pass; while the reader of the output is slow the oldest are left out, counted
	None  Passthrough = "none"  // nothing passes
)

// Source is one output of the application.
type Source struct {
	Name   string    // "stdout", "stderr": part of the ids of lines that are sent in parts
	In     io.Reader // read to its end
	Out    io.Writer
	Passes Passthrough // "": Block
}

const (
	readBytes    = 256 << 10
	passBytes    = 1 << 20
	passPatience = 5 * time.Millisecond

	// linesPatience is how long the reader waits for a shaper that is busy, before it takes it for one whose disk stalls and
	// lets the oldest lines go. What the application writes meanwhile waits in its pipe.
	linesPatience = 100 * time.Millisecond

	// naps of a reader behind a short read. While it naps nobody waits for the pipe, so that a write of the application
	// copies its bytes and wakes nobody: being woken, a reader may take the very processor that the application writes on.
	// It looks into the pipe between naps, and reads when this much waits.
	nap      = 2 * time.Millisecond
	napsMax  = 10
	napBytes = 128 << 10
)

// tap reads one source, once: into the ring of lines and into the ring of what passes.
type tap struct {
	source Source
	lines  *ring
	pass   *ring // nil: nothing passes

	clock  func() time.Time
	notice func(Notice)
	passed chan struct{} // closed when nothing passes any more
	once   sync.Once     // closes it
}

func newTap(source Source, memory int, c *Config) *tap {
	t := &tap{source: source, lines: newRing(memory, linesPatience), clock: c.Clock, notice: c.OnNotice, passed: make(chan struct{})}
	t.lines.byLines = true
	switch source.Passes {
	case None:
	case Drop:
		t.pass = newRing(passBytes, passPatience)
	default:
		t.pass = newRing(passBytes, forEver)
	}
	return t
}

// read reads the source to its end.
func (t *tap) read() {
	buf := make([]byte, readBytes)
	for {
		n, err := t.source.In.Read(buf)
		if n > 0 {
			t.lines.write(buf[:n], t.clock().UnixMilli())
			if t.pass != nil {
				t.pass.write(buf[:n], 0)
			}
		}
		if err != nil {
			break
		}
		if n < napBytes {
			t.rest()
		}
	}
	t.end()
}

// rest lets the pipe fill. What is no pipe, or can't be looked into, is rested for one nap.
func (t *tap) rest() {
	pipe, _ := t.source.In.(*os.File)
	for range napsMax {
		time.Sleep(nap)
		if n, ok := pipeHolds(pipe); !ok || n >= napBytes {
			return
		}
	}
}

// giveUp has nobody wait any more for what passes.
func (t *tap) giveUp() {
	if t.pass != nil {
		t.pass.abandon()
	}
	t.once.Do(func() { close(t.passed) })
}

// end has what is in the rings be the last.
func (t *tap) end() {
	t.lines.close()
	if t.pass != nil {
		t.pass.close()
	}
}

// passOn writes what passes to the output. When the output has gone, so has whoever wanted it; capture goes on.
func (t *tap) passOn() {
	defer t.giveUp()
	if t.pass == nil {
		return
	}
	buf := make([]byte, 64<<10)
	for {
		got := t.pass.take(buf)
		if got.cut {
			if _, err := t.source.Out.Write([]byte{'\n'}); err != nil {
				t.gone(err)
				return
			}
		}
		if got.n > 0 {
			if _, err := t.source.Out.Write(buf[:got.n]); err != nil {
				t.gone(err)
				return
			}
			continue
		}
		if got.last {
			return
		}
		<-t.pass.ready
	}
}

func (t *tap) gone(err error) {
	if !errors.Is(err, io.ErrClosedPipe) {
		t.notice(Notice{Kind: OutputGone, Err: err, Text: "nobody reads what is passed on of " + t.source.Name + " any more; lines are captured still"})
	}
}
