package glueapi

import (
	"context"
)

// GetPartitionIndexes
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitionIndexes.html
//
// AWS: lists the partition indexes of a table.
// loglake: the same, on one page.

type getPartitionIndexesInput struct {
	tableRequest
}

type getPartitionIndexesOutput struct {
	PartitionIndexDescriptorList []indexDescriptor `json:"PartitionIndexDescriptorList"`
}

type indexDescriptor struct {
	IndexName   string       `json:"IndexName"`
	Keys        []keyElement `json:"Keys"`
	IndexStatus string       `json:"IndexStatus"`
}

type keyElement struct {
	Name string `json:"Name"`
	Type string `json:"Type"`
}

func (a *api) getPartitionIndexes(ctx context.Context, in *getPartitionIndexesInput) (*getPartitionIndexesOutput, error) {
	table, indexes, err := a.catalog.GetPartitionIndexes(ctx, *in.DatabaseName, *in.TableName)
	types := make(map[string]string)
	for _, key := range table.PartitionKeys {
		types[key.Name] = key.Type
	}
	out := &getPartitionIndexesOutput{PartitionIndexDescriptorList: []indexDescriptor{}}
	for _, index := range indexes {
		d := indexDescriptor{IndexName: index.IndexName, IndexStatus: "ACTIVE"}
		for _, key := range index.Keys {
			d.Keys = append(d.Keys, keyElement{Name: key, Type: types[key]})
		}
		out.PartitionIndexDescriptorList = append(out.PartitionIndexDescriptorList, d)
	}
	return out, err
}
