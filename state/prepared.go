package state

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// preparedMax bounds the statements that are kept prepared. Those that come first are: they are constants of the program, of which
// there are fewer.
const preparedMax = 256

// prepared are statements of the writer that were used before. To prepare one costs more than to run it, so from its third
// use on a statement is not prepared again. Texts that hold several statements are left out.
//
// A statement is prepared on the writer's only connection, between transactions: within one the connection is taken.
type prepared struct {
	mu    sync.Mutex
	known map[string]*sql.Stmt // nil: used once
}

// of gives the prepared statement of a text, nil where there is none; wanted says that there should be one.
func (p *prepared) of(query string) (stmt *sql.Stmt, wanted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stmt, used := p.known[query]
	if used {
		return stmt, stmt == nil
	}
	if len(p.known) < preparedMax && !strings.Contains(query, ";") {
		if p.known == nil {
			p.known = map[string]*sql.Stmt{}
		}
		p.known[query] = nil
	}
	return nil, false
}

// add prepares a statement. One that can't be stays as it is: whoever runs it is told why.
func (p *prepared) add(ctx context.Context, writer *sql.DB, query string) {
	stmt, err := writer.PrepareContext(ctx, query)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.known[query]; other != nil {
		_ = stmt.Close() // somebody else was faster
		return
	}
	p.known[query] = stmt
}

// stmt gives the statement of a text within the transaction, nil where it is not prepared.
func (tx *Tx) stmt(query string) *sql.Stmt {
	if tx.prepared == nil {
		return nil
	}
	stmt, wanted := tx.prepared.of(query)
	if wanted {
		tx.wanted = append(tx.wanted, query)
	}
	if stmt == nil {
		return nil
	}
	return tx.tx.StmtContext(tx.ctx, stmt)
}
