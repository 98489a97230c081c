package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// Tx is a transaction, valid until the function that it was given to returns, in one goroutine.
type Tx struct {
	ctx      context.Context // of the transaction: a Tx lives inside one call
	s        *session
	onCommit []func()
}

// Exec runs a statement that gives no rows and returns how many it changed.
func (tx *Tx) Exec(query string, args ...any) (rowsAffected int64, err error) {
	stmt, err := tx.s.prepare(tx.ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a statement that gives rows. The caller closes them before the function of the transaction returns.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	// Not kept prepared: while its rows are open, the same query may be asked again.
	return tx.s.conn.QueryContext(tx.ctx, query, args...)
}

// QueryRow runs a statement that gives one row or, as Scan says, sql.ErrNoRows. Scan must be called.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	stmt, err := tx.s.prepare(tx.ctx, query)
	if err != nil {
		return tx.s.conn.QueryRowContext(tx.ctx, query, args...) // the way to hand the error to Scan
	}
	return stmt.QueryRowContext(tx.ctx, args...)
}

// OnCommit has fn called after the transaction is committed, after the functions given before: to wake whoever waits
// for what was written. It is not called after a failure.
func (tx *Tx) OnCommit(fn func()) { tx.onCommit = append(tx.onCommit, fn) }

// run is the life of a transaction: begin, fn, commit, and a rollback where one of them fails.
func (tx *Tx) run(begin string, fn func(*Tx) error, commit func() error) (err error) {
	if err := tx.exec(begin); err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		// A failed commit or the server's own trouble may have rolled back already; then this says so and is at peace.
		tx.ctx = context.WithoutCancel(tx.ctx)
		if rollback := tx.exec("ROLLBACK"); rollback != nil && errors.Is(rollback, driver.ErrBadConn) {
			err = errors.Join(err, tx.s.reset())
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := commit(); err != nil {
		return err
	}
	done = true
	return nil
}

func (tx *Tx) exec(statement string) error {
	_, err := tx.Exec(statement)
	return err
}

// session is one connection and the statements prepared on it, which spares SQLite's parser for what runs again and
// again. It belongs to one transaction at a time.
type session struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// take waits for a session and opens it where it is new. The caller puts it back.
func take(ctx context.Context, free chan *session, db *sql.DB) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s := <-free:
		if s != nil && s.conn != nil {
			return s, nil
		}
		conn, err := db.Conn(ctx)
		if err != nil {
			free <- nil
			return nil, err
		}
		return &session{conn: conn, statements: map[string]*sql.Stmt{}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.statements[query]; ok {
		return stmt, nil
	}
	if len(s.statements) >= statementsMax {
		if err := s.forget(); err != nil {
			return nil, err
		}
	}
	stmt, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.statements[query] = stmt
	return stmt, nil
}

func (s *session) forget() error {
	var errs []error
	for query, stmt := range s.statements {
		errs = append(errs, stmt.Close())
		delete(s.statements, query)
	}
	return errors.Join(errs...)
}

// reset drops a broken connection; the next transaction gets another.
func (s *session) reset() error {
	err := s.close()
	s.conn = nil
	return err
}

func (s *session) close() error {
	if s == nil || s.conn == nil {
		return nil
	}
	if err := errors.Join(s.forget(), s.conn.Close()); err != nil {
		return fmt.Errorf("close state: %w", err)
	}
	return nil
}
