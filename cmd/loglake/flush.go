package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/client"
)

// remote are the flags of commands that talk to a server.
type remote struct {
	endpoint string
	format   string
}

func (r *remote) register(c *cobra.Command) {
	endpoint := os.Getenv("LOGLAKE_ENDPOINT")
	if endpoint == "" {
		endpoint = client.DefaultEndpoint
	}
	c.Flags().StringVar(&r.endpoint, "endpoint", endpoint, "address of the server's AWS services (LOGLAKE_ENDPOINT)")
}

// client gives the client of the server that the flags and the environment name.
func (r *remote) client() (*client.Client, error) {
	config := client.FromEnv(os.Getenv)
	config.Endpoint = r.endpoint
	server, err := client.New(config)
	if loglake.CodeOf(err) == loglake.CodeInvalid {
		return nil, usageError{err}
	}
	return server, err
}

func flushCommand() *cobra.Command {
	var r remote
	var wait bool
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "flush STREAM",
		Short: "Close a delivery stream's batch now and print the objects written",
		Long: `flush has a delivery stream write what it has buffered now, not when its buffer hints say so,
and prints the location of each object once it is committed.`,
		Example: `  loglake flush my-stream --wait
  loglake flush my-stream --wait --format json | jq -r '.objects[].key'`,
		Args: oneArg("STREAM"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkFormat(r.format); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), timeout)
			defer cancel()
			var out struct {
				Objects []nativeapi.FlushedObject `json:"objects"`
			}
			server, err := r.client()
			if err != nil {
				return err
			}
			path := "/v1/streams/" + url.PathEscape(args[0]) + "/flush?wait=" + strconv.FormatBool(wait)
			if err := server.Call(ctx, http.MethodPost, path, nil, &out); err != nil {
				return err
			}
			if r.format == "json" {
				return json.NewEncoder(c.OutOrStdout()).Encode(out)
			}
			for _, o := range out.Objects {
				fmt.Fprintf(c.OutOrStdout(), "s3://%s/%s\n", o.Bucket, o.Key)
			}
			return nil
		},
	}
	r.register(c)
	c.Flags().BoolVar(&wait, "wait", true, "wait until the objects are committed and print them; --wait=false only asks for the flush")
	c.Flags().DurationVar(&timeout, "timeout", nativeapi.FlushWait, "give up waiting after this time; the flush goes on")
	c.Flags().StringVar(&r.format, "format", "text", "text or json")
	return c
}

func resumeCommand() *cobra.Command {
	var r remote
	var asIs bool
	c := &cobra.Command{
		Use:   "resume STREAM --as-is",
		Short: "Have a held delivery stream deliver what it holds as it is",
		Long: `A stream whose policy is rescue holds, losing nothing, while every record of a batch has a shape
that its set-up does not handle. It resumes by itself when the setting is mended. resume --as-is
delivers what is held without mending it.`,
		Example: `  loglake resume my-stream --as-is`,
		Args:    oneArg("STREAM"),
		RunE: func(c *cobra.Command, args []string) error {
			if !asIs {
				return usageError{errors.New("a stream resumes by itself when its setting is mended; --as-is delivers what it holds without that")}
			}
			server, err := r.client()
			if err != nil {
				return err
			}
			return server.Call(c.Context(), http.MethodPost, "/v1/streams/"+url.PathEscape(args[0])+"/resume", nil, nil)
		},
	}
	r.register(c)
	c.Flags().BoolVar(&asIs, "as-is", false, "deliver without mending")
	return c
}

func oneArg(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s takes one %s, got %d\n  `%s --help` shows examples", c.CommandPath(), name, len(args), c.CommandPath())}
		}
		return nil
	}
}
