package athenaapi

import "context"

type getQueryExecutionOutput struct {
	QueryExecution queryExecution `json:"QueryExecution"`
}

// getQueryExecution answers GetQueryExecution.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html
//
// AWS: gives an execution, for 45 days.
// Here: the same. DataScannedInBytes is the compressed size of the column chunks of the referenced columns.
// Not here: row groups that were skipped by their statistics are counted too.
func (a *api) getQueryExecution(ctx context.Context, in *executionInput) (*getQueryExecutionOutput, error) {
	x, err := a.executions.Get(ctx, *in.QueryExecutionID)
	return &getQueryExecutionOutput{QueryExecution: executionOf(x)}, err
}
