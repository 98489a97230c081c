package state

import (
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// damage is what Check found.
type damage struct{ what string }

func (d *damage) Error() string { return d.what }

// explain gives err of the transaction name with what the operator can do about it. Errors that fn made itself go
// through as they are.
func (db *DB) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	var found *damage
	if errors.As(err, &found) {
		return db.damaged(err)
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	const primary = 0xff // the low byte of an extended result code: https://www.sqlite.org/rescode.html
	switch failure.Code() & primary {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return db.damaged(err)
	case sqlite3.SQLITE_FULL:
		return with(err, loglake.Errorf(loglake.CodeUnavailable, "the disk of the state database %s is full: nothing was written", db.path).
			WithHint("free some space; loglake goes on by itself"))
	case sqlite3.SQLITE_BUSY:
		return with(err, loglake.Errorf(loglake.CodeUnavailable, "another program keeps the state database %s locked", db.path).
			WithHint("end what has it open"))
	case sqlite3.SQLITE_CANTOPEN:
		return with(err, loglake.Errorf(loglake.CodeUnavailable, "the state database %s can't be opened", db.path).
			WithHint("see that its directory is there and belongs to the user that loglake runs as"))
	}
	return fmt.Errorf("state %s: %w", name, err)
}

func (db *DB) damaged(err error) error {
	return with(err, loglake.Errorf(loglake.CodeInternal, "the state database %s is damaged", db.path).
		WithHint("stop loglake and run `loglake check --rebuild`, which makes it again from the bucket and the journal"))
}

func with(err error, e *loglake.Error) error {
	e.Err = err
	return e
}
