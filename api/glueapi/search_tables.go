package glueapi

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// SearchTables
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html
//
// AWS: finds tables by text, in an index that lags behind, and by predicates on properties.
// loglake: text is looked for in names, descriptions, column names and parameters, without regard to case; in double
// quotes it is a whole name. Predicates are on DatabaseName, Name, Description, Owner, TableType or a parameter, all of
// them have to hold, and compare texts. What was written a moment ago is found.
// Not here: ResourceShareType and IncludeStatusDetails are ignored.

type searchTablesInput struct {
	request
	paging
	SearchText   *string             `json:"SearchText"`
	Filters      []propertyPredicate `json:"Filters"`
	SortCriteria []sortCriterion     `json:"SortCriteria"`
}

type propertyPredicate struct {
	Key        string `json:"Key"`
	Value      string `json:"Value"`
	Comparator string `json:"Comparator"`
}

type sortCriterion struct {
	FieldName string `json:"FieldName"`
	Sort      string `json:"Sort"`
}

// searchMax is the longest page.
const searchMax = 1000

func (in *searchTablesInput) check(c *awsjson.Constraints) {
	in.checkPage(c, searchMax)
	if in.SearchText != nil {
		c.Length("searchText", *in.SearchText, 1, searchTextMax)
	}
	c.Length("sortCriteria", in.SortCriteria, 0, 1)
	for _, f := range in.Filters {
		if f.Comparator != "" {
			c.Enum("filters.comparator", f.Comparator, "EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_EQUALS", "LESS_THAN_EQUALS")
		}
	}
}

type searchTablesOutput struct {
	TableList []catalog.Table `json:"TableList"`
	NextToken string          `json:"NextToken,omitempty"`
}

func (a *api) searchTables(ctx context.Context, in *searchTablesInput) (*searchTablesOutput, error) {
	page, err := in.page(searchMax)
	if err != nil {
		return nil, err
	}
	from := 0
	if page.After != "" {
		if from, err = strconv.Atoi(page.After); err != nil || from < 0 {
			return nil, loglake.Errorf(loglake.CodeInvalid, "Invalid NextToken: it has to be the one of the answer before")
		}
	}
	list, err := a.catalog.AllTables(ctx, in.matches)
	if err != nil {
		return nil, err
	}
	for _, s := range in.SortCriteria {
		slices.SortStableFunc(list, func(x, y catalog.Table) int {
			order := cmp.Compare(property(x, s.FieldName), property(y, s.FieldName))
			if s.Sort == "DESC" {
				return -order
			}
			return order
		})
	}
	out := &searchTablesOutput{TableList: orEmpty(list[min(from, len(list)):])}
	if len(out.TableList) > page.Max {
		out.TableList = out.TableList[:page.Max]
		out.NextToken = token(strconv.Itoa(from + page.Max))
	}
	return out, nil
}

// property gives what a table has under the name of a property.
func property(t catalog.Table, key string) string {
	switch strings.ToLower(key) {
	case "databasename":
		return t.DatabaseName
	case "name":
		return t.Name
	case "description":
		return t.Description
	case "owner":
		return t.Owner
	case "tabletype":
		return t.TableType
	}
	return t.Parameters[key]
}

func (in *searchTablesInput) matches(t catalog.Table) bool {
	for _, f := range in.Filters {
		if !f.holds(property(t, f.Key)) {
			return false
		}
	}
	return in.SearchText == nil || containsText(t, *in.SearchText)
}

func (f propertyPredicate) holds(value string) bool {
	switch order := strings.Compare(value, f.Value); f.Comparator {
	case "GREATER_THAN":
		return order > 0
	case "LESS_THAN":
		return order < 0
	case "GREATER_THAN_EQUALS":
		return order >= 0
	case "LESS_THAN_EQUALS":
		return order <= 0
	default:
		return order == 0
	}
}

func containsText(t catalog.Table, text string) bool {
	if len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
		return strings.EqualFold(t.Name, text[1:len(text)-1])
	}
	text = strings.ToLower(text)
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	if has(t.Name) || has(t.Description) {
		return true
	}
	columns := t.PartitionKeys
	if t.StorageDescriptor != nil {
		columns = slices.Concat(columns, t.StorageDescriptor.Columns)
	}
	for _, c := range columns {
		if has(c.Name) {
			return true
		}
	}
	for key, value := range t.Parameters {
		if has(key) || has(value) {
			return true
		}
	}
	return false
}
