// Package glueapi is the wire of the AWS Glue Data Catalog over package catalog: one file per operation, each saying what
// AWS does, what loglake does, and what it does not.
//
// What is here is the Data Catalog's databases, tables, versions, partitions, indexes, column statistics and tags, which
// is what Trino, Spark, awswrangler, Terraform and dbt call. Crawlers, jobs, connections, the schema registry and the rest
// of Glue are answered with UnknownOperationException.
// https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
package glueapi

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// Config is what the service is made of.
type Config struct {
	Catalog *catalog.Catalog
	Home    loglake.Home // whose account is the only CatalogId
}

type api struct {
	catalog *catalog.Catalog
	home    loglake.Home
}

// New gives the service with its operations.
func New(cfg Config) awsjson.Service {
	a := &api{catalog: cfg.Catalog, home: cfg.Home}
	return awsjson.Service{
		Target:      "AWSGlue",
		SigningName: "glue",
		MessageKey:  "Message",
		Internal:    "InternalServiceException",
		Errors:      fault,
		Operations: map[string]awsjson.Operation{
			"CreateDatabase": handle(a, a.createDatabase),
			"GetDatabase":    handle(a, a.getDatabase),
			"GetDatabases":   handle(a, a.getDatabases),
			"UpdateDatabase": handle(a, a.updateDatabase),
			"DeleteDatabase": handle(a, a.deleteDatabase),

			"CreateTable":             handle(a, a.createTable),
			"GetTable":                handle(a, a.getTable),
			"GetTables":               handle(a, a.getTables),
			"SearchTables":            handle(a, a.searchTables),
			"UpdateTable":             handle(a, a.updateTable),
			"DeleteTable":             handle(a, a.deleteTable),
			"BatchDeleteTable":        handle(a, a.batchDeleteTable),
			"GetTableVersion":         handle(a, a.getTableVersion),
			"GetTableVersions":        handle(a, a.getTableVersions),
			"DeleteTableVersion":      handle(a, a.deleteTableVersion),
			"BatchDeleteTableVersion": handle(a, a.batchDeleteTableVersion),

			"CreatePartition":      handle(a, a.createPartition),
			"BatchCreatePartition": handle(a, a.batchCreatePartition),
			"GetPartition":         handle(a, a.getPartition),
			"GetPartitions":        handle(a, a.getPartitions),
			"BatchGetPartition":    handle(a, a.batchGetPartition),
			"UpdatePartition":      handle(a, a.updatePartition),
			"BatchUpdatePartition": handle(a, a.batchUpdatePartition),
			"DeletePartition":      handle(a, a.deletePartition),
			"BatchDeletePartition": handle(a, a.batchDeletePartition),
			"CreatePartitionIndex": handle(a, a.createPartitionIndex),
			"GetPartitionIndexes":  handle(a, a.getPartitionIndexes),
			"DeletePartitionIndex": handle(a, a.deletePartitionIndex),

			"GetColumnStatisticsForTable":        handle(a, a.getColumnStatisticsForTable),
			"UpdateColumnStatisticsForTable":     handle(a, a.updateColumnStatisticsForTable),
			"DeleteColumnStatisticsForTable":     handle(a, a.deleteColumnStatisticsForTable),
			"GetColumnStatisticsForPartition":    handle(a, a.getColumnStatisticsForPartition),
			"UpdateColumnStatisticsForPartition": handle(a, a.updateColumnStatisticsForPartition),
			"DeleteColumnStatisticsForPartition": handle(a, a.deleteColumnStatisticsForPartition),

			"GetUserDefinedFunctions": handle(a, a.getUserDefinedFunctions),
			"GetCatalogImportStatus":  handle(a, a.getCatalogImportStatus),
			"TagResource":             handle(a, a.tagResource),
			"UntagResource":           handle(a, a.untagResource),
			"GetTags":                 handle(a, a.getTags),
		},
	}
}

// fault is the one table from codes to the service's exceptions.
func fault(err *loglake.Error) awsjson.Fault {
	f := awsjson.Fault{Type: "InvalidInputException", Message: err.Message}
	switch err.Code {
	case loglake.CodeNotFound:
		f.Type = "EntityNotFoundException"
	case loglake.CodeExists:
		f.Type = "AlreadyExistsException"
	case loglake.CodeConflict:
		f.Type = "ConcurrentModificationException"
	case loglake.CodeLimit:
		f.Type = "ResourceNumberLimitExceededException"
	case loglake.CodeThrottled:
		f.Type = "ThrottlingException"
	case loglake.CodeDenied:
		f.Type = "AccessDeniedException"
	case loglake.CodeUnavailable:
		f.Type, f.Status = "InternalServiceException", http.StatusInternalServerError
	}
	if errors.Is(err, catalog.ErrPartitionValue) {
		f.Type = "InvalidStateException"
	}
	return f
}

// empty is the output of operations that have no members.
type empty struct{}

// done is the output of an operation that changed something or failed.
func done(err error) (*empty, error) { return &empty{}, err }

// input is what every operation's input can do.
type input interface {
	check(c *awsjson.Constraints) // notes what breaks the model's constraints
	catalogID() *string
}

// handle makes an Operation of a function, behind the checks that all operations share.
func handle[In any, P interface {
	*In
	input
}, Out any](a *api, f func(ctx context.Context, in *In) (*Out, error)) awsjson.Operation {
	return awsjson.Handle(func(ctx context.Context, in *In) (*Out, error) {
		c := awsjson.Constraints{Fault: awsjson.Fault{Type: "ValidationException"}, Values: awsjson.ValuesHidden}
		P(in).check(&c)
		id := P(in).catalogID()
		if id != nil {
			c.Length("catalogId", *id, 1, nameMax)
		}
		if err := c.Err(); err != nil {
			return nil, err
		}
		if id != nil && *id != a.home.Account {
			return nil, loglake.Errorf(loglake.CodeNotFound, "Catalog %s not found.", *id)
		}
		return f(ctx, in)
	})
}

// request is embedded in inputs that name nothing but the catalog.
type request struct {
	CatalogID *string `json:"CatalogId"`
}

func (r *request) catalogID() *string         { return r.CatalogID }
func (*request) check(_ *awsjson.Constraints) {}

// databaseRequest is embedded in inputs that name a database by DatabaseName.
type databaseRequest struct {
	request
	DatabaseName *string `json:"DatabaseName"`
}

func (r *databaseRequest) check(c *awsjson.Constraints) { name(c, "databaseName", r.DatabaseName) }

// tableRequest is embedded in inputs that name a table by DatabaseName and TableName.
type tableRequest struct {
	databaseRequest
	TableName *string `json:"TableName"`
}

func (r *tableRequest) check(c *awsjson.Constraints) {
	r.databaseRequest.check(c)
	name(c, "tableName", r.TableName)
}

// nameMax is the longest name of anything, in characters.
const nameMax = 255

// name notes what is wrong with a required name.
func name(c *awsjson.Constraints, member string, value *string) {
	c.Required(member, value)
	if value != nil {
		c.Length(member, *value, 1, nameMax)
	}
}

// paging is embedded in inputs of listings.
type paging struct {
	NextToken  *string `json:"NextToken"`
	MaxResults *int64  `json:"MaxResults"`
}

func (p *paging) checkPage(c *awsjson.Constraints, most int64) {
	if p.MaxResults != nil {
		c.Range("maxResults", *p.MaxResults, 1, most)
	}
}

// page gives what the catalog is asked for; most is the number of elements where the client leaves it open.
func (p *paging) page(most int) (catalog.Page, error) {
	page := catalog.Page{Max: most}
	if p.MaxResults != nil {
		page.Max = int(*p.MaxResults)
	}
	if p.NextToken == nil || *p.NextToken == "" {
		return page, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(*p.NextToken)
	after, ok := strings.CutPrefix(string(key), tokenVersion)
	if err != nil || !ok || after == "" {
		return page, loglake.Errorf(loglake.CodeInvalid, "Invalid NextToken: it has to be the one of the answer before")
	}
	page.After = after
	return page, nil
}

// tokenVersion begins every token, so that another form can be told from this one.
const tokenVersion = "1:"

// token gives the NextToken behind an element, "" behind the last.
func token(key string) string {
	if key == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(tokenVersion + key))
}

// errorDetail is Glue's ErrorDetail.
type errorDetail struct {
	ErrorCode    string `json:"ErrorCode"`
	ErrorMessage string `json:"ErrorMessage"`
}

// detail words the failure of one element of a batch.
func detail(err error) errorDetail {
	var known *loglake.Error
	if !errors.As(err, &known) {
		return errorDetail{ErrorCode: "InternalServiceException", ErrorMessage: "The request failed for a reason inside the server"}
	}
	f := fault(known)
	return errorDetail{ErrorCode: f.Type, ErrorMessage: f.Message}
}

// details gives an answer for each element of a batch that failed; failed is in the order of the elements.
func details[T any](failed []error, answer func(i int, d errorDetail) T) []T {
	list := []T{}
	for i, err := range failed {
		if err != nil {
			list = append(list, answer(i, detail(err)))
		}
	}
	return list
}

// orEmpty gives a list that is never null in JSON.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
