package dialect

// The tree is what was written. Every node carries the byte offset that Trino would report for it: the operator's for
// comparisons and arithmetic, the first token's otherwise.

// name is an identifier: text as written without quotes, and where.
type name struct {
	text string
	off  int32
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
		target  Type
		try     bool
	}
	callNode struct {
		at
		name     string // lower case
		args     []node
		star     bool
		distinct bool
		order    []sortNode
		filter   node
		window   *windowNode
		ignore   bool // IGNORE NULLS
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
)

type windowNode struct {
	at
	partition []node
	order     []sortNode
	frame     *frameNode
}

type frameNode struct {
	unit       string // ROWS, RANGE, GROUPS
	start, end boundNode
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
	limit node
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
	distinct bool
	items    []itemNode
	from     relationNode // nil without FROM
	where    node
	group    []groupNode
	grouped  bool
	having   node
	// havingText is the condition as written.
	havingText string
}

// itemNode is an item of SELECT: an expression with an alias or not, or a star with a qualifier or not.
type itemNode struct {
	at
	expr      node
	alias     *name
	star      bool
	qualifier []name
	text      string // as written
}

// groupNode is one grouping expression or a list of grouping sets (ROLLUP and CUBE come expanded).
type groupNode struct {
	at
	sets [][]node // one set with one expression for a plain item
	text string
}

type setNode struct {
	at
	op          string // UNION, INTERSECT, EXCEPT
	all         bool
	left, right bodyNode
}

type valuesNode struct {
	at
	rows [][]node
}

// relationNode is one of tableNode, derivedNode, joinNode, aliasNode.
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
}
