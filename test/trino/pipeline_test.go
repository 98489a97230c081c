package trino

import (
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
)

// events are what the table of loglake.yaml is filled with: edges of the types, three days, and rows of NULL.
var events = []string{
	`{"at": "2025-12-03T10:15:30.123Z", "id": 1, "flag": true, "tiny": 127, "small": 32767, "big": 9223372036854775807, "ratio": 1.5, "share": 0.1, "price": 12.345, "whole": 12345678901234567890,
	 "level": "INFO", "code": "abcdefg", "mark": "ab", "raw": "bytes\n", "day": "2025-12-03"}`,
	`{"at": "2025-12-03T23:59:59.999Z", "id": 2, "flag": false, "tiny": -128, "small": -32768, "big": -9223372036854775808, "ratio": -3.4e38, "share": 1e20, "price": -999999999.999, "whole": -1,
	 "level": "ERROR", "code": "é", "mark": "", "raw": "", "day": "0001-01-01"}`,
	`{"at": "2025-12-04T00:00:00Z", "id": 3}`,
	`{"at": "2025-12-04T12:00:00.5Z", "id": 4, "flag": true, "tiny": 0, "small": 0, "big": 0, "ratio": 0, "share": -1.5e-7, "price": 0.001, "whole": 0, "level": "日本語 😀", "code": "x", "mark": "xyz",
	 "raw": "é", "day": "9999-12-31"}`,
	`{"at": "1969-12-31T23:59:59.999Z", "id": 5, "tiny": 7, "small": 300, "big": 60, "share": 2.5, "price": 1, "level": "", "code": "", "mark": "a", "day": "1969-12-31"}`,
}

// wide is the table as the generator sees it; ratio is left out of expressions, whose sums of reals depend on the order.
var wide = dialecttest.Table{Name: "wide", Columns: []dialecttest.Column{
	{Name: "id", Type: dialect.Type{Kind: dialect.KindInteger}}, {Name: "flag", Type: dialect.Type{Kind: dialect.KindBoolean}}, {Name: "tiny", Type: dialect.Type{Kind: dialect.KindTinyInt}},
	{Name: "small", Type: dialect.Type{Kind: dialect.KindSmallInt}}, {Name: "big", Type: dialect.Type{Kind: dialect.KindBigInt}}, {Name: "share", Type: dialect.Type{Kind: dialect.KindDouble}},
	{Name: "level", Type: dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}}, {Name: "dt", Type: dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}},
	{Name: "raw", Type: dialect.Type{Kind: dialect.KindVarbinary}}, {Name: "day", Type: dialect.Type{Kind: dialect.KindDate}}, {Name: "at", Type: dialect.Type{Kind: dialect.KindTimestamp, Precision: 3}},
}}

// wideQueries are asked of both beside the generated ones.
var wideQueries = []string{
	"SELECT * FROM wide", "SELECT dt, count(*), min(at), max(at) FROM wide GROUP BY dt", "SELECT id FROM wide WHERE dt = '2025-12-03'", "SELECT id FROM wide WHERE dt > '2025-12-03' AND flag",
	"SELECT id FROM wide WHERE dt IN ('1969-12-31', '2025-12-04') AND tiny IS NOT NULL", "SELECT id FROM wide WHERE dt LIKE '2025-%' OR level = ''", `SELECT DISTINCT "$path" IS NULL FROM wide`,
	"SELECT sum(id), sum(big), sum(CAST(small AS bigint)), avg(price), sum(price), max(whole), min(ratio), max(share) FROM wide WHERE id <> 1", "SELECT sum(big) FROM wide",
	"SELECT id, length(level), upper(level), level || '!', code, mark, mark || '|', length(mark), to_hex(raw) FROM wide", "SELECT id FROM wide WHERE mark = 'ab'", "SELECT id FROM wide WHERE code = 'abcde'",
	"SELECT id, date_diff('day', day, DATE '2025-12-03'), date_trunc('hour', at), at + INTERVAL '1' DAY, year(day) FROM wide", "SELECT id FROM wide WHERE at >= TIMESTAMP '2025-12-03 23:59:59.999'",
	"SELECT id FROM wide WHERE day < DATE '1970-01-01'", "SELECT a.id, b.id FROM wide AS a JOIN wide AS b ON a.dt = b.dt AND a.id < b.id", "SELECT id, lag(level) OVER (PARTITION BY dt ORDER BY at) FROM wide",
	"SELECT dt, array_agg(id ORDER BY id), max_by(level, at), approx_distinct(level) FROM wide GROUP BY ROLLUP (dt)", "SELECT CAST(price AS varchar), CAST(share AS varchar), CAST(ratio AS varchar), CAST(at AS varchar) FROM wide",
	"SELECT id FROM wide WHERE big + 1 > 0 AND id <> 1", "SELECT big + 1 FROM wide", "SELECT price / tiny FROM wide", "SELECT nope FROM wide", "SELECT id FROM wide WHERE dt = 20251203",
	"SELECT x FROM wide CROSS JOIN UNNEST(split(level, 'F')) AS t (x)", "SELECT count(*) FROM wide WHERE NOT (flag)", "SELECT id FROM wide ORDER BY share DESC LIMIT 1",
}

// TestPipeline reads what a delivery stream has written with both: a Trino through our Glue and S3, and our Athena.
func TestPipeline(t *testing.T) {
	trino, ours := engines(t)
	deliver(t)
	trino.Schema = "default"
	queries := wideQueries
	g := dialecttest.Generator{Random: rand.New(rand.NewPCG(1, 1)).IntN, Total: true}
	for range 150 {
		queries = append(queries, "SELECT wide.id, "+g.Over(wide, g.Type())+" FROM wide", "SELECT wide.id FROM wide WHERE "+g.Over(wide, dialect.Type{Kind: dialect.KindBoolean}))
	}
	var c dialecttest.Tally
	for _, sql := range queries {
		add(t, &c, athenas(t, ours, "default", sql), asked(t, trino, sql))
	}
	t.Logf("of %d queries over the table of a delivery stream\n%s", len(queries), &c)
	if c.Same < len(queries)*3/4 {
		t.Errorf("%d of %d queries agree", c.Same, len(queries))
	}
}

// add counts a query, whose result's types Athena tells the outermost of.
func add(t *testing.T, c *dialecttest.Tally, got, want dialecttest.Answer) {
	t.Helper()
	known := len(c.Different)
	if got.Types = want.Types; got.Error != "" {
		got.Types = nil
	}
	c.Add(got, want)
	for _, problem := range c.Different[known:] {
		t.Error(problem)
	}
}

// deliver puts the events and has the stream write them.
func deliver(t *testing.T) {
	t.Helper()
	logs := cloudwatchlogs.New(cloudwatchlogs.Options{BaseEndpoint: aws.String(os.Getenv("LAKE_URL")), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")})
	group, stream := aws.String("/proof/wide"), aws.String("proof")
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	var input []types.InputLogEvent
	for _, e := range events {
		input = append(input, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(strings.ReplaceAll(e, "\n\t", ""))})
	}
	if _, err := logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: input}); err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(os.Getenv("LAKE_HTTP")+"/v1/streams/wide/flush?wait=true", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // only its status is read
	if response.StatusCode >= 300 {
		t.Fatalf("flush: %s", response.Status)
	}
}
