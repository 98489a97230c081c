package compat

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
)

var update = flag.Bool("update", false, "write docs/compat/sql.md")

const path = "../../../../docs/compat/sql.md"

// TestPage keeps the page current; `make compat` writes it.
func TestPage(t *testing.T) {
	f, err := os.Open("../../testdata/trino/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	signatures, err := ReadSignatures(f)
	if err != nil {
		t.Fatal(err)
	}
	want := Page(signatures, differences(t))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not up to date; `make compat` writes it. The first line that differs:\n%s", path, firstDifference(string(got), want))
	}
	for _, s := range signatures {
		if !strings.Contains(want, "`"+s.Name+"`") && !strings.Contains(want, s.Name+"(") {
			t.Errorf("%s is not on the page", s.Name)
		}
	}
}

// TestExactFunctions counts them: what is promised of the dialect is 250.
func TestExactFunctions(t *testing.T) {
	signatures, err := ReadSignatures(strings.NewReader(testdata(t, "functions.txt")))
	if err != nil {
		t.Fatal(err)
	}
	if exact, differs := pageOf(signatures).counts(); exact < 250 {
		t.Errorf("%d functions are exact and %d differ, want 250 exact ones", exact, differs)
	}
}

// differences gives the lines of differs.txt, with what Trino answered.
func differences(t *testing.T) []Difference {
	t.Helper()
	reasons, err := dialecttest.ReadDiffers(strings.NewReader(testdata(t, "differs.txt")))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := dialecttest.ReadAnswers(strings.NewReader(testdata(t, "examples.txt")))
	if err != nil {
		t.Fatal(err)
	}
	trino := map[string]string{}
	for _, a := range answers {
		trino[a.SQL] = a.Error
		if a.Error == "" {
			trino[a.SQL] = a.First() + " of type " + a.Types[0]
		}
	}
	known := map[string]bool{}
	var list []Difference
	for _, x := range dialect.Examples() {
		reason := reasons[x.SQL]
		if known[x.SQL] = reason != ""; !known[x.SQL] && strings.HasPrefix(x.Error, dialect.CodeNotSupported) && !strings.HasPrefix(trino[x.SQL], dialect.CodeNotSupported) && trino[x.SQL] != "" {
			reason = "refused"
		}
		if reason != "" {
			here := x.Error
			if here == "" {
				here = x.Want + " of type " + x.Type
			}
			list = append(list, Difference{x.SQL, reason, here, trino[x.SQL]})
		}
	}
	for sql := range reasons {
		if !known[sql] {
			t.Errorf("%s: is in differs.txt and no example", sql)
		}
	}
	return list
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/trino/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range b {
		if i >= len(a) || a[i] != b[i] {
			return b[i]
		}
	}
	return "the page has lines too many"
}

func TestShape(t *testing.T) {
	for _, x := range [][2]string{{"varchar(x), array(T)", "varchar,array(?)"}, {"timestamp(p) with time zone, K", "timestampwithtimezone,?"}, {"map(K,V), function(K,V,boolean)", "map(?,?),function(?,?,boolean)"},
		{"interval day to second", "intervaldaytosecond"}, {"decimal(p,s)...", "decimal..."}, {"joniregexp", "varchar"}} {
		if got := shape(x[0]); got != x[1] {
			t.Errorf("%s: %s, want %s", x[0], got, x[1])
		}
	}
}
