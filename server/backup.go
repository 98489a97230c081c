package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/internal/disk"
)

// openBackup makes the source of backups, and removes what one has left that was cut off.
func (s *Server) openBackup() error {
	s.source = &backup.Source{
		FS: s.cfg.FS, Dir: s.cfg.Dir, State: s.State, Journal: s.Journal, Clock: s.cfg.Clock, Program: s.cfg.Version,
		S3: s.cfg.S3 != nil, Beside: []string{"record"},
	}
	if _, err := s.cfg.FS.Stat(s.path(backup.SnapshotName)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.cfg.FS.RemoveAll(s.path(backup.SnapshotName))
}

// Backup streams the lake as it is at one instant of the call to w, for a backup.Vault. It may be called whether the parts
// run or not.
func (s *Server) Backup(ctx context.Context, w io.Writer, r backup.Request) error {
	return s.source.Write(ctx, w, r)
}

// guardRestored refuses to serve a restored folder over buckets in S3. They were not restored with it: the lake that it was
// copied from may still write to them, under the same keys, and what it committed since is not in this state.
func (s *Server) guardRestored() error {
	if s.cfg.S3 == nil {
		return nil
	}
	text, err := disk.ReadFile(s.cfg.FS, s.path(backup.RestoredName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var note backup.Restored
	if err == nil {
		err = json.Unmarshal(text, &note)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path(backup.RestoredName), err)
	}
	return loglake.Errorf(loglake.CodeConflict, "the data folder %s was restored from a backup of %s, and its buckets are in S3, which is not part of a backup: "+
		"two lakes with the same streams on one bucket deliver events twice, and what was committed after the backup is not known here",
		s.cfg.Dir, note.Begun.Time().Format("2006-01-02 15:04:05Z")).
		WithHint("be sure that the original never runs again; have `loglake check --rebuild --data %s` take in what was committed since; then remove the file %s",
			s.cfg.Dir, s.path(backup.RestoredName))
}
