package house_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/internal/house"
)

// TestWrites holds the program's writes against the table of those that a test fails both ways.
func TestWrites(t *testing.T) {
	found, err := house.Writes("../..")
	if err != nil {
		t.Fatal(err)
	}
	table, err := faulttest.Rows()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]faulttest.Row{}
	for _, r := range table {
		if _, twice := rows[r.String()]; twice {
			t.Errorf("%s has two rows", r)
		}
		rows[r.String()] = r
	}
	for _, w := range found {
		r, ok := rows[w.String()]
		delete(rows, w.String())
		switch {
		case !ok:
			t.Errorf("%s/%s:%d: no test fails this write, undone and done: write one with a faulttest.Recorder, and its row in internal/disk/faulttest/table.txt:\n%s %d TEST",
				w.Folder, w.File, w.Lines[0], w, len(w.Lines))
		case r.Lines != len(w.Lines):
			t.Errorf("%s/%s: %s: the table says %d lines, there are %d: %d", w.Folder, w.File, r, r.Lines, len(w.Lines), w.Lines)
		}
	}
	for _, r := range rows {
		t.Errorf("%s: the table has a row, the program no such write", r)
	}
	recording := map[string]bool{}
	for _, r := range table {
		if r.Test == "-" && strings.HasPrefix(r.Folder, "cmd/") {
			continue // for the person at the terminal
		}
		folder, test, _ := strings.Cut(r.Test, ".")
		if _, ok := recording[r.Test]; !ok {
			recording[r.Test] = strings.Contains(test, "Faults") && records(t, folder, test)
		}
	}
	for test, ok := range recording {
		if !ok {
			t.Errorf("%s: the table names it, and it is not there with a faulttest.Recorder, or a statetest.Subject, of its own, or has no Faults in its name", test)
		}
	}
	t.Logf("%d writes, %d tests", len(found), len(recording))
}

// records tells whether the tests of a folder have one of a name that makes a faulttest.Recorder.
func records(t *testing.T, folder, test string) (ok bool) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, isFunc := d.(*ast.FuncDecl)
			if !isFunc || fn.Name.Name != test || fn.Recv != nil {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				s, isSelector := n.(*ast.SelectorExpr)
				ok = ok || isSelector && (fmt.Sprint(s.X) == "faulttest" && s.Sel.Name == "New" || fmt.Sprint(s.X) == "statetest" && s.Sel.Name == "Subject")
				return true
			})
		}
	}
	return ok
}
