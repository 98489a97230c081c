package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/apply"
	"github.com/loglake/loglake/pipeline"
)

// planFlags are those of plan and apply.
type planFlags struct {
	remote
	file     configFile
	check    bool
	exitCode bool
}

func planCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what loglake.yaml would change on a server",
		Long: `plan compares loglake.yaml with what a running server has, and prints what applying it would
create and change. It changes nothing. ` + "`loglake serve`" + ` applies the file when it starts, and
` + "`loglake apply`" + ` does while a server runs.

Nothing is ever deleted. What the file had made and does not have any more is listed with the
command that removes it. A change that would put rows out of sight is refused.

--check looks at the file alone, without a server: keys, names, types, patterns, and how the parts
fit together.

Exit codes: 0, also where there is something to change; 1 where a change is refused or no server
answers; 2 where the file is wrong; with --exit-code 4 where there is something to change.`,
		Example: `  loglake plan
  loglake plan --check
  loglake plan --endpoint http://lake.internal:4566 --format json | jq '.steps[] | select(.do != "keep")'
  loglake plan --exit-code > /dev/null || echo "differs"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.plan(c) },
	}
	f.registerShared(c)
	c.Flags().BoolVar(&f.check, "check", false, "look at the file alone, without a server")
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit with 4 where there is something to change")
	return c
}

func applyCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "apply",
		Short: "Make what loglake.yaml declares on a running server",
		Long: `apply brings a running server to what loglake.yaml declares, as ` + "`loglake serve`" + ` does when it
starts: it creates and changes what ` + "`loglake plan`" + ` shows, leaves alone what is as declared, and deletes
nothing. When a step fails it says what was done, and the next run goes on from there.`,
		Example: `  loglake apply
  loglake plan && loglake apply --endpoint http://lake.internal:4566`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.apply(c) },
	}
	f.registerShared(c)
	return c
}

func (f *planFlags) registerShared(c *cobra.Command) {
	f.remote.register(c)
	f.file.register(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// read gives the pipeline of the file, which has to be there.
func (f *planFlags) read() (*pipeline.Pipeline, string, error) {
	if err := checkFormat(f.format); err != nil {
		return nil, "", err
	}
	return f.file.need()
}

func (f *planFlags) look(ctx context.Context, p *pipeline.Pipeline) (*apply.Plan, error) {
	server, err := f.client()
	if err != nil {
		return nil, err
	}
	plan, err := apply.Look(ctx, server, p)
	if e := (*loglake.Error)(nil); errors.As(err, &e) && e.Code == loglake.CodeUnavailable && ctx.Err() == nil {
		return nil, e.WithHint("%s; `loglake plan --check` looks at the file without a server", e.Hint)
	}
	if err != nil {
		return nil, err
	}
	for i := range plan.Leftovers {
		plan.Leftovers[i].Remove = aimed(plan.Leftovers[i].Remove, server.Endpoint())
	}
	return plan, nil
}

func (f *planFlags) plan(c *cobra.Command) error {
	p, path, err := f.read()
	if err != nil {
		return err
	}
	if f.check {
		return f.checked(c.OutOrStdout(), p, path)
	}
	plan, err := f.look(c.Context(), p)
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = json.NewEncoder(c.OutOrStdout()).Encode(plan)
	} else {
		printPlan(c.OutOrStdout(), plan)
	}
	if err != nil {
		return err
	}
	refused := count(plan.Steps, apply.Refuse)
	switch {
	case refused > 0:
		return loglake.Errorf(loglake.CodeConflict, "applying the file is refused: %d of its resources would lose what they have", refused)
	case f.exitCode && len(plan.Changes()) > 0:
		return exitError{exitChanges}
	}
	return nil
}

// checked tells that a file is right, and what it has.
func (f *planFlags) checked(w io.Writer, p *pipeline.Pipeline, path string) error {
	if f.format == "json" {
		return json.NewEncoder(w).Encode(map[string]any{"config": path, "groups": len(p.Groups), "tables": len(p.Tables), "streams": len(p.Streams)})
	}
	_, err := fmt.Fprintf(w, "%s is right: %s, %s, %s\n", path, many(len(p.Groups), "group"), many(len(p.Tables), "table"), many(len(p.Streams), "stream"))
	return err
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (f *planFlags) apply(c *cobra.Command) error {
	p, _, err := f.read()
	if err != nil {
		return err
	}
	plan, err := f.look(c.Context(), p)
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	done := func(s apply.Step) { printStep(w, s) }
	if f.format == "json" {
		done = nil
	}
	if err := plan.Apply(c.Context(), done); err != nil {
		return err
	}
	if f.format == "json" {
		return json.NewEncoder(w).Encode(plan)
	}
	printLeftovers(w, plan)
	if changed := len(plan.Changes()); changed > 0 {
		fmt.Fprintf(w, "\n%s made, %d were as declared\n", many(changed, "change"), len(plan.Steps)-changed)
	} else {
		fmt.Fprintf(w, "nothing to change: all %d are as declared\n", len(plan.Steps))
	}
	return nil
}

func count(steps []apply.Step, do apply.Action) (n int) {
	for _, s := range steps {
		if s.Do == do {
			n++
		}
	}
	return n
}

func printPlan(w io.Writer, plan *apply.Plan) {
	for _, s := range plan.Changes() {
		printStep(w, s)
	}
	printLeftovers(w, plan)
	if len(plan.Changes()) == 0 {
		fmt.Fprintf(w, "nothing to change: all %d are as declared\n", len(plan.Steps))
		return
	}
	fmt.Fprintf(w, "\n%d to create, %d to change, %d as declared", count(plan.Steps, apply.Create), count(plan.Steps, apply.Change), count(plan.Steps, apply.Keep))
	if n := count(plan.Steps, apply.Refuse); n > 0 {
		fmt.Fprintf(w, ", %d refused", n)
	}
	fmt.Fprintln(w)
}

func printStep(w io.Writer, s apply.Step) {
	fmt.Fprintf(w, "%s %s\n", s.Do, s.What)
	for _, d := range s.Details {
		fmt.Fprintf(w, "       %s\n", d)
	}
	if s.Warning != "" {
		fmt.Fprintf(w, "       ! %s\n", s.Warning)
	}
}

func printLeftovers(w io.Writer, plan *apply.Plan) {
	for _, l := range plan.Leftovers {
		fmt.Fprintf(w, "not in the file: %s, which stays; this removes it:\n       %s\n", l.What, l.Remove)
		if l.Warning != "" {
			fmt.Fprintf(w, "       ! %s\n", l.Warning)
		}
	}
}
