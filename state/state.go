// Package state is the transactional store of small facts: definitions, positions, the manifest, intents, the ledger.
// Nothing that happens once per put is written to it.
//
// It is one SQLite file in WAL mode with synchronous=FULL: a transaction that was answered survives a power cut. There is
// one writer connection, whose transactions begin IMMEDIATE, so that none fails half-way for a lock; and a pool of
// readers, each of which sees one consistent snapshot for as long as its View lasts and never waits for the writer. SQL is
// kept to what PostgreSQL takes too. Packages own their tables: each has a function Migrations, which Open applies, and
// works on a *Tx; this package knows nobody's tables. SQLite's checkpoint runs on the writer after every 1,000 pages,
// which costs less than another goroutine would explain.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo

	"github.com/loglake/loglake"
)

// Config is what a DB is made of.
type Config struct {
	Path       string // of the SQLite file; made where it is not there
	Migrations []Migration
	// Fault is for tests: it is asked at the end of every Update, by the transaction's name, and may make it fail. With
	// apply the transaction is committed and reported failed all the same; without, it is rolled back. Nil: none fails.
	Fault func(name string) (apply bool, err error)
	// Existing says that the file was there before: one without tables is refused as damaged, and not taken for a new one.
	// SQLite keeps what was written last in a file of its own beside it, and without that a young state file is empty.
	Existing bool
	// OnUpdate is told the name of every Update that changed something, or may have. It must not wait. Nil: nobody is told.
	OnUpdate func(name string)
}

// Migration is one step of one package's tables. Steps of a package are applied in the order of their versions, which
// count from 1 without gaps, each exactly once.
type Migration struct {
	Package string
	Version int
	SQL     string
	// Recorded names the tables made by this step that the record of the lake holds (package record), parents first. The
	// others can be made again from the bucket and the journal, or are not worth it.
	Recorded []string
}

// readersMax bounds the read connections; a View beyond it waits.
const readersMax = 8

// busyTimeout bounds how long SQLite waits for a lock held by another process, such as a backup.
const busyTimeout = 10 * time.Second

// DB is an open store. Its methods may be called concurrently.
type DB struct {
	cfg    Config
	writer *sql.DB // one connection
	reader *sql.DB

	prepared prepared // of the writer

	mu      sync.Mutex
	idle    sync.Cond // with mu: running is 0
	running int       // transactions
	closed  bool

	broken atomic.Pointer[loglake.Error] // what the file was found damaged by; nil: it is well
	lost   chan struct{}                 // closed with it
}

// Open opens or makes the file and brings its tables up to date. A file that is damaged, or newer than this program, is
// refused.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	db := &DB{cfg: cfg, lost: make(chan struct{})}
	db.idle.L = &db.mu
	var err error
	if db.writer, err = connect(cfg.Path, "immediate"); err != nil {
		return nil, err
	}
	db.writer.SetMaxOpenConns(1)
	if db.reader, err = connect(cfg.Path, "deferred"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.reader.SetMaxOpenConns(readersMax)
	db.reader.SetMaxIdleConns(readersMax)
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(db.damaged(err), db.Close())
	}
	return db, nil
}

func connect(path, lock string) (*sql.DB, error) {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	return db, nil
}

// migrate applies what is missing, all in one transaction.
func (db *DB) migrate(ctx context.Context) error {
	return db.update(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`CREATE TABLE IF NOT EXISTS state_migrations (
			package TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (package, version))`); err != nil {
			return err
		}
		known := map[string]int{}
		for _, m := range db.cfg.Migrations {
			known[m.Package] = max(known[m.Package], m.Version)
		}
		applied, err := applied(tx)
		if err != nil {
			return err
		}
		if db.cfg.Existing && len(applied) == 0 {
			return db.damage(errors.New("it has no tables"))
		}
		for name, version := range applied {
			if version > known[name] {
				return loglake.Errorf(loglake.CodeConflict, "the state file %s was written by a newer loglake (tables of %s are version %d, this program knows %d)",
					db.cfg.Path, name, version, known[name]).WithHint("start the newer one; going back is not possible")
			}
		}
		for _, m := range db.cfg.Migrations {
			if m.Version <= applied[m.Package] {
				continue
			}
			if _, err := tx.Exec(m.SQL); err != nil {
				return fmt.Errorf("migrate %s to version %d: %w", m.Package, m.Version, err)
			}
			if _, err := tx.Exec(`INSERT INTO state_migrations (package, version) VALUES (?, ?)`, m.Package, m.Version); err != nil {
				return err
			}
		}
		return nil
	})
}

func applied(tx *Tx) (map[string]int, error) {
	rows, err := tx.Query(`SELECT package, MAX(version) FROM state_migrations GROUP BY package`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has told
	versions := map[string]int{}
	for rows.Next() {
		var name string
		var version int
		if err := rows.Scan(&name, &version); err != nil {
			return nil, err
		}
		versions[name] = version
	}
	return versions, rows.Err()
}

// Close waits for the transactions that are running, and closes the file: afterwards nobody has it open, and all of it
// is in the one file. Transactions that come later fail.
func (db *DB) Close() error {
	db.mu.Lock()
	db.closed = true
	for db.running > 0 {
		db.idle.Wait()
	}
	db.mu.Unlock()
	var errs []error
	for _, d := range []*sql.DB{db.reader, db.writer} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

// Update runs fn in a write transaction and commits it; an error of fn, or a panic, rolls back. After nil the changes are
// durable. After an error of the commit itself they may be there or not. name identifies the transaction in tests and
// reports. Updates follow each other; fn must not call Update or wait for one.
func (db *DB) Update(ctx context.Context, name string, fn func(*Tx) error) error {
	if db.cfg.OnUpdate != nil {
		own := fn
		fn = func(tx *Tx) error {
			tx.OnCommit(func() { db.cfg.OnUpdate(name) })
			return own(tx)
		}
	}
	if db.cfg.Fault == nil {
		return db.update(ctx, fn)
	}
	var reported error
	err := db.update(ctx, func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		apply, err := db.cfg.Fault(name)
		if err != nil && apply {
			reported = err
			return nil
		}
		return err
	})
	return errors.Join(err, reported)
}

func (db *DB) update(ctx context.Context, fn func(*Tx) error) (err error) {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	defer func() { err = db.look(err) }()
	tx, committing := &Tx{ctx: ctx, prepared: &db.prepared}, false
	err = transact(ctx, db.writer, nil, func(t *sql.Tx) error {
		tx.tx = t
		if err := errors.Join(fn(tx), ctx.Err()); err != nil {
			return err
		}
		committing = true
		if err := t.Commit(); err != nil {
			return fmt.Errorf("commit transaction: %w", err)
		}
		return nil
	})
	if !committing {
		return err
	}
	for _, query := range tx.wanted {
		db.prepared.add(ctx, db.writer, query)
	}
	for _, f := range tx.committed {
		f()
	}
	return err
}

// transact runs fn in a transaction, which is over when it returns, with its connection idle again. The end of ctx ends the wait
// for a connection and, by Tx, statements; the transaction is rolled back here and not, as database/sql would, beside whoever
// goes on.
func transact(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(*sql.Tx) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	t, err := conn.BeginTx(context.WithoutCancel(ctx), o)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	return fn(t)
}

// enter begins a use of the file, which Close waits for.
func (db *DB) enter() error {
	if err := db.Err(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return fmt.Errorf("begin transaction: the state %s is closed", db.cfg.Path)
	}
	db.running++
	return nil
}

func (db *DB) leave() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.running--; db.running == 0 {
		db.idle.Broadcast()
	}
}

// View runs fn on one consistent snapshot of what is committed. fn must not write.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) (err error) {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	defer func() { err = db.look(err) }()
	return transact(ctx, db.reader, &sql.TxOptions{ReadOnly: true}, func(t *sql.Tx) error { return fn(&Tx{ctx: ctx, tx: t}) })
}

// Tx is a transaction. It is valid within the function that was given it, for one goroutine.
type Tx struct {
	ctx       context.Context //nolint:containedctx // lives as long as the transaction
	tx        *sql.Tx
	committed []func()
	prepared  *prepared // of the writer; nil: nothing is
	wanted    []string  // to be prepared when the transaction is over
}

// Exec runs a statement and gives how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (rowsAffected int64, err error) {
	var r sql.Result
	if stmt := tx.stmt(query); stmt != nil {
		r, err = stmt.ExecContext(tx.ctx, args...)
	} else {
		r, err = tx.tx.ExecContext(tx.ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows before the next statement of the transaction.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryContext(tx.ctx, args...)
	}
	return tx.tx.QueryContext(tx.ctx, query, args...)
}

// QueryRow runs a query that gives one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryRowContext(tx.ctx, args...)
	}
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// Context is that of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// OnCommit has f run once the transaction is durable, or may be (its commit failed and nobody knows how far it came),
// after those given before. It is for letting go of what was cached and for waking those who look again.
func (tx *Tx) OnCommit(f func()) { tx.committed = append(tx.committed, f) }
