package glueapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/api/glueapi"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/state"
)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

// serve gives the address of a Glue with a database "db" in it.
func serve(t *testing.T) string {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: catalog.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	noon := func() time.Time { return time.Date(2025, 12, 3, 12, 0, 0, 0, time.UTC) }
	c := catalog.New(catalog.Config{DB: db, Home: home, Clock: noon})
	if err := c.CreateDatabase(t.Context(), catalog.DatabaseInput{Name: "db"}); err != nil {
		t.Fatal(err)
	}
	router := &awsjson.Router{
		Services: []awsjson.Service{glueapi.New(glueapi.Config{Catalog: c, Home: home})},
		OnError:  func(r *awsjson.Request, err error) { t.Errorf("%s: %v", r.Operation, err) },
	}
	server := httptest.NewServer(router)
	t.Cleanup(func() {
		server.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL
}

func client(endpoint string) *glue.Client {
	return glue.New(glue.Options{
		Region: home.Region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

// post sends a body as it is and gives status and answer.
func post(t *testing.T, endpoint, operation, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", awsjson.ContentType)
	r.Header.Set("X-Amz-Target", "AWSGlue."+operation)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails tells whether err is the service's exception with that text.
func fails(t *testing.T, err error, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || e.ErrorMessage() != text {
		t.Errorf("got %v, want %s: %s", err, code, text)
	}
}

func tableInput(name string) *types.TableInput {
	return &types.TableInput{
		Name: aws.String(name), TableType: aws.String("EXTERNAL_TABLE"),
		PartitionKeys: []types.Column{{Name: aws.String("dt"), Type: aws.String("string")}, {Name: aws.String("h"), Type: aws.String("int")}},
		StorageDescriptor: &types.StorageDescriptor{
			Columns:  []types.Column{{Name: aws.String("Level"), Type: aws.String("string"), Comment: aws.String("c")}},
			Location: aws.String("s3://lake/data/"),
		},
		Parameters: map[string]string{"classification": "parquet"},
	}
}

func partitionInput(values ...string) types.PartitionInput {
	return types.PartitionInput{Values: values, StorageDescriptor: &types.StorageDescriptor{
		Location: aws.String("s3://lake/p/" + strings.Join(values, "/")),
		Columns:  []types.Column{{Name: aws.String("level"), Type: aws.String("string")}},
	}}
}

func TestDatabasesOnTheWire(t *testing.T) {
	ctx := t.Context()
	c := client(serve(t))
	_, err := c.CreateDatabase(ctx, &glue.CreateDatabaseInput{
		DatabaseInput: &types.DatabaseInput{Name: aws.String("Logs"), Parameters: map[string]string{"a": "b"}}, Tags: map[string]string{"team": "x"}})
	must(t, err)
	_, err = c.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("logs")}})
	fails(t, err, "AlreadyExistsException", "Database already exists.")
	out, err := c.GetDatabase(ctx, &glue.GetDatabaseInput{Name: aws.String("LOGS"), CatalogId: aws.String(home.Account)})
	must(t, err)
	d := out.Database
	if *d.Name != "logs" || d.Parameters["a"] != "b" || *d.CatalogId != home.Account || d.CreateTime.Unix() != 1764763200 ||
		len(d.CreateTableDefaultPermissions) != 1 || *d.CreateTableDefaultPermissions[0].Principal.DataLakePrincipalIdentifier != "IAM_ALLOWED_PRINCIPALS" {
		t.Errorf("%+v", d)
	}
	_, err = c.GetDatabase(ctx, &glue.GetDatabaseInput{Name: aws.String("nope")})
	fails(t, err, "EntityNotFoundException", "Database nope not found.")
	_, err = c.GetDatabase(ctx, &glue.GetDatabaseInput{Name: aws.String("logs"), CatalogId: aws.String("111111111111")})
	fails(t, err, "EntityNotFoundException", "Catalog 111111111111 not found.")
	tags, err := c.GetTags(ctx, &glue.GetTagsInput{ResourceArn: aws.String(home.ARN("glue", "database/logs"))})
	if err != nil || tags.Tags["team"] != "x" {
		t.Errorf("%v %v", tags, err)
	}
	var names []string
	pages := glue.NewGetDatabasesPaginator(c, &glue.GetDatabasesInput{MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(t, err)
		for _, d := range page.DatabaseList {
			names = append(names, *d.Name)
		}
	}
	if diff := cmp.Diff([]string{"db", "logs"}, names); diff != "" {
		t.Error(diff)
	}
	_, err = c.UpdateDatabase(ctx, &glue.UpdateDatabaseInput{Name: aws.String("logs"), DatabaseInput: &types.DatabaseInput{Name: aws.String("logs2")}})
	must(t, err)
	_, err = c.DeleteDatabase(ctx, &glue.DeleteDatabaseInput{Name: aws.String("logs2")})
	must(t, err)
	_, err = c.DeleteDatabase(ctx, &glue.DeleteDatabaseInput{Name: aws.String("logs2")})
	fails(t, err, "EntityNotFoundException", "Database logs2 not found.")
}

func TestTablesOnTheWire(t *testing.T) {
	ctx := t.Context()
	c := client(serve(t))
	db := aws.String("db")
	_, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: db, TableInput: tableInput("T"),
		PartitionIndexes: []types.PartitionIndex{{IndexName: aws.String("i"), Keys: []string{"dt"}}}})
	must(t, err)
	_, err = c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: db, TableInput: tableInput("t")})
	fails(t, err, "AlreadyExistsException", "Table already exists.")
	out, err := c.GetTable(ctx, &glue.GetTableInput{DatabaseName: db, Name: aws.String("t")})
	must(t, err)
	if table := out.Table; *table.Name != "t" || *table.VersionId != "0" || *table.StorageDescriptor.Columns[0].Name != "level" ||
		table.StorageDescriptor.SerdeInfo == nil || *table.DatabaseName != "db" || !table.UpdateTime.Equal(*table.CreateTime) {
		t.Errorf("%+v", table)
	}
	indexes, err := c.GetPartitionIndexes(ctx, &glue.GetPartitionIndexesInput{DatabaseName: db, TableName: aws.String("t")})
	if err != nil || len(indexes.PartitionIndexDescriptorList) != 1 || indexes.PartitionIndexDescriptorList[0].IndexStatus != "ACTIVE" ||
		*indexes.PartitionIndexDescriptorList[0].Keys[0].Type != "string" {
		t.Errorf("%+v %v", indexes, err)
	}

	update := tableInput("t")
	update.Parameters = nil
	_, err = c.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: db, TableInput: update})
	must(t, err)
	_, err = c.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: db, TableInput: update, VersionId: aws.String("0")})
	fails(t, err, "ConcurrentModificationException", "Update table failed due to concurrent modifications.")
	_, err = c.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: db, TableInput: update, VersionId: aws.String("1"), SkipArchive: aws.Bool(true)})
	must(t, err)
	_, err = c.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: db, Name: aws.String("other"), TableInput: update})
	fails(t, err, "InvalidInputException", "Table other cannot be renamed to t")
	versions, err := c.GetTableVersions(ctx, &glue.GetTableVersionsInput{DatabaseName: db, TableName: aws.String("t")})
	must(t, err)
	var ids []string
	for _, v := range versions.TableVersions {
		ids = append(ids, *v.VersionId)
	}
	if diff := cmp.Diff([]string{"2", "0"}, ids); diff != "" {
		t.Error(diff)
	}
	_, err = c.GetTableVersion(ctx, &glue.GetTableVersionInput{DatabaseName: db, TableName: aws.String("t"), VersionId: aws.String("1")})
	fails(t, err, "EntityNotFoundException", "Version not found.")
	pruned, err := c.BatchDeleteTableVersion(ctx, &glue.BatchDeleteTableVersionInput{DatabaseName: db, TableName: aws.String("t"), VersionIds: []string{"0", "7"}})
	if err != nil || len(pruned.Errors) != 1 || *pruned.Errors[0].ErrorDetail.ErrorCode != "EntityNotFoundException" {
		t.Errorf("%+v %v", pruned, err)
	}

	list, err := c.GetTables(ctx, &glue.GetTablesInput{DatabaseName: db, Expression: aws.String("*T*")})
	if err != nil || len(list.TableList) != 1 {
		t.Errorf("%+v %v", list, err)
	}
	found, err := c.SearchTables(ctx, &glue.SearchTablesInput{SearchText: aws.String("LEV"), Filters: []types.PropertyPredicate{
		{Key: aws.String("DatabaseName"), Value: db}}})
	if err != nil || len(found.TableList) != 1 {
		t.Errorf("%+v %v", found, err)
	}
	deleted, err := c.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: db, TablesToDelete: []string{"T", "gone"}})
	if err != nil || len(deleted.Errors) != 1 || *deleted.Errors[0].TableName != "gone" || *deleted.Errors[0].ErrorDetail.ErrorMessage != "Table gone not found." {
		t.Errorf("%+v %v", deleted, err)
	}
	_, err = c.DeleteTable(ctx, &glue.DeleteTableInput{DatabaseName: db, Name: aws.String("t")})
	fails(t, err, "EntityNotFoundException", "Table t not found.")
}

func TestPartitionsOnTheWire(t *testing.T) {
	ctx := t.Context()
	c := client(serve(t))
	db, table := aws.String("db"), aws.String("t")
	_, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: db, TableInput: tableInput("t")})
	must(t, err)
	first := partitionInput("2025-01-01", "0")
	_, err = c.CreatePartition(ctx, &glue.CreatePartitionInput{DatabaseName: db, TableName: table, PartitionInput: &first})
	must(t, err)
	_, err = c.CreatePartition(ctx, &glue.CreatePartitionInput{DatabaseName: db, TableName: table, PartitionInput: &first})
	fails(t, err, "AlreadyExistsException", "Partition already exists.")
	var batch []types.PartitionInput
	for h := range 24 {
		batch = append(batch, partitionInput("2025-01-01", fmt.Sprint(h)))
	}
	created, err := c.BatchCreatePartition(ctx, &glue.BatchCreatePartitionInput{DatabaseName: db, TableName: table, PartitionInputList: batch})
	if err != nil || len(created.Errors) != 1 || *created.Errors[0].ErrorDetail.ErrorCode != "AlreadyExistsException" {
		t.Errorf("%+v %v", created, err)
	}

	total := 0
	for segment := range int32(3) {
		pages := glue.NewGetPartitionsPaginator(c, &glue.GetPartitionsInput{DatabaseName: db, TableName: table, MaxResults: aws.Int32(5),
			Segment: &types.Segment{SegmentNumber: segment, TotalSegments: aws.Int32(3)}, ExcludeColumnSchema: aws.Bool(true)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, p := range page.Partitions {
				if total++; len(p.StorageDescriptor.Columns) != 0 || *p.TableName != "t" {
					t.Errorf("%+v", p)
				}
			}
		}
	}
	if total != 24 {
		t.Errorf("%d partitions in three segments", total)
	}
	matching := func(expression string) (int, error) {
		out, err := c.GetPartitions(ctx, &glue.GetPartitionsInput{DatabaseName: db, TableName: table, Expression: aws.String(expression)})
		if err != nil {
			return 0, err
		}
		return len(out.Partitions), nil
	}
	if n, err := matching("(dt = '2025-01-01') AND (h >= 20 OR (h in (1, 2)))"); n != 6 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	_, err = matching("level = 'x'")
	fails(t, err, "InvalidInputException", "Invalid partition expression!")
	_, err = matching("h ==")
	fails(t, err, "InvalidInputException", "Unsupported expression 'h =='")

	got, err := c.BatchGetPartition(ctx, &glue.BatchGetPartitionInput{DatabaseName: db, TableName: table, PartitionsToGet: []types.PartitionValueList{
		{Values: []string{"2025-01-01", "3"}}, {Values: []string{"2025-01-09", "3"}}}})
	if err != nil || len(got.Partitions) != 1 || len(got.UnprocessedKeys) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	third := partitionInput("2025-01-01", "3")
	_, err = c.UpdatePartition(ctx, &glue.UpdatePartitionInput{DatabaseName: db, TableName: table, PartitionValueList: []string{"2025-01-01", "4"}, PartitionInput: &third})
	fails(t, err, "InvalidInputException", "Partition already exists.")
	bad := partitionInput("2025-01-01", "x")
	_, err = c.UpdatePartition(ctx, &glue.UpdatePartitionInput{DatabaseName: db, TableName: table, PartitionValueList: []string{"2025-01-01", "4"}, PartitionInput: &bad})
	must(t, err)
	_, err = matching("h = 3")
	fails(t, err, "InvalidStateException", `"x" is not an integer.`)
	missing := partitionInput("no", "1")
	updated, err := c.BatchUpdatePartition(ctx, &glue.BatchUpdatePartitionInput{DatabaseName: db, TableName: table, Entries: []types.BatchUpdatePartitionRequestEntry{
		{PartitionValueList: []string{"no", "1"}, PartitionInput: &missing}}})
	if err != nil || len(updated.Errors) != 1 || *updated.Errors[0].ErrorDetail.ErrorMessage != "Cannot find partition." {
		t.Errorf("%+v %v", updated, err)
	}
	removed, err := c.BatchDeletePartition(ctx, &glue.BatchDeletePartitionInput{DatabaseName: db, TableName: table, PartitionsToDelete: []types.PartitionValueList{
		{Values: []string{"2025-01-01", "x"}}, {Values: []string{"2025-01-01", "x"}}}})
	if err != nil || len(removed.Errors) != 1 {
		t.Errorf("%+v %v", removed, err)
	}
	_, err = c.GetPartition(ctx, &glue.GetPartitionInput{DatabaseName: db, TableName: table, PartitionValues: []string{"2025-01-01", "x"}})
	fails(t, err, "EntityNotFoundException", "Cannot find partition.")
	_, err = c.DeletePartition(ctx, &glue.DeletePartitionInput{DatabaseName: db, TableName: table, PartitionValues: []string{"2025-01-01", "x"}})
	fails(t, err, "EntityNotFoundException", "Cannot find partition.")
}

func TestStatisticsOnTheWire(t *testing.T) {
	ctx := t.Context()
	c := client(serve(t))
	db, table := aws.String("db"), aws.String("t")
	_, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: db, TableInput: tableInput("t")})
	must(t, err)
	partition := partitionInput("2025-01-01", "0")
	_, err = c.CreatePartition(ctx, &glue.CreatePartitionInput{DatabaseName: db, TableName: table, PartitionInput: &partition})
	must(t, err)
	statistics := []types.ColumnStatistics{{ColumnName: aws.String("level"), ColumnType: aws.String("string"), AnalyzedTime: aws.Time(time.Unix(1700000000, 0)),
		StatisticsData: &types.ColumnStatisticsData{Type: types.ColumnStatisticsTypeString,
			StringColumnStatisticsData: &types.StringColumnStatisticsData{MaximumLength: 5, AverageLength: 4.5, NumberOfNulls: 1, NumberOfDistinctValues: 3}}}}
	_, err = c.UpdateColumnStatisticsForTable(ctx, &glue.UpdateColumnStatisticsForTableInput{DatabaseName: db, TableName: table, ColumnStatisticsList: statistics})
	must(t, err)
	out, err := c.GetColumnStatisticsForTable(ctx, &glue.GetColumnStatisticsForTableInput{DatabaseName: db, TableName: table, ColumnNames: []string{"level", "x"}})
	must(t, err)
	if len(out.ColumnStatisticsList) != 1 || out.ColumnStatisticsList[0].StatisticsData.StringColumnStatisticsData.AverageLength != 4.5 ||
		out.ColumnStatisticsList[0].AnalyzedTime.Unix() != 1700000000 || len(out.Errors) != 1 || *out.Errors[0].Error.ErrorCode != "EntityNotFoundException" {
		t.Errorf("%+v", out)
	}
	values := []string{"2025-01-01", "0"}
	_, err = c.UpdateColumnStatisticsForPartition(ctx, &glue.UpdateColumnStatisticsForPartitionInput{DatabaseName: db, TableName: table, PartitionValues: values, ColumnStatisticsList: statistics})
	must(t, err)
	of, err := c.GetColumnStatisticsForPartition(ctx, &glue.GetColumnStatisticsForPartitionInput{DatabaseName: db, TableName: table, PartitionValues: values, ColumnNames: []string{"level"}})
	if err != nil || len(of.ColumnStatisticsList) != 1 || len(of.Errors) != 0 {
		t.Errorf("%+v %v", of, err)
	}
	_, err = c.DeleteColumnStatisticsForPartition(ctx, &glue.DeleteColumnStatisticsForPartitionInput{DatabaseName: db, TableName: table, PartitionValues: values, ColumnName: aws.String("level")})
	must(t, err)
	_, err = c.DeleteColumnStatisticsForPartition(ctx, &glue.DeleteColumnStatisticsForPartitionInput{DatabaseName: db, TableName: table, PartitionValues: values, ColumnName: aws.String("level")})
	must(t, err) // there are none, as Trino needs it
	_, err = c.DeleteColumnStatisticsForTable(ctx, &glue.DeleteColumnStatisticsForTableInput{DatabaseName: db, TableName: table, ColumnName: aws.String("level")})
	must(t, err)
}

func TestOddments(t *testing.T) {
	ctx := t.Context()
	c := client(serve(t))
	functions, err := c.GetUserDefinedFunctions(ctx, &glue.GetUserDefinedFunctionsInput{Pattern: aws.String(".*")})
	if err != nil || functions.UserDefinedFunctions == nil || len(functions.UserDefinedFunctions) != 0 {
		t.Errorf("%+v %v", functions, err)
	}
	imported, err := c.GetCatalogImportStatus(ctx, &glue.GetCatalogImportStatusInput{})
	if err != nil || !imported.ImportStatus.ImportCompleted {
		t.Errorf("%+v %v", imported, err)
	}
	arn := aws.String(home.ARN("glue", "database/db"))
	_, err = c.TagResource(ctx, &glue.TagResourceInput{ResourceArn: arn, TagsToAdd: map[string]string{"a": "1", "b": "2"}})
	must(t, err)
	_, err = c.UntagResource(ctx, &glue.UntagResourceInput{ResourceArn: arn, TagsToRemove: []string{"a"}})
	must(t, err)
	tags, err := c.GetTags(ctx, &glue.GetTagsInput{ResourceArn: arn})
	if diff := cmp.Diff(map[string]string{"b": "2"}, tags.Tags); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, err = c.GetCrawlers(ctx, &glue.GetCrawlersInput{})
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != "UnknownOperationException" {
		t.Errorf("an operation that is not built: %v", err)
	}
}

// The bytes on the wire, for what the SDK hides.
func TestWire(t *testing.T) {
	endpoint := serve(t)
	check := func(operation, body string, status int, want string) {
		t.Helper()
		gotStatus, got := post(t, endpoint, operation, body)
		if gotStatus != status || got != want {
			t.Errorf("%s %s:\n got %d %s\nwant %d %s", operation, body, gotStatus, got, status, want)
		}
	}
	check("GetDatabase", `{}`, 400, `{"__type":"ValidationException","Message":"1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"}`)
	check("GetDatabase", `{"Name":""}`, 400, `{"__type":"ValidationException","Message":"1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"}`)
	check("GetDatabases", `{"MaxResults":101}`, 400, `{"__type":"ValidationException","Message":"1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"}`)
	check("GetDatabases", `{"NextToken":"x"}`, 400, `{"__type":"InvalidInputException","Message":"Invalid NextToken: it has to be the one of the answer before"}`)
	check("CreateTable", `{"DatabaseName":"db","TableInput":{"Name":"t","StorageDescriptor":{"Columns":[{"Name":"a","Type":"int","Comment":"two\nlines"}]}}}`, 400,
		`{"__type":"ValidationException","Message":"1 validation error detected: Value at 'tableInput.storageDescriptor.columns.1.member.comment' failed to satisfy constraint: `+
			`Member must satisfy regular expression pattern: [\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\t]*"}`)
	check("CreateTable", `{"DatabaseName":"db","OpenTableFormatInput":{"IcebergInput":{"MetadataOperation":"CREATE"}}}`, 400,
		`{"__type":"InvalidInputException","Message":"OpenTableFormatInput is not supported: Iceberg tables are made by their writers"}`)

	// Members that mean nothing here come back as they were; defaults are those that strict clients need.
	check("CreateTable", `{"DatabaseName":"db","TableInput":{"Name":"Link","TargetTable":{"DatabaseName":"x","Name":"y"},"LastAccessTime":1.5,"Unknown":1}}`, 200, `{}`)
	check("GetTable", `{"DatabaseName":"db","Name":"link"}`, 200, `{"Table":{"Name":"link","LastAccessTime":1.5,"Retention":0,"PartitionKeys":[],"Parameters":{},`+
		`"TargetTable":{"DatabaseName":"x","Name":"y"},"DatabaseName":"db","CreateTime":1764763200,"UpdateTime":1764763200,`+
		`"CreatedBy":"arn:aws:sts::000000000000:assumed-role/loglake/loglake","IsRegisteredWithLakeFormation":false,"CatalogId":"000000000000","VersionId":"0",`+
		`"IsMultiDialectView":false,"IsMaterializedView":false}}`)
	check("CreateTable", `{"DatabaseName":"db","TableInput":{"Name":"bare","StorageDescriptor":{}}}`, 200, `{}`)
	_, got := post(t, endpoint, "GetTable", `{"DatabaseName":"db","Name":"bare"}`)
	var answer struct {
		Table struct{ StorageDescriptor json.RawMessage }
	}
	must(t, json.Unmarshal([]byte(got), &answer))
	if sd := string(answer.Table.StorageDescriptor); sd != `{"Columns":[],"Compressed":false,"NumberOfBuckets":0,"SerdeInfo":{},"BucketColumns":[],"SortColumns":[],"StoredAsSubDirectories":false}` {
		t.Errorf("storage descriptor %s", sd)
	}
	check("BatchDeleteTable", `{"DatabaseName":"db","TablesToDelete":["bare"]}`, 200, `{"Errors":[]}`)
	check("GetTables", `{"DatabaseName":"db","Expression":"nothing"}`, 200, `{"TableList":[]}`)
	check("GetPartitions", `{"DatabaseName":"db","TableName":"link"}`, 200, `{"Partitions":[]}`)
	check("GetPartitions", `{"DatabaseName":"db","TableName":"link","Expression":"a = 1"}`, 400, `{"__type":"InvalidInputException","Message":"Invalid partition expression!"}`)
	check("GetPartitions", `{"DatabaseName":"db","TableName":"link","Segment":{"SegmentNumber":2,"TotalSegments":2}}`, 400,
		`{"__type":"InvalidInputException","Message":"Segment number must be between 0 and the total number of segments"}`)
	check("BatchDeletePartition", `{"DatabaseName":"db","TableName":"link","PartitionsToDelete":[`+strings.Repeat(`{"Values":["a"]},`, 25)+`{"Values":["a"]}]}`, 400,
		`{"__type":"ValidationException","Message":"1 validation error detected: Value at 'partitionsToDelete' failed to satisfy constraint: Member must have length less than or equal to 25"}`)
}
