package athenaapi

import (
	"context"
	"encoding/base64"
	"sort"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type listWorkGroupsInput struct{ paging }

func (in *listWorkGroupsInput) check(c *awsjson.Constraints) { in.checkPage(c, 1, 50) }

type listWorkGroupsOutput struct {
	WorkGroups []workGroupSummary `json:"WorkGroups"`
	NextToken  string             `json:"NextToken,omitempty"`
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
// Here: the same.
// Not here: nothing is left out.
func (a *api) listWorkGroups(ctx context.Context, in *listWorkGroupsInput) (*listWorkGroupsOutput, error) {
	list, err := a.executions.WorkGroups(ctx)
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		after, err := base64.URLEncoding.DecodeString(*in.NextToken)
		if err != nil {
			told := invalid(query.CodeInvalidInput, "The nextPageToken is malformed: "+*in.NextToken)
			return nil, &told
		}
		list = list[sort.Search(len(list), func(i int) bool { return list[i].Name > string(after) }):]
	}
	out := &listWorkGroupsOutput{WorkGroups: []workGroupSummary{}}
	for i, group := range list {
		if i == in.max(50) {
			out.NextToken = nextToken(list[i-1].Name)
			break
		}
		out.WorkGroups = append(out.WorkGroups, workGroupSummary{Name: group.Name, State: stateOf(group), Description: group.Description,
			CreationTime: awsjson.EpochSeconds{Time: group.Created}, EngineVersion: engineOf(group)})
	}
	return out, nil
}
