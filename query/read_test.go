package query_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query"
)

func TestOpenResult(t *testing.T) {
	l := newLake(t, nil)
	for _, c := range []struct {
		sql  string
		want string // columns, then rows; NULL is ∅
	}{
		{"SELECT 1 AS n, '' AS e, CAST(NULL AS varchar) AS x", "n,e,x\n1||∅"},
		{"SELECT 1 AS n WHERE false", "n"},
		{"SELECT CAST(NULL AS integer) AS n", "n\n∅"},
		{"SELECT 'a\nb' AS t", "t\na\nb"},
		{"CREATE EXTERNAL TABLE t (a INT, b STRING COMMENT 'c') PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://my-bucket/t/'", ""},
		{"DESCRIBE t b", "col_name,data_type,comment\nb|string|c"},
		{"SHOW TBLPROPERTIES t('nope')", "prpt_name,prpt_value\nTable default.t does not have property: nope|∅"},
		{"SHOW PARTITIONS t", "partition"},
	} {
		x := l.run(c.sql)
		r, err := l.OpenResult(t.Context(), x.ID)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		var names []string
		for _, column := range r.Columns {
			names = append(names, column.Name)
		}
		got := strings.Join(names, ",")
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			l.must(err)
			cells := make([]string, len(row))
			for i, v := range row {
				if cells[i] = "∅"; v != nil {
					cells[i] = *v
				}
			}
			got += "\n" + strings.Join(cells, "|")
		}
		l.must(r.Close())
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.sql, diff)
		}
	}
	var refused *query.Refusal
	failed := l.run("SELECT nope")
	if _, err := l.OpenResult(t.Context(), failed.ID); !errors.As(err, &refused) || refused.AthenaCode != query.CodeExecutionState {
		t.Errorf("of a query that failed: %v", err)
	}
	if _, err := l.OpenResult(t.Context(), "00000000-0000-0000-0000-000000000000"); !errors.As(err, &refused) || refused.AthenaCode != query.CodeNoExecution {
		t.Errorf("of a query that is none: %v", err)
	}
	gone := l.run("SELECT 1")
	l.must(l.store.Delete(t.Context(), bucket, strings.TrimPrefix(gone.Output, "s3://"+bucket+"/")))
	if _, err := l.OpenResult(t.Context(), gone.ID); !errors.As(err, &refused) || refused.AthenaCode != query.CodeNoResult {
		t.Errorf("of a result that was removed: %v", err)
	}
}
