package main

import (
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/terraform"
)

func terraformCommand() *cobra.Command {
	var file configFile
	var endpoint string
	c := &cobra.Command{
		Use:   "terraform",
		Short: "Print the Terraform of the pipeline on AWS",
		Long: `terraform prints the pipeline of a loglake.yaml as Terraform configuration for AWS: the log groups with
their retention, the delivery streams with conversion to Parquet, the subscription filters, the tables with
partition projection, the bucket, a workgroup for queries, and the roles with no right more than these need.

What AWS has no service for (routes between groups, partitions by a column, noise rules) is told in comments.

--endpoint adds a provider block that points at a loglake, to try the configuration before AWS sees it.`,
		Example: `  loglake terraform > main.tf
  loglake terraform --config api.yaml --endpoint http://127.0.0.1:4566 > try/main.tf
  terraform -chdir=try init && terraform -chdir=try apply`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if endpoint != "" {
				if _, err := client.New(client.Config{Endpoint: endpoint}); err != nil {
					return usageError{err}
				}
			}
			p, path, err := file.need()
			if err != nil {
				return err
			}
			text, err := terraform.Print(terraform.Config{Pipeline: p, Source: filepath.Base(path), Endpoint: endpoint})
			if err != nil {
				return err
			}
			_, err = io.WriteString(c.OutOrStdout(), text)
			return err
		},
	}
	file.register(c)
	c.Flags().StringVar(&endpoint, "endpoint", "", "address of a loglake's AWS services, to try the configuration there")
	return c
}
