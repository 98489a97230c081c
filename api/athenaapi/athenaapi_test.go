package athenaapi_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/athenaapi"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// TestMain lets the test binary be the engine's child process too.
func TestMain(m *testing.M) {
	if os.Getenv("LOGLAKE_TEST_ENGINE_CHILD") != "" {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// newClient gives the SDK's client of a server with an empty lake, whose bucket is my-bucket.
func newClient(t *testing.T) *athena.Client {
	t.Helper()
	dir := t.TempDir()
	home := loglake.Home{Account: "123456789012", Region: "us-east-1"}
	var migrations []state.Migration
	for _, m := range [][]state.Migration{catalog.Migrations(), position.Migrations(), query.Migrations()} {
		migrations = append(migrations, m...)
	}
	db := must(state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"), Migrations: migrations}))(t)
	t.Cleanup(func() { _ = db.Close() })
	buckets := filepath.Join(dir, "buckets")
	if err := os.Mkdir(buckets, 0o755); err != nil {
		t.Fatal(err)
	}
	files := must(store.OpenDir(store.DirConfig{Root: buckets, Clock: time.Now}))(t)
	if err := files.CreateBucket(t.Context(), "my-bucket"); err != nil {
		t.Fatal(err)
	}
	tables := catalog.New(catalog.Config{DB: db, Home: home})
	if err := tables.CreateDefault(t.Context()); err != nil {
		t.Fatal(err)
	}
	config := query.Config{DB: db, Home: home, Clock: time.Now, Catalog: tables, Store: files}
	if engine.Built {
		config.Engine = must(engine.New(engine.Config{Command: []string{os.Args[0]}, Env: []string{"LOGLAKE_TEST_ENGINE_CHILD=1"}, Threads: 1}))(t)
		t.Cleanup(func() { _ = config.Engine.Close() })
	}
	executions := must(query.New(context.Background(), config))(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- executions.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	service := athenaapi.New(athenaapi.Config{Executions: executions, Catalog: tables})
	server := httptest.NewServer(&awsjson.Router{Services: []awsjson.Service{service}, OnError: func(r *awsjson.Request, err error) {
		t.Errorf("%s: %v", r.Operation, err)
	}})
	t.Cleanup(server.Close)
	return athena.New(athena.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
}

// run runs a statement as clients do: start, then ask until it has ended.
func run(t *testing.T, c *athena.Client, sql string) *types.QueryExecution {
	t.Helper()
	started, err := c.StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{QueryString: &sql,
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("default")},
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://my-bucket/results/")}})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	ask := time.NewTicker(5 * time.Millisecond)
	defer ask.Stop()
	for {
		out, err := c.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if s := out.QueryExecution.Status.State; s != types.QueryExecutionStateQueued && s != types.QueryExecutionStateRunning {
			return out.QueryExecution
		}
		<-ask.C
	}
}

func rows(t *testing.T, c *athena.Client, x *types.QueryExecution) []string {
	t.Helper()
	list := []string{}
	pages := athena.NewGetQueryResultsPaginator(c, &athena.GetQueryResultsInput{QueryExecutionId: x.QueryExecutionId, MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.ResultSet.Rows {
			var values []string
			for _, d := range r.Data {
				if d.VarCharValue == nil {
					values = append(values, "NULL")
				} else {
					values = append(values, *d.VarCharValue)
				}
			}
			list = append(list, strings.Join(values, "|"))
		}
	}
	return list
}

func TestAStoryWithTheSDK(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	c := newClient(t)
	for _, sql := range []string{
		"create database `logs` comment 'for tests'",
		"CREATE EXTERNAL TABLE server_logs (timestamp TIMESTAMP, level STRING, status_code INT) PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://my-bucket/data/'",
	} {
		if x := run(t, c, sql); x.Status.State != types.QueryExecutionStateSucceeded || len(rows(t, c, x)) != 0 {
			t.Errorf("%s: %s %s", sql, x.Status.State, aws.ToString(x.Status.StateChangeReason))
		}
	}
	x := run(t, c, "SELECT level, count(*) AS n FROM server_logs GROUP BY level")
	if x.Status.State != types.QueryExecutionStateSucceeded || *x.ResultConfiguration.OutputLocation != "s3://my-bucket/results/"+*x.QueryExecutionId+".csv" {
		t.Errorf("%+v %s", x.Status, *x.ResultConfiguration.OutputLocation)
	}
	if diff := cmp.Diff([]string{"level|n"}, rows(t, c, x)); diff != "" {
		t.Error(diff)
	}
	x = run(t, c, "SELECT * FROM (VALUES (1, 'a'), (2, CAST(NULL AS varchar)), (3, '')) t(n, s) ORDER BY n")
	if diff := cmp.Diff([]string{"n|s", "1|a", "2|NULL", "3|"}, rows(t, c, x)); diff != "" {
		t.Error(diff)
	}
	if x.StatementType != types.StatementTypeDml || *x.SubstatementType != "SELECT" || *x.EngineVersion.EffectiveEngineVersion != "Athena engine version 3" ||
		x.Statistics.TotalExecutionTimeInMillis == nil || x.Statistics.DataScannedInBytes == nil || x.Statistics.QueryPlanningTimeInMillis != nil {
		t.Errorf("%+v %+v", x, x.Statistics)
	}
	x = run(t, c, "SELECT nosuch FROM server_logs")
	if want := "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources"; x.Status.State != types.QueryExecutionStateFailed ||
		*x.Status.StateChangeReason != want || *x.Status.AthenaError.ErrorType != 1006 || *x.Status.AthenaError.ErrorCategory != 2 {
		t.Errorf("%s %+v", *x.Status.StateChangeReason, x.Status.AthenaError)
	}
	list := must(c.ListQueryExecutions(t.Context(), &athena.ListQueryExecutionsInput{}))(t)
	batch := must(c.BatchGetQueryExecution(t.Context(), &athena.BatchGetQueryExecutionInput{QueryExecutionIds: append(list.QueryExecutionIds, "nosuch")}))(t)
	if len(list.QueryExecutionIds) != 5 || len(batch.QueryExecutions) != 5 || len(batch.UnprocessedQueryExecutionIds) != 1 || list.QueryExecutionIds[0] != *x.QueryExecutionId {
		t.Errorf("%d listed, %d got, %d not", len(list.QueryExecutionIds), len(batch.QueryExecutions), len(batch.UnprocessedQueryExecutionIds))
	}
	runtime := must(c.GetQueryRuntimeStatistics(t.Context(), &athena.GetQueryRuntimeStatisticsInput{QueryExecutionId: &list.QueryExecutionIds[1]}))(t)
	if r := runtime.QueryRuntimeStatistics; r.Rows == nil || *r.Rows.OutputRows != 3 || r.Timeline == nil {
		t.Errorf("%+v", r)
	}
	if _, err := c.StopQueryExecution(t.Context(), &athena.StopQueryExecutionInput{QueryExecutionId: x.QueryExecutionId}); err != nil {
		t.Error(err)
	}
}

func TestMetadata(t *testing.T) {
	c := newClient(t)
	run(t, c, "CREATE EXTERNAL TABLE t1 (a int COMMENT 'first', b array<string>) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://my-bucket/t1/' TBLPROPERTIES ('parquet.compress'='SNAPPY')")
	run(t, c, "CREATE EXTERNAL TABLE t2 (a int) LOCATION 's3://my-bucket/t2/'")
	name, db := aws.String("AwsDataCatalog"), aws.String("default")
	if out := must(c.ListDataCatalogs(t.Context(), &athena.ListDataCatalogsInput{}))(t); len(out.DataCatalogsSummary) != 1 || *out.DataCatalogsSummary[0].CatalogName != *name {
		t.Errorf("%+v", out.DataCatalogsSummary)
	}
	if out := must(c.GetDataCatalog(t.Context(), &athena.GetDataCatalogInput{Name: aws.String("awsdatacatalog")}))(t); out.DataCatalog.Type != types.DataCatalogTypeGlue {
		t.Errorf("%+v", out.DataCatalog)
	}
	if out := must(c.ListDatabases(t.Context(), &athena.ListDatabasesInput{CatalogName: name}))(t); len(out.DatabaseList) != 1 || out.NextToken != nil {
		t.Errorf("%+v", out)
	}
	if out := must(c.GetDatabase(t.Context(), &athena.GetDatabaseInput{CatalogName: name, DatabaseName: db}))(t); *out.Database.Name != "default" {
		t.Errorf("%+v", out.Database)
	}
	var names []string
	pages := athena.NewListTableMetadataPaginator(c, &athena.ListTableMetadataInput{CatalogName: name, DatabaseName: db, MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, m := range must(pages.NextPage(t.Context()))(t).TableMetadataList {
			names = append(names, *m.Name)
		}
	}
	if diff := cmp.Diff([]string{"t1", "t2"}, names); diff != "" {
		t.Error(diff)
	}
	if out := must(c.ListTableMetadata(t.Context(), &athena.ListTableMetadataInput{CatalogName: name, DatabaseName: db, Expression: aws.String(".*2")}))(t); len(out.TableMetadataList) != 1 {
		t.Errorf("%+v", out.TableMetadataList)
	}
	m := must(c.GetTableMetadata(t.Context(), &athena.GetTableMetadataInput{CatalogName: name, DatabaseName: db, TableName: aws.String("T1")}))(t).TableMetadata
	if len(m.Columns) != 2 || *m.Columns[0].Comment != "first" || *m.Columns[1].Type != "array<string>" || *m.PartitionKeys[0].Name != "dt" ||
		m.Parameters["location"] != "s3://my-bucket/t1/" || m.Parameters["parquet.compress"] != "SNAPPY" || !strings.Contains(m.Parameters["serde.serialization.lib"], "Parquet") || *m.TableType != "EXTERNAL_TABLE" {
		t.Errorf("%+v", m)
	}
	var missing *types.MetadataException
	if _, err := c.GetTableMetadata(t.Context(), &athena.GetTableMetadataInput{CatalogName: name, DatabaseName: db, TableName: aws.String("nosuch")}); !errors.As(err, &missing) || !strings.Contains(err.Error(), "EntityNotFoundException") {
		t.Errorf("a missing table: %v", err)
	}
	group := must(c.GetWorkGroup(t.Context(), &athena.GetWorkGroupInput{WorkGroup: aws.String("primary")}))(t).WorkGroup
	if *group.Configuration.EnforceWorkGroupConfiguration || *group.Configuration.EngineVersion.EffectiveEngineVersion != "Athena engine version 3" || group.Configuration.ResultConfiguration == nil {
		t.Errorf("%+v", group.Configuration)
	}
	if out := must(c.ListWorkGroups(t.Context(), &athena.ListWorkGroupsInput{}))(t); len(out.WorkGroups) != 1 || *out.WorkGroups[0].Name != "primary" {
		t.Errorf("%+v", out.WorkGroups)
	}
	if out := must(c.ListEngineVersions(t.Context(), &athena.ListEngineVersionsInput{}))(t); len(out.EngineVersions) != 2 {
		t.Errorf("%+v", out.EngineVersions)
	}
}

func TestRefusals(t *testing.T) {
	c := newClient(t)
	f := func(err error, code, message string) {
		t.Helper()
		var refused *types.InvalidRequestException
		if !errors.As(err, &refused) || aws.ToString(refused.AthenaErrorCode) != code || !strings.HasPrefix(refused.ErrorMessage(), message) {
			t.Errorf("%v, want %s %q", err, code, message)
		}
	}
	start := func(sql string) error {
		_, err := c.StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{QueryString: &sql,
			ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://my-bucket/results/")}})
		return err
	}
	f(start("SELEC 1"), "MALFORMED_QUERY", "line 1:1: mismatched input 'SELEC'")
	f(start(strings.Repeat(" ", 262145)), "INVALID_INPUT", "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must have length less than or equal to 262144")
	_, err := c.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: aws.String("nosuch")})
	f(err, "QUERY_EXECUTION_NOT_FOUND", "QueryExecution nosuch was not found")
	_, err = c.GetQueryResults(t.Context(), &athena.GetQueryResultsInput{QueryExecutionId: aws.String("nosuch"), MaxResults: aws.Int32(100001)})
	f(err, "INVALID_INPUT", "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100000")
	_, err = c.GetWorkGroup(t.Context(), &athena.GetWorkGroupInput{WorkGroup: aws.String("other")})
	f(err, "INVALID_INPUT", "WorkGroup is not found.")
	_, err = c.ListDatabases(t.Context(), &athena.ListDatabasesInput{CatalogName: aws.String("other")})
	f(err, "DATACATALOG_NOT_FOUND", "Catalog other was not found")
}
