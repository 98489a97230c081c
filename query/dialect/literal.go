package dialect

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/loglake/loglake/query/dialect/native"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// literal analyses the literals. A number with a point is a DOUBLE, as in Athena (in Trino it would be a DECIMAL).
func (a *analyzer) literal(n node) (expr, error) {
	switch n := n.(type) {
	case *numberNode:
		c, err := a.number(n, false)
		if err != nil {
			return nil, err
		}
		return c, nil
	case *stringNode:
		return textConst(n.value), nil
	case *boolNode:
		return &constExpr{value: n.value, t: simple(KindBoolean)}, nil
	case *binaryNode:
		b, err := binaryValue(n.value)
		return &constExpr{value: b, t: simple(KindVarbinary)}, err
	case *typedNode:
		return a.typed(n)
	case *intervalNode:
		return a.interval(n)
	}
	return &constExpr{}, nil
}

func textConst(s string) *constExpr {
	return &constExpr{value: s, t: Type{Kind: KindVarchar, Precision: utf8.RuneCountInString(s)}}
}

func intConst(n int64, k Kind) *constExpr { return &constExpr{value: n, t: simple(k)} }

func (a *analyzer) number(n *numberNode, negative bool) (*constExpr, error) {
	if n.kind != tokInteger {
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil && !math.IsInf(f, 0) {
			return nil, a.errorf(CodeInvalidLiteral, n, "Invalid numeric literal: %s", n.text)
		}
		if negative {
			f = -f
		}
		return &constExpr{value: f, t: simple(KindDouble)}, nil
	}
	v, err := bigint(n.text, negative)
	if err != nil {
		return nil, a.errorf(CodeSyntax, n, "Invalid numeric literal: %s", n.text)
	}
	if v >= math.MinInt32 && v <= math.MaxInt32 {
		return intConst(v, KindInteger), nil
	}
	return intConst(v, KindBigInt), nil
}

// typed analyses TYPE 'text'.
func (a *analyzer) typed(n *typedNode) (expr, error) {
	invalid := a.errorf(CodeInvalidLiteral, n, "'%s' is not a valid %s literal", n.value, strings.ToUpper(n.typeName))
	switch n.typeName {
	case "timestamp":
		return a.timestamp(n, invalid)
	case "time":
		c, ok := native.ReadClock(n.value, -1)
		if !ok {
			return nil, invalid
		}
		t := Type{Kind: KindTime, Precision: c.Precision}
		if c.Zoned {
			t.Kind, t.Zone = KindTimeTZ, c.Zone
		}
		if c.Precision > timestampPrecisionMax {
			return nil, a.unsupported(n, "times finer than microseconds")
		}
		return &constExpr{value: c.Micros, t: t}, nil
	case "date":
		days, ok := native.ParseDate(n.value)
		if !ok {
			return nil, invalid
		}
		return &constExpr{value: days, t: simple(KindDate)}, nil
	case "decimal":
		return a.decimal(n)
	case "double", "real":
		k := typeKinds[n.typeName].Kind
		f, ok := native.ParseFloat(n.value, map[Kind]int{KindDouble: 64, KindReal: 32}[k])
		if !ok {
			return nil, invalid
		}
		return &constExpr{value: f, t: simple(k)}, nil
	case "tinyint", "smallint", "integer", "int", "bigint":
		k := typeKinds[n.typeName].Kind
		bits := map[Kind]int{KindTinyInt: 8, KindSmallInt: 16, KindInteger: 32, KindBigInt: 64}[k]
		v, err := strconv.ParseInt(strings.TrimSpace(n.value), 10, bits)
		if err != nil {
			return nil, invalid
		}
		return intConst(v, k), nil
	case "varchar":
		return &constExpr{value: n.value, t: varchar()}, nil
	case "boolean":
		switch strings.ToLower(n.value) {
		case "true", "t", "1":
			return &constExpr{value: true, t: simple(KindBoolean)}, nil
		case "false", "f", "0":
			return &constExpr{value: false, t: simple(KindBoolean)}, nil
		}
		return nil, invalid
	}
	return a.otherTyped(n, invalid)
}

var uuidText = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (a *analyzer) otherTyped(n *typedNode, invalid *Error) (expr, error) {
	switch n.typeName {
	case "char":
		size := max(1, utf8.RuneCountInString(n.value))
		return &constExpr{value: strings.TrimRight(n.value, " "), t: Type{Kind: KindChar, Precision: size}}, nil
	case "json":
		text, ok := native.CanonicalJSON(n.value)
		if !ok {
			return nil, invalid
		}
		return &constExpr{value: text, t: simple(KindJSON)}, nil
	case "uuid":
		if !uuidText.MatchString(n.value) {
			return nil, invalid
		}
		return &constExpr{value: strings.ToLower(n.value), t: simple(KindUUID)}, nil
	case "ipaddress":
		ip, ok := native.ParseIP(n.value)
		if !ok {
			return nil, invalid
		}
		return &constExpr{value: ip, t: simple(KindIPAddress)}, nil
	case "varbinary":
		return &constExpr{value: []byte(n.value), t: simple(KindVarbinary)}, nil
	}
	return nil, a.errorf(CodeTypeMismatch, n, "Unknown type: %s", n.typeName)
}

// timestamp analyses TIMESTAMP '…', with a zone or without.
func (a *analyzer) timestamp(n *typedNode, invalid *Error) (expr, error) {
	m, ok := native.ReadMoment(n.value, -1)
	if !ok {
		return nil, invalid.withHint(timestampHint(n.value))
	}
	if m.Precision > trinoPrecisionMax {
		return nil, a.errorf(CodeOutOfRange, n, "TIMESTAMP precision must be in range [0, 12]: %d", m.Precision)
	}
	if m.Precision > timestampPrecisionMax {
		return nil, a.unsupported(n, "timestamps finer than microseconds")
	}
	if !m.Zoned {
		return &constExpr{value: m.Local, t: Type{Kind: KindTimestamp, Precision: m.Precision}}, nil
	}
	at, skipped := native.Instant(m.Local, m.Zone)
	if skipped {
		return nil, invalid
	}
	return &constExpr{value: at, t: Type{Kind: KindTimestampTZ, Precision: m.Precision, Zone: m.Zone}}, nil
}

func (e *Error) withHint(hint string) *Error {
	e.Hint = hint
	return e
}

func timestampHint(text string) string {
	if strings.Contains(text, "T") {
		return "write a blank instead of T, or from_iso8601_timestamp(" + quoteText(text) + ")"
	}
	return ""
}

var decimalText = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?$`)

func (a *analyzer) decimal(n *typedNode) (expr, error) {
	m := decimalText.FindStringSubmatch(n.value)
	if m == nil || m[2]+m[3] == "" {
		return nil, a.errorf(CodeInvalidLiteral, n, "'%s' is not a valid DECIMAL literal", n.value)
	}
	whole := strings.TrimLeft(m[2], "0")
	t := decimal(max(1, len(whole)+len(m[3])), len(m[3]))
	if t.Precision > 38 {
		return nil, a.errorf(CodeInvalidLiteral, n, "'%s' is not a valid DECIMAL literal", n.value)
	}
	digits := m[1] + "0" + whole
	if m[3] != "" {
		digits += "." + m[3]
	}
	r, _ := new(big.Rat).SetString(digits)
	return &constExpr{value: r.FloatString(t.Scale), t: t}, nil
}

// intervalSteps are the units of intervals in order, and what stands before each in a text. The last is the fraction.
var intervalSteps = []struct{ name, before string }{{"YEAR", ""}, {"MONTH", "-"}, {"DAY", ""}, {"HOUR", " "}, {"MINUTE", ":"}, {"SECOND", ":"}, {"", `\.`}}

// intervalSizes are the months or milliseconds of the units.
var intervalSizes = [...]int64{12, 1, 86_400_000, 3_600_000, 60_000, 1000, 1}

// intervalPattern reads the units from the first to the last. As in Trino any part may be missing, with all behind it.
func intervalPattern(first, last int) *regexp.Regexp {
	if intervalSteps[last].name == "SECOND" {
		last++
	}
	pattern := ""
	for i := last; i >= first; i-- {
		if pattern != "" {
			pattern = "(?:" + pattern + ")?"
		}
		part := `(\d*)`
		if i > first {
			part = intervalSteps[i].before + part
		}
		pattern = part + pattern
	}
	return regexp.MustCompile("^([+-]?)" + pattern + "$")
}

var intervalPatterns = sync.OnceValue(func() map[[2]int]*regexp.Regexp {
	m := map[[2]int]*regexp.Regexp{}
	for first := range 6 {
		for last := first; last < 6 && first/2 == 0 == (last/2 == 0); last++ {
			m[[2]int{first, last}] = intervalPattern(first, last)
		}
	}
	return m
})

// interval analyses INTERVAL [-]'…' unit [TO unit]: months, or milliseconds.
func (a *analyzer) interval(n *intervalNode) (expr, error) {
	qualifier := n.from
	if n.to != "" {
		qualifier += " TO " + n.to
	}
	unit := func(name string) int {
		return slices.IndexFunc(intervalSteps, func(u struct{ name, before string }) bool { return u.name == name })
	}
	first := unit(n.from)
	last := first
	if n.to != "" {
		last = unit(n.to)
	}
	re, ok := intervalPatterns()[[2]int{first, last}]
	if !ok {
		return nil, a.errorf(CodeInvalidLiteral, n, "Invalid interval qualifier: %s", qualifier)
	}
	invalid := a.errorf(CodeInvalidLiteral, n, "Invalid INTERVAL %s value: %s", qualifier, n.value)
	m := re.FindStringSubmatch(n.value)
	if m == nil {
		return nil, invalid
	}
	total := int64(0)
	for i, part := range m[2:] {
		if first+i == len(intervalSteps)-1 {
			part = (part + "000")[:3]
		}
		v, err := strconv.ParseInt("0"+part, 10, 32)
		if err != nil {
			return nil, invalid
		}
		total += v * intervalSizes[first+i]
	}
	if n.negative != (m[1] == "-") {
		total = -total
	}
	kind := KindIntervalDay
	if first < 2 {
		kind = KindIntervalYear
		if total > math.MaxInt32 || total < math.MinInt32 {
			return nil, invalid
		}
	}
	return intConst(total, kind), nil
}

// parameter puts the value of a `?` in its place: the expression it is, or its text where it is no expression without
// names.
func (a *analyzer) parameter(n *parameterNode) (expr, error) {
	text := a.session.Parameters[n.index]
	p, err := newParser(text)
	if err != nil {
		return textConst(text), nil
	}
	e, err := p.expression()
	if err != nil || p.peek().kind != tokEOF || p.parameters > 0 {
		return textConst(text), nil
	}
	inner := &analyzer{src: source(text), session: a.session, tables: a.tables}
	v, err := inner.expr(nil, e)
	if failed, ok := err.(*Error); ok && failed.Code == CodeColumnNotFound {
		return textConst(text), nil
	}
	if err == nil && len(inner.scans) > 0 {
		return nil, a.unsupported(n, "parameters with subqueries")
	}
	return v, err
}
