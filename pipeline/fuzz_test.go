package pipeline_test

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/pipeline"
)

// Any text is a pipeline or has problems with a place each; and a pipeline is printed as what it is.
func FuzzParse(f *testing.F) {
	usual, err := os.ReadFile("testdata/usual.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "{}", string(usual), everything, head, "a: &a [*a]", "<<: {zone: UTC}", "groups: {/a: {noise: [{path: x}]}}", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := pipeline.Parse(text)
		if err != nil {
			var invalid *pipeline.Invalid
			if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
				t.Fatalf("%q: %v is not a list of problems", text, err)
			}
			for _, problem := range invalid.Problems {
				if problem.Line < 1 || problem.Column < 1 || problem.Text == "" {
					t.Fatalf("%q: %+v has no place", text, problem)
				}
			}
			return
		}
		printed, err := pipeline.Render(p, nil)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := pipeline.Parse(printed)
		if err != nil {
			t.Fatalf("%q is printed as\n%s\n%v", text, printed, err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q is printed as\n%s\n(-want +got):\n%s", text, printed, diff)
		}
	})
}
