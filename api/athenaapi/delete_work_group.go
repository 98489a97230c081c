package athenaapi

import (
	"context"

	"github.com/loglake/loglake/query"
)

type deleteWorkGroupInput struct {
	workGroupInput
	RecursiveDeleteOption bool `json:"RecursiveDeleteOption"`
}

// deleteWorkGroup answers DeleteWorkGroup.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html
//
// AWS: removes an empty workgroup, or with RecursiveDeleteOption one with all that is in it. Never primary.
// Here: the same; what can be in it are executions.
// Not here: nothing is left out.
func (a *api) deleteWorkGroup(ctx context.Context, in *deleteWorkGroupInput) (*empty, error) {
	return &empty{}, a.executions.DeleteWorkGroup(ctx, *in.WorkGroup, query.Recursive(in.RecursiveDeleteOption))
}
