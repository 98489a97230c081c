package query

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/catalog/ddl"
)

// ddlTask begins the reason of a Hive statement that failed while it ran.
const ddlTask = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "

// Athena's ErrorTypes of failed Hive statements.
const (
	typeSyntax        = 1006
	typeDDLTask       = 1003
	typeEntityMissing = 1301
)

// runHive runs a statement of the Hive grammar.
func (e *Executions) runHive(ctx context.Context, x Execution, body ddl.Body) (outcome, error) {
	h := hive{executions: e, catalog: e.config.Catalog, execution: x}
	switch s := body.(type) {
	case *ddl.CreateDatabase:
		return outcome{}, h.createDatabase(ctx, s)
	case *ddl.DropDatabase:
		return outcome{}, h.dropDatabase(ctx, s)
	case *ddl.AlterDatabase:
		return outcome{}, h.alterDatabase(ctx, s)
	case *ddl.CreateTable:
		return outcome{}, h.createTable(ctx, s)
	case *ddl.DropTable:
		return outcome{}, h.dropTable(ctx, s)
	case *ddl.AddPartitions:
		return outcome{}, h.addPartitions(ctx, s)
	case *ddl.DropPartitions:
		return outcome{}, h.dropPartitions(ctx, s)
	case *ddl.RenamePartition:
		return outcome{}, h.renamePartition(ctx, s)
	case *ddl.AddColumns:
		return outcome{metadata: true}, h.changeColumns(ctx, s.Table, s.Partition, func(old []catalog.Column) []catalog.Column {
			return append(old, catalog.GlueColumns(s.Columns)...)
		})
	case *ddl.ReplaceColumns:
		return outcome{metadata: true}, h.changeColumns(ctx, s.Table, s.Partition, func([]catalog.Column) []catalog.Column {
			return catalog.GlueColumns(s.Columns)
		})
	case *ddl.SetLocation:
		return outcome{}, h.setLocation(ctx, s)
	case *ddl.SetTableProperties:
		return outcome{}, h.setProperties(ctx, s)
	case *ddl.RepairTable:
		return h.repair(ctx, s)
	case *ddl.Refused:
		return outcome{}, &Failure{Reason: s.Reason, Message: s.Message, Category: s.Category, Type: s.ErrorType}
	}
	return h.show(ctx, body)
}

// denied words the refusal of a change as Athena passes Glue's on.
func denied(err error) error {
	if loglake.CodeOf(err) != loglake.CodeDenied {
		return err
	}
	return failHive(typeDDLTask, ddlTask+"MetaException(message:%s (Service: AmazonDataCatalog; Status Code: 400; Error Code: AccessDeniedException))", err)
}

// hive runs one statement.
type hive struct {
	executions *Executions
	catalog    *catalog.Catalog
	execution  Execution
}

// database gives a written name, or the one of the execution's context.
func (h *hive) database(written string) string {
	switch {
	case written != "":
		return written
	case h.execution.Database != nil && *h.execution.Database != "":
		return strings.ToLower(*h.execution.Database)
	}
	return "default"
}

// table gives the table of a statement.
func (h *hive) table(ctx context.Context, name ddl.Name) (catalog.Table, error) {
	t, err := h.catalog.GetTable(ctx, h.database(name.Database), name.Table)
	return t, h.missing(name, err)
}

// missing words the failure of a statement whose table or database is not there.
func (h *hive) missing(name ddl.Name, err error) error {
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return failHive(typeEntityMissing, "SemanticException [Error 10001]: Table not found %s.%s", h.database(name.Database), name.Table)
	}
	return err
}

func missingDatabase(name string, err error) error {
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return failHive(typeEntityMissing, "SemanticException [Error 10072]: Database does not exist: %s", name)
	}
	return err
}

func (h *hive) createDatabase(ctx context.Context, s *ddl.CreateDatabase) error {
	err := h.catalog.CreateDatabase(ctx, catalog.DatabaseInput{Name: s.Name, Description: s.Comment, LocationURI: s.Location, Parameters: s.Properties})
	if loglake.CodeOf(err) != loglake.CodeExists {
		return err
	}
	if s.IfNotExists {
		return nil
	}
	return failHive(typeSyntax, ddlTask+"Database %s already exists", s.Name)
}

func (h *hive) dropDatabase(ctx context.Context, s *ddl.DropDatabase) error {
	drop := h.catalog.DeleteEmptyDatabase
	if s.Cascade {
		drop = h.catalog.DeleteDatabase
	}
	err := drop(ctx, s.Name)
	switch loglake.CodeOf(err) {
	case loglake.CodeNotFound:
		if s.IfExists {
			return nil
		}
		return missingDatabase(s.Name, err)
	case loglake.CodeConflict:
		return failHive(typeDDLTask, ddlTask+"InvalidOperationException(message:Database %s is not empty. One or more tables exist.)", s.Name)
	}
	return err
}

func (h *hive) alterDatabase(ctx context.Context, s *ddl.AlterDatabase) error {
	d, err := h.catalog.GetDatabase(ctx, s.Name)
	if err != nil {
		return missingDatabase(s.Name, err)
	}
	d.Parameters = merged(d.Parameters, s.Properties)
	return missingDatabase(s.Name, h.catalog.UpdateDatabase(ctx, s.Name, d.DatabaseInput))
}

func merged(old, more map[string]string) map[string]string {
	m := maps.Clone(old)
	if m == nil {
		m = map[string]string{}
	}
	maps.Copy(m, more)
	return m
}

// now is a table's transient_lastDdlTime.
func (h *hive) now() string {
	return strconv.FormatInt(h.executions.config.Clock().Unix(), 10)
}

func (h *hive) createTable(ctx context.Context, s *ddl.CreateTable) error {
	if err := s.Check(); err != nil {
		return failHive(typeDDLTask, "%s", err.Error())
	}
	database := h.database(s.Name.Database)
	err := h.catalog.CreateTable(ctx, database, catalog.InputOf(s, h.executions.config.Clock()))
	if loglake.CodeOf(err) == loglake.CodeExists {
		if s.IfNotExists {
			return nil
		}
		f := failHive(typeSyntax, ddlTask+"AlreadyExistsException(message:Table %s already exist)", s.Name.Table)
		f.Message = fmt.Sprintf("Table %s already exists.", s.Name.Table)
		return f
	}
	return missingDatabase(database, err)
}

func (h *hive) dropTable(ctx context.Context, s *ddl.DropTable) error {
	err := h.catalog.DeleteTable(ctx, h.database(s.Name.Database), s.Name.Table)
	if s.IfExists && loglake.CodeOf(err) == loglake.CodeNotFound {
		return nil
	}
	return h.missing(s.Name, err)
}

// changeColumns changes the columns of a table. Partitions keep no columns of their own here.
func (h *hive) changeColumns(ctx context.Context, name ddl.Name, part ddl.PartitionSpec, change func(old []catalog.Column) []catalog.Column) error {
	if part != nil {
		return failHive(typeDDLTask, "SemanticException columns of a single partition can't be changed on this server; change the table's")
	}
	err := h.catalog.AlterTable(ctx, h.database(name.Database), name.Table, func(in *catalog.TableInput) error {
		if in.StorageDescriptor == nil {
			in.StorageDescriptor = &catalog.StorageDescriptor{}
		}
		in.StorageDescriptor.Columns = change(in.StorageDescriptor.Columns)
		if err := ddl.CheckColumns(catalog.PlainColumns(slices.Concat(in.StorageDescriptor.Columns, in.PartitionKeys))); err != nil {
			return failHive(typeDDLTask, "%s", err.Error())
		}
		in.Parameters = merged(in.Parameters, map[string]string{"transient_lastDdlTime": h.now()})
		return nil
	})
	return h.missing(name, err)
}

func (h *hive) setProperties(ctx context.Context, s *ddl.SetTableProperties) error {
	err := h.catalog.AlterTable(ctx, h.database(s.Table.Database), s.Table.Table, func(in *catalog.TableInput) error {
		in.Parameters = merged(merged(in.Parameters, s.Properties), map[string]string{"transient_lastDdlTime": h.now()})
		return nil
	})
	return h.missing(s.Table, err)
}

func (h *hive) setLocation(ctx context.Context, s *ddl.SetLocation) error {
	if s.Partition == nil {
		err := h.catalog.AlterTable(ctx, h.database(s.Table.Database), s.Table.Table, func(in *catalog.TableInput) error {
			if in.StorageDescriptor == nil {
				in.StorageDescriptor = &catalog.StorageDescriptor{}
			}
			in.StorageDescriptor.Location = s.Location
			in.Parameters = merged(in.Parameters, map[string]string{"transient_lastDdlTime": h.now()})
			return nil
		})
		return h.missing(s.Table, err)
	}
	return h.changePartition(ctx, s.Table, s.Partition, func(_ catalog.Table, in *catalog.PartitionInput) error {
		if in.StorageDescriptor == nil {
			in.StorageDescriptor = &catalog.StorageDescriptor{}
		}
		in.StorageDescriptor.Location = s.Location
		return nil
	})
}

// checkExists is the part of the catalog's answer that Athena gives before a statement starts: an unknown catalog, and
// what DESCRIBE and SHOW COLUMNS are about.
func (e *Executions) checkExists(ctx context.Context, x Execution, body ddl.Body) error {
	name, ok := tableOf(body)
	if name.Catalog != "" && !strings.EqualFold(name.Catalog, catalogName) {
		return refuse(CodeNoDataCatalog, "Catalog '%s' does not exist", name.Catalog)
	}
	switch body.(type) {
	case *ddl.Describe, *ddl.ShowColumns:
	default:
		ok = false
	}
	if !ok {
		return nil
	}
	h := hive{executions: e, catalog: e.config.Catalog, execution: x}
	_, err := h.catalog.GetTable(ctx, h.database(name.Database), name.Table)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return refuse(CodeInvalidInput, "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; Request ID: %s; Proxy: null)", uuid.NewString())
	}
	return err
}

// tableOf gives the table that a statement is about, if it is about one.
func tableOf(body ddl.Body) (ddl.Name, bool) {
	switch s := body.(type) {
	case *ddl.CreateTable:
		return s.Name, true
	case *ddl.DropTable:
		return s.Name, true
	case *ddl.AddPartitions:
		return s.Table, true
	case *ddl.DropPartitions:
		return s.Table, true
	case *ddl.RenamePartition:
		return s.Table, true
	case *ddl.AddColumns:
		return s.Table, true
	case *ddl.ReplaceColumns:
		return s.Table, true
	case *ddl.SetLocation:
		return s.Table, true
	case *ddl.SetTableProperties:
		return s.Table, true
	case *ddl.RepairTable:
		return s.Table, true
	case *ddl.ShowColumns:
		return s.Table, true
	case *ddl.ShowPartitions:
		return s.Table, true
	case *ddl.ShowCreateTable:
		return s.Table, true
	case *ddl.ShowTableProperties:
		return s.Table, true
	case *ddl.Describe:
		return s.Table, true
	}
	return ddl.Name{}, false
}
