package athenaapi

import (
	"context"
	"maps"
	"regexp"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/query"
)

type listTableMetadataInput struct {
	getDatabaseInput
	paging
	Expression *string `json:"Expression"`
}

func (in *listTableMetadataInput) check(c *awsjson.Constraints) {
	in.getDatabaseInput.check(c)
	if in.Expression != nil {
		c.Length("expression", *in.Expression, 0, 256)
	}
	in.checkPage(c, 1, 50)
}

type listTableMetadataOutput struct {
	TableMetadataList []tableMetadata `json:"TableMetadataList"`
	NextToken         string          `json:"NextToken,omitempty"`
}

type tableMetadata struct {
	Name           string               `json:"Name"`
	CreateTime     awsjson.EpochSeconds `json:"CreateTime,omitzero"`
	LastAccessTime awsjson.EpochSeconds `json:"LastAccessTime,omitzero"`
	TableType      string               `json:"TableType,omitempty"`
	Columns        []column             `json:"Columns"`
	PartitionKeys  []column             `json:"PartitionKeys"`
	Parameters     map[string]string    `json:"Parameters"`
}

type column struct {
	Name    string `json:"Name"`
	Type    string `json:"Type,omitempty"`
	Comment string `json:"Comment,omitempty"`
}

// tableOf gives a table with the facts about its storage among its parameters, where clients read them.
func tableOf(t catalog.Table) tableMetadata {
	m := tableMetadata{Name: t.Name, CreateTime: awsjson.EpochSeconds{Time: t.CreateTime.Time}, TableType: t.TableType,
		Columns: []column{}, PartitionKeys: columnsOf(t.PartitionKeys), Parameters: map[string]string{}}
	if t.LastAccessTime != nil {
		m.LastAccessTime.Time = t.LastAccessTime.Time
	}
	maps.Copy(m.Parameters, t.Parameters)
	sd := t.StorageDescriptor
	if sd == nil {
		return m
	}
	m.Columns = columnsOf(sd.Columns)
	facts := map[string]string{"inputformat": sd.InputFormat, "outputformat": sd.OutputFormat, "location": sd.Location}
	if sd.SerdeInfo != nil {
		facts["serde.serialization.lib"] = sd.SerdeInfo.SerializationLibrary
		for key, value := range sd.SerdeInfo.Parameters {
			facts["serde.param."+key] = value
		}
	}
	maps.Copy(m.Parameters, facts)
	return m
}

func columnsOf(columns []catalog.Column) []column {
	list := make([]column, len(columns))
	for i, c := range columns {
		list[i] = column{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return list
}

// listTableMetadata answers ListTableMetadata.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTableMetadata.html
//
// AWS: lists the tables of a database whose names match a regular expression.
// Here: the same, by name; the expression has Go's syntax.
// Not here: other catalogs; look-around and back-references in the expression.
func (a *api) listTableMetadata(ctx context.Context, in *listTableMetadataInput) (*listTableMetadataOutput, error) {
	if err := checkCatalog(in.CatalogName); err != nil {
		return nil, err
	}
	page, err := in.page(50)
	if err != nil {
		return nil, err
	}
	var match func(string) bool
	if deref(in.Expression) != "" {
		re, err := regexp.Compile("^(?:" + *in.Expression + ")$")
		if err != nil {
			told := invalid(query.CodeInvalidInput, "Expression is not a valid regular expression: "+*in.Expression)
			return nil, &told
		}
		match = re.MatchString
	}
	list, next, err := a.catalog.GetTables(ctx, *in.DatabaseName, match, page)
	out := &listTableMetadataOutput{TableMetadataList: make([]tableMetadata, len(list))}
	for i, t := range list {
		out.TableMetadataList[i] = tableOf(t)
	}
	if next != "" {
		out.NextToken = nextToken(next)
	}
	return out, metadata(err)
}
