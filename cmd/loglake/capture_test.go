package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/shape"
)

func TestCaptureUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("groups:\n  /g: {retenton: 30d}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(args string, code int, want ...string) {
		t.Helper()
		got, stdout, stderr := told(t, strings.Fields(args)...)
		if got != code || stdout != "" {
			t.Errorf("loglake %s: exit %d, want %d; stdout %q", args, got, code, stdout)
		}
		for _, w := range want {
			if !strings.Contains(stderr, w) {
				t.Errorf("loglake %s says %q, want %q in it", args, stderr, w)
			}
		}
	}
	f("pipe", exitUsage, "--group")
	f("pipe x", exitUsage, "takes no arguments")
	f("run --group /g", exitUsage, "PROGRAM", "-- some-app")
	f("run -- true", exitUsage, "--group")
	f("pipe --group a:b", exitUsage, `"a:b"`, "letters")
	f("pipe --group /g --parse xml", exitUsage, "xml", "logfmt")
	f("pipe --group /g --regex (", exitUsage)
	f("pipe --group /g --multiline (", exitUsage, "--multiline")
	f("pipe --group /g --passthrough maybe", exitUsage, "block, drop or none")
	f("pipe --group /g --spool-max 1", exitUsage, "at least 1MiB")
	f("pipe --group /g --spool-max huge", exitUsage, "512MiB")
	f("pipe --group /g --drop health", exitUsage, `"health"`, "FIELD=GLOB")
	f("pipe --group /g --keep =x", exitUsage, "--keep")
	f("pipe --group /g --endpoint lake", exitUsage, "lake")
	f("pipe --group /g --config none.yaml", exitUsage, "none.yaml")
	f("pipe --group /g --config "+wrong, exitUsage, "retenton", "retention")
	f("run --group /g -- no-such-program", 127, "no-such-program")
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1048576": 1 << 20, "512KiB": 512 << 10, "64mb": 64 << 20, "2G": 2 << 30, "7B": 7,
		"": -1, "GiB": -1, "1.5GiB": -1, "-1": -1, "1TiB": -1, "9999999999GiB": -1, "1KK": -1} {
		got, err := parseBytes(text)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseRule(t *testing.T) {
	got, err := parseRule("--drop", "method=GET,HEAD path=/health,/static/** level=debug user.name=bot*")
	want := shape.Rule{Method: []string{"GET", "HEAD"}, Path: []string{"/health", "/static/**"}, Level: []string{"debug"},
		Fields: map[string][]string{"user.name": {"bot*"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestSpoolFolder(t *testing.T) {
	f := func(said string, env map[string]string, want string) {
		t.Helper()
		if got := spoolFolder(said, func(name string) string { return env[name] }); got != want {
			t.Errorf("%q %v: %s, want %s", said, env, got, want)
		}
	}
	f("here", map[string]string{"HOME": "/h"}, "here")
	f("", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/loglake/spool")
	if os.Getuid() == 0 {
		f("", map[string]string{"HOME": "/root"}, "/var/lib/loglake/spool")
		return
	}
	f("", map[string]string{"HOME": "/h"}, "/h/.local/state/loglake/spool")
	if got := spoolFolder("", func(string) string { return "" }); !strings.HasPrefix(got, os.TempDir()) {
		t.Errorf("without a home: %s", got)
	}
}

// What the file says of the group holds, and a flag wins.
func TestDeclared(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("loglake.yaml", []byte(`groups:
  /g:
    parse: json
    multiline: false
    noise:
      - path: [/health]
        except: [{method: POST}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := captureFlags{groupFlags: groupFlags{group: "/g"}, drop: []string{"level=debug"}, keep: []string{"user=1"}}
	c := pipeCommand()
	got, rules, err := f.shape(c)
	if err != nil || got.Parser == nil || got.Join || got.Noise == nil {
		t.Fatalf("%+v %v", got, err)
	}
	if diff := cmp.Diff([]string{"noise rule 1 of the group", "--drop level=debug"}, rules); diff != "" {
		t.Error(diff)
	}
	for object, want := range map[string]bool{
		`{"path":"/health"}`: true, `{"path":"/health","method":"POST"}`: false, `{"path":"/health","user":1}`: false,
		`{"level":"debug"}`: true, `{"level":"debug","user":1}`: false, `{}`: false,
	} {
		if _, drop := got.Noise.Drop([]byte(object)); drop != want {
			t.Errorf("%s: dropped %t", object, drop)
		}
	}
	f = captureFlags{groupFlags: groupFlags{group: "/g", multiline: "^x"}}
	if err := c.Flags().Set("parse", "none"); err != nil {
		t.Fatal(err)
	}
	f.parse = "none"
	if got, _, err := f.shape(c); err != nil || got.Parser != nil || !got.Join || got.Start == nil {
		t.Errorf("%+v %v", got, err)
	}
}
