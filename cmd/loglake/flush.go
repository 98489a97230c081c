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
	var asIs, skip bool
	var group, filter string
	c := &cobra.Command{
		Use:   "resume STREAM --as-is | --skip-damaged",
		Short: "Have a delivery stream go on that is held, or whose events are damaged",
		Long: `A stream whose policy is rescue holds, losing nothing, while every record of a batch has a shape
that its set-up does not handle. It resumes by itself when the setting is mended. resume --as-is
delivers what is held without mending it.

Events that are damaged on the disk hold their source up: what comes before them is delivered, and what
follows waits, until the file is restored or resume --skip-damaged goes on behind them. Each is then a
reject with the code Journal.Damaged, counted in the ledger and listed under the stream's error prefix.
A filter that copies into another log group is held up likewise, and goes on with --group and --filter in
place of a stream; what is lost is counted in the ledger. A server that is started again before what was
skipped is flushed holds as before, and is to be told again.`,
		Example: `  loglake resume my-stream --as-is
  loglake resume my-stream --skip-damaged && loglake flush my-stream
  loglake resume --group /app --filter to-audit --skip-damaged`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case (group == "") != (filter == ""), group != "" && (asIs || len(args) > 0):
				return usageError{errors.New("--group and --filter belong together, with --skip-damaged and without a stream: they name a filter that copies into another log group")}
			case group != "":
				return nil
			}
			return oneArg("STREAM")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if asIs == skip {
				return usageError{errors.New("a stream resumes by itself when its setting is mended; --as-is delivers what it holds without that, and --skip-damaged goes on without damaged events")}
			}
			server, err := r.client()
			if err != nil {
				return err
			}
			if group != "" {
				q := url.Values{"group": {group}, "filter": {filter}, "skip": {"damaged"}}
				return skipDamaged(c, server, "/v1/routes/resume?"+q.Encode())
			}
			path := "/v1/streams/" + url.PathEscape(args[0]) + "/resume"
			if !skip {
				return server.Call(c.Context(), http.MethodPost, path, nil, nil)
			}
			return skipDamaged(c, server, path+"?skip=damaged")
		},
	}
	r.register(c)
	c.Flags().BoolVar(&asIs, "as-is", false, "deliver without mending")
	c.Flags().BoolVar(&skip, "skip-damaged", false, "go on behind events that are damaged on the disk, and count them as rejects")
	c.Flags().StringVar(&group, "group", "", "with --filter: the log group that a filter copies from")
	c.Flags().StringVar(&filter, "filter", "", "with --group: the filter")
	return c
}

// skipDamaged calls what goes on behind damaged events, and prints which these are.
func skipDamaged(c *cobra.Command, server *client.Client, path string) error {
	var out nativeapi.Resumed
	if err := server.Call(c.Context(), http.MethodPost, path, nil, &out); err != nil {
		return err
	}
	for _, s := range out.Skipped {
		fmt.Fprintf(c.OutOrStdout(), "%s: events from %d to %d are skipped: %s\n", s.Source, s.From, s.To-1, s.Damage)
	}
	return nil
}

func oneArg(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s takes one %s, got %d\n  `%s --help` shows examples", c.CommandPath(), name, len(args), c.CommandPath())}
		}
		return nil
	}
}
