// Package awsjson speaks AWS JSON 1.1, the protocol of CloudWatch Logs, Firehose, Glue and Athena: POST with the
// operation in the header X-Amz-Target ("Logs_20140328.PutLogEvents"), a JSON object as input and one as output.
//
// A Service lists its operations and how it words its failures; a Router holds the services and is the http.Handler.
// Most operations are plain functions made into one by Handle, which decodes the input by Decode's rules (the
// service's, not encoding/json's: member names are case sensitive, absent and null are the same, type errors come in
// the service's words). An operation whose input is large reads Request.Body itself and may answer with Raw bytes.
//
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
)

// ContentType is that of every answer.
const ContentType = "application/x-amz-json-1.1"

// BodyBytesMax bounds a request's body, as sent and again after decompression. The largest legal input is a
// PutRecordBatch of 4 MiB, a third more in base64, or a PutLogEvents of 1 MiB whose every byte is escaped.
const BodyBytesMax = 16 << 20

// Operation answers one request. The result is marshalled as JSON; nil gives an empty body, Raw is sent as it is.
type Operation func(ctx context.Context, r *Request) (any, error)

// Raw is an answer that is JSON already.
type Raw []byte

// Request is what an operation is given.
type Request struct {
	ID        string // of this request, a UUID; the client sees it as x-amzn-RequestId
	Operation string // without the service's prefix
	Header    http.Header
	// Answer is headers to answer with beside the usual ones, where the operation succeeds. Nil until it adds one.
	Answer http.Header
	// Body is the input, decompressed. It belongs to the router and is used again once the operation has returned.
	Body []byte
}

// Service is one AWS service.
type Service struct {
	Target      string // the prefix in X-Amz-Target, such as "Logs_20140328"
	SigningName string // in the credential scope, such as "logs"
	MessageKey  string // of an error's text; empty: "message"
	Internal    string // the exception for our own failures; empty: "InternalFailure"
	// Errors words a failure that a client may see: err has a *loglake.Error whose code is not CodeInternal.
	Errors     func(err *loglake.Error) Fault
	Operations map[string]Operation
}

// Router is the http.Handler of a set of services. Its fields are not to be changed once it serves.
type Router struct {
	Services []Service
	// Authenticate is asked before an operation runs, with the body as it was sent. A *Fault it returns is answered
	// as it is. Nil: every request may pass.
	Authenticate func(r *http.Request, signingName string, body []byte) error
	// OnError is told of failures whose text is kept from the client. Nil: nobody is told.
	OnError func(r *Request, err error)

	buffers sync.Pool // of *bytes.Buffer
}

// ServeHTTP answers one request.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &Request{ID: uuid.NewString(), Header: r.Header}
	svc, operation := rt.find(r.Header.Get("X-Amz-Target"), req)
	if r.Method != http.MethodPost {
		operation = nil
	}

	raw := rt.buffer()
	defer rt.buffers.Put(raw)
	if err := readBody(raw, r); err != nil {
		rt.fail(w, svc, req, err)
		return
	}
	if rt.Authenticate != nil {
		if err := rt.Authenticate(r, svc.SigningName, raw.Bytes()); err != nil {
			rt.fail(w, svc, req, err)
			return
		}
	}
	if operation == nil {
		rt.fail(w, svc, req, rt.unknown(r, svc, req.Operation))
		return
	}

	unzipped := rt.buffer()
	defer rt.buffers.Put(unzipped)
	var err error
	if req.Body, err = decodeBody(raw, unzipped, r.Header.Get("Content-Encoding")); err != nil {
		rt.fail(w, svc, req, err)
		return
	}
	out, err := run(r.Context(), operation, req)
	if err != nil {
		rt.fail(w, svc, req, err)
		return
	}
	rt.answer(w, svc, req, out)
}

// find gives the service and operation of a target: a service without a name and a nil operation where there is none.
func (rt *Router) find(target string, req *Request) (*Service, Operation) {
	prefix, operation, _ := strings.Cut(target, ".")
	req.Operation = operation
	for i := range rt.Services {
		if rt.Services[i].Target == prefix {
			return &rt.Services[i], rt.Services[i].Operations[operation]
		}
	}
	return &Service{}, nil
}

// unknown refuses by name what is not there. The services send no message with this exception, so no client waits for
// their words.
func (rt *Router) unknown(r *http.Request, svc *Service, operation string) *Fault {
	f := &Fault{Type: "UnknownOperationException"}
	var targets []string
	for _, s := range rt.Services {
		targets = append(targets, s.Target)
	}
	switch {
	case r.Method != http.MethodPost:
		f.Message = fmt.Sprintf("An operation is called with POST, not %s", r.Method)
	case svc.Target == "":
		f.Message = fmt.Sprintf("X-Amz-Target %q names no service that loglake has; it has %s", r.Header.Get("X-Amz-Target"), strings.Join(targets, ", "))
	default:
		f.Message = fmt.Sprintf("loglake does not have the operation %q of %s", operation, svc.Target)
	}
	return f
}

// run calls the operation and makes a panic in it a failure of this one request.
func run(ctx context.Context, operation Operation, req *Request) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("operation %s: panic: %v", req.Operation, p)
		}
	}()
	return operation(ctx, req)
}

func (rt *Router) answer(w http.ResponseWriter, svc *Service, req *Request, out any) {
	var body []byte
	switch out := out.(type) {
	case nil:
	case Raw:
		body = out
	default:
		var err error
		if body, err = marshal(out); err != nil {
			rt.fail(w, svc, req, fmt.Errorf("marshal the answer of %s: %w", req.Operation, err))
			return
		}
	}
	for name, values := range req.Answer {
		w.Header()[name] = values
	}
	write(w, req.ID, http.StatusOK, body)
}

// Refuse answers a request with err, before its body is read, in the words of the service that it is for.
func (rt *Router) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	req := &Request{ID: uuid.NewString(), Header: r.Header}
	svc, _ := rt.find(r.Header.Get("X-Amz-Target"), req)
	rt.fail(w, svc, req, err)
}

// fail answers err in the service's words.
func (rt *Router) fail(w http.ResponseWriter, svc *Service, req *Request, err error) {
	fault := rt.fault(svc, req, err)
	WriteFault(w, req.ID, svc.MessageKey, fault)
}

func (rt *Router) fault(svc *Service, req *Request, err error) Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return *fault
	}
	var known *loglake.Error
	if errors.As(err, &known) && known.Code != loglake.CodeInternal && svc.Errors != nil {
		return svc.Errors(known)
	}
	if rt.OnError != nil {
		rt.OnError(req, err)
	}
	name := svc.Internal
	if name == "" {
		name = "InternalFailure"
	}
	return Fault{Type: name, Status: http.StatusInternalServerError, Message: "The request failed for a reason inside the server; its log names it by the request id " + req.ID + "."}
}

func (rt *Router) buffer() *bytes.Buffer {
	b, ok := rt.buffers.Get().(*bytes.Buffer)
	if !ok {
		return new(bytes.Buffer)
	}
	b.Reset()
	return b
}

// Handle makes an Operation of a function from a decoded input to an output. A nil output gives an empty body.
func Handle[In, Out any](f func(ctx context.Context, in *In) (*Out, error)) Operation {
	return func(ctx context.Context, r *Request) (any, error) {
		in := new(In)
		if err := Decode(r.Body, in); err != nil {
			return nil, err
		}
		out, err := f(ctx, in)
		if err != nil || out == nil {
			return nil, err
		}
		return out, nil
	}
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func write(w http.ResponseWriter, id string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", fmt.Sprint(len(body)))
	h.Set("X-Amzn-Requestid", id) // this is x-amzn-RequestId in HTTP's canonical case
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}
