package convert_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
)

// webSchema is the table of the benchmark's events: what a team logs of each request of a web service.
var webSchema = loglake.Schema{Database: "bench", Table: "web", Columns: []loglake.Column{
	{Name: "timestamp", Type: "timestamp"}, {Name: "level", Type: "string"}, {Name: "service", Type: "string"},
	{Name: "host", Type: "string"}, {Name: "request_id", Type: "string"}, {Name: "method", Type: "string"},
	{Name: "path", Type: "string"}, {Name: "status_code", Type: "int"}, {Name: "response_time", Type: "int"},
	{Name: "bytes_sent", Type: "bigint"}, {Name: "client_ip", Type: "string"}, {Name: "user_agent", Type: "string"},
	{Name: "cached", Type: "boolean"}, {Name: "user_id", Type: "string"},
}}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
	"okhttp/4.12.0", "kube-probe/1.31", "python-requests/2.32.3",
}

var routes = []string{"/api/users", "/api/users/%d", "/api/orders", "/api/orders/%d", "/api/orders/%d/items", "/api/search",
	"/api/login", "/healthz", "/static/app.js", "/static/site.css", "/api/products/%d", "/api/cart"}

// webEvents appends n events as JSON lines to dst: about 600 requests a second, logged when they end, so that times are
// nearly but not quite in order. The same n gives the same bytes.
func webEvents(dst []byte, n int) []byte {
	r := rand.New(rand.NewPCG(7, 11))
	at := time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC)
	for range n {
		at = at.Add(time.Duration(r.ExpFloat64() * float64(time.Second/600)))
		took := int(3 + r.ExpFloat64()*r.ExpFloat64()*60)
		began := at.Add(-time.Duration(took) * time.Millisecond)
		level, status := "INFO", []int{200, 200, 200, 200, 200, 201, 204, 304, 404, 500}[skewed(r, 10)]
		if status >= 500 {
			level = "ERROR"
		} else if status >= 400 {
			level = "WARN"
		}
		path := routes[skewed(r, len(routes))]
		if bytes.IndexByte([]byte(path), '%') >= 0 {
			path = fmt.Sprintf(path, 1000+r.IntN(9000))
		}
		dst = fmt.Appendf(dst, `{"timestamp":"%s","level":"%s","service":"shop-api","host":"ip-10-0-%d-%d","request_id":"%08x-%04x-4%03x-a%03x-%012x","method":"%s","path":"%s","status_code":%d,"response_time":%d,"bytes_sent":%d,"client_ip":"203.0.%d.%d","user_agent":"%s","cached":%t,"user_id":"u%05d"}`+"\n",
			began.Format("2006-01-02T15:04:05.000Z"), level, r.IntN(2), 10+r.IntN(4), r.Uint32(), r.Uint32()>>16, r.Uint32()>>20,
			r.Uint32()>>20, r.Uint64()>>16, []string{"GET", "GET", "GET", "POST", "PUT", "DELETE"}[skewed(r, 6)], path, status, took,
			200+int(r.ExpFloat64()*4000), 113+skewed(r, 3), r.IntN(250), agents[skewed(r, len(agents))], r.IntN(4) == 0, skewed(r, 20000))
	}
	return dst
}

// skewed gives a number below n, small ones more often.
func skewed(r *rand.Rand, n int) int { return int(float64(n) * r.Float64() * r.Float64()) }

func addLines(tb testing.TB, b *convert.ChunkBuilder, lines []byte) []*convert.Chunk {
	tb.Helper()
	var chunks []*convert.Chunk
	for len(lines) > 0 {
		n := bytes.IndexByte(lines, '\n')
		if _, reject := b.Add(lines[:n]); reject != nil {
			tb.Fatalf("%s: %v", lines[:n], reject)
		}
		lines = lines[n+1:]
		if b.Rows() >= convert.ChunkRowsMax || b.Bytes() >= convert.ChunkBytesMax {
			chunks = append(chunks, b.Finish())
		}
	}
	return append(chunks, b.Finish())
}

const benchEvents = 100_000

func BenchmarkAdd(b *testing.B) {
	lines := webEvents(nil, benchEvents)
	c, err := convert.New(convert.Config{Schema: webSchema})
	if err != nil {
		b.Fatal(err)
	}
	builder := c.NewChunk()
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		addLines(b, builder, lines)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
}

func benchmarkWrite(b *testing.B, codec string) {
	lines := webEvents(nil, benchEvents)
	c, err := convert.New(convert.Config{Schema: webSchema})
	if err != nil {
		b.Fatal(err)
	}
	chunks := addLines(b, c.NewChunk(), lines)
	b.SetBytes(int64(len(lines)))
	var stats convert.FileStats
	for b.Loop() {
		stats, err = convert.WriteParquet(io.Discard, chunks, convert.ParquetOptions{Codec: codec, SortBy: "timestamp"})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
	b.ReportMetric(float64(stats.Bytes)/benchEvents, "B/event")
}

func BenchmarkWriteParquetZstd(b *testing.B)   { benchmarkWrite(b, "ZSTD") }
func BenchmarkWriteParquetSnappy(b *testing.B) { benchmarkWrite(b, "SNAPPY") }

// BenchmarkWhole is what a flush costs: JSON lines to a sorted zstd file.
func BenchmarkWhole(b *testing.B) {
	lines := webEvents(nil, benchEvents)
	c, err := convert.New(convert.Config{Schema: webSchema})
	if err != nil {
		b.Fatal(err)
	}
	builder := c.NewChunk()
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		if _, err := convert.WriteParquet(io.Discard, addLines(b, builder, lines), convert.ParquetOptions{Codec: "ZSTD", SortBy: "timestamp"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
}
