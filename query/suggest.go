package query

import (
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/internal/spelling"
	"github.com/loglake/loglake/query/dialect"
)

// namesMax is how many names a hint lists.
const namesMax = 12

// suggest gives a hint for a name that is not known, from those that are; "" where it has nothing to say. Such a hint is
// for our own tools: Athena's text of the error stays as it is.
func (r *resolver) suggest(e *dialect.Error) string {
	_, rest, _ := strings.Cut(e.Message, "'")
	wrong, _, found := strings.Cut(rest, "'")
	if !found {
		return ""
	}
	parts := strings.Split(wrong, ".")
	wrong = parts[len(parts)-1]
	switch e.Code {
	case dialect.CodeColumnNotFound:
		return nearOf(wrong, "the columns are ", r.columnNames())
	case dialect.CodeTableNotFound:
		if len(parts) < 2 {
			return ""
		}
		database := parts[len(parts)-2]
		list, _, err := r.catalog.GetTables(r.ctx, database, func(string) bool { return true }, catalog.Page{})
		if err != nil {
			return ""
		}
		names := make([]string, len(list))
		for i, t := range list {
			names[i] = t.Name
		}
		return nearOf(wrong, "the tables of "+database+" are ", names)
	case dialect.CodeSchemaNotFound:
		list, _, err := r.catalog.GetDatabases(r.ctx, catalog.Page{})
		if err != nil {
			return ""
		}
		names := make([]string, len(list))
		for i, d := range list {
			names[i] = d.Name
		}
		return nearOf(wrong, "the databases are ", names)
	case dialect.CodeFunctionNotFound:
		return nearOf(wrong, "", slices.Sorted(maps.Keys(dialect.Functions())))
	}
	return ""
}

// columnNames gives the columns of all tables that were found, in order.
func (r *resolver) columnNames() (names []string) {
	for _, t := range r.list {
		for d, of := range r.found {
			if !sameTable(of, t) {
				continue
			}
			for _, c := range d.Columns {
				if !c.Hidden && !slices.Contains(names, c.Name) {
					names = append(names, c.Name)
				}
			}
			break
		}
	}
	return names
}

// nearOf words what was likely meant, or else what there is, unless that is much or there are no words for it.
func nearOf(wrong, there string, names []string) string {
	if near, ok := spelling.Nearest(wrong, names); ok {
		return "did you mean " + near + "?"
	}
	if there == "" || len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > namesMax {
		names, more = names[:namesMax], ", …"
	}
	return there + strings.Join(names, ", ") + more
}
