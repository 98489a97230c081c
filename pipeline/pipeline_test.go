package pipeline_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

const linesOfUsual = 25

// The usual pipeline is short, and everything that it does not say has a default.
func TestUsual(t *testing.T) {
	text, err := os.ReadFile("testdata/usual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > linesOfUsual {
		t.Errorf("the usual pipeline has %d lines, and is to have %d at most", n, linesOfUsual)
	}
	got, err := pipeline.Load("testdata/usual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(usual(), got); diff != "" {
		t.Errorf("usual.yaml (-want +got):\n%s", diff)
	}
}

func usual() *pipeline.Pipeline {
	return &pipeline.Pipeline{
		Zone: "Asia/Seoul", Bucket: "my-logs", Database: "default",
		Groups: []pipeline.Group{
			{
				Name: "/app/api", RetentionDays: 30,
				Noise: []shape.Rule{{
					Path:   []string{"/health", "/static/**"},
					Except: []shape.Rule{{Method: []string{"POST"}, Path: []string{"/health/report"}}},
				}},
				Routes:    []pipeline.Route{{Filter: `{ $.level = "ERROR" }`, To: "/app/api/errors"}},
				Multiline: pipeline.Multiline{Join: true},
			},
			{Name: "/app/api/errors", RetentionDays: 7, Multiline: pipeline.Multiline{Join: true}},
		},
		Tables: []pipeline.Table{{
			Name: "server_logs",
			Columns: []pipeline.Column{
				{Name: "timestamp", Type: "timestamp"}, {Name: "level", Type: "string"}, {Name: "request_id", Type: "string"},
				{Name: "method", Type: "string"}, {Name: "path", Type: "string"}, {Name: "status_code", Type: "int"},
				{Name: "response_time", Type: "double"},
			},
			PartitionKeys: []loglake.Column{{Name: "dt", Type: "string"}},
			PartitionBy:   "timestamp",
			Location:      "s3://my-logs/data/",
		}},
		Streams: []pipeline.Stream{{
			Name: "server-logs", From: []loglake.GroupName{"/app/api"}, Table: "server_logs",
			Bucket: "my-logs", Prefix: "data/dt=!{timestamp:yyyy-MM-dd}/",
			ErrorPrefix: "rejects/server-logs/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/",
			PartitionBy: "timestamp", Zone: "Asia/Seoul", Codec: pipeline.Snappy, BufferMiB: 128, BufferSeconds: 300, Policy: "rescue",
		}},
	}
}
