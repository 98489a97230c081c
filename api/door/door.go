// Package door keeps clients from taking more of the server than there is: connections, time and memory before anybody
// knows what a request wants. Everything else has its limit where it is done.
//
//	accept ─► Door (how many connections) ─► Paced (how slowly a body may come) ─► Bodies (how many bytes of them at once)
//	                    └─► each write to a client has to get on (conn.go)
//
// What happens beyond each limit is in docs/limits.md: a connection that nobody uses makes room for a new one, and where
// all are in use the new one is told so (503) and closed; a body that comes too slowly ends its request; a body for
// which there is no room waits, and is refused before it is read, in the words of the service that it was for.
package door

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// ConnectionsDefault is how many connections there may be, where nobody says otherwise. One takes some 24 KiB.
const ConnectionsDefault = 2048

// Limits of turning connections away.
const (
	refusalsMax    = 64 // that are being told so at a time; others are closed without a word
	refusalTimeout = time.Second
	refusalBytes   = 64 << 10 // of what a client that is told so had to say, which is read so that it sees the answer
)

// refusal is what a client is told that comes when all connections are in use. SDKs of AWS try again after a 503.
const refusalBody = `{"__type":"ServiceUnavailableException","message":"All connections of the server are in use. Try again."}`

var refusal = []byte("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n" +
	"X-Amzn-Errortype: ServiceUnavailableException\r\nContent-Type: application/x-amz-json-1.1\r\n" +
	"Content-Length: " + strconv.Itoa(len(refusalBody)) + "\r\n\r\n" + refusalBody)

// Door bounds the connections of the listeners that are behind it. Its methods may be called from many goroutines.
type Door struct {
	most      int
	refusals  chan struct{} // a token per connection that is being told that there is no room
	onRefused func()

	mu      sync.Mutex // guards what follows, and conn.place
	open    int
	waiting *list.List // of *conn that no request is on, the longest first
	refused int64
}

// Config says what a Door lets in.
type Config struct {
	Connections int    // at the same time, of all listeners together; 0: ConnectionsDefault
	OnRefused   func() // called for each connection that was turned away; nil: nobody is told
}

// New makes a Door.
func New(c Config) *Door {
	if c.Connections == 0 {
		c.Connections = ConnectionsDefault
	}
	if c.OnRefused == nil {
		c.OnRefused = func() {}
	}
	return &Door{most: c.Connections, onRefused: c.OnRefused, refusals: make(chan struct{}, refusalsMax), waiting: list.New()}
}

// Counts tells how many connections are open, how many of them no request is on, and how many were turned away so far.
func (d *Door) Counts() (open, waiting int, refused int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open, d.waiting.Len(), d.refused
}

// Listen gives l behind the door. Close closes l.
func (d *Door) Listen(l net.Listener) net.Listener { return &listener{Listener: l, door: d} }

// State is the ConnState of the http.Server that serves a listener of the door.
func (d *Door) State(c net.Conn, state http.ConnState) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	of, ok := c.(*conn)
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case of.closed:
	case state == http.StateIdle:
		d.wait(of)
	case state == http.StateActive:
		d.busy(of)
	}
}

// wait notes that no request is on c. The caller holds mu.
func (d *Door) wait(c *conn) {
	d.busy(c)
	c.place = d.waiting.PushBack(c)
}

func (d *Door) busy(c *conn) {
	if c.place != nil {
		d.waiting.Remove(c.place)
		c.place = nil
	}
}

// admit takes a connection in, and gives one to close that makes room for it. ok is false where there is none.
func (d *Door) admit(c *conn) (away *conn, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open >= d.most {
		longest := d.waiting.Front()
		if longest == nil {
			d.refused++
			return nil, false
		}
		away = longest.Value.(*conn) //nolint:errcheck // only wait adds to the list
		d.leave(away)
	}
	d.open++
	d.wait(c)
	return away, true
}

// leave forgets c. The caller holds mu.
func (d *Door) leave(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	d.busy(c)
	d.open--
}

type listener struct {
	net.Listener
	door *Door
}

// Accept gives the next connection that is let in.
func (l *listener) Accept() (net.Conn, error) {
	for {
		in, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: in, door: l.door}
		away, ok := l.door.admit(c)
		if !ok {
			l.door.refuse(in)
			continue
		}
		if away != nil {
			_ = away.Conn.Close() // its goroutine sees the end, as if the client had gone
		}
		return c, nil
	}
}

// refuse tells a client that there is no room, where not too many are being told already, and closes its connection.
func (d *Door) refuse(c net.Conn) {
	d.onRefused()
	select {
	case d.refusals <- struct{}{}:
	default:
		_ = c.Close() // whether it fails or not, it is gone
		return
	}
	go func() { // ends within refusalTimeout
		defer func() { <-d.refusals }()
		defer c.Close() //nolint:errcheck // as above
		if c.SetDeadline(time.Now().Add(refusalTimeout)) != nil {
			return
		}
		if _, err := c.Write(refusal); err != nil {
			return
		}
		half, ok := c.(interface{ CloseWrite() error })
		if !ok || half.CloseWrite() != nil {
			return
		}
		var buf [4 << 10]byte
		for left := refusalBytes; left > 0; { // closed with bytes unread it would be reset, and the answer lost
			n, err := c.Read(buf[:])
			if err != nil {
				return
			}
			left -= n
		}
	}()
}
