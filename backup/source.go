package backup

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/state"
)

// Folder names below a data folder.
const (
	SnapshotName = "snapshot" // while a backup is sent: emptied before and after
	bucketsName  = "buckets"
	stagingName  = "staging"
	stateName    = "state.db"
)

// Source is a lake that backups are taken of.
type Source struct {
	FS      disk.FS // nil: the real one
	Dir     string  // the data folder
	State   *state.DB
	Journal *journal.Log
	Clock   loglake.Clock
	Program string
	S3      bool     // the buckets are not below Dir
	Beside  []string // files of Dir that are copied as they are, where they are there

	one sync.Mutex // held while a backup is taken and sent
}

// Request is what a receiver wants.
type Request struct {
	Have           Marks `json:"have"` // of the last backup
	WithoutBuckets bool  `json:"without_buckets"`
}

// snapshot is a lake at one instant.
type snapshot struct {
	source *Source
	dir    string
	list   List
	files  []found
	send   int
	bytes  int64

	ours map[string]loglake.Object // objects that belong to the instant, by the last part of their key
	need map[string]string         // of the manifest: the place by the last part of the key, until it is met
}

// found is a file to be copied.
type found struct {
	File
	fs   disk.FS
	path string
	have bool // by the receiver
}

// Write takes the lake and streams it to w. CodeConflict: another backup is being taken.
func (s *Source) Write(ctx context.Context, w io.Writer, r Request) (err error) {
	if !s.one.TryLock() {
		return loglake.Errorf(loglake.CodeConflict, "another backup is being taken").WithHint("wait for its end")
	}
	defer s.one.Unlock()
	snap, err := s.take(ctx, r)
	defer func() { err = errors.Join(err, s.clear()) }()
	if err != nil {
		return fmt.Errorf("take a backup: %w", err)
	}
	return snap.write(ctx, w)
}

func (s *Source) fs() disk.FS {
	if s.FS == nil {
		return disk.Real()
	}
	return s.FS
}

// clear removes what a backup has put beside the lake.
func (s *Source) clear() error {
	dir := filepath.Join(s.Dir, SnapshotName)
	return errors.Join(s.fs().RemoveAll(dir), disk.Real().RemoveAll(dir)) // SQLite writes to the real one
}

// take holds the lake for a moment, and lists what is to be sent.
func (s *Source) take(ctx context.Context, r Request) (*snapshot, error) {
	snap := &snapshot{
		source: s, dir: filepath.Join(s.Dir, SnapshotName), ours: map[string]loglake.Object{}, need: map[string]string{},
		list: List{Format: format, Begun: loglake.At(s.Clock()), Program: s.Program, Buckets: BucketsCopied},
	}
	if err := s.clear(); err != nil {
		return nil, err
	}
	for _, fsys := range []disk.FS{s.fs(), disk.Real()} {
		if err := fsys.MkdirAll(snap.dir); err != nil {
			return nil, err
		}
	}
	err := s.Journal.Snapshot(ctx, filepath.Join(snap.dir, "journal"), func(take func() error) error {
		return s.State.Snapshot(ctx, state.SnapshotPlan{Path: filepath.Join(snap.dir, stateName), Held: func() error { return snap.hold(ctx, take) }, Seen: snap.read})
	})
	if err != nil {
		return nil, err
	}
	if err := snap.walk(ctx, s.fs(), snap.dir, ""); err != nil {
		return nil, err
	}
	if s.FS != nil && s.FS != disk.Real() {
		if err := snap.walk(ctx, disk.Real(), snap.dir, ""); err != nil {
			return nil, err
		}
	}
	switch {
	case s.S3:
		snap.list.Buckets = BucketsS3
	case r.WithoutBuckets:
		snap.list.Buckets = BucketsLeftOut
	default:
		if err := snap.walk(ctx, s.fs(), filepath.Join(s.Dir, bucketsName), bucketsName); err != nil {
			return nil, err
		}
		for _, at := range snap.need {
			snap.list.Missing = append(snap.list.Missing, at)
		}
		slices.Sort(snap.list.Missing)
	}
	snap.compare(r.Have)
	return snap, nil
}

// hold takes journal and staged batches while the state does not change.
func (s *snapshot) hold(ctx context.Context, take func() error) error {
	fsys, of := s.source.fs(), s.source.Dir
	if err := take(); err != nil {
		return err
	}
	if err := fsys.MkdirAll(filepath.Join(s.dir, stagingName)); err != nil {
		return err
	}
	files := slices.Clone(s.source.Beside)
	err := s.source.State.View(ctx, func(tx *state.Tx) error {
		staged, err := commit.StagedTx(tx)
		for _, b := range staged {
			for _, name := range b.Files() {
				files = append(files, filepath.Join(stagingName, name))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range files { // one that is not there is for `loglake check` to tell
		if err := disk.LinkOrCopy(fsys, filepath.Join(of, name), filepath.Join(s.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// read notes which objects of ours belong to the instant: those of the manifest, and what is put of staged batches.
func (s *snapshot) read(tx *state.Tx) error {
	buckets, err := catalog.ManifestBuckets(tx)
	if err != nil {
		return err
	}
	for _, b := range buckets {
		objects, err := catalog.ObjectsUnder(tx, b, "")
		if err != nil {
			return err
		}
		removed, err := catalog.RemovedUnder(tx, b, "")
		if err != nil {
			return err
		}
		for _, o := range objects {
			s.need[lastPart(o.Key)] = o.Bucket + "/" + o.Key
		}
		for _, o := range append(objects, removed...) {
			s.ours[lastPart(o.Key)] = o
		}
	}
	staged, err := commit.StagedTx(tx)
	for _, b := range staged {
		for _, o := range b.Objects {
			s.ours[lastPart(o.Key)] = o.Object
		}
	}
	return err
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

// walk lists the files below a folder. What comes and goes meanwhile is listed or not.
func (s *snapshot) walk(ctx context.Context, fsys disk.FS, dir, rel string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := fsys.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		path, at := filepath.Join(dir, e.Name()), filepath.ToSlash(filepath.Join(rel, e.Name()))
		switch {
		case e.IsDir() && !unfinished(at):
			if rel == bucketsName {
				s.list.Folders = append(s.list.Folders, at)
			}
			err = s.walk(ctx, fsys, path, at)
		case e.Type().IsRegular():
			err = s.file(found{fs: fsys, path: path, File: File{Path: at}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unfinished tells whether a folder below the data folder is one in which the store makes objects.
func unfinished(at string) bool {
	own := bucketsName + "/.loglake/"
	bucket, isBucket := strings.CutPrefix(at, own+"buckets/")
	return at == own+"tmp" || isBucket && strings.HasSuffix(bucket, "/uploads") && strings.Count(bucket, "/") == 1
}

// file lists a file, unless it is an object of ours that does not belong to the instant.
func (s *snapshot) file(f found) error {
	info, err := f.fs.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.Bytes, f.Modified = info.Size(), info.ModTime().UnixNano()
	if strings.HasPrefix(f.Path, bucketsName+"/") {
		name := strings.TrimPrefix(lastPart(f.Path), ".loglake@") // one whose name a directory has
		if _, ours := layout.ParseKey(name); ours {
			if _, belongs := s.ours[name]; !belongs {
				s.list.Strays++
				return nil
			}
			delete(s.need, name)
		}
	}
	s.files = append(s.files, f)
	return nil
}

// compare notes what the receiver has.
func (s *snapshot) compare(have Marks) {
	marks := have.set()
	slices.SortFunc(s.files, func(a, b found) int { return cmp.Compare(a.Path, b.Path) })
	for i := range s.files {
		f := &s.files[i]
		if f.have = marks[f.known().mark()]; !f.have {
			s.send++
			s.bytes += f.Bytes
		}
	}
}

// write streams what the receiver has not got, and the list.
func (s *snapshot) write(ctx context.Context, out io.Writer) error {
	w := tar.NewWriter(out)
	if err := writeText(w, beginName, begin{Format: format, Files: s.send, Bytes: s.bytes}); err != nil {
		return err
	}
	for _, f := range s.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.have {
			f.In = notSent
			s.list.Files = append(s.list.Files, f.File)
			continue
		}
		if err := s.writeFile(w, f); err != nil {
			return fmt.Errorf("send %s: %w", f.Path, err)
		}
	}
	s.list.Ended = loglake.At(s.source.Clock())
	if err := writeText(w, endName, s.list); err != nil {
		return err
	}
	return w.Close()
}

func (s *snapshot) writeFile(w *tar.Writer, f found) error {
	in, err := disk.Open(f.fs, f.path)
	if errors.Is(err, fs.ErrNotExist) { // an object that somebody removed since
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	f.Bytes, f.Modified = info.Size(), info.ModTime().UnixNano() // it may be another by now
	if err := w.WriteHeader(fileHeader(f.File)); err != nil {
		return err
	}
	h := crc32.New(castagnoli)
	if _, err := io.Copy(io.MultiWriter(w, h), io.NewSectionReader(in, 0, f.Bytes)); err != nil {
		return err
	}
	f.CRC32C = h.Sum32()
	if strings.HasPrefix(f.Path, bucketsName+"/") {
		if o, ok := s.ours[lastPart(f.Path)]; ok && (o.Bytes != f.Bytes || o.CRC32C != f.CRC32C) {
			s.list.Damaged = append(s.list.Damaged, o.Bucket+"/"+o.Key)
		}
	}
	s.list.Files = append(s.list.Files, f.File)
	return nil
}
