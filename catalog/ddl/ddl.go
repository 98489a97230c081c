// Package ddl reads the statements that Athena gives to its Hive grammar: databases, tables, partitions, SHOW and
// DESCRIBE. It is pure: text in, a Statement out. It knows no catalog; package query runs the statements on one.
//
// Athena has two grammars. IsDDL decides which of them a text belongs to; the other is query/dialect. Parse reads the
// text, checks everything that Athena checks before a query starts, and gives a Statement whose Body says what to do.
// What Athena refuses only when the query runs is a Body of its own, Refused, with Athena's words for the failed query.
//
// Parse is more generous than Athena where nobody is hurt: reserved words and double-quoted names are taken as
// identifiers, comments may stand anywhere. Each such kindness leaves a notice on the statement, because the same text
// would fail on AWS.
//
// The texts of errors are those of Athena engine version 3; the grammar is that of
// https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html.
package ddl

import "github.com/loglake/loglake"

// Statement is one parsed DDL statement.
type Statement struct {
	Body         Body
	Type         string   // Athena's StatementType: DDL or UTILITY
	Substatement string   // Athena's SubstatementType, such as CREATE_TABLE
	Notices      []string // sentences about what AWS would not have taken
}

// Body is what a statement says: one of the pointer types of this package that end in its name.
type Body interface{ body() }

// Name is a name as the statement wrote it, lower-cased. Parts that were not written are empty.
type Name struct {
	Catalog  string
	Database string
	Table    string
}

// String gives the written parts with dots between them.
func (n Name) String() string {
	s := n.Table
	if n.Database != "" {
		s = n.Database + "." + s
	}
	if n.Catalog != "" {
		s = n.Catalog + "." + s
	}
	return s
}

// CreateDatabase is CREATE {DATABASE|SCHEMA}.
type CreateDatabase struct {
	Name        string
	IfNotExists bool
	Comment     string
	Location    string
	Properties  map[string]string
}

// DropDatabase is DROP {DATABASE|SCHEMA}.
type DropDatabase struct {
	Name     string
	IfExists bool
	Cascade  bool
}

// AlterDatabase is ALTER {DATABASE|SCHEMA} … SET DBPROPERTIES.
type AlterDatabase struct {
	Name       string
	Properties map[string]string
}

// CreateTable is CREATE EXTERNAL TABLE. Its String is the text that SHOW CREATE TABLE gives.
type CreateTable struct {
	Name          Name
	IfNotExists   bool
	Columns       []loglake.Column
	Comment       string
	PartitionKeys []loglake.Column
	BucketColumns []string
	SortColumns   []SortColumn
	Buckets       int // -1: not bucketed
	Format        Format
	Location      string // as written
	Properties    map[string]string
}

// SortColumn is an element of SORTED BY.
type SortColumn struct {
	Name       string
	Descending bool
}

// Format is how the files of a table are read.
type Format struct {
	InputFormat     string
	OutputFormat    string
	SerDe           string
	SerDeProperties map[string]string
}

// DropTable is DROP TABLE.
type DropTable struct {
	Name     Name
	IfExists bool
}

// PartitionTerm is one comparison of a partition spec. Value is text whatever the literal was.
type PartitionTerm struct {
	Key   string
	Op    string // = != < <= > >=
	Value string
}

// PartitionSpec is PARTITION (k='v', …), its terms joined by AND.
type PartitionSpec []PartitionTerm

// NewPartition is one partition of ALTER TABLE ADD PARTITION. An empty Location is the default one.
type NewPartition struct {
	Spec     PartitionSpec
	Location string
}

// AddPartitions is ALTER TABLE … ADD PARTITION. The specs hold equalities only.
type AddPartitions struct {
	Table       Name
	IfNotExists bool
	Partitions  []NewPartition
}

// DropPartitions is ALTER TABLE … DROP PARTITION: every partition that fits one of the specs goes.
type DropPartitions struct {
	Table    Name
	IfExists bool
	Specs    []PartitionSpec
}

// RenamePartition is ALTER TABLE … PARTITION (…) RENAME TO PARTITION (…).
type RenamePartition struct {
	Table    Name
	From, To PartitionSpec
}

// AddColumns is ALTER TABLE … ADD COLUMNS. Partition is nil when the table itself is meant.
type AddColumns struct {
	Table     Name
	Partition PartitionSpec
	Columns   []loglake.Column
}

// ReplaceColumns is ALTER TABLE … REPLACE COLUMNS. Partition is nil when the table itself is meant.
type ReplaceColumns struct {
	Table     Name
	Partition PartitionSpec
	Columns   []loglake.Column
}

// SetLocation is ALTER TABLE … SET LOCATION. Partition is nil when the table itself is meant.
type SetLocation struct {
	Table     Name
	Partition PartitionSpec
	Location  string
}

// SetTableProperties is ALTER TABLE … SET TBLPROPERTIES.
type SetTableProperties struct {
	Table      Name
	Properties map[string]string
}

// RepairTable is MSCK REPAIR TABLE.
type RepairTable struct{ Table Name }

// ShowDatabases is SHOW {DATABASES|SCHEMAS}. Pattern is a Java regular expression, "" for all.
type ShowDatabases struct{ Pattern string }

// ShowTables is SHOW TABLES. Pattern is Hive's, "" for all; Database is "" for the query's own.
type ShowTables struct{ Database, Pattern string }

// ShowViews is SHOW VIEWS. Pattern is Hive's, "" for all; Database is "" for the query's own.
type ShowViews struct{ Database, Pattern string }

// ShowColumns is SHOW COLUMNS.
type ShowColumns struct{ Table Name }

// ShowPartitions is SHOW PARTITIONS.
type ShowPartitions struct{ Table Name }

// ShowCreateTable is SHOW CREATE TABLE.
type ShowCreateTable struct{ Table Name }

// ShowTableProperties is SHOW TBLPROPERTIES. Key is "" for all.
type ShowTableProperties struct {
	Table Name
	Key   string
}

// DescribeStyle is how much DESCRIBE tells.
type DescribeStyle string

// The styles of DESCRIBE.
const (
	DescribePlain     DescribeStyle = ""
	DescribeExtended  DescribeStyle = "EXTENDED"
	DescribeFormatted DescribeStyle = "FORMATTED"
)

// Describe is DESCRIBE and DESC. Partition is nil and Column "" where they were not written.
type Describe struct {
	Table     Name
	Style     DescribeStyle
	Partition PartitionSpec
	Column    string
}

// Refused is a statement that Athena starts and fails at once.
type Refused struct {
	Reason    string // Status.StateChangeReason
	Message   string // Status.AthenaError.ErrorMessage
	Category  int    // Status.AthenaError.ErrorCategory
	ErrorType int    // Status.AthenaError.ErrorType
}

func (*CreateDatabase) body()      {}
func (*DropDatabase) body()        {}
func (*AlterDatabase) body()       {}
func (*CreateTable) body()         {}
func (*DropTable) body()           {}
func (*AddPartitions) body()       {}
func (*DropPartitions) body()      {}
func (*RenamePartition) body()     {}
func (*AddColumns) body()          {}
func (*ReplaceColumns) body()      {}
func (*SetLocation) body()         {}
func (*SetTableProperties) body()  {}
func (*RepairTable) body()         {}
func (*ShowDatabases) body()       {}
func (*ShowTables) body()          {}
func (*ShowViews) body()           {}
func (*ShowColumns) body()         {}
func (*ShowPartitions) body()      {}
func (*ShowCreateTable) body()     {}
func (*ShowTableProperties) body() {}
func (*Describe) body()            {}
func (*Refused) body()             {}
