package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/loglake/loglake/internal/disk"
)

// bench is the surroundings of all scenarios.
type bench struct {
	self, binary string // this program, and loglake
	dir          string // for everything that a scenario leaves
	load         load

	server       string // a loglake
	slow, absent string // the same 200 to 800 ms away, and nobody
}

// measured is one scenario's outcome.
type measured struct {
	name      string
	histogram histogram
}

// A slow endpoint answers after so long.
const slowMin, slowMax = 200 * time.Millisecond, 800 * time.Millisecond

// scenario is one way of running the application.
type scenario struct {
	name    string
	command func(b *bench, app []string) []string
}

func scenarios() []scenario {
	under := func(endpoint func(b *bench) string, flags ...string) func(*bench, []string) []string {
		return func(b *bench, app []string) []string {
			args := append([]string{b.binary, "run", "--group", "/latency", "--quiet", "--flush-timeout", "1s", "--endpoint", endpoint(b),
				"--spool", filepath.Join(b.dir, "spool-"+uuid.NewString())}, flags...)
			return append(append(args, "--"), app...)
		}
	}
	up := func(b *bench) string { return b.server }
	slow := func(b *bench) string { return b.slow }
	absent := func(b *bench) string { return b.absent }
	shell := func(script string) func(*bench, []string) []string {
		return func(b *bench, app []string) []string {
			return append([]string{"sh", "-c", script, filepath.Join(b.dir, "plain")}, app...)
		}
	}
	return []scenario{
		{"a file, no capture", shell(`exec "$@" > "$0"`)},
		{"a pipe into cat, no capture", shell(`"$@" | cat > /dev/null`)},
		{"capture, server up", under(up)},
		{"capture, server 200-800 ms away", under(slow)},
		{"capture, server stopped", under(absent)},
		{"capture, server stopped, spool full", under(absent, "--spool-max", "4MiB")},
		{"capture, disk stalls for 2 s of each 3", func(b *bench, app []string) []string {
			return append([]string{b.self, "-stalled", b.server, "-dir", b.dir, "--"}, app...)
		}},
	}
}

// run runs one scenario.
func (b *bench) run(ctx context.Context, s scenario) (measured, error) {
	m := measured{name: s.name}
	result := filepath.Join(b.dir, "histogram.json")
	app := []string{b.self, "-app", result, "-lines", strconv.Itoa(b.load.Lines), "-rate", strconv.Itoa(b.load.Rate), "-bytes", strconv.Itoa(b.load.Bytes)}
	args := s.command(b, app)
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stderr = os.Stderr // stdout: the null device
	if err := c.Run(); err != nil {
		return m, fmt.Errorf("%s: %w", s.name, err)
	}
	text, err := disk.ReadFile(disk.Real(), result)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m.histogram)
}

// serve starts a loglake, and a proxy that is slow to reach it. stop ends both.
func (b *bench) serve() (stop func() error, err error) {
	c := exec.Command(b.binary, "serve", "--ephemeral", "--data", filepath.Join(b.dir, "lake"))
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return nil, err
	}
	var at struct{ AWS string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("loglake serve: %w\n%s", err, said.String()), c.Process.Kill())
	}
	b.server, b.absent = at.AWS, "http://127.0.0.1:1"
	target, err := url.Parse(at.AWS)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b.slow = "http://" + listener.Addr().String()
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {}} // the application went before it was answered
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // ends with the listener
			time.Sleep(slowMin + rand.N(slowMax-slowMin))
			proxy.ServeHTTP(w, r)
		}))
	}()
	return func() error {
		err := errors.Join(listener.Close(), c.Process.Signal(syscall.SIGTERM))
		_, _ = io.Copy(io.Discard, out)
		return errors.Join(err, c.Wait())
	}, nil
}
