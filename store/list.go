package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// List gives a page of objects.
func (d *Dir) List(ctx context.Context, bucket, prefix, after string, max int) ([]Object, bool, error) {
	entries, more, err := d.ListFolded(ctx, bucket, Fold{Prefix: prefix, After: after, Max: max})
	return objectsOf(entries), more, err
}

// objectsOf gives the objects of a page without folds.
func objectsOf(entries []Entry) []Object {
	objects := make([]Object, len(entries))
	for i := range entries {
		objects[i] = entries[i].Object
	}
	return objects
}

// ListFolded gives a page of objects and folds. Directories outside of what is asked for are not read, and files that
// are not in the page are not looked at.
func (d *Dir) ListFolded(ctx context.Context, bucket string, o Fold) ([]Entry, bool, error) {
	if err := d.checkBucket(ctx, bucket); err != nil {
		return nil, false, err
	}
	if o.Max <= 0 {
		return nil, false, nil
	}
	found, more, err := d.keysOf(ctx, bucket, o)
	if err != nil {
		return nil, false, err
	}
	entries := found[:0]
	for _, entry := range found {
		if !entry.Folded {
			object, _, err := d.stat(bucket, entry.Key)
			if errors.Is(err, ErrNoObject) { // deleted since
				continue
			}
			if err != nil {
				return nil, false, err
			}
			entry.Object = object
		}
		entries = append(entries, entry)
	}
	return entries, more, nil
}

// keysOf finds the entries of a page, of which only the keys are set.
func (d *Dir) keysOf(ctx context.Context, bucket string, o Fold) ([]Entry, bool, error) {
	w := &walk{ctx: ctx, d: d, fold: o}
	base := o.Prefix[:strings.LastIndexByte(o.Prefix, '/')+1]
	err := w.dir(filepath.Join(d.bucketDir(bucket), dirPath(base)), base)
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, false, fmt.Errorf("list bucket %s: %w", bucket, err)
	}
	return w.entries, err != nil, nil
}

var errPageFull = errors.New("page full")

// walk goes through a bucket's tree in the order of the keys, and collects a page.
type walk struct {
	ctx     context.Context
	d       *Dir
	fold    Fold // After moves on as folds are found
	entries []Entry
}

// node is one name in a directory: an object's, or a directory of which all keys begin with text.
type node struct {
	text string // the component; with "/" where it is a directory
	path string // relative to the directory
	dir  bool
	kind nameKind
}

// dir collects the keys in the directory at path, all of which begin with base.
func (w *walk) dir(path, base string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	nodes, err := w.nodes(nil, path, "")
	if notFound(err) { // pruned meanwhile, or never there
		return nil
	}
	if err != nil {
		return err
	}
	// Not by name: "a-b" comes before "a/b", and what is written in our own way belongs where its key does.
	byText := func(a, b node) int { return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.kind, b.kind)) }
	if !slices.IsSortedFunc(nodes, byText) {
		slices.SortFunc(nodes, byText)
	}
	for i, n := range nodes {
		if i > 0 && n.text == nodes[i-1].text && !n.dir {
			continue // a crash left the object under both its names
		}
		key := base + n.text
		if !w.wants(key, n.dir) {
			continue
		}
		if n.dir {
			err = w.dir(filepath.Join(path, n.path), key)
		} else {
			err = w.add(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wants tells whether a key, or any key in the directory of this name, can be in the page.
func (w *walk) wants(key string, dir bool) bool {
	prefix, after := w.fold.Prefix, w.fold.After
	if !dir {
		return key > after && strings.HasPrefix(key, prefix)
	}
	return (strings.HasPrefix(key, prefix) || strings.HasPrefix(prefix, key)) && (key > after || strings.HasPrefix(after, key))
}

func (w *walk) add(key string) error {
	entry := Entry{Object: Object{Key: key}}
	if w.fold.Delimiter != "" {
		if i := strings.Index(key[len(w.fold.Prefix):], w.fold.Delimiter); i >= 0 {
			entry.Key, entry.Folded = key[:len(w.fold.Prefix)+i+len(w.fold.Delimiter)], true
		}
	}
	end := entry.Key + "\xff" // behind all keys that begin so: 0xff is in no UTF-8
	if entry.Folded && strings.HasPrefix(w.fold.After, entry.Key) {
		w.fold.After = end
		return nil // the page begins after this fold
	}
	if len(w.entries) == w.fold.Max {
		return errPageFull
	}
	w.entries = append(w.entries, entry)
	if entry.Folded {
		w.fold.After = end
	}
	return nil
}

// nodes reads a directory. Components that are spread over several directories are gathered here, since they have
// their place among the others.
func (w *walk) nodes(nodes []node, path, pieces string) ([]node, error) {
	entries, err := w.d.fs.ReadDir(filepath.Join(path, pieces))
	if err != nil {
		return nil, err
	}
	if nodes == nil {
		nodes = make([]node, 0, len(entries))
	}
	for _, entry := range entries {
		name := pieces + entry.Name()
		if entry.IsDir() && isPieceName(entry.Name()) {
			if nodes, err = w.nodes(nodes, path, name+"/"); err != nil && !notFound(err) {
				return nil, err
			}
			continue
		}
		if n, ok := newNode(name, entry); ok {
			nodes = append(nodes, n)
		}
	}
	return nodes, nil
}

func newNode(name string, entry fs.DirEntry) (node, bool) {
	component, kind, ok := decodeName(name)
	switch {
	case !ok:
		return node{}, false
	case entry.IsDir():
		return node{text: component + "/", path: name, dir: true, kind: kind}, kind == kindWhole
	}
	return node{text: component, path: name, kind: kind}, entry.Type().IsRegular()
}
