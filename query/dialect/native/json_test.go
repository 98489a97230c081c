package native

import (
	"encoding/json"
	"strings"
	"testing"
)

const sampleLine = `{"time":"2025-12-03T10:15:30.100Z","level":"INFO","service":"checkout","message":"request handled, ok","http":{"method":"GET","path":"/api/v1/items/1",` +
	`"status":200,"user_agent":"Mozilla/5.0 (X11; Linux x86_64)"},"duration_ms":1.5,"tags":["a","b","c"],"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`

func BenchmarkJSONExtractScalar(b *testing.B) {
	for _, f := range Functions() {
		if f.Name != "loglake_json_extract_scalar" {
			continue
		}
		for _, path := range [...]string{"$.level", "$.http.status", "$.trace_id"} {
			b.Run(path, func(b *testing.B) {
				b.ReportAllocs()
				args := []any{sampleLine, path}
				for b.Loop() {
					if v, err := f.Call(args); v == nil || err != nil {
						b.Fatal(v, err)
					}
				}
			})
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a": {"b": [1, "x\u00e9\ud83d"]}, "c": -1.5e3}`, "$.a.b[1]")
	f.Add(`[1,]`, `$["a\"b"][0]`)
	f.Add(sampleLine, "$.http.status")
	f.Fuzz(func(t *testing.T, text, path string) {
		for _, name := range [...]string{"loglake_json_extract_scalar", "loglake_json_extract", "loglake_json_size"} {
			_, _ = call(t, name, text, path)
		}
		_, _ = call(t, "loglake_json_array_get", text, int64(-1))
		_, _ = call(t, "loglake_is_json_scalar", text)
		once, err := call(t, "loglake_json_parse", text)
		if valid := json.Valid([]byte(text)); (err == nil) != valid && !strings.Contains(text, "\xff") {
			t.Fatalf("json_parse(%q) fails: %v, the text is valid: %v", text, err, valid)
		}
		if err != nil {
			return
		}
		if twice, err := call(t, "loglake_json_parse", once); err != nil || twice != once {
			t.Fatalf("json_parse(%q) = %q, and of that %q, %v", text, once, twice, err)
		}
	})
}
