package loglake

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the outermost kind of a Hive type.
type Kind uint8

// The kinds of Hive types that the Glue Data Catalog accepts and Athena reads.
const (
	KindInvalid Kind = iota
	KindBoolean
	KindTinyInt
	KindSmallInt
	KindInt
	KindBigInt
	KindFloat
	KindDouble
	KindDecimal
	KindString
	KindVarchar
	KindChar
	KindBinary
	KindDate
	KindTimestamp
	KindArray
	KindMap
	KindStruct
)

var scalarKinds = map[string]Kind{
	"boolean": KindBoolean, "tinyint": KindTinyInt, "smallint": KindSmallInt, "int": KindInt, "integer": KindInt,
	"bigint": KindBigInt, "float": KindFloat, "double": KindDouble, "decimal": KindDecimal, "string": KindString,
	"varchar": KindVarchar, "char": KindChar, "binary": KindBinary, "date": KindDate, "timestamp": KindTimestamp,
}

// HiveType is a parsed Hive type. Fields holds an array's element, a map's key and value, or a struct's fields.
type HiveType struct {
	Kind      Kind
	Precision int // decimal: 1-38
	Scale     int // decimal: 0-Precision
	Length    int // varchar 1-65535, char 1-255
	Fields    []HiveField
}

// HiveField is a part of a nested type; Name is empty but for struct fields.
type HiveField struct {
	Name string
	Type HiveType
}

// Nested tells whether t is an array, a map or a struct.
func (t HiveType) Nested() bool { return t.Kind >= KindArray }

// hiveNestingMax bounds how deep a type may nest; deeper is refused.
const hiveNestingMax = 64

// ParseHiveType parses the text of a Hive type, such as "decimal(10,2)" or "array<struct<a:int,b:string>>".
// Errors are CodeInvalid and name the position.
func ParseHiveType(text string) (HiveType, error) {
	p := hiveTypeParser{text: text}
	t, err := p.parse(0)
	if err == nil && p.skip() < len(text) {
		err = p.fail("the end of the type")
	}
	if err != nil {
		return HiveType{}, err
	}
	return t, nil
}

type hiveTypeParser struct {
	text string
	pos  int
}

func (p *hiveTypeParser) fail(want string) error {
	return Errorf(CodeInvalid, "type %q: %s expected at position %d", p.text, want, p.pos)
}

func (p *hiveTypeParser) skip() int {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
	return p.pos
}

func (p *hiveTypeParser) take(c byte) bool {
	if p.skip() < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *hiveTypeParser) word(stops string) string {
	start := p.skip()
	for p.pos < len(p.text) && strings.IndexByte(stops, p.text[p.pos]) < 0 {
		p.pos++
	}
	return strings.TrimSpace(p.text[start:p.pos])
}

func (p *hiveTypeParser) parse(depth int) (HiveType, error) {
	if depth > hiveNestingMax {
		return HiveType{}, Errorf(CodeInvalid, "type nests deeper than %d", hiveNestingMax)
	}
	name := strings.ToLower(p.word("<>(),: \t\r\n"))
	switch name {
	case "array":
		return p.nested(KindArray, 1, depth)
	case "map":
		return p.nested(KindMap, 2, depth)
	case "struct":
		return p.structure(depth)
	}
	kind, ok := scalarKinds[name]
	if !ok {
		return HiveType{}, Errorf(CodeInvalid, "type %q: %q is not a Hive type", p.text, name)
	}
	return p.parameters(HiveType{Kind: kind})
}

func (p *hiveTypeParser) parameters(t HiveType) (HiveType, error) {
	var args []int
	if p.take('(') {
		for {
			n, err := strconv.Atoi(p.word(",)"))
			if err != nil {
				return t, p.fail("a number")
			}
			args = append(args, n)
			if p.take(',') {
				continue
			}
			if p.take(')') {
				break
			}
			return t, p.fail("')'")
		}
	}
	switch {
	case t.Kind == KindDecimal && len(args) <= 2:
		t.Precision, t.Scale = 10, 0
		if len(args) > 0 {
			t.Precision = args[0]
		}
		if len(args) > 1 {
			t.Scale = args[1]
		}
		if t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return t, Errorf(CodeInvalid, "type %q: a decimal has a precision of 1 to 38 and a scale of 0 to the precision", p.text)
		}
	case t.Kind == KindVarchar && len(args) == 1 && args[0] >= 1 && args[0] <= 65535,
		t.Kind == KindChar && len(args) == 1 && args[0] >= 1 && args[0] <= 255:
		t.Length = args[0]
	case t.Kind == KindVarchar || t.Kind == KindChar:
		return t, Errorf(CodeInvalid, "type %q: needs one length, 1 to 65535 for varchar, 1 to 255 for char", p.text)
	case len(args) != 0:
		return t, Errorf(CodeInvalid, "type %q: takes no parameters", p.text)
	}
	return t, nil
}

func (p *hiveTypeParser) nested(kind Kind, n, depth int) (HiveType, error) {
	t := HiveType{Kind: kind}
	if !p.take('<') {
		return t, p.fail("'<'")
	}
	for i := range n {
		if i > 0 && !p.take(',') {
			return t, p.fail("','")
		}
		f, err := p.parse(depth + 1)
		if err != nil {
			return t, err
		}
		t.Fields = append(t.Fields, HiveField{Type: f})
	}
	if !p.take('>') {
		return t, p.fail("'>'")
	}
	return t, nil
}

func (p *hiveTypeParser) structure(depth int) (HiveType, error) {
	t := HiveType{Kind: KindStruct}
	if !p.take('<') {
		return t, p.fail("'<'")
	}
	for {
		name := p.word(":<>,")
		if name == "" || !p.take(':') {
			return t, p.fail("a field name and ':'")
		}
		f, err := p.parse(depth + 1)
		if err != nil {
			return t, err
		}
		t.Fields = append(t.Fields, HiveField{Name: name, Type: f})
		if p.take(',') {
			continue
		}
		if p.take('>') {
			return t, nil
		}
		return t, p.fail("',' or '>'")
	}
}

var kindNames = [...]string{"invalid", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal",
	"string", "varchar", "char", "binary", "date", "timestamp", "array", "map", "struct"}

func (k Kind) String() string { return kindNames[k] }

// String gives the type in Hive's canonical spelling, which ParseHiveType reads back.
func (t HiveType) String() string {
	switch t.Kind {
	case KindDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case KindVarchar, KindChar:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Length)
	case KindArray, KindMap, KindStruct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type.String()
			if t.Kind == KindStruct {
				parts[i] = f.Name + ":" + parts[i]
			}
		}
		return t.Kind.String() + "<" + strings.Join(parts, ",") + ">"
	}
	return t.Kind.String()
}
