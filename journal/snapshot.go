package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/loglake/loglake/internal/disk"
)

// Snapshot makes dir, which must be empty or missing, a folder that Open would take for this log as it is at one moment:
// that at which moment, which is called once, calls take. Until moment returns settling and removal wait, so that take has
// to wait for nothing; puts and reads go on. All that was acknowledged before take is in the folder. Files that never change
// are linked, the WAL's are copied up to their last acknowledged record. Nothing is synced: the folder is there to be read
// from, and to be removed.
func (l *Log) Snapshot(ctx context.Context, dir string, moment func(take func() error) error) error {
	l.settleM.Lock() // no file comes, goes or is used again but the active one's successors
	defer l.settleM.Unlock()
	return moment(func() error { return l.snapshot(ctx, dir) })
}

func (l *Log) snapshot(ctx context.Context, dir string) error {
	type piece struct {
		path string
		end  int64
	}
	var pieces []piece
	l.mu.Lock()
	for _, w := range l.sealed {
		if w.empty { // settled, and about to go
			continue
		}
		pieces = append(pieces, piece{w.path, w.end})
	}
	if w := l.active; w != nil {
		pieces = append(pieces, piece{w.path, w.end})
	}
	l.mu.Unlock()
	for _, sub := range []string{l.walDir, l.segDir, l.ansDir} {
		if err := l.fs.MkdirAll(filepath.Join(dir, filepath.Base(sub))); err != nil {
			return fmt.Errorf("snapshot of the journal: %w", err)
		}
	}
	for _, p := range pieces {
		if err := l.copyStart(ctx, p.path, filepath.Join(dir, filepath.Base(l.walDir), filepath.Base(p.path)), p.end); err != nil {
			return fmt.Errorf("snapshot of the journal: %w", err)
		}
	}
	return l.linkAll(dir)
}

// linkAll links the files of the log that never change, but are replaced or removed as a whole.
func (l *Log) linkAll(dir string) error {
	files := []string{l.listing, l.spoolFile}
	for _, sub := range []string{l.segDir, l.ansDir, l.walDir} {
		entries, err := l.fs.ReadDir(sub)
		if err != nil {
			return fmt.Errorf("snapshot of the journal: %w", err)
		}
		for _, e := range entries {
			if sub != l.walDir && !strings.HasSuffix(e.Name(), disk.TempSuffix) || strings.HasSuffix(e.Name(), damagedSuffix) {
				files = append(files, filepath.Join(sub, e.Name()))
			}
		}
	}
	for _, file := range files {
		rel, err := filepath.Rel(l.cfg.Dir, file)
		if err != nil {
			return err
		}
		if err := disk.LinkOrCopy(l.fs, file, filepath.Join(dir, rel)); err != nil && !errors.Is(err, fs.ErrNotExist) { // of the first two there may be none
			return fmt.Errorf("snapshot of the journal: %w", err)
		}
	}
	return nil
}

// copyStart copies the first bytes of a file.
func (l *Log) copyStart(ctx context.Context, from, to string, bytes int64) (err error) {
	in, err := disk.Open(l.fs, from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := l.fs.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	const step = 4 << 20
	for at := int64(0); at < bytes; at += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := io.Copy(out, io.NewSectionReader(in, at, min(step, bytes-at))); err != nil {
			return err
		}
	}
	return nil
}
