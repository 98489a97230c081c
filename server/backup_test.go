package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store"
)

// take has a server send a backup into a vault.
func take(ctx context.Context, s *server.Server, v *backup.Vault, r backup.Request) (*backup.List, error) {
	from, to := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := s.Backup(ctx, to, r)
		to.CloseWithError(err)
		sent <- err
	}()
	list, err := v.Receive(ctx, from, nil)
	from.CloseWithError(err)
	return list, errors.Join(err, <-sent)
}

// load puts and flushes until it is stopped, and remembers what was answered.
type load struct {
	mu sync.Mutex
	*client
}

func (l *load) run(ctx context.Context, r *running) {
	for n := 0; ctx.Err() == nil; n++ {
		l.mu.Lock()
		switch {
		case n%10 == 9:
			l.mu.Unlock()
			_ = l.flush(ctx, r)
			continue
		case n%3 == 0:
			l.put(ctx, r, "", true)
		case n%3 == 1:
			l.put(ctx, r, "direct", false)
		default:
			l.put(ctx, r, "late", false)
		}
		l.mu.Unlock()
	}
}

// since gives a client that knows all puts of now, of which those count as answered that were when there were n.
func (l *load) since(t *testing.T, n int) *client {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &client{t: t, now: l.now}
	for i, p := range l.puts {
		p := *p
		p.answered = p.answered && i < n
		c.puts = append(c.puts, &p)
	}
	return c
}

// TestBackupUnderLoad takes backups into one folder while events are put, settled and delivered. Each is restored: it passes
// the checker, has all that was answered before it began, and nothing twice.
func TestBackupUnderLoad(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*lifeMax)
	defer cancel()
	root := t.TempDir()
	r, err := run(ctx, server.Config{Dir: filepath.Join(root, "lake"), Home: home, JournalBytes: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	l := &load{client: &client{t: t, now: loglake.At(time.Now())}}
	if err := l.setUp(ctx, r); err != nil {
		t.Fatal(err)
	}
	loading, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); l.run(loading, r) }()
	rounds := 3
	if faulttest.Full() {
		rounds = 40
	}
	kept := 0
	for round := range rounds {
		v, err := backup.OpenVault(disk.Real(), filepath.Join(root, "vault"))
		if err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		before := len(l.puts)
		l.mu.Unlock()
		list, err := take(ctx, r.Server, v, backup.Request{Have: v.Have()})
		if err != nil {
			t.Fatal(err)
		}
		if list.Number != round+1 || len(list.Missing)+len(list.Damaged) > 0 {
			t.Errorf("round %d: backup %d; missing %v, damaged %v", round, list.Number, list.Missing, list.Damaged)
		}
		for _, f := range list.Files {
			if f.In < list.Number {
				kept++
			}
		}
		own := l.since(t, before)
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		restored(t, filepath.Join(root, "vault"), filepath.Join(root, fmt.Sprint("again-", round)), own)
	}
	if kept == 0 {
		t.Error("no backup kept a file of the one before")
	}
	stop()
	<-ended
	if _, err := os.Stat(filepath.Join(root, "lake", backup.SnapshotName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was sent from is still there: %v", err)
	}
	if err := l.flush(ctx, r); err != nil {
		t.Error(err)
	}
	l.account(ctx, r, "the original")
	if err := r.close(); err != nil {
		t.Error(err)
	}
	s, err := server.Open(ctx, server.Config{Dir: filepath.Join(root, "lake"), Home: home, JournalBytes: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	l.check(ctx, s, "the original")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d puts, %d backups, %d files kept", len(l.puts), rounds, kept)
}

// restored restores the last backup, and holds it against what a client knows: as found, delivered, and gone on with.
func restored(t *testing.T, vault, dir string, c *client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	if _, err := backup.Restore(ctx, disk.Real(), vault, dir, nil); err != nil {
		t.Fatal(err)
	}
	cfg := server.Config{Dir: dir, Home: home, JournalBytes: 8 << 10}
	s, err := server.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.check(ctx, s, "restored")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	r, err := run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.flush(ctx, r); err != nil {
		t.Error(err)
	}
	c.account(ctx, r, "restored and delivered")
	c.put(ctx, r, "direct", false)
	if err := c.flush(ctx, r); err != nil {
		t.Error(err)
	}
	c.account(ctx, r, "restored and went on")
	if err := r.close(); err != nil {
		t.Error(err)
	}
	if s, err = server.Open(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	c.check(ctx, s, "restored and went on")
	if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
		t.Error(err)
	}
}

// TestBackupStaged backs a lake up that has a batch staged, at each stage of its put, and a stopped one at that.
func TestBackupStaged(t *testing.T) {
	root := t.TempDir()
	for _, stage := range stages {
		t.Run(stage, func(t *testing.T) {
			m, c := cutAt(t, root, stage)
			dir := filepath.Join(root, "real-"+strings.ReplaceAll(stage, " ", "-"))
			if err := m.Export(disk.SeedKeepAll, dir); err != nil {
				t.Fatal(err)
			}
			s, err := server.Open(t.Context(), server.Config{Dir: dir, Home: home, JournalBytes: 1 << 10})
			if err != nil {
				t.Fatal(err)
			}
			v, err := backup.OpenVault(disk.Real(), dir+"-vault")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := take(t.Context(), s, v, backup.Request{}); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(v.Close(), s.Close()); err != nil {
				t.Error(err)
			}
			restored(t, dir+"-vault", dir+"-again", c)
		})
	}
}

// TestBackupTells holds what a backup says of objects that are not as they were committed, and that one at a time is taken.
func TestBackupTells(t *testing.T) {
	ctx, root := t.Context(), t.TempDir()
	r, err := run(ctx, server.Config{Dir: filepath.Join(root, "lake"), Home: home})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, now: loglake.At(time.Now())}
	err = c.setUp(ctx, r)
	c.put(ctx, r, "direct", false)
	if err := errors.Join(err, c.flush(ctx, r)); err != nil {
		t.Fatal(err)
	}
	objects, _, err := r.Store.List(ctx, bucket, "", "", 10)
	if err != nil || len(objects) != 2 {
		t.Fatal(objects, err)
	}
	stray := strings.Replace(objects[0].Key, "direct-", "other-", 1)
	err = r.Store.Delete(ctx, bucket, objects[0].Key)
	for key, text := range map[string]string{objects[1].Key: "changed", stray: "of nobody", "theirs/x": "of others", "theirs/" + strings.Repeat("long", 80): "of others too"} {
		_, putErr := r.Store.Put(ctx, bucket, key, strings.NewReader(text), store.PutOptions{ContentType: "text/x"})
		err = errors.Join(err, putErr)
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := backup.OpenVault(disk.Real(), filepath.Join(root, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := take(ctx, r.Server, v, backup.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Missing) != 1 || list.Missing[0] != bucket+"/"+objects[0].Key || len(list.Damaged) != 1 || list.Damaged[0] != bucket+"/"+objects[1].Key || list.Strays != 1 {
		t.Errorf("missing %v, damaged %v, %d strays", list.Missing, list.Damaged, list.Strays)
	}
	block, unblock := io.Pipe()
	first := make(chan error, 1)
	go func() { first <- r.Backup(ctx, unblock, backup.Request{}) }()
	if _, err := block.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	if err := r.Backup(ctx, io.Discard, backup.Request{}); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Errorf("a second one meanwhile: %v", err)
	}
	_ = block.CloseWithError(errors.New("the receiver left"))
	if err := <-first; err == nil {
		t.Error("one whose receiver left succeeded")
	}
	if err := errors.Join(v.Close(), r.close()); err != nil {
		t.Error(err)
	}
	again := filepath.Join(root, "again")
	if _, err := backup.Restore(ctx, disk.Real(), filepath.Join(root, "vault"), again, nil); err != nil {
		t.Fatal(err)
	}
	s, err := server.Open(ctx, server.Config{Dir: again, Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, key := range []string{"theirs/x", "theirs/" + strings.Repeat("long", 80)} {
		if o, err := s.Store.Stat(ctx, bucket, key); err != nil || o.ContentType != "text/x" {
			t.Errorf("%.20s after the restore: %+v, %v", key, o, err)
		}
	}
	if _, err := s.Store.Stat(ctx, bucket, stray); err == nil {
		t.Error("a stray was restored")
	}
	report, err := s.Check(ctx)
	if err != nil || len(report.Problems) != 2 {
		t.Errorf("check: %+v, %v", report.Problems, err)
	}
}
