package query

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/catalog/ddl"
)

// padWidth is the width that Hive pads names and types to.
const padWidth = 20

// show runs the statements that only tell.
func (h *hive) show(ctx context.Context, body ddl.Body) (outcome, error) {
	switch s := body.(type) {
	case *ddl.ShowDatabases:
		return h.showDatabases(ctx, s)
	case *ddl.ShowTables:
		return h.showTables(ctx, s.Database, s.Pattern, "tab_name", func(catalog.Table) bool { return true })
	case *ddl.ShowViews:
		return h.showTables(ctx, s.Database, s.Pattern, "views", func(t catalog.Table) bool { return t.TableType == "VIRTUAL_VIEW" })
	case *ddl.ShowColumns:
		return h.showColumns(ctx, s)
	case *ddl.ShowPartitions:
		return h.showPartitions(ctx, s)
	case *ddl.ShowCreateTable:
		t, err := h.table(ctx, s.Table)
		if err == nil && t.TableType == catalog.SystemTable {
			err = failHive(typeDDLTask, "SemanticException [Error 10001]: nobody can create the table %s.%s: it is the server's own; use DESCRIBE", t.DatabaseName, t.Name)
		}
		if err != nil {
			return outcome{}, err
		}
		out := told([]string{"createtab_stmt"}, strings.Split(createTable(t).String(), "\n"))
		out.updateCount = nil
		return out, nil
	case *ddl.ShowTableProperties:
		return h.showProperties(ctx, s)
	case *ddl.Describe:
		return h.describe(ctx, s)
	}
	return outcome{}, failHive(typeDDLTask, "this statement is not supported by this server")
}

// told is the outcome of a statement of type UTILITY: whatever its columns, a row is one line of text.
func told(names []string, lines []string) outcome {
	none := int64(0)
	out := outcome{text: []byte(strings.Join(lines, "\n")), metadata: true, updateCount: &none}
	for _, name := range names {
		out.columns = append(out.columns, ColumnInfo{Name: name, Type: "string"})
	}
	return out
}

// pad fills a text with blanks to padWidth characters; longer ones stay.
func pad(s string) string {
	return s + strings.Repeat(" ", max(0, padWidth-utf8.RuneCountInString(s)))
}

func (h *hive) showDatabases(ctx context.Context, s *ddl.ShowDatabases) (outcome, error) {
	pattern := s.Pattern
	if pattern == "" || pattern == "*" {
		pattern = ".*"
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return outcome{}, failHive(typeDDLTask, ddlTask+"java.util.regex.PatternSyntaxException: %q is not a regular expression", s.Pattern)
	}
	list, _, err := h.catalog.GetDatabases(ctx, catalog.Page{})
	var lines []string
	for _, d := range list {
		if re.MatchString(d.Name) {
			lines = append(lines, d.Name)
		}
	}
	return told([]string{"database_name"}, lines), err
}

// showTables lists names in order. The pattern is Hive's: * for anything, | between alternatives, any case; regular
// expressions with .* do as well.
func (h *hive) showTables(ctx context.Context, database, pattern, column string, take func(catalog.Table) bool) (outcome, error) {
	database = h.database(database)
	text := strings.ReplaceAll(strings.ReplaceAll(pattern, ".*", "*"), "*", ".*")
	if text == "" {
		text = ".*"
	}
	re, err := regexp.Compile("(?i)^(?:" + text + ")$")
	if err != nil {
		return outcome{}, failHive(typeDDLTask, ddlTask+"java.util.regex.PatternSyntaxException: %q is not a pattern", pattern)
	}
	list, _, err := h.catalog.GetTables(ctx, database, re.MatchString, catalog.Page{})
	if err != nil {
		return outcome{}, missingDatabase(database, err)
	}
	var lines []string
	for _, t := range list {
		if take(t) {
			lines = append(lines, t.Name)
		}
	}
	return told([]string{column}, lines), nil
}

func allColumns(t catalog.Table) []catalog.Column {
	if t.StorageDescriptor == nil {
		return t.PartitionKeys
	}
	return slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys)
}

func (h *hive) showColumns(ctx context.Context, s *ddl.ShowColumns) (outcome, error) {
	t, err := h.table(ctx, s.Table)
	var lines []string
	for _, c := range allColumns(t) {
		lines = append(lines, pad(c.Name))
	}
	return told([]string{"field"}, lines), err
}

func (h *hive) showPartitions(ctx context.Context, s *ddl.ShowPartitions) (outcome, error) {
	t, err := h.table(ctx, s.Table)
	if err != nil {
		return outcome{}, err
	}
	if len(t.PartitionKeys) == 0 {
		return outcome{}, failHive(typeDDLTask, "SemanticException [Error 10001]: Table %s is not a partitioned table", t.Name)
	}
	list, err := h.catalog.Partitions(ctx, t.DatabaseName, t.Name)
	var lines []string
	for _, p := range list {
		lines = append(lines, partitionName(t, p.Values))
	}
	return told([]string{"partition"}, lines), err
}

func (h *hive) showProperties(ctx context.Context, s *ddl.ShowTableProperties) (outcome, error) {
	t, err := h.table(ctx, s.Table)
	if err != nil {
		return outcome{}, err
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(t.Parameters)) {
		if s.Key == "" || s.Key == key {
			lines = append(lines, strings.Split(key+"\t"+t.Parameters[key], "\n")...)
		}
	}
	if s.Key != "" && len(lines) == 0 {
		lines = []string{fmt.Sprintf("Table %s.%s does not have property: %s", t.DatabaseName, t.Name, s.Key)}
	}
	return told([]string{"prpt_name", "prpt_value"}, lines), nil
}

// createTable gives the statement that makes t again.
func createTable(t catalog.Table) *ddl.CreateTable {
	c := catalog.StatementOf(t)
	c.Comment, c.Location = t.Parameters["comment"], strings.TrimSuffix(c.Location, "/")
	return c
}

func (h *hive) describe(ctx context.Context, s *ddl.Describe) (outcome, error) {
	t, err := h.table(ctx, s.Table)
	if err != nil {
		return outcome{}, err
	}
	if s.Style != ddl.DescribePlain || s.Partition != nil {
		return outcome{}, failHive(typeDDLTask, "SemanticException DESCRIBE EXTENDED, FORMATTED and PARTITION are not supported by this server; use DESCRIBE or SHOW CREATE TABLE")
	}
	line := func(c catalog.Column) string {
		return pad(c.Name) + "\t" + pad(hiveSpelling(c.Type)) + "\t" + pad(c.Comment)
	}
	var lines []string
	for _, c := range allColumns(t) {
		if s.Column == "" || strings.EqualFold(s.Column, c.Name) {
			lines = append(lines, line(c))
		}
	}
	switch {
	case s.Column != "" && len(lines) == 0:
		return outcome{}, failHive(typeSyntax, "SemanticException [Error 10002]: Invalid column reference %s", s.Column)
	case s.Column == "" && len(t.PartitionKeys) > 0:
		const empty = "\t \t "
		lines = append(lines, empty, "# Partition Information\t \t ", "# col_name            \t"+pad("data_type")+"\t"+pad("comment"), empty)
		for _, c := range t.PartitionKeys {
			lines = append(lines, line(c))
		}
	}
	out := told([]string{"col_name", "data_type", "comment"}, lines)
	out.updateCount = nil
	return out, nil
}

// hiveSpelling gives a type without blanks, as Hive prints it.
func hiveSpelling(text string) string {
	t, err := loglake.ParseHiveType(text)
	if err != nil {
		return text
	}
	return t.String()
}
