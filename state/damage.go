package state

import (
	"context"
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"

	"github.com/loglake/loglake"
)

// The codes by which SQLite says that a file is not what it wrote.
const (
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

// ErrBehind is in the chain of an error about a file that is whole and older than it should be.
var ErrBehind = errors.New("the state file is older than the lake")

// Behind gives the error of a file that is whole and older than what else there is of the lake, as seen says.
func (db *DB) Behind(seen string) error {
	return &loglake.Error{
		Code: loglake.CodeConflict, Err: ErrBehind,
		Message: fmt.Sprintf("the state file %s is older than the lake: %s. It was restored from a copy, or has lost what was written last (%s-wal)", db.cfg.Path, seen, db.cfg.Path),
		Hint: "served so, what was delivered since would be delivered again. Run `loglake check --rebuild`, which brings the state up to date from " +
			"the record, the bucket and the journal; or restore the whole folder from one backup",
	}
}

// ErrDamaged is in the chain of every error about a file that is damaged.
var ErrDamaged = errors.New("the state file is damaged")

// look passes an error of a transaction on. Where it says that the file is damaged, no later transaction is begun: what
// it read could be anything, and what it wrote could make things worse.
func (db *DB) look(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqliteCorrupt && e.Code()&0xff != sqliteNotADB {
		return err
	}
	if db.broken.CompareAndSwap(nil, db.damage(err)) {
		close(db.lost)
	}
	return db.Err()
}

func (db *DB) damage(err error) *loglake.Error {
	return &loglake.Error{
		Code: loglake.CodeInternal, Err: errors.Join(ErrDamaged, err),
		Message: fmt.Sprintf("the state file %s can't be used: it is damaged, or not a state file", db.cfg.Path),
		Hint: "nothing that was acknowledged is lost: it is in the journal and in the bucket. Stop the server and run " +
			"`loglake check --rebuild`, which makes the file again from them and keeps this one beside it; or restore it from a backup",
	}
}

// Lost gives a channel that is closed when the file is found damaged. Every transaction fails from then on with Err.
func (db *DB) Lost() <-chan struct{} { return db.lost }

// Err gives what the file was found damaged by, nil while it is well.
func (db *DB) Err() error {
	if e := db.broken.Load(); e != nil {
		return e
	}
	return nil
}

// damaged words the failure of opening for whoever has to mend it.
func (db *DB) damaged(err error) error {
	var e *loglake.Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, os.ErrPermission) {
		return err
	}
	return db.damage(err)
}

// Check has SQLite look over the whole file.
func (db *DB) Check(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	var found string
	if err := db.reader.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found); err != nil {
		return db.damaged(err)
	}
	if found != "ok" {
		return db.damage(errors.New(found))
	}
	return nil
}
