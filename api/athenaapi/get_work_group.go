package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type workGroupInput struct {
	WorkGroup *string `json:"WorkGroup"`
}

func (in *workGroupInput) check(c *awsjson.Constraints) {
	c.Required("workGroup", in.WorkGroup)
	checkWorkGroupName(c, "workGroup", in.WorkGroup)
}

type getWorkGroupOutput struct {
	WorkGroup workGroup `json:"WorkGroup"`
}

type workGroup struct {
	Name          string                 `json:"Name"`
	State         string                 `json:"State"`
	Description   string                 `json:"Description,omitempty"`
	Configuration workGroupConfiguration `json:"Configuration"`
	CreationTime  awsjson.EpochSeconds   `json:"CreationTime"`
}

type workGroupConfiguration struct {
	ResultConfiguration                  resultConfiguration `json:"ResultConfiguration"`
	EnforceWorkGroupConfiguration        bool                `json:"EnforceWorkGroupConfiguration"`
	PublishCloudWatchMetricsEnabled      bool                `json:"PublishCloudWatchMetricsEnabled"`
	BytesScannedCutoffPerQuery           int64               `json:"BytesScannedCutoffPerQuery,omitempty"`
	RequesterPaysEnabled                 bool                `json:"RequesterPaysEnabled"`
	EnableMinimumEncryptionConfiguration bool                `json:"EnableMinimumEncryptionConfiguration"`
	EngineVersion                        engineVersion       `json:"EngineVersion"`
}

// getWorkGroup answers GetWorkGroup.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html
//
// AWS: gives a workgroup's settings.
// Here: the same. primary is always there, with the output location that the server was started with, if any.
// Not here: nothing is left out.
func (a *api) getWorkGroup(ctx context.Context, in *workGroupInput) (*getWorkGroupOutput, error) {
	group, err := a.executions.WorkGroup(ctx, *in.WorkGroup)
	if err != nil {
		return nil, err
	}
	out := &getWorkGroupOutput{WorkGroup: workGroup{
		Name: group.Name, State: stateOf(group), Description: group.Description, CreationTime: awsjson.EpochSeconds{Time: group.Created},
		Configuration: workGroupConfiguration{
			EnforceWorkGroupConfiguration: group.Enforce, PublishCloudWatchMetricsEnabled: group.Metrics,
			BytesScannedCutoffPerQuery: group.CutoffBytes, EngineVersion: engineOf(group),
		},
	}}
	if group.Output != "" {
		out.WorkGroup.Configuration.ResultConfiguration.OutputLocation = &group.Output
	}
	return out, nil
}

func stateOf(group query.WorkGroup) string {
	if group.Disabled {
		return "DISABLED"
	}
	return "ENABLED"
}

func engineOf(group query.WorkGroup) engineVersion {
	return engineVersion{SelectedEngineVersion: group.Engine, EffectiveEngineVersion: query.EngineVersion}
}
