package query

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/store"
)

// fileAttempts is how often a query is planned before a file that vanishes while it is read fails it.
const fileAttempts = 3

// runSelect runs a statement of Trino's grammar and writes its result.
func (e *Executions) runSelect(ctx context.Context, a *active, x Execution, p program) (outcome, error) {
	began := e.config.Clock()
	if e.config.Engine == nil {
		f := failTrino("NOT_SUPPORTED", "this server has no SQL engine: its build was made without cgo")
		f.Told.Hint = "serve with the build that `make build` makes; DDL, SHOW and dry runs work without an engine"
		return outcome{}, f
	}
	tables := newResolver(ctx, e.config.Catalog)
	q, err := dialect.Analyze(p.trino, session(x), tables)
	if err != nil {
		return outcome{}, tables.failure(err)
	}
	var told []string // by earlier attempts: what has been noted is told once
	for attempt := 1; ; attempt++ {
		out, err := e.selectOnce(ctx, a, q, tables)
		for _, notice := range out.notices {
			if !slices.Contains(told, notice) {
				told = append(told, notice)
			}
		}
		if attempt < fileAttempts && fileVanished(err) {
			continue
		}
		out.notices = told
		e.update(a, func(x *Execution) {
			x.Statistics.Planned = len(q.Scans) > 0
			if x.Statistics.Planning == 0 { // failed while planning
				x.Statistics.Planning = e.config.Clock().Sub(began)
			}
		})
		return out, err
	}
}

// fileVanished tells whether err is that a file of the snapshot was deleted or replaced since: another snapshot has what
// is there now.
func fileVanished(err error) bool {
	var fault *engine.Fault
	return errors.As(err, &fault) && fault.Kind == engine.FaultFile || errors.Is(err, store.ErrChanged) ||
		errors.Is(err, fs.ErrNotExist) && !errors.Is(err, store.ErrNoBucket)
}

// selectOnce takes a snapshot, plans the scans over it and runs the query to the end of its result.
func (e *Executions) selectOnce(ctx context.Context, a *active, q *dialect.Query, tables *resolver) (outcome, error) {
	began := e.config.Clock()
	snap, err := e.snapshot(ctx, tables.list)
	if err != nil {
		return outcome{}, err
	}
	defer snap.release()
	stats := Statistics{HotRows: snap.hotRows}
	request, scans, err := e.plan(ctx, q, tables, snap, &stats)
	if err != nil {
		return outcome{notices: snap.notices.lines()}, err
	}
	x := e.update(a, func(x *Execution) {
		x.Statistics.Planning = e.config.Clock().Sub(began)
		x.Statistics.HotRows, x.Statistics.ScannedBytes = stats.HotRows, stats.ScannedBytes
		x.Statistics.ScannedFiles, x.Statistics.PrunedPartitions = stats.ScannedFiles, stats.PrunedPartitions
	})
	if err := checkScanned(x, stats.ScannedBytes); err != nil {
		return outcome{notices: snap.notices.lines()}, err
	}
	if err := fetch(ctx, scans); err != nil {
		return outcome{notices: snap.notices.lines()}, err
	}
	rows, err := e.config.Engine.Query(ctx, request)
	if err != nil {
		return outcome{notices: snap.notices.lines()}, failureOfFile(err, scans)
	}
	defer rows.Close()
	w, columns := e.resultOf(q, rows)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(x.Output, "s3://"), "/")
	if _, err := e.config.Store.Put(ctx, bucket, key, w, store.PutOptions{}); err != nil {
		return outcome{notices: snap.notices.lines()}, failureOfFile(fmt.Errorf("write result: %w", err), scans)
	}
	e.update(a, func(x *Execution) { x.Statistics.Rows, x.Statistics.Bytes = w.rows, w.bytes })
	none := int64(0)
	return outcome{columns: columns, metadata: true, updateCount: &none, notices: snap.notices.lines()}, nil
}

func (e *Executions) resultOf(q *dialect.Query, rows *engine.Rows) (*resultWriter, []ColumnInfo) {
	columns := make([]ColumnInfo, len(q.Output))
	types := make([]dialect.Type, len(q.Output))
	for i, c := range q.Output {
		columns[i], types[i] = columnInfo(c.Name, c.Type), c.Type
	}
	w := newResultWriter(columns, types, rows.Next)
	w.rowsMax, w.bytesMax = e.config.ResultRowsMax, e.config.ResultBytesMax
	return w, columns
}

// plan finds the files of each scan, checks them against the table and prints the query over them.
func (e *Executions) plan(ctx context.Context, q *dialect.Query, tables *resolver, snap *snapshot, stats *Statistics) (request engine.Request, scans []*scanPlan, err error) {
	texts := make(map[*dialect.Scan]string, len(q.Scans))
	for _, scan := range q.Scans {
		p, scanned, err := e.planScan(ctx, scan, tables, snap)
		if err != nil {
			return request, nil, err
		}
		scans = append(scans, p)
		stats.PrunedPartitions += int64(len(p.view.partitions) - len(p.parts))
		stats.ScannedBytes += scanned
		stats.ScannedFiles += int64(len(p.files()))
		for _, f := range p.files() {
			request.Files = append(request.Files, f.path)
		}
		if texts[scan], err = p.sql(); err != nil {
			return request, nil, err
		}
	}
	request.SQL = q.DuckDB(func(s *dialect.Scan) string { return texts[s] })
	return request, scans, nil
}

// fetchesAside is of how many files at the same time columns are fetched; the store bounds its requests itself.
const fetchesAside = 64

// fetch brings what the scans read of files that are not on this machine.
func fetch(ctx context.Context, scans []*scanPlan) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(fetchesAside)
	for _, p := range scans {
		columns := p.stored()
		for _, f := range p.files() {
			if !f.local.Whole() {
				group.Go(func() error { return f.fetchColumns(within, columns) })
			}
		}
	}
	return group.Wait()
}

// planScan finds the files of a scan, checks them against the table and gives the bytes that will be read of them.
func (e *Executions) planScan(ctx context.Context, scan *dialect.Scan, tables *resolver, snap *snapshot) (*scanPlan, int64, error) {
	view := snap.views[slices.IndexFunc(tables.list, func(t loglake.Table) bool { return sameTable(t, tables.found[scan.Table]) })]
	p := newScanPlan(scan, view)
	if err := e.loadAll(ctx, snap, view, p.parts); err != nil {
		return nil, 0, err
	}
	if err := e.judge(ctx, snap); err != nil {
		return nil, 0, err
	}
	if err := e.footers.loadAll(ctx, p.files()); err != nil {
		return nil, 0, err
	}
	scanned, err := p.check()
	if ofSystem(view.table) {
		scanned = 0
	}
	return p, scanned, err
}

func sameTable(a, b loglake.Table) bool { return a.Database == b.Database && a.Name == b.Name }

func session(x Execution) dialect.Session {
	s := dialect.Session{Now: x.Submitted, QueryID: x.ID, User: "loglake", Parameters: x.Parameters}
	if x.Catalog != nil {
		s.Catalog = *x.Catalog
	}
	if x.Database != nil {
		s.Database = strings.ToLower(*x.Database)
	}
	return s
}

// failure words an error of the analysis; its hint is for people and follows Athena's text.
func (r *resolver) failure(err error) error {
	var e *dialect.Error
	if !errors.As(err, &e) {
		return err
	}
	f := failTrino(e.Code, "%s", strings.TrimPrefix(e.Error(), e.Code+": "))
	f.Told = toldOf(e)
	if e.Hint == "" {
		f.Told.Hint = r.suggest(e)
	}
	return f
}

func toldOf(e *dialect.Error) Told {
	return Told{Code: e.Code, Message: e.Message, Line: e.Line, Column: e.Column, Hint: e.Hint}
}

// resolver gives the analysis the catalog's tables.
type resolver struct {
	ctx     context.Context //nolint:containedctx // lives for one call of Analyze
	catalog *catalog.Catalog
	found   map[*dialect.Table]loglake.Table
	list    []loglake.Table // each once
}

func newResolver(ctx context.Context, c *catalog.Catalog) *resolver {
	return &resolver{ctx: ctx, catalog: c, found: map[*dialect.Table]loglake.Table{}}
}

// catalogName is the only catalog.
const catalogName = "awsdatacatalog"

// Table gives a table as a query sees it. Only Parquet tables can be read.
func (r *resolver) Table(catalogOf, database, name string) (*dialect.Table, error) {
	if catalogOf != "" && !strings.EqualFold(catalogOf, catalogName) {
		return nil, &dialect.Error{Code: dialect.CodeCatalogNotFound, Message: fmt.Sprintf("Catalog '%s' does not exist", catalogOf)}
	}
	if database == "information_schema" {
		return nil, &dialect.Error{Code: dialect.CodeNotSupported, Message: "information_schema is not supported by this server", Hint: "use SHOW TABLES, SHOW COLUMNS or DESCRIBE"}
	}
	t, err := r.catalog.Table(r.ctx, database, name)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		if _, err := r.catalog.GetDatabase(r.ctx, database); loglake.CodeOf(err) == loglake.CodeNotFound {
			return nil, &dialect.Error{Code: dialect.CodeSchemaNotFound, Message: fmt.Sprintf("Schema '%s' does not exist", database)}
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := readable(t); err != nil {
		return nil, err
	}
	d, err := dialectTable(t)
	if err != nil {
		return nil, err
	}
	r.found[d] = t
	if !slices.ContainsFunc(r.list, func(u loglake.Table) bool { return sameTable(t, u) }) {
		r.list = append(r.list, t)
	}
	return d, nil
}

// readable refuses by name what is not read yet.
func readable(t loglake.Table) error {
	what := ""
	switch {
	case ofSystem(t):
		return nil
	case t.Type == "VIRTUAL_VIEW":
		what = "views"
	case !strings.Contains(t.SerDe, "ParquetHiveSerDe") && !strings.Contains(t.InputFormat, "Parquet"):
		what = "tables that are not Parquet (this one's input format is " + t.InputFormat + ")"
	case strings.EqualFold(t.Parameters["table_type"], "ICEBERG"):
		what = "Iceberg tables"
	}
	if _, _, ok := loglake.SplitLocation(t.Location); !ok && what == "" {
		what = "tables whose location is not s3:// (this one's is " + t.Location + ")"
	}
	if what == "" {
		return nil
	}
	return &dialect.Error{Code: dialect.CodeNotSupported, Message: fmt.Sprintf("table %s.%s: queries over %s are not supported by this server", t.Database, t.Name, what)}
}

func dialectTable(t loglake.Table) (*dialect.Table, error) {
	d := &dialect.Table{Database: t.Database, Name: t.Name}
	add := func(columns []loglake.Column, partition bool) error {
		for _, c := range columns {
			hive, err := loglake.ParseHiveType(c.Type)
			if err != nil {
				return failTrino("HIVE_METASTORE_ERROR", "Error: type expected at the position 0 of '%s' but '%s' is found. (table %s.%s, column %s)", c.Type, c.Type, t.Database, t.Name, c.Name)
			}
			kind, err := dialect.TypeOfHive(hive)
			if err != nil {
				return err
			}
			d.Columns = append(d.Columns, dialect.Column{Name: c.Name, Type: kind, Partition: partition})
		}
		return nil
	}
	keys := t.PartitionKeys
	isKey := func(c loglake.Column) bool {
		return slices.ContainsFunc(keys, func(k loglake.Column) bool { return k.Name == c.Name })
	}
	if err := add(slices.DeleteFunc(slices.Clone(t.Columns), isKey), false); err != nil {
		return nil, err
	}
	if err := add(keys, true); err != nil {
		return nil, err
	}
	d.Columns = append(d.Columns, dialect.Column{Name: pathColumn, Type: dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}, Hidden: true})
	return d, nil
}
