package door

import (
	"container/list"
	"io"
	"math"
	"net"
	"time"
)

// A client has to take each writeBytes of an answer within writeTimeout, and each fileBytes of a file.
const (
	writeBytes   = 64 << 10
	fileBytes    = 1 << 20
	writeTimeout = 30 * time.Second
)

// conn is a connection whose writes have to get on.
type conn struct {
	net.Conn
	door *Door

	place  *list.Element // in Door.waiting; nil: a request is on it, or it is closed. Guarded by Door.mu
	closed bool          // likewise
}

// Close closes the connection and makes room for another.
func (c *conn) Close() error {
	c.door.mu.Lock()
	c.door.leave(c)
	c.door.mu.Unlock()
	return c.Conn.Close()
}

// Write sends p in pieces, each with time of its own: a client that takes nothing is cut off, whatever the answer's
// size, and one that takes a big answer slowly is not.
func (c *conn) Write(p []byte) (sent int, err error) {
	for {
		piece := p[sent:min(len(p), sent+writeBytes)]
		if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return sent, err
		}
		n, err := c.Conn.Write(piece)
		sent += n
		if err != nil || sent == len(p) {
			return sent, err
		}
	}
}

// ReadFrom is Write for what comes from a file, which the kernel sends without showing it to us.
func (c *conn) ReadFrom(r io.Reader) (sent int64, err error) {
	to, ok := c.Conn.(io.ReaderFrom)
	if !ok {
		return io.Copy(writerOnly{c}, r)
	}
	left := int64(math.MaxInt64)
	if l, ok := r.(*io.LimitedReader); ok { // the kernel's way takes one limit around a file, not two
		r, left = l.R, l.N
		defer func() { l.N -= sent }()
	}
	for {
		if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return sent, err
		}
		piece := min(left-sent, fileBytes)
		n, err := to.ReadFrom(&io.LimitedReader{R: r, N: piece})
		sent += n
		if err != nil || n < piece || sent == left {
			return sent, err
		}
	}
}

// CloseWrite ends what is sent, as net/http does before it closes a connection whose body it did not read.
func (c *conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	return half.CloseWrite()
}

type writerOnly struct{ io.Writer }
