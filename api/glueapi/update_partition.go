package glueapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// UpdatePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html
//
// AWS: replaces a partition; other values in the definition rename it.
// loglake: the same. A rename onto a partition that is there is an InvalidInputException, because AlreadyExistsException is not in the operation's list.

type updatePartitionInput struct {
	tableRequest
	PartitionValueList []string                `json:"PartitionValueList"`
	PartitionInput     *catalog.PartitionInput `json:"PartitionInput"`
}

func (in *updatePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("partitionValueList", in.PartitionValueList)
	partitionInput(c, "partitionInput", in.PartitionInput)
}

func (a *api) updatePartition(ctx context.Context, in *updatePartitionInput) (*empty, error) {
	err := a.catalog.UpdatePartition(ctx, *in.DatabaseName, *in.TableName, catalog.PartitionUpdate{
		Values: in.PartitionValueList, Input: *in.PartitionInput,
	})
	if loglake.CodeOf(err) == loglake.CodeExists {
		err = loglake.Errorf(loglake.CodeInvalid, "Partition already exists.")
	}
	return done(err)
}
