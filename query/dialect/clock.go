package dialect

import (
	"fmt"
	"slices"
	"time"
)

// This file holds what depends on the statement's time, and EXTRACT.

// clockPrecisionMax is the finest fraction that the clock is asked for.
const clockPrecisionMax = 12

// clock analyses the constants of the statement's time, some of them with the digits of the fraction.
func clock(c *rewriting) (expr, error) {
	precision := int64(3)
	if len(c.args) > 0 {
		var ok bool
		if precision, ok = integerOf(c.args[0]); !ok || !c.node.bare || len(c.args) > 1 || c.node.name == "current_date" {
			return nil, c.errorf(CodeFunctionNotFound, "Unexpected parameters for function %s. Expected: %s()", c.node.name, c.node.name)
		}
	}
	if reason := c.node.name + " is the time of the statement"; !contains(c.a.depends, reason) {
		c.a.depends = append(c.a.depends, reason)
	}
	kind := map[string]Kind{"current_date": KindDate, "localtime": KindTime, "current_time": KindTimeTZ, "localtimestamp": KindTimestamp}[c.node.name]
	if kind == KindUnknown {
		kind = KindTimestampTZ
	}
	t := Type{Kind: kind, Precision: int(precision)}
	switch {
	case precision > clockPrecisionMax:
		name := map[Kind]string{KindTime: "TIME", KindTimeTZ: "TIME WITH TIME ZONE", KindTimestamp: "TIMESTAMP", KindTimestampTZ: "TIMESTAMP WITH TIME ZONE"}[kind]
		return nil, &Error{Code: CodeOutOfRange, Message: fmt.Sprintf("%s precision must be in range [0, 12]: %d", name, precision)}
	case precision > timestampPrecisionMax:
		return nil, c.errorf(CodeNotSupported, "%s of more than six digits is not supported", c.node.name)
	}
	unit := time.Microsecond
	for range timestampPrecisionMax - precision {
		unit *= 10
	}
	now := c.a.session.Now.UTC().Truncate(unit)
	switch kind {
	case KindDate:
		return &constExpr{value: now.Truncate(24*time.Hour).Unix() / 86400, t: simple(KindDate)}, nil
	case KindTime, KindTimeTZ:
		return &constExpr{value: now.Sub(now.Truncate(24 * time.Hour)).Microseconds(), t: t}, nil
	}
	return &constExpr{value: now.UnixMicro(), t: t}, nil
}

// extractFields are the functions that EXTRACT stands for, and what they take: dates, times, intervals of days, of months.
var extractFields = map[string]struct {
	function string
	takes    []Kind
}{
	"YEAR": {"year", monthKinds}, "QUARTER": {"quarter", dateKinds}, "MONTH": {"month", monthKinds}, "WEEK": {"week", dateKinds}, "DAY": {"day", dayKinds}, "DAY_OF_MONTH": {"day_of_month", dayKinds},
	"DAY_OF_WEEK": {"day_of_week", dateKinds}, "DOW": {"day_of_week", dateKinds}, "DAY_OF_YEAR": {"day_of_year", dateKinds}, "DOY": {"day_of_year", dateKinds},
	"YEAR_OF_WEEK": {"year_of_week", dateKinds}, "YOW": {"year_of_week", dateKinds}, "HOUR": {"hour", timeKinds}, "MINUTE": {"minute", timeKinds}, "SECOND": {"second", timeKinds},
	"TIMEZONE_HOUR": {"timezone_hour", zoneKinds}, "TIMEZONE_MINUTE": {"timezone_minute", zoneKinds},
}

var (
	dateKinds  = []Kind{KindDate, KindTimestamp, KindTimestampTZ}
	monthKinds = append([]Kind{KindIntervalYear}, dateKinds...)
	dayKinds   = append([]Kind{KindIntervalDay}, dateKinds...)
	timeKinds  = []Kind{KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ, KindIntervalDay}
	zoneKinds  = []Kind{KindTimestampTZ, KindTimeTZ}
)

func (a *analyzer) extract(s *scope, n *extractNode) (expr, error) {
	field := extractFields[n.field]
	e, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(field.takes, e.typ().Kind) {
		return nil, a.errorf(CodeTypeMismatch, n.operand, "Cannot extract %s from %s", n.field, e.typ())
	}
	return a.function(&callNode{at: n.at, name: field.function, args: []node{n.operand}}, []expr{e})
}

// asInstant takes the lenient translation of a zoned time of which the instant alone matters.
func asInstant(e expr) expr {
	switch e := e.(type) {
	case *castExpr:
		if e.t.Kind == KindTimestampTZ && e.operand.typ().Kind == KindTimestampTZ {
			c := *e
			c.operand = asInstant(e.operand)
			return &c
		}
	case *callExpr:
		if e.over != nil && e.over.lenient != "" {
			c, over := *e, *e.over
			over.SQL = over.lenient
			c.over = &over
			return &c
		}
	}
	return e
}
