package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// demoSpan is how much time the demo's application believes passes while it serves its requests.
const demoSpan = 6 * time.Hour

// demoAppCommand is the application of the demo, which demo runs under loglake run: a web server that prints a line for
// each request, and the browsers that ask it.
func demoAppCommand() *cobra.Command {
	var requests int
	var seed uint64
	c := &cobra.Command{
		Use:    "demo-app",
		Short:  "The web application of the demo, started by demo",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serveRequests(c.Context(), c.OutOrStdout(), requests, seed)
		},
	}
	c.Flags().IntVar(&requests, "requests", 1000, "how many")
	c.Flags().Uint64Var(&seed, "seed", 1, "the same seed makes the same requests")
	return c
}

// demoTime is the header by which a browser of the demo tells what time it is.
const demoTime = "X-Demo-Time"

// serveRequests is the application and its browsers, from the first request to the last.
func serveRequests(ctx context.Context, out io.Writer, requests int, seed uint64) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	lines := bufio.NewWriterSize(out, 1<<10)
	fmt.Fprintf(lines, "INFO: my-web-app is up on %s\n", listener.Addr()) // as most do; it is no JSON
	app := &application{random: rand.New(rand.NewPCG(seed, 0)), lines: lines}
	server := &http.Server{Handler: app, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = browse(ctx, "http://"+listener.Addr().String(), requests, rand.New(rand.NewPCG(seed, 1)))
	if err = errors.Join(err, server.Close()); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return lines.Flush()
}

// browse asks for so many pages, one after the other, at random times of the last demoSpan.
func browse(ctx context.Context, base string, requests int, r *rand.Rand) error {
	now := time.Now()
	at := now.Add(-demoSpan)
	for i := range requests {
		// The earliest of the requests left, which come at random between here and now.
		gap := float64(now.Sub(at)) * (1 - math.Pow(r.Float64(), 1/float64(requests-i)))
		at = at.Add(time.Duration(gap))
		to := routes[pickRoute(r)]
		req, err := http.NewRequestWithContext(ctx, to.method, base+to.path, nil)
		if err != nil {
			return err
		}
		req.Header.Set(demoTime, at.UTC().Format(demoTimeForm))
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if _, err = io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if err := answer.Body.Close(); err != nil {
			return err
		}
	}
	return nil
}

const demoTimeForm = "2006-01-02T15:04:05.000Z"

// requestLine is one line of the application's log, in the schema of contrib/README.md.
type requestLine struct {
	Timestamp    string  `json:"timestamp"`
	Level        string  `json:"level"`
	RequestID    string  `json:"request_id"`
	Method       string  `json:"method"`
	Path         string  `json:"path"`
	StatusCode   int     `json:"status_code"`
	ResponseTime float64 `json:"response_time"` // milliseconds
	Bytes        int     `json:"bytes"`
	Error        string  `json:"error,omitempty"`
	Traceback    string  `json:"error_traceback,omitempty"`
}

// application answers requests, each as fast or slowly as its route is, by its own account: nobody waits for it.
type application struct {
	random *rand.Rand // the browsers ask one at a time
	lines  *bufio.Writer
}

// route is an endpoint of the application.
type route struct {
	method, path string
	share        int     // of a thousand requests
	success      int     // status
	median       float64 // response time, ms
	spread       float64 // standard deviation of its logarithm: the tail
	refused      float64 // share of 4xx
	failed       float64 // share of 5xx
}

var routes = []route{
	{"GET", "/api/products", 230, 200, 18, 0.5, 0.010, 0.001},
	{"GET", "/api/users/me", 190, 200, 9, 0.4, 0.030, 0.001},
	{"GET", "/api/search", 90, 200, 85, 0.8, 0.015, 0.004},
	{"GET", "/api/orders", 80, 200, 34, 0.6, 0.010, 0.003},
	{"PUT", "/api/cart", 70, 200, 27, 0.5, 0.020, 0.004},
	{"POST", "/api/login", 40, 201, 140, 0.3, 0.120, 0.002},
	{"POST", "/api/orders", 25, 201, 120, 0.7, 0.040, 0.020},
	{"GET", "/api/reports/export", 10, 200, 900, 0.9, 0.010, 0.060},
	{"GET", "/healthz", 130, 200, 0.2, 0.2, 0, 0},
	{"GET", "/static/app.js", 70, 200, 0.5, 0.4, 0, 0},
	{"GET", "/static/site.css", 60, 200, 0.4, 0.4, 0, 0},
	{"POST", "/static/upload", 5, 201, 60, 0.6, 0.05, 0.01},
}

func pickRoute(r *rand.Rand) int {
	n := r.IntN(1000)
	for i, to := range routes {
		if n -= to.share; n < 0 {
			return i
		}
	}
	return len(routes) - 1
}

// ServeHTTP answers a request and prints its line.
func (a *application) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	line := a.handle(req)
	w.WriteHeader(line.StatusCode)
	n, _ := w.Write(make([]byte, 20+a.random.IntN(2000))) // a browser that left gets nothing
	line.Bytes = n
	text, err := json.Marshal(line)
	if err != nil { // these fields always can be
		return
	}
	_, _ = a.lines.Write(append(text, '\n')) // Flush tells
}

func (a *application) handle(req *http.Request) requestLine {
	r := a.random
	line := requestLine{
		Timestamp: req.Header.Get(demoTime), Level: "INFO", Method: req.Method, Path: req.URL.Path, StatusCode: http.StatusNotFound,
		RequestID: fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), 1<<15|r.IntN(1<<14), r.Int64N(1<<48)),
	}
	for _, to := range routes {
		if to.method != req.Method || to.path != req.URL.Path {
			continue
		}
		line.StatusCode = to.success
		line.ResponseTime = math.Round(1000*to.median*math.Exp(to.spread*r.NormFloat64())) / 1000
		switch chance := r.Float64(); {
		case chance < to.failed:
			a.fail(&line)
		case chance < to.failed+to.refused:
			line.Level, line.StatusCode = "WARN", []int{400, 401, 404, 409, 429}[r.IntN(5)]
			line.ResponseTime /= 4
		}
	}
	return line
}

// fail makes a request one that failed: a fault of the application with its traceback, or something behind it that was
// gone or too slow.
func (a *application) fail(line *requestLine) {
	r := a.random
	line.Level = "ERROR"
	switch r.IntN(4) {
	case 0:
		line.StatusCode, line.ResponseTime, line.Error = 504, 30_000+float64(r.IntN(40)), "TimeoutError: the database did not answer"
	case 1:
		line.StatusCode, line.Error = 503, "ConnectionRefusedError: payments:443"
	default:
		line.StatusCode, line.Error = 500, causes[r.IntN(len(causes))]
		line.Traceback = fmt.Sprintf("Traceback (most recent call last):\n  File \"/app/handlers.py\", line %d, in handle\n"+
			"    return await view(request)\n  File \"/app/db.py\", line %d, in fetch\n    row = await cursor.fetchone()\n%s",
			40+r.IntN(20), 100+r.IntN(200), line.Error)
	}
}

var causes = []string{
	"asyncpg.exceptions.DeadlockDetectedError: deadlock detected",
	"TypeError: 'NoneType' object is not subscriptable",
	"KeyError: 'currency'",
	"asyncpg.exceptions.TooManyConnectionsError: sorry, too many clients already",
}
