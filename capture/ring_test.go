package capture_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loglake/loglake/capture"
)

// drain takes all there is until the ring is closed and empty, pieces of at most n bytes.
func drain(r *capture.Ring, n int) (out []byte) {
	buf := make([]byte, n)
	for {
		t := r.Take(buf)
		if t.Cut {
			out = append(out, '\n')
		}
		out = append(out, buf[:t.N]...)
		if t.N == 0 && t.Last {
			return out
		}
		if t.N == 0 {
			<-r.Ready()
		}
	}
}

// What passes is the very bytes, whatever they are and however they come.
func TestRingPassesBytes(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		text := make([]byte, rng.IntN(5000))
		for i := range text {
			text[i] = "ab\n\r\x00\xff"[rng.IntN(6)]
		}
		r := capture.NewRing(1+rng.IntN(300), capture.ForEver)
		go func() {
			rest := text
			for len(rest) > 0 {
				n := min(len(rest), 1+rng.IntN(700))
				r.Write(rest[:n], 0)
				rest = rest[n:]
			}
			r.Close()
		}()
		if got := drain(r, 1+int(seed)*7); !bytes.Equal(got, text) {
			t.Fatalf("seed %d: %d bytes became %d", seed, len(text), len(got))
		}
	}
}

// A taker that takes nothing loses the oldest whole lines, and each is counted.
func TestRingDropsOldest(t *testing.T) {
	f := func(lines int, length func(i int) int) {
		t.Helper()
		r := capture.NewRing(1000, 0)
		written := map[string]bool{}
		for i := range lines {
			line := fmt.Sprintf("%d:%s\n", i, strings.Repeat("x", length(i)))
			written[line] = true
			for rest := line; rest != ""; { // as reads cut it
				n := min(len(rest), 300)
				r.Write([]byte(rest[:n]), int64(1000+i))
				rest = rest[n:]
			}
		}
		r.Close()
		got := bytes.SplitAfter(drain(r, 64), []byte("\n"))
		got = got[:len(got)-1]
		lost := r.Losses()
		if int(lost.Lines)+len(got) != lines {
			t.Errorf("%d lines: %d came and %d are counted as lost", lines, len(got), lost.Lines)
		}
		total := 0
		for line := range written {
			total += len(line)
		}
		for _, line := range got {
			total -= len(line)
			if !written[string(line)] {
				t.Errorf("%q was never written", line)
			}
		}
		if int64(total) != lost.Bytes {
			t.Errorf("%d bytes are missing and %d are counted", total, lost.Bytes)
		}
		if lost.Lines > 0 && (lost.From != 1000 || lost.To < lost.From || lost.To >= int64(1000+lines)) {
			t.Errorf("lost from %d to %d", lost.From, lost.To)
		}
	}
	f(3, func(int) int { return 10 })
	f(500, func(int) int { return 10 })
	f(500, func(i int) int { return i })
	f(40, func(i int) int { return 20 + i%3*1500 }) // longer than the ring
}

// While the taker takes now and then the writer waits for it, and nothing is lost.
func TestRingPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := capture.NewRing(100, 100*time.Millisecond)
		go func() {
			for i := range 100 {
				r.Write(fmt.Appendf(nil, "%09d\n", i), 1)
			}
			r.Close()
		}()
		buf, got := make([]byte, 50), 0
		for {
			time.Sleep(90 * time.Millisecond)
			taken := r.Take(buf)
			if got += taken.N; taken.Last {
				break
			}
		}
		if lost := r.Losses(); got != 1000 || lost.Lines != 0 {
			t.Errorf("%d bytes came, %d lines were lost", got, lost.Lines)
		}
	})
	synctest.Test(t, func(t *testing.T) { // once it has lost its patience it does not wait again
		r := capture.NewRing(100, 100*time.Millisecond)
		begin := time.Now()
		for i := range 1000 {
			r.Write(fmt.Appendf(nil, "%09d\n", i), 1)
		}
		if took := time.Since(begin); took != 100*time.Millisecond {
			t.Errorf("the writer waited for %s", took)
		}
		if lost := r.Losses(); lost.Lines != 990 {
			t.Errorf("%d lines were lost", lost.Lines)
		}
	})
}
