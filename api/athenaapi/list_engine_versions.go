package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type listEngineVersionsInput struct{ paging }

func (in *listEngineVersionsInput) check(c *awsjson.Constraints) { in.checkPage(c, 1, 10) }

type listEngineVersionsOutput struct {
	EngineVersions []engineVersion `json:"EngineVersions"`
}

// listEngineVersions answers ListEngineVersions.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListEngineVersions.html
//
// AWS: lists the engine versions that a workgroup can select.
// Here: AUTO and version 3, which are the same.
// Not here: nothing is left out.
func (a *api) listEngineVersions(context.Context, *listEngineVersionsInput) (*listEngineVersionsOutput, error) {
	return &listEngineVersionsOutput{EngineVersions: []engineVersion{athena3,
		{SelectedEngineVersion: athena3.EffectiveEngineVersion, EffectiveEngineVersion: athena3.EffectiveEngineVersion}}}, nil
}
