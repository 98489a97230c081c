package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"
)

// SnapshotPlan says what a Snapshot does.
type SnapshotPlan struct {
	Path string // the copy; nothing may be there
	// Held is called while no transaction can be committed, and is what else belongs to that moment. Reads go on. It must
	// not call Update. Nil: nothing.
	Held func() error
	// Seen reads the state of that moment, when updates go on again. Nil: nobody wants to.
	Seen func(*Tx) error
}

// Snapshot copies the whole state of one moment to a file that Open takes. Updates wait for Held alone, and go on while the
// copy is made. The copy is not synced.
func (db *DB) Snapshot(ctx context.Context, p SnapshotPlan) (err error) {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("snapshot of the state: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var view *sql.Tx
	err = db.update(ctx, func(*Tx) error {
		if view, err = conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: true}); err != nil {
			return err
		}
		var n int
		if err := view.QueryRow(`SELECT COUNT(*) FROM state_migrations`).Scan(&n); err != nil { // the read begins here
			return err
		}
		if p.Held == nil {
			return nil
		}
		return p.Held()
	})
	if view != nil {
		defer view.Rollback() //nolint:errcheck // a read leaves nothing
	}
	if err != nil {
		return fmt.Errorf("snapshot of the state: %w", err)
	}
	if p.Seen != nil {
		if err := p.Seen(&Tx{ctx: ctx, tx: view}); err != nil {
			return err
		}
	}
	if err := conn.Raw(func(c any) error { return copyTo(ctx, c, p.Path) }); err != nil {
		return fmt.Errorf("copy the state to %s: %w", p.Path, err)
	}
	return nil
}

// pagesPerStep bounds what is copied before the context is asked again.
const pagesPerStep = 4096

// copyTo copies what a connection sees, which is the read that is open on it.
func copyTo(ctx context.Context, conn any, path string) error {
	c, ok := conn.(interface {
		NewBackup(dst string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("%T makes no copies", conn)
	}
	b, err := c.NewBackup("file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		if more, err = b.Step(pagesPerStep); err == nil {
			err = ctx.Err()
		}
	}
	return errors.Join(err, b.Finish())
}
