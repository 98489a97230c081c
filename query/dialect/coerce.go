package dialect

import "slices"

// coercions are Trino's implicit conversions (TypeCoercion), and nothing more: no text becomes a number or a time.

// charMax is the greatest length of a char.
const charMax = 65536

// decimalDigits is how an integer type is read as a decimal.
var decimalDigits = map[Kind]int{KindTinyInt: 3, KindSmallInt: 5, KindInteger: 10, KindBigInt: 19}

// common gives the type that values of both types can be converted to without being asked.
func common(a, b Type) (Type, bool) {
	switch {
	case a.identical(b):
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
	case a.Kind == KindDate && b.Kind == KindTimestamp:
		return b, true
	case a.Kind == KindDate && b.Kind == KindTimestampTZ:
		return commonZone(b, Type{}), true
	case a.Kind == KindTimestamp && b.Kind == KindTimestampTZ, a.Kind == KindTime && b.Kind == KindTimeTZ:
		b.Precision = max(a.Precision, b.Precision)
		return commonZone(b, Type{}), true
	}
	return Type{}, false
}

// commonZone gives a the zone of values of a and b together.
func commonZone(a, b Type) Type {
	if a.Zone != b.Zone {
		a.Zone = zoneOfValue
	}
	return a
}

const mixedTimes = "times of several time zones in one column"

// mixesTimes tells whether a type has times of day with zones of their own, which are not built.
func mixesTimes(t Type) bool {
	return t.Kind == KindTimeTZ && t.Zone == zoneOfValue || slices.ContainsFunc(t.Fields, func(f Field) bool { return mixesTimes(f.Type) })
}

// comparison gives the type that two values are compared in, and whether they can be: zones do not matter there.
func comparison(a, b Type) (Type, bool) {
	t, ok := common(a, b)
	return withoutZone(t), ok && t.comparable()
}

// withoutZone is t as an instant that is shown in UTC, everywhere in it.
func withoutZone(t Type) Type {
	t.Zone = ""
	fields := t.Fields
	t.Fields = nil
	for _, f := range fields {
		t.Fields = append(t.Fields, Field{Name: f.Name, Type: withoutZone(f.Type)})
	}
	return t
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
	case KindTimeTZ, KindTimestampTZ:
		a.Precision = max(a.Precision, b.Precision)
		return commonZone(a, b), true
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
	t, ok := common(from, to)
	return ok && t.Equal(to)
}

// castable tells whether Trino's CAST converts one type to another.
func castable(from, to Type) bool {
	if from.Kind == KindUnknown || from.Equal(to) {
		return true
	}
	switch from.Kind {
	case KindArray, KindMap, KindRow:
		return to.Kind == KindJSON && jsonable(from) || to.Kind == from.Kind && castableFields(from, to)
	case KindJSON:
		return fromJSON(to)
	case KindUUID, KindIPAddress:
		if to.Kind == KindVarchar {
			return to.Precision == VarcharMax
		}
	}
	return castTargets[from.Kind][to.Kind]
}

func castableFields(from, to Type) bool {
	if len(from.Fields) != len(to.Fields) {
		return false
	}
	for i := range from.Fields {
		if !castable(from.Fields[i].Type, to.Fields[i].Type) {
			return false
		}
	}
	return true
}

func kinds(list ...Kind) map[Kind]bool {
	m := map[Kind]bool{}
	for _, k := range list {
		m[k] = true
	}
	return m
}

// castTargets are what CAST makes of the simple types.
var castTargets = func() map[Kind]map[Kind]bool {
	numbers := kinds(KindBoolean, KindTinyInt, KindSmallInt, KindInteger, KindBigInt, KindReal, KindDouble, KindDecimal, KindVarchar, KindJSON)
	times := kinds(KindVarchar, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ)
	m := map[Kind]map[Kind]bool{
		KindVarchar: kinds(KindBoolean, KindTinyInt, KindSmallInt, KindInteger, KindBigInt, KindReal, KindDouble, KindDecimal, KindVarchar, KindChar,
			KindVarbinary, KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ, KindJSON, KindUUID, KindIPAddress),
		KindChar:         kinds(KindVarchar, KindChar),
		KindVarbinary:    kinds(KindUUID, KindIPAddress),
		KindDate:         kinds(KindVarchar, KindTimestamp, KindTimestampTZ, KindJSON),
		KindTime:         times,
		KindTimeTZ:       times,
		KindTimestamp:    kinds(KindVarchar, KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ, KindJSON),
		KindTimestampTZ:  kinds(KindVarchar, KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ),
		KindIntervalDay:  kinds(KindVarchar),
		KindIntervalYear: kinds(KindVarchar),
		KindUUID:         kinds(KindVarchar, KindVarbinary),
		KindIPAddress:    kinds(KindVarchar, KindVarbinary),
	}
	for k := KindBoolean; k <= KindDecimal; k++ {
		m[k] = numbers
	}
	return m
}()

// jsonable tells whether values of t can be cast to json; keys of maps are held to types that are names there.
func jsonable(t Type) bool {
	switch t.Kind {
	case KindArray, KindRow:
		for _, f := range t.Fields {
			if !jsonable(f.Type) {
				return false
			}
		}
		return true
	case KindMap:
		return jsonable(t.Fields[1].Type)
	case KindUnknown, KindJSON:
		return true
	}
	return castTargets[t.Kind][KindJSON]
}

// fromJSON tells whether json can be cast to t.
func fromJSON(t Type) bool {
	switch t.Kind {
	case KindArray, KindRow:
		for _, f := range t.Fields {
			if !fromJSON(f.Type) {
				return false
			}
		}
		return true
	case KindMap:
		return fromJSON(t.Fields[0].Type) && t.Fields[0].Type.Kind != KindJSON && len(t.Fields[0].Type.Fields) == 0 && fromJSON(t.Fields[1].Type)
	}
	return t.Kind >= KindBoolean && t.Kind <= KindVarchar || t.Kind == KindJSON
}
