package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type listWorkGroupsInput struct{ paging }

func (in *listWorkGroupsInput) check(c *awsjson.Constraints) { in.checkPage(c, 1, 50) }

type listWorkGroupsOutput struct {
	WorkGroups []workGroupSummary `json:"WorkGroups"`
}

type workGroupSummary struct {
	Name          string               `json:"Name"`
	State         string               `json:"State"`
	Description   string               `json:"Description"`
	CreationTime  awsjson.EpochSeconds `json:"CreationTime"`
	EngineVersion engineVersion        `json:"EngineVersion"`
}

// listWorkGroups answers ListWorkGroups.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListWorkGroups.html
//
// AWS: lists the workgroups by name.
// Here: there is primary; no page is ever followed by another, so every token is malformed.
// Not here: other workgroups.
func (a *api) listWorkGroups(_ context.Context, in *listWorkGroupsInput) (*listWorkGroupsOutput, error) {
	if in.NextToken != nil {
		told := invalid(query.CodeInvalidInput, "The nextPageToken is malformed: "+*in.NextToken)
		return nil, &told
	}
	return &listWorkGroupsOutput{WorkGroups: []workGroupSummary{{Name: query.PrimaryWorkGroup, State: "ENABLED",
		CreationTime: awsjson.EpochSeconds{Time: a.created}, EngineVersion: athena3}}}, nil
}
