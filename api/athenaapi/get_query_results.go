package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type getQueryResultsInput struct {
	executionInput
	paging
	QueryResultType *string `json:"QueryResultType"`
}

func (in *getQueryResultsInput) check(c *awsjson.Constraints) {
	in.executionInput.check(c)
	in.checkPage(c, 1, 100000) // beyond 1000 the service has another text
	if in.QueryResultType != nil {
		c.Enum("queryResultType", *in.QueryResultType, "DATA_MANIFEST", "DATA_ROWS")
	}
}

type getQueryResultsOutput struct {
	UpdateCount *int64    `json:"UpdateCount,omitempty"`
	ResultSet   resultSet `json:"ResultSet"`
	NextToken   string    `json:"NextToken,omitempty"`
}

type resultSet struct {
	Rows              []row             `json:"Rows"`
	ResultSetMetadata resultSetMetadata `json:"ResultSetMetadata"`
}

type resultSetMetadata struct {
	ColumnInfo []columnInfo `json:"ColumnInfo"`
}

type row struct {
	Data []datum `json:"Data"`
}

// datum is a value; NULL is an empty object.
type datum struct {
	VarCharValue *string `json:"VarCharValue,omitempty"`
}

type columnInfo struct {
	CatalogName   string `json:"CatalogName"`
	SchemaName    string `json:"SchemaName"`
	TableName     string `json:"TableName"`
	Name          string `json:"Name"`
	Label         string `json:"Label"`
	Type          string `json:"Type"`
	Precision     int    `json:"Precision"`
	Scale         int    `json:"Scale"`
	Nullable      string `json:"Nullable"`
	CaseSensitive bool   `json:"CaseSensitive"`
}

// getQueryResults answers GetQueryResults.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
//
// AWS: gives the rows of a result by page; for SELECT the first row of the first page is the column names.
// Here: the same, read from the result file in the bucket.
// Not here: data manifests, as nothing is written that would have one.
func (a *api) getQueryResults(ctx context.Context, in *getQueryResultsInput) (*getQueryResultsOutput, error) {
	if deref(in.QueryResultType) == "DATA_MANIFEST" {
		told := invalid(query.CodeInvalidInput, "Query result type DATA_MANIFEST is not valid for this statement")
		return nil, &told
	}
	page, err := a.executions.Results(ctx, *in.QueryExecutionID, deref(in.NextToken), in.max(0))
	if err != nil {
		return nil, err
	}
	out := &getQueryResultsOutput{UpdateCount: page.UpdateCount, NextToken: page.NextToken}
	out.ResultSet.Rows = make([]row, len(page.Rows))
	for i, values := range page.Rows {
		data := make([]datum, len(values))
		for k, v := range values {
			data[k].VarCharValue = v
		}
		out.ResultSet.Rows[i].Data = data
	}
	out.ResultSet.ResultSetMetadata.ColumnInfo = make([]columnInfo, len(page.Columns))
	for i, c := range page.Columns {
		out.ResultSet.ResultSetMetadata.ColumnInfo[i] = columnInfo{CatalogName: "hive", Name: c.Name, Label: c.Name, Type: c.Type,
			Precision: c.Precision, Scale: c.Scale, Nullable: "UNKNOWN", CaseSensitive: c.CaseSensitive}
	}
	return out, nil
}
