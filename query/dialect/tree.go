package dialect

// The tree is what was written. Every node carries the byte offset that Trino would report for it: the operator's for
// comparisons and arithmetic, the first token's otherwise.

// name is an identifier: text as written without quotes, and where.
type name struct {
	text   string
	off    int32
	quoted bool
}

// node is an expression of the tree.
type node interface{ offset() int32 }

type at int32

func (a at) offset() int32 { return int32(a) }

type (
	nameNode struct { // a, t.a, db.t.a; also row fields
		at
		parts []name
	}
	fieldNode struct { // expr.field
		at
		base  node
		field name
	}
	numberNode struct {
		at
		kind tokenKind
		text string
	}
	stringNode struct {
		at
		value string
	}
	binaryNode struct { // X'…'
		at
		value string
	}
	boolNode struct {
		at
		value bool
	}
	nullNode  struct{ at }
	typedNode struct { // timestamp '…'
		at
		typeName string
		value    string
	}
	intervalNode struct {
		at
		negative bool
		value    string
		from, to string // units in upper case; to is "" without TO
	}
	parameterNode struct {
		at
		index int
	}
	operatorNode struct { // + - * / % || = <> < <= > >=
		at
		op          string
		left, right node
	}
	negateNode struct {
		at
		operand node
	}
	plusNode struct { // +x, which is x where x is a number
		at
		operand node
	}
	logicalNode struct { // AND, OR with two or more terms
		at
		op    string
		terms []node
	}
	notNode struct {
		at
		operand node
	}
	isNullNode struct {
		at
		operand node
		not     bool
	}
	distinctFromNode struct {
		at
		left, right node
		not         bool
	}
	betweenNode struct {
		at
		operand, low, high node
		not                bool
	}
	inNode struct { // either list or query
		at
		operand node
		list    []node
		query   *queryNode
		not     bool
	}
	likeNode struct {
		at
		operand, pattern, escape node
		not                      bool
	}
	existsNode struct {
		at
		query *queryNode
	}
	subqueryNode struct {
		at
		query *queryNode
	}
	caseNode struct {
		at
		operand  node // nil for the searched form
		whens    []whenNode
		fallback node
	}
	whenNode struct {
		condition, result node
	}
	castNode struct {
		at
		operand node
		target  typeText
		try     bool
	}
	callNode struct {
		at
		name      string // lower case
		qualifier []name // of a dotted name: all but the last part
		args      []node
		star      bool
		distinct  bool
		order     []sortNode
		filter    node
		within    []sortNode // WITHIN GROUP (ORDER BY …)
		overflow  *overflowNode
		window    *windowNode
		ignore    bool // IGNORE NULLS
		respect   bool // RESPECT NULLS was written
		bare      bool // one of the words that take no arguments but a precision: CURRENT_TIMESTAMP(3)
	}
	extractNode struct {
		at
		field   string // upper case
		operand node
	}
	zoneNode struct { // AT TIME ZONE
		at
		operand, zone node
	}
	subscriptNode struct {
		at
		base, index node
	}
	arrayNode struct {
		at
		items []node
	}
	rowNode struct { // ROW(1, 'a'), (1, 'a')
		at
		items []node
	}
	lambdaNode struct { // x -> e, (x, y) -> e
		at
		params []name
		body   node
	}
	quantifiedNode struct { // a = ANY (query)
		at
		op         string
		quantifier string // ALL, ANY; SOME is read as ANY
		operand    node
		query      *queryNode
	}
	jsonPathNode struct { // JSON_EXISTS, JSON_VALUE, JSON_QUERY
		at
		form      string // json_exists, json_value, json_query
		input     node
		format    string // of the input: JSON, JSON ENCODING UTF8, …; "" without FORMAT
		path      node
		passing   []jsonPassingNode
		returning *typeText
		output    string    // FORMAT of RETURNING, "" without
		wrapper   string    // "", WITHOUT, CONDITIONAL, UNCONDITIONAL
		quotes    string    // "", KEEP, OMIT
		onEmpty   *jsonElse // nil without ON EMPTY
		onError   *jsonElse // nil without ON ERROR
	}
	jsonObjectNode struct { // JSON_OBJECT(KEY a VALUE b, …)
		at
		members   []jsonMemberNode
		absent    bool // ABSENT ON NULL
		nullGiven bool // NULL ON NULL or ABSENT ON NULL was written
		unique    bool // WITH UNIQUE KEYS
		returning *typeText
		output    string
	}
	jsonArrayNode struct { // JSON_ARRAY(a, b)
		at
		items     []jsonMemberNode // without keys
		absent    bool
		nullGiven bool
		returning *typeText
		output    string
	}
)

// jsonPassingNode is "value [FORMAT JSON] AS name" of PASSING.
type jsonPassingNode struct {
	value  node
	format string
	name   name
}

// jsonMemberNode is "key : value [FORMAT JSON]"; key is nil in arrays.
type jsonMemberNode struct {
	key, value node
	format     string
}

// jsonElse is what ON EMPTY or ON ERROR gives.
type jsonElse struct {
	kind  string // NULL, ERROR, DEFAULT, EMPTY ARRAY, EMPTY OBJECT, TRUE, FALSE, UNKNOWN
	value node   // for DEFAULT
}

// overflowNode is LISTAGG's ON OVERFLOW.
type overflowNode struct {
	truncate bool // else ERROR
	filler   node // nil: '...'
	count    bool // WITH COUNT
}

// windowNode is a window: OVER name, or OVER ([name] PARTITION BY … ORDER BY … frame).
type windowNode struct {
	at
	name      *name // an existing window
	alone     bool  // OVER name, without brackets
	partition []node
	orderAt   at // of ORDER
	order     []sortNode
	frame     *frameNode
}

type frameNode struct {
	at
	unit       string // ROWS, RANGE, GROUPS
	start, end boundNode
	lone       bool // only the start was written: the end is the current row
}

type boundNode struct {
	kind  string // UNBOUNDED PRECEDING, PRECEDING, CURRENT ROW, FOLLOWING, UNBOUNDED FOLLOWING
	value node
}

type sortNode struct {
	key        node
	descending bool
	nulls      string // FIRST, LAST, ""
	text       string
}

// queryNode is a query with its own WITH, ORDER BY and limits.
type queryNode struct {
	at
	with  []withNode
	body  bodyNode
	order []sortNode
	skip  node // OFFSET: a number or a parameter
	limit node // of LIMIT or FETCH
	fetch bool // FETCH, not LIMIT
	ties  bool // FETCH FIRST … WITH TIES
	end   at   // behind the last token

	orderAt, skipAt, limitAt at // of the words ORDER, OFFSET, and LIMIT or FETCH

	recursive bool // WITH RECURSIVE
}

type withNode struct {
	name    name
	columns []name
	query   *queryNode
}

// bodyNode is one of selectNode, setNode, valuesNode, queryNode.
type bodyNode interface{ offset() int32 }

type selectNode struct {
	at
	distinct  bool
	items     []itemNode
	from      relationNode // nil without FROM
	where     node
	group     []groupNode
	grouped   bool
	groupOnce bool // GROUP BY DISTINCT: equal grouping sets count once
	having    node
	windows   []namedWindowNode
	// havingText is the condition as written.
	havingText string
}

// namedWindowNode is an entry of WINDOW.
type namedWindowNode struct {
	name   name
	window *windowNode
}

// itemNode is an item of SELECT: an expression with an alias or not, or a star with a qualifier or not, or
// "row.* AS (a, b)".
type itemNode struct {
	at
	expr      node
	alias     *name
	star      bool
	qualifier []name
	base      node   // of a star over an expression: (r).*
	names     []name // of a star: AS (a, b)
	text      string // as written
}

// groupNode is one item of GROUP BY.
type groupNode struct {
	at
	kind string   // "" for an expression, ROLLUP, CUBE, SETS, SET for a set in brackets: (a, b) or ()
	sets [][]node // "": one set of one expression; SET: one set; else as written
	text string
}

type setNode struct {
	at                 // of the operator
	op          string // UNION, INTERSECT, EXCEPT
	all         bool
	left, right bodyNode
}

type valuesNode struct {
	at
	rows [][]node
	lone []bool // of rows: an expression, not a list in brackets
}

// relationNode is one of tableNode, derivedNode, joinNode, aliasNode, unnestNode, lateralNode, sampleNode, functionNode.
type relationNode interface{ offset() int32 }

type tableNode struct {
	at
	parts []name
}

type derivedNode struct {
	at
	query *queryNode
}

type aliasNode struct {
	at
	relation relationNode
	alias    name
	columns  []name
}

type joinNode struct {
	at
	kind        string // INNER, LEFT, RIGHT, FULL, CROSS
	left, right relationNode
	on          node
	using       []name
	natural     bool
	implicit    bool // a comma: FROM a, b
}

type unnestNode struct {
	at
	items      []node
	ordinality bool
}

type lateralNode struct {
	at
	query *queryNode
}

type sampleNode struct { // relation TABLESAMPLE BERNOULLI (10)
	at
	relation   relationNode
	method     string // BERNOULLI, SYSTEM
	percentage node
}

type functionNode struct { // TABLE(name(a, key => b))
	at
	name []name
	args []argumentNode
}

type argumentNode struct {
	key   *name // nil for an argument by position
	value node
}

// statementNode is one of *queryNode, explainNode, prepareNode, executeNode, deallocateNode, createTableAsNode, insertNode,
// unloadNode.
type statementNode interface{ offset() int32 }

type (
	explainNode struct {
		at
		analyze, verbose bool
		kind             string // TYPE: LOGICAL, DISTRIBUTED, VALIDATE, IO; "" without
		format           string // FORMAT: TEXT, GRAPHVIZ, JSON; "" without
		statement        statementNode
		text             string // the statement as written
	}
	prepareNode struct {
		at
		name      name
		statement statementNode
		text      string // the statement as written
	}
	executeNode struct {
		at
		name  name
		args  []node
		texts []string // the arguments as written
	}
	deallocateNode struct {
		at
		name name
	}
	createTableAsNode struct {
		at
		table       []name
		ifNotExists bool
		columns     []name
		comment     *string
		properties  []propertyNode
		query       *queryNode
		withData    bool
		withoutData bool
		bracketed   bool // AS (WITH …)
	}
	insertNode struct {
		at
		table   []name
		columns []name
		query   *queryNode
	}
	showFunctionsNode struct { // SHOW FUNCTIONS LIKE pattern ESCAPE escape
		at
		pattern, escape *stringNode // nil where they were not given
		query           *queryNode  // what it stands for
	}
	unloadNode struct {
		at
		query      *queryNode
		location   string
		properties []propertyNode
	}
)

// propertyNode is "name = value" in WITH (…).
type propertyNode struct {
	name  name
	value node
	text  string // of the value, as written
}
