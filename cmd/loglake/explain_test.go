package main

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/loglake/loglake/unpack"
)

// Every code that loglake answers has an explanation. The sources tell which there are: the forms below are how the
// packages write them.
func TestEveryCodeIsExplained(t *testing.T) {
	sources := []struct {
		folder string
		forms  []string // the group is the code
		least  int      // codes found; fewer mean that the form has changed
	}{
		{"convert", []string{`Code\w+\s*=\s*"(\w+\.\w+)"`}, 2},
		{"unpack", []string{`Failure\{Code: "(\w+\.\w+)"`}, 2},
		{"query/dialect", []string{`Code\w+\s*=\s*"([A-Z_]+)"`}, 24},
		{"query", []string{`Code\w+\s*=\s*"([A-Z_]+)"`, `failTrino\("([A-Z_]+)"`, `"([A-Z]+(?:_[A-Z]+)+)": [0-9]{4}`, `exhausted := "(.+)"`}, 20},
		{"api", []string{`"([A-Z]\w+(?:Exception|Fault|Failure))"`, `invalid\("([A-Z]\w+)"`, `Code: "([A-Z]\w+)"`}, 60},
		{"api/sigv4", []string{`"([A-Z][a-z]+[A-Z]\w+)"(?:, |\})`}, 12},
		{"catalog", []string{`"([A-Z]\w+Exception)"`}, 0},
	}
	elsewhere := regexp.MustCompile(`^(UnsupportedOperationException|ClassCastException|\w+Exception\$\w+)$`) // Java's, within texts
	for _, s := range sources {
		found := map[string]string{}
		for _, form := range s.forms {
			pattern := regexp.MustCompile(form)
			err := filepath.WalkDir(filepath.Join("../..", s.folder), func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
					return err
				}
				b, err := os.ReadFile(path)
				for _, m := range pattern.FindAllStringSubmatch(string(b), -1) {
					found[m[1]] = path
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(found) < s.least {
			t.Errorf("%s: only %d codes were found: %v", s.folder, len(found), found)
		}
		for code, path := range found {
			if x := lookUp(code); x == nil && !elsewhere.MatchString(code) {
				t.Errorf("%s of %s has no explanation", code, path)
			}
		}
	}
}

func TestExplanations(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range explanations() {
		if x.Code == "" || x.Of == "" || x.Means == "" || x.Mend == "" || seen[x.Code] {
			t.Errorf("%+v is not whole, or there twice", x)
		}
		seen[x.Code] = true
	}
}

const plainTextRefused = "Encountered malformed JSON. Unrecognized token 'Segmentation': was expecting ('true', 'false' or 'null')\n at [Source: UNKNOWN; line: 1, column: 13]"

// rejected is a line of a reject object.
func rejected(code, message, record string) string {
	b, err := json.Marshal(map[string]any{"attemptsMade": 1, "arrivalTimestamp": 1767225600000, "lastErrorCode": code, "lastErrorMessage": message,
		"rawData": base64.StdEncoding.EncodeToString([]byte(record)), "dataCatalogTable": map[string]string{"databaseName": "default", "tableName": "logs"}})
	if err != nil {
		return err.Error()
	}
	return string(b) + "\n"
}

func envelope(message string) string {
	head := &unpack.EnvelopeHead{MessageType: unpack.DataMessage, LogGroup: "/app/api", LogStream: "i"}
	return string(unpack.Gzip(nil, unpack.BuildEnvelope(nil, head, []unpack.EnvelopeEvent{{ID: strings.Repeat("0", 56), Timestamp: 1, Message: []byte(message)}})))
}

// A reject is unpacked, its place pointed at, and what it says explained before its code.
func TestExplainRejects(t *testing.T) {
	const parse, misfit = "DataFormatConversion.ParseError", "DataFormatConversion.MalformedData"
	long := `{"a":"` + strings.Repeat("x", 300) + `","n":"oops"}`
	f := func(text string, want ...string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "rejects")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := told(t, "explain", file)
		if code != exitOK || errs != "" || strings.Contains(out, "\x1b") {
			t.Errorf("exit %d, %q", code, errs)
		}
		at := 0
		for _, w := range want {
			i := strings.Index(out[at:], w)
			if i < 0 {
				t.Errorf("%q is not behind byte %d of\n%s", w, at, out)
				return
			}
			at += i
		}
	}
	f(rejected(parse, plainTextRefused, envelope("Segmentation fault\n")),
		"1 record for default.logs from /app/api, arrived 2026-01-01T00:00:00Z\n", "│ Segmentation fault\n  │            ^ here\n", "a line of text and no JSON", parse)
	f(rejected(misfit, `Data does not match the schema. For input string: "oops"`, `{"n":"oops"}`), "│ {\"n\":\"oops\"}\n  │       ^ here\n", "number form", misfit)
	f(rejected(misfit, `Data does not match the schema. For input string: "oops"`, long), "│ …x", `"oops"}`, "^ here")
	f(rejected(parse, "Encountered malformed JSON. Unexpected character ('x' (code 120)): was expecting comma\n at [Source: UNKNOWN; line: 2, column: 4]", "{\n  x"),
		"│ {\n  │   x\n  │   ^ here")
	f(rejected(parse, "Encountered malformed JSON. Illegal character ((CTRL-CHAR, code 31))\n at [Source: UNKNOWN; line: 1, column: 2]", envelope("x")), "gzip data", "Decompression")
	f(strings.Repeat(rejected(misfit, `Data does not match the schema. For input string: "oops"`, `{"n":"oops"}`)+
		rejected(misfit, `Data does not match the schema. For input string: "n/a"`, `{"n":"n/a"}`), 3), "6 records such as this one", "│ {\"n\":\"oops\"}")
	f(`{"attemptsMade":1,"errorCode":"Decompression.Failed","errorMessage":"the record is not gzip data","rawData":"Gxs="}`+"\n", "│ \uFFFD\uFFFD\n", "Decompression.Failed")
	f("{\"lastErrorCode\":\"" + parse + "\",\"lastErrorMessage\":\"\\u001b[2J at [Source: UNKNOWN; line: 99, column: 5]\",\"rawData\":\"not base64\"}\n")
}

func TestExplain(t *testing.T) {
	f := func(args string, code int, want ...string) {
		t.Helper()
		got, out, errs := told(t, append([]string{"explain"}, strings.Fields(args)...)...)
		if got != code {
			t.Errorf("%s: exit %d, want %d", args, got, code)
		}
		for _, w := range want {
			if !strings.Contains(out+errs, w) {
				t.Errorf("%s: %q is not in\n%s%s", args, w, out, errs)
			}
		}
	}
	f("TYPE_MISMATCH", exitOK, "TYPE_MISMATCH, Athena", "means", "usually", "mend it")
	f("type_mismatch", exitOK, "TYPE_MISMATCH, Athena")
	f("FAILED: TYPE_MISMATCH: line 1:46: Cannot apply operator", exitOK, "TYPE_MISMATCH")
	f("An error occurred (ResourceNotFoundException) when calling the PutLogEvents operation: The specified log group does not exist.", exitOK, "create-log-group")
	f("Query exhausted resources at this scale factor", exitOK, "memory")
	f("TYPE_MISMATCHED", exitFailed, `nothing is known of "TYPE_MISMATCHED"`, "TYPE_MISMATCH")
	f("COLUM_NOT_FOUND", exitFailed, "the nearest codes are COLUMN_NOT_FOUND")
	f("entirely unknown", exitFailed, "nothing is known", "the whole error")
	f("TYPE_MISMATCH --format json", exitOK, `"explanations":[{"code":"TYPE_MISMATCH"`)
	f("TYPE_MISMATCH --format xml", exitUsage, "text or json")
	f("s3://lake/x --endpoint http://127.0.0.1:1", exitFailed, "no loglake answers at http://127.0.0.1:1", "loglake serve")
}

func FuzzExplain(f *testing.F) {
	for _, seed := range []string{"TYPE_MISMATCH", rejected("x", "For input string: \"a\"", "{\"n\":\"a\"}"), rejected("DataFormatConversion.ParseError", plainTextRefused, "\xff\x00\x1b"), "{\"errorCode\":1}", "x y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []string{"text", "json"} {
			var out strings.Builder
			_ = explainText(&out, format, text) // what is unknown is an error
			if strings.ContainsAny(out.String(), "\x1b\x07") {
				t.Errorf("%q has what a terminal may obey", out.String())
			}
		}
	})
}
