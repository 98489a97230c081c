package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/client"
)

// rowsOf reads the rows of a result with so many columns from the lines of an answer.
func rowsOf(t *testing.T, columns int, lines string) (rows [][]*string, err error) {
	t.Helper()
	head := client.QueryColumn{Name: "c", Type: "varchar"}
	list := make([]client.QueryColumn, columns)
	for i := range list {
		list[i] = head
	}
	first, err := json.Marshal(map[string]any{"columns": list})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, string(first)+"\n"+lines)
	}))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Query(t.Context(), client.QueryRequest{SQL: "SELECT"})
	if err != nil {
		return nil, err
	}
	defer result.Close()
	for {
		row, err := result.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

const statistics = `{"statistics":{"rows":1}}` + "\n"

func TestRows(t *testing.T) {
	text := func(s string) *string { return &s }
	for lines, want := range map[string][]*string{
		`{"row":["a",null,""]}`:            {text("a"), nil, text("")},
		`{"row":["\"\\\n\u00e9","é",","]}`: {text("\"\\\né"), text("é"), text(",")},
		`{ "row": [ null, "x", "]}" ] }`:   {nil, text("x"), text("]}")},
	} {
		rows, err := rowsOf(t, 3, lines+"\n"+statistics)
		if err != nil || len(rows) != 1 || !cmp.Equal(rows[0], want) {
			t.Errorf("%s: %v, %v", lines, rows, err)
		}
	}
	for _, lines := range []string{
		`{"row":["a"]}`, `{"row":["a","b","c","d"]}`, `{"row":[null,null,null,null]}`, `{"row":["a","b","c]}`, `{"row":["a",,"c"]}`, `{"row":["a" "b","c"]}`,
		`{"row":["\x","b","c"]}`, `{"row":[`, `{"row":[]}`, ``, `{"error":{"code":"X","message":"y"}}`, `{"columns":[]}`,
	} {
		if rows, err := rowsOf(t, 3, lines+"\n"+statistics); err == nil {
			t.Errorf("%s is taken as %v", lines, rows)
		}
	}
}

// Whatever a line is, a row that is read without encoding/json is the one that encoding/json reads.
func FuzzRow(f *testing.F) {
	f.Add(`{"row":["a",null,"\n"]}`)
	f.Add(`{"row":["a`)
	f.Fuzz(func(t *testing.T, line string) {
		row, ok := client.ParseRow([]byte(line+"\n"), 3)
		if !ok {
			return
		}
		var want struct{ Row []*string }
		if err := json.Unmarshal([]byte(line), &want); err != nil || !utf8.ValidString(line) {
			t.Skip("control characters and what is no UTF-8, which the server never sends")
		}
		if diff := cmp.Diff(want.Row, row); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	})
}
