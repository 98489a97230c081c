package query

import (
	"context"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Plan is what a query would read if it ran now.
type Plan struct {
	ScannedBytes     int64
	Files            int64 // to open, those with rows that are not committed yet included
	HotRows          int64 // not committed yet, in all tables of the query
	PrunedPartitions int64 // left out
	Columns          []ColumnInfo
	Tables           []PlannedScan // one per use of a table, in the order of the text
	Steps            []string      // what the query does, in plain words
	Unstable         []string      // why it may give another answer over the same rows; empty: it gives the same
	Notices          []string
}

// PlannedScan is what a query would read of a table.
type PlannedScan struct {
	Database, Table  string
	Columns          []string // read, in the table's order; empty: only rows are counted
	Where            []string // conditions on the partition keys, as SQL; all hold for what is read
	Partitions       int64    // to read; 0 where the table has none
	PrunedPartitions int64
	Files            int64
	ScannedBytes     int64
}

// Plan does all of a SELECT that comes before the engine: it checks the statement, takes a snapshot and finds the files.
// Nothing runs and no execution is recorded. Errors are *Refusal, for what Start refuses too, and *Failure.
func (e *Executions) Plan(ctx context.Context, r StartRequest) (Plan, error) {
	text, err := oneStatement(r.QueryString)
	if err != nil {
		return Plan{}, err
	}
	p, err := parse(text)
	if err != nil {
		return Plan{}, err
	}
	if p.trino == nil || p.trino.Kind() != dialect.KindSelect {
		return Plan{}, refuse(CodeInvalidInput, "%s is no query, so there is nothing to plan: it reads no rows, and is free on AWS",
			strings.Join(firstWords(text, 2), " "))
	}
	x := Execution{Catalog: lowered(r.Catalog), Database: r.Database, Parameters: r.Parameters, Submitted: e.config.Clock().UTC()}
	tables := newResolver(ctx, e.config.Catalog)
	q, err := dialect.Analyze(p.trino, session(x), tables)
	if err != nil {
		return Plan{}, tables.failure(err)
	}
	snap, err := e.snapshot(ctx, tables.list)
	if err != nil {
		return Plan{}, err
	}
	defer snap.release()
	plan := Plan{HotRows: snap.hotRows, Steps: q.Explain(), Unstable: q.Unstable()}
	for _, c := range q.Output {
		plan.Columns = append(plan.Columns, columnInfo(c.Name, c.Type))
	}
	for _, scan := range q.Scans {
		s, scanned, err := e.planScan(ctx, scan, tables, snap)
		if err != nil {
			f := failureOf(err)
			e.tell("a dry run", f)
			return Plan{}, f
		}
		plan.add(s, scanned)
	}
	plan.Notices = snap.notices.lines()
	return plan, nil
}

func (p *Plan) add(s *scanPlan, scanned int64) {
	t := PlannedScan{Database: s.view.table.Database, Table: s.view.table.Name, Columns: s.scan.Columns,
		Where: s.scan.PartitionConditions(), Files: int64(len(s.files())), ScannedBytes: scanned}
	if len(s.view.table.PartitionKeys) > 0 {
		t.Partitions = int64(len(s.parts))
		t.PrunedPartitions = int64(len(s.view.partitions) - len(s.parts))
	}
	p.Tables = append(p.Tables, t)
	p.ScannedBytes += t.ScannedBytes
	p.Files += t.Files
	p.PrunedPartitions += t.PrunedPartitions
}
