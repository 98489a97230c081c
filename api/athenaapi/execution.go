package athenaapi

import (
	"strings"
	"time"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

// queryExecution is the shape of an execution, with the members that the service always gives.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html
type queryExecution struct {
	QueryExecutionID         string                `json:"QueryExecutionId"`
	Query                    string                `json:"Query"`
	StatementType            string                `json:"StatementType,omitempty"`
	SubstatementType         string                `json:"SubstatementType,omitempty"`
	ResultConfiguration      resultConfiguration   `json:"ResultConfiguration"`
	ResultReuseConfiguration resultReuse           `json:"ResultReuseConfiguration"`
	QueryExecutionContext    queryExecutionContext `json:"QueryExecutionContext"`
	Status                   status                `json:"Status"`
	Statistics               statistics            `json:"Statistics"`
	WorkGroup                string                `json:"WorkGroup"`
	EngineVersion            engineVersion         `json:"EngineVersion"`
	ExecutionParameters      []string              `json:"ExecutionParameters,omitempty"`
}

type resultReuse struct {
	ByAge struct {
		Enabled bool `json:"Enabled"`
	} `json:"ResultReuseByAgeConfiguration"`
}

type engineVersion struct {
	SelectedEngineVersion  string `json:"SelectedEngineVersion"`
	EffectiveEngineVersion string `json:"EffectiveEngineVersion"`
}

var athena3 = engineVersion{SelectedEngineVersion: "AUTO", EffectiveEngineVersion: query.EngineVersion}

type status struct {
	State              string               `json:"State"`
	StateChangeReason  string               `json:"StateChangeReason,omitempty"`
	SubmissionDateTime awsjson.EpochSeconds `json:"SubmissionDateTime"`
	CompletionDateTime awsjson.EpochSeconds `json:"CompletionDateTime,omitzero"`
	AthenaError        *athenaError         `json:"AthenaError,omitempty"`
}

type athenaError struct {
	ErrorCategory int    `json:"ErrorCategory"`
	ErrorType     int    `json:"ErrorType"`
	Retryable     bool   `json:"Retryable"`
	ErrorMessage  string `json:"ErrorMessage"`
}

type timeline struct {
	QueryQueueTimeInMillis           int64  `json:"QueryQueueTimeInMillis"`
	ServicePreProcessingTimeInMillis int64  `json:"ServicePreProcessingTimeInMillis"`
	QueryPlanningTimeInMillis        *int64 `json:"QueryPlanningTimeInMillis,omitempty"`
	EngineExecutionTimeInMillis      int64  `json:"EngineExecutionTimeInMillis"`
	ServiceProcessingTimeInMillis    int64  `json:"ServiceProcessingTimeInMillis"`
	TotalExecutionTimeInMillis       int64  `json:"TotalExecutionTimeInMillis"`
}

type statistics struct {
	timeline
	DataScannedInBytes     int64 `json:"DataScannedInBytes"`
	ResultReuseInformation struct {
		ReusedPreviousResult bool `json:"ReusedPreviousResult"`
	} `json:"ResultReuseInformation"`
}

func timelineOf(s query.Statistics) timeline {
	t := timeline{
		QueryQueueTimeInMillis: millis(s.Queue), EngineExecutionTimeInMillis: millis(s.Engine),
		ServiceProcessingTimeInMillis: millis(s.Publishing), TotalExecutionTimeInMillis: millis(s.Total),
	}
	if s.Planned {
		planning := millis(s.Planning)
		t.QueryPlanningTimeInMillis = &planning
	}
	return t
}

func millis(d time.Duration) int64 { return d.Milliseconds() }

func executionOf(x query.Execution) queryExecution {
	q := queryExecution{
		QueryExecutionID: x.ID, Query: x.Query, StatementType: x.StatementType, SubstatementType: x.Substatement,
		ResultConfiguration:   resultConfiguration{OutputLocation: &x.Output},
		QueryExecutionContext: queryExecutionContext{Database: x.Database, Catalog: x.Catalog},
		Status: status{State: x.State, StateChangeReason: reason(x), SubmissionDateTime: awsjson.EpochSeconds{Time: x.Submitted},
			CompletionDateTime: awsjson.EpochSeconds{Time: x.Completed}},
		Statistics: statistics{timeline: timelineOf(x.Statistics), DataScannedInBytes: x.Statistics.ScannedBytes},
		WorkGroup:  x.WorkGroup, EngineVersion: athena3, ExecutionParameters: x.Parameters,
	}
	if f := x.Failure; f != nil {
		q.Status.AthenaError = &athenaError{ErrorCategory: f.Category, ErrorType: f.Type, Retryable: f.Retryable, ErrorMessage: f.Message}
	}
	return q
}

// executionInput is the input of the operations on one execution.
type executionInput struct {
	QueryExecutionID *string `json:"QueryExecutionId"`
}

func (in *executionInput) check(c *awsjson.Constraints) {
	c.Required("queryExecutionId", in.QueryExecutionID)
	if in.QueryExecutionID != nil {
		c.Length("queryExecutionId", *in.QueryExecutionID, 1, 128)
	}
}

// reason is why an execution failed; of one that succeeded, what there is to tell beside the result, which AWS has no
// member for: a name that AWS wants in backticks, a file that somebody removed.
func reason(x query.Execution) string {
	if x.Reason != "" {
		return x.Reason
	}
	return strings.Join(x.Notices, "; ")
}
