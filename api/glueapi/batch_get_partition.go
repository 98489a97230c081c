package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// BatchGetPartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html
//
// AWS: gives up to 1,000 partitions; those that are not there are left out, and UnprocessedKeys lists what was throttled.
// loglake: the same; nothing is throttled, so UnprocessedKeys is always empty.
// Not here: AuditContext and QuerySessionContext are ignored.

type batchGetPartitionInput struct {
	tableRequest
	PartitionsToGet []partitionValueList `json:"PartitionsToGet"`
}

type partitionValueList struct {
	Values []string `json:"Values"`
}

// valuesOf gives the lists of values bare.
func valuesOf(lists []partitionValueList) [][]string {
	out := make([][]string, len(lists))
	for i, l := range lists {
		out[i] = l.Values
	}
	return out
}

func (in *batchGetPartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	list(c, "partitionsToGet", in.PartitionsToGet, batchGetMax)
}

type batchGetPartitionOutput struct {
	Partitions      []catalog.Partition  `json:"Partitions"`
	UnprocessedKeys []partitionValueList `json:"UnprocessedKeys"`
}

func (a *api) batchGetPartition(ctx context.Context, in *batchGetPartitionInput) (*batchGetPartitionOutput, error) {
	list, err := a.catalog.GetPartitionsOf(ctx, *in.DatabaseName, *in.TableName, valuesOf(in.PartitionsToGet))
	return &batchGetPartitionOutput{Partitions: orEmpty(list), UnprocessedKeys: []partitionValueList{}}, err
}
