package query

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// PrimaryWorkGroup is the workgroup of requests that name none. It is always there.
const PrimaryWorkGroup = "primary"

// EngineVersion is what clients are told: Athena's SQL of engine version 3.
const EngineVersion = "Athena engine version 3"

// Limits of workgroups.
const (
	WorkGroupsMax  = 1000
	CutoffBytesMin = 10_000_000
	TagsMax        = 50 // of a workgroup
)

// WorkGroup is a workgroup: settings that its executions share.
type WorkGroup struct {
	Name        string
	Description string
	Disabled    bool // new executions are refused
	Output      string
	// Enforce has Output replace what requests say; otherwise Output is for those that say nothing.
	Enforce bool
	// CutoffBytes is how much one execution may read; more cancels it before it reads anything. 0: no limit.
	CutoffBytes int64
	// Metrics is kept and given back: whether AWS would publish metrics. /metrics has loglake's, of all workgroups.
	Metrics bool
	Engine  string // the version chosen: AUTO, or EngineVersion
	Created time.Time
	Tags    map[string]string
}

func workgroupName(name string) string {
	if name == "" {
		return PrimaryWorkGroup
	}
	return name
}

// ErrNoWorkGroup is the cause of errors about a workgroup that is not there.
var ErrNoWorkGroup = errors.New("no such workgroup")

// workgroupTable is a migration of this package.
const workgroupTable = `
CREATE TABLE query_workgroups (
	account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
	document TEXT NOT NULL, -- the WorkGroup as JSON
	PRIMARY KEY (account, region, name)
);`

// primary is the workgroup primary as long as nobody has changed it.
func (e *Executions) primary() WorkGroup {
	return WorkGroup{Name: PrimaryWorkGroup, Output: e.config.Output, Engine: "AUTO", Created: e.began}
}

// WorkGroup gives a workgroup by name, "" being the primary one.
func (e *Executions) WorkGroup(ctx context.Context, name string) (g WorkGroup, err error) {
	err = e.config.DB.View(ctx, func(tx *state.Tx) error {
		g, err = e.workgroup(tx, workgroupName(name))
		return err
	})
	return g, err
}

func (e *Executions) workgroup(tx *state.Tx, name string) (g WorkGroup, err error) {
	var text string
	err = tx.QueryRow("SELECT document FROM query_workgroups WHERE account = ? AND region = ? AND name = ?",
		e.config.Home.Account, e.config.Home.Region, name).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows) && name == PrimaryWorkGroup:
		return e.primary(), nil
	case errors.Is(err, sql.ErrNoRows):
		r := refuse(CodeInvalidInput, "WorkGroup is not found.")
		r.Cause.Err = ErrNoWorkGroup
		return g, r
	case err != nil:
		return g, fmt.Errorf("read workgroup: %w", err)
	}
	return g, json.Unmarshal([]byte(text), &g)
}

// WorkGroups gives all workgroups by name.
func (e *Executions) WorkGroups(ctx context.Context) (list []WorkGroup, err error) {
	err = e.config.DB.View(ctx, func(tx *state.Tx) error {
		list, err = e.workgroups(tx)
		return err
	})
	return list, err
}

func (e *Executions) workgroups(tx *state.Tx) (list []WorkGroup, err error) {
	rows, err := tx.Query("SELECT document FROM query_workgroups WHERE account = ? AND region = ?", e.config.Home.Account, e.config.Home.Region)
	if err != nil {
		return nil, fmt.Errorf("list workgroups: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err has told
	primary := e.primary()
	for rows.Next() {
		var text string
		var g WorkGroup
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &g); err != nil {
			return nil, fmt.Errorf("read workgroup: %w", err)
		}
		if g.Name == PrimaryWorkGroup {
			primary = g
			continue
		}
		list = append(list, g)
	}
	list = append(list, primary)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, rows.Err()
}

// CreateWorkGroup makes a workgroup. Its Created is set here.
func (e *Executions) CreateWorkGroup(ctx context.Context, g WorkGroup) error {
	g.Created = e.config.Clock().UTC()
	if err := checkWorkGroup(g); err != nil {
		return err
	}
	return e.config.DB.Update(ctx, "query.create-workgroup", func(tx *state.Tx) error {
		list, err := e.workgroups(tx)
		if err != nil {
			return err
		}
		for _, other := range list {
			if other.Name == g.Name {
				return refuse(CodeInvalidInput, "WorkGroup is already created")
			}
		}
		if len(list) > WorkGroupsMax {
			return refuse(CodeInvalidInput, "The number of workgroups exceeds the limit of %d", WorkGroupsMax)
		}
		return e.putWorkGroup(tx, g)
	})
}

// UpdateWorkGroup has edit change a workgroup; its name and Created stay. An error of edit leaves it as it was.
func (e *Executions) UpdateWorkGroup(ctx context.Context, name string, edit func(*WorkGroup) error) error {
	return e.config.DB.Update(ctx, "query.update-workgroup", func(tx *state.Tx) error {
		old, err := e.workgroup(tx, workgroupName(name))
		if err != nil {
			return err
		}
		g := old
		if err := edit(&g); err != nil {
			return err
		}
		g.Name, g.Created = old.Name, old.Created
		if err := checkWorkGroup(g); err != nil {
			return err
		}
		return e.putWorkGroup(tx, g)
	})
}

func (e *Executions) putWorkGroup(tx *state.Tx, g WorkGroup) error {
	document, err := json.Marshal(g)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO query_workgroups (account, region, name, document) VALUES (?, ?, ?, ?)
		ON CONFLICT (account, region, name) DO UPDATE SET document = excluded.document`,
		e.config.Home.Account, e.config.Home.Region, g.Name, string(document))
	return err
}

// DeleteWorkGroup removes a workgroup, which has to be without executions, or goes with them where recursive. Running
// ones go on and are forgotten at their end.
func (e *Executions) DeleteWorkGroup(ctx context.Context, name string, recursive Recursive) error {
	if name == PrimaryWorkGroup {
		return refuse(CodeInvalidInput, "The workgroup %s can't be deleted", PrimaryWorkGroup)
	}
	home := e.config.Home
	return e.config.DB.Update(ctx, "query.delete-workgroup", func(tx *state.Tx) error {
		if _, err := e.workgroup(tx, name); err != nil {
			return err
		}
		n, err := tx.Exec("DELETE FROM query_executions WHERE account = ? AND region = ? AND workgroup = ?", home.Account, home.Region, name)
		if err != nil {
			return err
		}
		if n > 0 && !bool(recursive) {
			return refuse(CodeInvalidInput, "WorkGroup %s is not empty", name)
		}
		_, err = tx.Exec("DELETE FROM query_workgroups WHERE account = ? AND region = ? AND name = ?", home.Account, home.Region, name)
		return err
	})
}

// Home is the account and region of the executions and workgroups.
func (e *Executions) Home() loglake.Home { return e.config.Home }

// Recursive says whether what a thing holds goes with it.
type Recursive bool

func checkWorkGroup(g WorkGroup) error {
	if g.Output != "" {
		if _, _, ok := loglake.SplitLocation(g.Output); !ok || !strings.HasPrefix(g.Output, "s3://") {
			return refuse(CodeInvalidInput, "outputLocation is not a valid S3 path.")
		}
	}
	switch {
	case g.CutoffBytes != 0 && g.CutoffBytes < CutoffBytesMin:
		return refuse(CodeInvalidInput, "BytesScannedCutoffPerQuery has to be at least %d", CutoffBytesMin)
	case g.Engine != "AUTO" && g.Engine != EngineVersion:
		return refuse(CodeInvalidInput, "The engine version %q is not one of this server: AUTO, %s", g.Engine, EngineVersion)
	case len(g.Tags) > TagsMax:
		return refuse(CodeInvalidInput, "A workgroup has at most %d tags", TagsMax)
	}
	return nil
}

// errScanned is the end of an execution that would read more than its workgroup allows.
type errScanned struct{ bytes, cutoff int64 }

func (e *errScanned) Error() string {
	return fmt.Sprintf("Bytes scanned limit was exceeded: the query reads %d bytes, and its workgroup allows %d; nothing was read", e.bytes, e.cutoff)
}

// checkScanned refuses an execution that is about to read too much. What it will read is known before it runs.
func checkScanned(x Execution, bytes int64) error {
	if x.CutoffBytes == 0 || bytes <= x.CutoffBytes {
		return nil
	}
	return &errScanned{bytes, x.CutoffBytes}
}
