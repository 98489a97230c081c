package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

// groupFlags say into which log group lines go, and how they become events: what the file says of the group, with what the
// flags say in its place.
type groupFlags struct {
	group     string
	file      configFile
	parse     string
	regex     string
	multiline string
}

func (f *groupFlags) register(c *cobra.Command, r *remote) {
	flags := c.Flags()
	flags.StringVar(&f.group, "group", "", "log group")
	f.file.register(c)
	flags.StringVar(&f.parse, "parse", "", "how lines are written: "+formatNames(", ")+"; none sends them as they are")
	flags.StringVar(&f.regex, "regex", "", "the expression of --parse regex, in Go's syntax; its named groups are the fields")
	flags.StringVar(&f.multiline, "multiline", "", "true joins stack traces, false nothing; an expression is what the first line of an event looks like (default true)")
	complete(c, "parse", append(strings.Fields(formatNames(" ")), "none")...) // unlike others, it may be told to parse nothing
	_ = c.RegisterFlagCompletionFunc("group", func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return r.completeGroups(c, nil, typed)
	}) // the flag is there
}

// completeFormats completes --parse.
func completeFormats(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return strings.Fields(formatNames(" ")), cobra.ShellCompDirectiveNoFileComp
}

func formatNames(between string) string {
	var names []string
	for _, f := range shape.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, between)
}

// shape makes the settings ready.
func (f *groupFlags) shape(c *cobra.Command) (*lineShape, error) {
	group, err := f.declared(c)
	if err != nil {
		return nil, err
	}
	lines, err := newLineShape(group)
	if err != nil {
		return nil, usageError{err}
	}
	return lines, nil
}

// declared gives the settings of the group.
func (f *groupFlags) declared(c *cobra.Command) (pipeline.Group, error) {
	group := pipeline.Group{Multiline: pipeline.Multiline{Join: true}}
	if f.group == "" {
		return group, usageError{errors.New("--group says into which log group; it is missing")}
	}
	declared, _, err := f.file.load()
	if err != nil {
		return group, err
	}
	if declared != nil {
		if g, ok := declared.Group(loglake.GroupName(f.group)); ok {
			group = g
		}
	}
	given := c.Flags().Changed
	if given("parse") {
		group.Parse, group.Regex = shape.Format(f.parse), ""
		if f.parse == "none" {
			group.Parse = ""
		}
	}
	if given("regex") {
		group.Regex = f.regex
		if group.Parse == "" && !given("parse") {
			group.Parse = shape.Regex
		}
	}
	switch {
	case f.multiline == "true", f.multiline == "false":
		group.Multiline = pipeline.Multiline{Join: f.multiline == "true"}
	case f.multiline != "":
		if _, err := regexp.Compile(f.multiline); err != nil {
			return group, usageError{fmt.Errorf("--multiline is true, false or an expression for the first line of an event: %w", err)}
		}
		group.Multiline = pipeline.Multiline{Join: true, Start: f.multiline}
	}
	return group, nil
}
