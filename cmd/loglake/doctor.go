package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/client"
)

func doctorCommand() *cobra.Command {
	var r remote
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look for the classic mistakes of a pipeline, and print the command that mends each",
		Long: `doctor looks at a server's groups, streams and tables, at the newest events and the newest rejects, and
says what is wrong with them: what was seen, what it means, and the command that mends it. It changes
nothing. A note is something to know; a problem makes the exit code 3.

It looks for:
` + checkList(),
		Example: `  loglake doctor
  loglake doctor --endpoint https://lake.internal:4566
  loglake doctor --format json | jq -r '.findings[] | select(.level == "problem") | .command'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkFormat(r.format); err != nil {
				return err
			}
			server, err := r.client()
			if err != nil {
				return err
			}
			return diagnose(c, server, r.format)
		},
	}
	r.register(c)
	c.Flags().StringVar(&r.format, "format", "text", "text or json")
	complete(c, "format", "text", "json")
	return c
}

func checkList() string {
	var b strings.Builder
	for _, k := range checks() {
		fmt.Fprintf(&b, "  %-12s %s\n", k.id, k.what)
	}
	return b.String()
}

// The levels of a finding.
const (
	levelProblem = "problem"
	levelNote    = "note"
)

// finding is something that a check saw.
type finding struct {
	Check   string `json:"check"`
	Level   string `json:"level"`
	About   string `json:"about"`             // stream server-logs
	Seen    string `json:"seen"`              // a sentence
	Means   string `json:"means"`             // a sentence
	Command string `json:"command,omitempty"` // that mends it; "" where Means says what to do
	More    int    `json:"more,omitempty"`    // findings of the same check that are not told
}

// mistakeCheck looks for one kind of mistake.
type mistakeCheck struct {
	id, what string
	look     func(*patient) []finding
}

// diagnosis is what --format json prints.
type diagnosis struct {
	Checks   int       `json:"checks"`
	Problems int       `json:"problems"`
	Notes    int       `json:"notes"`
	Findings []finding `json:"findings"`
}

// findingsMax is how many findings of one check are told; more are counted.
const findingsMax = 5

// examine runs the checks over what was gathered; problems come first.
func examine(p *patient) diagnosis {
	d := diagnosis{Findings: []finding{}}
	for _, level := range []string{levelProblem, levelNote} {
		for _, k := range checks() {
			told := 0
			for _, f := range k.look(p) {
				if f.Level != level {
					continue
				}
				f.Check = k.id
				if told++; told <= findingsMax {
					d.Findings = append(d.Findings, f)
				}
			}
			if told > findingsMax {
				d.Findings[len(d.Findings)-1].More = told - findingsMax
			}
		}
	}
	d.count(len(checks()))
	return d
}

func (d *diagnosis) count(checks int) {
	d.Checks = checks
	for _, f := range d.Findings {
		if f.Level == levelProblem {
			d.Problems += 1 + f.More
		} else {
			d.Notes += 1 + f.More
		}
	}
}

func diagnose(c *cobra.Command, server *client.Client, format string) error {
	progress := io.Discard
	if isTerminal(c.ErrOrStderr()) {
		progress = c.ErrOrStderr()
	}
	p, unreachable := gather(c.Context(), server, progress)
	var d diagnosis
	if unreachable != nil {
		d.Findings = []finding{*unreachable}
		d.count(1)
	} else {
		d = examine(p)
		d.aim(server.Endpoint())
	}
	if format == "json" {
		enc := json.NewEncoder(c.OutOrStdout())
		enc.SetEscapeHTML(false)
		if err := enc.Encode(d); err != nil {
			return err
		}
	} else {
		d.print(c.OutOrStdout())
	}
	if d.Problems > 0 {
		return exitError{exitProblem}
	}
	return nil
}

// aim makes the commands reach the server that was looked at.
func (d *diagnosis) aim(endpoint string) {
	for i := range d.Findings {
		d.Findings[i].Command = aimed(d.Findings[i].Command, endpoint)
	}
}

func (d diagnosis) print(w io.Writer) {
	paint := painter(w)
	for _, f := range d.Findings {
		colour := red
		if f.Level == levelNote {
			colour = yellow
		}
		fmt.Fprintf(w, "%s %s: %s\n", paint.in(colour, f.Level), paint.in(bold, printable(f.About)), strings.ReplaceAll(wrapped(printable(f.Seen), 108), "\n", "\n  "))
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(wrapped(printable(f.Means), 108), "\n", "\n  "))
		for line := range strings.Lines(f.Command) {
			fmt.Fprintf(w, "  %s %s\n", paint.in(dim, "$"), paint.in(cyan, printable(strings.TrimSuffix(line, "\n"))))
		}
		if f.More > 0 {
			fmt.Fprintf(w, "  and %s more of the same\n", grouped(int64(f.More)))
		}
		fmt.Fprintln(w)
	}
	if len(d.Findings) == 0 {
		fmt.Fprintf(w, "%s %d checks, nothing to mend\n", paint.in(green, "fine:"), d.Checks)
		return
	}
	fmt.Fprintf(w, "%s, %s; %s\n", counted(d.Problems, "problem"), counted(d.Notes, "note"), counted(d.Checks, "check"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
