package terraform_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/terraform"
)

var update = flag.Bool("update", false, "write what is printed into testdata")

// Each file of testdata is printed, compared with the configuration beside it, and shown to Terraform where it is.
func TestPrint(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			p, err := pipeline.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			c := terraform.Config{Pipeline: p, Source: filepath.Base(file)}
			if strings.HasPrefix(c.Source, "everything") {
				c.Endpoint = "http://127.0.0.1:4566"
			}
			got, err := terraform.Print(c)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".tf"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil { //nolint:gosec // a file of the repository
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("differs from %s (go test -update writes it):\n%s", golden, diff)
			}
			checkFormat(t, got)
		})
	}
}

// checkFormat holds a text against `terraform fmt`.
func checkFormat(t *testing.T, text string) {
	t.Helper()
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Log("terraform is not there: its format is not checked")
		return
	}
	c := exec.Command(path, "fmt", "-diff", "-no-color", "-")
	c.Stdin = strings.NewReader(text)
	c.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("terraform fmt: %v\n%s", err, out)
	}
	if len(out) > 0 && string(out) != text {
		t.Errorf("terraform fmt writes otherwise:\n%s", out)
	}
}

// What is quoted is one string of HCL: no line ends in it and nothing is evaluated.
func FuzzPrint(f *testing.F) {
	f.Add("plain", "/app/api")
	f.Add(`"${x}" %{if} \ !{timestamp:yyyy}`, "$${")
	f.Add("\x00\u2028\U000e0001", "%%{$")
	interpolation := regexp.MustCompile(`(^|[^$])\$\{|(^|[^%])%\{`)
	f.Fuzz(func(t *testing.T, comment, filter string) {
		p := &pipeline.Pipeline{Zone: "UTC", Bucket: "b", Database: "d",
			Groups: []pipeline.Group{{Name: "g", Routes: []pipeline.Route{{Filter: filter, To: "h"}}}},
			Tables: []pipeline.Table{{Name: "t", Comment: comment, Location: "s3://b/t/"}}}
		text, err := terraform.Print(terraform.Config{Pipeline: p, Source: "f"})
		if err != nil {
			t.Fatal(err)
		}
		var ours int
		for line := range strings.SplitSeq(text, "\n") {
			value, ok := strings.CutPrefix(line, "  description   = ")
			if !ok {
				continue
			}
			ours++
			if value = strings.ReplaceAll(strings.ReplaceAll(value, "$${", ""), "%%{", ""); interpolation.MatchString(value) {
				t.Errorf("%q is evaluated in %s", comment, line)
			}
			if rest := strings.ReplaceAll(strings.ReplaceAll(value, `\\`, ""), `\"`, ""); strings.Count(rest, `"`) != 2 {
				t.Errorf("%q breaks out of %s", comment, line)
			}
		}
		if ours > 1 || ours == 0 && comment != "" {
			t.Errorf("%q has %d lines", comment, ours)
		}
		for line := range strings.SplitSeq(text, "\n") { // the route's pattern stays in its comment
			if strings.Contains(line, "go into h too") && !strings.HasPrefix(line, "# ") {
				t.Errorf("%q left its comment: %s", filter, line)
			}
		}
	})
}
