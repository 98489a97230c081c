package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/pipeline"
)

// everything has every key of the file.
const everything = `zone: Europe/Berlin
bucket: my-logs
database: web
groups:
  /app/api:
    retention: 400
    parse: regex
    regex: '^(?P<level>\w+) (?P<message>.*)$'
    multiline: '^\d'
    noise:
      - {method: [GET, HEAD], path: '/health', level: debug, fields: {agent: ['kube/**', 'x'], n: 1}, except: [{method: POST, except: [{path: /a}]}]}
    routes:
      - {filter: '{ $.level = "ERROR" }', to: /app/errors}
      - to: copy
  /app/errors: {retention: forever, multiline: false, parse: json}
  copy:
tables:
  hours:
    ddl: |
      CREATE EXTERNAL TABLE hours (at TIMESTAMP COMMENT 'when', n INT)
      COMMENT 'by hour'
      PARTITIONED BY (year STRING, month STRING, day STRING, hour STRING)
      STORED AS PARQUET
      LOCATION 's3://other-bucket/hours'
      TBLPROPERTIES ('owner'='us')
  server_logs:
    partition_by: timestamp
    comment: one request a row
    columns:
      timestamp: timestamp
      user_id: {type: bigint, key: userId, comment: who}
      price: decimal(10, 2)
  orders:
    location: shop/orders
    columns: {day: date}
    partition_by: day
streams:
  server-logs: {from: [/app/api, copy], table: server_logs, filter: '{ $.n = 1 }', codec: zstd, policy: aws, buffer: {size: 64MiB, interval: 1m}}
  hours: {table: hours, buffer: {interval: 0}}
  orders: {table: orders, error_prefix: 'no/!{firehose:error-output-type}/', prefix: 'shop/orders/dt=!{timestamp:yyyy-MM-dd}/x/', codec: uncompressed}
  lines: {from: /app/errors, codec: plain, buffer: {size: 1}}
server:
  data: /var/lib/loglake
  aws_addr: ':4566'
  http_addr: 127.0.0.1:80
  account: '012345678901'
  region: eu-central-1
  credentials: /c
  tls_cert: /t.pem
  tls_key: /k.pem
  s3_endpoint: https://s3.example.net
  s3_region: eu-central-1
  s3_path_style: 'true'
  s3_credentials: /s3
  s3_cache: 2GiB
  results_bucket: my-results
  journal_max: 1TiB
  sync: none
  memory_max: 512MiB
  query_memory_max: 2GiB
  connections_max: '100'
`

// What is printed reads back as what it was, and printing that gives the same text.
func TestRender(t *testing.T) {
	f := func(text string) {
		t.Helper()
		p, err := pipeline.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		printed, err := pipeline.Render(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := pipeline.Parse(printed)
		if err != nil {
			t.Fatalf("%s\nis printed as\n%s\nwhich is wrong: %v", text, printed, err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("%s\nis printed as\n%s\nwhich says something else (-want +got):\n%s", text, printed, diff)
		}
	}
	f("")
	f("{}")
	f("zone: UTC")
	f(everything)
	f("bucket: my-logs\ntables: {a: {columns: {n: int}}, b: {columns: {n: int}}}\nstreams: {s: {table: b}}")
	f("groups: {'1': {retention: 1, regex: \"a\\n(?P<b>.)\", parse: regex}, 'on': }\n")
	f("groups:\n  /a: &a {retention: 1d}\n  /b: *a\n  /c: {<<: *a, multiline: false}\n")
}

// Comments stand with what they are about.
func TestRenderNotes(t *testing.T) {
	p := usual()
	p.Groups[0].Noise[0].Except = nil
	got, err := pipeline.Render(p, map[string]string{
		"":                                  "Made of 1,000 lines.\nLook at it.",
		"zone":                              "what a day is",
		pipeline.Path("groups", "/app/api"): "the application",
		pipeline.Path("groups", "/app/api", "noise[0]"):            "31% of the lines",
		pipeline.Path("tables", "server_logs", "columns"):          "fields that were seen",
		pipeline.Path("tables", "server_logs", "partition_by"):     "one of two\ntimestamps",
		pipeline.Path("tables", "server_logs", "columns", "no"):    "nowhere",
		pipeline.Path("tables", "server_logs", "columns", "level"): "ERROR, INFO",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
# Made of 1,000 lines.
# Look at it.
zone: Asia/Seoul # what a day is
bucket: my-logs
groups:
  # the application
  /app/api:
    retention: 30d
    noise:
    # 31% of the lines
    - path: [/health, /static/**]
    routes:
    - {filter: '{ $.level = "ERROR" }', to: /app/api/errors}
  /app/api/errors: {retention: 7d}
tables:
  server_logs:
    # one of two
    # timestamps
    partition_by: timestamp
    # fields that were seen
    columns:
      timestamp: timestamp
      level: string # ERROR, INFO
      request_id: string
      method: string
      path: string
      status_code: int
      response_time: double
streams:
  server-logs: {from: /app/api, table: server_logs}
`, "\n")
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
