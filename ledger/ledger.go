// Package ledger keeps the counts of every batch, in the transaction that commits it, under constraints that make the
// sums prove themselves: a batch whose numbers do not add up can't be committed.
//
// The equations, over the journal ranges of one batch:
//
//	events   = unmatched + control + consumed     what lies in the ranges
//	records  = unpacked + undecodable             what the stream carried
//	messages = delivered + rejected               what unpacking gave
//	rejects  = undecodable + rejected             lines in reject objects
package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Migrations gives the tables of this package.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "ledger", Version: 1, SQL: `
		CREATE TABLE ledger_batches (
			producer     TEXT NOT NULL,
			batch        BIGINT NOT NULL CHECK (batch > 0),
			committed_at BIGINT NOT NULL,
			ranges       TEXT NOT NULL,
			events       BIGINT NOT NULL CHECK (events >= 0),
			unmatched    BIGINT NOT NULL CHECK (unmatched >= 0),
			control      BIGINT NOT NULL CHECK (control >= 0),
			consumed     BIGINT NOT NULL CHECK (consumed >= 0),
			records      BIGINT NOT NULL CHECK (records >= 0),
			unpacked     BIGINT NOT NULL CHECK (unpacked >= 0),
			undecodable  BIGINT NOT NULL CHECK (undecodable >= 0),
			messages     BIGINT NOT NULL CHECK (messages >= 0),
			delivered    BIGINT NOT NULL CHECK (delivered >= 0),
			rejected     BIGINT NOT NULL CHECK (rejected >= 0),
			row_count    BIGINT NOT NULL CHECK (row_count >= 0),
			rejects      BIGINT NOT NULL,
			PRIMARY KEY (producer, batch),
			CHECK (events = unmatched + control + consumed),
			CHECK (records = unpacked + undecodable),
			CHECK (messages = delivered + rejected),
			CHECK (rejects = undecodable + rejected)
		);`}}
}

// Counts is what became of the events of some journal ranges.
type Counts struct {
	Events      int64 // offsets in the ranges
	Unmatched   int64 // events that the subscription's pattern leaves out
	Control     int64 // control documents, which carry no event
	Consumed    int64 // events and records that went on
	Records     int64 // records as the stream carried them
	Unpacked    int64 // records that unpacking understood
	Undecodable int64 // records that it did not: rejected whole
	Messages    int64 // what unpacking gave
	Delivered   int64 // messages that are in data objects
	Rejected    int64 // messages that conversion refused
	Rows        int64 // rows in data objects: a message may hold several JSON objects
}

// Rejects is the number of lines in reject objects.
func (c Counts) Rejects() int64 { return c.Undecodable + c.Rejected }

// Check tells which equation does not hold for counts over ranges.
func (c Counts) Check(ranges []loglake.Range) error {
	var events int64
	for _, r := range ranges {
		events += r.Len()
	}
	switch {
	case events != c.Events:
		return fmt.Errorf("the ranges have %d events, counted were %d", events, c.Events)
	case c.Events != c.Unmatched+c.Control+c.Consumed:
		return fmt.Errorf("%d events are not %d unmatched, %d control and %d consumed", c.Events, c.Unmatched, c.Control, c.Consumed)
	case c.Records != c.Unpacked+c.Undecodable:
		return fmt.Errorf("%d records are not %d unpacked and %d undecodable", c.Records, c.Unpacked, c.Undecodable)
	case c.Messages != c.Delivered+c.Rejected:
		return fmt.Errorf("%d messages are not %d delivered and %d rejected", c.Messages, c.Delivered, c.Rejected)
	}
	return nil
}

// Add adds other to c.
func (c *Counts) Add(other Counts) {
	c.Events += other.Events
	c.Unmatched += other.Unmatched
	c.Control += other.Control
	c.Consumed += other.Consumed
	c.Records += other.Records
	c.Unpacked += other.Unpacked
	c.Undecodable += other.Undecodable
	c.Messages += other.Messages
	c.Delivered += other.Delivered
	c.Rejected += other.Rejected
	c.Rows += other.Rows
}

// Batch is one committed batch of a producer.
type Batch struct {
	Producer  loglake.ProducerID
	Number    int64 // from 1, without gaps per producer
	Committed loglake.Millis
	Ranges    []loglake.Range
	Counts    Counts
}

// Insert keeps a batch. It fails where the ranges do not have as many offsets as the counts have events, where an
// equation does not hold, or where the batch number was used before.
func Insert(tx *state.Tx, b Batch) error {
	if err := b.Counts.Check(b.Ranges); err != nil {
		return fmt.Errorf("ledger: batch %s/%d: %w", b.Producer, b.Number, err)
	}
	ranges, err := json.Marshal(b.Ranges)
	if err != nil {
		return fmt.Errorf("ledger: encode ranges: %w", err)
	}
	c := b.Counts
	_, err = tx.Exec(`INSERT INTO ledger_batches (producer, batch, committed_at, ranges, events, unmatched, control,
			consumed, records, unpacked, undecodable, messages, delivered, rejected, row_count, rejects)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.Producer, b.Number, b.Committed, string(ranges), c.Events, c.Unmatched, c.Control, c.Consumed, c.Records,
		c.Unpacked, c.Undecodable, c.Messages, c.Delivered, c.Rejected, c.Rows, c.Rejects())
	if err != nil {
		return fmt.Errorf("ledger: batch %s/%d does not balance or is there already: %w", b.Producer, b.Number, err)
	}
	return nil
}

// of gives the condition for one producer's batches, or none where producer is empty.
func of(producer loglake.ProducerID) (where string, args []any) {
	if producer == "" {
		return "", nil
	}
	return " WHERE producer = ?", []any{producer}
}

// Batches gives the batches of a producer, or all of them where producer is empty, in order.
func Batches(tx *state.Tx, producer loglake.ProducerID) ([]Batch, error) {
	where, args := of(producer)
	rows, err := tx.Query(`SELECT producer, batch, committed_at, ranges, events, unmatched, control, consumed, records,
			unpacked, undecodable, messages, delivered, rejected, row_count
		FROM ledger_batches`+where+` ORDER BY producer, batch`, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: list batches: %w", err)
	}
	defer rows.Close()
	var all []Batch
	for rows.Next() {
		var b Batch
		var ranges string
		c := &b.Counts
		if err := rows.Scan(&b.Producer, &b.Number, &b.Committed, &ranges, &c.Events, &c.Unmatched, &c.Control, &c.Consumed,
			&c.Records, &c.Unpacked, &c.Undecodable, &c.Messages, &c.Delivered, &c.Rejected, &c.Rows); err != nil {
			return nil, fmt.Errorf("ledger: list batches: %w", err)
		}
		if err := json.Unmarshal([]byte(ranges), &b.Ranges); err != nil {
			return nil, fmt.Errorf("ledger: batch %s/%d: decode ranges: %w", b.Producer, b.Number, err)
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// Last gives the number of a producer's last committed batch, 0 where it has none.
func Last(tx *state.Tx, producer loglake.ProducerID) (int64, error) {
	var n int64
	err := tx.QueryRow(`SELECT COALESCE(MAX(batch), 0) FROM ledger_batches WHERE producer = ?`, producer).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("ledger: last batch of %s: %w", producer, err)
	}
	return n, nil
}

// Since gives the sum of the counts of a producer's batches above a number, with the number and the commit of the last
// of them; 0 and 0 where there is none. Batches never change, so sums may be added up.
func Since(tx *state.Tx, producer loglake.ProducerID, batch int64) (c Counts, last int64, committed loglake.Millis, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(events), 0), COALESCE(SUM(unmatched), 0), COALESCE(SUM(control), 0),
			COALESCE(SUM(consumed), 0), COALESCE(SUM(records), 0), COALESCE(SUM(unpacked), 0), COALESCE(SUM(undecodable), 0),
			COALESCE(SUM(messages), 0), COALESCE(SUM(delivered), 0), COALESCE(SUM(rejected), 0), COALESCE(SUM(row_count), 0),
			COALESCE(MAX(batch), 0), COALESCE(MAX(committed_at), 0)
		FROM ledger_batches WHERE producer = ? AND batch > ?`, producer, batch).Scan(&c.Events, &c.Unmatched, &c.Control,
		&c.Consumed, &c.Records, &c.Unpacked, &c.Undecodable, &c.Messages, &c.Delivered, &c.Rejected, &c.Rows, &last, &committed)
	if err != nil {
		return c, 0, 0, fmt.Errorf("ledger: totals since batch %d: %w", batch, err)
	}
	return c, last, committed, nil
}

// CommittedAt gives when a batch was committed, 0 where it was not.
func CommittedAt(tx *state.Tx, producer loglake.ProducerID, batch int64) (at loglake.Millis, err error) {
	err = tx.QueryRow(`SELECT COALESCE(MAX(committed_at), 0) FROM ledger_batches WHERE producer = ? AND batch = ?`, producer, batch).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("ledger: commit of batch %s/%d: %w", producer, batch, err)
	}
	return at, nil
}

// Total gives the sum of the counts of a producer's batches, of all batches where producer is empty.
func Total(tx *state.Tx, producer loglake.ProducerID) (Counts, error) {
	var c Counts
	where, args := of(producer)
	err := tx.QueryRow(`SELECT COALESCE(SUM(events), 0), COALESCE(SUM(unmatched), 0), COALESCE(SUM(control), 0),
			COALESCE(SUM(consumed), 0), COALESCE(SUM(records), 0), COALESCE(SUM(unpacked), 0), COALESCE(SUM(undecodable), 0),
			COALESCE(SUM(messages), 0), COALESCE(SUM(delivered), 0), COALESCE(SUM(rejected), 0), COALESCE(SUM(row_count), 0)
		FROM ledger_batches`+where, args...).Scan(&c.Events, &c.Unmatched, &c.Control,
		&c.Consumed, &c.Records, &c.Unpacked, &c.Undecodable, &c.Messages, &c.Delivered, &c.Rejected, &c.Rows)
	if err != nil {
		return c, fmt.Errorf("ledger: totals: %w", err)
	}
	return c, nil
}
