package joni

import (
	_ "embed"
	"maps"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// categories are the general categories of characters in Unicode 6, which Joni knows, and the classes of POSIX that are not
// made of them: a name, then for each range how far it is from the one before, and its length, in base 36.
//
//go:embed categories.txt
var categories string

var posixNames = []string{"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"}

// unions are properties made of others.
var unions = map[string]string{"l": "lu ll lt lm lo", "m": "mn mc me", "n": "nd nl no", "p": "pc pd ps pe pi pf po", "s": "sm sc sk so", "z": "zs zl zp",
	"c": "cc cf cn co", "digit": "nd", "punct": "p", "cntrl": "cc", "letter": "l", "mark": "m", "number": "n", "punctuation": "p", "symbol": "s", "separator": "z",
	"other": "c", "alphabetic": "alpha", "uppercase": "upper", "lowercase": "lower"}

// properties are the properties by name, in lower case.
var properties = sync.OnceValue(func() map[string]*set {
	m := map[string]*set{"any": all, "ascii": setOf(0, 127), "xdigit": setOf('0', '9', 'A', 'F', 'a', 'f')}
	for line := range strings.Lines(categories) {
		fields := strings.Fields(line)
		var ranges []span
		at := int64(0)
		for i := 1; i+1 < len(fields); i += 2 {
			gap, _ := strconv.ParseInt(fields[i], 36, 32)
			length, _ := strconv.ParseInt(fields[i+1], 36, 32)
			ranges = append(ranges, span{rune(at + gap), rune(at + gap + length)})
			at += gap + length
		}
		m[fields[0]] = newSet(ranges)
	}
	var made func(name string) *set
	made = func(name string) *set {
		if m[name] == nil {
			var parts []*set
			for _, part := range strings.Fields(unions[name]) {
				parts = append(parts, made(part))
			}
			m[name] = union(parts)
		}
		return m[name]
	}
	for name := range unions {
		made(name)
	}
	assigned := m["cn"].not()
	scripts := maps.Clone(unicode.Scripts)
	for _, other := range []string{"Common", "Inherited"} {
		delete(scripts, other)
	}
	for name, table := range scripts {
		if s := tables(table).and(assigned); len(s.ranges) > 0 {
			m[strings.ToLower(strings.ReplaceAll(name, "_", ""))] = s
		}
	}
	return m
})

// propertyOf gives the set of a property, nil where there is none.
func propertyOf(name string) *set { return properties()[strings.ToLower(name)] }

// otherProperty tells whether a name may be a property that Joni knows and this package does not.
func otherProperty(name string) bool {
	name = strings.ToLower(name)
	for _, r := range name {
		if r < '0' || r > '9' && r < 'a' || r > 'z' {
			return false
		}
	}
	return strings.HasPrefix(name, "in") || strings.HasPrefix(name, "java") || strings.HasSuffix(name, "start") || strings.HasSuffix(name, "continue") ||
		len(name) == 4 || unicode.Categories[name] != nil
}
