package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/capture"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/sample"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/shape"
)

// story is the demo as a client: it speaks the wire, and knows the server by its addresses only.
type story struct {
	out, errs io.Writer
	work      string // a folder that goes at the end
	flags     demoFlags

	pipeline *pipeline.Pipeline
	file     string // loglake.yaml
	input    string // the file that is put; "": an application runs

	endpoints server.Endpoints
	server    *client.Client
	account   account
}

// demoPipeline is the loglake.yaml of the demo's own application.
const demoPipeline = `bucket: demo-lake
groups:
  /demo/api:
    retention: 30d
    noise:
      - path: [/healthz, /static/**]
        except: [{method: POST}]
    routes:
      - {filter: '{ $.level = "ERROR" }', to: /demo/api/errors}
  /demo/api/errors: {retention: 7d}
tables:
  server_logs:
    partition_by: timestamp
    columns:
      timestamp: timestamp
      level: string
      request_id: string
      method: string
      path: string
      status_code: int
      response_time: double
      error: string
      error_traceback: string
streams:
  server-logs: {from: /demo/api, table: server_logs}
`

// plan writes the demo's loglake.yaml: its own, or the one that fits the lines of --input.
func (s *story) plan(stdin io.Reader) error {
	text := []byte(demoPipeline)
	if s.flags.input != "" {
		var err error
		if text, err = s.fit(stdin); err != nil {
			return err
		}
	}
	s.file = filepath.Join(s.work, pipeline.FileName)
	if err := disk.WriteFile(disk.Real(), s.file, text); err != nil {
		return err
	}
	var err error
	s.pipeline, err = pipeline.Load(s.file)
	return err
}

// fit looks at the lines of --input, as init does.
func (s *story) fit(stdin io.Reader) (text []byte, err error) {
	name := s.flags.input
	s.input = name
	if name == "-" {
		name = ""
		if s.input, err = s.keep(stdin, "stdin"); err != nil {
			return nil, fmt.Errorf("read --input: %w", err)
		}
	}
	file, err := openLog(s.input, nil)
	if err != nil {
		return nil, err
	}
	seen, err := sample.Look(file, sample.Config{Name: name, Parse: shape.Format(s.flags.parse)})
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("look at --input: %w", err)
	}
	return seen.File()
}

// tell is the whole story, chapter by chapter.
func (s *story) tell(ctx context.Context) error {
	fmt.Fprintf(s.out, "loglake on %s\n  AWS services  %s\n  the page      %s\n", s.flags.data, s.endpoints.AWS, s.endpoints.HTTP)
	fmt.Fprintf(s.out, "\nThe pipeline, as %s declares it\n\n", pipeline.FileName)
	if err := s.showPipeline(); err != nil {
		return err
	}
	fill := s.runApplication
	if s.input != "" {
		fill = s.putInput
	}
	if err := fill(ctx); err != nil {
		return err
	}
	for _, stream := range s.pipeline.Streams {
		if err := s.flush(ctx, stream.Name); err != nil {
			return err
		}
	}
	if err := s.tellAccount(ctx); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if !engine.Built {
		fmt.Fprintln(s.out, "\nThis build has no SQL engine, so there are no queries: `make build` with a C++ compiler makes one that has.")
		return nil
	}
	return s.ask(ctx)
}

// showPipeline prints the file without its comments.
func (s *story) showPipeline() error {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if code, _, ok := strings.Cut(line, " # "); ok {
			line = strings.TrimRight(code, " ")
		}
		if t := strings.TrimSpace(line); t != "" && t[0] != '#' {
			fmt.Fprintln(s.out, "  "+line)
		}
	}
	return nil
}

// runApplication has the demo's application serve its requests under loglake run.
func (s *story) runApplication(context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	group := string(s.pipeline.Groups[0].Name)
	command := []string{program, "demo-app", fmt.Sprintf("--requests=%d", s.flags.requests), fmt.Sprintf("--seed=%d", s.flags.seed)}
	fmt.Fprintf(s.out, "\n$ loglake run --group %s -- my-web-app\n", group)
	run := captureFlags{
		remote: remote{endpoint: s.server.Endpoint()}, groupFlags: groupFlags{group: group, file: configFile{path: s.file}}, passthrough: string(capture.None),
		spool: filepath.Join(s.work, "spool"), spoolMax: "1GiB", flushTimeout: time.Minute, create: true,
	}
	c := &cobra.Command{}
	c.SetOut(s.out)
	c.SetErr(s.errs)
	settings, err := run.settings(c, "my-web-app")
	if err != nil {
		return err
	}
	began := time.Now()
	sum, code, err := settings.watch(c, capture.Command{Args: command})
	if err == nil && code != exitOK {
		err = fmt.Errorf("the demo's application ended with code %d", code)
	}
	if err != nil {
		return err
	}
	s.account = account{
		lines: sum.Lines, bytes: sum.Bytes, events: sum.Sent, unparsed: sum.Unparsed, lost: sum.Dropped.Lines + sum.Left + sum.Refused,
		noise: sum.Noise, rules: settings.rules, took: time.Since(began),
	}
	return nil
}

// putInput puts the lines of --input, as put does.
func (s *story) putInput(ctx context.Context) error {
	group := s.pipeline.Groups[0]
	lines, err := newLineShape(group)
	if err != nil {
		return err
	}
	p := putRun{server: s.server, shape: lines, group: string(group.Name), stream: "input", final: true, progress: newProgress(s.errs)}
	if len(s.pipeline.Tables) > 0 {
		p.eventTime = s.timeField(s.pipeline.Tables[0])
	}
	fmt.Fprintf(s.out, "\n$ loglake put %s --group %s", s.flags.input, group.Name)
	if p.eventTime != "" {
		fmt.Fprintf(s.out, " --event-time %s", p.eventTime)
	}
	fmt.Fprintln(s.out)
	if err := p.file(ctx, s.input, nil); err != nil {
		return err
	}
	t := p.tally
	s.account = account{
		lines: t.Lines, bytes: t.Bytes, events: t.Sent, unparsed: t.Unparsed, lost: t.TooLong + t.Refused, noise: t.Noise,
		took: time.Duration(t.Seconds * float64(time.Second)),
	}
	for n := range group.Noise {
		s.account.rules = append(s.account.rules, fmt.Sprintf("noise rule %d of the group", n+1))
	}
	return nil
}

// timeField is the field that the table's rows have their day from.
func (s *story) timeField(t pipeline.Table) string {
	for _, c := range t.Columns {
		if c.Name == t.PartitionBy && c.Key != "" {
			return c.Key
		}
	}
	return t.PartitionBy
}

// flush has a delivery stream write what it has now, and waits for the commit.
func (s *story) flush(ctx context.Context, stream loglake.StreamName) error {
	ctx, cancel := context.WithTimeout(ctx, nativeapi.FlushWait)
	defer cancel()
	if err := s.server.Call(ctx, http.MethodPost, "/v1/streams/"+url.PathEscape(string(stream))+"/flush", nil, nil); err != nil {
		return fmt.Errorf("flush %s: %w", stream, err)
	}
	return nil
}

// invite says how to go on.
func (s *story) invite() {
	fmt.Fprintf(s.out, `
The server stays up; Ctrl-C ends it. Its page is %s, and these are to try:

  export LOGLAKE_ENDPOINT=%s
  loglake sql
  loglake tail %s --filter ERROR
  loglake status
  aws --endpoint-url %s s3 ls --recursive s3://%s
`, s.endpoints.HTTP, s.endpoints.AWS, s.pipeline.Groups[0].Name, s.endpoints.AWS, s.pipeline.Bucket)
}
