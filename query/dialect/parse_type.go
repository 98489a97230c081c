package dialect

import (
	"strconv"
	"strings"
)

// A type is read as it is written (typeText) and looked up when the expression is analysed (typeOf): which of its names Trino
// knows, and which of them are built, is no matter of the grammar.

// typeText is a type as written: a name and its arguments, which are types, numbers or fields with a name.
type typeText struct {
	name   string // lower case; of TIMESTAMP WITH TIME ZONE the whole
	text   string // the name as written, with its letters and quotes, "" for a type that has no other way to be written
	args   []typeText
	number string // of an argument that is a number
	field  *name  // of a field of a row that has a name
}

// sql gives the type as messages quote it, or with lower case names, as it is formatted.
func (t typeText) sql(message bool) string {
	text, rest := t.name, ""
	switch base, zone, ok := strings.Cut(t.name, " with "); {
	case ok:
		text, rest = base, " with "+zone
	case strings.HasPrefix(t.text, `"`) || message && t.text != "":
		text = t.text
	case message && (t.name == "row" || strings.HasPrefix(t.name, "interval ")):
		text = strings.ToUpper(t.name)
	}
	if len(t.args) > 0 {
		args := make([]string, len(t.args))
		for i, a := range t.args {
			if args[i] = a.number + a.sql(message); a.field != nil {
				args[i] = nameSQL(*a.field) + " " + args[i]
			}
		}
		text += "(" + strings.Join(args, ", ") + ")"
	}
	return text + rest
}

// typeNamed looks up a type that stands in the expression n, where Trino reports names that it does not know.
func (a *analyzer) typeNamed(n node, t typeText) (Type, error) {
	typ, err := typeOf(t)
	if e, ok := err.(*Error); ok && e.Line == 0 && e.Code != CodeFunctionArgument { // sizes are told without a place
		e.Line, e.Column = a.src.position(n.offset())
	}
	return typ, err
}

// typeText reads a type and any ARRAY behind it: "integer array" is array(integer).
func (p *parser) typeText() (typeText, error) {
	if err := p.enter(); err != nil {
		return typeText{}, err
	}
	defer p.leave()
	t, err := p.typePrimary()
	for err == nil && p.accept("ARRAY") {
		if p.isSymbol("[") {
			return t, p.unsupported(p.peek().off, "explicit array sizes")
		}
		if err = p.enter(); err != nil {
			break
		}
		defer p.leave()
		t = typeText{name: "array", args: []typeText{t}}
	}
	return t, err
}

func (p *parser) typePrimary() (typeText, error) {
	word := p.peek()
	switch {
	case word.kind != tokName:
	case word.value == "ROW" && p.symbolAt(1, "("):
		p.pos += 2
		t := typeText{name: "row"}
		err := p.typeList(&t.args, ")", p.rowField)
		return t, err
	case (word.value == "ARRAY" || word.value == "MAP") && p.symbolAt(1, "<"):
		p.pos += 2
		t := typeText{name: strings.ToLower(word.value)}
		err := p.typeList(&t.args, ">", p.typeText)
		return t, err
	case word.value == "INTERVAL" && intervalUnits[p.peekAt(1).value]:
		return p.intervalType()
	case word.value == "TIMESTAMP" || word.value == "TIME":
		return p.timeType()
	case word.value == "DOUBLE" && p.wordAt(1, "PRECISION"):
		p.pos += 2
		return typeText{name: "double"}, nil
	}
	if !p.isName(0) {
		return typeText{}, p.mismatch()
	}
	n, err := p.identifier()
	t := typeText{name: strings.ToLower(n.text), text: nameSQL(n)}
	if err != nil || !p.acceptSymbol("(") {
		return t, err
	}
	err = p.typeList(&t.args, ")", p.typeArgument)
	return t, err
}

// typeList reads arguments up to the closing bracket into args.
func (p *parser) typeList(args *[]typeText, closing string, argument func() (typeText, error)) error {
	for {
		a, err := argument()
		if err != nil {
			return err
		}
		*args = append(*args, a)
		if !p.acceptSymbol(",") {
			return p.needSymbol(closing)
		}
	}
}

func (p *parser) typeArgument() (typeText, error) {
	if t := p.peek(); t.kind == tokInteger {
		p.advance()
		return typeText{number: t.value}, nil
	}
	return p.typeText()
}

// rowField reads a field of a row: a type, or a name and a type. What can be a type alone is one.
func (p *parser) rowField() (typeText, error) {
	mark := p.pos
	if t, err := p.typeText(); err == nil && (p.isSymbol(",") || p.isSymbol(")")) {
		return t, nil
	} else if err != nil && !p.namedField(mark) {
		return t, err
	}
	p.pos = mark
	n, err := p.identifier()
	if err != nil {
		return typeText{}, err
	}
	t, err := p.typeText()
	t.field = &n
	return t, err
}

// namedField tells whether the field that begins at token mark can have a name: a name and then what begins a type.
func (p *parser) namedField(mark int) bool {
	return p.isNameAt(mark) && p.isNameAt(mark+1)
}

func (p *parser) intervalType() (typeText, error) {
	p.advance()
	from, err := p.intervalUnit()
	to := from
	if err == nil && p.accept("TO") {
		to, err = p.intervalUnit()
	}
	return typeText{name: "interval " + strings.ToLower(from) + " to " + strings.ToLower(to)}, err
}

// timeType reads TIMESTAMP[(p)] [WITH|WITHOUT TIME ZONE], or TIME.
func (p *parser) timeType() (typeText, error) {
	t := typeText{name: strings.ToLower(p.advance().value)}
	if p.acceptSymbol("(") {
		if err := p.typeList(&t.args, ")", p.typeArgument); err != nil {
			return t, err
		}
	}
	switch {
	case p.accept("WITH", "TIME", "ZONE"):
		t.name += " with time zone"
	case p.accept("WITHOUT", "TIME", "ZONE"):
	}
	return t, nil
}

var typeKinds = map[string]Type{
	"boolean": simple(KindBoolean), "tinyint": simple(KindTinyInt), "smallint": simple(KindSmallInt),
	"integer": simple(KindInteger), "int": simple(KindInteger), "bigint": simple(KindBigInt), "real": simple(KindReal),
	"double": simple(KindDouble), "varbinary": simple(KindVarbinary), "date": simple(KindDate), "json": simple(KindJSON),
	"uuid": simple(KindUUID), "ipaddress": simple(KindIPAddress), "interval day to second": simple(KindIntervalDay), "interval year to month": simple(KindIntervalYear),
}

// refusedTypes are Trino's types that are not built.
var refusedTypes = map[string]bool{"hyperloglog": true, "p4hyperloglog": true, "qdigest": true,
	"tdigest": true, "setdigest": true, "jsonpath": true, "json2016": true, "geometry": true, "sphericalgeography": true,
	"bingtile": true, "kdbtree": true, "objectid": true, "color": true, "function": true, "unknown": true}

var typeHints = map[string]string{"string": "write varchar", "float": "write real or double", "binary": "write varbinary",
	"text": "write varchar", "int64": "write bigint", "dec": "write decimal", "numeric": "write decimal"}

// typeOf looks a type up. A name that Trino does not know is TYPE_MISMATCH "Unknown type", as Athena says.
func typeOf(t typeText) (Type, error) {
	switch t.name {
	case "array", "map", "row":
		return nestedType(t)
	case "timestamp", "timestamp with time zone", "time", "time with time zone":
		return timeTypeOf(t)
	case "decimal", "varchar", "char":
		return sizedType(t)
	}
	switch typ, ok := typeKinds[t.name]; {
	case ok && len(t.args) == 0:
		return typ, nil
	case refusedTypes[t.name]:
		return Type{}, &Error{Code: CodeNotSupported, Message: "casts to " + t.name + " are not supported"}
	case strings.HasPrefix(t.name, "interval "):
		return Type{}, &Error{Code: CodeNotSupported, Message: strings.ToUpper(t.name) + " type not supported"}
	}
	return Type{}, unknownType(t)
}

func unknownType(t typeText) error {
	return &Error{Code: CodeTypeMismatch, Message: "Unknown type: " + t.sql(true), Hint: typeHints[t.name]}
}

func nestedType(t typeText) (Type, error) {
	typ := Type{Kind: KindRow}
	switch {
	case t.name == "array" && len(t.args) == 1:
		typ.Kind = KindArray
	case t.name == "map" && len(t.args) == 2:
		typ.Kind = KindMap
	case t.name != "row" || len(t.args) == 0:
		return typ, unknownType(t)
	}
	for _, arg := range t.args {
		if arg.number != "" {
			return typ, unknownType(t)
		}
		f, err := typeOf(arg)
		if e, ok := err.(*Error); ok && e.Code == CodeTypeMismatch {
			return typ, unknownType(t)
		} else if err != nil {
			return typ, err
		}
		field := Field{Type: f}
		if arg.field != nil {
			field.Name = strings.ToLower(arg.field.text)
		}
		typ.Fields = append(typ.Fields, field)
	}
	return typ, nil
}

// numbers gives the arguments of a type where they are at most most numbers, none of them absurd.
func (t typeText) numbers(most int) ([]int, bool) {
	if len(t.args) > most {
		return nil, false
	}
	list := make([]int, len(t.args))
	for i, a := range t.args {
		n, err := strconv.Atoi(a.number)
		if err != nil || n > VarcharMax {
			return nil, false
		}
		list[i] = n
	}
	return list, true
}

// trinoPrecisionMax is the finest time that Trino knows.
const trinoPrecisionMax = 12

func timeTypeOf(t typeText) (Type, error) {
	typ := Type{Kind: KindTimestamp, Precision: 3}
	args, ok := t.numbers(1)
	if !ok || len(args) > 0 && args[0] > trinoPrecisionMax {
		return typ, unknownType(t)
	}
	if len(args) > 0 {
		typ.Precision = args[0]
	}
	switch {
	case typ.Precision > timestampPrecisionMax:
		return typ, &Error{Code: CodeNotSupported, Message: t.name + "s finer than microseconds are not supported"}
	case t.name == "time":
		typ.Kind = KindTime
	case t.name == "time with time zone":
		typ.Kind = KindTimeTZ
	case t.name != "timestamp":
		typ.Kind = KindTimestampTZ
	}
	return typ, nil
}

func sizedType(t typeText) (Type, error) {
	most := 1
	if t.name == "decimal" {
		most = 2
	}
	args, ok := t.numbers(most)
	if !ok {
		return Type{}, unknownType(t)
	}
	typ := decimal(38, 0)
	switch t.name {
	case "varchar":
		typ = varchar()
	case "char":
		typ = Type{Kind: KindChar, Precision: 1}
	}
	if len(args) > 0 {
		typ.Precision = args[0]
	}
	if len(args) > 1 {
		typ.Scale = args[1]
	}
	switch {
	case typ.Kind == KindChar && typ.Precision > charMax:
		return typ, unknownType(t)
	case typ.Kind != KindDecimal:
	case typ.Precision < 1 || typ.Precision > 38:
		return typ, &Error{Code: CodeFunctionArgument, Message: "DECIMAL precision must be in range [1, 38]: " + strconv.Itoa(typ.Precision)}
	case typ.Scale > typ.Precision:
		return typ, &Error{Code: CodeFunctionArgument, Message: "DECIMAL scale must be in range [0, precision (" + strconv.Itoa(typ.Precision) + ")]: " + strconv.Itoa(typ.Scale)}
	}
	return typ, nil
}
