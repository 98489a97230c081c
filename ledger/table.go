package ledger

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Migrations gives the tables of this package.
func Migrations() []state.Migration {
	return []state.Migration{batchTable, {Package: "ledger", Version: 2, SQL: `
		ALTER TABLE ledger_batches ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
		ALTER TABLE ledger_batches ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0);
		ALTER TABLE ledger_batches ADD COLUMN late BIGINT NOT NULL DEFAULT 0 CHECK (late >= 0);
		CREATE TABLE ledger_producers (
			producer     TEXT NOT NULL PRIMARY KEY,
			batches      BIGINT NOT NULL,
			last_batch   BIGINT NOT NULL,
			committed_at BIGINT NOT NULL,
			detailed     BIGINT NOT NULL,` + countColumns + `
		);
		INSERT INTO ledger_producers
			SELECT producer, COUNT(*), MAX(batch), MAX(committed_at), 0, SUM(events), SUM(unmatched), SUM(control), SUM(consumed),
				SUM(records), SUM(unpacked), SUM(undecodable), SUM(messages), SUM(delivered), SUM(rejected), SUM(row_count), 0, 0
			FROM ledger_batches GROUP BY producer;
		CREATE TABLE ledger_sources (
			producer TEXT NOT NULL,
			source   TEXT NOT NULL,
			journal  TEXT NOT NULL,
			began    BIGINT NOT NULL,
			at       BIGINT NOT NULL,` + countColumns + `,
			PRIMARY KEY (producer, source),
			CHECK (at - began = events)
		);
		CREATE TABLE ledger_minutes (
			producer TEXT NOT NULL,
			source   TEXT NOT NULL,
			span     BIGINT NOT NULL CHECK (span IN (60000, 86400000)),
			start    BIGINT NOT NULL CHECK (start % span = 0),` + countColumns + `,
			PRIMARY KEY (producer, source, span, start)
		);
		CREATE INDEX ledger_minutes_by_start ON ledger_minutes (span, start);`, Recorded: []string{"ledger_producers", "ledger_sources"}},
		{Package: "ledger", Version: 3, SQL: gapTable, Recorded: []string{"ledger_gaps"}}}
}

// countColumns are the columns of Counts with what has to hold in every row.
const countColumns = `
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
			bytes        BIGINT NOT NULL CHECK (bytes >= 0),
			late         BIGINT NOT NULL CHECK (late >= 0),
			CHECK (events = unmatched + control + consumed),
			CHECK (records = unpacked + undecodable),
			CHECK (messages = delivered + rejected),
			CHECK (late <= events)`

var batchTable = state.Migration{Package: "ledger", Version: 1, SQL: `
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
		);`}

// names and sums are the columns of Counts in statements.
var (
	names = strings.Join(columns[:], ", ")
	sums  = func() string {
		all := make([]string, len(columns))
		for i, c := range columns {
			all[i] = "COALESCE(SUM(" + c + "), 0)"
		}
		return strings.Join(all, ", ")
	}()
)

// adding is what a row gets when it is there already.
func adding(table string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c + " = " + table + "." + c + " + excluded." + c
	}
	return strings.Join(all, ", ")
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func (c Counts) values() []any {
	all := make([]any, 0, len(columns))
	for _, f := range c.fields() {
		all = append(all, *f)
	}
	return all
}

// targets gives where to scan the columns of c, behind others.
func (c *Counts) targets(before ...any) []any {
	for _, f := range c.fields() {
		before = append(before, f)
	}
	return before
}

// The statements of a commit are the same every time.
var (
	insertBatch = `INSERT INTO ledger_batches (producer, batch, generation, committed_at, ranges, rejects, ` + names + `)
		VALUES (` + marks(6+len(columns)) + `)`
	addProducer = `INSERT INTO ledger_producers (producer, batches, last_batch, committed_at, detailed, ` + names + `)
		VALUES (?, 1, ?, ?, ?, ` + marks(len(columns)) + `)
		ON CONFLICT (producer) DO UPDATE SET batches = ledger_producers.batches + 1, last_batch = excluded.last_batch,
			committed_at = excluded.committed_at,
			detailed = CASE WHEN ledger_producers.detailed = 0 THEN excluded.detailed ELSE ledger_producers.detailed END, ` + adding("ledger_producers")
	addSource = `INSERT INTO ledger_sources (producer, source, journal, began, at, ` + names + `)
		VALUES (` + marks(5+len(columns)) + `)
		ON CONFLICT (producer, source) DO UPDATE SET at = excluded.at, ` + adding("ledger_sources") + `
		WHERE ledger_sources.at = excluded.began`
	addMinute = `INSERT INTO ledger_minutes (producer, source, span, start, ` + names + `)
		VALUES (` + marks(4+len(columns)) + `)
		ON CONFLICT (producer, source, span, start) DO UPDATE SET ` + adding("ledger_minutes")
)

// Insert keeps a batch, and adds it to the totals. It fails where the ranges do not have as many offsets as the counts have
// events, where an equation does not hold, where the batch number was used before, or where the books of a source stand
// elsewhere than the batch begins.
func Insert(tx *state.Tx, b Batch) error {
	if err := b.Check(); err != nil {
		return fmt.Errorf("ledger: batch %s/%d: %w", b.Producer, b.Number, err)
	}
	ranges, err := json.Marshal(b.Ranges)
	if err != nil {
		return fmt.Errorf("ledger: encode ranges: %w", err)
	}
	_, err = tx.Exec(insertBatch, append([]any{b.Producer, b.Number, b.Generation, b.Committed, string(ranges), b.Counts.Rejects()}, b.Counts.values()...)...)
	if err != nil {
		return fmt.Errorf("ledger: batch %s/%d does not balance or is there already: %w", b.Producer, b.Number, err)
	}
	detailed := int64(0)
	if b.Minutes != nil {
		detailed = b.Number
	}
	_, err = tx.Exec(addProducer, append([]any{b.Producer, b.Number, b.Committed, detailed}, b.Counts.values()...)...)
	if err != nil {
		return fmt.Errorf("ledger: add batch %s/%d to its producer: %w", b.Producer, b.Number, err)
	}
	if b.Minutes == nil {
		return nil
	}
	return Take(tx, b.Producer, b.Ranges, b.Minutes)
}

// Take adds to the books of sources what a producer took of them: the events of ranges, by minute. Insert does it for a
// batch; routes, which have none, call it when their position moves. Ranges begin where the books stand.
func Take(tx *state.Tx, producer loglake.ProducerID, ranges []loglake.Range, minutes Minutes) error {
	if _, err := minutes.check(ranges); err != nil {
		return fmt.Errorf("ledger: %s: %w", producer, err)
	}
	for _, r := range joined(ranges) {
		n, err := tx.Exec(addSource, append([]any{producer, r.Source, r.Journal, r.From, r.To}, minutes.Of(r.Source).values()...)...)
		if err != nil {
			return fmt.Errorf("ledger: add %s to the books of %s: %w", r, producer, err)
		}
		if n != 1 {
			return loglake.Errorf(loglake.CodeConflict, "ledger: the books of %s do not stand where %s begins", producer, r)
		}
	}
	for _, m := range minutes {
		if _, err := tx.Exec(addMinute, append([]any{producer, m.Source, m.Span, m.Start}, m.Counts.values()...)...); err != nil {
			return fmt.Errorf("ledger: add a minute to the books of %s: %w", producer, err)
		}
	}
	return nil
}

// Fold adds up minutes that began before an instant by the day, one day of minutes at most, and tells how many rows it
// took. Nothing is lost by it but when in the day the events arrived.
func Fold(tx *state.Tx, before loglake.Millis) (rows int64, err error) {
	var oldest loglake.Millis
	err = tx.QueryRow(`SELECT COALESCE(MIN(start), ?) FROM ledger_minutes WHERE span = ?`, before, SpanMinute).Scan(&oldest)
	if err != nil {
		return 0, fmt.Errorf("ledger: find old minutes: %w", err)
	}
	day := oldest - oldest%SpanDay
	if day+SpanDay > before {
		return 0, nil
	}
	_, err = tx.Exec(`INSERT INTO ledger_minutes (producer, source, span, start, `+names+`)
		SELECT producer, source, ?, ?, `+sums+` FROM ledger_minutes WHERE span = ? AND start >= ? AND start < ? GROUP BY producer, source
		ON CONFLICT (producer, source, span, start) DO UPDATE SET `+adding("ledger_minutes"), SpanDay, day, SpanMinute, day, day+SpanDay)
	if err != nil {
		return 0, fmt.Errorf("ledger: fold minutes: %w", err)
	}
	rows, err = tx.Exec(`DELETE FROM ledger_minutes WHERE span = ? AND start >= ? AND start < ?`, SpanMinute, day, day+SpanDay)
	if err != nil {
		return 0, fmt.Errorf("ledger: fold minutes: %w", err)
	}
	return rows, nil
}
