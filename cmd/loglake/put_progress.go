package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// How often progress is told.
const (
	progressTick = 100 * time.Millisecond // on a terminal, as a bar
	progressLine = 10 * time.Second       // elsewhere, as a line
)

// progress tells how far a long put is: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	w     io.Writer
	bar   bool
	began time.Time
	told  time.Time // last
	drawn bool      // a bar is to be wiped off
	down  bool      // it was told that the server does not answer
}

func newProgress(w io.Writer) *progress {
	now := time.Now()
	return &progress{w: w, bar: isTerminal(w), began: now, told: now}
}

// due tells whether it is time to tell again: often on a terminal, now and then elsewhere.
func (p *progress) due() bool {
	now, every := time.Now(), progressLine
	if p.bar {
		every = progressTick
	}
	if now.Sub(p.told) < every {
		return false
	}
	p.told = now
	return true
}

// draw tells text, on a terminal behind a bar of how much of total is done.
func (p *progress) draw(text string, done, total int64) {
	if !p.bar {
		fmt.Fprintln(p.w, text)
		return
	}
	p.drawn = true
	fmt.Fprintf(p.w, "\r%s%s\x1b[K", meterBar(done, total), text)
}

// show tells that the events below position are stored.
func (p *progress) show(file *logFile, position int64) {
	p.down = false
	if !p.due() {
		return
	}
	text := fmt.Sprintf("%s: %s events", file.name, grouped(position))
	if file.total > 0 {
		text += fmt.Sprintf(", %d%% of the file", 100*min(file.read.Load(), file.total)/file.total)
	}
	text += fmt.Sprintf(", %s", span(p.told.Sub(p.began)))
	p.draw(text, file.read.Load(), file.total)
}

// count tells that done of total things are done.
func (p *progress) count(what string, done, total int64) {
	if !p.due() {
		return
	}
	text := fmt.Sprintf("%s: %s of %s, %s", what, grouped(done), grouped(total), span(p.told.Sub(p.began)))
	p.draw(text, done, total)
}

// meterBar draws how much of total is done; nothing where the total is not known.
func meterBar(done, total int64) string {
	const width = 30
	if total <= 0 {
		return ""
	}
	full := int(width * min(done, total) / total)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full) + " "
}

// waiting tells, once, that the server takes nothing for the time being.
func (p *progress) waiting(endpoint string, err error) {
	if p.down {
		return
	}
	p.down = true
	p.end()
	fmt.Fprintf(p.w, "loglake: %s takes nothing now (%s); trying again. Ctrl-C stops, and the same command goes on from here\n", endpoint, rootCause(err))
}

// end wipes the bar off.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
