package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/rebuild"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// lostLake is a life on a machine in one piece.
type lostLake struct {
	*client
	ctx context.Context //nolint:containedctx // of the test
	m   *machine
	r   *running
}

// newLostLake makes a lake with what every life has, and a record of it.
func newLostLake(t *testing.T) *lostLake {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	t.Cleanup(cancel)
	on, err := disktest.NewMachine(filepath.Join(t.TempDir(), "lake"), cancel)
	if err != nil {
		t.Fatal(err)
	}
	l := &lostLake{client: &client{t: t, now: loglake.At(time.Now())}, ctx: ctx, m: newMachine(on, fault{})}
	l.open()
	l.must(l.setUp(ctx, l.r))
	l.must(l.r.Record.Save(ctx))
	return l
}

func (l *lostLake) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lostLake) open() {
	l.t.Helper()
	var err error
	l.r, err = l.m.open(l.ctx)
	l.must(err)
	l.t.Cleanup(func() { _ = l.r.close() })
}

// lose stops the lake, loses its state and makes it again.
func (l *lostLake) lose(o server.RebuildOptions) *server.Rebuilt {
	l.t.Helper()
	l.must(l.r.close())
	lose(l.t, l.m.Dir)
	return l.again(o)
}

func (l *lostLake) again(o server.RebuildOptions) *server.Rebuilt {
	l.t.Helper()
	done, err := server.Rebuild(l.ctx, server.Config{Dir: l.m.Dir, Home: home, FS: l.m.FS, JournalBytes: 1 << 10}, o)
	l.must(err)
	for _, p := range done.Check.Problems {
		l.t.Errorf("the checker: %s: %s", p.Kind, p.Text)
	}
	return done
}

// tell holds the kinds of the notes of a rebuild against those that are to be there.
func tell(t *testing.T, done *server.Rebuilt, want ...string) {
	t.Helper()
	var got []string
	for _, n := range done.Remade.Notes {
		got = append(got, n.Kind)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told were %v, not %v: %+v", got, want, done.Remade.Notes)
	}
}

// finish opens the lake and holds it against what was answered.
func (l *lostLake) finish() {
	l.t.Helper()
	l.open()
	l.must(l.flush(l.ctx, l.r))
	l.account(l.ctx, l.r, "made again")
	for _, p := range l.puts { // each was answered: none is stored again
		if len(p.rows) > 0 {
			l.send(l.ctx, l.r, p)
		}
	}
	l.must(l.flush(l.ctx, l.r))
	l.account(l.ctx, l.r, "sent again")
	l.check(l.ctx, l.r.Server, "at the end")
}

// TestRebuildWithAStaleRecord loses the state after changes that no record has.
func TestRebuildWithAStaleRecord(t *testing.T) {
	t.Run("a filter is changed", func(t *testing.T) {
		l := newLostLake(t)
		l.put(l.ctx, l.r, "", true)
		l.must(l.flush(l.ctx, l.r))
		l.must(l.filter(l.ctx, l.r, "{ $.n != 2 }"))
		l.put(l.ctx, l.r, "", true)
		l.must(l.flush(l.ctx, l.r))
		l.must(l.filter(l.ctx, l.r, "{ $.n != 2 && $.n != 7 }"))
		l.put(l.ctx, l.r, "", true)
		l.must(l.flush(l.ctx, l.r))
		l.put(l.ctx, l.r, "", true) // waits
		tell(t, l.lose(server.RebuildOptions{}), "filter", "filter", "log-stream")
		l.finish()
	})
	t.Run("a filter is changed before what it took was delivered", func(t *testing.T) {
		l := newLostLake(t)
		l.put(l.ctx, l.r, "", true)
		l.must(l.filter(l.ctx, l.r, "{ $.n != 2 }"))
		l.put(l.ctx, l.r, "", true)
		l.must(l.flush(l.ctx, l.r))
		tell(t, l.lose(server.RebuildOptions{}), "filter", "log-stream")
		l.finish()
	})
	t.Run("a stream is deleted", func(t *testing.T) {
		l := newLostLake(t)
		l.must(l.r.Streams.Delete(l.ctx, "late"))
		tell(t, l.lose(server.RebuildOptions{}), "stream")
		l.open()
		if names := l.r.Streams.List(); slices.Contains(names, "late") {
			t.Errorf("there are %v", names)
		}
		l.check(l.ctx, l.r.Server, "at the end")
	})
	t.Run("a stream is made again under its name", func(t *testing.T) {
		l := newLostLake(t)
		l.put(l.ctx, l.r, "late", false)
		l.must(l.flush(l.ctx, l.r))
		l.must(l.r.Streams.Delete(l.ctx, "late"))
		_, err := l.r.Streams.Create(l.ctx, "late", destination(t, ""), nil)
		l.must(err)
		l.put(l.ctx, l.r, "late", false)
		l.must(l.flush(l.ctx, l.r))
		done := l.lose(server.RebuildOptions{})
		tell(t, done, "stream", "journal")
		if done.Remade.Objects < 4 {
			t.Errorf("%+v", done.Remade)
		}
		l.open()
		l.account(l.ctx, l.r, "made again")
	})
	t.Run("a group is made and put to", func(t *testing.T) {
		l := newLostLake(t)
		l.must(l.r.Groups.CreateGroup(l.ctx, loggroup.NewGroup{Name: "/new"}))
		l.must(l.r.Groups.CreateStream(l.ctx, "/new", "s"))
		var b loggroup.Batch
		b.Add(l.now, []byte("kept"))
		_, err := l.r.Groups.PutEvents(l.ctx, loggroup.Put{Group: "/new", Stream: "s", Batch: &b})
		l.must(err)
		g, err := l.r.Groups.Group("/new")
		l.must(err)
		tell(t, l.lose(server.RebuildOptions{}), "group")
		l.open()
		events, _, err := l.r.Groups.FilterEvents(l.ctx, loggroup.FilterQuery{Group: loglake.GroupName("/loglake/recovered/" + string(g.Journal))})
		if err != nil || len(events) != 1 || string(events[0].Message) != "kept" {
			t.Errorf("recovered are %v, %v", events, err)
		}
	})
	t.Run("a group is deleted", func(t *testing.T) {
		l := newLostLake(t)
		l.put(l.ctx, l.r, "", true)
		l.must(l.flush(l.ctx, l.r))
		l.must(l.r.Record.Save(l.ctx))
		l.must(l.r.Groups.DeleteGroup(l.ctx, "/app"))
		l.must(l.r.Groups.DeleteGroup(l.ctx, routed))
		for range 100 {
			l.must(l.r.Groups.Sweep(l.ctx)) // until its subscriptions have drained
			if len(l.r.Journal.Journals()) == 3 {
				break
			}
			l.must(l.flush(l.ctx, l.r))
		}
		done := l.lose(server.RebuildOptions{})
		tell(t, done, "group", "group")
		l.open()
		l.check(l.ctx, l.r.Server, "at the end")
	})
	t.Run("a table is dropped, and a log stream made", func(t *testing.T) {
		l := newLostLake(t)
		l.must(l.r.Catalog.DeleteTable(l.ctx, "default", "logs"))
		l.must(l.r.Record.Save(l.ctx))
		l.must(l.r.Groups.CreateStream(l.ctx, "/app", "i-2"))
		var b loggroup.Batch
		b.Add(l.now, []byte(`{"id":"x","debug":1}`))
		_, err := l.r.Groups.PutEvents(l.ctx, loggroup.Put{Group: "/app", Stream: "i-2", Batch: &b})
		l.must(err)
		tell(t, l.lose(server.RebuildOptions{}), "log-stream")
		l.open()
		if _, err := l.r.Catalog.Table(l.ctx, "default", "logs"); loglake.CodeOf(err) != loglake.CodeNotFound {
			t.Errorf("the table: %v", err)
		}
		if _, _, err := l.r.Groups.DescribeStreams(l.ctx, loggroup.StreamQuery{Group: "/app", Prefix: "i-2"}); err != nil {
			t.Error(err)
		}
	})
}

// objects gives the keys of the bucket's objects below a prefix.
func (l *lostLake) objects(prefix string) (keys []string) {
	l.t.Helper()
	all, _, err := l.r.Store.List(l.ctx, bucket, prefix, "", 1000)
	l.must(err)
	for _, o := range all {
		keys = append(keys, o.Key)
	}
	return keys
}

// TestRebuildWithObjectsGone has a lifecycle remove what was delivered before.
func TestRebuildWithObjectsGone(t *testing.T) {
	l := newLostLake(t)
	for range 3 {
		l.put(l.ctx, l.r, "direct", false)
		l.must(l.flush(l.ctx, l.r))
	}
	first := l.puts[0]
	l.puts = l.puts[1:]
	for _, key := range append(l.objects("data/"), l.objects("errors/")...) {
		content, _, err := l.r.Store.Get(l.ctx, bucket, key)
		l.must(err)
		b, err := io.ReadAll(content)
		l.must(errors.Join(err, content.Close()))
		if bytes.Contains(b, []byte("0-row")) || bytes.Contains(b, []byte(`"attemptsMade"`)) && strings.Contains(key, "errors/") {
			l.must(l.r.Store.Delete(l.ctx, bucket, key))
		}
	}
	for _, p := range l.puts {
		p.rejects = nil // all reject objects are gone
	}
	l.must(l.r.Record.Save(l.ctx))
	done := l.lose(server.RebuildOptions{})
	if done.Remade.Gaps != 3 { // one of which nothing is left, two without their rejects
		t.Errorf("%+v", done.Remade)
	}
	l.open()
	l.account(l.ctx, l.r, "made again")
	_ = first
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	l.check(l.ctx, l.r.Server, "delivered on")
}

// TestRebuildOfAHalfPutBatch loses the state when a batch was put half: it is finished from the staging folder, or, where
// that is damaged, taken back and delivered again.
func TestRebuildOfAHalfPutBatch(t *testing.T) {
	for name, harm := range map[string]func(l *lostLake){
		"whole": func(*lostLake) {},
		"gone":  func(l *lostLake) { l.must(errors.Join(l.m.FS.RemoveAll(filepath.Join(l.m.Dir, "staging")))) },
		"damaged": func(l *lostLake) {
			files, err := l.m.FS.ReadDir(filepath.Join(l.m.Dir, "staging"))
			l.must(err)
			for _, f := range files {
				if strings.HasSuffix(f.Name(), "-0") {
					continue
				}
				path := filepath.Join(l.m.Dir, "staging", f.Name())
				l.must(l.m.FS.Remove(path)) // not through the link that the bucket may have
				l.must(disk.WriteFile(l.m.FS, path, []byte("damaged")))
			}
		},
	} {
		for part := range 2 { // put before
			t.Run(fmt.Sprint(name, " ", part), func(t *testing.T) {
				l := newLostLake(t)
				l.put(l.ctx, l.r, "direct", false)
				l.must(l.flush(l.ctx, l.r))
				l.put(l.ctx, l.r, "direct", false)
				l.m.FS.Fail(disk.Rule{Op: disk.OpLink, Nth: part + 1, Then: l.m.Cut})
				_ = l.flush(l.ctx, l.r)
				if !l.m.Down() {
					t.Fatal("the power was not cut")
				}
				_ = l.r.close()
				ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
				defer cancel()
				l.m = l.m.survivor(t, l.m.Dir, disk.SeedKeepAll, cancel)
				l.ctx = ctx
				lose(t, l.m.Dir)
				harm(l)
				done := l.again(server.RebuildOptions{})
				finishing, voiding := 1, 0
				if name != "whole" {
					finishing, voiding = 0, min(part, 1)
				}
				if done.Remade.Finishing != finishing || done.Remade.Voiding != voiding {
					t.Errorf("%+v", done.Remade)
				}
				l.finish()
			})
		}
	}
}

// TestRebuildFindsTheRecord looks for records in the bucket, of several lakes.
func TestRebuildFindsTheRecord(t *testing.T) {
	l := newLostLake(t)
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	l.must(l.r.Record.Save(l.ctx))
	keys := l.objects(record.Prefix)
	if len(keys) != 1 {
		t.Fatalf("the bucket has the records %v", keys)
	}
	content, _, err := l.r.Store.Get(l.ctx, bucket, keys[0])
	l.must(err)
	text, err := io.ReadAll(content)
	l.must(errors.Join(err, content.Close()))
	foreign := record.Key("another-lake", 99)
	_, err = l.r.Store.Put(l.ctx, bucket, foreign, strings.NewReader("not even a record"), store.PutOptions{})
	l.must(err)
	l.must(l.r.close())
	lose(t, l.m.Dir)
	own := filepath.Join(l.m.Dir, "record")
	local, err := disk.ReadFile(l.m.FS, own)
	l.must(err)

	rebuild := func(o server.RebuildOptions) (*server.Rebuilt, error) {
		lose(t, l.m.Dir)
		return server.Rebuild(l.ctx, server.Config{Dir: l.m.Dir, Home: home, FS: l.m.FS}, o)
	}
	done, err := rebuild(server.RebuildOptions{}) // the folder's own says which lake it is
	if err != nil || done.Record != own {
		t.Errorf("%+v, %v", done, err)
	}
	l.must(disk.WriteFile(l.m.FS, own, local[:len(local)/2]))
	if _, err := rebuild(server.RebuildOptions{}); err == nil {
		t.Error("a record of two lakes was chosen, one of which can't be read")
	}
	done, err = rebuild(server.RebuildOptions{Record: "s3://" + bucket + "/" + keys[0]})
	if err != nil || done.Remade.Objects == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	second := record.Key("another-lake", 100)
	dirStore, err := store.OpenDir(store.DirConfig{FS: l.m.FS, Root: filepath.Join(l.m.Dir, "buckets"), Clock: time.Now})
	l.must(err)
	l.must(dirStore.Delete(l.ctx, bucket, foreign))
	_, err = dirStore.Put(l.ctx, bucket, second, bytes.NewReader(text), store.PutOptions{})
	l.must(err)
	_, err = rebuild(server.RebuildOptions{})
	var told *loglake.Error
	if !errors.As(err, &told) || loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(told.Hint, "--record s3://my-bucket/_loglake/records/") {
		t.Errorf("two records that name the folder's journals: %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	l.must(err)
	lines, err := io.ReadAll(z)
	l.must(err)
	var newer bytes.Buffer
	w := gzip.NewWriter(&newer)
	_, err = w.Write(bytes.Replace(lines, []byte(`"format":1`), []byte(`"format":2`), 1))
	l.must(errors.Join(err, w.Close(), dirStore.Delete(l.ctx, bucket, keys[0])))
	third := record.Key("another-lake", 101)
	_, err = dirStore.Put(l.ctx, bucket, third, &newer, store.PutOptions{})
	l.must(err)
	if done, err := rebuild(server.RebuildOptions{}); loglake.CodeOf(err) != loglake.CodeConflict || strings.Contains(err.Error(), "2 lakes") {
		t.Errorf("a newer program wrote the newest, and an older one was taken: %+v, %v", done, err)
	}
	l.must(dirStore.Delete(l.ctx, bucket, third))
	l.must(dirStore.Delete(l.ctx, bucket, second))
	if _, err := rebuild(server.RebuildOptions{}); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Errorf("without a record: %v", err)
	}
	done, err = rebuild(server.RebuildOptions{WithoutRecord: true})
	if err != nil || !done.Installed || done.Remade.Objects == 0 || done.Remade.Lake == "" {
		t.Fatalf("%+v, %v", done, err)
	}
}

// TestRebuildFaults lets every write of a rebuild fail, without and after being done, and be the last before the power goes;
// run again, it comes to its end.
func TestRebuildFaults(t *testing.T) {
	injected, writes := errors.New("injected"), faulttest.New(t)
	for _, name := range []string{"tx rebuild.load", "tx rebuild.write", "tx record.adopt", "staging", "sync staging", "remove", "rename aside", "rename", "sync aside", "sync"} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %t", name, done), func(t *testing.T) {
				l := newLostLake(t)
				l.put(l.ctx, l.r, "direct", false)
				l.put(l.ctx, l.r, "", true)
				l.must(l.flush(l.ctx, l.r))
				l.put(l.ctx, l.r, "late", false)
				l.must(l.r.close())
				damage(t, filepath.Join(l.m.Dir, "state.db"))
				disks := disk.NewFaulty(disk.Real())
				cfg := server.Config{Dir: l.m.Dir, Home: home, FS: l.m.FS}
				o := server.RebuildOptions{StateFS: disks}
				fail := func(on *disk.Faulty, r disk.Rule) {
					r.Apply, r.Err, r.Then = done, injected, func() { writes.Call(done) }
					on.Fail(r)
				}
				switch at := filepath.Join(l.m.Dir, "state.db"); name {
				case "staging":
					fail(l.m.FS, disk.Rule{Op: disk.OpMkdir, Path: filepath.Join(l.m.Dir, "staging"), Nth: 1})
				case "sync staging":
					fail(l.m.FS, disk.Rule{Op: disk.OpSyncDir, Path: l.m.Dir, Nth: 1})
				case "remove":
					l.must(os.WriteFile(at+".new", []byte("of an earlier try"), 0o600))
					fail(disks, disk.Rule{Op: disk.OpRemove, Nth: 1})
				case "rename aside":
					fail(disks, disk.Rule{Op: disk.OpRename, Path: at, Nth: 1})
				case "rename":
					fail(disks, disk.Rule{Op: disk.OpRename, Path: at + ".new", Nth: 1})
				case "sync aside", "sync":
					fail(disks, disk.Rule{Op: disk.OpSyncDir, Nth: map[string]int{"sync aside": 1, "sync": 2}[name]})
				default:
					cfg.StateFault = func(tx string) (bool, error) {
						if "tx "+tx == name {
							writes.Transaction(tx, done)
							return done, injected
						}
						return false, nil
					}
				}
				if _, err := server.Rebuild(l.ctx, cfg, o); !errors.Is(err, injected) {
					t.Fatalf("nothing failed: %v", err)
				}
				_, err := server.Rebuild(l.ctx, server.Config{Dir: l.m.Dir, Home: home, FS: l.m.FS}, server.RebuildOptions{})
				if err != nil && loglake.CodeOf(err) != loglake.CodeExists { // the first came to its end and was told otherwise
					t.Fatal(err)
				}
				aside, err := filepath.Glob(filepath.Join(l.m.Dir, "state.db.damaged-*"))
				if err != nil || len(aside) == 0 {
					t.Errorf("the damaged state is not kept: %v, %v", aside, err)
				}
				l.finish()
			})
		}
	}
}

// TestRebuildOfEarlierObjects takes up what an earlier build delivered, whose objects say their ranges at most, and leaves alone
// what is another lake's or can't be read.
func TestRebuildOfEarlierObjects(t *testing.T) {
	l := newLostLake(t)
	l.put(l.ctx, l.r, "direct", false)
	def, err := l.r.Streams.Describe("direct")
	l.must(err)
	key := func(batch uint64, part int, prefix, extension string) string {
		return layout.FormatKey(prefix, layout.Name{Stream: "direct", Version: "1", Arrival: time.Unix(1e9, 0), Extension: extension,
			Provenance: layout.Provenance{Producer: layout.ProducerHash(def.Producer), Batch: batch, Part: part, Parts: 2}})
	}
	put := func(key string, body []byte, metadata map[string]string) {
		_, err := l.r.Store.Put(l.ctx, bucket, key, bytes.NewReader(body), store.PutOptions{Metadata: metadata})
		l.must(err)
	}
	c, err := convert.New(convert.Config{Schema: loglake.Schema{Columns: []loglake.Column{{Name: "id", Type: "string"}}}})
	l.must(err)
	b := c.NewChunk()
	for _, row := range l.puts[0].rows {
		if _, reject := b.Add(fmt.Appendf(nil, `{"id":%q}`, row)); reject != nil {
			t.Fatal(reject)
		}
	}
	var file bytes.Buffer
	_, err = convert.WriteParquet(&file, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{Metadata: map[string]string{
		"loglake.stream": "direct", "loglake.ranges": loglake.Range{Source: loglake.DirectSource, Journal: def.Journal(), From: 0, To: 4}.String()}})
	l.must(err)
	put(key(1, 1, "data/dt=2001/", ".parquet"), file.Bytes(), nil)
	put(key(1, 2, "errors/format-conversion-failed/", ""), fmt.Appendf(nil, `{"attemptsMade":1,"arrivalTimestamp":1,"lastErrorCode":"X","rawData":"%s"}`,
		base64.StdEncoding.EncodeToString([]byte(l.puts[0].messages[1]))), nil)
	foreign := strings.ReplaceAll(key(7, 1, "other/", ""), "direct-", "theirs-")
	put(foreign, []byte("rows"), map[string]string{"loglake-lake": "another", "loglake-kind": "plain", "loglake-rows": "1"})
	done := l.lose(server.RebuildOptions{})
	if m := done.Remade; m.Objects != 2 || m.Gaps != 1 || m.Rows != 3 || m.Rejects != 1 || m.Foreign != 1 {
		t.Errorf("%+v", m)
	}
	l.open()
	l.account(l.ctx, l.r, "made again")
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	l.account(l.ctx, l.r, "delivered on")
	l.check(l.ctx, l.r.Server, "at the end")
}

// TestRebuildOfAnOldState puts an older copy of the state in its place, one without its log, and an empty one: none is served,
// each is made again.
func TestRebuildOfAnOldState(t *testing.T) {
	for name, replace := range map[string]func(path string, old []byte) error{
		"older": func(path string, old []byte) error { return os.WriteFile(path, old, 0o600) },
		"empty": func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"young": func(path string, _ []byte) error { // a file of SQLite without tables
			db, err := state.Open(context.Background(), state.Config{Path: path + ".young"})
			if err == nil {
				err = errors.Join(db.Update(context.Background(), "test", func(tx *state.Tx) error { _, err := tx.Exec(`DROP TABLE state_migrations`); return err }), db.Close())
			}
			return errors.Join(err, os.Rename(path+".young", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLostLake(t)
			l.put(l.ctx, l.r, "direct", false)
			l.must(l.flush(l.ctx, l.r))
			l.must(l.r.close())
			path := filepath.Join(l.m.Dir, "state.db")
			old, err := os.ReadFile(path)
			l.must(err)
			l.open()
			l.put(l.ctx, l.r, "direct", false)
			l.put(l.ctx, l.r, "", true)
			l.must(l.flush(l.ctx, l.r))
			l.must(l.r.Record.Save(l.ctx))
			l.must(l.r.close())
			lose(t, l.m.Dir)
			l.must(replace(path, old))
			_, err = server.Open(l.ctx, server.Config{Dir: l.m.Dir, Home: home, FS: l.m.FS})
			var told *loglake.Error
			if !errors.As(err, &told) || !strings.Contains(told.Hint, "loglake check --rebuild") {
				t.Fatalf("it was opened: %v", err)
			}
			if done := l.again(server.RebuildOptions{}); !done.Installed || len(done.Aside) == 0 {
				t.Errorf("%+v", done)
			}
			l.finish()
		})
	}
}

// TestRebuildOverAnOlderJournal has the folder restored from an older copy and the bucket not: what is put from then on must
// not take the numbers of what was delivered.
func TestRebuildOverAnOlderJournal(t *testing.T) {
	l := newLostLake(t)
	l.put(l.ctx, l.r, "", true)
	l.must(l.flush(l.ctx, l.r))
	journalDir := filepath.Join(l.m.Dir, "journal")
	l.must(l.r.close())
	l.must(copyTree(l.m.FS, journalDir, journalDir+".old"))
	l.open()
	l.put(l.ctx, l.r, "", true)
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	l.must(l.r.Record.Save(l.ctx))
	l.must(l.r.close())
	l.must(errors.Join(l.m.FS.RemoveAll(journalDir), l.m.FS.Rename(journalDir+".old", journalDir)))
	done := l.lose(server.RebuildOptions{})
	if len(done.Remade.Beyond) != 2 {
		t.Errorf("%+v", done.Remade)
	}
	l.open()
	l.put(l.ctx, l.r, "", true)
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	rows := map[string]int{}
	l.read(l.ctx, l.r, "data/", func(b []byte) {
		for n := range l.puts {
			rows[fmt.Sprint(n)] += bytes.Count(b, fmt.Appendf(nil, "%d-row", n))
		}
	})
	for n := range l.puts {
		if rows[fmt.Sprint(n)] == 0 {
			t.Errorf("put %d was not delivered: %v", n, rows)
		}
	}
	l.check(l.ctx, l.r.Server, "delivered on")
}

// TestRebuildPadsForNobody has a filter that had not come as far as another when the journal lost its end: it reads what stands
// for the lost events, and delivers none of it.
func TestRebuildPadsForNobody(t *testing.T) {
	l := newLostLake(t)
	_, err := l.r.Streams.Create(l.ctx, "second", destination(t, extraction), nil)
	l.must(err)
	l.must(l.r.Groups.PutFilter(l.ctx, loggroup.Filter{Group: "/app", Name: "second", Destination: l.r.Streams.ARN("second"), Role: role}))
	l.put(l.ctx, l.r, "", true)
	journalDir := filepath.Join(l.m.Dir, "journal")
	l.must(l.r.close())
	l.must(copyTree(l.m.FS, journalDir, journalDir+".old"))
	l.open()
	l.put(l.ctx, l.r, "", true)
	l.must(l.flush(l.ctx, l.r)) // not the second
	l.must(l.r.Record.Save(l.ctx))
	l.must(l.r.close())
	l.must(errors.Join(l.m.FS.RemoveAll(journalDir), l.m.FS.Rename(journalDir+".old", journalDir)))
	if done := l.lose(server.RebuildOptions{}); len(done.Remade.Beyond) != 1 {
		t.Errorf("%+v", done.Remade)
	}
	l.open()
	_, err = l.r.Streams.Flush(l.ctx, "second")
	l.must(err)
	l.must(l.r.State.View(l.ctx, func(tx *state.Tx) error {
		streams, err := delivery.ProducersOf(tx, home)
		l.must(err)
		producers, err := ledger.Producers(tx)
		for _, p := range producers {
			if c := p.Counts; streams[p.Producer] == "second" && (c.Events != 8 || c.Rows != 3 || c.Rejects() != 1 || c.Unmatched != 4) {
				t.Errorf("of 4 events and 4 that are lost: %+v", c)
			}
		}
		return err
	}))
	l.check(l.ctx, l.r.Server, "delivered on")
}

// TestRebuildLeavesVoidedGenerations loses the state after a batch was voided of which an object stayed in the bucket, changed:
// it is not taken for the batch's, and the events are delivered by the next generation.
func TestRebuildLeavesVoidedGenerations(t *testing.T) {
	root := t.TempDir()
	cut, c := cutAt(t, root, "all put")
	m, ctx := forked(t, cut, filepath.Join(root, "fork"), disk.SeedKeepAll), t.Context()
	s, err := opened(ctx, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	var staged []commit.Batch
	if err := s.State.View(ctx, func(tx *state.Tx) (err error) { staged, err = commit.StagedTx(tx); return err }); err != nil || len(staged) != 1 {
		t.Fatal(staged, err)
	}
	for _, o := range staged[0].Objects { // in the bucket another than in the staging folder
		at := filepath.Join(m.Dir, "buckets", o.Bucket, filepath.FromSlash(o.Key))
		text, err := disk.ReadFile(m.FS, at)
		if err != nil {
			t.Fatal(err)
		}
		text[8] ^= 1 // of a Parquet file, a page
		if err := errors.Join(m.FS.Remove(at), disk.WriteFile(m.FS, at, text)); err != nil {
			t.Fatal(err)
		}
		if err := damages["replaced"](m.FS, filepath.Join(m.Dir, "staging", o.File)); err != nil {
			t.Fatal(err)
		}
	}
	done, err := s.Repair(ctx, check.Mend)
	if err != nil || !done.Answers[0].Mended {
		t.Fatal(done, err)
	}
	if err := errors.Join(s.Record.Save(ctx), s.Close()); err != nil {
		t.Fatal(err)
	}
	lose(t, m.Dir)
	if _, err := server.Rebuild(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10}, server.RebuildOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := run(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.flush(ctx, r); err != nil {
		t.Fatal(err)
	}
	if got := generations(t, ctx, r.Server); got != 1 {
		t.Errorf("the newest generation in the manifest is %d: what was voided was taken in", got)
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

// crowded is a store whose service lists a bucket of others, and lets nobody look into it; or, hidden, lists none.
type crowded struct {
	store.Store
	hidden bool
}

const theirs = "a-bucket-of-others"

func (c crowded) ListBuckets(ctx context.Context) ([]store.Bucket, error) {
	if c.hidden {
		return nil, store.ErrForbidden
	}
	all, err := c.Store.ListBuckets(ctx)
	return append([]store.Bucket{{Name: theirs}}, all...), err
}

func (c crowded) HasBucket(ctx context.Context, name string) (bool, error) {
	if name == theirs {
		return false, store.ErrForbidden
	}
	return c.Store.HasBucket(ctx, name)
}

func (c crowded) List(ctx context.Context, name, prefix, after string, limit int) ([]store.Object, bool, error) {
	if name == theirs {
		return nil, false, store.ErrForbidden
	}
	return c.Store.List(ctx, name, prefix, after, limit)
}

// TestBucketsOfOthers checks a lake and makes its state again where the service has buckets that it does not let the lake see.
func TestBucketsOfOthers(t *testing.T) {
	l := newLostLake(t)
	l.put(l.ctx, l.r, "direct", false)
	l.must(l.flush(l.ctx, l.r))
	l.must(l.r.Record.Save(l.ctx))
	l.must(l.r.close())
	s, err := opened(l.ctx, l.m.Machine, nil)
	l.must(err)
	defer s.Close()
	empty, err := server.Open(l.ctx, server.Config{Dir: filepath.Join(t.TempDir(), "empty"), Home: home})
	l.must(err)
	defer empty.Close()
	for _, of := range []crowded{{s.Store, false}, {s.Store, true}} {
		report, err := check.Run(l.ctx, check.Config{State: s.State, Journal: s.Journal, Store: of, Commit: s.Commit, Books: s.Books})
		if err != nil || report.Objects != 2 || len(report.Problems) > 0 {
			t.Errorf("check, %v: %+v, %v", of.hidden, report, err)
		}
		lakes, err := record.Places{FS: l.m.FS, Dir: l.m.Dir, Store: of}.Newest(l.ctx)
		if err != nil || len(lakes) != 1 {
			t.Errorf("records, %v: %v, %v", of.hidden, lakes, err)
		}
	}
	done, err := rebuild.Run(l.ctx, rebuild.Config{State: empty.State, Journal: s.Journal, Store: crowded{s.Store, false}, Commit: s.Commit, Home: home, Clock: time.Now})
	if err != nil || done.Objects != 2 || !slices.ContainsFunc(done.Notes, func(n rebuild.Note) bool { return strings.Contains(n.Text, theirs) }) {
		t.Errorf("rebuild: %+v, %v", done, err)
	}
}

func copyTree(fsys disk.FS, from, to string) error {
	if err := fsys.MkdirAll(to); err != nil {
		return err
	}
	entries, err := fsys.ReadDir(from)
	for _, e := range entries {
		at, copied := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if e.IsDir() {
			err = errors.Join(err, copyTree(fsys, at, copied))
			continue
		}
		b, readErr := disk.ReadFile(fsys, at)
		err = errors.Join(err, readErr, disk.WriteFile(fsys, copied, b))
	}
	return err
}

// damage overwrites all pages of a state file but the first.
func damage(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-4096), 4096)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDamagedStateStopsTheServer damages the state file under a server that serves: it ends and names the way out.
func TestDamagedStateStopsTheServer(t *testing.T) {
	dir := t.TempDir()
	s, err := server.Open(t.Context(), server.Config{Dir: dir, Home: home, AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.Run(t.Context(), func(server.Endpoints) { close(ready) }) }()
	<-ready
	for i := range 200 {
		if err := s.Groups.CreateGroup(t.Context(), loggroup.NewGroup{Name: loglake.GroupName(fmt.Sprintf("/g/%0200d", i))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.State.Update(t.Context(), "test", func(tx *state.Tx) error {
		_, err := tx.Exec(`UPDATE log_groups SET class = 'STANDARD'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state.db", "state.db-wal"} { // what lies in the log counts too
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, int(max(info.Size()-8192, 0))), 8192)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 { // until a page is read from the file
		if err = s.State.View(t.Context(), func(tx *state.Tx) error {
			var n int
			return tx.QueryRow(`SELECT COUNT(*) FROM log_groups WHERE class <> 'x'`).Scan(&n)
		}); err != nil {
			break
		}
	}
	if !errors.Is(err, state.ErrDamaged) {
		t.Fatalf("nobody noticed: %v", err)
	}
	var told *loglake.Error
	if err := <-ended; !errors.As(err, &told) || !strings.Contains(told.Hint, "loglake check --rebuild") {
		t.Errorf("the server ended with %v", err)
	}
	_ = s.Close()
}
