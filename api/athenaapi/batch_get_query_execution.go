package athenaapi

import (
	"context"
	"errors"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type batchGetQueryExecutionInput struct {
	QueryExecutionIDs []string `json:"QueryExecutionIds"`
}

func (in *batchGetQueryExecutionInput) check(c *awsjson.Constraints) {
	c.Required("queryExecutionIds", in.QueryExecutionIDs)
	if in.QueryExecutionIDs != nil {
		c.Length("queryExecutionIds", in.QueryExecutionIDs, 1, 50)
	}
}

type unprocessedID struct {
	QueryExecutionID string `json:"QueryExecutionId"`
	ErrorCode        string `json:"ErrorCode"`
	ErrorMessage     string `json:"ErrorMessage"`
}

type batchGetQueryExecutionOutput struct {
	QueryExecutions              []queryExecution `json:"QueryExecutions"`
	UnprocessedQueryExecutionIDs []unprocessedID  `json:"UnprocessedQueryExecutionIds"`
}

// batchGetQueryExecution answers BatchGetQueryExecution.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetQueryExecution.html
//
// AWS: gives up to 50 executions; the ids that are not known come back beside them.
// Here: the same.
// Not here: nothing is left out.
func (a *api) batchGetQueryExecution(ctx context.Context, in *batchGetQueryExecutionInput) (*batchGetQueryExecutionOutput, error) {
	out := &batchGetQueryExecutionOutput{QueryExecutions: []queryExecution{}, UnprocessedQueryExecutionIDs: []unprocessedID{}}
	for _, id := range in.QueryExecutionIDs {
		x, err := a.executions.Get(ctx, id)
		var refused *query.Refusal
		switch {
		case errors.As(err, &refused):
			out.UnprocessedQueryExecutionIDs = append(out.UnprocessedQueryExecutionIDs,
				unprocessedID{QueryExecutionID: id, ErrorCode: refused.AthenaCode, ErrorMessage: refused.Cause.Message})
		case err != nil:
			return nil, err
		default:
			out.QueryExecutions = append(out.QueryExecutions, executionOf(x))
		}
	}
	return out, nil
}
