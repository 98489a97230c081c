package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFmt(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	messy := file("messy.sql", "-- levels\nselect level,count(*) n from server_logs where dt='2026-01-31' group by 1; -- all\n\nselect 1 -- one\n;")
	const tidy = "-- levels\nSELECT level, count(*) AS n\nFROM server_logs\nWHERE dt = '2026-01-31'\nGROUP BY 1; -- all\n\nSELECT 1; -- one\n"
	fine := file("fine.sql", tidy)
	wrong := file("wrong.sql", "SELECT 1;\n\nSELECT a FROM;\n")
	ddl := file("ddl.sql", "SELECT 1; DROP TABLE t;\n")

	f := func(code int, out, errs string, args ...string) {
		t.Helper()
		gotCode, gotOut, gotErrs := told(t, append([]string{"fmt"}, args...)...)
		if gotCode != code || gotOut != out || !strings.Contains(gotErrs, errs) || errs == "" && gotErrs != "" {
			t.Errorf("fmt %q: %d\n%s\n%s\nwant %d\n%s\n%s", args, gotCode, gotOut, gotErrs, code, out, errs)
		}
	}
	f(exitOK, tidy, "", messy)
	f(exitOK, "", "", "--check", fine)
	f(exitFailed, messy+"\n", "", "--check", fine, messy)
	f(exitFailed, "", wrong+":3:14: SYNTAX_ERROR: mismatched input '<EOF>'", wrong)
	f(exitFailed, "", ddl+":1:11: NOT_SUPPORTED: DROP statements are not supported", "-w", ddl)
	f(exitFailed, "", "nosuch.sql: no such file", filepath.Join(dir, "nosuch.sql"))
	f(exitUsage, "", "--check writes nothing", "-w", "--check", fine)
	f(exitOK, "", "", "-w", messy, fine)
	if got, err := os.ReadFile(messy); err != nil || string(got) != tidy {
		t.Errorf("%s %v", got, err)
	}
	f(exitOK, "", "", "--check", messy)
}

func TestFmtOfStandardInput(t *testing.T) {
	var out bytes.Buffer
	c := fmtCommand()
	c.SetIn(strings.NewReader("select 1"))
	c.SetOut(&out)
	c.SetArgs([]string{})
	if err := c.Execute(); err != nil || out.String() != "SELECT 1\n" {
		t.Errorf("%q %v", out.String(), err)
	}
}
