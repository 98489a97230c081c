// Package athenaapi is the wire of Amazon Athena over package query: one file per operation, each saying what AWS does,
// what loglake does, and what it does not.
//
// What is here is what SQL clients call: query executions and their results, workgroups, the one data catalog and its
// metadata. Named queries, prepared statements, Spark sessions and capacity reservations are answered
// with UnknownOperationException.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_Operations.html
package athenaapi

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/query"
)

// Config is what the service is made of.
type Config struct {
	Executions *query.Executions
	Catalog    *catalog.Catalog
}

type api struct {
	executions *query.Executions
	catalog    *catalog.Catalog
}

// New gives the service with its operations.
func New(cfg Config) awsjson.Service {
	a := &api{executions: cfg.Executions, catalog: cfg.Catalog}
	return awsjson.Service{
		Target:      "AmazonAthena",
		SigningName: "athena",
		MessageKey:  "Message",
		Internal:    "InternalServerException",
		Errors:      fault,
		Operations: map[string]awsjson.Operation{
			"StartQueryExecution":       handle(a.startQueryExecution),
			"GetQueryExecution":         handle(a.getQueryExecution),
			"BatchGetQueryExecution":    handle(a.batchGetQueryExecution),
			"ListQueryExecutions":       handle(a.listQueryExecutions),
			"StopQueryExecution":        handle(a.stopQueryExecution),
			"GetQueryResults":           handle(a.getQueryResults),
			"GetQueryRuntimeStatistics": handle(a.getQueryRuntimeStatistics),

			"GetWorkGroup":       handle(a.getWorkGroup),
			"ListWorkGroups":     handle(a.listWorkGroups),
			"CreateWorkGroup":    handle(a.createWorkGroup),
			"UpdateWorkGroup":    handle(a.updateWorkGroup),
			"DeleteWorkGroup":    handle(a.deleteWorkGroup),
			"ListEngineVersions": handle(a.listEngineVersions),

			"TagResource":         handle(a.tagResource),
			"UntagResource":       handle(a.untagResource),
			"ListTagsForResource": handle(a.listTagsForResource),

			"ListDataCatalogs":  handle(a.listDataCatalogs),
			"GetDataCatalog":    handle(a.getDataCatalog),
			"ListDatabases":     handle(a.listDatabases),
			"GetDatabase":       handle(a.getDatabase),
			"ListTableMetadata": handle(a.listTableMetadata),
			"GetTableMetadata":  handle(a.getTableMetadata),
		},
	}
}

// input is what every operation is given.
type input interface{ check(c *awsjson.Constraints) }

// handle makes an operation of a function: the input is checked first, and refusals get Athena's codes.
func handle[In, Out any, P interface {
	*In
	input
}](f func(ctx context.Context, in P) (*Out, error)) awsjson.Operation {
	return awsjson.Handle(func(ctx context.Context, in *In) (*Out, error) {
		c := awsjson.Constraints{Fault: invalid(query.CodeInvalidInput, ""), Values: awsjson.ValuesHidden}
		P(in).check(&c)
		if err := c.Err(); err != nil {
			return nil, err
		}
		out, err := f(ctx, P(in))
		var refused *query.Refusal
		if !errors.As(err, &refused) {
			return out, err
		}
		told := invalid(refused.AthenaCode, refused.Cause.Message)
		if refused.Cause.Hint != "" {
			told.Message += " (" + refused.Cause.Hint + ")"
		}
		if refused.AthenaCode == query.CodeConcurrencyLimit {
			told = awsjson.Fault{Type: "TooManyRequestsException", Message: told.Message, Members: map[string]any{"Reason": refused.AthenaCode}}
		}
		return nil, &told
	})
}

// invalid is the exception of most refusals. ErrorCode repeats AthenaErrorCode as the service does.
func invalid(code, message string) awsjson.Fault {
	return awsjson.Fault{Type: "InvalidRequestException", Message: message, Members: map[string]any{"AthenaErrorCode": code, "ErrorCode": code}}
}

// fault is the one table from codes to the service's exceptions.
func fault(err *loglake.Error) awsjson.Fault {
	switch err.Code {
	case loglake.CodeThrottled:
		return awsjson.Fault{Type: "TooManyRequestsException", Message: err.Message}
	case loglake.CodeUnavailable:
		return awsjson.Fault{Type: "InternalServerException", Message: err.Message, Status: http.StatusInternalServerError}
	}
	return invalid(query.CodeInvalidInput, err.Message)
}

// metadata words what is missing in the catalog as Athena passes on Glue's answer.
func metadata(err error) error {
	var known *loglake.Error
	if loglake.CodeOf(err) != loglake.CodeNotFound || !errors.As(err, &known) {
		return err
	}
	return &awsjson.Fault{Type: "MetadataException", Message: strings.TrimSuffix(known.Message, ".") +
		". (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException)"}
}

// empty is the output of operations that have no members.
type empty struct{}

// The name of the only data catalog, in any case.
const dataCatalog = "AwsDataCatalog"

func checkCatalog(name *string) error {
	if strings.EqualFold(*name, dataCatalog) {
		return nil
	}
	told := invalid(query.CodeNoDataCatalog, "Catalog "+*name+" was not found")
	return &told
}

// paging is part of the inputs of lists.
type paging struct {
	NextToken  *string `json:"NextToken"`
	MaxResults *int    `json:"MaxResults"`
}

func (p paging) checkPage(c *awsjson.Constraints, least, most int64) {
	if p.NextToken != nil {
		c.Length("nextToken", *p.NextToken, 1, 1024)
	}
	if p.MaxResults != nil {
		c.Range("maxResults", int64(*p.MaxResults), least, most)
	}
}

// max gives MaxResults, or what the service takes where it is absent or 0.
func (p paging) max(otherwise int) int {
	if p.MaxResults == nil || *p.MaxResults == 0 {
		return otherwise
	}
	return *p.MaxResults
}

// page asks the catalog for a page; its tokens are names in base64.
func (p paging) page(most int) (catalog.Page, error) {
	page := catalog.Page{Max: p.max(most)}
	if p.NextToken == nil {
		return page, nil
	}
	name, err := base64.URLEncoding.DecodeString(*p.NextToken)
	if err != nil {
		told := invalid(query.CodeInvalidInput, "The nextPageToken is malformed: "+*p.NextToken)
		return page, &told
	}
	page.After = string(name)
	return page, nil
}

func nextToken(name string) string { return base64.URLEncoding.EncodeToString([]byte(name)) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
