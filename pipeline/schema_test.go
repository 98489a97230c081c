package pipeline_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/loglake/loglake/pipeline"
)

var update = flag.Bool("update", false, "write the schema and the reference into docs")

// golden compares text with a file of docs.
func golden(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not up to date; `go test ./pipeline -update` writes it (-want +got):\n%s", path, diff)
	}
}

func TestSchemaFile(t *testing.T) { golden(t, "../docs/loglake.schema.json", pipeline.JSONSchema()) }

func TestReference(t *testing.T) {
	const path = "../docs/loglake.yaml.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "go test ./pipeline -update -->\n"
	head, _, ok := strings.Cut(string(page), mark)
	if !ok {
		t.Fatalf("%s does not say where its generated part begins: %s", path, mark)
	}
	golden(t, path, []byte(head+mark+"\n"+string(pipeline.Reference())+"\n"))
}

// The example of the page is the usual file.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../docs/loglake.yaml.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("there is no example")
	}
	got, err := pipeline.Parse(block[1])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(usual(), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Whatever Parse takes, the schema takes, and mistakes of keys and forms are mistakes for it too.
func TestSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(pipeline.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("loglake.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("loglake.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	usual, err := os.ReadFile("testdata/usual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	check := func(text string) error {
		t.Helper()
		var value any
		if err := yaml.Load([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		asJSON, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON)); err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	for _, text := range []string{string(usual), everything, head, "{}", "null"} {
		if _, err := pipeline.Parse([]byte(text)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
		if err := check(text); err != nil {
			t.Errorf("the schema refuses what is right:\n%s\n%v", text, err)
		}
	}
	for _, text := range []string{
		"zoen: UTC", "groups: {/a: {retentoin: 30d}}", "groups: {/a: {retention: soon}}", "groups: {/a: 30d}", "groups: [a]",
		"groups: {/a: {routes: [{filter: x}]}}", "groups: {/a: {noise: [{except: [{paths: x}]}]}}", "groups: {/a: {parse: jsn}}",
		"streams: {s: {policy: x}}", "streams: {s: {buffer: {size: 129}}}", "server: {aws-addr: x}", "tables: {t: {columns: {a: {type: [x]}}}}",
	} {
		if _, err := pipeline.Parse([]byte(text)); err == nil {
			t.Errorf("Parse takes %s", text)
		}
		if check(text) == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// Every key that the reference describes has an example that works: it makes another pipeline of the file.
func TestExamples(t *testing.T) {
	const frame = `bucket: my-logs
groups: {/app/api: {%group%}, /app/api/errors: }
tables: {t: {columns: {timestamp: timestamp}%table%}}
streams: {s: {%stream%}}
server: {%server%}
`
	wraps := map[string]func(string) string{
		"The file":     func(s string) string { return strings.Replace(frame, "bucket: my-logs\n", "bucket: b-1\n"+s+"\n", 1) },
		"A group":      func(s string) string { return strings.Replace(frame, "%group%", s, 1) },
		"A noise rule": func(s string) string { return strings.Replace(frame, "%group%", "noise: [{level: x, "+s+"}]", 1) },
		"A route": func(s string) string {
			return strings.Replace(frame, "%group%", "routes: [{to: /app/api/errors, "+s+"}]", 1)
		},
		"A table": func(s string) string { return strings.Replace(frame, "%table%", ", "+s, 1) },
		"A column": func(s string) string {
			return strings.Replace(frame, "%table%", ", comment: x}, u: {columns: {c: {type: int, "+s+"}}", 1)
		},
		"A stream":               func(s string) string { return strings.Replace(frame, "%stream%", "from: /app/api, table: t, "+s, 1) },
		"The buffer of a stream": func(s string) string { return strings.Replace(frame, "%stream%", "table: t, buffer: {"+s+"}", 1) },
		"server":                 func(s string) string { return strings.Replace(frame, "%server%", s, 1) },
	}
	// These need others beside them, or in their place.
	skip := map[string]bool{"bucket": true, "regex": true, "ddl": true, "columns": true, "tls_cert": true, "tls_key": true, "to": true, "type": true}
	fill := regexp.MustCompile(`%\w+%`)
	duplicate := map[string]string{"level": "level: x, ", "from": "from: /app/api, ", "table": "table: t, "}
	section, tried := "", 0
	for line := range strings.Lines(string(pipeline.Reference())) {
		if title, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			section = title
			continue
		}
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| `") || len(cells) != 4 {
			continue
		}
		name := strings.Trim(cells[0], "| `")
		example := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(cells[3]), " |"), "`"), "`")
		if skip[name] || example == "" || example == "|" {
			continue
		}
		before := wraps[section]("")
		after := wraps[section](name + ": " + example)
		if d := duplicate[name]; d != "" {
			after = strings.Replace(after, d, "", 1)
		}
		before, after = fill.ReplaceAllString(before, ""), fill.ReplaceAllString(after, "")
		if name == "table" {
			after = strings.Replace(after, "table: server_logs", "table: t", 1)
		}
		p, err := pipeline.Parse([]byte(after))
		if err != nil {
			t.Errorf("%s, %s: the example %s does not work in\n%s\n%v", section, name, example, after, err)
			continue
		}
		plain, err := pipeline.Parse([]byte(before))
		if err != nil {
			t.Fatalf("%s: %v\n%s", section, err, before)
		}
		if name != "from" && name != "table" && cmp.Equal(p, plain) {
			t.Errorf("%s: %s: %s changes nothing", section, name, example)
		}
		tried++
	}
	if tried < 30 {
		t.Errorf("%d examples were tried: the reference is read wrongly", tried)
	}
}
