package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// placeAttempts bounds how often a file is tried to be put in its place while others remove the directory for it.
const placeAttempts = 8

// place calls put with the path that a key's file is to have; directories above it are there, outlive a power cut, and
// stay while put runs. Then it makes what put did durable. The caller holds the key's lock.
func (d *Dir) place(bucket, key string, put func(target string) error) error {
	err := d.placeKey(bucket, key, put)
	if errors.Is(err, syscall.ENAMETOOLONG) {
		return fail(loglake.CodeInvalid, ErrKey, "key %q is too long for a path of this filesystem", key)
	}
	return err
}

func (d *Dir) placeKey(bucket, key string, put func(target string) error) error {
	plain, shadow := keyPath(key)
	for attempt := 0; ; attempt++ {
		target, err := d.placeOnce(bucket, plain, shadow, put)
		if err == nil {
			return d.fs.SyncDir(filepath.Dir(target))
		}
		if !errors.Is(err, errDirMissing) && !notFound(err) || attempt == placeAttempts {
			return err
		}
		if !errors.Is(err, errDirMissing) {
			d.forget() // somebody removed a directory that was known to be there
		}
		if err := d.makeDir(bucket, filepath.Dir(target)); err != nil {
			return err
		}
	}
}

var errDirMissing = errors.New("directory not known to be there")

func (d *Dir) placeOnce(bucket, plain, shadow string, put func(target string) error) (string, error) {
	d.tree.RLock()
	defer d.tree.RUnlock()
	target := filepath.Join(d.bucketDir(bucket), plain)
	aside := filepath.Join(d.bucketDir(bucket), shadow)
	taken, err := d.isDir(target)
	if err != nil {
		return target, err
	}
	if taken {
		target, aside = aside, ""
	}
	if !d.durable[filepath.Dir(target)] {
		return target, errDirMissing
	}
	if err := put(target); err != nil {
		return target, err
	}
	if aside != "" { // a file there would come to light when this one is deleted
		if err := d.fs.Remove(aside); err != nil && !notFound(err) {
			return target, err
		}
	}
	return target, nil
}

func (d *Dir) remember(dir string) {
	if len(d.durable) >= durableMax {
		clear(d.durable)
	}
	d.durable[dir] = true
}

func (d *Dir) forget() {
	d.tree.Lock()
	defer d.tree.Unlock()
	clear(d.durable)
}

// makeDir makes a directory below a bucket's, and sees that it and those above it outlive a power cut. Objects whose
// names are wanted for directories are moved aside.
func (d *Dir) makeDir(bucket, dir string) error {
	d.tree.Lock()
	defer d.tree.Unlock()
	at := d.bucketDir(bucket)
	if ok, err := d.isDir(at); err != nil || !ok {
		return errors.Join(err, noBucket(bucket))
	}
	if err := d.settle(at); err != nil {
		return err
	}
	rel, err := filepath.Rel(at, dir)
	if err != nil || rel == "." {
		return err
	}
	base, pieces := at, "" // where the component begins, and what of it was seen
	for name := range strings.SplitSeq(rel, string(filepath.Separator)) {
		at = filepath.Join(at, name)
		pieces += name
		if err := d.makeOneDir(at, base, pieces); err != nil {
			return err
		}
		if isPieceName(name) {
			pieces += "/"
		} else {
			base, pieces = at, ""
		}
	}
	return nil
}

func (d *Dir) makeOneDir(at, base, pieces string) error {
	if d.durable[at] {
		return nil
	}
	info, err := d.fs.Stat(at)
	switch {
	case err == nil && info.IsDir():
	case err == nil && info.Mode().IsRegular():
		if err := d.moveAside(at, base, pieces); err != nil {
			return err
		}
	case err == nil:
		return loglake.Errorf(loglake.CodeConflict, "%q is neither a directory nor a file", filepath.Base(at))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := d.fs.MkdirAll(at); err != nil {
		return err
	}
	return d.settle(at)
}

// settle makes a directory's entry in the one above it durable.
func (d *Dir) settle(dir string) error {
	if d.durable[dir] {
		return nil
	}
	if err := d.fs.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	d.remember(dir)
	return nil
}

// moveAside gives the file at a path its other name, so that a directory can have this one. At every moment there is
// one of the two; see locate.
func (d *Dir) moveAside(at, base, pieces string) error {
	component, kind, ok := decodeName(pieces)
	if !ok || kind != kindWhole {
		return loglake.Errorf(loglake.CodeConflict, "file %q is where a directory has to be", at)
	}
	shadow := filepath.Join(base, encodeName(component, kindShadow))
	if dir := filepath.Dir(shadow); dir != base {
		if err := disk.MkdirAllDurable(d.fs, dir); err != nil {
			return err
		}
		if err := d.settle(dir); err != nil {
			return err
		}
	}
	err := d.fs.Link(at, shadow)
	if errors.Is(err, fs.ErrExist) { // left by a crash, and hidden by the one at its own name ever since
		if err = d.fs.Remove(shadow); err == nil {
			err = d.fs.Link(at, shadow)
		}
	}
	if noLinks(err) {
		err = d.fs.Rename(at, shadow)
	}
	if err != nil {
		return err
	}
	if err := d.fs.SyncDir(filepath.Dir(shadow)); err != nil {
		return err
	}
	if err := d.fs.Remove(at); err != nil && !notFound(err) {
		return err
	}
	return nil
}

// noLinks tells whether err means that a hard link can't be had here, or not from there.
func noLinks(err error) bool {
	return errors.Is(err, syscall.EXDEV) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EMLINK)
}

// prune removes directories that a delete left empty, up to the bucket's own.
func (d *Dir) prune(bucket, dir string) {
	d.tree.Lock()
	defer d.tree.Unlock()
	for ; dir != d.bucketDir(bucket); dir = filepath.Dir(dir) {
		if ok, err := d.isDir(dir); err != nil || !ok || d.fs.Remove(dir) != nil {
			return // it is not empty; an empty one that stays does no harm either
		}
		delete(d.durable, dir)
	}
}

// putNew moves a temporary file to target, which must not be there.
func (d *Dir) putNew(temp, target string) error {
	err := d.fs.Link(temp, target)
	if !noLinks(err) {
		return err
	}
	if _, err := d.fs.Stat(target); err == nil {
		return fmt.Errorf("publish: %w", fs.ErrExist)
	} else if !notFound(err) {
		return err
	}
	return d.fs.Rename(temp, target) // we are the only writer of the key in this process
}
