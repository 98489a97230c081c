package ddl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog/ddl"
)

const serverLogs = `CREATE EXTERNAL TABLE server_logs (
    timestamp TIMESTAMP,
    level STRING,
    request_id STRING,
    method STRING,
    path STRING,
    status_code INT,
    response_time INT
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION 's3://my-bucket/data/';`

func parse(t *testing.T, sql string) ddl.Statement {
	t.Helper()
	st, err := ddl.Parse(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return st
}

func parquet() ddl.Format {
	return ddl.Format{InputFormat: ddl.ParquetInputFormat, OutputFormat: ddl.ParquetOutputFormat, SerDe: ddl.ParquetSerDe}
}

func TestServerLogs(t *testing.T) {
	st := parse(t, serverLogs)
	want := ddl.Statement{
		Type: "DDL", Substatement: "CREATE_TABLE",
		Body: &ddl.CreateTable{
			Name: ddl.Name{Table: "server_logs"},
			Columns: []loglake.Column{
				{Name: "timestamp", Type: "timestamp"}, {Name: "level", Type: "string"}, {Name: "request_id", Type: "string"},
				{Name: "method", Type: "string"}, {Name: "path", Type: "string"}, {Name: "status_code", Type: "int"},
				{Name: "response_time", Type: "int"},
			},
			PartitionKeys: []loglake.Column{{Name: "dt", Type: "string"}},
			Buckets:       -1, Format: parquet(), Location: "s3://my-bucket/data/",
		},
		Notices: []string{"TIMESTAMP is a reserved word: AWS takes it as the name of a column in backticks only; write `timestamp`"},
	}
	if diff := cmp.Diff(want, st); diff != "" {
		t.Error(diff)
	}
	if notices := parse(t, strings.Replace(serverLogs, "timestamp TIMESTAMP", "`timestamp` TIMESTAMP", 1)).Notices; len(notices) != 0 {
		t.Errorf("notices for a name in backticks: %q", notices)
	}
}

func TestCreateTable(t *testing.T) {
	st := parse(t, `create external table if not exists AwsDataCatalog.Db.T (
		A INTEGER COMMENT 'it\'s', b Decimal, c array< struct<X:int COMMENT 'c', y : map<string,varchar( 3 )>> > , /* no */ d foo
	) comment "a table" partitioned by (Year int comment 'y', `+"`date`"+` date)
	clustered by (a) sorted by (b desc, a) into 4 buckets
	row format serde 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' with serdeproperties ('parquet.column.index.access'='true')
	stored as inputformat 'in' outputformat 'out'
	location 's3://b/x' tblproperties ('k'=1, "neg"=-2.5, 'yes'=true) -- end`)
	f := ddl.Format{InputFormat: "in", OutputFormat: "out", SerDe: ddl.ParquetSerDe, SerDeProperties: map[string]string{"parquet.column.index.access": "true"}}
	want := &ddl.CreateTable{
		Name: ddl.Name{Catalog: "awsdatacatalog", Database: "db", Table: "t"}, IfNotExists: true,
		Columns: []loglake.Column{
			{Name: "a", Type: "int", Comment: "it's"}, {Name: "b", Type: "decimal(10,0)"},
			{Name: "c", Type: "array<struct<x:int,y:map<string,varchar(3)>>>"}, {Name: "d", Type: "foo"},
		},
		Comment:       "a table",
		PartitionKeys: []loglake.Column{{Name: "year", Type: "int", Comment: "y"}, {Name: "date", Type: "date"}},
		BucketColumns: []string{"a"}, SortColumns: []ddl.SortColumn{{Name: "b", Descending: true}, {Name: "a"}}, Buckets: 4,
		Format: f, Location: "s3://b/x",
		Properties: map[string]string{"k": "1", "neg": "-2.5", "yes": "true"},
	}
	if diff := cmp.Diff(ddl.Body(want), st.Body); diff != "" {
		t.Error(diff)
	}
	if err := want.Check(); err == nil || !strings.Contains(err.Error(), "type expected at the position 0 of 'foo' but 'foo' is found") {
		t.Errorf("Check: %v", err)
	}
}

func TestFormats(t *testing.T) {
	check := func(clauses string, want ddl.Format) {
		t.Helper()
		body := parse(t, "CREATE EXTERNAL TABLE t (a int) "+clauses+" LOCATION 's3://b/'").Body.(*ddl.CreateTable)
		if diff := cmp.Diff(want, body.Format); diff != "" {
			t.Errorf("%s: %s", clauses, diff)
		}
	}
	text := ddl.Format{
		InputFormat:  "org.apache.hadoop.mapred.TextInputFormat",
		OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
		SerDe:        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
	}
	check("", text)
	check("STORED AS TEXTFILE", text)
	check("STORED AS parquet", parquet())
	check("ROW FORMAT SERDE '"+ddl.ParquetSerDe+"'", parquet())
	check("STORED AS INPUTFORMAT '"+ddl.ParquetInputFormat+"' OUTPUTFORMAT '"+ddl.ParquetOutputFormat+"'", parquet())
	withProperties := parquet()
	withProperties.SerDeProperties = map[string]string{"serialization.format": "1"}
	check("STORED AS PARQUET WITH SERDEPROPERTIES ('serialization.format'='1')", withProperties)
	openx := text
	openx.SerDe = "org.openx.data.jsonserde.JsonSerDe"
	check("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", openx)
	delimited := text
	delimited.SerDeProperties = map[string]string{"field.delim": "\t", "serialization.format": "\t", "line.delim": "\n", "escape.delim": `\`}
	check(`ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'`, delimited)
}

func TestStatements(t *testing.T) {
	name := func(parts ...string) ddl.Name {
		if len(parts) == 1 {
			return ddl.Name{Table: parts[0]}
		}
		return ddl.Name{Database: parts[0], Table: parts[1]}
	}
	equal := func(pairs ...string) (spec ddl.PartitionSpec) {
		for i := 0; i < len(pairs); i += 2 {
			spec = append(spec, ddl.PartitionTerm{Key: pairs[i], Op: "=", Value: pairs[i+1]})
		}
		return spec
	}
	check := func(sql, typ, substatement string, want ddl.Body) {
		t.Helper()
		st := parse(t, sql)
		if st.Type != typ || st.Substatement != substatement {
			t.Errorf("%s: %s %s, want %s %s", sql, st.Type, st.Substatement, typ, substatement)
		}
		if diff := cmp.Diff(want, st.Body); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
		if !ddl.IsDDL(sql) {
			t.Errorf("%s: not DDL", sql)
		}
	}
	check("create database if not exists `Logs` comment 'c' location 's3://b/' with dbproperties ('a'='b');", "DDL", "CREATE_DATABASE",
		&ddl.CreateDatabase{Name: "logs", IfNotExists: true, Comment: "c", Location: "s3://b/", Properties: map[string]string{"a": "b"}})
	check("/* x */ CREATE /* y */ SCHEMA logs", "DDL", "CREATE_DATABASE", &ddl.CreateDatabase{Name: "logs"})
	check("DROP SCHEMA IF EXISTS x CASCADE", "DDL", "DROP_DATABASE", &ddl.DropDatabase{Name: "x", IfExists: true, Cascade: true})
	check("DROP DATABASE x RESTRICT", "DDL", "DROP_DATABASE", &ddl.DropDatabase{Name: "x"})
	check("ALTER DATABASE x SET DBPROPERTIES ('a'='b')", "DDL", "ALTER_DATABASE_PROPERTIES", &ddl.AlterDatabase{Name: "x", Properties: map[string]string{"a": "b"}})
	check("DROP TABLE IF EXISTS db.t PURGE", "DDL", "DROP_TABLE", &ddl.DropTable{Name: name("db", "t"), IfExists: true})
	check("DROP TABLE `db.t`", "DDL", "DROP_TABLE", &ddl.DropTable{Name: name("db", "t")})
	check("ALTER TABLE t ADD IF NOT EXISTS PARTITION (dt='2025-01-01', h=5) LOCATION 's3://b/x/' PARTITION (dt=date '2025-01-02', h=-6)", "DDL", "ALTER_TABLE_ADD_PARTITION",
		&ddl.AddPartitions{Table: name("t"), IfNotExists: true, Partitions: []ddl.NewPartition{
			{Spec: equal("dt", "2025-01-01", "h", "5"), Location: "s3://b/x/"}, {Spec: equal("dt", "2025-01-02", "h", "-6")}}})
	check("ALTER TABLE t DROP IF EXISTS PARTITION (dt<'2025-01-01', h <> 5), PARTITION (dt = 'x')", "DDL", "ALTER_TABLE_DROP_PARTITION",
		&ddl.DropPartitions{Table: name("t"), IfExists: true, Specs: []ddl.PartitionSpec{
			{{Key: "dt", Op: "<", Value: "2025-01-01"}, {Key: "h", Op: "!=", Value: "5"}}, equal("dt", "x")}})
	check("ALTER TABLE db.t PARTITION (dt='a') RENAME TO PARTITION (dt='b')", "DDL", "ALTER_TABLE_RENAME_PARTITION",
		&ddl.RenamePartition{Table: name("db", "t"), From: equal("dt", "a"), To: equal("dt", "b")})
	check("ALTER TABLE t ADD COLUMNS (A bigint COMMENT 'n')", "DDL", "ALTER_TABLE_ADD_COLUMN",
		&ddl.AddColumns{Table: name("t"), Columns: []loglake.Column{{Name: "a", Type: "bigint", Comment: "n"}}})
	check("ALTER TABLE t PARTITION (dt='a') ADD COLUMNS (b string)", "DDL", "ALTER_TABLE_ADD_COLUMN",
		&ddl.AddColumns{Table: name("t"), Partition: equal("dt", "a"), Columns: []loglake.Column{{Name: "b", Type: "string"}}})
	check("ALTER TABLE t REPLACE COLUMNS (b string)", "DDL", "ALTER_TABLE_REPLACE_COLUMN",
		&ddl.ReplaceColumns{Table: name("t"), Columns: []loglake.Column{{Name: "b", Type: "string"}}})
	check("ALTER TABLE t SET LOCATION 's3://b/y/'", "DDL", "ALTER_TABLE_SET_LOCATION", &ddl.SetLocation{Table: name("t"), Location: "s3://b/y/"})
	check("ALTER TABLE t PARTITION (dt='a') SET LOCATION 's3://b/y/'", "DDL", "ALTER_TABLE_SET_LOCATION",
		&ddl.SetLocation{Table: name("t"), Partition: equal("dt", "a"), Location: "s3://b/y/"})
	check("ALTER TABLE t SET TBLPROPERTIES ('a'='1')", "DDL", "ALTER_TABLE_PROPERTIES", &ddl.SetTableProperties{Table: name("t"), Properties: map[string]string{"a": "1"}})
	check("MSCK REPAIR TABLE db.t", "DDL", "MSCK_REPAIR", &ddl.RepairTable{Table: name("db", "t")})
	check("SHOW DATABASES", "UTILITY", "SHOW_DATABASES", &ddl.ShowDatabases{})
	check("show schemas like 'a.*'", "UTILITY", "SHOW_DATABASES", &ddl.ShowDatabases{Pattern: "a.*"})
	check("SHOW TABLES IN db '*x*'", "UTILITY", "SHOW_TABLES", &ddl.ShowTables{Database: "db", Pattern: "*x*"})
	check("SHOW TABLES LIKE 'a|b'", "UTILITY", "SHOW_TABLES", &ddl.ShowTables{Pattern: "a|b"})
	check("SHOW VIEWS IN db LIKE 'a*'", "UTILITY", "SHOW_VIEWS", &ddl.ShowViews{Database: "db", Pattern: "a*"})
	check("SHOW COLUMNS IN t FROM db", "UTILITY", "SHOW_COLUMNS", &ddl.ShowColumns{Table: name("db", "t")})
	check("SHOW PARTITIONS t", "UTILITY", "SHOW_PARTITIONS", &ddl.ShowPartitions{Table: name("t")})
	check("SHOW CREATE TABLE db.t", "UTILITY", "SHOW_CREATE_TABLE", &ddl.ShowCreateTable{Table: name("db", "t")})
	check("SHOW TBLPROPERTIES t ('k')", "UTILITY", "SHOW_TABLE_PROPERTIES", &ddl.ShowTableProperties{Table: name("t"), Key: "k"})
	check("DESC t", "UTILITY", "DESCRIBE_TABLE", &ddl.Describe{Table: name("t")})
	check("DESCRIBE extended", "UTILITY", "DESCRIBE_TABLE", &ddl.Describe{Table: name("extended")})
	check("DESCRIBE FORMATTED db.t PARTITION (dt='a') c", "UTILITY", "DESCRIBE_TABLE",
		&ddl.Describe{Table: name("db", "t"), Style: ddl.DescribeFormatted, Partition: equal("dt", "a"), Column: "c"})
	check("ALTER TABLE t RENAME TO u", "DDL", "ALTER_TABLE_RENAME", &ddl.Refused{
		Reason: "FAILED: Query type not supported by DDL engine.", Message: "Query type not supported by DDL engine.", Category: 2, ErrorType: 1006})
	check("ALTER TABLE t DROP COLUMN c", "DDL", "ALTER_TABLE_DROP_COLUMN", &ddl.Refused{
		Reason:  "FAILED: ParseException line 1:19 mismatched input 'COLUMN' expecting PARTITION near 'DROP' in drop partition statement",
		Message: "Query type not supported by DDL engine.", Category: 1, ErrorType: 1003})
}

func TestRefusals(t *testing.T) {
	check := func(sql string, code loglake.Code, want string) {
		t.Helper()
		_, err := ddl.Parse(sql)
		if err == nil || err.Error() != want || loglake.CodeOf(err) != code {
			t.Errorf("%s:\n got %v (%s)\nwant %s (%s)", sql, err, loglake.CodeOf(err), want, code)
		}
	}
	const unsupported = "Queries of this type are not supported"
	check("DESCRIBE t 'x", loglake.CodeInvalid, "line 1:12: token recognition error at: ''x'")
	check("DROP TABLE", loglake.CodeInvalid, "line 1:11: mismatched input '<EOF>' expecting identifier")
	check("DROP TABLE a b", loglake.CodeInvalid, "line 1:14: mismatched input 'b' expecting <EOF>")
	check("\n  MSCK TABLE t", loglake.CodeInvalid, "line 2:8: mismatched input 'TABLE' expecting 'REPAIR'")
	check("-- 𝔘\nDROP TABLE `𝔘` x", loglake.CodeInvalid, "line 2:17: mismatched input 'x' expecting <EOF>")
	check("DROP TABLE a.b.c.d", loglake.CodeInvalid, "Invalid table name a.b.c.d")
	check("CREATE TABLE t (a int)", loglake.CodeInvalid, "No location was specified for table. An S3 location must be specified")
	check("CREATE EXTERNAL TABLE t (a int)", loglake.CodeInvalid, "No location was specified for table. An S3 location must be specified")
	check("CREATE TABLE t (a int) LOCATION 's3://b/'", loglake.CodeInvalid, "External keyword required for table type HIVE")
	check("CREATE TABLE t (a int) LOCATION 's3://b/' TBLPROPERTIES ('table_type'='iceberg')", loglake.CodeUnsupported, "Query type not supported: Iceberg tables are not built")
	check("CREATE EXTERNAL TABLE t (a int NOT NULL) LOCATION 's3://b/'", loglake.CodeInvalid,
		"line 1:32: no viable alternative at input 'CREATE EXTERNAL TABLE t (a int NOT'")
	check("CREATE EXTERNAL TABLE t (a row(x int)) LOCATION 's3://b/'", loglake.CodeInvalid,
		"line 1:31: no viable alternative at input 'CREATE EXTERNAL TABLE t (a row('")
	check("CREATE EXTERNAL TABLE t (a int) WITH (format='PARQUET')", loglake.CodeInvalid,
		"line 1:33: no viable alternative at input 'CREATE EXTERNAL TABLE t (a int) WITH'")
	check("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/' STORED AS PARQUET", loglake.CodeInvalid, "line 1:52: mismatched input 'STORED' expecting <EOF>")
	check("CREATE EXTERNAL TABLE t (a int) STORED AS LANCE LOCATION 's3://b/'", loglake.CodeUnsupported,
		"line 1:43: Unrecognized file format in STORED AS clause: 'LANCE'")
	check("CREATE EXTERNAL TABLE t LIKE u", loglake.CodeUnsupported, unsupported)
	check("CREATE OR REPLACE TABLE t (a int)", loglake.CodeInvalid, "line 1:19: mismatched input 'TABLE'. Expecting: 'MATERIALIZED', 'MULTI', 'PROTECTED', 'VIEW'")
	check("ALTER TABLE t ADD COLUMN (a int)", loglake.CodeInvalid, "line 1:19: mismatched input 'COLUMN' expecting {'COLUMNS', 'IF', 'PARTITION'}")
	check("ALTER TABLE t ADD PARTITION (dt>'a')", loglake.CodeInvalid, "line 1:32: mismatched input '>' expecting '='")
	check("ALTER TABLE t CHANGE COLUMN a b int", loglake.CodeUnsupported, "line 1:15: ALTER TABLE CHANGE COLUMN is not supported")
	for _, sql := range []string{"ALTER TABLE t TOUCH", "ALTER TABLE t SET SERDEPROPERTIES ('a'='b')", "ALTER TABLE t COMPACT 'major'", "SHOW LOCKS",
		"DESCRIBE DATABASE x", "DROP INDEX i", "ALTER TABLE t RENAME COLUMN a TO b", "CREATE ROLE r"} {
		check(sql, loglake.CodeUnsupported, unsupported)
	}
	var e *ddl.Error
	if _, err := ddl.Parse("SHOW LOCKS"); !errors.As(err, &e) || e.Hint != "SHOW LOCKS is not one of Athena's statements" {
		t.Errorf("hint: %+v", e)
	}
	check(strings.Repeat("a", ddl.StatementBytesMax+1), loglake.CodeInvalid, "the statement has 262145 bytes; at most 262144 are allowed")
}

func TestIsDDL(t *testing.T) {
	check := func(sql string, want bool) {
		t.Helper()
		if got := ddl.IsDDL(sql); got != want {
			t.Errorf("IsDDL(%q) = %v", sql, got)
		}
	}
	check(serverLogs, true)
	check("create table t (a int) stored as parquet location 's3://b/'", true)
	check("CREATE TABLE t WITH (format='PARQUET') AS SELECT 1 a", false)
	check("CREATE TABLE t (n) AS VALUES 1", false)
	check("CREATE TABLE t AS (SELECT 1)", false)
	check("CREATE EXTERNAL TABLE t (", true)
	check("CREATE VIEW v AS SELECT 1", false)
	check("DROP VIEW v", false)
	check("SHOW CREATE VIEW v", false)
	check("SHOW CREATE TABLE v", true)
	check("SHOW FUNCTIONS", false)
	check("SHOW TABLES 'unterminated", true)
	check("DESCRIBE INPUT p", false)
	check("DESC t", true)
	check("EXPLAIN SELECT 1", false)
	check(" -- a comment\n select 1", false)
	check("", false)
}

func TestColumnChecks(t *testing.T) {
	check := func(columns, keys []string, want string) {
		t.Helper()
		body := &ddl.CreateTable{}
		for _, name := range columns {
			body.Columns = append(body.Columns, loglake.Column{Name: name, Type: "int"})
		}
		for _, name := range keys {
			body.PartitionKeys = append(body.PartitionKeys, loglake.Column{Name: name, Type: "int"})
		}
		got := ""
		if err := body.Check(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%v %v: %q, want %q", columns, keys, got, want)
		}
	}
	check([]string{"a", "b"}, []string{"c"}, "")
	check([]string{"a", "a"}, nil, "SemanticException [Error 10036]: Duplicate column name: a")
	check([]string{"a"}, []string{"a"}, "SemanticException [Error 10035]: Column repeated in partitioning columns")
}

// The layout is Athena's, blanks at the ends of lines included.
func TestShowCreateTable(t *testing.T) {
	body := &ddl.CreateTable{
		Name:          ddl.Name{Database: "db", Table: "t"},
		Columns:       []loglake.Column{{Name: "c1", Type: "string", Comment: "it's"}, {Name: "c2", Type: "int"}},
		Comment:       "table comment",
		PartitionKeys: []loglake.Column{{Name: "p", Type: "string"}},
		BucketColumns: []string{"c1"}, Buckets: 4,
		Format: ddl.Format{InputFormat: ddl.ParquetInputFormat, OutputFormat: ddl.ParquetOutputFormat, SerDe: ddl.ParquetSerDe,
			SerDeProperties: map[string]string{"serialization.format": "1", "parquet.column.index.access": "true"}},
		Location:   "s3://bucket/prefix",
		Properties: map[string]string{"transient_lastDdlTime": "1788528837", "classification": "parquet", "EXTERNAL": "TRUE", "comment": "table comment"},
	}
	want := strings.Join([]string{
		"CREATE EXTERNAL TABLE `db.t`(", "  `c1` string COMMENT 'it\\'s', ", "  `c2` int)", "COMMENT 'table comment'",
		"PARTITIONED BY ( ", "  `p` string)", "CLUSTERED BY ( ", "  c1) ", "INTO 4 BUCKETS",
		"ROW FORMAT SERDE ", "  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' ",
		"WITH SERDEPROPERTIES ( ", "  'parquet.column.index.access'='true') ",
		"STORED AS INPUTFORMAT ", "  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' ",
		"OUTPUTFORMAT ", "  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'",
		"LOCATION", "  's3://bucket/prefix'",
		"TBLPROPERTIES (", "  'classification'='parquet', ", "  'transient_lastDdlTime'='1788528837')",
	}, "\n")
	if diff := cmp.Diff(want, body.String()); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(serverLogs)
	f.Add("CREATE EXTERNAL TABLE `a.b`(`x y` struct<a:int COMMENT 'q',`b`:array<string>>) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' LOCATION 's3://b'")
	f.Add("create external table t (a int) clustered by (a) sorted by (`by` desc) into 3 buckets stored as orc location \"x\" tblproperties ('a'='\\u0041')")
	f.Add("ALTER TABLE t DROP PARTITION (a<=1e5, b!=.5)")
	f.Add("DESCRIBE FORMATTED a.b PARTITION (x=true) y")
	f.Add("SHOW TABLES IN x 'a' -- c")
	f.Fuzz(func(t *testing.T, sql string) {
		ddl.IsDDL(sql)
		st, err := ddl.Parse(sql)
		if err != nil {
			var e *ddl.Error
			if !errors.As(err, &e) || e.Message == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		body, ok := st.Body.(*ddl.CreateTable)
		if !ok || len(body.Columns) == 0 || body.Check() != nil {
			return // a statement without columns prints as "()", which is no statement
		}
		again, err := ddl.Parse(body.String())
		if err != nil {
			t.Fatalf("%s\nprinted as\n%s\ndoes not parse: %v", sql, body, err)
		}
		if got := again.Body.(*ddl.CreateTable).String(); got != body.String() {
			t.Fatalf("printed as\n%s\nand again as\n%s", body, got)
		}
	})
}
