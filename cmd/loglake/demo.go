package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/server"
)

// demoFlags are what `demo` is told.
type demoFlags struct {
	data, awsAddr, httpAddr string
	requests                int
	input, parse            string
	seed                    uint64
	exit                    bool
}

// demoRequestsMax bounds --requests: what a person waits for.
const demoRequestsMax = 1_000_000

func demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "See the whole chain at work on a temporary folder",
		Long: `demo starts a server on an empty folder with a small loglake.yaml, and a web application under
loglake run that serves some thousand requests, of six hours as its clock has it. It then prints the
account of what became of each line that the application printed, asks a few questions in SQL, and stays
up so that you can ask more.

With --input the lines are those of a file of yours (gzip and zstd too; - is standard input): demo makes
the loglake.yaml that fits them, as loglake init does, and puts them, as loglake put does.`,
		Example: `  loglake demo
  loglake demo --exit --requests 100000
  loglake demo --input access.log.gz --parse combined
  kubectl logs deploy/api | loglake demo --input - --exit
  loglake demo --data ./demo-lake --aws-addr 127.0.0.1:4566 --http-addr 127.0.0.1:4580`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return demo(c, f) },
	}
	c.Flags().IntVar(&f.requests, "requests", 10_000, "how many requests the application serves")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "the same seed makes the same requests")
	c.Flags().StringVar(&f.input, "input", "", "put the lines of this file, and start no application")
	c.Flags().StringVar(&f.parse, "parse", "", "how the lines of --input are written: "+formatNames(", ")+" (default: found out)")
	c.Flags().BoolVar(&f.exit, "exit", false, "leave at the end and don't stay up")
	c.Flags().StringVar(&f.data, "data", "", "data folder, empty or new, that stays (default: a temporary one that goes at the end)")
	c.Flags().StringVar(&f.awsAddr, "aws-addr", "127.0.0.1:0", "address of the AWS services; port 0 is a free one")
	c.Flags().StringVar(&f.httpAddr, "http-addr", "127.0.0.1:0", "address of native HTTP and the page")
	_ = c.RegisterFlagCompletionFunc("parse", completeFormats) // the flag is there
	return c
}

func demo(c *cobra.Command, f demoFlags) (err error) {
	if f.requests < 1 || f.requests > demoRequestsMax {
		return usageError{fmt.Errorf("--requests %d is not between 1 and %d", f.requests, demoRequestsMax)}
	}
	work := filepath.Join(os.TempDir(), "loglake-demo-"+uuid.NewString())
	if err := disk.Real().MkdirAll(work); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Real().RemoveAll(work)) }()
	if f.data == "" {
		f.data = filepath.Join(work, "lake")
	} else if left, err := os.ReadDir(f.data); err == nil && len(left) > 0 {
		return loglake.Errorf(loglake.CodeConflict, "the folder %s is not empty, and the demo makes everything anew", f.data).
			WithHint("choose another folder with --data, or `loglake serve --data %s` to go on with this one", f.data)
	}
	s := &story{out: c.OutOrStdout(), errs: c.ErrOrStderr(), work: work, flags: f}
	if err := s.plan(c.InOrStdin()); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
	cfg := server.Config{
		Dir: f.data, AWSAddr: f.awsAddr, HTTPAddr: f.httpAddr, Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
		OnEvent: logEvents(log),
		Prepare: preparation{pipeline: s.pipeline, path: s.file, region: "us-east-1", log: slog.New(slog.DiscardHandler)}.prepare,
	}
	return withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
		return serveStory(ctx, l, func(ctx context.Context, e server.Endpoints) (err error) {
			s.endpoints = e
			if s.server, err = client.New(client.Config{Endpoint: e.AWS}); err != nil {
				return err
			}
			if err := s.tell(ctx); err != nil || f.exit {
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

// keep copies a reader into a file of the demo's own, for what is read twice.
func (s *story) keep(r io.Reader, name string) (path string, err error) {
	path = filepath.Join(s.work, name)
	file, err := disk.Create(disk.Real(), path)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, r)
	return path, errors.Join(err, file.Close())
}
