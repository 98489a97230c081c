package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/capture"
	"github.com/loglake/loglake/shape"
)

// captureFlags are the flags of pipe and run.
type captureFlags struct {
	remote
	groupFlags
	stream              string
	drop, keep          []string
	spool, spoolMax     string
	passthrough         string
	flushTimeout, every time.Duration
	create, quiet       bool
}

func (f *captureFlags) register(c *cobra.Command, defaultStream string) {
	f.remote.register(c)
	flags := c.Flags()
	flags.SortFlags = false
	f.groupFlags.register(c, &f.remote)
	flags.StringVar(&f.stream, "stream", "", "log stream (default "+defaultStream+")")
	flags.StringArrayVar(&f.drop, "drop", nil, "noise that is not sent: FIELD=GLOB[,GLOB] ..., all of which match; may be repeated")
	flags.StringArrayVar(&f.keep, "keep", nil, "an exception from all noise rules, in the same form")
	flags.StringVar(&f.passthrough, "passthrough", "block", "what passes to our own output: block (everything), drop (what its reader is fast enough for), none")
	flags.StringVar(&f.spool, "spool", os.Getenv("LOGLAKE_SPOOL"), "folder for lines that the server does not have yet (LOGLAKE_SPOOL); memory keeps none on the disk")
	flags.StringVar(&f.spoolMax, "spool-max", "1GiB", "size of the spool; when it is full the oldest lines go")
	flags.DurationVar(&f.flushTimeout, "flush-timeout", 5*time.Second, "how long to go on sending when the application has ended; what is left is sent by the next run")
	flags.BoolVar(&f.create, "create", true, "make the log group and the log stream where they are not there")
	flags.DurationVar(&f.every, "summary", 0, "tell the summary on stderr this often, and not only at the end")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on stderr")
	complete(c, "passthrough", "block", "drop", "none")
}

// groupName is what the wire takes for the name of a log group.
var groupName = regexp.MustCompile(`^[-._/#A-Za-z0-9]{1,512}$`)

// capturing is what the flags come to.
type capturing struct {
	capture.Config
	passes  capture.Passthrough
	every   time.Duration // of the summary; 0: at the end only
	rules   []string      // the names of the noise rules
	notices *notices
}

// settings makes sense of the flags, before anything runs.
func (f *captureFlags) settings(c *cobra.Command, stream string) (*capturing, error) {
	if f.group != "" && !groupName.MatchString(f.group) {
		return nil, usageError{fmt.Errorf("--group %q: the name of a log group has 1 to 512 letters, digits and the characters . - _ / #", f.group)}
	}
	if f.stream != "" {
		stream = f.stream
	}
	limit, err := parseBytes(f.spoolMax)
	if err != nil || limit < capture.SpoolBytesMin {
		return nil, usageError{fmt.Errorf("--spool-max %q is not a size of at least 1MiB; write it as 512MiB or 2GiB", f.spoolMax)}
	}
	passes := capture.Passthrough(f.passthrough)
	if passes != capture.Block && passes != capture.Drop && passes != capture.None {
		return nil, usageError{fmt.Errorf("--passthrough is block, drop or none, not %q", f.passthrough)}
	}
	server, err := f.client()
	if err != nil {
		return nil, err
	}
	out := &capturing{passes: passes, every: f.every}
	wire := capture.Server{Client: server, Existing: !f.create}
	out.Config = capture.Config{Group: f.group, Stream: streamName(stream), Wire: wire, Server: wire.Name(),
		SpoolBytesMax: limit, FlushTimeout: f.flushTimeout}
	if f.spool != "memory" {
		out.Dir = spoolFolder(f.spool, os.Getenv)
	}
	if out.Shape, out.rules, err = f.shape(c); err != nil {
		return nil, err
	}
	out.notices = newNotices(c.ErrOrStderr(), f.quiet)
	out.OnNotice = out.notices.take
	return out, nil
}

// streamName makes a name of a log stream, which may hold no colon and no asterisk.
func streamName(text string) string {
	text = strings.NewReplacer(":", "_", "*", "_").Replace(text)
	return text[:min(len(text), 512)]
}

// hostName is the beginning of a default log stream. In a container it is the container's.
func hostName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "unknown-host"
	}
	return host
}

// spoolFolder gives the folder of spools: the one said, or that of the user's state, or the system's, or a temporary one.
func spoolFolder(said string, getenv func(string) string) string {
	switch {
	case said != "":
		return said
	case os.Getuid() == 0 && getenv("XDG_STATE_HOME") == "":
		return "/var/lib/loglake/spool"
	case filepath.IsAbs(getenv("XDG_STATE_HOME")):
		return filepath.Join(getenv("XDG_STATE_HOME"), "loglake", "spool")
	case filepath.IsAbs(getenv("HOME")) && getenv("HOME") != "/":
		return filepath.Join(getenv("HOME"), ".local", "state", "loglake", "spool")
	}
	return filepath.Join(os.TempDir(), "loglake-spool-"+strconv.Itoa(os.Getuid()))
}

// parseBytes reads 1048576, 512KiB, 64MiB, 2GiB; KB, MB and GB, K, M and G are the same.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(text, "KMGiBkmgb")
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30}[strings.ToLower(text[len(digits):])]
	if err != nil || !ok || n < 0 || n > 1<<62>>shift {
		return 0, fmt.Errorf("%q is no size", text)
	}
	return n << shift, nil
}

// shape gives what becomes of lines, and the names of the noise rules: what the file says of the group, and the flags.
func (f *captureFlags) shape(c *cobra.Command) (out capture.Shape, rules []string, err error) {
	group, err := f.declared(c)
	if err != nil {
		return out, nil, err
	}
	for i := range group.Noise {
		rules = append(rules, fmt.Sprintf("noise rule %d of the group", i+1))
	}
	for _, text := range f.drop {
		r, err := parseRule("--drop", text)
		if err != nil {
			return out, nil, err
		}
		group.Noise, rules = append(group.Noise, r), append(rules, "--drop "+text)
	}
	for _, text := range f.keep {
		r, err := parseRule("--keep", text)
		if err != nil {
			return out, nil, err
		}
		for i := range group.Noise {
			group.Noise[i].Except = append(group.Noise[i].Except[:len(group.Noise[i].Except):len(group.Noise[i].Except)], r)
		}
	}
	out.Join = group.Multiline.Join
	if group.Multiline.Start != "" {
		if out.Start, err = regexp.Compile(group.Multiline.Start); err != nil {
			return out, nil, usageError{fmt.Errorf("--multiline is true, false, or what the first line of an event looks like: %w", err)}
		}
	}
	if group.Parse != "" {
		if out.Parser, err = shape.NewParser(group.Parse, group.Regex); err != nil {
			return out, nil, usageError{err}
		}
	}
	if len(group.Noise) > 0 {
		if out.Noise, err = shape.NewNoise(group.Noise); err != nil {
			return out, nil, usageError{err}
		}
	}
	return out, rules, nil
}

// parseRule reads FIELD=GLOB[,GLOB] FIELD=…; the fields method, path and level are those of noise rules.
func parseRule(flag, text string) (shape.Rule, error) {
	var r shape.Rule
	for _, part := range strings.Fields(text) {
		field, globs, ok := strings.Cut(part, "=")
		if !ok || field == "" || globs == "" {
			return r, usageError{fmt.Errorf("%s %q: %q is not FIELD=GLOB; write it as %s 'method=GET path=/static/**'", flag, text, part, flag)}
		}
		list := strings.Split(globs, ",")
		switch field {
		case "method":
			r.Method = append(r.Method, list...)
		case "path":
			r.Path = append(r.Path, list...)
		case "level":
			r.Level = append(r.Level, list...)
		default:
			if r.Fields == nil {
				r.Fields = map[string][]string{}
			}
			r.Fields[field] = append(r.Fields[field], list...)
		}
	}
	return r, nil
}

// passTo is where bytes of the application pass to: a broken pipe is an error there, and not our end.
func passTo(w io.Writer) io.Writer {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return w
}

// notices prints what capture tells, without capture ever waiting for a slow stderr.
type notices struct {
	w     io.Writer
	quiet bool
	done  chan struct{}

	mu    sync.Mutex // guards what follows
	queue chan capture.Notice
	ended bool // and queue is closed
}

func newNotices(w io.Writer, quiet bool) *notices {
	return &notices{w: w, quiet: quiet, queue: make(chan capture.Notice, 64), done: make(chan struct{})}
}

// take is OnNotice. When nobody reads our stderr, notices are left out.
func (n *notices) take(notice capture.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		return
	}
	select {
	case n.queue <- notice:
	default:
	}
}

// print prints until end is called.
func (n *notices) print() {
	defer close(n.done)
	for notice := range n.queue {
		if !n.quiet {
			fmt.Fprintf(n.w, "loglake: %s\n", notice.Text)
		}
	}
}

// end waits a moment until everything is printed. A notice that comes later is left out.
func (n *notices) end() {
	n.mu.Lock()
	n.ended = true
	close(n.queue)
	n.mu.Unlock()
	select {
	case <-n.done:
	case <-time.After(time.Second):
	}
}

// tell tells the account of a run that has ended.
func (s *capturing) tell(w io.Writer, sum capture.Summary) {
	if !s.notices.quiet {
		fmt.Fprintln(w, "loglake:", s.summary(sum))
	}
}

// summary gives the account of a run: a line when all is well, and one for whatever else there is to tell.
func (s *capturing) summary(sum capture.Summary) string {
	var w strings.Builder
	note := func(n int64, format string, args ...any) {
		if n > 0 {
			fmt.Fprintf(&w, "\n  %s %s", grouped(n), fmt.Sprintf(format, args...))
		}
	}
	fmt.Fprintf(&w, "%s lines, %s events sent to %s", grouped(sum.Lines), grouped(sum.Sent), s.Group)
	for rule, n := range sum.Noise {
		note(n, "dropped as noise: %s", s.rules[rule])
	}
	note(sum.Unparsed, `did not parse, and were sent as {"message": …}`)
	note(sum.Repaired, "lines are not UTF-8; the bytes that are not became U+FFFD")
	note(sum.Blank, "blank lines left out")
	note(sum.Parted, "lines were too long for one event, and were sent in parts")
	note(sum.PassDropped.Lines, "lines left out of our own output, whose reader was slow")
	note(sum.Dropped.Lines, "lines LOST: a buffer was full")
	note(sum.Late, "lines LOST: they came when the time to wait for the end of the output was over")
	note(sum.Refused, "events REFUSED by the server because of their age")
	note(sum.Adopted, "events of runs before were sent")
	if sum.InMemory {
		note(sum.Left, "events wait in memory, and are lost when loglake ends")
	} else {
		note(sum.Left, "events wait in %s; what is there at the end the next run sends", s.Dir)
	}
	return w.String()
}
