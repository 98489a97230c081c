package commit

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// syncEvery bounds how many bytes of a staged object wait for its fsync, so that a big object does not stall the
// acknowledgements of the journal on the same disk.
const syncEvery = 4 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// build writes every object of a plan to the staging folder, durably. On an error it gives what it had built so far.
func (c *Committer) build(p Plan) (Batch, error) {
	b := Batch{
		Producer: p.Producer, Number: p.Number, Generation: p.Generation, Staged: loglake.At(c.cfg.Clock()),
		Ranges: p.Ranges, Counts: p.Counts, Minutes: p.Minutes,
	}
	label, err := c.label(b)
	if err != nil {
		return b, err
	}
	for i, d := range p.Drafts {
		o := StagedObject{
			Object: loglake.Object{
				Bucket: d.Bucket, Key: d.Key, Kind: d.Kind, Producer: p.Producer, Batch: p.Number, Generation: p.Generation,
				Part: i + 1, Parts: len(p.Drafts),
			},
			ContentEncoding: d.ContentEncoding,
			File:            fileName(b, i+1),
		}
		b.Objects = append(b.Objects, o)
		if err := c.write(&b.Objects[i], d, label); err != nil {
			return b, fmt.Errorf("build %s/%s: %w", d.Bucket, d.Key, err)
		}
	}
	if len(b.Objects) > 0 {
		if err := c.writeIntent(b); err != nil {
			return b, fmt.Errorf("write intent of batch %s/%d: %w", b.Producer, b.Number, err)
		}
	}
	if err := c.cfg.FS.SyncDir(c.cfg.Dir); err != nil {
		return b, fmt.Errorf("sync staging folder: %w", err)
	}
	return b, balance(b)
}

// fileName gives the name of a part in the staging folder; part 0 is the intent itself. Each generation has names of its
// own: the object of one that was voided may be a link to its staged file.
func fileName(b Batch, part int) string {
	if b.Generation == 0 {
		return fmt.Sprintf("%s-%d-%d", b.Producer, b.Number, part)
	}
	return fmt.Sprintf("%s-%d.%d-%d", b.Producer, b.Number, b.Generation, part)
}

// File gives the name that part of a batch has in the staging folder, from 1.
func (b Batch) File(part int) string { return fileName(b, part) }

// Files gives the names that a batch has in the staging folder.
func (b Batch) Files() []string {
	names := []string{fileName(b, 0)}
	for _, o := range b.Objects {
		names = append(names, o.File)
	}
	return names
}

func (c *Committer) write(o *StagedObject, d Draft, label map[string]string) (err error) {
	f, err := c.cfg.FS.OpenFile(c.path(*o), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s := &stagedFile{f: f}
	w := bufio.NewWriterSize(s, 256<<10)
	inside := label
	if d.Kind != loglake.ObjectParquet {
		inside = nil
	}
	content, err := d.Write(w, inside)
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	o.Rows, o.Columns, o.Bytes, o.CRC32C = content.Rows, content.Columns, s.bytes, s.crc
	o.Metadata = beside(label, o.Object)
	return f.Sync()
}

// stagedFile counts and checksums what is written, and syncs as it goes.
type stagedFile struct {
	f      disk.File
	bytes  int64
	crc    uint32
	synced int64
}

func (s *stagedFile) Write(p []byte) (int, error) {
	n, err := s.f.Write(p)
	s.bytes += int64(n)
	s.crc = crc32.Update(s.crc, castagnoli, p[:n])
	if err == nil && s.bytes-s.synced >= syncEvery {
		s.synced = s.bytes
		err = s.f.Sync()
	}
	return n, err
}

// balance holds the objects against the counts: what was written must be what was counted.
func balance(b Batch) error {
	if err := b.ledger(b.Staged).Check(); err != nil {
		return fmt.Errorf("batch %s/%d does not balance: %w", b.Producer, b.Number, err)
	}
	var data, plain, rejects int64
	for _, o := range b.Objects {
		switch o.Kind {
		case loglake.ObjectRejects:
			rejects += o.Rows
		case loglake.ObjectPlain:
			plain += o.Rows
		default:
			data += o.Rows
		}
	}
	if data != b.Counts.Rows || rejects != b.Counts.Rejects() || plain != 0 && plain != b.Counts.Delivered {
		return fmt.Errorf("batch %s/%d does not balance: objects hold %d rows, %d plain records and %d rejects; counted were %d, %d and %d",
			b.Producer, b.Number, data, plain, rejects, b.Counts.Rows, b.Counts.Delivered, b.Counts.Rejects())
	}
	return nil
}

// differs is what bytes are that are not those that were staged.
type differs struct {
	bytes int64
	crc   uint32
}

func (d *differs) Error() string { return fmt.Sprintf("%d bytes with checksum %08x", d.bytes, d.crc) }

// verify reads a staged file and holds it against what was staged. A file that is gone satisfies fs.ErrNotExist, one with
// other bytes is a *differs.
func (c *Committer) verify(o StagedObject) (err error) {
	f, err := disk.Open(c.cfg.FS, c.path(o))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return o.matches(f)
}

// matches holds the bytes of r against what was staged: others are a *differs.
func (o StagedObject) matches(r io.Reader) error {
	h := crc32.New(castagnoli)
	n, err := io.Copy(h, r)
	if err != nil {
		return err
	}
	if n != o.Bytes || h.Sum32() != o.CRC32C {
		return &differs{bytes: n, crc: h.Sum32()}
	}
	return nil
}

// release removes the staged files of a batch that no intent names any more.
func (c *Committer) release(b Batch) error {
	for _, name := range b.Files() {
		if err := c.cfg.FS.Remove(filepath.Join(c.cfg.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("release %s: %w", name, err)
		}
	}
	return nil
}

// discard is release where a failure does not matter: Sweep comes again.
func (c *Committer) discard(b Batch) { _ = c.release(b) }

func (c *Committer) path(o StagedObject) string { return filepath.Join(c.cfg.Dir, o.File) }
