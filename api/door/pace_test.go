package door

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// deadlines notes the read deadlines that a body asks for.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// TestPace reads a body and looks at the time that each piece of it had.
func TestPace(t *testing.T) {
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	b := pace(io.NopCloser(io.LimitReader(endless{}, 10*paceRate)), http.NewResponseController(w))
	for {
		if _, err := b.Read(make([]byte, paceRate)); err != nil {
			break
		}
	}
	if first := w.set[0].Sub(b.began); first != paceGrace {
		t.Errorf("the first byte has %v", first)
	}
	last := w.set[len(w.set)-2]
	if got := last.Sub(b.began); got != paceGrace+10*time.Second {
		t.Errorf("after 10 × %d bytes there are %v", paceRate, got)
	}
	if !w.set[len(w.set)-1].IsZero() {
		t.Error("the deadline stays after the body's end, and would end whatever waits for the connection")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestSlowBody has a client stop in the middle of its body: reading it fails when its time is over.
func TestSlowBody(t *testing.T) {
	failed := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := pace(r.Body, http.NewResponseController(w))
		b.began = b.began.Add(-paceGrace + 20*time.Millisecond) // it has had nearly all of its time
		b.grant()
		_, err := io.Copy(io.Discard, b)
		failed <- err
	}))
	defer s.Close()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nsome"); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading the body failed with %v", err)
	}
}

// TestWritesGetOn looks at the time that each piece of an answer has.
func TestWritesGetOn(t *testing.T) {
	of := &recording{}
	c := &conn{Conn: of, door: New(Config{})}
	if n, err := c.Write(make([]byte, 3*writeBytes+1)); n != 3*writeBytes+1 || err != nil {
		t.Fatalf("wrote %d: %v", n, err)
	}
	if len(of.writes) != 4 || len(of.set) != 4 {
		t.Errorf("an answer went in pieces of %v with %d deadlines", of.writes, len(of.set))
	}
	of.err = os.ErrDeadlineExceeded
	if n, err := c.Write(make([]byte, 100)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a client that takes nothing: %d, %v", n, err)
	}
}

// recording is a connection that notes what is written.
type recording struct {
	net.Conn
	writes []int
	set    []time.Time
	err    error
}

func (r *recording) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	r.writes = append(r.writes, len(p))
	return len(p), nil
}

func (r *recording) SetWriteDeadline(t time.Time) error {
	r.set = append(r.set, t)
	return nil
}

// hasty is a connection that has a moment for what it was given half a minute.
type hasty struct{ net.Conn }

func (h hasty) SetWriteDeadline(time.Time) error {
	return h.Conn.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
}

type hastyListener struct{ net.Listener }

func (l hastyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return hasty{c}, err
}

// TestClientThatReadsNothing asks for an answer without end and takes none of it: the handler's write fails, and the
// connection makes room.
func TestClientThatReadsNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d, failed, ended := New(Config{Connections: 1}), make(chan error, 1), make(chan error, 1)
	s := &http.Server{ReadHeaderTimeout: time.Minute, ConnState: d.State, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.Copy(w, endless{})
		failed <- err
	})}
	go func() { ended <- s.Serve(d.Listen(hastyListener{l})) }()
	defer func() { _ = s.Close(); <-ended }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-failed:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the handler's write failed with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the handler still writes to a client that takes nothing")
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if open, _, _ := d.Counts(); open == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("its connection stays")
		}
	}
}
