package catalog

import (
	"cmp"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
)

// ErrPartitionValue is in the chain of an error that is about a stored partition value which is not of its key's type.
var ErrPartitionValue = errors.New("stored partition value is not of its key's type")

// truth is SQL's three-valued logic, ordered so that AND is the smaller and OR the larger.
type truth int8

const (
	no      truth = -1
	unknown truth = 0
	yes     truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// node is a parsed condition over the values of one partition.
type node interface {
	eval(values []string) (truth, error)
}

type (
	orNode       struct{ left, right node }
	andNode      struct{ left, right node }
	notNode      struct{ inner node }
	constantNode bool
)

func (n orNode) eval(values []string) (truth, error) {
	left, err := n.left.eval(values)
	if err != nil || left == yes {
		return left, err
	}
	right, err := n.right.eval(values)
	return max(left, right), err
}

func (n andNode) eval(values []string) (truth, error) {
	left, err := n.left.eval(values)
	if err != nil || left == no {
		return left, err
	}
	right, err := n.right.eval(values)
	return min(left, right), err
}

func (n notNode) eval(values []string) (truth, error) {
	inner, err := n.inner.eval(values)
	return -inner, err
}

func (n constantNode) eval([]string) (truth, error) { return truthOf(bool(n)), nil }

// keyClass is how the values of a partition key compare.
type keyClass uint8

const (
	keyString keyClass = iota
	keyIntegral
	keyDecimal
	keyDate
	keyTimestamp
)

// keyColumn is a partition key as conditions use it.
type keyColumn struct {
	index int
	class keyClass
}

func newKeyColumn(index int, key Column) (keyColumn, error) {
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(key.Type)), "(")
	switch word {
	case "string", "varchar", "char":
		return keyColumn{index, keyString}, nil
	case "tinyint", "smallint", "int", "integer", "bigint", "long":
		return keyColumn{index, keyIntegral}, nil
	case "decimal":
		return keyColumn{index, keyDecimal}, nil
	case "date":
		return keyColumn{index, keyDate}, nil
	case "timestamp":
		return keyColumn{index, keyTimestamp}, nil
	}
	return keyColumn{}, loglake.Errorf(loglake.CodeInvalid, "Unknown type : '%s'", key.Type)
}

// compareNode compares a key with a literal of its type.
type compareNode struct {
	column  keyColumn
	op      string
	literal keyValue
}

func (c keyColumn) compare(op, literal string) (node, error) {
	if c.class != keyString && literal == layout.DefaultPartition {
		return nullNode{index: c.index, op: op}, nil
	}
	value, err := c.class.parse(literal)
	if err != nil {
		return nil, err
	}
	return compareNode{column: c, op: op, literal: value}, nil
}

func (n compareNode) eval(values []string) (truth, error) {
	text := values[n.column.index]
	if n.column.class != keyString && text == layout.DefaultPartition {
		return unknown, nil
	}
	value, err := n.column.class.parse(text)
	if err != nil {
		e := *err.(*loglake.Error)
		e.Err = ErrPartitionValue
		return unknown, &e
	}
	return truthOf(holds(n.op, n.column.class.compare(value, n.literal))), nil
}

func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// nullNode compares a typed key with the text for NULL, as Trino does to ask for the NULL partition.
type nullNode struct {
	index int
	op    string
}

func (n nullNode) eval(values []string) (truth, error) {
	equal := values[n.index] == layout.DefaultPartition
	return truthOf(n.op == "=" && equal || n.op == "<>" && !equal), nil
}

// likeNode matches a text key with a LIKE pattern.
type likeNode struct {
	index   int
	pattern []rune
}

func (c keyColumn) like(pattern string) (node, error) {
	if c.class != keyString {
		name := [...]string{keyIntegral: "Integral", keyDecimal: "Decimal", keyDate: "Date", keyTimestamp: "Timestamp"}[c.class]
		return nil, loglake.Errorf(loglake.CodeInvalid, "%s data type doesn't support operation 'LIKE'", name)
	}
	return likeNode{c.index, []rune(pattern)}, nil
}

// eval walks over text and pattern once; at a mismatch it goes back to the last % and lets it take one rune more.
func (n likeNode) eval(values []string) (truth, error) {
	text, pattern := []rune(values[n.index]), n.pattern
	t, p, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '_' || pattern[p] == text[t]):
			t++
			p++
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return no, nil
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return truthOf(p == len(pattern)), nil
}

// keyValue is a value of one class; the member of that class is set.
type keyValue struct {
	text     string
	integral int64
	decimal  *big.Rat
	instant  time.Time
}

func (c keyClass) compare(a, b keyValue) int {
	switch c {
	case keyIntegral:
		return cmp.Compare(a.integral, b.integral)
	case keyDecimal:
		return a.decimal.Cmp(b.decimal)
	case keyDate, keyTimestamp:
		return a.instant.Compare(b.instant)
	}
	return strings.Compare(a.text, b.text)
}

// decimalText bounds the exponent: a longer one would make a number of gigabytes.
var decimalText = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$`)

var timestampText = regexp.MustCompile(`^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,9})?$`)

// parse reads a literal or a stored value. Errors are *loglake.Error with Glue's texts.
func (c keyClass) parse(text string) (v keyValue, err error) {
	fail := func(format string) (keyValue, error) {
		return keyValue{}, loglake.Errorf(loglake.CodeInvalid, format, text)
	}
	switch c {
	case keyIntegral:
		if v.integral, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fail("%q is not an integer.")
		}
	case keyDecimal:
		v.decimal = new(big.Rat)
		if !decimalText.MatchString(text) {
			return fail("%s is not a decimal.")
		}
		if _, ok := v.decimal.SetString(text); !ok {
			return fail("%s is not a decimal.")
		}
	case keyDate:
		if v.instant, err = time.Parse(time.DateOnly, text); err != nil {
			return fail("%s is not a date.")
		}
	case keyTimestamp:
		if v.instant, err = time.Parse(time.DateTime, text); err != nil || !timestampText.MatchString(text) {
			return fail("Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] %s is not a timestamp.")
		}
	default:
		v.text = text
	}
	return v, nil
}
