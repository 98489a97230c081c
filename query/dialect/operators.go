package dialect

import (
	"slices"
	"strings"
	"sync"
)

// The operators that take more than numbers of one kind are functions with overloads, as in Trino; the results of some
// depend on the sizes of the arguments (operatorResult).

const ambiguousOperator = "Could not choose a best candidate operator. Explicit type casts must be added."

var operatorSignatures = map[string][]string{
	"+": slices.Concat(numberPairs, []string{
		"date, interval day to second -> date", "interval day to second, date -> date", "date, interval year to month -> date", "interval year to month, date -> date",
		"time(p), interval day to second -> time(p)", "interval day to second, time(p) -> time(p)",
		"time(p) with time zone, interval day to second -> time(p) with time zone", "interval day to second, time(p) with time zone -> time(p) with time zone",
		"timestamp(p), interval day to second -> timestamp(p)", "interval day to second, timestamp(p) -> timestamp(p)",
		"timestamp(p), interval year to month -> timestamp(p)", "interval year to month, timestamp(p) -> timestamp(p)",
		"timestamp(p) with time zone, interval day to second -> timestamp(p) with time zone", "interval day to second, timestamp(p) with time zone -> timestamp(p) with time zone",
		"timestamp(p) with time zone, interval year to month -> timestamp(p) with time zone", "interval year to month, timestamp(p) with time zone -> timestamp(p) with time zone",
		"interval day to second, interval day to second -> interval day to second", "interval year to month, interval year to month -> interval year to month"}),
	"-": slices.Concat(numberPairs, []string{
		"time(p), time(p) -> interval day to second", "time(p) with time zone, time(p) with time zone -> interval day to second",
		"timestamp(p), timestamp(p) -> interval day to second", "timestamp(p) with time zone, timestamp(p) with time zone -> interval day to second",
		"date, interval day to second -> date", "date, interval year to month -> date", "time(p), interval day to second -> time(p)",
		"time(p) with time zone, interval day to second -> time(p) with time zone", "timestamp(p), interval day to second -> timestamp(p)",
		"timestamp(p), interval year to month -> timestamp(p)", "timestamp(p) with time zone, interval day to second -> timestamp(p) with time zone",
		"timestamp(p) with time zone, interval year to month -> timestamp(p) with time zone",
		"interval day to second, interval day to second -> interval day to second", "interval year to month, interval year to month -> interval year to month"}),
	"*": slices.Concat(numberPairs, []string{
		"interval day to second, bigint -> interval day to second", "bigint, interval day to second -> interval day to second",
		"interval day to second, double -> interval day to second", "double, interval day to second -> interval day to second",
		"interval year to month, bigint -> interval year to month", "bigint, interval year to month -> interval year to month",
		"interval year to month, double -> interval year to month", "double, interval year to month -> interval year to month"}),
	"/": slices.Concat(numberPairs, []string{
		"interval day to second, double -> interval day to second", "interval year to month, double -> interval year to month"}),
	"%": numberPairs,
}

var numberPairs = []string{"tinyint, tinyint -> tinyint", "smallint, smallint -> smallint", "integer, integer -> integer", "bigint, bigint -> bigint",
	"real, real -> real", "double, double -> double", "decimal(p,s), decimal(q,t) -> decimal(p,s)"}

var operatorOverloads = sync.OnceValue(func() map[string][]Overload {
	m := map[string][]Overload{}
	for op, signatures := range operatorSignatures {
		for _, signature := range signatures {
			o := Overload{Signature: signature}
			o.parse()
			m[op] = append(m[op], o)
		}
	}
	return m
})

// chooseOperator finds the overload that an operator means.
func (a *analyzer) chooseOperator(n *operatorNode, left, right expr) (*candidate, error) {
	args := []expr{left, right}
	overloads := operatorOverloads()[n.op]
	for _, coerce := range [...]bool{false, true} {
		var found []*candidate
		for i := range overloads {
			c, err := overloads[i].match(args, coerce)
			if err != nil {
				return nil, err
			}
			if c != nil {
				c.result = operatorResult(n.op, c)
				found = append(found, c)
			}
		}
		if coerce {
			found = mostSpecific(found, args)
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return nil, &Error{Code: CodeAmbiguousCall, Message: ambiguousOperator}
		}
	}
	return nil, a.mismatch(n, left, right)
}

// operatorResult gives the result where the sizes of the arguments make it.
func operatorResult(op string, c *candidate) Type {
	l, r := c.params[0], c.params[1]
	t := c.result
	switch t.Kind {
	case KindDecimal:
		t, _ = decimalResult(op, l, r)
	case KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		t = l
		if strings.HasPrefix(c.over.Signature, "interval") {
			t, r = r, l
		}
		if r.Kind == KindIntervalDay {
			t.Precision = max(t.Precision, 3)
		}
	}
	return t
}
