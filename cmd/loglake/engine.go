package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/query/engine"
)

// engineCommand is the query engine's process. The server starts it; people don't.
func engineCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "engine",
		Short:  "The query engine's process, started by serve",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if code := engine.Main(c.Context(), os.Stdin, c.OutOrStdout(), c.ErrOrStderr()); code != exitOK {
				return exitError{code}
			}
			return nil
		},
	}
}
