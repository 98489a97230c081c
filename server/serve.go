package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/door"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
)

// Endpoints are where a loglake listens.
type Endpoints struct {
	AWS  string // http://127.0.0.1:4566
	HTTP string // http://127.0.0.1:4580
}

// Timeouts and bounds of the listeners.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 3 * time.Minute
	stopTimeout   = 15 * time.Second
	sweepInterval = time.Minute

	headerBytesMax = 64 << 10 // of a request's line and headers; SDKs send some 2 KiB
)

// Run serves until ctx ends, then stops gracefully: no new requests, the running ones end, running queries get the rest of
// stopTimeout to finish, delivery stops where it is.
// onReady is called once, when every part runs and both addresses are open.
func (s *Server) Run(ctx context.Context, onReady func(Endpoints)) error {
	if err := errors.Join(s.cfg.CheckAddresses(), s.guardRestored()); err != nil {
		return err
	}
	aws, err := s.listen(s.cfg.AWSAddr, "--aws-addr")
	if err != nil {
		return err
	}
	native, err := s.listen(s.cfg.HTTPAddr, "--http-addr")
	if err != nil {
		return errors.Join(err, aws.Close())
	}
	parts, stopParts := context.WithCancel(context.WithoutCancel(ctx))
	defer stopParts()
	group, parts := errgroup.WithContext(parts)
	group.Go(func() error { return ended(s.Journal.Run(parts)) })
	group.Go(func() error { return ended(s.Streams.Run(parts)) })
	group.Go(func() error { return ended(s.Queries.Run(parts)) })
	group.Go(func() error { return ended(s.Routes.Run(parts)) })
	group.Go(func() error { return s.sweep(parts) })
	group.Go(func() error { return s.Record.Run(parts) })
	group.Go(func() error { return s.watchState(parts) })
	group.Go(func() error { return s.tend(parts) })

	own := s.nativeHandler()
	services := s.awsHandler(own)
	if err := s.prepare(ctx, services); err != nil {
		stopParts()
		return errors.Join(err, aws.Close(), native.Close(), group.Wait())
	}
	front := services
	if len(s.cfg.Credentials) == 0 {
		front = nativeapi.GuardOpen(services)
	}
	servers := []*http.Server{s.server(front), s.server(nativeapi.Guard(own))}
	for i, listener := range []net.Listener{aws, native} {
		group.Go(func() error { return served(servers[i].Serve(listener)) })
	}
	s.ready.Store(true)
	onReady(Endpoints{AWS: s.url(aws), HTTP: s.url(native)})

	select {
	case <-ctx.Done():
	case <-parts.Done(): // a part failed
	}
	s.ready.Store(false)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, h := range servers {
		if err := h.Shutdown(stopping); err != nil {
			_ = h.Close() // the requests that are still running are cut off; what they had acknowledged is safe
		}
	}
	s.Queries.Drain(stopping)
	stopParts()
	err = group.Wait()
	s.Record.Stop(ctx)
	return err
}

func (s *Server) prepare(ctx context.Context, services http.Handler) error {
	if s.cfg.Prepare == nil {
		return nil
	}
	return s.cfg.Prepare(ctx, services)
}

// CheckAddresses refuses to offer an open door to the network: the AWS address needs key pairs there, and native HTTP
// has no login. The error is CodeInvalid.
func (c Config) CheckAddresses() error {
	local, err := loopback(c.AWSAddr, "--aws-addr")
	if err != nil {
		return err
	}
	if !local && len(c.Credentials) == 0 {
		return loglake.Errorf(loglake.CodeInvalid, "--aws-addr %s is reachable from other machines and no key pairs are configured, so anybody could read and delete every log", c.AWSAddr).
			WithHint("configure key pairs with --credentials, or listen on 127.0.0.1")
	}
	if local, err = loopback(c.HTTPAddr, "--http-addr"); err != nil {
		return err
	}
	if !local {
		return loglake.Errorf(loglake.CodeInvalid, "--http-addr %s is reachable from other machines, and native HTTP has no login: anybody could flush and resume streams", c.HTTPAddr).
			WithHint("listen on 127.0.0.1, and put a proxy that asks who is there in front of it")
	}
	return nil
}

// loopback tells whether only this machine reaches an address.
func loopback(addr, flag string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, loglake.Errorf(loglake.CodeInvalid, "%s %q is not HOST:PORT", flag, addr)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

func (s *Server) listen(addr, flag string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, loglake.Errorf(loglake.CodeConflict, "%s %s is taken by another program", flag, addr).
			WithHint("choose another address with %s, or stop the other program", flag)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s %s: %w", flag, addr, err)
	}
	listener = s.door.Listen(listener)
	if s.cfg.TLS.CertFile == "" {
		return listener, nil
	}
	cert, err := tls.LoadX509KeyPair(s.cfg.TLS.CertFile, s.cfg.TLS.KeyFile)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read --tls-cert and --tls-key: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}), nil
}

func (s *Server) url(listener net.Listener) string {
	scheme := "http"
	if s.cfg.TLS.CertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + listener.Addr().String()
}

func (s *Server) server(h http.Handler) *http.Server {
	var only http.Protocols
	only.SetHTTP1(true)
	return &http.Server{
		Handler: door.Paced(h), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytesMax,
		ConnState: s.door.State, Protocols: &only,
	}
}

// sweep expires events and lets go of what nobody needs, now and then.
func (s *Server) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.cfg.OnEvent(Event{Level: LevelWarn, Part: "sweep", Text: "expiry failed and is tried again in a minute", Err: err})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Sweep expires events, adds up old minutes of the ledger by the day, and writes down what was turned away. A failure of one
// does not keep it from the others. A running server does it once a minute.
func (s *Server) Sweep(ctx context.Context) error {
	err := errors.Join(s.Groups.Sweep(ctx), s.Journal.Keep())
	before := loglake.At(s.cfg.Clock().Add(-ledger.KeepMinutes))
	for folded := int64(1); folded > 0; { // a day at a time
		foldErr := s.State.Update(ctx, "ledger.fold", func(tx *state.Tx) (err error) {
			folded, err = ledger.Fold(tx, before)
			return err
		})
		if foldErr != nil {
			return errors.Join(err, foldErr)
		}
	}
	return err
}

// ended makes the end of a part by its context no error.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
