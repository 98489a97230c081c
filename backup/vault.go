package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Vault is a folder that receives backups. One program may have it open.
type Vault struct {
	fs   disk.FS
	dir  string
	lock io.Closer
	last *List // nil: there is none
}

// OpenVault opens a folder for backups, which it makes where it is missing. One that holds something else is refused.
func OpenVault(fsys disk.FS, dir string) (v *Vault, err error) {
	v = &Vault{fs: fsys, dir: dir}
	if err := disk.MkdirAllDurable(fsys, filepath.Join(dir)); err != nil {
		return nil, fmt.Errorf("make the backup's folder: %w", err)
	}
	if err := v.read(); err != nil { // before a lock is left in a folder of something else
		return nil, err
	}
	if v.lock, err = fsys.Lock(filepath.Join(dir, lockName)); err != nil {
		return nil, fmt.Errorf("another backup goes to %s: %w", dir, err)
	}
	if err := v.read(); err != nil { // again: one may have come to its end since
		return nil, errors.Join(err, v.lock.Close())
	}
	return v, nil
}

// read reads the list, and refuses a folder that is no backup's.
func (v *Vault) read() (err error) {
	if v.last, err = readList(v.fs, v.dir); noBackup(err) {
		return v.vacant()
	}
	return err
}

// vacant refuses a folder that is no backup's.
func (v *Vault) vacant() error {
	entries, err := v.fs.ReadDir(v.dir)
	for _, e := range entries {
		if e.Name() != filesName && e.Name() != lockName && e.Name() != listName+disk.TempSuffix {
			return loglake.Errorf(loglake.CodeExists, "the folder %s holds %s, and no backup", v.dir, e.Name()).WithHint("name an empty folder, or one of earlier backups")
		}
	}
	return err
}

// Close lets the folder go.
func (v *Vault) Close() error { return v.lock.Close() }

// Last gives the last backup, nil where there is none.
func (v *Vault) Last() *List { return v.last }

// Have gives the files of the last backup that are there in their size, for a Request.
func (v *Vault) Have() (have Marks) {
	if v.last == nil {
		return nil
	}
	for _, f := range v.last.Files {
		if info, err := v.fs.Stat(place(v.dir, f)); err == nil && info.Size() == f.Bytes {
			have.add(f.known())
		}
	}
	return have
}

// Receive reads a stream and makes it the last backup, durably. After an error the former one is the last, as it was.
func (v *Vault) Receive(ctx context.Context, r io.Reader, progress func(Progress)) (*List, error) {
	number := 1
	if v.last != nil {
		number = v.last.Number + 1
	}
	if err := v.prune(number); err != nil { // what one that broke off has left
		return nil, err
	}
	in := receiver{vault: v, number: number, progress: progress, sums: map[string]File{}, dirs: map[string]bool{}}
	list, err := in.receive(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := writeList(v.fs, v.dir, list); err != nil {
		return nil, fmt.Errorf("write the backup's list: %w", err)
	}
	v.last = list
	return list, v.prune(0)
}

// prune removes the files that the last backup does not name: those that came by the given number, or, where it is 0, all.
func (v *Vault) prune(number int) error {
	root := filepath.Join(v.dir, filesName)
	if number > 0 {
		return v.fs.RemoveAll(filepath.Dir(place(v.dir, File{In: number, Path: "x"})))
	}
	named := map[string]bool{}
	for _, f := range v.last.Files {
		for at := place(v.dir, f); at != root; at = filepath.Dir(at) {
			if named[at] {
				break
			}
			named[at] = true
		}
	}
	return v.pruneDir(root, named)
}

func (v *Vault) pruneDir(dir string, named map[string]bool) error {
	entries, err := v.fs.ReadDir(dir)
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		switch {
		case !named[at]:
			err = errors.Join(err, v.fs.RemoveAll(at))
		case e.IsDir():
			err = errors.Join(err, v.pruneDir(at, named))
		}
	}
	return err
}

// receiver is one Receive.
type receiver struct {
	vault    *Vault
	number   int
	progress func(Progress)
	at       Progress
	sums     map[string]File // what came, by path
	dirs     map[string]bool // to be synced
}

func (r *receiver) receive(ctx context.Context, from io.Reader) (*List, error) {
	t := tar.NewReader(from)
	h, err := t.Next()
	if err != nil {
		return nil, broken(err)
	}
	var b begin
	if err := readText(t, h, beginName, &b); err != nil {
		return nil, broken(err)
	}
	if b.Format > format {
		return nil, loglake.Errorf(loglake.CodeConflict, "the server sends backups of format %s, and this program knows %d", strconv.Itoa(b.Format), format).
			WithHint("use the server's version of loglake")
	}
	r.at.FilesMax, r.at.BytesMax = b.Files, b.Bytes
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		if err != nil {
			return nil, broken(err)
		}
		if h.Name == endName {
			var list end
			if err := readText(t, h, endName, &list); err != nil {
				return nil, broken(err)
			}
			if _, err := t.Next(); !errors.Is(err, io.EOF) {
				return nil, broken(fmt.Errorf("something follows the end: %w", err))
			}
			return r.settle(&list)
		}
		if err := r.file(ctx, t, h); err != nil {
			return nil, err
		}
	}
}

// file writes one file, durably but for its name.
func (r *receiver) file(ctx context.Context, t *tar.Reader, h *tar.Header) error {
	f := File{Path: h.Name, In: r.number, Bytes: h.Size, Modified: h.ModTime.UnixNano()}
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) || h.Typeflag != tar.TypeReg {
		return broken(fmt.Errorf("%q is no file of a lake", h.Name))
	}
	to := place(r.vault.dir, f)
	sum := crc32.New(castagnoli)
	meter := &meter{r: r, ctx: ctx}
	err := writeFile(r.vault.fs, to, f.Modified, io.TeeReader(io.TeeReader(t, sum), meter))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return broken(err)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	f.CRC32C = sum.Sum32()
	r.sums[f.Path] = f
	for dir := filepath.Dir(to); dir != r.vault.dir && !r.dirs[dir]; dir = filepath.Dir(dir) {
		r.dirs[dir] = true
	}
	r.at.Files++
	return nil
}

// meter tells of progress as bytes come.
type meter struct {
	r   *receiver
	ctx context.Context //nolint:containedctx // lives for one file
}

func (m *meter) Write(p []byte) (int, error) {
	m.r.at.Bytes += int64(len(p))
	if m.r.progress != nil {
		m.r.progress(m.r.at)
	}
	return len(p), m.ctx.Err()
}

// settle makes the names durable, and completes the list by what came and what the last backup has.
func (r *receiver) settle(list *List) (*List, error) {
	former := map[known]File{}
	if r.vault.last != nil {
		for _, f := range r.vault.last.Files {
			former[f.known()] = f
		}
	}
	for i, f := range list.Files {
		if f.In == notSent {
			was, ok := former[f.known()]
			if !ok {
				return nil, broken(fmt.Errorf("%s was not sent and is not here", f.Path))
			}
			list.Files[i] = was
			continue
		}
		came, ok := r.sums[f.Path]
		if !ok || came.CRC32C != f.CRC32C || came.Bytes != f.Bytes || came.Modified != f.Modified {
			return nil, broken(fmt.Errorf("%s did not come as it was sent", f.Path))
		}
		list.Files[i] = came
	}
	list.Number = r.number
	for dir := range r.dirs {
		if err := r.vault.fs.SyncDir(dir); err != nil {
			return nil, fmt.Errorf("sync the backup: %w", err)
		}
	}
	return list, r.vault.fs.SyncDir(r.vault.dir)
}

// writeFile writes a file that is not there, and syncs it. Its directories are made and not synced.
func writeFile(fsys disk.FS, to string, modified int64, from io.Reader) (err error) {
	if err := fsys.MkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	f, err := fsys.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("it came twice: %w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, from, make([]byte, 256<<10)); err != nil {
		return err
	}
	if err := fsys.SetModified(to, instant(modified)); err != nil {
		return err
	}
	return f.Sync()
}
