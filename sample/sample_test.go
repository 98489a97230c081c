package sample_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/sample"
	"github.com/loglake/loglake/shape"
)

var update = flag.Bool("update", false, "write the files that are expected")

func file(t *testing.T, c sample.Config, lines string) string {
	t.Helper()
	s, err := sample.Look(strings.NewReader(lines), c)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Parse(text); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return string(text)
}

// Each log of testdata has the file beside it that fits it.
func TestFile(t *testing.T) {
	for _, name := range []string{"shop-2026-01-02.log", "access.log", "worker.logfmt", "plain.txt", "free.txt", "odd.json"} {
		path := filepath.Join("testdata", name)
		lines, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := file(t, sample.Config{Name: path}, string(lines))
		if *update {
			if err := os.WriteFile(path+".yaml", []byte(got), 0o644); err != nil { //nolint:gosec // a file of the repository
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if again := file(t, sample.Config{Name: path}, string(lines)); again != got {
			t.Errorf("%s: the same lines give another file", name)
		}
	}
}

func TestLookRefuses(t *testing.T) {
	f := func(lines string, c sample.Config, want string) {
		t.Helper()
		if _, err := sample.Look(strings.NewReader(lines), c); loglake.CodeOf(err) != loglake.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", lines, err, want)
		}
	}
	f("", sample.Config{}, "no lines")
	f("\n\n", sample.Config{}, "no lines")
	f("a\n", sample.Config{Parse: "xml"}, "not a format")
	f("a\n", sample.Config{Parse: shape.Regex, Regex: "("}, "expression")
}

// One line of anything makes a file that can be read back.
func TestSmallest(t *testing.T) {
	for _, lines := range []string{"{}\n", "x", "[1,2]\n", `{"a":{}}`, `{"dt":1,"DT":2,"":3,"a.b":4,"a-b":5,"a_b":6}`, `{"path":"/health","status":500}`,
		`{"a":"` + strings.Repeat("x", 5000) + `"}`, `{"` + strings.Repeat("k", 5000) + `":1}`, `{"level":null}`, "\x00\xff", `{"a":"\u0000\ud800"}`,
		strings.Repeat("x", 2<<20) + "\n{}"} {
		file(t, sample.Config{Name: "2026-01-01.log.gz"}, lines)
	}
	got := file(t, sample.Config{Parse: shape.Regex, Regex: `^(?P<level>\w+) (?P<code>\d+)$`}, "INFO 7\nINFO 8\n")
	for _, want := range []string{"/app/app:", "regex: ^(?P<level>\\w+) (?P<code>\\d+)$", "level: string", "code: int"} {
		if !strings.Contains(got, want) {
			t.Errorf("the file lacks %q:\n%s", want, got)
		}
	}
	if got := file(t, sample.Config{Name: "x", Group: "/k8s/api"}, "{}\n"); !strings.Contains(got, "/k8s/api:") || !strings.Contains(got, "x_logs:") {
		t.Errorf("the group and the name are not those that were given:\n%s", got)
	}
}

// Many fields and many values need bounded memory, and the file tells what it leaves out.
func TestBounds(t *testing.T) {
	var b bytes.Buffer
	for i := range 300 {
		fmt.Fprintf(&b, "{\"f%d\":1,\"path\":\"/health%d/ping\",\"v\":\"%d\"}\n", i, i, i)
	}
	got := file(t, sample.Config{}, b.String())
	if !strings.Contains(got, fmt.Sprintf("more than %d fields", sample.FieldsMax)) || strings.Count(got, ": int # ") > sample.FieldsMax {
		t.Errorf("%.400s", got)
	}
}

// Which lines there are does not bring it down, and what it writes is always a file that loglake takes.
func FuzzLook(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"path\":\"/health\",\"method\":\"POST\",\"level\":\"ERROR\"}\n"))
	f.Add([]byte("a=b c=1\n"))
	f.Add([]byte("192.0.2.7 - - [17/May/2015:10:05:03 +0545] \"GET /static/x.js HTTP/1.1\" 200 1\n"))
	f.Fuzz(func(t *testing.T, lines []byte) {
		s, err := sample.Look(bytes.NewReader(lines), sample.Config{Name: string(lines[:min(len(lines), 9)])})
		if err != nil {
			return
		}
		if text, err := s.File(); err != nil {
			t.Fatalf("%q: %v\n%s", lines, err, text)
		}
	})
}
