package glueapi

import (
	"context"
	"fmt"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// BatchUpdatePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchUpdatePartition.html
//
// AWS: replaces up to 100 partitions and lists those that could not be.
// loglake: the same, in one transaction.

type batchUpdatePartitionInput struct {
	tableRequest
	Entries []batchUpdateEntry `json:"Entries"`
}

type batchUpdateEntry struct {
	PartitionValueList []string                `json:"PartitionValueList"`
	PartitionInput     *catalog.PartitionInput `json:"PartitionInput"`
}

func (in *batchUpdatePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("entries", in.Entries)
	if in.Entries != nil {
		c.Length("entries", in.Entries, 1, batchCreateMax)
	}
	for i, entry := range in.Entries {
		member := fmt.Sprintf("entries.%d.member", i+1)
		c.Required(member+".partitionValueList", entry.PartitionValueList)
		partitionInput(c, member+".partitionInput", entry.PartitionInput)
	}
}

type batchUpdatePartitionOutput struct {
	Errors []batchUpdateFailure `json:"Errors"`
}

type batchUpdateFailure struct {
	PartitionValueList []string    `json:"PartitionValueList"`
	ErrorDetail        errorDetail `json:"ErrorDetail"`
}

func (a *api) batchUpdatePartition(ctx context.Context, in *batchUpdatePartitionInput) (*batchUpdatePartitionOutput, error) {
	updates := make([]catalog.PartitionUpdate, len(in.Entries))
	for i, entry := range in.Entries {
		updates[i] = catalog.PartitionUpdate{Values: entry.PartitionValueList, Input: *entry.PartitionInput}
	}
	failed, err := a.catalog.UpdatePartitions(ctx, *in.DatabaseName, *in.TableName, updates)
	return &batchUpdatePartitionOutput{details(failed, func(i int, d errorDetail) batchUpdateFailure {
		return batchUpdateFailure{PartitionValueList: in.Entries[i].PartitionValueList, ErrorDetail: d}
	})}, err
}
