package state

import (
	"fmt"
	"slices"
	"strings"
)

// Recorded gives the tables that the steps name as recorded, in the order of the steps.
func Recorded(steps []Migration) (tables []string) {
	for _, m := range steps {
		tables = append(tables, m.Recorded...)
	}
	return tables
}

// Versions gives the version of each package's tables.
func Versions(tx *Tx) (map[string]int, error) { return applied(tx) }

// UpTo gives the steps that lead to the given versions of the packages' tables; a package that is not named has none yet.
func UpTo(steps []Migration, versions map[string]int) []Migration {
	return slices.DeleteFunc(slices.Clone(steps), func(m Migration) bool { return m.Version > versions[m.Package] })
}

// Tables gives the names of all tables, by name.
func (tx *Tx) Tables() (names []string, err error) {
	rows, err := tx.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has told
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Dump gives every row of a table to row, in the order of its columns. Values are nil, int64, float64, string or []byte,
// and valid until row returns. table is a name from a Migration, never from outside.
func (tx *Tx) Dump(table string, columns func(names []string) error, row func(values []any) error) error {
	rows, err := tx.Query(`SELECT * FROM ` + quote(table))
	if err != nil {
		return fmt.Errorf("dump %s: %w", table, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has told
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("dump %s: %w", table, err)
	}
	if err := columns(names); err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("dump %s: %w", table, err)
		}
		for i, v := range values {
			switch one := v.(type) {
			case bool: // as a column of type BOOLEAN comes
				values[i] = int64(0)
				if one {
					values[i] = int64(1)
				}
			case []byte:
				if len(one) == 0 { // comes as a nil slice, which would go back as NULL
					values[i] = []byte{}
				}
			}
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Loader fills a table with what Dump gave. It empties the table first.
type Loader struct {
	tx     *Tx
	insert string
	width  int
}

// Load begins with a table. The columns have to be columns of it; one that is left out gets its default.
func (tx *Tx) Load(table string, columns []string) (*Loader, error) {
	known, err := tx.columnsOf(table)
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("load %s: no columns", table)
	}
	quoted := make([]string, len(columns))
	for i, name := range columns {
		if !slices.Contains(known, name) || slices.Contains(columns[:i], name) {
			return nil, fmt.Errorf("load %s: it has no column %q, or that one comes twice", table, name)
		}
		quoted[i] = quote(name)
	}
	if _, err := tx.Exec(`DELETE FROM ` + quote(table)); err != nil {
		return nil, fmt.Errorf("load %s: %w", table, err)
	}
	return &Loader{tx: tx, width: len(columns), insert: `INSERT INTO ` + quote(table) + ` (` + strings.Join(quoted, ", ") +
		`) VALUES (?` + strings.Repeat(", ?", len(columns)-1) + `)`}, nil
}

// Row adds a row.
func (l *Loader) Row(values []any) error {
	if len(values) != l.width {
		return fmt.Errorf("a row has %d values and not %d", len(values), l.width)
	}
	_, err := l.tx.Exec(l.insert, values...)
	return err
}

func (tx *Tx) columnsOf(table string) (names []string, err error) {
	rows, err := tx.Query(`SELECT * FROM ` + quote(table) + ` WHERE 1 = 0`)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", table, err)
	}
	defer rows.Close() //nolint:errcheck // it has no rows
	return rows.Columns()
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
