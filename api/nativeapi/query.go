package nativeapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query"
)

// queryBodyMax bounds the body of POST /v1/query; a statement of query.QueryBytesMax fits, however JSON escapes it.
const queryBodyMax = 2 << 20

// QueryRequest is the body of POST /v1/query.
type QueryRequest struct {
	SQL      string `json:"sql"`
	Database string `json:"database,omitempty"` // of names that have none; "": default
	DryRun   bool   `json:"dry_run,omitempty"`  // answer with a Plan and run nothing
	RowsMax  int64  `json:"rows_max,omitempty"` // send this many rows at most; 0: all
}

// QueryLine is a line of the answer to POST /v1/query; one of its fields is set. The columns come first, then the rows,
// then the statistics, or an error in place of what would follow. NULL is null, and all other values are text as Athena
// writes them. The answer to a dry run is one line with a plan.
type QueryLine struct {
	Columns    []QueryColumn    `json:"columns,omitempty"`
	Row        []*string        `json:"row,omitempty"`
	Statistics *QueryStatistics `json:"statistics,omitempty"`
	Error      *QueryError      `json:"error,omitempty"`
	Plan       *QueryPlan       `json:"plan,omitempty"`
}

// QueryColumn is a column of a result. Type is Athena's name of its type, with precision and scale where it is decimal.
type QueryColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// QueryStatistics are what a query took. Times are milliseconds; Rows is how many were sent, which is fewer than there
// are where Truncated says so.
type QueryStatistics struct {
	ScannedBytes int64    `json:"scanned_bytes"`
	Rows         int64    `json:"rows"`
	Truncated    bool     `json:"truncated,omitempty"`
	Queue        int64    `json:"queue_ms"`
	Engine       int64    `json:"engine_ms"`
	Total        int64    `json:"total_ms"`
	ExecutionID  string   `json:"execution_id"`
	Statement    string   `json:"statement"` // DML, DDL or UTILITY; AWS bills DML
	Notices      []string `json:"notices,omitempty"`
}

// QueryError is why a statement was refused or has failed. Code is Athena's; Line and Column are places in the SQL as it
// was sent, from 1, counted in characters, 0 where no place is known.
type QueryError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// QueryPlan is what a query would read. Partitions and PrunedPartitions (those that it leaves out) are those of all
// tables; HotRows are rows that are not committed yet.
type QueryPlan struct {
	ScannedBytes     int64         `json:"scanned_bytes"`
	Files            int64         `json:"files"`
	Partitions       int64         `json:"partitions"`
	PrunedPartitions int64         `json:"pruned_partitions"`
	HotRows          int64         `json:"hot_rows"`
	Columns          []QueryColumn `json:"columns"`
	Tables           []QueryScan   `json:"tables"`
	Steps            []string      `json:"steps"`              // what the query does, in plain words
	Unstable         []string      `json:"unstable,omitempty"` // why it may give another answer over the same rows
	Notices          []string      `json:"notices,omitempty"`
}

// QueryScan is a use of a table in a QueryPlan.
type QueryScan struct {
	Database         string   `json:"database"`
	Table            string   `json:"table"`
	Columns          []string `json:"columns"`         // that are read
	Where            []string `json:"where,omitempty"` // conditions on the partition keys, as SQL
	Partitions       int64    `json:"partitions"`
	PrunedPartitions int64    `json:"pruned_partitions"`
	Files            int64    `json:"files"`
	ScannedBytes     int64    `json:"scanned_bytes"`
}

// query answers POST /v1/query.
func (h *handler) query(w http.ResponseWriter, r *http.Request) {
	in := QueryRequest{}
	if err := decodeQuery(http.MaxBytesReader(w, r.Body, queryBodyMax), &in); err != nil {
		h.refuseQuery(w, in, loglake.Errorf(loglake.CodeInvalid, "the body is not a query: %v", err).
			WithHint(`send JSON such as {"sql": "SELECT 1"}; there are database, dry_run and rows_max besides, and %d bytes at most`, queryBodyMax))
		return
	}
	switch {
	case len(in.SQL) > query.QueryBytesMax:
		h.refuseQuery(w, in, loglake.Errorf(loglake.CodeInvalid, "the statement has %d bytes, and %d are the limit", len(in.SQL), query.QueryBytesMax))
	case in.DryRun:
		h.planQuery(w, r, in)
	default:
		h.runQuery(w, r, in)
	}
}

// decodeQuery reads a body up to its end, where the server begins to see a client that goes.
func decodeQuery(body io.Reader, in *QueryRequest) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		return err
	}
	if _, err := decoder.Token(); err == nil {
		return errors.New("there is more behind its end")
	} else if err != io.EOF { //nolint:errorlint // the decoder's own
		return err
	}
	return nil
}

func (in QueryRequest) start() query.StartRequest {
	out := query.StartRequest{QueryString: in.SQL}
	if in.Database != "" {
		out.Database = &in.Database
	}
	return out
}

func (h *handler) planQuery(w http.ResponseWriter, r *http.Request, in QueryRequest) {
	plan, err := h.Queries.Plan(r.Context(), in.start())
	if err != nil {
		h.refuseQuery(w, in, err)
		return
	}
	out := QueryPlan{ScannedBytes: plan.ScannedBytes, Files: plan.Files, PrunedPartitions: plan.PrunedPartitions, HotRows: plan.HotRows,
		Columns: queryColumns(plan.Columns), Tables: make([]QueryScan, len(plan.Tables)),
		Steps: plan.Steps, Unstable: plan.Unstable, Notices: plan.Notices}
	for i, t := range plan.Tables {
		out.Tables[i] = QueryScan{Database: t.Database, Table: t.Table, Columns: append([]string{}, t.Columns...), Where: t.Where, Partitions: t.Partitions,
			PrunedPartitions: t.PrunedPartitions, Files: t.Files, ScannedBytes: t.ScannedBytes}
		out.Partitions += t.Partitions
	}
	answer(w, http.StatusOK, QueryLine{Plan: &out})
}

// runQuery runs a statement as an execution like any other and streams its result. When the client goes the execution
// is cancelled.
func (h *handler) runQuery(w http.ResponseWriter, r *http.Request, in QueryRequest) {
	output, err := h.Results(r.Context())
	if err != nil {
		h.refuseQuery(w, in, err)
		return
	}
	request := in.start()
	request.Output = &output
	id, err := h.Queries.Start(r.Context(), request)
	if err != nil {
		h.refuseQuery(w, in, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("X-Accel-Buffering", "no") // proxies hand lines on as they come
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush() // accepted; a client that waits sees so

	x, err := h.Queries.Wait(r.Context(), id)
	if err != nil && r.Context().Err() != nil {
		if err := h.Queries.Stop(context.WithoutCancel(r.Context()), id); err != nil {
			h.OnError(err)
		}
		return
	}
	out := bufio.NewWriterSize(w, 64<<10)
	defer out.Flush() //nolint:errcheck // the client is gone: nobody is left to tell
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err == nil && x.State == query.Succeeded {
		err = h.streamResult(lines, r, x, in.RowsMax)
	} else if err == nil {
		err = executionError(x)
	}
	if err != nil {
		told := h.queryError(in, err)
		_ = lines.Encode(QueryLine{Error: &told}) // the client is gone: nobody is left to tell
	}
}

// rowLine is a QueryLine with a row, for most lines.
type rowLine struct {
	Row []*string `json:"row"`
}

// streamResult sends columns, rows and statistics. The error is one of the result; a client that is gone is none.
func (h *handler) streamResult(lines *json.Encoder, r *http.Request, x query.Execution, rowsMax int64) error {
	result, err := h.Queries.OpenResult(r.Context(), x.ID)
	if err != nil {
		return err
	}
	defer result.Close() //nolint:errcheck // it was only read
	stats := QueryStatistics{ScannedBytes: x.Statistics.ScannedBytes, Queue: x.Statistics.Queue.Milliseconds(),
		Engine: x.Statistics.Engine.Milliseconds(), Total: x.Statistics.Total.Milliseconds(), ExecutionID: x.ID,
		Statement: x.StatementType, Notices: x.Notices}
	if lines.Encode(map[string]any{"columns": queryColumns(result.Columns)}) != nil { // also where there are none
		return nil
	}
	for {
		row, err := result.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if stats.Truncated = rowsMax > 0 && stats.Rows == rowsMax; stats.Truncated {
			break
		}
		stats.Rows++
		if lines.Encode(rowLine{row}) != nil {
			return nil
		}
	}
	_ = lines.Encode(QueryLine{Statistics: &stats})
	return nil
}

func queryColumns(columns []query.ColumnInfo) []QueryColumn {
	out := make([]QueryColumn, len(columns))
	for i, c := range columns {
		out[i] = QueryColumn{Name: c.Name, Type: c.Type}
		if c.Type == "decimal" {
			out[i].Type = fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
		}
	}
	return out
}

// executionError gives the end of an execution that has not succeeded as an error.
func executionError(x query.Execution) error {
	if x.Failure != nil {
		return x.Failure
	}
	return &query.Failure{Reason: x.Reason, Told: query.Told{Code: x.State, Message: x.Reason}}
}

// refuseQuery answers in place of the stream.
func (h *handler) refuseQuery(w http.ResponseWriter, in QueryRequest, err error) {
	told := h.queryError(in, err)
	code := http.StatusBadRequest
	if s, ok := statuses[loglake.CodeOf(err)]; ok {
		code = s
	} else if told.Code == codeInternal {
		code = http.StatusInternalServerError
	}
	answer(w, code, QueryLine{Error: &told})
}

// codeInternal is Trino's code of what is no fault of the statement.
const codeInternal = "GENERIC_INTERNAL_ERROR"

// queryError words an error, with its place in the SQL as it was sent.
func (h *handler) queryError(in QueryRequest, err error) QueryError {
	var refused *query.Refusal
	var failed *query.Failure
	var known *loglake.Error
	switch {
	case errors.As(err, &refused):
		told := refused.Told
		if told.Message == "" {
			told.Message, told.Hint = refused.Cause.Message, refused.Cause.Hint
		}
		told.Code = refused.AthenaCode
		return placed(in.SQL, told)
	case errors.As(err, &failed) && failed.Told.Code != "":
		return placed(in.SQL, failed.Told)
	case errors.As(err, &failed):
		return QueryError{Code: "QUERY_FAILED", Message: failed.Reason}
	case errors.As(err, &known) && (known.Code == loglake.CodeUnavailable || known.Code == loglake.CodeThrottled):
		return QueryError{Code: codeInternal, Message: known.Message, Hint: known.Hint}
	case errors.As(err, &known) && known.Code != loglake.CodeInternal:
		return QueryError{Code: query.CodeInvalidInput, Message: known.Message, Hint: known.Hint}
	case errors.Is(err, context.Canceled):
		return QueryError{Code: codeInternal, Message: "the call ended before the work did"}
	}
	h.OnError(err)
	return QueryError{Code: codeInternal, Message: "internal error", Hint: "the server's log says more"}
}

// placed gives an error with its place in sql: the parser sees the statement without what is blank before it.
func placed(sql string, told query.Told) QueryError {
	e := QueryError{Code: told.Code, Message: told.Message, Line: told.Line, Column: told.Column, Hint: told.Hint}
	if told.Line == 0 {
		return e
	}
	statement := strings.TrimLeftFunc(sql, func(r rune) bool { return unicode.IsSpace(r) || r == ';' })
	before := sql[:len(sql)-len(statement)]
	if e.Line == 1 {
		e.Column += utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	e.Line += strings.Count(before, "\n")
	return e
}
