package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type listQueryExecutionsInput struct {
	paging
	WorkGroup *string `json:"WorkGroup"`
}

func (in *listQueryExecutionsInput) check(c *awsjson.Constraints) { in.checkPage(c, 0, 50) }

type listQueryExecutionsOutput struct {
	QueryExecutionIDs []string `json:"QueryExecutionIds"`
	NextToken         string   `json:"NextToken,omitempty"`
}

// listQueryExecutions answers ListQueryExecutions.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListQueryExecutions.html
//
// AWS: gives the ids of a workgroup's executions, newest first.
// Here: the same.
// Not here: nothing is left out.
func (a *api) listQueryExecutions(ctx context.Context, in *listQueryExecutionsInput) (*listQueryExecutionsOutput, error) {
	ids, next, err := a.executions.List(ctx, deref(in.WorkGroup), deref(in.NextToken), in.max(50))
	return &listQueryExecutionsOutput{QueryExecutionIDs: ids, NextToken: next}, err
}
