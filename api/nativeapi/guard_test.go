package nativeapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/loglake/loglake/api/nativeapi"
)

// What a page in a browser can send is refused, and what a person and a program send is not.
func TestGuard(t *testing.T) {
	h := nativeapi.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, c := range []struct {
		name, method, host string
		headers            string // "Name: value; Name: value"
		body               string
		want               int
	}{
		{"a probe", "GET", "127.0.0.1:4580", "", "", 204},
		{"a person in a browser", "GET", "localhost:4580", "Sec-Fetch-Site: none", "", 204},
		{"a host name for tests", "GET", "lake.localhost:4580", "", "", 204},
		{"IPv6", "GET", "[::1]:4580", "", "", 204},
		{"IPv6 without a port", "GET", "[::1]", "", "", 204},
		{"curl with JSON", "POST", "127.0.0.1:4580", "Content-Type: application/json", `{}`, 204},
		{"its own page", "POST", "127.0.0.1:4580", "Content-Type: application/json; charset=utf-8; Origin: http://127.0.0.1:4580; Sec-Fetch-Site: same-origin", `{}`, 204},
		{"curl without a body", "POST", "127.0.0.1:4580", "", "", 204},

		{"another name for this address", "GET", "evil.example:4580", "", "", 403},
		{"an address that is not loopback", "GET", "10.0.0.1", "", "", 403},
		{"a container's name for its machine", "GET", "host.docker.internal:4580", "", "", 204},
		{"no name", "GET", "", "", "", 403},
		{"a name that ends alike", "GET", "notlocalhost", "", "", 403},
		{"another site", "POST", "127.0.0.1:4580", "Content-Type: application/json; Origin: http://evil.example", `{}`, 403},
		{"another port of this machine", "POST", "127.0.0.1:4580", "Content-Type: application/json; Origin: http://127.0.0.1:3000", `{}`, 403},
		{"a sandboxed page", "POST", "127.0.0.1:4580", "Content-Type: application/json; Origin: null", `{}`, 403},
		{"another site without a body", "POST", "127.0.0.1:4580", "Origin: http://evil.example", "", 403},
		{"another site, told by the browser", "POST", "127.0.0.1:4580", "Content-Type: application/json; Sec-Fetch-Site: cross-site", `{}`, 403},
		{"a form", "POST", "127.0.0.1:4580", "Content-Type: application/x-www-form-urlencoded", "a=b", 400},
		{"an empty form", "POST", "127.0.0.1:4580", "Content-Type: application/x-www-form-urlencoded", "", 400},
		{"text", "POST", "127.0.0.1:4580", "Content-Type: text/plain", `{}`, 400},
		{"a body of no type", "POST", "127.0.0.1:4580", "", `{}`, 400},
	} {
		r := httptest.NewRequest(c.method, "/v1/query", strings.NewReader(c.body))
		r.Host = c.host
		for _, header := range strings.Split(strings.Replace(c.headers, "; charset", ";charset", 1), "; ") {
			if name, value, ok := strings.Cut(header, ": "); ok {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want || c.want >= 400 && !strings.Contains(w.Body.String(), `"error":"`) {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
}

// An AWS address that takes any signature is kept from pages too; what its services are sent is of any type.
func TestGuardOpen(t *testing.T) {
	h := nativeapi.GuardOpen(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, c := range []struct {
		name, method, host, origin string
		want                       int
	}{
		{"an SDK", "POST", "127.0.0.1:4566", "", 204},
		{"a bucket in the host name", "PUT", "my-bucket.localhost:4566", "", 204},
		{"a container", "POST", "host.docker.internal:4566", "", 204},
		{"a name that was made to point here", "POST", "evil.example:4566", "http://evil.example:4566", 403},
		{"the same, reading", "GET", "evil.example:4566", "", 403},
		{"a form of another site", "POST", "127.0.0.1:4566", "http://evil.example", 403},
	} {
		r := httptest.NewRequest(c.method, "/b?delete", strings.NewReader("<Delete/>"))
		r.Host = c.host
		r.Header.Set("Content-Type", "text/plain")
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
}
