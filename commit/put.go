package commit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
)

// put publishes the staged bytes under their final keys. An object that is there already with the same bytes was put by
// an earlier run; one that is there with others is a collision that nobody may overwrite.
func (c *Committer) put(ctx context.Context, b Batch) error {
	for _, o := range b.Objects {
		if err := c.putObject(ctx, o); err != nil {
			return fmt.Errorf("put %s/%s: %w", o.Bucket, o.Key, err)
		}
	}
	return nil
}

func (c *Committer) putObject(ctx context.Context, o StagedObject) (err error) {
	staged := c.verify(o)
	if staged == nil {
		err = c.cfg.Store.PutFile(ctx, o.Bucket, o.Key, c.path(o), store.PutFileOptions{
			CRC32C: o.CRC32C, Bytes: o.Bytes, ContentEncoding: o.ContentEncoding, Metadata: o.Metadata,
		})
		if loglake.CodeOf(err) != loglake.CodeExists {
			return err
		}
	}
	there := c.published(ctx, o)
	if there == nil { // an earlier run came as far as release
		return nil
	}
	damage, unknown := c.verdict(o, staged, there)
	return cmp.Or(damage, unknown, err)
}

// published holds the object in the bucket against what was staged: fs.ErrNotExist, or a *differs.
func (c *Committer) published(ctx context.Context, o StagedObject) (err error) {
	content, _, err := c.cfg.Store.Get(ctx, o.Bucket, o.Key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	return o.matches(content)
}

// Verify tells whether a staged batch can be finished: each object's bytes are in the bucket, or in the staging folder and
// nothing else is at its key. For one that is being voided it is nil.
func (c *Committer) Verify(ctx context.Context, b Batch) error {
	damage, err := c.judge(ctx, b)
	return cmp.Or(damage, err)
}

// Sweep makes the staging folder and removes the staged files that no intent names. It runs at start, before any
// Commit. What it removes was never staged, so its events are still ahead of their positions.
func (c *Committer) Sweep(ctx context.Context) error {
	if err := disk.MkdirAllDurable(c.cfg.FS, c.cfg.Dir); err != nil { // or an intent outlives what it names
		return fmt.Errorf("make staging folder: %w", err)
	}
	staged, err := c.Staged(ctx)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, b := range staged {
		for _, name := range b.Files() {
			named[name] = true
		}
	}
	return c.sweep(func(name string) bool { return !named[name] })
}

// sweep removes the staged files that are chosen.
func (c *Committer) sweep(chosen func(name string) bool) error {
	entries, err := c.cfg.FS.ReadDir(c.cfg.Dir)
	if err != nil {
		return fmt.Errorf("list staging folder: %w", err)
	}
	for _, e := range entries {
		if !chosen(e.Name()) {
			continue
		}
		if err := c.cfg.FS.Remove(c.path(StagedObject{File: e.Name()})); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove orphan %s: %w", e.Name(), err)
		}
	}
	return nil
}

// Orphans lists the files of the staging folder that are not in named.
func (c *Committer) Orphans(named map[string]bool) ([]string, error) {
	entries, err := c.cfg.FS.ReadDir(c.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("list staging folder: %w", err)
	}
	var orphans []string
	for _, e := range entries {
		if !named[e.Name()] {
			orphans = append(orphans, e.Name())
		}
	}
	return orphans, nil
}
