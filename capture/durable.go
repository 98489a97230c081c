package capture

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/loglake/loglake/internal/disk"
)

// openSpool makes the spool of a new run. Where the folder can't be made it is in memory, and says so.
func (c *Config) openSpool() *spool {
	s := c.newSpool(uuid.NewString())
	if c.Dir == "" {
		return s
	}
	f, err := createFolder(c.FS, c.Dir, s.id, label{Version: labelVersion, Server: c.Server, Group: c.Group, Stream: c.Stream, Since: c.Clock().UTC()})
	if err != nil {
		c.OnNotice(Notice{Kind: DiskFailed, Err: err, Text: fmt.Sprintf(
			"no spool can be made in %s (%v); lines are kept in memory, up to %d MiB, and are lost when loglake is killed", c.Dir, err, c.MemoryBytesMax>>20)})
		return s
	}
	s.folder = f
	return s
}

func (c *Config) newSpool(id string) *spool {
	return &spool{id: id, limits: limitsOf(c.SpoolBytesMax, c.MemoryBytesMax), clock: c.Clock, ready: make(chan struct{}, 1),
		losses: &losses{}, onNotice: c.OnNotice}
}

// adoptSpool opens a spool that another run left. nil: there is nothing to do about it.
func (c *Config) adoptSpool(id string) (*spool, label, error) {
	f, l, err := adoptFolder(c.FS, c.Dir, id, c.Server)
	if f == nil || err != nil {
		return nil, l, err
	}
	s := c.newSpool(id)
	s.folder = f
	if s.segments, err = f.segments(c.OnNotice); err != nil {
		return nil, l, errors.Join(err, f.lock.Close())
	}
	s.cursor = f.acked()
	s.acked = s.cursor
	return s, l, nil
}

// sync makes what was appended so far durable, and notes what the server has. It holds nobody up: it has a handle of its
// own, because a File's Sync may not run beside its writes.
func (s *spool) sync() {
	if s.folder == nil {
		return
	}
	s.mu.Lock()
	var unsynced []*segment
	for _, g := range s.segments {
		if g.unsynced && !g.inMemory() {
			unsynced = append(unsynced, g)
			g.unsynced = false
		}
	}
	acked, noted := s.acked, s.noted
	s.noted = acked
	s.mu.Unlock()

	problems := s.syncSegments(unsynced)
	if acked > noted {
		problems = append(problems, s.folder.noteAcked(acked))
	}
	if err := errors.Join(problems...); err != nil {
		s.onNotice(Notice{Kind: DiskFailed, Err: err, Text: fmt.Sprintf("the spool can't be synced: %v", err)})
	}
}

// syncSegments makes segments durable, and then their names. One whose sync fails is written no more.
func (s *spool) syncSegments(list []*segment) (problems []error) {
	if len(list) == 0 {
		return nil
	}
	again := func(g *segment, distrusted bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		g.distrusted, g.unsynced = g.distrusted || distrusted, !g.distrusted && !distrusted
	}
	for _, g := range list {
		if err := syncFile(s.folder.fs, g.path); err != nil {
			problems = append(problems, err)
			again(g, true)
		}
	}
	if err := s.folder.fs.SyncDir(s.folder.dir); err != nil {
		problems = append(problems, err)
		for _, g := range list {
			again(g, false)
		}
	}
	return problems
}

func syncFile(fsys disk.FS, path string) error {
	f, err := disk.Open(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // sent meanwhile
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// close ends the spool. One that is drained is removed; otherwise the next run finds it.
func (s *spool) close(drained bool) error {
	if !drained {
		s.sync()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, g := range s.segments {
		err = errors.Join(err, g.file.Close())
	}
	s.segments = nil
	switch {
	case s.folder == nil:
		return err
	case drained:
		return errors.Join(err, s.folder.remove())
	}
	return errors.Join(err, s.folder.lock.Close())
}
