package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

func instant(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds) }

// Restored is what the file RestoredName of a restored folder says.
type Restored struct {
	From    string // the backup's folder
	Number  int
	Begun   loglake.Millis
	Buckets Buckets
}

// partSuffix ends the name of a folder that is being restored.
const partSuffix = ".restoring"

// Restore makes a data folder of a backup, durably. to must be missing or empty; it is there when all of it is. Every file
// is held against its checksum. The error is CodeExists where to holds something.
func Restore(ctx context.Context, fsys disk.FS, from, to string, progress func(Progress)) (*List, error) {
	list, err := open(fsys, from)
	if err != nil {
		return nil, err
	}
	to = filepath.Clean(to)
	entries, err := fsys.ReadDir(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("restore to %s: %w", to, err)
	}
	if len(entries) > 0 {
		return nil, loglake.Errorf(loglake.CodeExists, "the folder %s is not empty, and nothing is overwritten", to).WithHint("name one that is not there")
	}
	part := to + partSuffix
	if err := fsys.RemoveAll(part); err != nil {
		return nil, fmt.Errorf("remove what an earlier restore left: %w", err)
	}
	if err := disk.MkdirAllDurable(fsys, part); err != nil {
		return nil, fmt.Errorf("make %s: %w", part, err)
	}
	dirs := map[string]bool{part: true}
	err = each(ctx, fsys, from, list, progress, func(f File, r io.Reader) error {
		at := filepath.Join(part, filepath.FromSlash(f.Path))
		for dir := filepath.Dir(at); !dirs[dir]; dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
		return writeFile(fsys, at, f.Modified, r)
	})
	if err != nil {
		return nil, err
	}
	return list, publish(fsys, list, dirs, Restored{From: from, Number: list.Number, Begun: list.Begun, Buckets: list.Buckets}, to)
}

// publish makes what was restored durable, and gives it its name.
func publish(fsys disk.FS, list *List, dirs map[string]bool, note Restored, to string) error {
	part := to + partSuffix
	for _, name := range append([]string{"journal/wal", "journal/segments", "journal/answers", stagingName, bucketsName}, list.Folders...) { // which may hold nothing
		dir := filepath.Join(part, filepath.FromSlash(name))
		if err := disk.MkdirAllDurable(fsys, dir); err != nil {
			return fmt.Errorf("make %s: %w", dir, err)
		}
	}
	for dir := range dirs {
		if err := fsys.SyncDir(dir); err != nil {
			return fmt.Errorf("sync what was restored: %w", err)
		}
	}
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	if err := disk.WriteFile(fsys, filepath.Join(part, RestoredName), text); err != nil {
		return fmt.Errorf("write %s: %w", RestoredName, err)
	}
	if err := fsys.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty folder
		return fmt.Errorf("take the place of %s: %w", to, err)
	}
	if err := fsys.Rename(part, to); err != nil {
		return fmt.Errorf("restore %d files: %w", len(list.Files), err)
	}
	return fsys.SyncDir(filepath.Dir(to))
}

// Verify reads a whole backup and holds every file against its checksum.
func Verify(ctx context.Context, fsys disk.FS, from string, progress func(Progress)) (*List, error) {
	list, err := open(fsys, from)
	if err != nil {
		return nil, err
	}
	return list, each(ctx, fsys, from, list, progress, func(_ File, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
}

func open(fsys disk.FS, from string) (*List, error) {
	list, err := readList(fsys, from)
	if noBackup(err) {
		return nil, loglake.Errorf(loglake.CodeNotFound, "the folder %s holds no whole backup", from).WithHint("name the folder that `loglake backup` was given")
	}
	return list, err
}

// each gives every file of a backup to use, and tells the first whose bytes are not those that were backed up.
func each(ctx context.Context, fsys disk.FS, from string, list *List, progress func(Progress), use func(File, io.Reader) error) error {
	at := Progress{FilesMax: len(list.Files), BytesMax: list.Bytes()}
	for _, f := range list.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := one(fsys, from, f, use); err != nil {
			return err
		}
		at.Files++
		at.Bytes += f.Bytes
		if progress != nil {
			progress(at)
		}
	}
	return nil
}

func one(fsys disk.FS, from string, f File, use func(File, io.Reader) error) (err error) {
	in, err := disk.Open(fsys, place(from, f))
	if errors.Is(err, fs.ErrNotExist) {
		return damagedFile(from, f, "it is gone")
	}
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	sum := crc32.New(castagnoli)
	count := &counter{}
	if err := use(f, io.TeeReader(io.TeeReader(in, sum), count)); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	if count.n != f.Bytes || sum.Sum32() != f.CRC32C {
		return damagedFile(from, f, fmt.Sprintf("it has %d bytes with checksum %08x", count.n, sum.Sum32()))
	}
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func damagedFile(from string, f File, seen string) error {
	return loglake.Errorf(loglake.CodeInternal, "the backup in %s is damaged: of %s %d bytes with checksum %08x were backed up, and %s", from, f.Path, f.Bytes, f.CRC32C, seen).
		WithHint("restore from another backup; nothing was restored")
}
