package athenaapi

import "context"

type getQueryRuntimeStatisticsOutput struct {
	QueryRuntimeStatistics runtimeStatistics `json:"QueryRuntimeStatistics"`
}

type runtimeStatistics struct {
	Timeline timeline     `json:"Timeline"`
	Rows     *runtimeRows `json:"Rows,omitempty"`
}

type runtimeRows struct {
	InputBytes  int64 `json:"InputBytes"`
	OutputBytes int64 `json:"OutputBytes"`
	OutputRows  int64 `json:"OutputRows"`
}

// getQueryRuntimeStatistics answers GetQueryRuntimeStatistics.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryRuntimeStatistics.html
//
// AWS: gives the times of an execution, its rows, and a tree of stages.
// Here: the times, the bytes read and the rows written.
// Not here: the rows read, and the stages.
func (a *api) getQueryRuntimeStatistics(ctx context.Context, in *executionInput) (*getQueryRuntimeStatisticsOutput, error) {
	x, err := a.executions.Get(ctx, *in.QueryExecutionID)
	out := &getQueryRuntimeStatisticsOutput{QueryRuntimeStatistics: runtimeStatistics{Timeline: timelineOf(x.Statistics)}}
	if x.StatementType == "DML" {
		out.QueryRuntimeStatistics.Rows = &runtimeRows{InputBytes: x.Statistics.ScannedBytes, OutputBytes: x.Statistics.Bytes, OutputRows: x.Statistics.Rows}
	}
	return out, err
}
