package dialect

// coercions are Trino's implicit conversions (TypeCoercion), and nothing more: no text becomes a number or a time.

// charMax is the greatest length of a char.
const charMax = 65536

// decimalDigits is how an integer type is read as a decimal.
var decimalDigits = map[Kind]int{KindTinyInt: 3, KindSmallInt: 5, KindInteger: 10, KindBigInt: 19}

// common gives the type that values of both types can be converted to without being asked.
func common(a, b Type) (Type, bool) {
	switch {
	case a.Equal(b):
		if a.Zone != b.Zone {
			return Type{}, false
		}
		return a, true
	case a.Kind == KindUnknown:
		return b, true
	case b.Kind == KindUnknown:
		return a, true
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case b.integral() && a.integral(), b.Kind == KindReal && a.integral(), b.Kind == KindDouble && a.numeric():
		return b, true
	case b.Kind == KindDecimal && a.numeric():
		if a.Kind == KindReal || a.Kind == KindDouble {
			return a, true
		}
		return commonDecimal(a, b), true
	case a.Kind == b.Kind:
		return commonSame(a, b)
	case a.Kind == KindVarchar && b.Kind == KindChar:
		b.Precision = max(min(a.Precision, charMax), b.Precision)
		return b, true
	case a.Kind == KindDate && (b.Kind == KindTimestamp || b.Kind == KindTimestampTZ):
		return b, true
	case a.Kind == KindTimestamp && b.Kind == KindTimestampTZ:
		b.Precision = max(a.Precision, b.Precision)
		return b, true
	}
	return Type{}, false
}

// comparison gives the type that two values are compared in, and whether they can be: zones do not matter there.
func comparison(a, b Type) (Type, bool) {
	a.Zone, b.Zone = "", ""
	t, ok := common(a, b)
	return t, ok && t.comparable()
}

func commonDecimal(a, b Type) Type {
	if a.integral() {
		a = decimal(decimalDigits[a.Kind], 0)
	}
	scale := max(a.Scale, b.Scale)
	return decimal(min(38, max(a.Precision-a.Scale, b.Precision-b.Scale)+scale), scale)
}

// commonSame is common for two types of one kind that differ.
func commonSame(a, b Type) (Type, bool) {
	switch a.Kind {
	case KindVarchar, KindChar, KindTime, KindTimestamp:
		a.Precision = max(a.Precision, b.Precision)
		return a, true
	case KindTimestampTZ:
		a.Precision = max(a.Precision, b.Precision)
		return a, a.Zone == b.Zone
	case KindArray, KindMap, KindRow:
		if len(a.Fields) != len(b.Fields) {
			return Type{}, false
		}
		t := Type{Kind: a.Kind, Fields: make([]Field, len(a.Fields))}
		for i := range a.Fields {
			f, ok := common(a.Fields[i].Type, b.Fields[i].Type)
			if !ok {
				return Type{}, false
			}
			t.Fields[i].Type = f
			if a.Fields[i].Name == b.Fields[i].Name {
				t.Fields[i].Name = a.Fields[i].Name
			}
		}
		return t, true
	}
	return Type{}, false
}

// coercible tells whether a value of type from is taken where to is wanted.
func coercible(from, to Type) bool {
	if from.Kind == KindChar && to.Kind == KindVarchar {
		return true
	}
	t, ok := common(from, to)
	return ok && t.Equal(to)
}

// castable tells whether CAST from one type to another is built; whatever Trino can't cast is not.
func castable(from, to Type) bool {
	if from.Kind == KindUnknown || from.Equal(to) {
		return true
	}
	switch to.Kind {
	case KindBoolean:
		return from.numeric() || from.Kind == KindVarchar
	case KindTinyInt, KindSmallInt, KindInteger, KindBigInt, KindReal, KindDouble, KindDecimal:
		return from.Kind == KindBoolean || from.numeric() || from.Kind == KindVarchar
	case KindVarchar:
		return from.Kind == KindBoolean || from.numeric() || from.Kind == KindChar || from.Kind == KindVarchar ||
			from.Kind == KindDate || from.Kind == KindTimestamp || from.Kind == KindTimestampTZ || from.Kind == KindUUID
	case KindDate:
		return from.Kind == KindVarchar || from.Kind == KindTimestamp || from.Kind == KindTimestampTZ
	case KindTimestamp, KindTimestampTZ:
		return from.Kind == KindVarchar || from.Kind == KindDate || from.Kind == KindTimestamp || from.Kind == KindTimestampTZ
	case KindArray:
		return from.Kind == KindArray && castable(from.Fields[0].Type, to.Fields[0].Type) &&
			coercible(from.Fields[0].Type, to.Fields[0].Type)
	}
	return false
}
