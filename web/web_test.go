package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/loglake/loglake/web"
)

func get(t *testing.T, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	return w
}

// The page loads its own files only, says so to the browser, and is small.
func TestFiles(t *testing.T) {
	total := 0
	elsewhere := regexp.MustCompile(`(src|href|url)\s*[=(]\s*["']?(https?:|//)`)
	for path, kind := range map[string]string{
		"/": "text/html", "/index.html": "text/html", "/page.js": "text/javascript", "/page.css": "text/css", "/icon.svg": "image/svg+xml",
	} {
		w := get(t, path, nil)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if p := w.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: the policy is %q", path, p)
		}
		if elsewhere.MatchString(body) {
			t.Errorf("%s loads something from elsewhere: %q", path, elsewhere.FindString(body))
		}
		if path != "/" {
			total += len(body)
		}
		again := get(t, path, http.Header{"If-None-Match": {w.Header().Get("ETag")}})
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s, known already: %d with %d bytes", path, again.Code, again.Body.Len())
		}
	}
	if total > 40_000 {
		t.Errorf("the page has %d bytes", total)
	}
}

// Text of the lake never becomes markup: the script has no way to write any.
func TestScriptWritesTextOnly(t *testing.T) {
	script := get(t, "/page.js", nil).Body.String()
	for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"} {
		if strings.Contains(script, way) {
			t.Errorf("the script has %s", way)
		}
	}
	if page := get(t, "/", nil).Body.String(); strings.Contains(page, "<style") || regexp.MustCompile(`<script[^>]*>[^<]|\son\w+=`).MatchString(page) {
		t.Error("the page has a script or a style of its own, which the policy refuses")
	}
}

func TestUnknown(t *testing.T) {
	for _, path := range []string{"/nope", "/page/index.html", "/../web.go"} {
		if w := get(t, path, nil); w.Code == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
