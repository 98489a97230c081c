package store

import (
	"context"
	"net"
	"net/http"
	"time"
)

const (
	s3DialMax      = 10 * time.Second
	s3IdleMax      = 60 * time.Second
	s3ContinueMax  = time.Second
	s3ConnsPerHost = 64
)

// newS3Transport gives an HTTP client that gives a connection up when nothing has moved on it for the time of stall:
// the sum of a transfer may take as long as it likes, a peer that is silent may not. It speaks HTTP/1.1 only, so that
// a connection is one request's.
func newS3Transport(stall time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: min(s3DialMax, stall), KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &stallConn{Conn: c, stall: stall}, nil
		},
		TLSHandshakeTimeout: s3DialMax, ResponseHeaderTimeout: stall, ExpectContinueTimeout: s3ContinueMax,
		IdleConnTimeout: s3IdleMax, MaxIdleConnsPerHost: s3ConnsPerHost, MaxConnsPerHost: s3ConnsPerHost,
		DisableCompression: true, // an object's bytes are its bytes
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// stallConn moves both deadlines on with each read and write. The transport reads all the time, also while it writes a
// body, so each has to keep the other alive.
type stallConn struct {
	net.Conn
	stall time.Duration
}

func (c *stallConn) Read(p []byte) (int, error) {
	c.move()
	return c.Conn.Read(p)
}

func (c *stallConn) Write(p []byte) (int, error) {
	c.move()
	return c.Conn.Write(p)
}

func (c *stallConn) move() {
	_ = c.SetDeadline(time.Now().Add(c.stall)) // a closed connection tells with the read or write that follows
}
