package trino

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/loglake/loglake/query/dialect/dialecttest"
)

// engines gives the Trino and the Athena that test/trino/run has started, or skips the test.
func engines(t *testing.T) (Client, *athena.Client) {
	url, lake := os.Getenv("TRINO_URL"), os.Getenv("LAKE_URL")
	if url == "" || lake == "" {
		t.Skip("TRINO_URL and LAKE_URL name no Trino with a catalog of ours: make trino-diff starts them")
	}
	return Client{URL: url, Catalog: "lake"}, athena.New(athena.Options{BaseEndpoint: &lake, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")})
}

// TestLake has a Trino make, fill and read tables through our Glue and S3, and reads the same files through our Athena.
func TestLake(t *testing.T) {
	trino, ours := engines(t)
	trino.Schema = "proof"
	for _, sql := range []string{
		"CREATE SCHEMA proof WITH (location = 's3://lake/proof/')",
		"CREATE TABLE events (id bigint, level varchar, took double, price decimal(10,2), at timestamp(3), day date, tags array(varchar), counts map(varchar, integer), who row(name varchar, age integer), " +
			"raw varbinary, ok boolean, dt varchar) WITH (format = 'PARQUET', partitioned_by = ARRAY['dt'])",
		"INSERT INTO events VALUES (1, 'INFO', 1.5, DECIMAL '1.50', TIMESTAMP '2025-12-03 10:15:30.123', DATE '2025-12-03', ARRAY['a', NULL], MAP(ARRAY['x', 'y'], ARRAY[1, NULL]), " +
			"ROW('ann', 30), X'0a0b', true, '2025-12-03'), (2, 'ERROR', nan(), DECIMAL '-99999999.99', TIMESTAMP '1969-12-31 23:59:59.999', DATE '0001-01-01', ARRAY[], MAP(), ROW(NULL, NULL), X'', false, '2025-12-03'), " +
			"(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-12-04')",
		"INSERT INTO events SELECT id + 10, lower(level), took * 2, price, at, day, tags, counts, who, raw, NOT ok, '2025-12-05' FROM events WHERE id < 3",
		"CREATE TABLE copy WITH (format = 'PARQUET', external_location = 's3://lake/copies/') AS SELECT id, level, dt FROM events",
		"CALL system.sync_partition_metadata('proof', 'events', 'FULL')",
		"ANALYZE events",
	} {
		do(t, trino, sql)
	}
	var c dialecttest.Tally
	for _, sql := range []string{
		"SELECT * FROM events", "SELECT count(*), sum(id), max(at), min(price) FROM events WHERE dt >= '2025-12-04'", "SELECT dt, count(*), avg(took) FROM events GROUP BY dt",
		"SELECT who.name, counts, tags FROM events WHERE level = 'INFO'", "SELECT id, k, v FROM events CROSS JOIN UNNEST(counts) AS t (k, v)",
		"SELECT id, x, n FROM events LEFT JOIN UNNEST(tags) WITH ORDINALITY AS t (x, n) ON TRUE", "SELECT id, counts['x'], tags[1] FROM events WHERE id IN (1, 11)", "SELECT id, tags[1] FROM events",
		"SELECT count(DISTINCT who), max(who.age), array_agg(who.name ORDER BY id) FROM events", "SELECT a.id, b.level FROM events AS a JOIN copy AS b ON a.id = b.id", "SELECT DISTINCT day FROM events",
		"SELECT id, row_number() OVER (PARTITION BY dt ORDER BY id) FROM events WHERE took IS NOT NULL",
	} {
		add(t, &c, athenas(t, ours, "proof", sql), asked(t, trino, sql))
	}
	t.Logf("of queries over tables of Trino's own\n%s", &c)
	for _, sql := range []string{"DROP TABLE copy", "DROP TABLE events", "DROP SCHEMA proof"} {
		do(t, trino, sql)
	}
}

// do has a Trino do what must not fail.
func do(t *testing.T, c Client, sql string) {
	t.Helper()
	if a := asked(t, c, sql); a.Error != "" {
		t.Fatalf("%s: %s", sql, a.Error)
	}
}

func asked(t *testing.T, c Client, sql string) dialecttest.Answer {
	t.Helper()
	a, err := c.Ask(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// athenas gives our Athena's answer.
func athenas(t *testing.T, c *athena.Client, database, sql string) dialecttest.Answer {
	t.Helper()
	started, err := c.StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{QueryString: &sql,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &database},
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://lake/results/")}})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	for {
		execution, err := c.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		status := execution.QueryExecution.Status
		if status.State == types.QueryExecutionStateFailed {
			return dialecttest.Answer{SQL: sql, Error: *status.StateChangeReason}
		}
		if status.State == types.QueryExecutionStateSucceeded {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	results, err := c.GetQueryResults(t.Context(), &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	a := dialecttest.Answer{SQL: sql}
	for _, c := range results.ResultSet.ResultSetMetadata.ColumnInfo {
		a.Types = append(a.Types, *c.Type)
	}
	for _, row := range slices.Delete(results.ResultSet.Rows, 0, 1) { // the header
		values := make([]*string, len(row.Data))
		for i, v := range row.Data {
			values[i] = v.VarCharValue
		}
		a.Rows = append(a.Rows, values)
	}
	return a
}
