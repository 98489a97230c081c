package nethttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// counting is a ResponseWriter that remembers the status and counts the body.
type counting struct {
	http.ResponseWriter
	status int
	bytes  int64
	head   bool // the request is a HEAD: the server takes a body and does not send it
}

// Unwrap is for http.ResponseController.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *counting) WriteHeader(status int) {
	if c.status == 0 && status >= 200 { // those before are not the answer
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(p []byte) (int, error) {
	c.begin()
	n, err := c.ResponseWriter.Write(p)
	c.count(int64(n))
	return n, err
}

// ReadFrom keeps the way on which the kernel copies files.
func (c *counting) ReadFrom(r io.Reader) (int64, error) {
	c.begin()
	n, err := io.Copy(c.ResponseWriter, r)
	c.count(n)
	return n, err
}

func (c *counting) count(n int64) {
	if !c.head {
		c.bytes += n
	}
}

// Flush is for who asks for an http.Flusher.
func (c *counting) Flush() {
	c.begin()
	_ = http.NewResponseController(c.ResponseWriter).Flush() // an http.Flusher can't say that there is none below it
}

// Hijack is for who asks for an http.Hijacker.
func (c *counting) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(c.ResponseWriter).Hijack()
	if err == nil && c.status == 0 {
		c.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

func (c *counting) begin() {
	if c.status == 0 {
		c.status = http.StatusOK
	}
}
