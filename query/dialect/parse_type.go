package dialect

import (
	"strconv"
	"strings"
)

var typeKinds = map[string]Type{
	"BOOLEAN": simple(KindBoolean), "TINYINT": simple(KindTinyInt), "SMALLINT": simple(KindSmallInt),
	"INTEGER": simple(KindInteger), "INT": simple(KindInteger), "BIGINT": simple(KindBigInt), "REAL": simple(KindReal),
	"DOUBLE": simple(KindDouble), "VARBINARY": simple(KindVarbinary), "DATE": simple(KindDate), "JSON": simple(KindJSON),
	"UUID": simple(KindUUID),
}

// typeName reads the name of a type. A name that Trino does not know is TYPE_MISMATCH "Unknown type", as Athena says.
func (p *parser) typeName() (Type, error) {
	if err := p.enter(); err != nil {
		return Type{}, err
	}
	defer p.leave()
	start := p.peek()
	n, err := p.identifier()
	if err != nil {
		return Type{}, err
	}
	word := strings.ToUpper(n.text)
	switch word {
	case "DOUBLE":
		p.accept("PRECISION")
	case "ARRAY", "MAP":
		return p.nestedType(word)
	case "TIMESTAMP", "TIME":
		return p.timeType(start, word)
	case "DECIMAL", "DEC", "NUMERIC", "VARCHAR", "CHAR", "CHARACTER":
		return p.sizedType(start, word)
	}
	t, ok := typeKinds[word]
	if !ok {
		return Type{}, p.unknownType(start, n.text)
	}
	return t, nil
}

// refusedTypes are Trino's types that are not built.
var refusedTypes = map[string]bool{"ROW": true, "INTERVAL": true, "IPADDRESS": true, "HYPERLOGLOG": true, "QDIGEST": true,
	"TDIGEST": true, "JSONPATH": true, "GEOMETRY": true}

func (p *parser) unknownType(t token, text string) error {
	upper := strings.ToUpper(text)
	if refusedTypes[upper] {
		return p.unsupported(t.off, "casts to "+strings.ToLower(text))
	}
	e := p.src.errorf(CodeTypeMismatch, t.off, "Unknown type: %s", strings.ToLower(text))
	switch upper {
	case "STRING":
		e.Hint = "write varchar"
	case "FLOAT":
		e.Hint = "write real or double"
	case "BINARY":
		e.Hint = "write varbinary"
	}
	return e
}

func (p *parser) nestedType(word string) (Type, error) {
	t := Type{Kind: KindArray}
	count := 1
	if word == "MAP" {
		t.Kind, count = KindMap, 2
	}
	closing := ")"
	if p.acceptSymbol("<") {
		closing = ">"
	} else if err := p.needSymbol("("); err != nil {
		return t, err
	}
	for i := range count {
		if i > 0 {
			if err := p.needSymbol(","); err != nil {
				return t, err
			}
		}
		f, err := p.typeName()
		if err != nil {
			return t, err
		}
		t.Fields = append(t.Fields, Field{Type: f})
	}
	return t, p.needSymbol(closing)
}

// timeType reads TIMESTAMP[(p)] [WITH|WITHOUT TIME ZONE]; the default precision is 3.
func (p *parser) timeType(start token, word string) (Type, error) {
	t := Type{Kind: KindTimestamp, Precision: 3}
	args, err := p.typeArguments(1)
	if err != nil {
		return t, err
	}
	if len(args) == 1 {
		t.Precision = args[0]
	}
	zoned := false
	switch {
	case p.accept("WITH", "TIME", "ZONE"):
		zoned = true
	case p.accept("WITHOUT", "TIME", "ZONE"):
	}
	switch {
	case word == "TIME":
		return t, p.unsupported(start.off, "casts to time")
	case t.Precision > timestampPrecisionMax:
		return t, p.unsupported(start.off, "timestamps finer than microseconds")
	case zoned:
		t.Kind = KindTimestampTZ
	}
	return t, nil
}

func (p *parser) sizedType(start token, word string) (Type, error) {
	args, err := p.typeArguments(2)
	if err != nil {
		return Type{}, err
	}
	switch word {
	case "VARCHAR", "CHAR", "CHARACTER":
		t := varchar()
		if word != "VARCHAR" {
			t = Type{Kind: KindChar, Precision: 1}
		}
		if len(args) > 0 {
			t.Precision = args[0]
		}
		if len(args) > 1 {
			return t, p.unknownType(start, word)
		}
		if t.Kind == KindChar {
			return t, p.unsupported(start.off, "casts to char")
		}
		return t, nil
	}
	t := decimal(38, 0)
	if len(args) > 0 {
		t.Precision = args[0]
	}
	if len(args) > 1 {
		t.Scale = args[1]
	}
	if t.Precision < 1 || t.Precision > 38 {
		return t, p.src.errorf(CodeFunctionArgument, start.off, "DECIMAL precision must be in range [1, 38]: %d", t.Precision)
	}
	if t.Scale > t.Precision {
		return t, p.src.errorf(CodeFunctionArgument, start.off, "DECIMAL scale must be in range [0, precision (%d)]: %d", t.Precision, t.Scale)
	}
	return t, nil
}

// typeArguments reads "(10, 2)" if it stands here, at most most numbers.
func (p *parser) typeArguments(most int) ([]int, error) {
	if !p.acceptSymbol("(") {
		return nil, nil
	}
	var args []int
	for {
		t := p.peek()
		n, err := strconv.Atoi(t.value)
		if t.kind != tokInteger || err != nil || len(args) == most || n > VarcharMax {
			p.expect("<integer>")
			return nil, p.mismatch()
		}
		p.advance()
		args = append(args, n)
		if !p.acceptSymbol(",") {
			return args, p.needSymbol(")")
		}
	}
}
