package shape_test

import (
	"testing"

	"github.com/loglake/loglake/shape"
)

// A line as a web application writes it, 400 bytes.
const requestLine = `{"timestamp":"2026-01-02T03:04:05.678901Z","level":"INFO","request_id":"6f1c1c52-5f0e-4a55-9d0e-0c8f4a2b7d11","method":"GET","path":"/api/v1/users/18244/orders?page=2&size=50","route":"/api/v1/users/{id}/orders","status_code":200,"response_time":12.345,"bytes":18224,"user_id":"user-18244","user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)","error":null,"node":"api-7"}`

const accessLine = `203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /presentations/images/kibana-search.png?x=1 HTTP/1.1" 200 203023 "http://example.com/presentations/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"`

func usual(t testing.TB) *shape.Noise {
	return noise(t, shape.Rule{Path: []string{"/health", "/healthz", "/metrics", "/static/**"},
		Except: []shape.Rule{{Method: []string{"POST"}}}}, shape.Rule{Level: []string{"debug"}})
}

func BenchmarkJSONAndNoise(b *testing.B) {
	p, n, line := parser(b, shape.JSON, ""), usual(b), []byte(requestLine)
	var out []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		out, _ = p.Parse(out[:0], line)
		if _, drop := n.Drop(out); drop {
			b.Fatal("dropped")
		}
	}
}

func BenchmarkCombined(b *testing.B) {
	p, n, line := parser(b, shape.Combined, ""), usual(b), []byte(accessLine)
	var out []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		out, _ = p.Parse(out[:0], line)
		n.Drop(out)
	}
}

func BenchmarkLogfmt(b *testing.B) {
	p, line := parser(b, shape.Logfmt, ""), []byte(`ts=2026-01-02T03:04:05Z level=info msg="request done" method=GET path=/api/users status=200 took=12.5 id=6f1c1c52`)
	var out []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		out, _ = p.Parse(out[:0], line)
	}
}

func BenchmarkJoin(b *testing.B) {
	var j shape.Joiner
	lines := [][]byte{[]byte(requestLine), []byte("2026-01-02 INFO started the worker"), []byte("2026-01-02 ERROR failed"), []byte("\tat a.b.C(D.java:1)")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		j.Add(lines[i&3])
	}
}

func TestNoAllocation(t *testing.T) {
	n := usual(t)
	var j shape.Joiner
	for _, c := range []struct {
		format shape.Format
		line   string
	}{{shape.JSON, requestLine}, {shape.JSON, "not JSON at all"}, {shape.Combined, accessLine}, {shape.Logfmt, `level=info msg="it \"is\"" n=5`}} {
		p, line, out := parser(t, c.format, ""), []byte(c.line), make([]byte, 0, 4096)
		if got := testing.AllocsPerRun(100, func() {
			j.Add(line)
			out, _ = p.Parse(out[:0], line)
			n.Drop(out)
		}); got > 0 {
			t.Errorf("%s %.20q: %v allocations per line", c.format, c.line, got)
		}
	}
}
