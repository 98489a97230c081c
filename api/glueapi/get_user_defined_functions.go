package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// GetUserDefinedFunctions
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunctions.html
//
// AWS: lists the functions whose names match a pattern.
// loglake: there are none: the list is empty.
// Not here: functions can't be created.

type getUserDefinedFunctionsInput struct {
	request
	DatabaseName *string `json:"DatabaseName"`
	Pattern      *string `json:"Pattern"`
}

func (in *getUserDefinedFunctionsInput) check(c *awsjson.Constraints) { name(c, "pattern", in.Pattern) }

type getUserDefinedFunctionsOutput struct {
	UserDefinedFunctions []empty `json:"UserDefinedFunctions"`
}

func (a *api) getUserDefinedFunctions(ctx context.Context, in *getUserDefinedFunctionsInput) (*getUserDefinedFunctionsOutput, error) {
	if in.DatabaseName != nil {
		if _, err := a.catalog.GetDatabase(ctx, *in.DatabaseName); err != nil {
			return nil, err
		}
	}
	return &getUserDefinedFunctionsOutput{UserDefinedFunctions: []empty{}}, nil
}
