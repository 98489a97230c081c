// Package front is the http.Handler of the AWS listener, which carries all services on one address, whatever host
// it is asked for under (a server without key pairs takes local names only, nativeapi.GuardOpen). Which service a request is for shows in its form:
//
//   - X-Amz-Target: one of the JSON services (package awsjson);
//   - an Action in a form posted to "/", or in the query of "/": IAM (package iamapi) where it has IAM's Version, else STS
//     (package stsapi);
//   - a path below /_loglake/: native HTTP (package nativeapi), so that one address is enough for a client far away;
//   - all else: S3 (package s3api).
//
// Each gets its signature checked before it sees the request, in its own words (package sigv4), and before that room
// for the request's body (package door): a body for which there is none is refused, in those words too, and not read.
package front

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/api/door"
	"github.com/loglake/loglake/api/iamapi"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
)

// formBytes bounds a form, which has to be read before its signature can be checked. The longest has a policy in it.
const formBytes = 512 << 10

// Config says what is served.
type Config struct {
	Services []awsjson.Service
	S3       http.Handler    // a *s3api.Handler
	STS      http.Handler    // a *stsapi.Handler
	IAM      http.Handler    // a *iamapi.Handler; nil: there is none
	Native   http.Handler    // a nativeapi handler, which sees its paths without /_loglake; nil: there is none
	Verifier *sigv4.Verifier // nil: everybody passes
	Bodies   *door.Bodies    // the room for requests' bodies; nil: without end
	// OnError is told of failures of the JSON services whose text is kept from the client. Nil: nobody is told.
	OnError func(r *awsjson.Request, err error)
}

// Handler is the http.Handler of the AWS listener.
type Handler struct {
	c    Config
	json *awsjson.Router
}

// New makes a Handler.
func New(c Config) *Handler {
	if c.Verifier == nil {
		c.Verifier = sigv4.New(sigv4.Config{})
	}
	h := &Handler{c: c}
	h.json = &awsjson.Router{Services: c.Services, OnError: c.OnError, Authenticate: h.authenticate}
	return h
}

// ServeHTTP hands a request to its service.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		release, err := h.c.Bodies.Take(r, awsjson.BodyBytesMax)
		if err != nil {
			h.json.Refuse(w, r, err)
			return
		}
		defer release()
		h.json.ServeHTTP(w, r)
	case h.c.Native != nil && strings.HasPrefix(r.URL.Path, nativePath):
		h.serveNative(w, r)
	case isQuery(r):
		h.serveQuery(w, r)
	default:
		h.serveS3(w, r)
	}
}

// nativePath is where native HTTP begins, and nativeBytes bounds a request's body there, which has to be read before its
// signature can be checked. The signature names nativeService.
const (
	nativePath    = "/_loglake/"
	nativeBytes   = 16 << 20
	nativeService = "loglake"
)

// serveNative has native HTTP serve whoever signs. Who signs is asked for with every call here, and pages in a browser
// can't sign.
func (h *Handler) serveNative(w http.ResponseWriter, r *http.Request) {
	release, err := h.c.Bodies.Take(r, nativeBytes)
	if err != nil {
		nativeapi.WriteError(w, loglake.Errorf(loglake.CodeThrottled, "%s", err))
		return
	}
	release = sync.OnceFunc(release)
	defer release()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, nativeBytes))
	if err != nil {
		nativeapi.WriteError(w, loglake.Errorf(loglake.CodeInvalid, "the request's body could not be read, or has more than %d bytes", nativeBytes))
		return
	}
	if r.Header.Get("Authorization") == "" {
		nativeapi.WriteError(w, loglake.Errorf(loglake.CodeDenied, "the request is not signed").
			WithHint("sign it as AWS requests are, for the service %q", nativeService))
		return
	}
	if err := h.c.Verifier.Verify(r, nativeService, body); err != nil {
		nativeapi.WriteError(w, loglake.Errorf(loglake.CodeDenied, "%s", err).
			WithHint("the key pair has to be one that the server was given with --credentials"))
		return
	}
	r.Body = &whole{Reader: bytes.NewReader(body), release: release}
	http.StripPrefix(strings.TrimSuffix(nativePath, "/"), h.c.Native).ServeHTTP(w, r)
}

// whole is a body that was read. Who closes it, because the answer takes long, gives its room back.
type whole struct {
	io.Reader
	release func()
}

func (b *whole) Close() error {
	b.Reader = http.NoBody
	b.release()
	return nil
}

func (h *Handler) authenticate(r *http.Request, signingName string, body []byte) error {
	err := h.c.Verifier.Verify(r, signingName, body)
	var bad *sigv4.Error
	if errors.As(err, &bad) {
		return &awsjson.Fault{Type: bad.JSON(), Message: bad.Error()}
	}
	return err
}

// isQuery tells whether r is for a service of the query protocol. S3 knows no form posted to "/".
func isQuery(r *http.Request) bool {
	if r.URL.Path != "/" && r.URL.Path != "" {
		return false
	}
	if r.Method != http.MethodPost {
		return r.URL.Query().Has("Action")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/x-www-form-urlencoded" || r.URL.Query().Has("Action")
}

func (h *Handler) serveQuery(w http.ResponseWriter, r *http.Request) {
	release, err := h.c.Bodies.Take(r, formBytes)
	if err != nil {
		stsapi.WriteError(w, http.StatusBadRequest, "Throttling", err.Error())
		return
	}
	defer release()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, formBytes))
	if err != nil {
		stsapi.WriteError(w, http.StatusBadRequest, "MalformedInput", "The form could not be read")
		return
	}
	service, handler := "sts", h.c.STS
	refuse := func(code string, status int, text string) { stsapi.WriteError(w, status, code, text) }
	if h.c.IAM != nil && formVersion(r, body) == iamapi.Version {
		service, handler = "iam", h.c.IAM
		refuse = func(code string, status int, text string) {
			iamapi.WriteError(w, iamapi.Fault{Code: code, Status: status, Message: text})
		}
	}
	var bad *sigv4.Error
	if err := h.c.Verifier.Verify(r, service, body); errors.As(err, &bad) {
		code, status := bad.Query()
		refuse(code, status, bad.Error())
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	handler.ServeHTTP(w, r)
}

// formVersion gives the version of the API that a form is for, each of which is one service's.
func formVersion(r *http.Request, body []byte) string {
	form, _ := url.ParseQuery(string(body)) // what can't be read has no version, and its service will say so
	if version := form.Get("Version"); version != "" {
		return version
	}
	return r.URL.Query().Get("Version")
}

func (h *Handler) serveS3(w http.ResponseWriter, r *http.Request) {
	release, err := h.c.Bodies.Take(r, s3api.BodyBytes(r))
	if err != nil {
		s3api.WriteError(w, r, s3api.FaultOf(err))
		return
	}
	defer release()
	if err := h.c.Verifier.OpenS3(r); err != nil {
		w.Header().Set("X-Amz-Request-Id", uuid.NewString())
		s3api.WriteError(w, r, s3api.FaultOf(err))
		return
	}
	h.c.S3.ServeHTTP(w, r)
}
