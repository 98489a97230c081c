package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type updateWorkGroupInput struct {
	WorkGroup            *string `json:"WorkGroup"`
	Description          *string `json:"Description"`
	State                *string `json:"State"`
	ConfigurationUpdates *struct {
		workGroupSettings
		ResultConfigurationUpdates       *resultSettings `json:"ResultConfigurationUpdates"`
		RemoveBytesScannedCutoffPerQuery bool            `json:"RemoveBytesScannedCutoffPerQuery"`
	} `json:"ConfigurationUpdates"`
}

func (in *updateWorkGroupInput) check(c *awsjson.Constraints) {
	c.Required("workGroup", in.WorkGroup)
	checkWorkGroupName(c, "workGroup", in.WorkGroup)
	checkDescription(c, in.Description)
	if in.State != nil && *in.State != "ENABLED" && *in.State != "DISABLED" {
		c.Add("state", *in.State, "Member must satisfy enum value set: [ENABLED, DISABLED]")
	}
	if u := in.ConfigurationUpdates; u != nil {
		u.workGroupSettings.check(c, "configurationUpdates")
	}
}

// updateWorkGroup answers UpdateWorkGroup.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateWorkGroup.html
//
// AWS: changes the settings that are given; executions that run go on as they began.
// Here: the same. What removes an encryption or an owner, which there never is, changes nothing.
// Not here: what CreateWorkGroup has not.
func (a *api) updateWorkGroup(ctx context.Context, in *updateWorkGroupInput) (*empty, error) {
	return &empty{}, a.executions.UpdateWorkGroup(ctx, *in.WorkGroup, func(group *query.WorkGroup) error {
		assign(&group.Description, in.Description)
		if in.State != nil {
			group.Disabled = *in.State == "DISABLED"
		}
		u := in.ConfigurationUpdates
		if u == nil {
			return nil
		}
		if u.RemoveBytesScannedCutoffPerQuery {
			group.CutoffBytes = 0
		}
		settings := u.workGroupSettings
		settings.ResultConfiguration = u.ResultConfigurationUpdates
		return settings.apply(group)
	})
}
