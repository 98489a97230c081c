package main

import (
	"github.com/spf13/cobra"

	"github.com/loglake/loglake/pipeline"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of loglake.yaml, for editors",
		Long: `schema prints the JSON schema of loglake.yaml. An editor with a YAML language server completes keys
and marks mistakes by it, when the file begins with

  # yaml-language-server: $schema=loglake.schema.json`,
		Example: `  loglake schema > loglake.schema.json`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(pipeline.JSONSchema())
			return err
		},
	}
}
