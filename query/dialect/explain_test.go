package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query/dialect"
)

func analyzed(t *testing.T, sql string) *dialect.Query {
	t.Helper()
	s, err := dialect.Parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	q, err := dialect.Analyze(s, dialect.Session{}, logs(t))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestExplain(t *testing.T) {
	for _, x := range []struct{ sql, want string }{
		{"SELECT path, count(*) AS n FROM server_logs WHERE dt = '2026-01-31' AND status_code >= 500 GROUP BY path HAVING count(*) > 10 ORDER BY n DESC LIMIT 10", `
1. Read default.server_logs: path, status_code, dt (3 of 16 columns); only partitions where dt = '2026-01-31'.
2. Keep the rows where dt = '2026-01-31' and status_code >= 500.
3. Group the rows by path.
4. Keep the groups where count(*) > 10.
5. Compute count(*) as n.
6. Sort by n, largest first.
7. Give the first 10 rows.
Answer: path varchar, n bigint.`},
		{"WITH w AS (SELECT path FROM server_logs WHERE dt BETWEEN '1' AND '2') SELECT a.path FROM w a JOIN server_logs b ON a.path = b.path AND b.dt NOT IN ('x', 'y') LIMIT 5", `
First, w:
  1. Read default.server_logs: path, dt (2 of 16 columns); only partitions where dt BETWEEN '1' AND '2'.
  2. Keep the rows where dt BETWEEN '1' AND '2'.
1. Take the rows of w.
2. Read default.server_logs: path, dt (2 of 16 columns); only partitions where dt NOT IN ('x', 'y').
3. Pair the rows where a.path = b.path and b.dt NOT IN ('x', 'y').
4. Give the first 5 rows.
Answer: path varchar.
Note: LIMIT without ORDER BY: which rows come is left to chance.`},
		{"SELECT 1 UNION SELECT status_code FROM server_logs WHERE status_code IN (SELECT max(status_code) FROM server_logs) AND dt LIKE '2026%' AND NOT (dt IS NULL)", `
One side:
  1. Make one row.
  2. Compute 1.
The other side:
  1. Read default.server_logs: status_code, dt (2 of 16 columns); only partitions where dt LIKE '2026%' and dt IS NOT NULL.
  2. Keep the rows where status_code IN (…) and dt LIKE '2026%' and dt IS NOT NULL.
  The subquery in status_code IN (…):
    1. Read default.server_logs: status_code (1 of 16 columns); every partition.
    2. Take all rows as one group.
    3. Compute max(status_code).
1. Put the rows of both sides together, each distinct row once.
Answer: _col0 integer.
Note: no condition on the partition keys of default.server_logs: every partition is read.`},
		{"SELECT random(), count(*) FROM server_logs, server_logs b WHERE b.dt > 'a' AND (b.dt < 'b' OR b.hour = 3)", `
1. Read default.server_logs: only to count its rows (0 of 16 columns); every partition.
2. Read default.server_logs: dt, hour (2 of 16 columns); only partitions where dt > 'a' and (dt < 'b' OR hour = 3).
3. Pair every row of the former with every row of the latter.
4. Keep the rows where b.dt > 'a' and (b.dt < 'b' OR b.hour = 3).
5. Take all rows as one group.
6. Compute random(), count(*).
Answer: _col0 double, _col1 bigint.
Note: no condition on the partition keys of default.server_logs: every partition is read.
Note: a join without a condition pairs every row with every row.
Note: random() gives another value each time.`},
		{"SELECT CASE WHEN \"user\".id = 3 THEN 'it''s' END AS x, rank() OVER (PARTITION BY level ORDER BY bytes DESC), -bytes, CAST(path AS integer), attrs['a'] FROM server_logs WHERE hour = 1", `
1. Read default.server_logs: level, path, bytes, user, attrs, hour (6 of 16 columns); only partitions where hour = 1.
2. Keep the rows where hour = 1.
3. Compute CASE WHEN user.id = 3 THEN 'it''s' END as x, rank() OVER (PARTITION BY level ORDER BY bytes DESC), -bytes, CAST(path AS integer), attrs['a'].
Answer: x varchar(4), _col1 bigint, _col2 bigint, _col3 integer, _col4 integer.`},
		{"SELECT server_logs.path FROM server_logs, users WHERE server_logs.request_id = users.request_id AND server_logs.dt = '1' AND users.dt = '1' ORDER BY 1", `
1. Read default.server_logs: request_id, path, dt (3 of 16 columns); only partitions where dt = '1'.
2. Read default.users: request_id, dt (2 of 3 columns); only partitions where dt = '1'.
3. Pair every row of the former with every row of the latter.
4. Keep the rows where server_logs.request_id = users.request_id and server_logs.dt = '1' and users.dt = '1'.
5. Sort by path.
Answer: path varchar.`},
		{"SELECT x, v, s.n, TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'Europe/Rome' FROM (VALUES (1, ARRAY['a'])) AS t (x, y) CROSS JOIN UNNEST(y) WITH ORDINALITY AS u (v, o) " +
			"LEFT JOIN LATERAL (SELECT count(*) AS n FROM users WHERE date(dt) = DATE '2026-01-01' AND name = v) AS s ON true JOIN users AS w ON s.n > (SELECT 0) WHERE x = 1", `
1. Take 1 row that is written in the query.
2. Put each row beside each element of t.y, numbered.
For each row:
  1. Read default.users: name, dt (2 of 3 columns); only partitions where date(dt) = DATE '2026-01-01'.
  2. Keep the rows where date(dt) = DATE '2026-01-01' and name = u.v.
  3. Take all rows as one group.
  4. Compute count(*) as n.
3. Pair each row with those that came for it; a row of the former without partner stays, with NULLs.
4. Read default.users: only to count its rows (0 of 3 columns); every partition.
5. Pair the rows where s.n > (…).
The subquery in (…):
  1. Make one row.
  2. Compute 0.
6. Keep the rows where t.x = 1.
7. Compute TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'Europe/Rome'.
Answer: x integer, v varchar(1), n bigint, _col3 timestamp(0) with time zone.
Note: no condition on the partition keys of default.users: every partition is read.`},
	} {
		if diff := cmp.Diff(strings.TrimPrefix(x.want, "\n"), strings.Join(analyzed(t, x.sql).Explain(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.sql, diff)
		}
	}
}

func TestReads(t *testing.T) {
	q := analyzed(t, `SELECT a.path, now() FROM server_logs a JOIN server_logs b ON a.path = b.path AND b.dt = '1' AND b.hour > 3
		JOIN users u ON u.request_id = a.request_id WHERE a.dt IN ('1', '2') AND length(b.dt) < b.hour`)
	want := []dialect.Read{
		{Database: "default", Table: "server_logs", Columns: []string{"request_id", "path", "dt", "hour"}, Partitions: []dialect.PartitionPredicate{
			{Column: "dt", Conditions: []string{"dt IN ('1', '2')"}},
			{Column: "dt", Conditions: []string{"length(dt) < hour", "dt = '1'"}}, {Column: "hour", Conditions: []string{"length(dt) < hour", "hour > 3"}}}},
		{Database: "default", Table: "users", Columns: []string{"request_id"}, Every: true},
	}
	if diff := cmp.Diff(want, q.Reads()); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(dialect.Work{Scans: 3, Columns: 7, Joins: 2}, q.Work()); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
}

func TestUnstable(t *testing.T) {
	for sql, want := range map[string]int{
		"SELECT path FROM server_logs":                                                0,
		"SELECT path FROM server_logs LIMIT 3":                                        1,
		"SELECT path FROM server_logs ORDER BY path LIMIT 3":                          0,
		"SELECT count(*) FROM server_logs LIMIT 3":                                    0,
		"SELECT row_number() OVER () FROM server_logs":                                1,
		"SELECT row_number() OVER (ORDER BY path) FROM server_logs":                   0,
		"SELECT array_agg(path) FROM server_logs":                                     1,
		"SELECT array_agg(path ORDER BY path) FROM server_logs":                       0,
		"SELECT 1 WHERE EXISTS (SELECT uuid() FROM users)":                            1,
		"SELECT path FROM server_logs WHERE \"timestamp\" > now() - INTERVAL '1' DAY": 1,
	} {
		if got := analyzed(t, sql).Unstable(); len(got) != want {
			t.Errorf("%s: %q, want %d reasons", sql, got, want)
		}
	}
}
