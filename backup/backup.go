// Package backup copies a lake while it runs, and makes a folder of such a copy again.
//
// A Source, in the server, takes the lake at one instant and streams it; a Vault, in the program of whoever asked, receives
// it into a folder. Between the two is a tar stream (stream.go), so that both may be on different machines.
//
//	Source.Take   state held for a moment: WAL copied, segments and staged files linked, the state's read begun
//	Snapshot.Send what the receiver has not got yet, bytes in the order of paths, then the list of everything
//	Vault.Receive each file written and synced under the backup's number; then the list, which makes it a backup
//	Restore       each file held against its checksum, in a folder of another name; then the folder's name
//
// Why what is restored has each event exactly once. While the state is held nothing is committed, no position moves and
// nothing beyond the positions is released from the journal, so state, journal and staged batches are of one instant, and
// what a start finds in them is what it finds after a crash. Of the buckets, which are copied afterwards, the state of that
// instant says which objects of ours belong to it: objects are immutable, so those are still the same, and the ones that were
// committed since are left out, for their events are in the journal's copy. Objects of others are copied as they are met.
//
// A backup is incremental: a file with the same path, size and time of modification as one of the last backup is not sent.
// The list is replaced in one step when all files are durable, and only then what it does not name is removed. So a backup
// that broke off leaves the former one.
package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// format is that of List; a higher one is refused.
const format = 1

// Names in a backup's folder and in a restored one.
const (
	listName     = "backup.json"
	lockName     = "lock"
	filesName    = "files"
	RestoredName = "restored" // in a folder that was restored: where from
)

// Buckets says what a backup has of the buckets.
type Buckets string

// The values of Buckets.
const (
	BucketsCopied  Buckets = "copied"   // they are a directory, and in the backup
	BucketsLeftOut Buckets = "left out" // they are a directory, and the caller did not want them
	BucketsS3      Buckets = "s3"       // they are in S3, which is not copied
)

// List is what a backup holds: the file backup.json.
type List struct {
	Format  int
	Number  int            // from 1; one more with each backup into the same folder
	Begun   loglake.Millis // what was acknowledged before is in it
	Ended   loglake.Millis
	Program string // version of the server
	Buckets Buckets
	Missing []string `json:",omitempty"` // objects of the manifest that are not in their bucket
	Damaged []string `json:",omitempty"` // objects whose bytes are not those that were committed, copied as they are
	Strays  int      // objects with keys of ours that are of no batch, or of one that came later: not copied
	Folders []string `json:",omitempty"` // of buckets, which may be empty
	Files   []File   `json:",omitempty"`
}

// File is one file of the data folder.
type File struct {
	Path     string // below the data folder, with '/'
	In       int    // number of the backup that brought it
	Bytes    int64
	Modified int64 // nanoseconds since 1970
	CRC32C   uint32
}

// known is a file that a receiver has, or a lake.
type known struct {
	path            string
	bytes, modified int64
}

func (f *File) known() known { return known{f.Path, f.Bytes, f.Modified} }

// Marks are files in a few bytes each, however many they are: markBytes of a hash for each. Two files with one mark are told
// apart by the receiver, which misses the one that did not come.
type Marks []byte

const (
	markBytes = 8
	marksMax  = 1 << 20 // in a request; files beyond are sent again
)

func (k known) mark() (m [markBytes]byte) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", k.bytes, k.modified, k.path))
	return [markBytes]byte(sum[:])
}

func (m *Marks) add(k known) {
	if mark := k.mark(); len(*m) < marksMax*markBytes {
		*m = append(*m, mark[:]...)
	}
}

func (m Marks) set() map[[markBytes]byte]bool {
	all := make(map[[markBytes]byte]bool, len(m)/markBytes)
	for one := range slices.Chunk(m, markBytes) {
		if len(one) == markBytes {
			all[[markBytes]byte(one)] = true
		}
	}
	return all
}

// Progress is told while files are copied.
type Progress struct {
	Files, FilesMax int
	Bytes, BytesMax int64
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Bytes is the size of all files.
func (l *List) Bytes() (sum int64) {
	for _, f := range l.Files {
		sum += f.Bytes
	}
	return sum
}

// place gives where a file lies in a backup's folder.
func place(dir string, f File) string {
	return filepath.Join(dir, filesName, fmt.Sprintf("%06d", f.In), filepath.FromSlash(f.Path))
}

// writeList makes a list durable, which makes its files a backup.
func writeList(fsys disk.FS, dir string, l *List) error {
	text, err := seal(l)
	if err != nil {
		return fmt.Errorf("encode the list: %w", err)
	}
	return disk.WriteFile(fsys, filepath.Join(dir, listName), text)
}

// readList reads the list of a backup's folder; fs.ErrNotExist where there is none.
func readList(fsys disk.FS, dir string) (*List, error) {
	text, err := disk.ReadFile(fsys, filepath.Join(dir, listName))
	if err != nil {
		return nil, err
	}
	var l List
	if err := unseal(text, &l); err != nil {
		return nil, damagedList(dir, err)
	}
	if l.Format > format {
		return nil, loglake.Errorf(loglake.CodeConflict, "the backup in %s was made by a newer loglake (format %d, this program knows %d)", dir, l.Format, format).
			WithHint("use the newer one")
	}
	for _, path := range l.Folders {
		if !filepath.IsLocal(filepath.FromSlash(path)) {
			return nil, damagedList(dir, fmt.Errorf("it names the folder %q", path))
		}
	}
	for _, f := range l.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || f.In < 1 || f.In > l.Number {
			return nil, damagedList(dir, fmt.Errorf("it names %q of backup %d", f.Path, f.In))
		}
	}
	return &l, nil
}

// seal gives v as a line of JSON and a line with its checksum.
func seal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return fmt.Appendf(text, "\n%08x\n", crc32.Checksum(text, castagnoli)), err
}

func unseal(text []byte, v any) error {
	body, sum, _ := bytes.Cut(text, []byte("\n"))
	if string(sum) != fmt.Sprintf("%08x\n", crc32.Checksum(body, castagnoli)) {
		return errors.New("its checksum is wrong")
	}
	return json.Unmarshal(body, v)
}

func damagedList(dir string, err error) error {
	return &loglake.Error{Code: loglake.CodeInternal, Err: err, Message: fmt.Sprintf("the list of the backup in %s is damaged: %v", dir, err),
		Hint: "use another backup; its files are below files/, each under the path that it had"}
}

// noBackup tells whether a folder can't be told from an empty one.
func noBackup(err error) bool { return errors.Is(err, fs.ErrNotExist) }
