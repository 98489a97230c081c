package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetPartitions
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
//
// AWS: lists the partitions of a table that pass an expression, in pages of at most 1,000, wholly or one of up to 10 segments.
// loglake: the same, in the order of values; a partition is always in the same segment.
// Not here: QueryAsOfTime, TransactionId and AuditContext are ignored. Partition indexes change nothing.

type getPartitionsInput struct {
	tableRequest
	paging
	Expression          *string  `json:"Expression"`
	Segment             *segment `json:"Segment"`
	ExcludeColumnSchema bool     `json:"ExcludeColumnSchema"`
}

type segment struct {
	SegmentNumber int64 `json:"SegmentNumber"`
	TotalSegments int64 `json:"TotalSegments"`
}

const (
	partitionsMax = 1000 // the longest page
	segmentsMax   = 10
)

func (in *getPartitionsInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	in.checkPage(c, partitionsMax)
	if in.Expression != nil {
		c.Length("expression", *in.Expression, 0, expressionMax)
	}
	if in.Segment != nil {
		c.Range("segment.segmentNumber", in.Segment.SegmentNumber, 0, 1<<31-1)
		c.Range("segment.totalSegments", in.Segment.TotalSegments, 1, segmentsMax)
	}
}

type getPartitionsOutput struct {
	Partitions []catalog.Partition `json:"Partitions"`
	NextToken  string              `json:"NextToken,omitempty"`
}

func (a *api) getPartitions(ctx context.Context, in *getPartitionsInput) (*getPartitionsOutput, error) {
	page, err := in.page(partitionsMax)
	if err != nil {
		return nil, err
	}
	q := catalog.PartitionQuery{Page: page}
	if in.Expression != nil {
		q.Expression = *in.Expression
	}
	if in.Segment != nil {
		q.Segment, q.Segments = int(in.Segment.SegmentNumber), int(in.Segment.TotalSegments)
	}
	list, next, err := a.catalog.GetPartitions(ctx, *in.DatabaseName, *in.TableName, q)
	if in.ExcludeColumnSchema {
		for _, p := range list {
			if p.StorageDescriptor != nil {
				p.StorageDescriptor.Columns = []catalog.Column{}
			}
		}
	}
	return &getPartitionsOutput{Partitions: orEmpty(list), NextToken: token(next)}, err
}
