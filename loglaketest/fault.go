package loglaketest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Fault is what becomes of calls of one operation. Without a Code or Lost it only delays them.
type Fault struct {
	// Operation is that of a JSON service, such as PutLogEvents or PutRecordBatch; "": every call, those of S3 too.
	Operation string
	Times     int           // how many calls it is for, repeats by an SDK among them; 0: one
	Delay     time.Duration // before anything else
	Code      string        // the call is refused with this exception, such as ThrottlingException, and nothing is done
	Status    int           // of the refusal; 0: 400
	Message   string        // of the refusal
	// Lost has the server do what the call asks, and the connection end without the answer: the client can't know.
	Lost bool
}

// Fail has a fault wait for its calls. Faults are met in the order in which they were set.
func (l *Lake) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	l.door.mu.Lock()
	defer l.door.mu.Unlock()
	l.door.faults = append(l.door.faults, &f)
}

// Heal takes away the faults that are still waiting, and gives how many calls they would have been for.
func (l *Lake) Heal() (left int) {
	l.door.mu.Lock()
	defer l.door.mu.Unlock()
	for _, f := range l.door.faults {
		left += f.Times
	}
	l.door.faults = nil
	return left
}

// FillDisk makes the lake's disk full, but for so many bytes: puts are refused and nothing that was acknowledged is lost.
// EmptyDisk ends it.
func (l *Lake) FillDisk(room int64) { l.disk.Fill(room) }

// EmptyDisk ends a full disk.
func (l *Lake) EmptyDisk() { l.disk.Enlarge() }

// door is the lake's address. It stays where it is while servers come and go behind it.
type door struct {
	server *httptest.Server

	mu     sync.Mutex // guards what follows
	proxy  *httputil.ReverseProxy
	faults []*Fault
}

func openDoor() *door {
	d := &door{}
	d.server = httptest.NewServer(d)
	return d
}

// lead has the door lead to a server; nil: to none.
func (d *door) lead(target *url.URL) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proxy = nil
	if target == nil {
		return
	}
	d.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { hangUp(w) },
	}
}

// ServeHTTP lets a call through, or has it meet its fault.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	proxy, fault := d.meet(r)
	select {
	case <-time.After(fault.Delay):
	case <-r.Context().Done():
		return
	}
	switch {
	case fault.Code != "":
		refuse(w, fault)
	case proxy == nil:
		refuse(w, Fault{Code: "ServiceUnavailableException", Status: http.StatusServiceUnavailable, Message: "the lake is down"})
	case fault.Lost:
		proxy.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
		hangUp(w)
	default:
		proxy.ServeHTTP(w, r)
	}
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close() // it is to look broken
	}
}

func (d *door) meet(r *http.Request) (*httputil.ReverseProxy, Fault) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, f := range d.faults {
		if f.Operation != "" && f.Operation != operation {
			continue
		}
		if f.Times--; f.Times == 0 {
			d.faults = append(d.faults[:i:i], d.faults[i+1:]...)
		}
		return d.proxy, *f
	}
	return d.proxy, Fault{}
}

// refuse answers in the form of the JSON services; S3's clients go by the status.
func refuse(w http.ResponseWriter, f Fault) {
	if f.Status == 0 {
		f.Status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-ErrorType", f.Code)
	w.WriteHeader(f.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": f.Code, "message": f.Message}) // whoever asked may be gone
}
