package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/loglake/loglake/server"
)

// TestSkipOverHTTP asks a server to go on behind damage where there is none, of nobody, and of no kind that it knows.
func TestSkipOverHTTP(t *testing.T) {
	s := open(t, func(c *server.Config) { c.HTTPAddr = "127.0.0.1:0" })
	e, _ := serve(t, s)
	fill(t, e, 1)
	for _, c := range []struct {
		path   string
		status int
	}{
		{"/v1/streams/plain/resume?skip=damaged", http.StatusConflict},
		{"/v1/streams/nobody/resume?skip=damaged", http.StatusNotFound},
		{"/v1/streams/plain/resume?skip=everything", http.StatusBadRequest},
		{"/v1/routes/resume?group=/app&filter=f&skip=damaged", http.StatusNotFound},
		{"/v1/routes/resume?group=/app&filter=f", http.StatusBadRequest},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.HTTP+c.path, nil)
		fatal(t, err)
		answer, err := http.DefaultClient.Do(r)
		fatal(t, err)
		body, err := io.ReadAll(answer.Body)
		fatal(t, err)
		fatal(t, answer.Body.Close())
		var said struct{ Error string }
		if err := json.Unmarshal(body, &said); err != nil || said.Error == "" || answer.StatusCode != c.status {
			t.Errorf("%s: %s %q", c.path, answer.Status, body)
		}
	}
}
