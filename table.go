package loglake

import "strings"

// Column is a column of a catalog table. Type is Hive's spelling of it, as the Glue Data Catalog holds it.
type Column struct {
	Name    string `json:"Name"`
	Type    string `json:"Type,omitempty"`
	Comment string `json:"Comment,omitempty"`
}

// Schema is what conversion needs to know of a table, and which table it was.
type Schema struct {
	Database string
	Table    string
	Version  string // Glue's VersionId
	Columns  []Column
}

// Table is a catalog table as the stages after it see it. The catalog keeps all of Glue's members; these are the ones
// that mean something to delivery and query.
type Table struct {
	Database      string
	Name          string
	Version       string
	Columns       []Column
	PartitionKeys []Column
	Location      string // s3://bucket/prefix/
	InputFormat   string
	SerDe         string
	Parameters    map[string]string
	Type          string // EXTERNAL_TABLE, VIRTUAL_VIEW, …
}

// Schema gives t's columns without the partition keys, which are not written to files.
func (t Table) Schema() Schema {
	return Schema{Database: t.Database, Table: t.Name, Version: t.Version, Columns: t.Columns}
}

// Partition is one partition of a table: its values in the order of the partition keys, and where its files lie.
type Partition struct {
	Values   []string
	Location string // s3://bucket/prefix/
}

// SplitLocation takes "s3://bucket/prefix" apart; the prefix comes without a leading slash and with a trailing one,
// unless it is empty. It accepts s3a and s3n too, as Hive does.
func SplitLocation(location string) (bucket, prefix string, ok bool) {
	for _, scheme := range []string{"s3://", "s3a://", "s3n://"} {
		rest, found := strings.CutPrefix(location, scheme)
		if !found {
			continue
		}
		bucket, prefix, _ = strings.Cut(rest, "/")
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/"
		}
		return bucket, prefix, bucket != ""
	}
	return "", "", false
}
