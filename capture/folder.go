package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/internal/disk"
)

// folder is the folder of one spool, and its lock:
//
//	ID.lock          held by who writes or drains the spool
//	ID/spool.json    whose events they are
//	ID/acked         the position below which the server has everything, now and then
//	ID/*.seg         the events
//
// The lock is taken before the folder is made and given back after the folder has gone, so that whoever holds it and
// finds no folder knows that there is nothing left to do.
type folder struct {
	fs   disk.FS
	dir  string
	id   string
	lock io.Closer
}

// The names in a folder.
const (
	labelFile = "spool.json"
	ackedFile = "acked"
	lockEnd   = ".lock"
)

// label says whose events a spool has, so that another run can bring them home.
type label struct {
	Version int       `json:"version"`
	Server  string    `json:"server"` // who may have them: an application beside this one may have another server
	Group   string    `json:"group"`
	Stream  string    `json:"stream"`
	Since   time.Time `json:"since"`
}

const labelVersion = 1

// createFolder makes the folder of a new spool in root.
func createFolder(fsys disk.FS, root, id string, l label) (*folder, error) {
	if err := fsys.MkdirAll(root); err != nil {
		return nil, err
	}
	f := &folder{fs: fsys, dir: filepath.Join(root, id), id: id}
	var err error
	if f.lock, err = fsys.Lock(f.dir + lockEnd); err != nil {
		return nil, err
	}
	text, err := json.Marshal(l)
	if err == nil {
		err = disk.MkdirAllDurable(fsys, f.dir)
	}
	if err == nil {
		err = disk.WriteFile(fsys, filepath.Join(f.dir, labelFile), text)
	}
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return f, nil
}

// findFolders gives the ids of the spools in root.
func findFolders(fsys disk.FS, root string) ([]string, error) {
	entries, err := fsys.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	return ids, err
}

// adoptFolder takes over a spool whose writer is gone. nil: it is in use, has gone meanwhile, or is another server's.
func adoptFolder(fsys disk.FS, root, id, server string) (*folder, label, error) {
	f := &folder{fs: fsys, dir: filepath.Join(root, id), id: id}
	var l label
	var err error
	if f.lock, err = fsys.Lock(f.dir + lockEnd); errors.Is(err, disk.ErrLocked) {
		return nil, l, nil
	} else if err != nil {
		return nil, l, err
	}
	text, err := disk.ReadFile(fsys, filepath.Join(f.dir, labelFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, l, f.remove() // a folder without a label has no events yet, or no more
	}
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err == nil && l.Version != labelVersion {
		err = fmt.Errorf("%s is of version %d, and this loglake knows %d", f.dir, l.Version, labelVersion)
	}
	if err != nil || l.Server != server {
		return nil, l, errors.Join(err, f.lock.Close())
	}
	return f, l, nil
}

// segments opens the segments of a folder that was found. What can't be opened is told, and left out.
func (f *folder) segments(notice func(Notice)) ([]*segment, error) {
	entries, err := f.fs.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	var out []*segment
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), segmentEnd) {
			continue
		}
		g, err := openSegment(f.fs, filepath.Join(f.dir, e.Name()))
		switch {
		case errors.Is(err, errTorn): // not even its header was written
			notice(Notice{Kind: SpoolTorn, Err: err, Text: fmt.Sprintf("%s has no header, and is left out", filepath.Join(f.dir, e.Name()))})
		case err != nil:
			return nil, err
		default:
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *segment) int { return int(min(1, max(-1, a.first-b.first))) })
	return out, nil
}

// acked reads the position that was noted. It may be old; the server knows better.
func (f *folder) acked() int64 {
	text, err := disk.ReadFile(f.fs, filepath.Join(f.dir, ackedFile))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0
	}
	return max(0, n)
}

func (f *folder) noteAcked(position int64) error {
	return disk.WriteFile(f.fs, filepath.Join(f.dir, ackedFile), strconv.AppendInt(nil, position, 10))
}

// remove removes the folder and gives the lock back. The label goes first: without it a rest means nothing.
func (f *folder) remove() error {
	err := f.fs.Remove(filepath.Join(f.dir, labelFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = f.fs.RemoveAll(f.dir)
	}
	if err == nil {
		err = f.fs.Remove(f.dir + lockEnd)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // another run had it between our finding it and our locking what it removed
	}
	return errors.Join(err, f.lock.Close())
}
