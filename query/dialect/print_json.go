package dialect

import (
	"fmt"
	"strings"
)

// jsonKinds are the types of what JSON_VALUE finds, by the letter in front of its text.
var jsonKinds = []struct {
	letter string
	t      Type
}{{"s", varchar()}, {"i", simple(KindInteger)}, {"l", simple(KindBigInt)}, {"d", simple(KindDouble)}, {"b", simple(KindBoolean)},
	{"n", Type{Kind: KindDecimal, Precision: 38}}}

// jsonValue prints JSON_VALUE where what it finds is cast: a call that gives a text with a letter in front, then the cast for
// that letter. The defaults are values of every row, as in Trino.
func (p *printer) jsonValue(c *callExpr) {
	onError, _ := c.args[1].(*constExpr).value.(string)
	p.bindAlso([]expr{c.args[0], c.args[2], c.args[3]}, safe, func(v []string) string {
		var b strings.Builder
		rest := v[0] + "[2:]"
		fmt.Fprintf(&b, "CASE %s[1] WHEN 'e' THEN %s WHEN 'x' THEN %s", v[0], v[1], v[2])
		for _, k := range jsonKinds {
			failure := "CAST(NULL AS " + c.t.DuckDB() + ")"
			switch onError {
			case "d":
				failure = v[2]
			case "e":
				failure = fmt.Sprintf("CAST(CAST(loglake_sqljson_fail(%s[:0] || 'Cannot cast value of type %s to declared return type of function JSON_VALUE: %s') AS VARCHAR) AS %s)",
					v[0], k.t, c.t, c.t.DuckDB())
			}
			fmt.Fprintf(&b, " WHEN '%s' THEN ", k.letter)
			switch {
			case !castable(k.t, c.t):
				b.WriteString(failure)
			case k.letter == "n":
				fmt.Fprintf(&b, "coalesce(%s, %s)", decimalValue(rest, c.t), failure)
			default:
				value := rest
				if k.letter != "s" {
					value = "CAST(" + rest + " AS " + k.t.DuckDB() + ")"
				}
				fmt.Fprintf(&b, "coalesce(%s, %s)", caster{p: p, null: true}.convert(value, k.t, c.t), failure)
			}
		}
		b.WriteString(" END")
		return b.String()
	})
}

// decimalValue gives the digits of a decimal as another type.
func decimalValue(text string, to Type) string {
	switch {
	case to.Kind == KindVarchar && to.Precision == VarcharMax:
		return text
	case to.Kind == KindVarchar, to.Kind == KindChar:
		return fmt.Sprintf("CASE WHEN length(%s) <= %d THEN %s END", text, to.Precision, text)
	}
	return "TRY_CAST(" + text + " AS " + to.DuckDB() + ")"
}
