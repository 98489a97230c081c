package ledger

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// of gives the condition for one producer's rows, or none where producer is empty.
func of(producer loglake.ProducerID) (where string, args []any) {
	if producer == "" {
		return "", nil
	}
	return " WHERE producer = ?", []any{producer}
}

// list runs a query and hands each row to one.
func list(tx *state.Tx, what, query string, args []any, one func(*sql.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("ledger: list %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows); err != nil {
			return fmt.Errorf("ledger: list %s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ledger: list %s: %w", what, err)
	}
	return nil
}

// Batches gives the batches of a producer, or all of them where producer is empty, in order. Minutes are left out: the
// table has them for all batches together.
func Batches(tx *state.Tx, producer loglake.ProducerID) (all []Batch, err error) {
	where, args := of(producer)
	return batches(tx, where+" ORDER BY producer, batch", args)
}

// Newest gives the batches that were committed last, of all producers, newest first, at most limit.
func Newest(tx *state.Tx, limit int) ([]Batch, error) {
	return batches(tx, " ORDER BY committed_at DESC, producer, batch DESC LIMIT ?", []any{limit})
}

func batches(tx *state.Tx, rest string, args []any) (all []Batch, err error) {
	err = list(tx, "batches", `SELECT producer, batch, generation, committed_at, ranges, `+names+` FROM ledger_batches`+rest, args,
		func(rows *sql.Rows) error {
			var b Batch
			var ranges string
			if err := rows.Scan(b.Counts.targets(&b.Producer, &b.Number, &b.Generation, &b.Committed, &ranges)...); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(ranges), &b.Ranges); err != nil {
				return fmt.Errorf("ranges of batch %s/%d: %w", b.Producer, b.Number, err)
			}
			all = append(all, b)
			return nil
		})
	return all, err
}

// Last gives the number of a producer's last committed batch, 0 where it has none.
func Last(tx *state.Tx, producer loglake.ProducerID) (int64, error) {
	p, err := Of(tx, producer)
	return p.Last, err
}

// CommittedAt gives when a batch was committed, 0 where it was not.
func CommittedAt(tx *state.Tx, producer loglake.ProducerID, batch int64) (at loglake.Millis, err error) {
	err = tx.QueryRow(`SELECT COALESCE(MAX(committed_at), 0) FROM ledger_batches WHERE producer = ? AND batch = ?`, producer, batch).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("ledger: commit of batch %s/%d: %w", producer, batch, err)
	}
	return at, nil
}

// Producer is the running totals of a producer's batches.
type Producer struct {
	Producer  loglake.ProducerID
	Batches   int64
	Last      int64          // number of the last one
	Committed loglake.Millis // when it was
	Detailed  int64          // number of the first batch that the books of sources and minutes have; 0: none yet
	Counts    Counts
}

const producerColumns = `SELECT producer, batches, last_batch, committed_at, detailed, `

// Of gives the totals of a producer; all zero where it has no batch.
func Of(tx *state.Tx, producer loglake.ProducerID) (p Producer, err error) {
	p.Producer = producer
	err = tx.QueryRow(producerColumns+names+` FROM ledger_producers WHERE producer = ?`, producer).Scan(
		p.Counts.targets(&p.Producer, &p.Batches, &p.Last, &p.Committed, &p.Detailed)...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("ledger: totals of %s: %w", producer, err)
	}
	return p, nil
}

// Producers gives the totals of every producer that has a batch, also of those that are deleted.
func Producers(tx *state.Tx) (all []Producer, err error) {
	err = list(tx, "producers", producerColumns+names+` FROM ledger_producers ORDER BY producer`, nil, func(rows *sql.Rows) error {
		var p Producer
		err := rows.Scan(p.Counts.targets(&p.Producer, &p.Batches, &p.Last, &p.Committed, &p.Detailed)...)
		all = append(all, p)
		return err
	})
	return all, err
}

// Source is the running totals of what a producer took of a source.
type Source struct {
	Producer loglake.ProducerID
	Source   loglake.SourceID
	Journal  loglake.JournalID
	Began    loglake.Offset // the first event that is counted
	At       loglake.Offset // all before it are counted
	Counts   Counts
}

// Sources gives the books of the sources of a producer, of all where producer is empty, by producer and source. One of
// which nothing was taken yet has none.
func Sources(tx *state.Tx, producer loglake.ProducerID) (all []Source, err error) {
	where, args := of(producer)
	err = list(tx, "sources", `SELECT producer, source, journal, began, at, `+names+` FROM ledger_sources`+where+` ORDER BY producer, source`, args,
		func(rows *sql.Rows) error {
			var s Source
			err := rows.Scan(s.Counts.targets(&s.Producer, &s.Source, &s.Journal, &s.Began, &s.At)...)
			all = append(all, s)
			return err
		})
	return all, err
}

// Arrived is what became of the events of a source that arrived in a minute or a day.
type Arrived struct {
	Producer loglake.ProducerID
	Minute
}

// ByMinute gives minutes and days that began in [from, to), newest first, at most limit; of all producers where producer
// is empty.
func ByMinute(tx *state.Tx, producer loglake.ProducerID, from, to loglake.Millis, limit int) (all []Arrived, err error) {
	where, args := " WHERE start >= ? AND start < ?", []any{from, to}
	if producer != "" {
		where, args = where+" AND producer = ?", append(args, producer)
	}
	err = list(tx, "minutes", `SELECT producer, source, span, start, `+names+` FROM ledger_minutes`+where+
		` ORDER BY start DESC, span, producer, source LIMIT ?`, append(args, limit), func(rows *sql.Rows) error {
		var a Arrived
		err := rows.Scan(a.Counts.targets(&a.Producer, &a.Source, &a.Span, &a.Start)...)
		all = append(all, a)
		return err
	})
	return all, err
}

// MinuteSums gives the sum of all minutes and days of each source, for the checker.
func MinuteSums(tx *state.Tx) (all []Arrived, err error) {
	err = list(tx, "sums of minutes", `SELECT producer, source, `+sums+` FROM ledger_minutes GROUP BY producer, source`, nil, func(rows *sql.Rows) error {
		var a Arrived
		err := rows.Scan(a.Counts.targets(&a.Producer, &a.Source)...)
		all = append(all, a)
		return err
	})
	return all, err
}
