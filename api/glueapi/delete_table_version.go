package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeleteTableVersion
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTableVersion.html
//
// AWS: deletes a version of a table.
// loglake: the same; the current one is refused.

type deleteTableVersionInput struct {
	tableRequest
	VersionID *string `json:"VersionId"`
}

func (in *deleteTableVersionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	name(c, "versionId", in.VersionID)
}

func (a *api) deleteTableVersion(ctx context.Context, in *deleteTableVersionInput) (*empty, error) {
	failed, err := a.catalog.DeleteTableVersions(ctx, *in.DatabaseName, *in.TableName, []string{*in.VersionID})
	if err == nil {
		err = failed[0]
	}
	return done(err)
}
