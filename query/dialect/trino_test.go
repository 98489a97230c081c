package dialect_test

import (
	"os"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
)

// TestExamplesAreTrinos holds each example against what a real Trino answered to it, so that none is our own invention.
func TestExamplesAreTrinos(t *testing.T) {
	answers, err := dialecttest.ReadAnswers(strings.NewReader(testdata(t, "trino/examples.txt")))
	if err != nil {
		t.Fatal(err)
	}
	differs, err := dialecttest.ReadDiffers(strings.NewReader(testdata(t, "trino/differs.txt")))
	if err != nil {
		t.Fatal(err)
	}
	problems, missing := dialecttest.Compare(dialect.Examples(), answers, differs)
	for _, problem := range problems {
		t.Error(problem)
	}
	for _, sql := range missing {
		t.Errorf("%s: there is no answer of a Trino to it: make trino-record asks one", sql)
	}
}

func testdata(t *testing.T, name string) string {
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
