package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// columns are those of the load's table, as a team logs a request of a web service.
var columns = [][2]string{
	{"timestamp", "timestamp"}, {"level", "string"}, {"service", "string"}, {"host", "string"}, {"request_id", "string"},
	{"method", "string"}, {"path", "string"}, {"status_code", "int"}, {"response_time", "int"}, {"bytes_sent", "bigint"},
	{"client_ip", "string"}, {"user_agent", "string"}, {"cached", "boolean"}, {"user_id", "string"},
}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
	"okhttp/4.12.0", "kube-probe/1.31", "python-requests/2.32.3",
}

var routes = []string{"/api/users", "/api/users/%d", "/api/orders", "/api/orders/%d", "/api/orders/%d/items", "/api/search",
	"/api/login", "/healthz", "/static/app.js", "/static/site.css", "/api/products/%d", "/api/cart"}

const (
	piecesMax  = 16384 // different events but for time and id, from which bodies are assembled
	eventBytes = 412   // mean size without padding
	timeForm   = "2006-01-02T15:04:05.000Z"
	emptyID    = "00000000-0000-4000-a000-000000000000"
)

// piece is one element of a body's logEvents, in which put stamps, id and time are written anew.
type piece struct {
	json      []byte
	put       int // place of the put's time, 13 digits
	time, id  int // places in the message
	messageSz int
}

// pieces gives the events of a load; each is about size bytes.
func pieces(size int) []piece {
	r := rand.New(rand.NewPCG(7, 11))
	pad := strings.Repeat(" pad", max(0, size-eventBytes)/len(" pad"))
	all := make([]piece, piecesMax)
	for i := range all {
		message := event(r, pad)
		quoted, err := json.Marshal(message)
		if err != nil {
			quoted = nil // a string can always be quoted
		}
		p := &all[i]
		p.json = append(append([]byte(`{"timestamp":0000000000000,"message":`), quoted...), '}')
		p.put = len(`{"timestamp":`)
		p.time = bytes.Index(p.json, []byte(timeForm))
		p.id = bytes.Index(p.json, []byte(emptyID))
		p.messageSz = len(message)
	}
	return all
}

func event(r *rand.Rand, pad string) string {
	took := int(3 + r.ExpFloat64()*r.ExpFloat64()*60)
	level, status := "INFO", []int{200, 200, 200, 200, 200, 201, 204, 304, 404, 500}[skewed(r, 10)]
	if status >= 500 {
		level = "ERROR"
	} else if status >= 400 {
		level = "WARN"
	}
	path := routes[skewed(r, len(routes))]
	if strings.Contains(path, "%") {
		path = fmt.Sprintf(path, 1000+r.IntN(9000))
	}
	return fmt.Sprintf(`{"timestamp":"%s","level":"%s","service":"shop-api","host":"ip-10-0-%d-%d","request_id":"%s","method":"%s",`+
		`"path":"%s","status_code":%d,"response_time":%d,"bytes_sent":%d,"client_ip":"203.0.%d.%d","user_agent":"%s%s","cached":%t,"user_id":"u%05d"}`,
		timeForm, level, r.IntN(2), 10+r.IntN(4), emptyID, []string{"GET", "GET", "GET", "POST", "PUT", "DELETE"}[skewed(r, 6)],
		path, status, took, 200+int(r.ExpFloat64()*4000), 113+skewed(r, 3), r.IntN(250), agents[skewed(r, len(agents))], pad,
		r.IntN(4) == 0, skewed(r, 20000))
}

// skewed gives a number below n, small ones more often.
func skewed(r *rand.Rand, n int) int {
	x := r.Float64()
	return int(x * x * float64(n))
}

// bodies makes the bodies of one writer's puts.
type bodies struct {
	pieces []piece
	random *rand.Rand
	head   string
	buf    []byte
	second int64 // that stamp holds
	stamp  []byte
}

func newBodies(all []piece, seed uint64, group, stream string) *bodies {
	return &bodies{
		pieces: all, random: rand.New(rand.NewPCG(seed, seed)), second: -1,
		head: fmt.Sprintf(`{"logGroupName":%q,"logStreamName":%q,"logEvents":[`, group, stream),
	}
}

// next gives a body of n events, valid until the next call, and the bytes of its messages.
func (b *bodies) next(n int, now time.Time) (body []byte, raw int) {
	b.buf = append(b.buf[:0], b.head...)
	if s := now.Unix(); s != b.second {
		b.second, b.stamp = s, now.UTC().AppendFormat(b.stamp[:0], timeForm)
	}
	millis := now.UnixMilli()
	for i := range n {
		if i > 0 {
			b.buf = append(b.buf, ',')
		}
		p := &b.pieces[b.random.Uint32()%piecesMax]
		at := len(b.buf)
		b.buf = append(b.buf, p.json...)
		one := b.buf[at:]
		digits(one[p.put:p.put+13], uint64(millis))
		// Requests are logged when they end, so the time they began is not quite in order.
		copy(one[p.time:], b.stamp[:20])
		digits(one[p.time+20:p.time+23], uint64((millis%1000+int64(b.random.Uint32()%60))%1000))
		writeID(one[p.id:], b.random)
		raw += p.messageSz
	}
	b.buf = append(b.buf, "]}"...)
	return b.buf, raw
}

// digits writes the last len(p) decimal digits of n.
func digits(p []byte, n uint64) {
	for i := len(p) - 1; i >= 0; i-- {
		p[i] = byte('0' + n%10)
		n /= 10
	}
}

// writeID writes a random UUID over emptyID, whose dashes, version and variant stay.
func writeID(p []byte, r *rand.Rand) {
	const hex = "0123456789abcdef"
	bits := r.Uint64()
	for i := range emptyID {
		if i == 19 {
			bits = r.Uint64()
		}
		if emptyID[i] == '0' {
			p[i] = hex[bits&15]
			bits >>= 4
		}
	}
}
