package catalog

import "encoding/json"

// The types of this file are the shapes of the AWS Glue API. Their JSON is Glue's, members that mean nothing to loglake
// included, which are kept and given back as they came. Members that no shape of Glue has are dropped, as Glue does.
// https://docs.aws.amazon.com/glue/latest/webapi/API_Types.html

// Column is Glue's Column.
type Column struct {
	Name       string            `json:"Name"`
	Type       string            `json:"Type"` // Hive's spelling, verbatim
	Comment    string            `json:"Comment,omitempty"`
	Parameters map[string]string `json:"Parameters,omitempty"`
}

// DatabaseInput is Glue's DatabaseInput.
type DatabaseInput struct {
	Name                          string            `json:"Name"`
	Description                   string            `json:"Description,omitempty"`
	LocationURI                   string            `json:"LocationUri,omitempty"`
	Parameters                    map[string]string `json:"Parameters,omitempty"`
	CreateTableDefaultPermissions json.RawMessage   `json:"CreateTableDefaultPermissions,omitempty"`
	TargetDatabase                json.RawMessage   `json:"TargetDatabase,omitempty"`
	FederatedDatabase             json.RawMessage   `json:"FederatedDatabase,omitempty"`
}

// Database is Glue's Database.
type Database struct {
	DatabaseInput
	CreateTime Time   `json:"CreateTime"`
	CatalogID  string `json:"CatalogId"`
}

// SerDeInfo is Glue's SerDeInfo.
type SerDeInfo struct {
	Name                 string            `json:"Name,omitempty"`
	SerializationLibrary string            `json:"SerializationLibrary,omitempty"`
	Parameters           map[string]string `json:"Parameters,omitempty"`
}

// Order is Glue's Order; SortOrder 1 is ascending, 0 descending.
type Order struct {
	Column    string `json:"Column"`
	SortOrder int    `json:"SortOrder"`
}

// StorageDescriptor is Glue's StorageDescriptor.
type StorageDescriptor struct {
	Columns                []Column          `json:"Columns"`
	Location               string            `json:"Location,omitempty"`
	AdditionalLocations    []string          `json:"AdditionalLocations,omitempty"`
	InputFormat            string            `json:"InputFormat,omitempty"`
	OutputFormat           string            `json:"OutputFormat,omitempty"`
	Compressed             bool              `json:"Compressed"`
	NumberOfBuckets        int32             `json:"NumberOfBuckets"`
	SerdeInfo              *SerDeInfo        `json:"SerdeInfo,omitempty"`
	BucketColumns          []string          `json:"BucketColumns"`
	SortColumns            []Order           `json:"SortColumns"`
	Parameters             map[string]string `json:"Parameters,omitempty"`
	SkewedInfo             json.RawMessage   `json:"SkewedInfo,omitempty"`
	StoredAsSubDirectories bool              `json:"StoredAsSubDirectories"`
	SchemaReference        json.RawMessage   `json:"SchemaReference,omitempty"`
}

// TableInput is Glue's TableInput.
type TableInput struct {
	Name              string             `json:"Name"`
	Description       string             `json:"Description,omitempty"`
	Owner             string             `json:"Owner,omitempty"`
	LastAccessTime    *Time              `json:"LastAccessTime,omitempty"`
	LastAnalyzedTime  *Time              `json:"LastAnalyzedTime,omitempty"`
	Retention         int32              `json:"Retention"`
	StorageDescriptor *StorageDescriptor `json:"StorageDescriptor,omitempty"`
	PartitionKeys     []Column           `json:"PartitionKeys"`
	ViewOriginalText  string             `json:"ViewOriginalText,omitempty"`
	ViewExpandedText  string             `json:"ViewExpandedText,omitempty"`
	TableType         string             `json:"TableType,omitempty"`
	Parameters        map[string]string  `json:"Parameters"`
	TargetTable       json.RawMessage    `json:"TargetTable,omitempty"`
	ViewDefinition    json.RawMessage    `json:"ViewDefinition,omitempty"`
}

// Table is Glue's Table.
type Table struct {
	TableInput
	DatabaseName                  string `json:"DatabaseName"`
	CreateTime                    Time   `json:"CreateTime"`
	UpdateTime                    Time   `json:"UpdateTime"`
	CreatedBy                     string `json:"CreatedBy"`
	IsRegisteredWithLakeFormation bool   `json:"IsRegisteredWithLakeFormation"`
	CatalogID                     string `json:"CatalogId"`
	VersionID                     string `json:"VersionId"`
	IsMultiDialectView            bool   `json:"IsMultiDialectView"`
	IsMaterializedView            bool   `json:"IsMaterializedView"`
}

// TableVersion is Glue's TableVersion.
type TableVersion struct {
	Table     Table  `json:"Table"`
	VersionID string `json:"VersionId"`
}

// PartitionInput is Glue's PartitionInput.
type PartitionInput struct {
	Values            []string           `json:"Values"`
	LastAccessTime    *Time              `json:"LastAccessTime,omitempty"`
	StorageDescriptor *StorageDescriptor `json:"StorageDescriptor,omitempty"`
	Parameters        map[string]string  `json:"Parameters"`
	LastAnalyzedTime  *Time              `json:"LastAnalyzedTime,omitempty"`
}

// Partition is Glue's Partition.
type Partition struct {
	PartitionInput
	DatabaseName string `json:"DatabaseName"`
	TableName    string `json:"TableName"`
	CreationTime Time   `json:"CreationTime"`
	CatalogID    string `json:"CatalogId"`
}

// PartitionIndex is Glue's PartitionIndex.
type PartitionIndex struct {
	Keys      []string `json:"Keys"`
	IndexName string   `json:"IndexName"`
}

// defaultPermissions is what Glue answers for a database that was made without CreateTableDefaultPermissions.
const defaultPermissions = `[{"Principal":{"DataLakePrincipalIdentifier":"IAM_ALLOWED_PRINCIPALS"},"Permissions":["ALL"]}]`

// normalize gives the input as the catalog stores it: names in lower case, absent collections empty.
func (in TableInput) normalize() TableInput {
	in.Name = lower(in.Name)
	in.PartitionKeys = lowerColumns(in.PartitionKeys)
	if in.StorageDescriptor = in.StorageDescriptor.normalize(); in.StorageDescriptor != nil && in.StorageDescriptor.SerdeInfo == nil {
		in.StorageDescriptor.SerdeInfo = &SerDeInfo{} // Trino looks into it; of partitions Glue gives what it was given
	}
	if in.Parameters == nil {
		in.Parameters = map[string]string{}
	}
	return in
}

func (in PartitionInput) normalize() PartitionInput {
	in.StorageDescriptor = in.StorageDescriptor.normalize()
	if in.Parameters == nil {
		in.Parameters = map[string]string{}
	}
	return in
}

// normalize gives a copy; nil stays nil.
func (sd *StorageDescriptor) normalize() *StorageDescriptor {
	if sd == nil {
		return nil
	}
	c := *sd
	c.Columns = lowerColumns(c.Columns)
	c.BucketColumns = make([]string, len(sd.BucketColumns))
	for i, name := range sd.BucketColumns {
		c.BucketColumns[i] = lower(name)
	}
	c.SortColumns = make([]Order, len(sd.SortColumns))
	for i, order := range sd.SortColumns {
		c.SortColumns[i] = Order{Column: lower(order.Column), SortOrder: order.SortOrder}
	}
	return &c
}

// lowerColumns gives a copy, never nil.
func lowerColumns(columns []Column) []Column {
	out := make([]Column, len(columns))
	for i, column := range columns {
		column.Name = lower(column.Name)
		out[i] = column
	}
	return out
}
