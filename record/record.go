// Package record keeps the record of the lake: a copy of the small tables of the state, as one file in the data folder and
// one object in each bucket that holds objects of the lake. When the state is lost, the record says what there was (groups
// and their journals, filters, streams, tables, roles), the objects in the bucket say what was delivered, and the journal
// has the rest; package rebuild makes the state of them again.
//
// The record is no log and no backup. It is written a moment after something was declared or changed, after a number of
// batches, and at stop, by a Keeper that runs beside everything else: nothing waits for it, and its failures are told and
// tried again. What was declared after the last record is lost with the state, and what was delivered after it is not: that
// is in the objects.
//
// A record is written whole: to the folder by a rename, to a bucket as an object of its own with the next number, before
// the older ones go. So a crash at any moment leaves a whole one. Each lake has an id, which is in the key of its records
// and in its objects: lakes that share a bucket are never mixed.
//
// Which tables are recorded their packages say (state.Migration.Recorded). The format is in docs/format/record.md.
package record

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Migrations gives the table of this package: the lake's id, and the number of its last record.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "record", Version: 1, SQL: `
		CREATE TABLE record_lake (
			only     BIGINT PRIMARY KEY CHECK (only = 1),
			id       TEXT NOT NULL,
			sequence BIGINT NOT NULL CHECK (sequence >= 0)
		);`, Recorded: []string{"record_lake"}}}
}

// Lake gives the id of a lake, which it gets when it is asked for the first time.
func Lake(ctx context.Context, db *state.DB) (id string, err error) {
	if err = read(ctx, db, &id); err != nil || id != "" {
		return id, err
	}
	err = db.Update(ctx, "record.lake", func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO record_lake (only, id, sequence) VALUES (1, ?, 0) ON CONFLICT (only) DO NOTHING`, uuid.NewString())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("name the lake: %w", err)
	}
	return id, read(ctx, db, &id)
}

func read(ctx context.Context, db *state.DB, id *string) (err error) {
	*id, _, err = Standing(ctx, db)
	return err
}

// Standing gives the id of a state's lake, "" where it has none yet, and the number of its last record.
func Standing(ctx context.Context, db *state.DB) (lake string, sequence int64, err error) {
	err = db.View(ctx, func(tx *state.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(id), ''), COALESCE(MAX(sequence), 0) FROM record_lake`).Scan(&lake, &sequence)
	})
	if err != nil {
		return "", 0, fmt.Errorf("read the lake's id: %w", err)
	}
	return lake, sequence, nil
}

// next gives a record its number.
func next(ctx context.Context, db *state.DB) (sequence int64, err error) {
	err = db.Update(ctx, "record.sequence", func(tx *state.Tx) error {
		if _, err := tx.Exec(`UPDATE record_lake SET sequence = sequence + 1`); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT sequence FROM record_lake`).Scan(&sequence)
	})
	if err != nil {
		return 0, fmt.Errorf("number the record: %w", err)
	}
	return sequence, nil
}

// Prefix is where records lie in a bucket. Engines pass over names that begin with an underscore, and so do our queries.
const Prefix = "_loglake/records/"

// FileName is that of the record in the data folder.
const FileName = "record"

const keySuffix = ".jsonl.gz"

// Key gives the key of a record.
func Key(lake string, sequence int64) string {
	return fmt.Sprintf("%s%s/%016d%s", Prefix, lake, sequence, keySuffix)
}

// ParseKey takes the key of a record apart.
func ParseKey(key string) (lake string, sequence int64, ok bool) {
	rest, below := strings.CutPrefix(key, Prefix)
	lake, name, slash := strings.Cut(rest, "/")
	if !below || !slash {
		return "", 0, false
	}
	if _, err := fmt.Sscanf(name, "%d", &sequence); err != nil || lake == "" || Key(lake, sequence) != key {
		return "", 0, false
	}
	return lake, sequence, true
}

// Header says what a record is of.
type Header struct {
	Format   int            `json:"format"`
	Lake     string         `json:"lake"`
	Sequence int64          `json:"sequence"`
	Written  loglake.Millis `json:"written"`
	Home     loglake.Home   `json:"home"`
	Schema   map[string]int `json:"schema"` // versions of the packages' tables
	Buckets  []string       `json:"buckets"`
}

// Format is the one that is written, and the newest that is read.
const Format = 1

// Record is a record that was read.
type Record struct {
	Header
	Tables []Table
}

// Table is the rows of one table; values are nil, int64, float64, string or []byte.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]any
}

// Table gives a table by name, empty where the record has none.
func (r *Record) Table(name string) Table {
	for _, t := range r.Tables {
		if t.Name == name {
			return t
		}
	}
	return Table{Name: name}
}

// Load fills the tables of a state, whose steps have to be those of the record (state.UpTo). Only tables in recorded are
// touched: what a record says may come from anybody who can write to the bucket.
func (r *Record) Load(tx *state.Tx, recorded []string) error {
	known := map[string]bool{}
	for _, name := range recorded {
		known[name] = true
	}
	for _, t := range r.Tables {
		if !known[t.Name] {
			return loglake.Errorf(loglake.CodeInvalid, "the record has a table %q, which is not recorded", t.Name)
		}
		known[t.Name] = false // twice is once too often
		l, err := tx.Load(t.Name, t.Columns)
		if err != nil {
			return err
		}
		for i, row := range t.Rows {
			if err := l.Row(row); err != nil {
				return fmt.Errorf("load row %d of %s: %w", i+1, t.Name, err)
			}
		}
	}
	return nil
}

// Adopt makes a state that has no lake's id yet that of a lake, and makes sure that its next record has a number above one
// that was seen.
func Adopt(ctx context.Context, db *state.DB, lake string, seen int64) error {
	if lake == "" {
		return nil // a new id is as good
	}
	err := db.Update(ctx, "record.adopt", func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO record_lake (only, id, sequence) VALUES (1, ?, ?)
			ON CONFLICT (only) DO UPDATE SET sequence = CASE WHEN sequence < ? THEN ? ELSE sequence END`, lake, seen, seen, seen)
		return err
	})
	if err != nil {
		return fmt.Errorf("adopt lake %s: %w", lake, err)
	}
	return nil
}
