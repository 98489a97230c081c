package glueapi

import (
	"context"
	"encoding/json"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// CreateTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html
//
// AWS: makes a table in version 0 with up to three partition indexes.
// loglake: the same; nothing is checked against the bucket.
// Not here: OpenTableFormatInput, by which Glue writes Iceberg metadata, is refused.

type createTableInput struct {
	databaseRequest
	TableInput           *catalog.TableInput      `json:"TableInput"`
	PartitionIndexes     []catalog.PartitionIndex `json:"PartitionIndexes"`
	OpenTableFormatInput json.RawMessage          `json:"OpenTableFormatInput"`
}

func (in *createTableInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	if in.OpenTableFormatInput == nil {
		tableInput(c, in.TableInput)
	}
	c.Length("partitionIndexes", in.PartitionIndexes, 0, indexesMax)
}

func (a *api) createTable(ctx context.Context, in *createTableInput) (*empty, error) {
	if in.OpenTableFormatInput != nil {
		return nil, loglake.Errorf(loglake.CodeUnsupported, "OpenTableFormatInput is not supported: Iceberg tables are made by their writers")
	}
	return done(a.catalog.CreateTable(ctx, *in.DatabaseName, *in.TableInput, in.PartitionIndexes...))
}
