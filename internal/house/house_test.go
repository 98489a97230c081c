package house_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/loglake/loglake/internal/house"
)

func TestTheTree(t *testing.T) {
	found, err := house.Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// TestRules breaks each rule once in a small tree.
func TestRules(t *testing.T) {
	const doc = "// Package x is documented.\n"
	long := strings.Repeat("\t_ = 1\n", 70)
	for _, c := range []struct {
		name   string
		file   string
		source string
		want   string // a part of the one violation; "" none
	}{
		{"down", "commit/a.go", doc + "package commit\n\nimport _ \"github.com/loglake/loglake/state\"\n", ""},
		{"the root", "internal/disk/a.go", doc + "package disk\n\nimport _ \"github.com/loglake/loglake\"\n", ""},
		{"up", "state/a.go", doc + "package state\n\nimport _ \"github.com/loglake/loglake/commit\"\n",
			"state/a.go:4: state (layer 2) imports commit (layer 4)"},
		{"up from an internal package", "convert/internal/parquet/a.go", doc + "package parquet\n\nimport _ \"github.com/loglake/loglake/state\"\n",
			"convert/internal/parquet (layer 1) imports state (layer 2)"},
		{"aside", "ledger/a.go", doc + "package ledger\n\nimport _ \"github.com/loglake/loglake/position\"\n", "of its own layer 3"},
		{"aside, listed", "loggroup/a.go", doc + "package loggroup\n\nimport _ \"github.com/loglake/loglake/position\"\n", ""},
		{"aside, one api to another", "api/glueapi/a.go", doc + "package glueapi\n\nimport _ \"github.com/loglake/loglake/api/s3api\"\n", "of its own layer 6"},
		{"aside, an api to its protocol", "api/glueapi/a.go", doc + "package glueapi\n\nimport _ \"github.com/loglake/loglake/api/awsjson\"\n", ""},
		{"a test helper and its parent", "store/storetest/a.go", doc + "package storetest\n\nimport _ \"github.com/loglake/loglake/store\"\n", ""},
		{"a test helper's layer", "store/storetest/a.go", doc + "package storetest\n\nimport _ \"github.com/loglake/loglake/catalog\"\n", "(layer 2) imports catalog"},
		{"capture and a server package", "capture/a.go", doc + "package capture\n\nimport _ \"github.com/loglake/loglake/journal\"\n", "a part of the server"},
		{"capture and a pure package", "capture/a.go", doc + "package capture\n\nimport _ \"github.com/loglake/loglake/shape\"\n", ""},
		{"a new folder", "helpers/a.go", doc + "package helpers\n", "has no layer"},
		{"DuckDB elsewhere", "query/a.go", doc + "package query\n\nimport _ \"github.com/duckdb/duckdb-go/v2\"\n", "only query/engine may"},
		{"DuckDB at home", "query/engine/a.go", doc + "package engine\n\nimport _ \"github.com/duckdb/duckdb-go/v2\"\n", ""},
		{"a pure package and the machine", "layout/a.go", doc + "package layout\n\nimport _ \"os\"\n", "a pure package imports os"},
		{"a pure package and the clock", "layout/a.go", doc + "package layout\n\nimport \"time\"\n\nvar now = time.Now\n", "time.Now in a pure package"},
		{"a clock elsewhere", "journal/a.go", doc + "package journal\n\nimport \"time\"\n\nvar now = time.Now\n", ""},
		{"no comment", "state/a.go", "package state\n", "has no package comment"},
		{"a write", "store/a.go", doc + "package store\n\nimport \"os\"\n\nvar write = os.WriteFile\n", "os.WriteFile outside internal/disk"},
		{"a write in a test", "store/a_test.go", "package store\n\nimport \"os\"\n\nvar write = os.WriteFile\n", ""},
		{"a write in a test helper", "store/storetest/a.go", doc + "package storetest\n\nimport \"os\"\n\nvar write = os.WriteFile\n", ""},
		{"a write at home", "internal/disk/a.go", doc + "package disk\n\nimport \"os\"\n\nvar write = os.WriteFile\n", ""},
		{"panic", "state/a.go", doc + "package state\n\nfunc f() { panic(1) }\n", "a bare panic"},
		{"panic in invariant", "state/a.go", doc + "package state\n\nfunc invariant() { panic(1) }\n", ""},
		{"a long function", "state/a.go", doc + "package state\n\nfunc f() {\n" + long + "}\n", "f has 72 lines"},
		{"a long function with a reason", "state/a.go", doc + "package state\n\n//nolint:funlen // one table\nfunc f() {\n" + long + "}\n", ""},
		{"a long function with an empty reason", "state/a.go", doc + "package state\n\n//nolint:funlen //\nfunc f() {\n" + long + "}\n", "f has 72 lines"},
		{"a long file", "state/a.go", doc + "package state\n" + strings.Repeat("\n// x\n", 250), "has 502 lines"},
		{"format", "state/a.go", doc + "package state\nvar  a int\n", "gofmt"},
		{"an ignored folder", "testdata/a.go", "package  a\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := house.Check(fstest.MapFS{c.file: {Data: []byte(c.source)}})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.want == "" && len(found) > 0:
				t.Errorf("found %v", found)
			case c.want != "" && (len(found) != 1 || !strings.Contains(found[0].String(), c.want)):
				t.Errorf("found %v, want one with %q", found, c.want)
			}
		})
	}
}

func TestSecondPackageComment(t *testing.T) {
	doc := []byte("// Package state is documented.\npackage state\n")
	found, err := house.Check(fstest.MapFS{"state/a.go": {Data: doc}, "state/b.go": {Data: doc}, "state/c.go": {Data: []byte("package state\n")}})
	if err != nil || !slices.ContainsFunc(found, func(v house.Violation) bool { return v.File == "state/b.go" }) || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
}
