package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// CreatePartitionIndex
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartitionIndex.html
//
// AWS: builds an index over partition keys, at most three for a table.
// loglake: notes the index, which is ACTIVE at once.
// Not here: the index makes nothing faster or slower.

type createPartitionIndexInput struct {
	tableRequest
	PartitionIndex *catalog.PartitionIndex `json:"PartitionIndex"`
}

func (in *createPartitionIndexInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("partitionIndex", in.PartitionIndex)
	if in.PartitionIndex != nil {
		c.Length("partitionIndex.indexName", in.PartitionIndex.IndexName, 1, nameMax)
		c.Length("partitionIndex.keys", in.PartitionIndex.Keys, 1, nameMax)
	}
}

func (a *api) createPartitionIndex(ctx context.Context, in *createPartitionIndexInput) (*empty, error) {
	return done(a.catalog.CreatePartitionIndex(ctx, *in.DatabaseName, *in.TableName, *in.PartitionIndex))
}
