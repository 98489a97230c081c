package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"time"
)

// entry is a log event before it is put.
type entry struct {
	at   time.Time
	text string
}

// source is what a demo puts, and the columns of the table that its lines are for.
type source struct {
	what    string // for people
	columns []column
	more    []column // that only the table of errors has
	total   int      // how many entries come; 0: not known
	entries iter.Seq2[entry, error]
}

// madeSpan is how far back the demo's own events reach. All of a put must lie within 24 hours.
const madeSpan = 6 * time.Hour

// madeSource gives n events of a web application, the same for the same seed and now, in the order of their time.
func madeSource(seed uint64, n int, now time.Time) source {
	return source{
		what: "request events",
		columns: []column{
			{"timestamp", "TIMESTAMP"}, {"level", "STRING"}, {"request_id", "STRING"}, {"method", "STRING"}, {"path", "STRING"},
			{"status_code", "INT"}, {"response_time", "INT"},
		},
		more:  []column{{"error_traceback", "STRING"}},
		total: n,
		entries: func(yield func(entry, error) bool) {
			r := rand.New(rand.NewPCG(seed, 0))
			at := now.Add(-madeSpan).Truncate(time.Millisecond)
			for i := range n {
				// The earliest of the n-i requests that come at random between here and now.
				gap := float64(now.Sub(at)) * (1 - math.Pow(r.Float64(), 1/float64(n-i)))
				at = at.Add(time.Duration(gap)).Truncate(time.Millisecond)
				line, err := json.Marshal(request(r, at))
				if !yield(entry{at: at, text: string(line)}, err) {
					return
				}
			}
		},
	}
}

// requestEvent is one line of the application's log.
type requestEvent struct {
	Timestamp    string `json:"timestamp"`
	Level        string `json:"level"`
	RequestID    string `json:"request_id"`
	Method       string `json:"method"`
	Path         string `json:"path"`
	StatusCode   int    `json:"status_code"`
	ResponseTime int    `json:"response_time"` // milliseconds
	Traceback    string `json:"error_traceback,omitempty"`
}

// route is an endpoint of the application.
type route struct {
	method, path string
	share        int     // of all requests
	success      int     // status
	median       float64 // response time, ms
	spread       float64 // standard deviation of its logarithm: the tail
	refused      float64 // share of 4xx
	failed       float64 // share of 5xx
}

var routes = []route{
	{"GET", "/api/products", 30, 200, 18, 0.5, 0.010, 0.001},
	{"GET", "/api/users/me", 24, 200, 9, 0.4, 0.030, 0.001},
	{"GET", "/api/search", 12, 200, 85, 0.8, 0.015, 0.004},
	{"GET", "/api/orders", 10, 200, 34, 0.6, 0.010, 0.003},
	{"PUT", "/api/cart", 9, 200, 27, 0.5, 0.020, 0.004},
	{"GET", "/healthz", 6, 200, 1, 0.2, 0, 0},
	{"POST", "/api/login", 5, 201, 140, 0.3, 0.120, 0.002},
	{"POST", "/api/orders", 3, 201, 120, 0.7, 0.040, 0.020},
	{"GET", "/api/reports/export", 1, 200, 900, 0.9, 0.010, 0.060},
}

func request(r *rand.Rand, at time.Time) requestEvent {
	to := routes[pickRoute(r)]
	e := requestEvent{
		Timestamp: at.UTC().Format("2006-01-02T15:04:05.000Z"), Level: "INFO", Method: to.method, Path: to.path, StatusCode: to.success,
		RequestID:    fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), 1<<15|r.IntN(1<<14), r.Int64N(1<<48)),
		ResponseTime: max(1, int(to.median*math.Exp(to.spread*r.NormFloat64()))),
	}
	switch chance := r.Float64(); {
	case chance < to.failed:
		fail(r, &e)
	case chance < to.failed+to.refused:
		e.Level, e.StatusCode = "WARN", []int{400, 401, 404, 409, 429}[r.IntN(5)]
		e.ResponseTime = 1 + e.ResponseTime/4
	}
	return e
}

func pickRoute(r *rand.Rand) int {
	n := r.IntN(100)
	for i, to := range routes {
		if n -= to.share; n < 0 {
			return i
		}
	}
	return len(routes) - 1
}

// fail makes a request one that failed: a fault of the application with its traceback, or something behind it that was
// gone or too slow.
func fail(r *rand.Rand, e *requestEvent) {
	e.Level = "ERROR"
	switch r.IntN(4) {
	case 0:
		e.StatusCode, e.ResponseTime = 504, 30_000+r.IntN(40)
	case 1:
		e.StatusCode = 503
	default:
		e.StatusCode = 500
		e.Traceback = fmt.Sprintf("Traceback (most recent call last):\n  File \"/app/handlers.py\", line %d, in handle\n"+
			"    return await view(request)\n  File \"/app/db.py\", line %d, in fetch\n    row = await cursor.fetchone()\n%s",
			40+r.IntN(20), 100+r.IntN(200), causes[r.IntN(len(causes))])
	}
}

var causes = []string{
	"asyncpg.exceptions.DeadlockDetectedError: deadlock detected",
	"TypeError: 'NoneType' object is not subscriptable",
	"KeyError: 'currency'",
	"asyncpg.exceptions.TooManyConnectionsError: sorry, too many clients already",
}
