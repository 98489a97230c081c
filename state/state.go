// Package state is the transactional store of loglake's small facts: names, positions, intents, the manifest, counts.
// It is one SQLite file (modernc.org/sqlite, no cgo). Nothing per event or per put is written to it.
//
// The package knows nobody's tables. Each package that has some gives them as Migrations and works on a Tx:
//
//	err := db.Update(ctx, "position.advance", func(tx *state.Tx) error {
//		_, err := tx.Exec(`UPDATE positions SET at = ? WHERE producer = ?`, at, producer)
//		return err
//	})
//
// The SQL is kept to what PostgreSQL takes too, `?` for parameters aside, and tables that hold names are keyed by
// account and region, so that many nodes can share one store later.
//
// # Promises
//
// An Update that returned nil is on disk: write-ahead logging with synchronous=FULL syncs the log at each commit
// (https://www.sqlite.org/pragma.html#pragma_synchronous). There is one writer at a time, and it takes the write lock
// before it reads (BEGIN IMMEDIATE), so an Update never fails because another one came first. A View sees one snapshot
// and never waits for the writer, nor the writer for it.
//
// # Checkpoints
//
// SQLite moves the log into the file by itself, in the commit that brings the log to 1000 pages (4 MB): some
// milliseconds, once in hundreds of commits, in a transaction that ends a batch of seconds. No one who puts events waits
// for it, so there is no goroutine here to do it elsewhere.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/loglake/loglake/internal/disk"
	_ "modernc.org/sqlite" // the driver
)

// Limits of a DB.
const (
	readersMax    = 4     // Views at one time; more wait
	busyMillis    = 10000 // to wait for another process, such as the check of a running server
	logBytesMax   = 64 << 20
	statementsMax = 256 // kept prepared per connection
)

// Config says where the store is and what is in it.
type Config struct {
	// Path is the file; its directory must be there. SQLite keeps two more beside it, -wal and -shm.
	Path string

	// Migrations are the tables of all packages. A store that has had others is refused: it belongs to a newer program.
	Migrations []Migration

	// Fault is for tests: it is asked before the commit of each Update, with the name that Update was given. An error
	// makes Update fail with it: undone where apply is false, and after the commit where it is true, as when the answer
	// of a server is lost. nil: none fails.
	Fault func(name string) (apply bool, err error)
}

// DB is an open store. Its methods may be called concurrently.
type DB struct {
	path  string
	fault func(name string) (apply bool, err error)

	write, read *sql.DB

	// Whoever takes a session out is alone with it until it is put back. nil stands for one not opened yet.
	writer  chan *session
	readers chan *session
}

// Open opens the store, or makes it, and applies the migrations that it has not had. It may be open in several
// processes; each of them needs its directory on a local filesystem.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	db := &DB{path: path, fault: cfg.Fault, writer: make(chan *session, 1), readers: make(chan *session, readersMax)}
	if db.write, err = sql.Open("sqlite", dsn(path, "query_only(0)")); err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	if db.read, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		return nil, errors.Join(fmt.Errorf("open state %s: %w", path, err), db.write.Close())
	}
	db.writer <- nil
	for range readersMax {
		db.readers <- nil
	}
	if err := db.migrate(ctx, cfg.Migrations); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	// SQLite syncs the directory when it makes the log, which holds for the file too; this holds for its habits to come.
	if err := disk.Real().SyncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("open state %s: %w", path, err), db.Close())
	}
	return db, nil
}

func dsn(path, mode string) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyMillis), // first: the next ones may have to wait
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		fmt.Sprintf("journal_size_limit(%d)", logBytesMax),
		mode,
	}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// Close waits for the transactions under way and closes the store; again, it does nothing. Later calls of the other
// methods fail.
func (db *DB) Close() error {
	var errs []error
	for range readersMax {
		errs = append(errs, (<-db.readers).close())
	}
	errs = append(errs, (<-db.writer).close(), db.read.Close(), db.write.Close())
	db.writer <- nil // who comes now finds the pools closed
	for range readersMax {
		db.readers <- nil
	}
	return errors.Join(errs...)
}

// Update runs fn in the one write transaction and commits when it returns nil; otherwise, and when it panics, nothing
// of it is done. The name, "package.verb", says which transaction it is. fn must not call Update, and should do nothing
// but SQL: everyone else waits. ctx ends the wait for the writer and is looked at before the commit; a commit once begun
// is finished.
//
// After a failure of the disk in the commit itself, and only then, the transaction may be done although the error says
// no; callers that must know read it back.
func (db *DB) Update(ctx context.Context, name string, fn func(*Tx) error) error {
	s, err := take(ctx, db.writer, db.write)
	if err != nil {
		return db.explain(name, err)
	}
	defer func() { db.writer <- s }()
	// Statements of the writer are short. Without cancellation the driver needs no goroutine for each.
	tx := &Tx{ctx: context.WithoutCancel(ctx), s: s}
	if err := tx.run("BEGIN IMMEDIATE", fn, func() error { return db.commit(ctx, tx, name) }); err != nil {
		return db.explain(name, err)
	}
	for _, f := range tx.onCommit {
		f()
	}
	return nil
}

// commit ends the transaction of an Update as its Fault wants it.
func (db *DB) commit(ctx context.Context, tx *Tx, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.fault == nil {
		return tx.exec("COMMIT")
	}
	apply, fault := db.fault(name)
	if fault != nil && !apply {
		return fault
	}
	if err := tx.exec("COMMIT"); err != nil {
		return err
	}
	return fault
}

// View runs fn on a snapshot of the store, taken at fn's first query; whatever is committed meanwhile is not in it. fn
// can't write, and must not call View, since it may hold the last of the connections. ctx ends its queries.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	s, err := take(ctx, db.readers, db.read)
	if err != nil {
		return db.explain("view", err)
	}
	defer func() { db.readers <- s }()
	tx := &Tx{ctx: ctx, s: s}
	return db.explain("view", tx.run("BEGIN DEFERRED", fn, func() error { return tx.exec("COMMIT") }))
}

// Check reads the whole store and gives an error for what does not fit together: a page, an index, a constraint, a
// reference between tables.
func (db *DB) Check(ctx context.Context) error {
	return db.View(ctx, func(tx *Tx) error {
		var said string
		if err := tx.QueryRow(`PRAGMA integrity_check(1)`).Scan(&said); err != nil {
			return err
		}
		if said != "ok" {
			return &damage{what: said}
		}
		var table, parent string
		var row, key sql.NullInt64
		err := tx.QueryRow(`PRAGMA foreign_key_check`).Scan(&table, &row, &parent, &key)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return &damage{what: fmt.Sprintf("row %d of table %s refers to a row of %s that is not there", row.Int64, table, parent)}
	})
}
