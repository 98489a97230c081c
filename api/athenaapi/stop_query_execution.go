package athenaapi

import "context"

// stopQueryExecution answers StopQueryExecution.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_StopQueryExecution.html
//
// AWS: cancels an execution; on a finished one it does nothing.
// Here: the same; the answer comes when the execution has stopped.
// Not here: nothing is left out.
func (a *api) stopQueryExecution(ctx context.Context, in *executionInput) (*empty, error) {
	return &empty{}, a.executions.Stop(ctx, *in.QueryExecutionID)
}
