package glueapi

import (
	"context"
	"fmt"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// What the six operations on column statistics share.

func (r *tableRequest) owner() catalog.StatisticsOwner {
	return catalog.StatisticsOwner{Database: *r.DatabaseName, Table: *r.TableName}
}

// partitionRequest is embedded in inputs that name a partition.
type partitionRequest struct {
	tableRequest
	PartitionValues []string `json:"PartitionValues"`
}

func (r *partitionRequest) check(c *awsjson.Constraints) {
	r.tableRequest.check(c)
	c.Required("partitionValues", r.PartitionValues)
}

func (r *partitionRequest) owner() catalog.StatisticsOwner {
	return catalog.StatisticsOwner{Database: *r.DatabaseName, Table: *r.TableName, Values: r.PartitionValues}
}

type columnStatisticsOutput struct {
	ColumnStatisticsList []catalog.ColumnStatistics `json:"ColumnStatisticsList"`
	Errors               []columnError              `json:"Errors"`
}

type columnError struct {
	ColumnName string      `json:"ColumnName"`
	Error      errorDetail `json:"Error"`
}

// statisticsErrors is never filled: what can be stored at all is stored.
type statisticsErrors struct {
	Errors []empty `json:"Errors"`
}

func (a *api) columnStatistics(ctx context.Context, owner catalog.StatisticsOwner, names []string) (*columnStatisticsOutput, error) {
	list, missing, err := a.catalog.GetColumnStatistics(ctx, owner, names)
	out := &columnStatisticsOutput{ColumnStatisticsList: orEmpty(list), Errors: []columnError{}}
	for _, name := range missing {
		out.Errors = append(out.Errors, columnError{ColumnName: name, Error: errorDetail{
			ErrorCode: "EntityNotFoundException", ErrorMessage: "Column statistics not found for column " + name + ".",
		}})
	}
	return out, err
}

func columnStatisticsList(c *awsjson.Constraints, statistics []catalog.ColumnStatistics) {
	list(c, "columnStatisticsList", statistics, statisticsMax)
	for i, s := range statistics {
		member := fmt.Sprintf("columnStatisticsList.%d.member", i+1)
		c.Length(member+".columnName", s.ColumnName, 1, nameMax)
		if s.StatisticsData == nil {
			c.Add(member+".statisticsData", nil, "Member must not be null")
		}
	}
}
