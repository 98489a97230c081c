package server

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/state"
)

// systemTables are the tables of the database loglake as the catalog has them.
func systemTables(b *books.Books) (all []loglake.Table) {
	for _, t := range b.Tables() {
		all = append(all, loglake.Table{Name: t.Name, Columns: t.Columns, Parameters: map[string]string{"comment": t.Comment}})
	}
	return all
}

// systemRows gives their rows.
func (s *Server) systemRows() *query.System {
	rows := map[string]func(*state.Tx) ([]any, error){}
	for _, t := range s.Books.Tables() {
		rows[t.Name] = t.Rows
	}
	return &query.System{Rows: rows, Dir: s.path("scratch"), FS: s.cfg.FS}
}
