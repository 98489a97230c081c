package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
)

// putFlags are the flags of put.
type putFlags struct {
	remote
	lines     groupFlags
	stream    string
	eventTime string
	final     bool
}

func putCommand() *cobra.Command {
	var f putFlags
	c := &cobra.Command{
		Use:   "put FILE|-... --group GROUP",
		Short: "Send existing log files into a log group, each event exactly once",
		Long: `put sends the lines of files as log events. Files may be compressed by gzip or zstd, whatever they
are called; - is stdin. The log group and the log stream are made where they are not there.

Each event is stored exactly once, whatever is killed and whenever: the same command goes on where the
last one ended, and says what was there already. A file is known by its log stream, by its first 2 KiB,
and by how its lines are parsed, joined and filtered. So a file that has grown goes on where it was, and
what is sent again under another --stream is stored again. A last line without a line end, which may
still be written, is left for later, and so is an event that it may belong to; --final sends them. What
a stack trace has grown by since it was stored is an event of its own. A file that only begins as one
that was put before is refused: --stream gives it a stream of its own. What comes from stdin can't go
on: a second run sends it again.

Lines of a stack trace are one event. --parse makes a JSON object of each event; one that does not parse
is kept as {"message": "…"}. What loglake.yaml says of the group (parse, regex, multiline, noise) holds
unless a flag says otherwise.

An event's time is that of its sending, unless --event-time names the field that has it: in any usual
form, of any age. Its retention then counts from its arrival.`,
		Example: `  loglake put access.log --group /web --parse combined --event-time timestamp
  loglake put old/*.log.gz --group /app/api --event-time time
  zcat app.log.Z | loglake put - --group /app/api --stream app
  loglake put app.log --group /app/api --format json | jq .sent`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{fmt.Errorf("%s takes at least one FILE, or - for stdin\n  `%s --help` shows examples", c.CommandPath(), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	f.register(c)
	flags := c.Flags()
	f.lines.register(c, &f.remote)
	flags.StringVar(&f.stream, "stream", "", "log stream (default: the name of the file)")
	flags.StringVar(&f.eventTime, "event-time", "", "field with the time of an event (default: the time of sending)")
	flags.StringVar(&f.format, "format", "text", "summary as text or json (an object per file)")
	flags.BoolVar(&f.final, "final", false, "files are complete: a last line without a line end counts, as it does in a compressed file and from stdin")
	complete(c, "format", "text", "json")
	return c
}

func (f *putFlags) run(c *cobra.Command, files []string) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	lines, err := f.lines.shape(c)
	if err != nil {
		return err
	}
	server, err := f.client()
	if err != nil {
		return err
	}
	failed := false
	for _, name := range files {
		p := putRun{server: server, shape: lines, group: f.lines.group, stream: f.streamOf(name), eventTime: f.eventTime, final: f.final, progress: newProgress(c.ErrOrStderr())}
		p.tally.File, p.tally.Group, p.tally.Stream = name, p.group, p.stream
		if err := p.file(c.Context(), name, c.InOrStdin()); err != nil {
			return err
		}
		if f.format == "json" {
			err = json.NewEncoder(c.OutOrStdout()).Encode(p.tally)
		} else {
			err = p.summary(c.OutOrStdout())
		}
		if err != nil {
			return err
		}
		failed = failed || p.tally.TooLong+p.tally.Refused > 0
	}
	if failed {
		return loglake.Errorf(loglake.CodeLimit, "not all events could be stored; the summary says which")
	}
	return nil
}

// streamOf names the log stream of a file.
func (f *putFlags) streamOf(name string) string {
	switch {
	case f.stream != "":
		return f.stream
	case name == "-":
		return "stdin"
	}
	return streamName(filepath.Base(name))
}

// file puts one file.
func (p *putRun) file(ctx context.Context, name string, stdin io.Reader) error {
	file, err := openLog(name, stdin)
	if err != nil {
		return err
	}
	err = p.run(ctx, file)
	p.progress.end()
	if closing := file.Close(); err == nil {
		err = closing
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCut):
		return loglake.Errorf(loglake.CodeInvalid, "%s ends in the middle of its compressed content, with %s events of it stored", name, grouped(p.start+p.tally.Sent)).
			WithHint("it was cut, or is still being written; once it is whole, the same command goes on from there")
	case awsCode(err) != "":
		return serviceError(err, p.server.Endpoint(), "")
	case !errors.Is(err, context.Canceled):
		return fmt.Errorf("put %s: %w", name, err)
	case name == "-":
		return loglake.Errorf(loglake.CodeUnavailable, "stopped after %s events were stored", grouped(p.tally.Sent)).
			WithHint("what comes from stdin can't go on where it was: a second run sends it again")
	}
	return loglake.Errorf(loglake.CodeUnavailable, "%s: stopped after %s events were stored", name, grouped(p.start+p.tally.Sent)).
		WithHint("the same command goes on from there")
}

// summary says what was done, for people.
func (p *putRun) summary(w io.Writer) error {
	t := &p.tally
	took := time.Duration(t.Seconds * float64(time.Second))
	rate := ""
	if t.Sent > 0 {
		rate = fmt.Sprintf("%s/s, ", grouped(int64(float64(t.Sent)/max(t.Seconds, 0.001))))
	}
	_, err := fmt.Fprintf(w, "%s: %s lines, %s events sent to %s in %s (%s%s)\n", t.File, grouped(t.Lines), grouped(t.Sent), t.Group,
		took.Round(time.Millisecond), rate, size(t.Bytes))
	note := func(n int64, format string, args ...any) {
		if n > 0 && err == nil {
			_, err = fmt.Fprintf(w, "  %s %s\n", grouped(n), fmt.Sprintf(format, args...))
		}
	}
	note(t.Stored, "events were stored before")
	note(t.Unparsed, `events are not %s: they are kept as {"message": …}`, p.shape.settings.Parse)
	for i, n := range t.Noise {
		note(n, "events dropped by noise rule %d", i+1)
	}
	note(t.NoTime, "events say no time in %s; they have the time of sending", p.eventTime)
	note(t.NotUTF8, "events are not UTF-8; the bytes that are not became U+FFFD")
	note(t.Blank, "blank lines left out")
	note(t.Open, "events at the end are not sent yet: the last line has no line end, and may still be written; --final sends them")
	note(t.TooLong, "events have more than %s bytes, which no log event may have, and were NOT sent; the first is at line %s",
		grouped(client.EventBytesMax), grouped(t.firstTooLong))
	note(t.Refused, "events were REFUSED by the server because of their time")
	if t.Stored < p.start && err == nil {
		_, err = fmt.Fprintf(w, "  the server has %s events of this file, more than it has now: it was cut, or another that begins like it\n"+
			"  was put before; --stream NAME sends it as a file of its own\n", grouped(p.start))
	}
	return err
}
