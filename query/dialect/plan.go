package dialect

import "time"

// The plan is what a query means. Its expressions are typed; where a value is taken as another type there is a castExpr.

// expr is an expression of the plan. It is a tree: no expression is used twice within another one, however often it is
// printed, so that walking it takes time in proportion to the text.
type expr interface{ typ() Type }

// relation is something a column can belong to: a scan, or the output of a query. Its alias is unique in the statement.
type relation struct {
	name   string // as the text calls it, in lower case; "" where it has no name
	joined bool   // with another relation
	alias  string
	scan   *Scan      // for a scan
	query  *queryPlan // for a derived table or a WITH query
	owner  *selectPlan

	lateral bool     // the query sees the relations before it
	labels  []string // how the text calls the columns, where they have other names of their own or none
}

type (
	columnExpr struct {
		rel    *relation
		column string // as printed
		t      Type
		hive   bool // a partition key
	}
	// constExpr holds nil, bool, int64 (integers; months or milliseconds of intervals; days of dates; microseconds of
	// timestamps), float64, string (varchar; digits of decimals) or []byte.
	constExpr struct {
		value any
		t     Type
	}
	castExpr struct {
		operand expr
		t       Type
		try     bool
	}
	// callExpr is a function, an operator or a special form. Op names it: a function's name, or one of the op constants.
	callExpr struct {
		op   string
		args []expr
		t    Type
		over *Overload // for functions of the registry

		aggregate bool
		distinct  bool
		order     []sortPlan
		filter    expr
		window    *windowPlan
		ignore    bool
		volatile  bool

		written *callNode // of aggregates, window functions and grouping()
	}
	// lambdaExpr is a lambda, as an argument of a callExpr. Its parameters are variableExprs in its body.
	lambdaExpr struct {
		params []*variable
		body   expr
		t      Type // of KindFunction
	}
	variableExpr struct{ variable *variable }
	// subqueryExpr is a query as a value. A quantified one compares value with each row: op is the comparison.
	subqueryExpr struct {
		kind  string // scalar, exists, in, all, any
		query *queryPlan
		value expr   // for in, all, any
		op    string // for all, any
		t     Type
		outer []outerColumn // the columns of queries around it that it uses

		filled bool // a scalar of several columns: a row of NULLs where there is none
	}
)

// outerColumn is the use of a column of an outer query in a subquery.
type outerColumn struct {
	at
	text  string
	value expr
	owner *selectPlan
}

// The operators and special forms that are callExpr.op. Names of functions can't begin with a blank.
const (
	opAnd        = " and"
	opOr         = " or"
	opNot        = " not"
	opEqual      = " ="
	opNotEqual   = " <>"
	opLess       = " <"
	opLessEq     = " <="
	opGreater    = " >"
	opGreaterEq  = " >="
	opIsNull     = " is null"
	opDistinct   = " is distinct"
	opIn         = " in"
	opBetween    = " between"
	opLike       = " like"
	opCase       = " case"   // when, then, when, then, else
	opSwitch     = " switch" // operand, when, then, when, then, else
	opNullIf     = " nullif"
	opCoalesce   = " coalesce"
	opTry        = " try"
	opNegate     = " negate"
	opAdd        = " +"
	opSubtract   = " -"
	opMultiply   = " *"
	opDivide     = " /"
	opModulus    = " %"
	opConcat     = " ||"
	opArray      = " array"
	opRow        = " row"
	opSubscript  = " []"
	opField      = " ." // the field's name is a constant
	opAtTimeZone = " at time zone"
	opGrouping   = " grouping"

	opFrameOffset = " frame offset" // which must not be negative or NULL
)

// variable is a parameter of a lambda.
type variable struct {
	name string // as written, in lower case
	t    Type
}

func (e *lambdaExpr) typ() Type   { return e.t }
func (e *variableExpr) typ() Type { return e.variable.t }
func (e *columnExpr) typ() Type   { return e.t }
func (e *constExpr) typ() Type    { return e.t }
func (e *castExpr) typ() Type     { return e.t }
func (e *callExpr) typ() Type     { return e.t }
func (e *subqueryExpr) typ() Type { return e.t }

type sortPlan struct {
	key        expr
	ordinal    int // 1-based output column, 0 for an expression
	descending bool
	nullsFirst bool
	written    itemText
}

// windowPlan is a window. One of the clause WINDOW belongs to all calls that name it.
type windowPlan struct {
	partition   []expr
	partitionAt []itemText
	order       []sortPlan
	frame       *framePlan

	nodes, uses int // of one of the clause WINDOW
}

type framePlan struct {
	at
	unit           string
	start, end     string // as boundNode.kind
	startAt, endAt expr
	places         [2]at // of startAt and endAt
}

// queryPlan is a query: a body, its order and limits. Its columns print as c1, c2, ….
type queryPlan struct {
	with    []*withPlan
	body    any // *selectPlan, *setPlan, *valuesPlan, *queryPlan
	columns []OutputColumn
	order   []sortPlan
	skip    int64
	limit   int64 // -1: none
	ties    bool  // rows that sort like the last one belong to it
}

// withPlan is a WITH query. A recursive one has a step, which reads the rows that the step before gave; query is what the
// first one reads.
type withPlan struct {
	name  string // as written, in lower case
	alias string
	query *queryPlan
	uses  int

	step     *queryPlan
	distinct bool // the rows of all steps, each once
}

type selectPlan struct {
	at
	distinct  bool
	items     []expr
	from      any // *relation, *joinPlan, *withRef; nil without FROM
	where     []expr
	groups    []expr
	sets      [][]int // indexes into groups; nil: one set of all groups
	grouped   bool    // has GROUP BY or aggregates
	having    expr
	aggregate bool
	outer     *selectPlan
	windows   map[string]*windowPlan // of WINDOW

	groupingArgs []outerColumn // the columns in grouping()
	misuse       *Error        // a use of an output column inside an aggregate of ORDER BY
}

// unnestPlan makes rows of arrays and maps, side by side. Its columns are called like those of a query.
type unnestPlan struct {
	rel        *relation
	args       []expr
	ordinality bool
}

// samplePlan gives each row of a relation with a probability.
type samplePlan struct {
	relation any // no joinPlan
	method   string
	percent  float64
}

// sequencePlan is TABLE(sequence(start, stop, step)).
type sequencePlan struct {
	rel               *relation
	start, stop, step int64
}

// withRef is a use of a WITH query; rel is how its columns are named here.
type withRef struct {
	rel  *relation
	with *withPlan
}

type joinPlan struct {
	kind        string
	left, right any
	on          []expr
}

type setPlan struct {
	op          string
	all         bool
	left, right *queryPlan
}

type valuesPlan struct {
	rows [][]expr
}

// Session is what a statement may depend on besides its text and the catalog.
type Session struct {
	Catalog    string    // the default catalog, "" for awsdatacatalog
	Database   string    // the default database, "" for default
	Now        time.Time // the time that now() tells; the same for the whole statement
	QueryID    string
	User       string
	Parameters []string // values of `?`, as SQL text (spec of Athena's ExecutionParameters)
}

// Resolver knows the tables. Table gives nil where there is no such table; a *Error is handed to the client as it is, with
// the position added.
type Resolver interface {
	Table(catalog, database, name string) (*Table, error)
}

// Table is a table as a query sees it. Columns come in order, partition keys last; hidden ones, such as "$path", are not
// part of `*`. Names are in lower case.
type Table struct {
	Database string
	Name     string
	Columns  []Column
}

// Column is a column of a Table.
type Column struct {
	Name      string
	Type      Type
	Partition bool // a partition key: its value comes from the catalog, not from files
	Hidden    bool
}

// Query is an analysed query: names resolved, types known. It is immutable but for the identity of its Scans.
type Query struct {
	Output []OutputColumn
	Scans  []*Scan // in the order of the text
	Kind   StatementKind
	root   *queryPlan
	// depends names what the result depends on besides rows, such as the time.
	depends []string
}

// OutputColumn is a column of the result. Its value travels as Type.DuckDB says.
type OutputColumn struct {
	Name string
	Type Type
}

// Scan is one use of a table. Columns are the columns that the query needs of it, in the table's order, partition keys and
// hidden columns included; it may be empty (count(*)).
type Scan struct {
	ID      int // 0, 1, … within the query
	Table   *Table
	Columns []string

	rel     *relation
	needed  map[string]bool
	filters []expr // what the rows must satisfy: conjuncts of WHERE and ON that hold for each row that matters
}
