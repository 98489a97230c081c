package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	var out strings.Builder
	table := table{header: []string{"path", "n"}, right: []bool{false, true}}
	table.add("/übung", "1")
	table.add("/a", "1,234")
	table.print(&out)
	want := "  path        n\n  ──────  ─────\n  /übung      1\n  /a      1,234\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if got := textWidth("é로그🚀e\u0301"); got != 8 {
		t.Errorf("the width is %d", got)
	}
	if got := shown("first\nsecond") + shown(strings.Repeat("x", cellMax+1))[cellMax:]; got != "first……" {
		t.Errorf("long values are shown as %q", got)
	}
	if got := shown("\x1b[2Jx"); got != "\ufffd[2Jx" {
		t.Errorf("a control character is shown as %q", got)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) is %s, want %s", n, got, want)
		}
	}
}
