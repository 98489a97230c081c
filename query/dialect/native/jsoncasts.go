package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// JSONType tells what JSON is cast to.
type JSONType struct {
	Kind      string      // boolean, integer, …, decimal, varchar, json, array, map, row
	Text      string      // the type as Trino writes it
	Precision int         `json:",omitempty"` // of decimal and varchar; 0: any
	Scale     int         `json:",omitempty"`
	Names     []string    `json:",omitempty"` // of the fields of a row, "" for those without
	Members   []string    `json:",omitempty"` // what they are called in the engine
	Fields    []*JSONType `json:",omitempty"`
}

// Spec writes the type for loglake_json_cast.
func (t *JSONType) Spec() string {
	b, _ := json.Marshal(t) // of texts and numbers: never fails
	return string(b)
}

func jsonCastFunctions() []Function {
	return []Function{{Name: "loglake_json_text", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return JSONText(args[0].(string)), nil }}, {Name: "loglake_json_cast", Params: []string{"VARCHAR", "VARCHAR", "BOOLEAN"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
		t, err := jsonType(args[1].(string))
		if err != nil {
			return nil, err
		}
		v, err := castJSON(args[0].(string), t)
		if err != nil && args[2].(bool) {
			return nil, nil
		}
		return v, err
	}}}
}

var jsonTypes sync.Map // of *JSONType by spec

func jsonType(spec string) (*JSONType, error) {
	if known, ok := jsonTypes.Load(spec); ok {
		return known.(*JSONType), nil
	}
	t := &JSONType{}
	if err := json.Unmarshal([]byte(spec), t); err != nil {
		return nil, err
	}
	jsonTypes.Store(spec, t)
	return t, nil
}

// jsonDepthMax bounds the nesting of JSON that is cast.
const jsonDepthMax = 1000

// castJSON converts a JSON text: a scalar to the text of its value, arrays and objects to JSON whose scalars are texts. NULL
// is nil.
func castJSON(text string, t *JSONType) (any, error) {
	d := json.NewDecoder(strings.NewReader(withoutHalves(text)))
	d.UseNumber()
	c := jsonCaster{d: d, text: text}
	if len(t.Fields) == 0 {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("json value %.40q: %w", text, err)
		}
		s, null, err := c.scalar(token, t, true)
		if err != nil || null {
			return nil, err
		}
		return s, nil
	}
	if err := c.value(t, 0); err != nil {
		if e, ok := err.(*Error); ok {
			return nil, &Error{Code: e.Code, Message: "Cannot cast to " + t.Text + ". " + e.Message + "\n" + text}
		}
		return nil, err
	}
	if c.out.String() == "null" {
		return nil, nil
	}
	return c.out.String(), nil
}

type jsonCaster struct {
	d    *json.Decoder
	text string
	out  bytes.Buffer
}

func castError(format string, args ...any) error {
	return &Error{Code: codeCast, Message: fmt.Sprintf(format, args...)}
}

// value converts the value that comes next.
func (c *jsonCaster) value(t *JSONType, depth int) error {
	if depth > jsonDepthMax {
		return castError("JSON is nested too deeply")
	}
	if t.Kind == "json" {
		text, err := c.skip()
		if r := newJSON(text); err == nil && strings.Contains(text, `\uD`) { // here characters are not escaped
			w := jsonWriter{raw: true}
			w.value(r, r.next())
			text = string(w.dst)
		}
		c.quote(text)
		return err
	}
	token, err := c.d.Token()
	if err != nil {
		return err
	}
	return c.valueOf(token, t, depth)
}

func (c *jsonCaster) valueOf(token json.Token, t *JSONType, depth int) error {
	if token == nil {
		c.out.WriteString("null")
		return nil
	}
	switch t.Kind {
	case "array":
		if token != json.Delim('[') {
			return castError("Expected a json array, but got %s", tokenText(token))
		}
		return c.array(t, depth)
	case "map":
		if token != json.Delim('{') {
			return castError("Expected a json object, but got %s", tokenText(token))
		}
		return c.object(t, depth)
	case "row":
		switch {
		case token == json.Delim('['):
			return c.rowOfArray(t, depth)
		case token == json.Delim('{'):
			return c.rowOfObject(t, depth)
		}
		return castError("Expected a json array or object, but got %s", tokenText(token))
	}
	s, null, err := c.scalar(token, t, false)
	if err != nil {
		return err
	}
	if null {
		c.out.WriteString("null")
		return nil
	}
	c.quote(s)
	return nil
}

func (c *jsonCaster) quote(s string) { c.out.Write(appendJSONText(nil, s)) }

func (c *jsonCaster) array(t *JSONType, depth int) error {
	c.out.WriteByte('[')
	for i := 0; c.d.More(); i++ {
		if i > 0 {
			c.out.WriteByte(',')
		}
		if err := c.value(t.Fields[0], depth+1); err != nil {
			return err
		}
	}
	_, err := c.d.Token()
	c.out.WriteByte(']')
	return err
}

func (c *jsonCaster) object(t *JSONType, depth int) error {
	seen := map[string]bool{}
	c.out.WriteByte('{')
	for i := 0; c.d.More(); i++ {
		if i > 0 {
			c.out.WriteByte(',')
		}
		name, err := c.d.Token()
		if err != nil {
			return err
		}
		key, _, err := c.scalar(name, t.Fields[0], false)
		if err != nil {
			return err
		}
		if seen[key] {
			return castError("Duplicate map keys are not allowed")
		}
		seen[key] = true
		c.quote(key)
		c.out.WriteByte(':')
		if err := c.value(t.Fields[1], depth+1); err != nil {
			return err
		}
	}
	_, err := c.d.Token()
	c.out.WriteByte('}')
	return err
}

func (c *jsonCaster) rowOfArray(t *JSONType, depth int) error {
	c.out.WriteByte('{')
	for i, f := range t.Fields {
		if i > 0 {
			c.out.WriteByte(',')
		}
		c.quote(t.Members[i])
		c.out.WriteByte(':')
		if !c.d.More() {
			return castError("Unexpected token when cast to %s: ]", f.Text)
		}
		if err := c.value(f, depth+1); err != nil {
			return err
		}
	}
	token, err := c.d.Token()
	if err == nil && token != json.Delim(']') {
		return castError("Expected json array ending, but got %s", tokenText(token))
	}
	c.out.WriteByte('}')
	return err
}

// rowOfObject takes the members by the names of the fields, whatever their case; other members are passed over.
func (c *jsonCaster) rowOfObject(t *JSONType, depth int) error {
	if slices.Contains(t.Names, "") {
		return castError("Cannot cast a JSON object to anonymous row type. Input must be a JSON array.")
	}
	seen := make([]bool, len(t.Fields))
	c.out.WriteByte('{')
	first := true
	for c.d.More() {
		name, err := c.d.Token()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(t.Names, func(field string) bool { return strings.EqualFold(field, name.(string)) })
		if i < 0 {
			if _, err := c.skip(); err != nil {
				return err
			}
			continue
		}
		if seen[i] {
			return castError("Duplicate field: %s", strings.ToLower(name.(string)))
		}
		seen[i] = true
		if !first {
			c.out.WriteByte(',')
		}
		first = false
		c.quote(t.Members[i])
		c.out.WriteByte(':')
		if err := c.value(t.Fields[i], depth+1); err != nil {
			return err
		}
	}
	for i, given := range seen {
		if given {
			continue
		}
		if !first {
			c.out.WriteByte(',')
		}
		first = false
		c.quote(t.Members[i])
		c.out.WriteString(":null")
	}
	_, err := c.d.Token()
	c.out.WriteByte('}')
	return err
}

// skip passes over a value and gives its text.
func (c *jsonCaster) skip() (string, error) {
	var raw json.RawMessage
	err := c.d.Decode(&raw)
	return string(raw), err
}

func scalarJSON(token json.Token) string {
	switch v := token.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	}
	return string(appendJSONText(nil, token.(string)))
}

func tokenText(token json.Token) string {
	switch v := token.(type) {
	case json.Delim:
		return v.String()
	case string:
		return v
	}
	return scalarJSON(token)
}

// appendJSONText writes a text as JSON writes it: quoted, with what must be escaped and nothing else.
func appendJSONText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r < ' ':
			b = fmt.Appendf(b, `\u%04X`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

// scalar converts one token. whole says that it is all there is to cast.
func (c *jsonCaster) scalar(token json.Token, t *JSONType, whole bool) (text string, null bool, err error) {
	if token == nil {
		return "", true, nil
	}
	if d, nested := token.(json.Delim); nested {
		if whole {
			return "", false, castError("Cannot cast '%s' to %s", c.text, t.Text)
		}
		return "", false, castError("Unexpected token when cast to %s: %s", t.Text, d)
	}
	switch t.Kind {
	case "varchar":
		text, err = jsonVarchar(token, t)
	case "boolean":
		text, err = jsonBoolean(token)
	case "double", "real":
		text, err = jsonFloat(token, t)
	case "decimal":
		text, err = c.decimal(token, t)
	default:
		text, err = c.integer(token, t)
	}
	return text, false, err
}

func jsonVarchar(token json.Token, t *JSONType) (string, error) {
	text := tokenText(token)
	if n, ok := token.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
		f, _ := n.Float64()
		text = exponentText(f)
	}
	if t.Precision > 0 && len([]rune(text)) > t.Precision {
		return "", &Error{Code: "GENERIC_INTERNAL_ERROR", Message: fmt.Sprintf("Character count exceeds length limit %d", t.Precision)}
	}
	return text, nil
}

func jsonBoolean(token json.Token) (string, error) {
	switch v := token.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		f, _ := v.Float64()
		if _, err := v.Int64(); err != nil && !strings.ContainsAny(v.String(), ".eE") {
			return "", castError("Cannot cast '%s' to boolean", v)
		}
		return strconv.FormatBool(f != 0), nil
	}
	switch strings.ToLower(token.(string)) {
	case "t", "true", "1":
		return "true", nil
	case "f", "false", "0":
		return "false", nil
	}
	return "", castError("Cannot cast '%s' to BOOLEAN", token)
}

func jsonFloat(token json.Token, t *JSONType) (string, error) {
	text := ""
	switch v := token.(type) {
	case bool:
		text = map[bool]string{true: "1", false: "0"}[v]
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	bits := map[string]int{"double": 64, "real": 32}[t.Kind]
	f, ok := ParseFloat(text, bits)
	if !ok {
		return "", castError("Cannot cast '%s' to %s", text, strings.ToUpper(t.Kind))
	}
	if math.IsInf(f, 0) {
		return strings.ToLower(javaDouble(f)), nil
	}
	return strconv.FormatFloat(f, 'g', -1, bits), nil
}

func (c *jsonCaster) decimal(token json.Token, t *JSONType) (string, error) {
	name := fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	text := ""
	switch v := token.(type) {
	case bool:
		text = map[bool]string{true: "1", false: "0"}[v]
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	if len(text) > 1000 || !decimalNumber(text) {
		return "", castError("Cannot cast '%s' to %s", c.text, name)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "", castError("Cannot cast '%s' to %s", c.text, name)
	}
	unscaled := roundHalfUp(r.Mul(r, new(big.Rat).SetInt(pow10(t.Scale))))
	if len(new(big.Int).Abs(unscaled).String()) > t.Precision && unscaled.Sign() != 0 {
		return "", castError("Cannot cast input json to %s", name)
	}
	return new(big.Rat).SetFrac(unscaled, pow10(t.Scale)).FloatString(t.Scale), nil
}

// decimalNumber tells whether a text is a number whose exponent is small enough to be written out.
func decimalNumber(text string) bool {
	_, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if found {
		if e, err := strconv.Atoi(exponent); err != nil || e > 500 || e < -500 {
			return false
		}
	}
	return !strings.ContainsAny(text, "_/xXpP") && text != ""
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// roundHalfUp rounds, half away from zero.
func roundHalfUp(r *big.Rat) *big.Int {
	n, d := new(big.Int).Abs(r.Num()), r.Denom()
	n.Mul(n, big.NewInt(2)).Add(n, d).Quo(n, new(big.Int).Mul(d, big.NewInt(2)))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

var jsonIntegers = map[string]struct {
	bits int
	word string
}{"tinyint": {8, "TINYINT"}, "smallint": {16, "SMALLINT"}, "integer": {32, "INT"}, "bigint": {64, "BIGINT"}}

func (c *jsonCaster) integer(token json.Token, t *JSONType) (string, error) {
	kind := jsonIntegers[t.Kind]
	switch v := token.(type) {
	case bool:
		return map[bool]string{true: "1", false: "0"}[v], nil
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, kind.bits)
		if err != nil {
			return "", castError("Cannot cast '%s' to %s", v, kind.word)
		}
		return strconv.FormatInt(n, 10), nil
	}
	number := token.(json.Number)
	if !strings.ContainsAny(number.String(), ".eE") {
		n, err := strconv.ParseInt(number.String(), 10, kind.bits)
		if err != nil {
			return "", castError("Cannot cast '%s' to %s", c.text, t.Text)
		}
		return strconv.FormatInt(n, 10), nil
	}
	f, _ := number.Float64()
	rounded := math.Round(f)
	if limit := math.Ldexp(1, kind.bits-1); rounded >= limit || rounded < -limit {
		if kind.bits == 64 {
			return "", castError("Unable to cast %s to bigint", javaDouble(f))
		}
		return "", &Error{Code: codeRange, Message: "Out of range for " + t.Text + ": " + javaDouble(f)}
	}
	return strconv.FormatInt(int64(rounded), 10), nil
}
