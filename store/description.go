package store

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/loglake/loglake/internal/disk"
)

// description is what is known of an object beyond its file: a small JSON file whose name has the hash of the key and
// the size and modification time of the file that it describes. Put writes it before the file gets its key, so the
// two change hands in the one rename; a file that was written by others, or that Put had no part in, finds none under
// its name. A crash can leave one that describes nothing, which is never read. Copies of a root that are to keep the
// descriptions have to keep modification times (cp -a, rsync -a, tar).
type description struct {
	Key             string
	ETag            string            `json:",omitempty"`
	ContentType     string            `json:",omitempty"`
	ContentEncoding string            `json:",omitempty"`
	Metadata        map[string]string `json:",omitempty"`
	Attributes      map[string]string `json:",omitempty"`
}

func (d *Dir) descriptionPath(bucket, key string, info fs.FileInfo) string {
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:16])
	return d.ownOf(bucket, "descriptions", name[:2], fmt.Sprintf("%s-%x-%x.json", name[2:], info.ModTime().UnixNano(), info.Size()))
}

// sameFile tells whether a description of the file with info a would be taken for one of the file with info b.
func sameFile(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// writeDescription makes o's description durable, so that it is there when the file is.
func (d *Dir) writeDescription(bucket string, o Object, info fs.FileInfo) error {
	text, err := json.Marshal(description{o.Key, o.ETag, o.ContentType, o.ContentEncoding, o.Metadata, o.Attributes})
	if err != nil {
		return fmt.Errorf("marshal the description of %s: %w", o.Key, err)
	}
	path := d.descriptionPath(bucket, o.Key, info)
	if err := d.makeOwnDir(filepath.Dir(path)); err != nil {
		return err
	}
	return disk.WriteFile(d.fs, path, text)
}

// makeOwnDir makes a directory in our own part of the root, once.
func (d *Dir) makeOwnDir(dir string) error {
	d.tree.RLock()
	there := d.durable[dir]
	d.tree.RUnlock()
	if there {
		return nil
	}
	d.tree.Lock()
	defer d.tree.Unlock()
	if err := disk.MkdirAllDurable(d.fs, dir); err != nil {
		return err
	}
	d.remember(dir)
	return nil
}

// describe gives the object that a file is, and whether it was found described.
func (d *Dir) describe(bucket, key string, info fs.FileInfo) (o Object, found bool, err error) {
	o = Object{Key: key, Bytes: info.Size(), Modified: info.ModTime().UTC()}
	text, err := disk.ReadFile(d.fs, d.descriptionPath(bucket, key, info))
	var known description
	switch {
	case notFound(err):
		err = nil
	case err == nil && json.Unmarshal(text, &known) == nil && known.Key == key:
		found = true
		o.ETag, o.ContentType, o.ContentEncoding = known.ETag, known.ContentType, known.ContentEncoding
		o.Metadata, o.Attributes = known.Metadata, known.Attributes
	}
	if o.ETag == "" {
		// Not the MD5 of the bytes, which would have to be read for it; clients know by the "-" that it is not.
		sum := md5.Sum(fmt.Appendf(nil, "%d %d", info.Size(), info.ModTime().UnixNano()))
		o.ETag = hex.EncodeToString(sum[:]) + "-1"
	}
	return o, found, err
}

// dropDescription removes the description of a file that is no longer the object. It may fail: nobody will read it.
func (d *Dir) dropDescription(bucket, key string, info fs.FileInfo) {
	_ = d.fs.Remove(d.descriptionPath(bucket, key, info))
}
