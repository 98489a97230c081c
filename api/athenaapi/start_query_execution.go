package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type startQueryExecutionInput struct {
	QueryString           *string                `json:"QueryString"`
	ClientRequestToken    *string                `json:"ClientRequestToken"`
	QueryExecutionContext *queryExecutionContext `json:"QueryExecutionContext"`
	ResultConfiguration   *resultConfiguration   `json:"ResultConfiguration"`
	WorkGroup             *string                `json:"WorkGroup"`
	ExecutionParameters   []string               `json:"ExecutionParameters"`
}

type queryExecutionContext struct {
	Database *string `json:"Database,omitempty"`
	Catalog  *string `json:"Catalog,omitempty"`
}

type resultConfiguration struct {
	OutputLocation *string `json:"OutputLocation,omitempty"`
}

func (in *startQueryExecutionInput) check(c *awsjson.Constraints) {
	if in.QueryString == nil {
		c.Required("queryString", in.QueryString)
		return
	}
	if len(*in.QueryString) > query.QueryBytesMax {
		c.Add("queryString", *in.QueryString, "Member must have length less than or equal to 262144")
	}
	c.Length("queryString", *in.QueryString, 1, -1)
}

type startQueryExecutionOutput struct {
	QueryExecutionID string `json:"QueryExecutionId"`
}

// startQueryExecution answers StartQueryExecution.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
//
// AWS: checks the syntax, records the execution and runs it.
// Here: the same, with the same order of checks and the same idempotency by ClientRequestToken.
// Not here: a request without a token is taken, and is always new. Results are never reused
// (ResultReuseConfiguration) nor encrypted; ACLs and expected owners of the bucket are not looked at.
func (a *api) startQueryExecution(ctx context.Context, in *startQueryExecutionInput) (*startQueryExecutionOutput, error) {
	r := query.StartRequest{QueryString: *in.QueryString, Token: deref(in.ClientRequestToken), WorkGroup: deref(in.WorkGroup), Parameters: in.ExecutionParameters}
	if in.QueryExecutionContext != nil {
		r.Catalog, r.Database = in.QueryExecutionContext.Catalog, in.QueryExecutionContext.Database
	}
	if in.ResultConfiguration != nil {
		r.Output = in.ResultConfiguration.OutputLocation
	}
	id, err := a.executions.Start(ctx, r)
	return &startQueryExecutionOutput{QueryExecutionID: id}, err
}
