// Package web is the page at the native address: a box for SQL with its result, and the tables, streams and log groups
// with their state.
//
// It is three files, embedded as they are: page/index.html, page/page.css and page/page.js. They need no build step and
// load nothing from elsewhere; the browser is told to refuse anything else (Content-Security-Policy). The page calls
// POST v1/query and GET v1/status beside it, by relative addresses, so that it works below any path of a proxy.
// What comes from the lake is shown as text, never as markup: log lines are written by strangers.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
)

//go:embed page
var files embed.FS

// policy lets the page load its own files and call its own address, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// kinds are the files that are served, with their types.
var kinds = map[string]string{
	"index.html": "text/html; charset=utf-8", "page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
	"icon.svg": "image/svg+xml",
}

// Handler serves the page at the path "/" and its files beside it.
func Handler() http.Handler {
	mux := http.NewServeMux()
	for name := range kinds {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { serve(w, r, name) })
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, "index.html") })
	return mux
}

func serve(w http.ResponseWriter, r *http.Request, name string) {
	body, err := files.ReadFile(path.Join("page", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", kinds[name])
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // asked for each time, and sent when it is another
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}
