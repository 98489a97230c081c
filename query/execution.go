package query

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/loglake/loglake/state"
)

// HistoryFor is how long a finished execution can be asked for, as on AWS.
const HistoryFor = 45 * 24 * time.Hour

// Execution is one query execution as Athena shows it. Times are UTC.
type Execution struct {
	ID            string
	Query         string // the statement alone, trimmed
	StatementType string
	Substatement  string
	Catalog       *string // as sent
	Database      *string // as sent
	Output        string  // s3:// path of the result file, also where none is written
	WorkGroup     string
	CutoffBytes   int64    `json:",omitempty"` // of the workgroup when it was submitted
	Parameters    []string `json:",omitempty"`
	State         string
	Reason        string   `json:",omitempty"` // of FAILED and CANCELLED
	Failure       *Failure `json:",omitempty"` // of FAILED
	Submitted     time.Time
	Completed     time.Time `json:",omitzero"`
	Statistics    Statistics
	Notices       []string     `json:",omitempty"` // what our own tools tell beside the result
	Columns       []ColumnInfo `json:",omitempty"`
	UpdateCount   *int64       `json:",omitempty"`

	Token string `json:",omitempty"` // the request's idempotency token
	Asked asked  // what the token stands for
}

// asked is what a repeated request must have in common with the first, as received.
type asked struct {
	Query    string
	Catalog  *string `json:",omitempty"`
	Database *string `json:",omitempty"`
	Output   *string `json:",omitempty"`
}

// Statistics are what an execution took. Planned tells whether there was a plan to make.
type Statistics struct {
	Queue, Planning, Engine, Publishing, Total time.Duration
	Planned                                    bool
	ScannedBytes                               int64 // compressed size of the column chunks of the referenced columns
	ScannedFiles                               int64
	HotRows                                    int64 // rows read before they were committed
	PrunedPartitions                           int64
	Rows, Bytes                                int64 // of the result
}

// hive tells whether the statement belongs to Athena's Hive grammar.
func (x Execution) hive() bool { return x.StatementType != "DML" && x.Substatement != showFunctions }

// Migrations gives the tables of this package.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "query", Version: 1, SQL: `
CREATE TABLE query_executions (
	account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
	workgroup TEXT NOT NULL,
	seq BIGINT NOT NULL,       -- in the order of submission
	submitted BIGINT NOT NULL, -- ms
	state TEXT NOT NULL,
	token TEXT,
	document TEXT NOT NULL,    -- the Execution as JSON
	PRIMARY KEY (account, region, id)
);
CREATE UNIQUE INDEX query_executions_token ON query_executions (account, region, token);
CREATE UNIQUE INDEX query_executions_newest ON query_executions (account, region, workgroup, seq);
`}, {Package: "query", Version: 2, SQL: workgroupTable, Recorded: []string{"query_workgroups"}}}
}

// errNoExecution is the answer to an id that is not known.
func errNoExecution(id string) error {
	return refuse(CodeNoExecution, "QueryExecution %s was not found", id)
}

// Get gives an execution.
func (e *Executions) Get(ctx context.Context, id string) (Execution, error) {
	if x, ok := e.running(id); ok {
		return x, nil
	}
	return e.stored(ctx, id)
}

// stored gives an execution as the state has it.
func (e *Executions) stored(ctx context.Context, id string) (x Execution, err error) {
	err = e.config.DB.View(ctx, func(tx *state.Tx) error {
		var err error
		x, err = scanExecution(tx.QueryRow("SELECT document FROM query_executions WHERE account = ? AND region = ? AND id = ?",
			e.config.Home.Account, e.config.Home.Region, id))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Execution{}, errNoExecution(id)
	}
	return x, err
}

// List gives the ids of a workgroup's executions, newest first, at most max from behind the token on; next is "" at
// the end.
func (e *Executions) List(ctx context.Context, workgroup, token string, max int) (ids []string, next string, err error) {
	if _, err := e.WorkGroup(ctx, workgroup); err != nil {
		return nil, "", err
	}
	before := int64(1<<63 - 1)
	if token != "" {
		if before, err = offsetOf(token); err != nil {
			return nil, "", refuse(CodeInvalidInput, "The nextPageToken is malformed: %s", token)
		}
	}
	ids = []string{}
	err = e.config.DB.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query("SELECT id, seq FROM query_executions WHERE account = ? AND region = ? AND workgroup = ? AND seq < ? ORDER BY seq DESC LIMIT "+strconv.Itoa(max+1),
			e.config.Home.Account, e.config.Home.Region, workgroupName(workgroup), before)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			last := before
			if err := rows.Scan(&id, &before); err != nil {
				return err
			}
			if len(ids) == max {
				next = tokenOf(last)
				return nil
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, "", fmt.Errorf("list executions: %w", err)
	}
	return ids, next, nil
}

func scanExecution(row *sql.Row) (Execution, error) {
	var document string
	if err := row.Scan(&document); err != nil {
		return Execution{}, err
	}
	var x Execution
	if err := json.Unmarshal([]byte(document), &x); err != nil {
		return Execution{}, fmt.Errorf("read execution: %w", err)
	}
	return x, nil
}

// insert records a new execution. When its token has been used, the execution that used it comes back instead.
func (e *Executions) insert(ctx context.Context, x Execution) (first Execution, repeat bool, err error) {
	document, err := json.Marshal(x)
	if err != nil {
		return x, false, err
	}
	home := e.config.Home
	forget := e.dueForget()
	err = e.config.DB.Update(ctx, "query.start", func(tx *state.Tx) error {
		if forget {
			if err := e.forgetOld(tx); err != nil {
				return err
			}
		}
		var token any // NULL where there is none: only tokens are unique
		if x.Token != "" {
			token = x.Token
			first, err = scanExecution(tx.QueryRow("SELECT document FROM query_executions WHERE account = ? AND region = ? AND token = ?", home.Account, home.Region, x.Token))
			if !errors.Is(err, sql.ErrNoRows) {
				repeat = err == nil
				return err
			}
		}
		var seq int64
		if err := tx.QueryRow("SELECT coalesce(max(seq), 0) + 1 FROM query_executions WHERE account = ? AND region = ? AND workgroup = ?", home.Account, home.Region, x.WorkGroup).Scan(&seq); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO query_executions (account, region, id, workgroup, seq, submitted, state, token, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			home.Account, home.Region, x.ID, x.WorkGroup, seq, x.Submitted.UnixMilli(), x.State, token, string(document))
		return err
	})
	if err != nil {
		return x, false, fmt.Errorf("record execution: %w", err)
	}
	if !repeat {
		first = x
	}
	return first, repeat, nil
}

// save records the end of an execution.
func (e *Executions) save(ctx context.Context, x Execution) error {
	document, err := json.Marshal(x)
	if err != nil {
		return err
	}
	err = e.config.DB.Update(ctx, "query.finish", func(tx *state.Tx) error {
		_, err := tx.Exec("UPDATE query_executions SET state = ?, document = ? WHERE account = ? AND region = ? AND id = ?",
			x.State, string(document), e.config.Home.Account, e.config.Home.Region, x.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("record the end of execution %s: %w", x.ID, err)
	}
	return nil
}

// recover ends what an earlier server left running, and forgets what is too old to be asked for.
func (e *Executions) recover(ctx context.Context) error {
	now, home := e.config.Clock().UTC(), e.config.Home
	return e.config.DB.Update(ctx, "query.recover", func(tx *state.Tx) error {
		if err := e.forgetOld(tx); err != nil {
			return err
		}
		left, err := unfinished(tx, home.Account, home.Region)
		if err != nil {
			return err
		}
		for _, x := range left {
			f := failTrino("GENERIC_INTERNAL_ERROR", "the server ended while the query was %s; start it again", map[string]string{Queued: "waiting", Running: "running"}[x.State])
			f.Retryable = true
			x.State, x.Reason, x.Failure, x.Completed = Failed, f.Reason, f, now
			document, err := json.Marshal(x)
			if err != nil {
				return err
			}
			if _, err := tx.Exec("UPDATE query_executions SET state = ?, document = ? WHERE account = ? AND region = ? AND id = ?", x.State, string(document), home.Account, home.Region, x.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// dueForget tells whether it is time to forget executions that are too old, which the caller then does.
func (e *Executions) dueForget() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.config.Clock()
	if now.Sub(e.forgot) < forgetEvery {
		return false
	}
	e.forgot = now
	return true
}

// forgetOld deletes the executions that are too old to be asked for.
func (e *Executions) forgetOld(tx *state.Tx) error {
	_, err := tx.Exec("DELETE FROM query_executions WHERE account = ? AND region = ? AND submitted < ? AND state NOT IN (?, ?)",
		e.config.Home.Account, e.config.Home.Region, e.config.Clock().Add(-HistoryFor).UnixMilli(), Queued, Running)
	return err
}

func unfinished(tx *state.Tx, account, region string) ([]Execution, error) {
	rows, err := tx.Query("SELECT document FROM query_executions WHERE account = ? AND region = ? AND state IN (?, ?)", account, region, Queued, Running)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Execution
	for rows.Next() {
		var document string
		if err := rows.Scan(&document); err != nil {
			return nil, err
		}
		var x Execution
		if err := json.Unmarshal([]byte(document), &x); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, rows.Err()
}
