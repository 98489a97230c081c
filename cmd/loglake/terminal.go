package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// paint colours text for people: the zero value leaves it as it is.
type paint struct{ on bool }

// painter tells whether w is a terminal whose user wants colours (https://no-color.org).
func painter(w io.Writer) paint { return paint{on: isTerminal(w) && os.Getenv("NO_COLOR") == ""} }

// isTerminal tells whether somebody looks at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// colour is the number of a terminal's colour or style.
type colour int

// The colours that loglake uses, the sixteen that every theme chooses for itself.
const (
	plain   colour = 0
	bold    colour = 1
	dim     colour = 2
	red     colour = 31
	green   colour = 32
	yellow  colour = 33
	magenta colour = 35
	cyan    colour = 36
)

func (p paint) in(c colour, text string) string {
	if !p.on || c == plain || text == "" {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", c, text)
}

// ago writes how long before now something was.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	if d < time.Second {
		return "now"
	}
	return span(d) + " ago"
}

// span writes a length of time in its largest unit.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
