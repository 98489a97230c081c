// Package embedding holds the examples of docs/testing.md, each of which runs as it stands there (test/embedding/run).
package embedding

import (
	"os"
	"strings"
	"testing"
)

// What docs/testing.md shows is what runs.
func TestTheDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	for language, name := range map[string]string{
		"yaml": "loglake.yaml", "python": "python/test_pipeline.py", "go": "go/pipeline_test.go",
		"js": "javascript/pipeline.test.js", "java": "java/src/test/java/PipelineTest.java",
	} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(docs), "```"+language+"\n"+string(text)+"```\n") {
			t.Errorf("docs/testing.md does not show test/embedding/%s as it is", name)
		}
	}
}
