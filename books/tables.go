package books

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Table is a relation of the system's own database. Its columns are the fields of a row's type, by their JSON names.
type Table struct {
	Name    string
	Comment string
	Columns []loglake.Column // of Hive types
	// Rows gives the rows as of a transaction: each can be written as a JSON object with the columns as members.
	Rows func(tx *state.Tx) ([]any, error)
}

// Tables gives the relations, by name.
func (b *Books) Tables() []Table {
	return []Table{
		{Name: "batches", Comment: "batches of delivery streams, the newest", Columns: columnsOf[Batch](),
			Rows: func(tx *state.Tx) ([]any, error) { return anys(b.Batches(tx)) }},
		{Name: "ledger", Comment: "what became of every event: a row per account, with its equations", Columns: columnsOf[Row](),
			Rows: func(tx *state.Tx) ([]any, error) { return anys(b.Read(tx, Query{Ended: true})) }},
		{Name: "ledger_minutes", Comment: "what became of the events that arrived in a minute", Columns: columnsOf[Minute](),
			Rows: func(tx *state.Tx) ([]any, error) { return anys(b.Minutes(tx, MinutesQuery{Query: Query{Ended: true}})) }},
	}
}

func anys[T any](rows []T, err error) ([]any, error) {
	all := make([]any, len(rows))
	for i := range rows {
		all[i] = &rows[i]
	}
	return all, err
}

// columnsOf gives the columns of a row's type.
func columnsOf[T any]() (columns []loglake.Column) {
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		columns = append(columns, loglake.Column{Name: name, Type: hiveType(f.Type), Comment: f.Tag.Get("about")})
	}
	return columns
}

func hiveType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "timestamp"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int64:
		return "bigint"
	}
	return "string"
}

// Header and Record give the names of the columns of a row, and its values as text, for CSV; what a row does not have is "".
func Header[T any]() (names []string) {
	for _, c := range columnsOf[T]() {
		names = append(names, c.Name)
	}
	return names
}

// Record is the values of a row: see Header.
func Record[T any](row T) (values []string) {
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				values = append(values, "")
				continue
			}
			f = f.Elem()
		}
		if t, ok := f.Interface().(time.Time); ok {
			values = append(values, t.UTC().Format(time.RFC3339Nano))
			continue
		}
		values = append(values, fmt.Sprint(f.Interface()))
	}
	return values
}
