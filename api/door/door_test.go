package door_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/door"
)

// serve has a handler served behind a door, and gives its address.
func serve(t *testing.T, d *door.Door, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ConnState: d.State, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(d.Listen(l)) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// ask sends a GET and gives the answer's status and body.
func ask(t *testing.T, c net.Conn, path string) (int, string) {
	t.Helper()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// until waits for something that other goroutines do.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: ", what)
		}
	}
}

func TestIdleConnectionsMakeRoom(t *testing.T) {
	d := door.New(door.Config{Connections: 4})
	addr := serve(t, d, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	silent := dial(t, addr) // the first, which never says anything
	used := dial(t, addr)
	until(t, "both are let in", func() bool { open, _, _ := d.Counts(); return open == 2 })
	if status, body := ask(t, used, "/"); status != 200 || body != "hello" {
		t.Fatalf("got %d %q", status, body)
	}
	for range 100 {
		if status, body := ask(t, dial(t, addr), "/"); status != 200 || body != "hello" {
			t.Fatalf("a connection beside idle ones got %d %q", status, body)
		}
	}
	for _, c := range []net.Conn{silent, used} {
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("an idle connection that made room ended with %v", err)
		}
	}
	open, _, refused := d.Counts()
	if open > 4 || refused != 0 {
		t.Errorf("%d connections are open and %d were refused", open, refused)
	}
}

func TestBusyConnectionsAreKept(t *testing.T) {
	told := make(chan struct{}, 100)
	d := door.New(door.Config{Connections: 2, OnRefused: func() { told <- struct{}{} }})
	release := make(chan struct{})
	addr := serve(t, d, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			<-release
		}
		_, _ = io.WriteString(w, "done")
	}))
	busy := []net.Conn{dial(t, addr), dial(t, addr)}
	for _, c := range busy {
		if _, err := io.WriteString(c, "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "both are busy", func() bool { open, waiting, _ := d.Counts(); return open == 2 && waiting == 0 })
	status, body := ask(t, dial(t, addr), "/")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "ServiceUnavailableException") {
		t.Errorf("a third connection got %d %q", status, body)
	}
	<-told
	close(release)
	for _, c := range busy {
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || r.StatusCode != 200 {
			t.Fatalf("a busy connection got %v %v", r, err)
		}
	}
	until(t, "they are idle", func() bool { _, waiting, _ := d.Counts(); return waiting == 2 })
	if status, _ := ask(t, dial(t, addr), "/"); status != 200 {
		t.Errorf("once there was room the answer was %d", status)
	}
}

// TestFile sends a file through a connection: none of it may go missing between the pieces.
func TestFile(t *testing.T) {
	const size = 5<<20 + 123
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, []byte(strings.Repeat("x", size-1)+"!"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := serve(t, door.New(door.Config{}), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
	status, body := ask(t, dial(t, addr), "/file")
	if status != 200 || len(body) != size || body[size-1] != '!' {
		t.Errorf("got %d with %d bytes, not %d", status, len(body), size)
	}
}

func TestBodies(t *testing.T) {
	b := door.NewBodies(100)
	request := func(ctx context.Context, size int64, encoding string) *http.Request {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = size
		r.Header.Set("Content-Encoding", encoding)
		return r
	}
	for _, c := range []struct {
		name           string
		size, most     int64
		encoding       string
		taken          int64
		takenOfNothing bool
	}{
		{name: "no body", size: 0, most: 50, taken: 0},
		{name: "a length", size: 7, most: 50, taken: 7},
		{name: "no length", size: -1, most: 50, taken: 50},
		{name: "more than the service reads", size: 80, most: 50, taken: 50},
		{name: "gzip", size: 7, most: 50, encoding: "gzip", taken: 57},
		{name: "more than there is at all", size: 1000, most: 5000, taken: 100},
	} {
		release, err := b.Take(request(t.Context(), c.size, c.encoding), c.most)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if taken, _ := b.Counts(); taken != c.taken {
			t.Errorf("%s: %d bytes are taken, not %d", c.name, taken, c.taken)
		}
		release()
		if taken, _ := b.Counts(); taken != 0 {
			t.Errorf("%s: %d bytes stay taken", c.name, taken)
		}
	}
	release, err := b.Take(request(t.Context(), 60, ""), 100)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := b.Take(request(short, 60, ""), 100); loglake.CodeOf(err) != loglake.CodeThrottled {
		t.Errorf("without room: %v", err)
	}
	if _, refused := b.Counts(); refused != 1 {
		t.Errorf("%d refusals are counted", refused)
	}
	got := make(chan error, 1)
	go func() {
		release, err := b.Take(request(t.Context(), 60, ""), 100)
		if err == nil {
			release()
		}
		got <- err
	}()
	release()
	if err := <-got; err != nil {
		t.Errorf("after room was given back: %v", err)
	}
	if release, err := (*door.Bodies)(nil).Take(request(t.Context(), 60, ""), 100); err != nil {
		t.Errorf("without a bound: %v", err)
	} else {
		release()
	}
}
