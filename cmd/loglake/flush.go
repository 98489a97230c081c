package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
)

// remote are the flags of commands that talk to a server.
type remote struct {
	endpoint string
	format   string
}

func (r *remote) register(c *cobra.Command) {
	endpoint := os.Getenv("LOGLAKE_ENDPOINT")
	if endpoint == "" {
		endpoint = "http://127.0.0.1:4580"
	}
	c.Flags().StringVar(&r.endpoint, "endpoint", endpoint, "native HTTP address of the server (LOGLAKE_ENDPOINT)")
}

// post calls the server and decodes its answer.
func (r *remote) post(ctx context.Context, path string, out any) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(r.endpoint, "/")+path, nil)
	if err != nil {
		return usageError{err}
	}
	answer, err := http.DefaultClient.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &loglake.Error{
			Code: loglake.CodeUnavailable, Err: err, Message: r.endpoint + " has not answered within --timeout; what was asked goes on there",
			Hint: "GET " + strings.TrimSuffix(r.endpoint, "/") + "/v1/streams tells what holds a stream up",
		}
	case errors.Is(err, context.Canceled):
		return &loglake.Error{Code: loglake.CodeUnavailable, Err: err, Message: "interrupted; what was asked goes on at " + r.endpoint}
	case err != nil:
		return &loglake.Error{
			Code: loglake.CodeUnavailable, Err: err, Message: fmt.Sprintf("no loglake answers at %s: %v", r.endpoint, errors.Unwrap(err)),
			Hint: "start one with `loglake serve`, or give its native HTTP address with --endpoint",
		}
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusAccepted {
		var said struct{ Error, Hint string }
		if json.Unmarshal(body, &said) != nil || said.Error == "" {
			said.Error = fmt.Sprintf("%s answered %s, and not as the native HTTP of a loglake does", r.endpoint, answer.Status)
			said.Hint = "--endpoint is the address that serve calls --http-addr, not that of the AWS services"
		}
		return &loglake.Error{Code: loglake.CodeInvalid, Message: said.Error, Hint: said.Hint}
	}
	return json.Unmarshal(body, out)
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
			if err := r.post(ctx, "/v1/streams/"+url.PathEscape(args[0])+"/flush?wait="+strconv.FormatBool(wait), &out); err != nil {
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
			var out struct{ Status string }
			return r.post(c.Context(), "/v1/streams/"+url.PathEscape(args[0])+"/resume", &out)
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
