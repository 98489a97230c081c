package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/server"
)

// demoFlags are what `demo` is told.
type demoFlags struct {
	data, awsAddr, httpAddr string
	events                  int
	input                   string
	seed                    uint64
	exit                    bool
}

// demoEventsMax bounds --events: what a person waits for.
const demoEventsMax = 10_000_000

func demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "See the whole chain at work on a temporary folder",
		Long: `demo starts a server on an empty folder and uses it as any AWS client would: it puts request
events into a log group, has a subscription filter pass them to a delivery stream that writes
Parquet by the schema of a table, prints the account of what became of them, asks three questions
in SQL, and stays up so that you can ask more.

With --input the events are your own lines of JSON: the table gets a column for each field of the
first lines. A line that is not JSON is kept as a reject, and counted.`,
		Example: `  loglake demo
  loglake demo --exit --events 200000
  loglake demo --input requests.jsonl
  kubectl logs deploy/api | loglake demo --input - --exit
  loglake demo --data ./demo-lake --aws-addr 127.0.0.1:4566 --http-addr 127.0.0.1:4580`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return demo(c, f) },
	}
	c.Flags().IntVar(&f.events, "events", 10_000, "how many events to make")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "the same seed makes the same events")
	c.Flags().StringVar(&f.input, "input", "", "put the lines of this file (- is standard input) and not events of its own")
	c.Flags().BoolVar(&f.exit, "exit", false, "leave at the end and don't stay up")
	c.Flags().StringVar(&f.data, "data", "", "data folder, empty or new, that stays (default: a temporary one that goes at the end)")
	c.Flags().StringVar(&f.awsAddr, "aws-addr", "127.0.0.1:0", "address of the AWS services; port 0 is a free one")
	c.Flags().StringVar(&f.httpAddr, "http-addr", "127.0.0.1:0", "address of native HTTP")
	return c
}

func demo(c *cobra.Command, f demoFlags) (err error) {
	if f.events < 1 || f.events > demoEventsMax {
		return usageError{fmt.Errorf("--events %d is not between 1 and %d", f.events, demoEventsMax)}
	}
	source, closeInput, err := f.source(c)
	if err != nil {
		return err
	}
	defer closeInput()
	if f.data == "" {
		f.data = filepath.Join(os.TempDir(), "loglake-demo-"+uuid.NewString()) // made by Open
		defer func() { err = errors.Join(err, disk.Real().RemoveAll(f.data)) }()
	} else if left, err := os.ReadDir(f.data); err == nil && len(left) > 0 {
		return loglake.Errorf(loglake.CodeConflict, "the folder %s is not empty, and the demo makes everything anew", f.data).
			WithHint("choose another folder with --data, or `loglake serve --data %s` to go on with this one", f.data)
	}
	cfg := server.Config{
		Dir: f.data, AWSAddr: f.awsAddr, HTTPAddr: f.httpAddr, Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
		OnEvent: logEvents(slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))),
	}
	return withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
		return serveStory(ctx, l, func(ctx context.Context, e server.Endpoints) error {
			fmt.Fprintf(c.OutOrStdout(), "loglake on %s\n  AWS services  %s\n  native HTTP   %s\n", f.data, e.AWS, e.HTTP)
			s := newStory(c.OutOrStdout(), cfg.Home.Region, e)
			s.progress = progressOf(c.ErrOrStderr())
			if err := s.tell(ctx, source); err != nil || f.exit {
				return err
			}
			s.invite()
			<-ctx.Done()
			return nil
		})
	})
}

// serveStory runs a server for as long as the story takes, and the story for as long as the server runs.
func serveStory(parent context.Context, l *server.Server, story func(context.Context, server.Endpoints) error) error {
	ctx, stop := context.WithCancel(parent)
	defer stop()
	ready := make(chan server.Endpoints, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer stop()
		return l.Run(ctx, func(e server.Endpoints) { ready <- e })
	})
	group.Go(func() error {
		defer stop()
		select {
		case e := <-ready:
			return story(ctx, e)
		case <-ctx.Done(): // the server tells why
			return nil
		}
	})
	err := group.Wait()
	if parent.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // interrupted
	}
	return err
}

// source gives what the demo puts: its own events, or the lines of a file.
func (f demoFlags) source(c *cobra.Command) (s source, closeInput func() error, err error) {
	closeInput = func() error { return nil }
	in := c.InOrStdin()
	switch f.input {
	case "":
		return madeSource(f.seed, f.events, time.Now()), closeInput, nil
	case "-":
	default:
		file, err := os.Open(f.input)
		if err != nil {
			return s, closeInput, fmt.Errorf("read --input: %w", err)
		}
		in, closeInput = file, file.Close
	}
	s, err = inputSource(in, time.Now)
	return s, closeInput, err
}

// progressOf gives where progress is shown: on a terminal, and nowhere else.
func progressOf(w io.Writer) io.Writer {
	if file, ok := w.(*os.File); ok {
		if stat, err := file.Stat(); err == nil && stat.Mode()&os.ModeCharDevice != 0 {
			return w
		}
	}
	return io.Discard
}
