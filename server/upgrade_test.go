package server_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/server"
)

const upgradeDir = "testdata/upgrade"

// fixture is what testdata/upgrade/make.go says of a folder.
type fixture struct {
	Revision      string
	Group         []string
	Rows, Rejects []string
	Staged        []string
}

// TestUpgrade opens a data folder of each earlier form, which was left by a kill with a batch staged: the checker finds
// nothing, the batch is finished byte for byte, all events and rows are there once, and the lake goes on.
func TestUpgrade(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(upgradeDir, "*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("fixtures are %v, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
			defer cancel()
			text, err := os.ReadFile(file)
			var want fixture
			if err := errors.Join(err, json.Unmarshal(text, &want)); err != nil {
				t.Fatal(err)
			}
			u := &upgraded{t: t, ctx: ctx, want: want, cfg: server.Config{Dir: t.TempDir(), Home: home, JournalBytes: 4 << 10}}
			unpackFixture(t, filepath.Join(upgradeDir, name+".tar.gz"), u.cfg.Dir)
			u.check("as found")
			u.live()
			u.check("in the end")
			u.live() // as a folder of this build
			u.check("in the end, again")
		})
	}
}

type upgraded struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // lives for one test
	want fixture
	cfg  server.Config
}

func (u *upgraded) must(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *upgraded) check(when string) {
	u.t.Helper()
	s, err := server.Open(u.ctx, u.cfg)
	u.must(err)
	(&client{t: u.t}).check(u.ctx, s, when)
	u.must(s.Close())
}

// live runs the lake, delivers all, compares, puts more, and compares again.
func (u *upgraded) live() {
	u.t.Helper()
	r, err := run(u.ctx, u.cfg)
	u.must(err)
	u.flush(r)
	u.compare(r, "delivered")
	for _, stream := range []loglake.StreamName{"direct", "stuck"} {
		id := "more-" + string(stream) + time.Now().Format("-150405.000000000")
		_, err := r.Streams.Put(u.ctx, stream, "", [][]byte{[]byte(`{"id":"` + id + `","n":1}`)})
		u.must(err)
		u.want.Rows = append(u.want.Rows, id)
	}
	var b loggroup.Batch
	id := "more-grouped" + time.Now().Format("-150405.000000000")
	message := `{"id":"` + id + `","n":1}`
	b.Add(loglake.At(time.Now()), []byte(message))
	_, err = r.Groups.PutEvents(u.ctx, loggroup.Put{Group: "/app", Stream: "i-1", Batch: &b})
	u.must(err)
	u.want.Rows, u.want.Group = append(u.want.Rows, id), append(u.want.Group, message)
	u.flush(r)
	u.compare(r, "went on")
	u.must(r.close())
}

func (u *upgraded) flush(r *running) {
	u.t.Helper()
	for _, name := range []loglake.StreamName{"direct", "grouped", "stuck"} {
		_, err := r.Streams.Flush(u.ctx, name)
		u.must(err)
	}
}

// compare holds rows, rejects, staged bytes, events of the group and objects of others against what the fixture had.
func (u *upgraded) compare(r *running, when string) {
	u.t.Helper()
	var rows, rejects, sums []string
	objects, more, err := r.Store.List(u.ctx, "lake", "", "", 1000)
	u.must(err)
	for _, o := range objects {
		content, _, err := r.Store.Get(u.ctx, "lake", o.Key)
		u.must(err)
		b, err := io.ReadAll(content)
		u.must(errors.Join(err, content.Close()))
		sum := sha256.Sum256(b)
		sums = append(sums, hex.EncodeToString(sum[:]))
		switch {
		case strings.HasSuffix(o.Key, ".parquet"):
			type row struct {
				ID *string `parquet:"id,optional"`
			}
			list, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
			u.must(err)
			for _, row := range list {
				rows = append(rows, *row.ID)
			}
		case strings.HasPrefix(o.Key, "errors/"):
			for line := range strings.Lines(string(b)) {
				rejects = append(rejects, rejected(u.t, line))
			}
		}
	}
	var group []string
	events, _, err := r.Groups.FilterEvents(u.ctx, loggroup.FilterQuery{Group: "/app"})
	u.must(err)
	for _, e := range events {
		group = append(group, string(e.Message))
	}
	for what, lists := range map[string][2][]string{"rows": {u.want.Rows, rows}, "rejects": {u.want.Rejects, rejects}, "events": {u.want.Group, group}} {
		slices.Sort(lists[1])
		if diff := cmp.Diff(slices.Sorted(slices.Values(lists[0])), lists[1]); diff != "" || more {
			u.t.Errorf("%s: %s differ (-want +got):\n%s", when, what, diff)
		}
	}
	for _, sum := range u.want.Staged {
		if !slices.Contains(sums, sum) {
			u.t.Errorf("%s: no object has the staged bytes with SHA-256 %s", when, sum)
		}
	}
	if o, err := r.Store.Stat(u.ctx, "lake", "theirs/readme.txt"); err != nil || o.ContentType != "text/plain" || o.Metadata["a"] != "b" {
		u.t.Errorf("%s: the object of others is %+v, %v", when, o, err)
	}
}

// unpackFixture makes a folder of an archive.
func unpackFixture(t *testing.T, from, dir string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(at, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, os.WriteFile(at, b, 0o644), os.Chtimes(at, h.ModTime, h.ModTime)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNewerFormats refuses what a later build may write, before anything is changed.
func TestNewerFormats(t *testing.T) {
	for name, one := range map[string]struct {
		change func(dir string) error
		says   string
	}{
		"the state's tables": {func(dir string) error {
			db, err := sql.Open("sqlite", filepath.Join(dir, "state.db"))
			if err != nil {
				return err
			}
			_, err = db.Exec(`INSERT INTO state_migrations (package, version) VALUES ('journal', 1)`)
			return errors.Join(err, db.Close())
		}, "newer loglake"},
		"the journal's listing": {func(dir string) error { return bump(filepath.Join(dir, "journal", "journals"), "LLJRN") }, "newer loglake"},
		"the journal's spools": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "journal", "spools"), []byte("LLSPL009 and more"), 0o644)
		}, "newer loglake"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			unpackFixture(t, filepath.Join(upgradeDir, "spools.tar.gz"), dir)
			if err := one.change(dir); err != nil {
				t.Fatal(err)
			}
			before := contents(t, filepath.Join(dir, "journal"))
			s, err := server.Open(t.Context(), server.Config{Dir: dir, Home: home})
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), one.says) {
				t.Errorf("open: %v", err)
			}
			if diff := cmp.Diff(before, contents(t, filepath.Join(dir, "journal"))); diff != "" {
				t.Errorf("the journal was changed: %s", diff)
			}
		})
	}
}

// bump makes the version in a file's first bytes one that nobody knows.
func bump(path, magic string) error {
	b, err := os.ReadFile(path)
	if err == nil && !bytes.HasPrefix(b, []byte(magic)) {
		err = errors.New("it begins otherwise")
	}
	if err != nil {
		return err
	}
	copy(b[len(magic):], "009")
	return os.WriteFile(path, b, 0o644)
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		sum := sha256.Sum256(b)
		all[path] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
