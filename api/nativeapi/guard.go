package nativeapi

import (
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/loglake/loglake"
)

// Guard keeps web pages away from the native address, which has no login: whoever is on the machine may call it, and so
// could every page that a browser there has open. Refused are
//
//   - a Host that is neither localhost nor a loopback address (localHost): a page whose own name was made to point here;
//   - a request that changes something and that the browser says comes from another site (Origin, Sec-Fetch-Site);
//   - a body that is not application/json: a form, which a page may send anywhere without being asked who it is.
//
// Whoever signs comes by the AWS address, where a page can't sign; where that address takes any signature, GuardOpen does
// what Guard does here.
func Guard(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guarded(sites, r); err != nil {
			WriteError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// GuardOpen keeps web pages away from an AWS address without key pairs, which takes any signature and so none: a page of
// another site could have objects deleted by a plain form there, and one whose own name was made to point here could do
// all else. Bodies may be of any type, as the services have them.
func GuardOpen(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := near(sites, r); err != nil {
			WriteError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// near refuses what comes under a name of elsewhere, or from a page of another site.
func near(sites *http.CrossOriginProtection, r *http.Request) *loglake.Error {
	if !localHost(r.Host) {
		return loglake.Errorf(loglake.CodeDenied, "this address is for its own machine, and was called as %q", r.Host).
			WithHint("call it as 127.0.0.1 or localhost; a proxy in front of it has to set that Host. From afar, sign, and call the AWS address of a server with key pairs (--credentials)")
	}
	if sites.Check(r) != nil {
		return loglake.Errorf(loglake.CodeDenied, "this address takes nothing from pages of other sites, and the request comes from %q", r.Header.Get("Origin"))
	}
	return nil
}

func guarded(sites *http.CrossOriginProtection, r *http.Request) *loglake.Error {
	if err := near(sites, r); err != nil {
		return err
	}
	kind := r.Header.Get("Content-Type")
	if kind == "" && r.ContentLength == 0 || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if is, _, err := mime.ParseMediaType(kind); err != nil || is != "application/json" {
		return loglake.Errorf(loglake.CodeInvalid, "the Content-Type is %q, and application/json is what is taken", kind).
			WithHint("send it as curl does with -H 'content-type: application/json'")
	}
	return nil
}

// localHost tells whether a Host header names this machine from within, or is a name that no public server of names can
// give: those below internal are what containers call the machine that they run on.
func localHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") || ip != nil && ip.IsLoopback()
}
