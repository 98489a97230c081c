package dialect_test

import (
	"slices"
	"testing"
)

func TestMayMatch(t *testing.T) {
	f := func(where string, dt string, want bool) {
		t.Helper()
		q, err := analyze(t, "SELECT count(*) FROM server_logs WHERE "+where)
		if err != nil {
			t.Errorf("%s: %v", where, err)
			return
		}
		partition := map[string]string{"dt": dt, "hour": "7"}
		if dt == "" {
			delete(partition, "dt")
		}
		if got := q.Scans[0].MayMatch(partition); got != want {
			t.Errorf("%s with dt=%q: %v", where, dt, got)
		}
	}
	f("dt = '2025-01-01'", "2025-01-01", true)
	f("dt = '2025-01-01'", "2025-01-02", false)
	f("'2025-01-01' = dt", "2025-01-02", false)
	f("dt <> '2025-01-01'", "2025-01-01", false)
	f("dt >= '2025-01-01' AND dt <= '2025-02-10'", "2025-02-10", true)
	f("dt >= '2025-01-01' AND dt <= '2025-02-10'", "2025-02-11", false)
	f("dt BETWEEN '2025-01-01' AND '2025-02-10'", "2024-12-31", false)
	f("dt NOT BETWEEN '2025-01-01' AND '2025-02-10'", "2025-01-05", false)
	f("dt IN ('a', 'b')", "b", true)
	f("dt IN ('a', 'b')", "c", false)
	f("dt IN ('a', level)", "c", true)
	f("dt NOT IN ('a', NULL)", "c", false)
	f("dt LIKE '2025-01%'", "2025-01-09", true)
	f("dt LIKE '2025-01%'", "2025-02-09", false)
	f("dt LIKE '%$%' ESCAPE '$'", "5%", true)
	f("dt LIKE '_a%b'", "xaaab", true)
	f("dt LIKE '_a%b'", "xaaac", false)
	f("dt IS NULL", "", true)
	f("dt IS NULL", "__HIVE_DEFAULT_PARTITION__", true)
	f("dt IS NULL", "x", false)
	f("dt IS NOT NULL", "", false)
	f("dt = 'x'", "", false)
	f("NOT (dt = 'x')", "", false)
	f("dt = 'x' OR level = 'INFO'", "y", true)
	f("dt = 'x' AND level = 'INFO'", "y", false)
	f("(dt = 'x' AND level = 'INFO') OR dt = 'z'", "y", false)
	f("lower(dt) = 'x'", "y", true)
	f("cast(dt AS date) >= date '2025-01-01'", "2024-12-31", false)
	f("cast(dt AS date) >= date '2025-01-01'", "no date", true)
	f("date(dt) = date '2025-01-01'", "2025-01-02", false)
	f("dt || '-' || cast(hour AS varchar) = 'a-7'", "a", true)
	f("dt || '-' || cast(hour AS varchar) = 'a-7'", "b", false)
	f("level || dt = 'a'", "b", true)
	f("hour = 8", "x", false)
	f("hour IN (6, 7)", "x", true)
	f("hour > 6.5", "x", true)
	f("cast(hour AS bigint) = 8", "x", false)
	f("false", "x", false)
	f("NULL", "x", false)
	f("EXISTS (SELECT 1 FROM users WHERE users.dt = 'q')", "x", true)
}

func TestMayMatchThroughQueries(t *testing.T) {
	f := func(sql string, scan int, dt string, want bool) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := q.Scans[scan].MayMatch(map[string]string{"dt": dt, "hour": "7"}); got != want {
			t.Errorf("%s: scan %d with dt=%q: %v", sql, scan, dt, got)
		}
	}
	f("SELECT * FROM (SELECT * FROM server_logs) v WHERE dt = 'a'", 0, "b", false)
	f("SELECT * FROM (SELECT lower(level) AS dt FROM server_logs) v WHERE dt = 'a'", 0, "b", true)
	f("SELECT * FROM (SELECT * FROM server_logs LIMIT 5) v WHERE dt = 'a'", 0, "b", true)
	f("SELECT * FROM (SELECT dt, count(*) FROM server_logs GROUP BY dt) v WHERE dt = 'a'", 0, "b", false)
	f("SELECT * FROM (SELECT max(dt) AS dt FROM server_logs) v WHERE dt = 'a'", 0, "b", true)
	f("SELECT * FROM (SELECT dt, row_number() OVER (ORDER BY level) FROM server_logs) v WHERE dt = 'a'", 0, "b", true)
	f("WITH v AS (SELECT * FROM server_logs) SELECT * FROM v WHERE dt = 'a'", 0, "b", false)
	f("WITH v AS (SELECT * FROM server_logs) SELECT * FROM v WHERE dt = 'a' UNION ALL SELECT * FROM v", 0, "b", true)
	f("SELECT 1 FROM server_logs l LEFT JOIN users u ON l.request_id = u.request_id AND u.dt = 'a' WHERE l.dt = 'a'", 1, "b", false)
	f("SELECT 1 FROM server_logs l LEFT JOIN users u ON l.request_id = u.request_id AND u.dt = 'a' WHERE l.dt = 'a'", 0, "b", false)
	f("SELECT 1 FROM server_logs l LEFT JOIN users u ON l.dt = 'a' WHERE u.dt IS NULL", 1, "b", true)
	f("SELECT 1 FROM server_logs l LEFT JOIN users u ON l.dt = 'a'", 0, "b", true)
	f("SELECT 1 FROM server_logs l FULL JOIN users u ON l.dt = u.dt WHERE l.dt = 'a'", 0, "b", true)
	f("SELECT 1 FROM server_logs l, users u WHERE l.dt = u.dt AND u.dt = 'a'", 1, "b", false)
	f("SELECT 1 WHERE 1 IN (SELECT 1 FROM server_logs WHERE dt = 'a')", 0, "b", false)
}

func TestScanColumns(t *testing.T) {
	f := func(sql string, want ...string) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := q.Scans[0].Columns; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	f("SELECT count(*) FROM server_logs")
	f("SELECT count(*) FROM server_logs WHERE dt = 'a' AND level = 'x'", "level", "dt")
	f(`SELECT "$path" FROM server_logs ORDER BY timestamp`, "timestamp", "$path")
	f("SELECT u.name FROM users AS u", "name")
	f("SELECT * FROM users", "request_id", "name", "dt")
	f("SELECT 1 FROM users JOIN server_logs USING (request_id)", "request_id")
}

func TestMayMatchOfRelations(t *testing.T) {
	f := func(sql string, scan int, dt string, want bool) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := q.Scans[scan].MayMatch(map[string]string{"dt": dt, "hour": "7"}); got != want {
			t.Errorf("%s: scan %d with dt=%q: %v", sql, scan, dt, got)
		}
	}
	f("SELECT * FROM (SELECT dt, count(*) FROM server_logs GROUP BY ROLLUP (dt)) v WHERE dt IS NULL", 0, "b", true)
	f("SELECT * FROM (SELECT dt, hour FROM server_logs GROUP BY GROUPING SETS ((dt), (dt, hour))) v WHERE dt = 'a'", 0, "b", false)
	f("SELECT * FROM (SELECT dt, hour FROM server_logs GROUP BY GROUPING SETS ((dt), (dt, hour))) v WHERE hour IS NULL", 0, "b", true)
	f("SELECT * FROM server_logs l CROSS JOIN UNNEST(l.tags) AS u (tag) WHERE l.dt = 'a'", 0, "b", false)
	f("SELECT * FROM server_logs l LEFT JOIN UNNEST(l.tags) AS u (tag) ON true WHERE l.dt = 'a' AND tag IS NULL", 0, "b", false)
	f("SELECT * FROM users u CROSS JOIN LATERAL (SELECT count(*) FROM server_logs l WHERE l.dt = 'a' AND l.request_id = u.request_id) AS n", 1, "b", false)
	f("SELECT * FROM users u CROSS JOIN LATERAL (SELECT count(*) FROM server_logs l WHERE l.request_id = u.request_id) AS n WHERE u.dt = 'a'", 1, "b", true)
	f("SELECT * FROM server_logs TABLESAMPLE BERNOULLI (10) WHERE dt = 'a'", 0, "b", false)
	f("SELECT * FROM (SELECT dt FROM server_logs ORDER BY level FETCH FIRST ROW WITH TIES) v WHERE dt = 'a'", 0, "b", true)
	f("WITH RECURSIVE r (dt) AS (SELECT dt FROM users WHERE dt = 'c' UNION ALL SELECT l.dt FROM r JOIN server_logs l ON l.dt > r.dt AND l.dt < 'x') SELECT * FROM r WHERE dt = 'a'", 0, "c", true)
	f("WITH RECURSIVE r (dt) AS (SELECT dt FROM users WHERE dt = 'c' UNION ALL SELECT l.dt FROM r JOIN server_logs l ON l.dt > r.dt AND l.dt < 'x') SELECT * FROM r WHERE dt = 'a'", 0, "a", false)
	f("WITH RECURSIVE r (dt) AS (SELECT dt FROM users UNION ALL SELECT l.dt FROM r JOIN server_logs l ON l.dt > r.dt AND l.dt < 'x') SELECT * FROM r WHERE dt = 'a'", 1, "b", true)
	f("WITH RECURSIVE r (dt) AS (SELECT dt FROM users UNION ALL SELECT l.dt FROM r JOIN server_logs l ON l.dt > r.dt AND l.dt < 'x') SELECT * FROM r WHERE dt = 'a'", 1, "y", false)
	f("SELECT 1 FROM users u JOIN server_logs l ON l.request_id = u.request_id AND l.request_id IN (SELECT request_id FROM users x WHERE x.dt = 'a')", 2, "b", false)
	f("SELECT 1 WHERE 'a' = ANY (SELECT dt FROM server_logs WHERE dt < 'b')", 0, "c", false)
	f("SELECT 1 FROM server_logs WHERE any_match(tags, x -> x = dt AND dt = 'a')", 0, "b", true)
}
