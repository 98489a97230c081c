package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type getWorkGroupInput struct {
	WorkGroup *string `json:"WorkGroup"`
}

func (in *getWorkGroupInput) check(c *awsjson.Constraints) { c.Required("workGroup", in.WorkGroup) }

type getWorkGroupOutput struct {
	WorkGroup workGroup `json:"WorkGroup"`
}

type workGroup struct {
	Name          string                 `json:"Name"`
	State         string                 `json:"State"`
	Configuration workGroupConfiguration `json:"Configuration"`
	CreationTime  awsjson.EpochSeconds   `json:"CreationTime"`
}

type workGroupConfiguration struct {
	ResultConfiguration                  resultConfiguration `json:"ResultConfiguration"`
	EnforceWorkGroupConfiguration        bool                `json:"EnforceWorkGroupConfiguration"`
	PublishCloudWatchMetricsEnabled      bool                `json:"PublishCloudWatchMetricsEnabled"`
	RequesterPaysEnabled                 bool                `json:"RequesterPaysEnabled"`
	EnableMinimumEncryptionConfiguration bool                `json:"EnableMinimumEncryptionConfiguration"`
	EngineVersion                        engineVersion       `json:"EngineVersion"`
}

// getWorkGroup answers GetWorkGroup.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html
//
// AWS: gives a workgroup's settings.
// Here: those of primary, as the server was started with them.
// Not here: other workgroups.
func (a *api) getWorkGroup(_ context.Context, in *getWorkGroupInput) (*getWorkGroupOutput, error) {
	group, err := a.executions.WorkGroup(*in.WorkGroup)
	if err != nil {
		return nil, err
	}
	out := &getWorkGroupOutput{WorkGroup: workGroup{Name: group.Name, State: "ENABLED", CreationTime: awsjson.EpochSeconds{Time: a.created}}}
	out.WorkGroup.Configuration.EngineVersion = athena3
	if group.Output != "" {
		out.WorkGroup.Configuration.ResultConfiguration.OutputLocation = &group.Output
	}
	return out, nil
}
