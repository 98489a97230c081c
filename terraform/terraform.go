// Package terraform prints a pipeline as Terraform configuration for AWS: the same groups, tables and streams, made of
// AWS's own services, with the roles that these need and no right more.
//
// pipeline.tf.tmpl is the text, in the order in which a reader wants it. view.go says what is in its gaps, projection.go
// how the partitions of a table are computed, difference.go what AWS does otherwise: where it has no such thing the
// output says so in a comment, and what to do instead. quote.go and layout.go print strings and lay the text out as
// `terraform fmt` does.
//
// The same pipeline gives the same text. Nothing is read but the arguments.
package terraform

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/loglake/loglake/pipeline"
)

// Config says what is printed.
type Config struct {
	Pipeline *pipeline.Pipeline
	// Source is what the pipeline was read from, for the first line.
	Source string
	// Endpoint adds a provider block that points at a loglake, to try the configuration there. Empty: AWS.
	Endpoint string
}

//go:embed pipeline.tf.tmpl
var text string

// Print gives the configuration as one file.
func Print(c Config) (string, error) {
	t, err := template.New("pipeline.tf").Funcs(template.FuncMap{
		"str": quote, "inner": escape, "comment": comment, "list": enumerate,
	}).Parse(text)
	if err != nil {
		return "", fmt.Errorf("parse the template: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, newView(c)); err != nil {
		return "", fmt.Errorf("print the configuration: %w", err)
	}
	return lay(b.String()), nil
}
