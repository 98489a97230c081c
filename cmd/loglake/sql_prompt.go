package main

import (
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/term"
)

// The prompts: of a statement, and of its further lines.
const (
	promptFirst = "loglake> "
	promptMore  = "      -> "
)

// ask asks for statements on a terminal in raw mode until somebody leaves or ctx ends.
func (s *shell) ask(ctx context.Context, in io.Reader, out io.Writer, size func() (width, height int, err error)) error {
	keys := newKeyboard(ctx)
	go keys.pump(in) // ends with the input, which is the program's
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, out}, promptFirst)
	if s.history != nil {
		t.History = s.history
	}
	cleared := false
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key == keyClear {
			cleared = true
			return "", 0, true
		}
		return s.complete(ctx, t, edit{line: line, pos: pos, key: key})
	}
	t.SetBracketedPasteMode(true)
	defer t.SetBracketedPasteMode(false)
	s.out, s.errs, s.progress, s.running = t, t, out, keys.during
	for {
		if width, height, err := size(); err == nil && width > 0 {
			_ = t.SetSize(width, height) // it only fails to redraw
		}
		t.SetPrompt(promptFirst)
		if s.typed != "" {
			t.SetPrompt(promptMore)
		}
		line, err := t.ReadLine()
		switch {
		case err != nil && !errors.Is(err, term.ErrPasteIndicator):
			_, err = io.WriteString(out, "\r\n")
			return err
		case cleared:
			cleared, s.typed = false, ""
			continue
		}
		if err := s.line(ctx, line); errors.Is(err, errLeave) {
			return nil
		} else if err != nil && !errors.As(err, new(exitError)) { // told already
			tell(t, err)
		}
	}
}

// The keys that matter here, as a terminal in raw mode sends them. A Ctrl-C reaches the prompt as keyClear, which no key of
// the terminal's own means, and an Enter.
const (
	keyCtrlC = 3
	keyClear = 0x1c
)

// keyboard passes keys on to the prompt and takes Ctrl-C out: it cancels the statement that runs, and where none does it
// clears the line. What is typed while a statement runs waits for the prompt.
type keyboard struct {
	ctx  context.Context //nolint:containedctx // an io.Reader that ends with it
	more chan struct{}   // gets a value when there is something new

	mu     sync.Mutex // guards what follows
	keys   []byte
	err    error
	cancel context.CancelFunc // of the statement that runs, nil where none does
}

func newKeyboard(ctx context.Context) *keyboard {
	return &keyboard{ctx: ctx, more: make(chan struct{}, 1)}
}

// pump reads the keys until there are no more.
func (k *keyboard) pump(in io.Reader) {
	var buf [256]byte
	for {
		n, err := in.Read(buf[:])
		k.take(buf[:n], err)
		select {
		case k.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (k *keyboard) take(keys []byte, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
	for _, key := range keys {
		switch {
		case key != keyCtrlC:
			k.keys = append(k.keys, key)
		case k.cancel != nil:
			k.cancel()
			k.keys = nil
		default:
			k.keys = append(k.keys, keyClear, '\r')
		}
	}
}

// Read gives what was typed, and io.EOF once ctx has ended.
func (k *keyboard) Read(p []byte) (int, error) {
	for {
		k.mu.Lock()
		n, err := copy(p, k.keys), k.err
		k.keys = k.keys[n:]
		k.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		select {
		case <-k.more:
		case <-k.ctx.Done():
			return 0, io.EOF
		}
	}
}

// during gives the context of a statement, which Ctrl-C ends until done is called.
func (k *keyboard) during(parent context.Context) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(parent)
	set := func(c context.CancelFunc) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.cancel = c
	}
	set(cancel)
	return ctx, func() {
		set(nil)
		cancel()
	}
}
