package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/apply"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/server"
)

// preparation applies a pipeline to a server that is about to serve.
type preparation struct {
	pipeline *pipeline.Pipeline
	path     string // of the file, for the log
	region   string
	pairs    map[string]string // the key pairs that the server takes; empty: any
	log      *slog.Logger
}

// prepare is a server.Config's Prepare. It speaks the wire that everybody does, without a network in between.
func (p preparation) prepare(ctx context.Context, services http.Handler) error {
	config := client.Config{Endpoint: "http://localhost", Region: p.region, HTTP: &http.Client{Transport: inProcess{services}}}
	for id, secret := range p.pairs {
		config.AccessKey, config.SecretKey = id, secret
		break // any of them may do everything
	}
	to, err := client.New(config)
	if err != nil {
		return err
	}
	plan, err := apply.Look(ctx, to, p.pipeline)
	if err != nil {
		return err
	}
	err = plan.Apply(ctx, func(s apply.Step) {
		p.log.Info(s.String())
		if s.Warning != "" {
			p.log.Warn(s.Warning, "of", s.What)
		}
	})
	if e := (*loglake.Error)(nil); slices.ContainsFunc(plan.Steps, isRefused) && errors.As(err, &e) {
		return e.WithHint("`loglake serve --config /dev/null` starts without the file, so that what is there can be looked at and mended")
	}
	if err != nil {
		return err
	}
	for _, s := range plan.Steps {
		if s.Do == apply.Keep && s.Warning != "" {
			p.log.Warn(s.Warning, "of", s.What)
		}
	}
	for _, l := range plan.Leftovers {
		p.log.Warn(l.What + " is not in the file any more, and stays; `loglake plan` prints the command that removes it")
		if l.Warning != "" {
			p.log.Warn(l.Warning, "of", l.What)
		}
	}
	p.log.Info("applied", "config", p.path, "changes", len(plan.Changes()), "as_declared", len(plan.Steps)-len(plan.Changes()))
	return nil
}

func isRefused(s apply.Step) bool { return s.Do == apply.Refuse }

// inProcess answers requests by a handler of this process. Answers are held in memory: they are those of a plan's calls.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI, in.RemoteAddr = req.URL.RequestURI(), "127.0.0.1:0"
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	answer := &heldAnswer{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(answer, in)
	if req.Body != nil {
		_ = req.Body.Close() // as a transport has to; there is nothing to lose
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: req,
	}, nil
}

// heldAnswer is an http.ResponseWriter in memory.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(status int)      { a.status = status }
func (a *heldAnswer) Write(b []byte) (int, error) { return a.body.Write(b) }

// withPipeline has a server apply the file, if there is one, before it is ready.
func (f *serverFlags) withPipeline(cfg *server.Config, log *slog.Logger) {
	if f.pipeline != nil {
		cfg.Prepare = preparation{pipeline: f.pipeline, path: f.path, region: cfg.Home.Region, pairs: cfg.Credentials, log: log}.prepare
	}
}
