package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fault is what becomes of a request.
type Fault string

// The faults. The server has done what was asked after Lost, Silent, Truncated and CutAnswer, and nothing after the others.
const (
	Refused    Fault = "refused"     // the connection is reset before anything is read
	Delayed    Fault = "delayed"     // it takes Proxy.Delay longer, and goes well
	CutRequest Fault = "cut request" // both connections are reset in the middle of the body; without one, before the server sees anything
	Internal   Fault = "500"         // InternalError
	SlowDown   Fault = "503"         // SlowDown
	CutAnswer  Fault = "cut answer"  // the connection is reset in the middle of the answer
	Truncated  Fault = "truncated"   // the answer's body ends early, in good order; one without a body ends in its header
	Lost       Fault = "lost"        // the connection is closed without an answer
	Silent     Fault = "silent"      // there is no answer, and the connection stays
)

// Missing answers NoSuchKey, or an empty listing, as a service does that is behind with what was written. It is none of Faults:
// a service that keeps to it can't be used.
const Missing Fault = "missing"

// Faults gives all of them.
func Faults() []Fault {
	return []Fault{Refused, Delayed, CutRequest, Internal, SlowDown, CutAnswer, Truncated, Lost, Silent}
}

// Rule has requests meet a fault: those of a class from the Nth on, Times of them, counted from when the rule was set.
type Rule struct {
	Class string // "": every request
	Nth   int    // 0: the first
	Times int    // 0: one; negative: all that follow
	Fault Fault
}

// Proxy is an address that leads to a Gateway.
type Proxy struct {
	URL   string
	Delay time.Duration // of Delayed

	target    string // host:port
	transport *http.Transport
	server    *http.Server

	mu       sync.Mutex // guards what follows
	listener net.Listener
	rules    []*Rule
	met      int // requests that met a fault
	counts   map[string]int
	bytes    map[string]int64 // of requests' bodies by class
	down     bool
}

// Proxy gives an address in front of g, which ends with the test.
func (g *Gateway) Proxy(t testing.TB) *Proxy {
	t.Helper()
	p := &Proxy{
		Delay: 200 * time.Millisecond, target: strings.TrimPrefix(g.URL, "http://"), counts: map[string]int{}, bytes: map[string]int64{},
		transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
	}
	p.server = &http.Server{Handler: p}
	if err := p.listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p.URL = "http://" + p.listener.Addr().String()
	t.Cleanup(func() {
		_ = p.server.Close() // whoever is still served is cut off
		p.transport.CloseIdleConnections()
	})
	return p
}

func (p *Proxy) listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	p.listener = l
	go func() { _ = p.server.Serve(l) }() // it ends with its listener
	return nil
}

// Down has the address refuse connections, and ends those that are there, until Up.
func (p *Proxy) Down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return
	}
	p.down = true
	_ = p.listener.Close() // nothing is lost
	_ = p.server.Close()
}

// Up ends Down, on the same address.
func (p *Proxy) Up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down {
		return nil
	}
	p.server = &http.Server{Handler: p}
	p.down = false
	return p.listen(strings.TrimPrefix(p.URL, "http://"))
}

// Fail sets a rule. Rules are asked in the order in which they were set, and the first that applies is met.
func (p *Proxy) Fail(r Rule) {
	r.Nth, r.Times = max(r.Nth, 1), max(r.Times, -1)
	if r.Times == 0 {
		r.Times = 1
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, &r)
}

// Heal takes all rules away, and gives how many requests met a fault.
func (p *Proxy) Heal() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
	return p.met
}

// Counts gives how many requests there were, by class.
func (p *Proxy) Counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := map[string]int{}
	for class, n := range p.counts {
		counts[class] = n
	}
	return counts
}

// meet counts a request and chooses its fault.
func (p *Proxy) meet(class string, bytes int64) (fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[class]++
	p.bytes[class] += bytes
	for _, r := range p.rules {
		if r.Class != "" && r.Class != class || r.Times == 0 {
			continue
		}
		if r.Nth--; r.Nth > 0 {
			continue
		}
		r.Nth = 1
		if r.Times > 0 {
			r.Times--
		}
		p.met++
		return r.Fault
	}
	return ""
}

// ServeHTTP lets a request through, or has it meet its fault.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch fault := p.meet(Class(r), max(r.ContentLength, 0)); fault {
	case Refused:
		reset(w)
	case Internal:
		refuse(w, r, http.StatusInternalServerError, "InternalError")
	case SlowDown:
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown")
	case Missing:
		if Class(r) == "ListObjectsV2" {
			w.Header().Set("Content-Type", "application/xml")
			fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`)
			return
		}
		refuse(w, r, http.StatusNotFound, "NoSuchKey")
	case CutRequest:
		p.cutRequest(w, r)
	case Delayed:
		select {
		case <-time.After(p.Delay):
			p.pass(w, r, "")
		case <-r.Context().Done():
		}
	default:
		p.pass(w, r, fault)
	}
}

// pass forwards a request, and breaks the answer.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, fault Fault) {
	var body io.Reader = r.Body
	if r.ContentLength == 0 {
		body = http.NoBody
	}
	out, err := http.NewRequest(r.Method, "http://"+p.target+r.URL.RequestURI(), body)
	if err != nil {
		reset(w)
		return
	}
	out.Header, out.Host, out.ContentLength = r.Header.Clone(), r.Host, r.ContentLength // it is signed as it is
	answer, err := p.transport.RoundTrip(out)
	if err != nil {
		reset(w)
		return
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	switch fault {
	case "":
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // the client is gone, or the server: it notices by the length
	case Lost:
		hangUp(w)
	case Silent:
		<-r.Context().Done()
	case CutAnswer, Truncated:
		half(w, answer, fault)
	}
}

// half writes the first half of an answer by hand, and ends the connection.
func half(w http.ResponseWriter, answer *http.Response, fault Fault) {
	whole, _ := io.ReadAll(answer.Body) // half of what there is
	var text bytes.Buffer
	fmt.Fprintf(&text, "HTTP/1.1 %s\r\n", answer.Status)
	header := answer.Header.Clone()
	if header.Get("Content-Length") == "" && answer.Request.Method != http.MethodHead {
		header.Set("Content-Length", strconv.Itoa(len(whole)))
	}
	_ = header.Write(&text) // to memory
	if len(whole) == 0 {
		text.Truncate(text.Len() / 2)
	} else {
		text.WriteString("\r\n")
		text.Write(whole[:len(whole)/2])
	}
	conn := hijack(w)
	if conn == nil {
		return
	}
	_, _ = conn.Write(text.Bytes())
	if tcp, ok := conn.(*net.TCPConn); ok && fault == CutAnswer {
		time.Sleep(time.Millisecond) // a reset takes what the peer has not read yet with it
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// cutRequest gives the server half of a body, and resets both connections.
func (p *Proxy) cutRequest(w http.ResponseWriter, r *http.Request) {
	defer reset(w)
	if r.ContentLength <= 0 {
		return
	}
	out, err := http.NewRequest(r.Method, "http://"+p.target+r.URL.RequestURI(), io.MultiReader(io.LimitReader(r.Body, r.ContentLength/2), broken{}))
	if err != nil {
		return
	}
	out.Header, out.Host, out.ContentLength = r.Header.Clone(), r.Host, r.ContentLength
	if answer, err := p.transport.RoundTrip(out); err == nil {
		_ = answer.Body.Close() // it refused before it had all
	}
}

// broken is a body that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the request is cut") }

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn := hijack(w); conn != nil {
		_ = conn.Close() // it is to look broken
	}
}

// reset ends the connection hard.
func reset(w http.ResponseWriter) {
	conn := hijack(w)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	if conn != nil {
		_ = conn.Close()
	}
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>by the test</Message></Error>`, code)
	}
}
