package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/catalog/ddl"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/store"
)

// specText prints a partition spec as Hive does in messages.
func specText(spec ddl.PartitionSpec) string {
	terms := make([]string, len(spec))
	for i, t := range spec {
		terms[i] = t.Key + t.Op + t.Value
	}
	return "{" + strings.Join(terms, ", ") + "}"
}

// values gives the values of a full spec in the order of the table's keys.
func values(t catalog.Table, spec ddl.PartitionSpec) ([]string, error) {
	if len(t.PartitionKeys) == 0 {
		return nil, failHive(typeDDLTask, "SemanticException table is not partitioned but partition spec exists: %s", specText(spec))
	}
	list := make([]string, 0, len(spec))
	for _, key := range t.PartitionKeys {
		i := slices.IndexFunc(spec, func(term ddl.PartitionTerm) bool { return strings.EqualFold(term.Key, key.Name) })
		if i < 0 || spec[i].Op != "=" {
			return nil, failHive(typeDDLTask, "SemanticException partition spec %s doesn't contain all (%d) partition columns", specText(spec), len(t.PartitionKeys))
		}
		list = append(list, spec[i].Value)
	}
	if len(spec) != len(list) {
		return nil, failHive(typeDDLTask, "SemanticException Partition spec %s contains non-partition columns", specText(spec))
	}
	return list, nil
}

func keyNames(t catalog.Table) []string {
	names := make([]string, len(t.PartitionKeys))
	for i, k := range t.PartitionKeys {
		names[i] = k.Name
	}
	return names
}

// partitionName is k1=v1/k2=v2, escaped as in paths.
func partitionName(t catalog.Table, values []string) string {
	return strings.Trim(layout.PartitionPath(keyNames(t), values), "/")
}

func (h *hive) addPartitions(ctx context.Context, s *ddl.AddPartitions) error {
	t, err := h.table(ctx, s.Table)
	if err != nil {
		return err
	}
	list := make([]catalog.PartitionInput, len(s.Partitions))
	for i, p := range s.Partitions {
		v, err := values(t, p.Spec)
		if err != nil {
			return err
		}
		list[i] = catalog.NewPartition(t, v, p.Location)
	}
	failed, err := h.catalog.CreatePartitions(ctx, t.DatabaseName, t.Name, list)
	for i := 0; err == nil && i < len(failed); i++ {
		switch code := loglake.CodeOf(failed[i]); {
		case code == loglake.CodeExists && s.IfNotExists:
		case code == loglake.CodeExists:
			err = failHive(typeSyntax, ddlTask+"AlreadyExistsException(message:Partition already exists in metastore: %s)", partitionName(t, list[i].Values))
		case failed[i] != nil:
			err = failHive(typeDDLTask, ddlTask+"%s", failed[i].Error())
		}
	}
	return err
}

// dropPartitions drops what fits one of the specs. Glue's filter language compares by the keys' types.
func (h *hive) dropPartitions(ctx context.Context, s *ddl.DropPartitions) error {
	t, err := h.table(ctx, s.Table)
	if err != nil {
		return err
	}
	var drop [][]string
	for _, spec := range s.Specs {
		terms := make([]string, len(spec))
		for i, term := range spec {
			if !slices.Contains(keyNames(t), strings.ToLower(term.Key)) {
				return failHive(typeDDLTask, "SemanticException Partition spec %s contains non-partition columns", specText(spec))
			}
			terms[i] = term.Key + " " + term.Op + " '" + strings.ReplaceAll(term.Value, "'", "''") + "'"
		}
		found, err := h.catalog.PartitionsMatching(ctx, t.DatabaseName, t.Name, strings.Join(terms, " AND "))
		if err != nil {
			return failHive(typeDDLTask, "SemanticException %s", err.Error())
		}
		if len(found) == 0 && !s.IfExists {
			return failHive(typeEntityMissing, "SemanticException [Error 10006]: Partition not found %s", specText(spec))
		}
		for _, p := range found {
			drop = append(drop, p.Values)
		}
	}
	_, err = h.catalog.DeletePartitions(ctx, t.DatabaseName, t.Name, drop) // one that is gone already is no matter
	return err
}

func (h *hive) renamePartition(ctx context.Context, s *ddl.RenamePartition) error {
	err := h.changePartition(ctx, s.Table, s.From, func(t catalog.Table, in *catalog.PartitionInput) (err error) {
		in.Values, err = values(t, s.To)
		return err
	})
	if loglake.CodeOf(err) == loglake.CodeExists {
		return failHive(typeSyntax, ddlTask+"AlreadyExistsException(message:Partition already exists: %s)", specText(s.To))
	}
	return err
}

func (h *hive) changePartition(ctx context.Context, name ddl.Name, spec ddl.PartitionSpec, change func(catalog.Table, *catalog.PartitionInput) error) error {
	t, err := h.table(ctx, name)
	if err != nil {
		return err
	}
	v, err := values(t, spec)
	if err != nil {
		return err
	}
	p, err := h.catalog.GetPartition(ctx, t.DatabaseName, t.Name, v)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return failHive(typeEntityMissing, "SemanticException [Error 10006]: Partition not found %s", specText(spec))
	}
	if err != nil {
		return err
	}
	if err := change(t, &p.PartitionInput); err != nil {
		return err
	}
	return h.catalog.UpdatePartition(ctx, t.DatabaseName, t.Name, catalog.PartitionUpdate{Values: v, Input: p.PartitionInput})
}

// repair is MSCK REPAIR TABLE: it adds the partitions whose directories lie below the table.
func (h *hive) repair(ctx context.Context, s *ddl.RepairTable) (outcome, error) {
	t, err := h.catalog.GetTable(ctx, h.database(s.Table.Database), s.Table.Table)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return repaired("Tables not in metastore:\t" + s.Table.Table), nil
	}
	if err != nil {
		return outcome{}, err
	}
	if t.StorageDescriptor == nil || t.StorageDescriptor.Location == "" {
		return outcome{}, failHive(typeDDLTask, ddlTask+"Can not create a Path from an empty string")
	}
	bucket, prefix, ok := loglake.SplitLocation(t.StorageDescriptor.Location)
	if !ok {
		return outcome{}, failHive(typeDDLTask, ddlTask+"the location %s is not in S3", t.StorageDescriptor.Location)
	}
	some, err := h.any(ctx, bucket, prefix)
	if err != nil {
		return outcome{}, err
	}
	if !some {
		return repaired("Tables missing on filesystem:\t" + t.Name), nil
	}
	found, err := h.directories(ctx, t, bucket, prefix)
	if err != nil {
		return outcome{}, err
	}
	return h.compare(ctx, t, found)
}

func repaired(lines ...string) outcome {
	return outcome{text: []byte(strings.Join(lines, "\n")), metadata: true}
}

// any tells whether there is an object below a prefix.
func (h *hive) any(ctx context.Context, bucket, prefix string) (bool, error) {
	list, _, err := h.executions.config.Store.List(ctx, bucket, prefix, "", 1)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return false, nil
	}
	return len(list) > 0, err
}

// directories walks down one level per partition key and gives the values of the directories k1=v1/k2=v2.
func (h *hive) directories(ctx context.Context, t catalog.Table, bucket, prefix string) ([][]string, error) {
	if len(t.PartitionKeys) == 0 {
		return nil, nil
	}
	level := []string{prefix}
	for _, key := range t.PartitionKeys {
		var below []string
		for _, parent := range level {
			names, err := h.folders(ctx, bucket, parent)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				value, ok := strings.CutPrefix(strings.TrimSuffix(name[len(parent):], "/"), key.Name+"=")
				if ok && value != "" && !strings.Contains(value, ":") {
					below = append(below, name)
				}
			}
		}
		level = below
	}
	var found [][]string
	for _, name := range level {
		if v, ok := layout.Partition(name, prefix, keyNames(t)); ok {
			found = append(found, v)
		}
	}
	return found, nil
}

func (h *hive) folders(ctx context.Context, bucket, prefix string) ([]string, error) {
	var names []string
	for after, more := "", true; more; {
		var entries []store.Entry
		var err error
		entries, more, err = h.executions.config.Store.ListFolded(ctx, bucket, store.Fold{Prefix: prefix, After: after, Delimiter: "/", Max: 1000})
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err)
		}
		for _, entry := range entries {
			after = entry.Key
			if entry.Folded {
				names = append(names, entry.Key)
			}
		}
	}
	return names, nil
}

// compare holds the directories against the partitions of the table and adds what is missing.
func (h *hive) compare(ctx context.Context, t catalog.Table, found [][]string) (outcome, error) {
	known, err := h.catalog.Partitions(ctx, t.DatabaseName, t.Name)
	if err != nil {
		return outcome{}, err
	}
	has := map[string]bool{}
	for _, p := range known {
		has[partitionName(t, p.Values)] = true
	}
	there := map[string]bool{}
	var list []catalog.PartitionInput
	var absent, gone, added []string
	for _, v := range found {
		name := partitionName(t, v)
		there[name] = true
		if !has[name] {
			list = append(list, catalog.NewPartition(t, v, ""))
			absent = append(absent, t.Name+":"+name)
			added = append(added, "Repair: Added partition to metastore "+t.Name+":"+name)
		}
	}
	for _, p := range known {
		bucket, prefix, ok := loglake.SplitLocation(p.Location)
		some, err := h.any(ctx, bucket, prefix)
		if err != nil {
			return outcome{}, err
		}
		if name := partitionName(t, p.Values); !there[name] && (!ok || !some) {
			gone = append(gone, t.Name+":"+name)
		}
	}
	failed, err := h.catalog.CreatePartitions(ctx, t.DatabaseName, t.Name, list)
	for _, f := range failed {
		if f != nil && loglake.CodeOf(f) != loglake.CodeExists {
			err = errors.Join(err, f)
		}
	}
	if err != nil {
		return outcome{}, err
	}
	var lines []string
	if len(absent) > 0 {
		lines = append(lines, "Partitions not in metastore:\t"+strings.Join(absent, "\t"))
	}
	if len(gone) > 0 {
		lines = append(lines, "Partitions missing from filesystem:\t"+strings.Join(gone, "\t"))
	}
	return repaired(append(lines, added...)...), nil
}
