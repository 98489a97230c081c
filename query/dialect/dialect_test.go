package dialect_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query/dialect"
)

// catalog is a Resolver over a few tables.
type catalog map[string]*dialect.Table

func (c catalog) Table(catalog, database, name string) (*dialect.Table, error) {
	if catalog != "awsdatacatalog" {
		return nil, &dialect.Error{Code: dialect.CodeCatalogNotFound, Message: fmt.Sprintf("Catalog '%s' does not exist", catalog)}
	}
	return c[database+"."+name], nil
}

func column(t *testing.T, name, hive string) dialect.Column {
	t.Helper()
	h, err := loglake.ParseHiveType(hive)
	if err != nil {
		t.Fatal(err)
	}
	typ, err := dialect.TypeOfHive(h)
	if err != nil {
		t.Fatal(err)
	}
	return dialect.Column{Name: name, Type: typ}
}

// logs is the table of the examples: server_logs partitioned by dt, and a second one to join.
func logs(t *testing.T) catalog {
	server := &dialect.Table{Database: "default", Name: "server_logs"}
	for _, c := range [][2]string{{"timestamp", "timestamp"}, {"level", "string"}, {"request_id", "string"}, {"method", "string"},
		{"path", "string"}, {"status_code", "int"}, {"response_time", "int"}, {"bytes", "bigint"}, {"ratio", "double"},
		{"price", "decimal(10,2)"}, {"day", "date"}, {"tags", "array<string>"}, {"user", "struct<id:int,name:string>"}, {"attrs", "map<string,int>"}} {
		server.Columns = append(server.Columns, column(t, c[0], c[1]))
	}
	for _, c := range [][2]string{{"dt", "string"}, {"hour", "int"}} {
		k := column(t, c[0], c[1])
		k.Partition = true
		server.Columns = append(server.Columns, k)
	}
	path := column(t, "$path", "string")
	path.Hidden = true
	server.Columns = append(server.Columns, path)
	users := &dialect.Table{Database: "default", Name: "users"}
	for _, c := range [][2]string{{"request_id", "string"}, {"name", "string"}, {"dt", "string"}} {
		users.Columns = append(users.Columns, column(t, c[0], c[1]))
	}
	users.Columns[2].Partition = true
	return catalog{"default.server_logs": server, "default.users": users}
}

func session() dialect.Session {
	return dialect.Session{Now: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC), QueryID: "q-1", User: "someone"}
}

func analyze(t *testing.T, sql string) (*dialect.Query, error) {
	t.Helper()
	stmt, err := dialect.Parse(sql)
	if err != nil {
		return nil, err
	}
	return dialect.Analyze(stmt, session(), logs(t))
}

func scanName(s *dialect.Scan) string { return s.Table.Name }

// text gives what Athena would say about an error, "" for none.
func text(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *dialect.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not a *dialect.Error", err)
	}
	return e.Text()
}

func TestPrinted(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := q.DuckDB(scanName); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("SELECT level FROM server_logs", `SELECT r1."level" AS c1 FROM server_logs AS r1`)
	f("SELECT level, count(*) FROM server_logs WHERE dt >= '2025-01-01' GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
		`SELECT r1."level" AS c1, count(*) AS c2 FROM server_logs AS r1 WHERE (r1."dt" >= '2025-01-01') GROUP BY r1."level" ORDER BY 2 DESC NULLS LAST LIMIT 3`)
	f("SELECT status_code / 100 FROM server_logs", `SELECT CAST(r1."status_code" // CAST(100 AS INTEGER) AS INTEGER) AS c1 FROM server_logs AS r1`)
}

func TestRefused(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		_, err := analyze(t, sql)
		if got := text(t, err); !strings.HasPrefix(got, want) || want == "" {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("SELECT * FROM nothing", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nothing' does not exist")
	f("SELECT x FROM server_logs", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved or requester is not authorized to access requested resources")
	f("SELECT 1 FROM server_logs WHERE timestamp = '2025-12-03 10:15:30'", "TYPE_MISMATCH: line 1:43: Cannot apply operator: timestamp(3) = varchar(19)")
	f("SELECT 1 FROM server_logs WHERE status_code = '200'", "TYPE_MISMATCH: line 1:45: Cannot apply operator: integer = varchar(3)")
}
