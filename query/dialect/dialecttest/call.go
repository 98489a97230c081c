package dialecttest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// call is a signature of a function.
type call struct {
	name     string
	params   []parameter
	variadic bool
	result   parameter
}

// parameter is a type of a signature: a type's name or a variable, with its parts.
type parameter struct {
	name  string
	parts []parameter
}

// unmade are functions whose results are no matter of the arguments alone, or that have no single right result.
var unmade = map[string]bool{"now": true, "current_timestamp": true, "localtimestamp": true, "localtime": true, "current_time": true, "current_date": true, "random": true, "rand": true,
	"uuid": true, "shuffle": true, "current_timezone": true, "version": true, "current_user": true, "current_catalog": true, "current_schema": true, "current_groups": true,
	"from_unixtime_nanos": true} // what TRY makes of its refusal is said on the page of SQL

// wanted are arguments without which a function mostly fails, by function and place.
var wanted = map[string]map[int][]string{
	"date_format": {1: formats}, "date_parse": {1: formats}, "format_datetime": {1: jodaFormats}, "parse_datetime": {1: jodaFormats},
	"date_trunc": {0: units}, "date_add": {0: units}, "date_diff": {0: units},
	"regexp_like": {1: patterns}, "regexp_extract": {1: patterns}, "regexp_extract_all": {1: patterns}, "regexp_replace": {1: patterns}, "regexp_split": {1: patterns},
	"regexp_count": {1: patterns}, "regexp_position": {1: patterns},
	"json_extract": {1: paths}, "json_extract_scalar": {1: paths}, "json_size": {1: paths}, "json_parse": {0: documents}, "json_array_length": {0: documents},
	"json_array_contains": {0: documents}, "json_array_get": {0: documents}, "is_json_scalar": {0: documents},
	"at_timezone": {1: zoneTexts}, "with_timezone": {1: zoneTexts}, "from_unixtime": {1: zoneTexts},
	"split": {1: separators}, "split_part": {1: separators, 2: {"1", "2", "5"}}, "strpos": {1: separators}, "replace": {1: separators},
	"split_to_map": {0: {"'a=1,b=2'", "''"}, 1: {"','"}, 2: {"'='"}}, "split_to_multimap": {0: {"'a=1,b=2,a=3'"}, 1: {"','"}, 2: {"'='"}},
	"repeat": {1: small}, "lpad": {1: small, 2: {"'x'", "'ab'"}}, "rpad": {1: small, 2: {"'x'", "'ab'"}}, "sequence": {0: small, 1: small, 2: {"1", "2", "-1"}},
	"substr": {1: small, 2: small}, "substring": {1: small, 2: small}, "slice": {1: small, 2: {"0", "1", "3"}}, "round": {1: small}, "truncate": {1: small},
	"chr": {0: {"65", "8364", "128512", "0"}}, "from_base": {1: {"2", "10", "16", "36"}}, "to_base": {1: {"2", "10", "16", "36"}},
	"normalize": {1: {"NFC", "NFD", "NFKC"}}, "bitwise_left_shift": {1: small}, "bitwise_right_shift": {1: small}, "bitwise_right_shift_arithmetic": {1: small},
	"ngrams": {1: {"1", "2", "5"}}, "combinations": {1: {"1", "2", "3"}}, "bit_count": {1: {"8", "16", "32", "64"}}, "from_iso8601_timestamp": {0: isos},
	"from_iso8601_date": {0: isos}, "parse_duration": {0: {"'1.5d'", "'2h'", "'30ms'"}}, "human_readable_seconds": {}, "format_number": {},
	"url_extract_parameter": {1: {"'x'", "'y'", "'z'"}}, "array_join": {1: separators}, "power": {1: {"2", "0", "-1", "0.5"}}, "pow": {1: {"2", "0", "-1", "0.5"}},
	"width_bucket": {3: {"5", "1"}}, "format": {0: {"'%s'"}}, "from_hex": {0: {"'0aFF'", "''", "'68656C6C6F'"}}, "from_base64": {0: {"'aGVsbG8='", "''"}},
	"from_utf8": {1: {"'?'", "''"}}, "levenshtein_distance": {}, "hamming_distance": {0: {"'abc'", "'é'"}, 1: {"'abd'", "'e'"}},
}

var (
	formats     = []string{"'%Y-%m-%d'", "'%Y-%m-%d %H:%i:%s'", "'%a %b %e %Y'", "'%W %M %j %y'", "'%T.%f'", "'%h:%i %p'", "'%x-%v'", "'%k|%l|%c|%%'"}
	jodaFormats = []string{"'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'EEE, d MMM yy'", "'EEEE MMMM D'", "'HH:mm:ss.SSS'", "'hh a'", "'xxxx-ww-e'", "'yyyy''T''HH'"}
	units       = []string{"'second'", "'minute'", "'hour'", "'day'", "'week'", "'month'", "'quarter'", "'year'", "'millisecond'"}
	patterns    = []string{"'a'", "'[a-z]+'", `'(\d+)'`, `'(\w)(\w)'`, "'^$'", "'b*'", "'(?i)HELLO'", `'\s'`, "'.'", "'x|y'", "','", "'(a)|(b)'"}
	paths       = []string{"'$'", "'$.a'", "'$.a[0]'", "'$.a[1].b'", `'$["c"]'`, "'$.x'", "'$.c'"}
	documents   = []string{`'{"a": [1, {"b": null}], "c": "x"}'`, "'[1, 2.5, \"s\", null]'", "'null'", "'7'", "'\"t\"'", "'[]'", `JSON '[1, "a"]'`, "'not json'"}
	zoneTexts   = []string{"'UTC'", "'Europe/Rome'", "'America/New_York'", "'+05:30'"}
	separators  = []string{"','", "'a'", "'b'", "'%'", "' '", "'é'", "''"}
	small       = []string{"0", "1", "2", "3", "-1", "-2", "7"}
	isos        = []string{"'2020-02-29'", "'2020-02-29T10:15:30Z'", "'2020-W09-6'", "'2020-060'", "'2020-02-29T10:15:30.123+05:30'", "'2020'"}
)

// registry lists the signatures of the functions that give one value per row, in order.
func (g *Generator) registry() []call {
	if g.calls == nil {
		g.calls = signatures(func(f *dialect.Function) bool { return !f.Aggregate && !f.Window && !f.Volatile && !unmade[f.Name] })
	}
	return g.calls
}

func signatures(want func(*dialect.Function) bool) []call {
	var calls []call
	registry := dialect.Functions()
	for _, name := range slices.Sorted(maps.Keys(registry)) {
		if f := registry[name]; want(f) {
			for _, o := range f.Overloads {
				if c, ok := parseSignature(name, o.Signature); ok {
					calls = append(calls, c)
				}
			}
		}
	}
	return calls
}

// Names lists the functions that Call makes calls of.
func (g *Generator) Names() []string {
	var names []string
	for _, c := range g.registry() {
		names = append(names, c.name)
	}
	return slices.Compact(names)
}

// Call gives a call of a function.
func (g *Generator) Call(name string) string {
	var fit []call
	for _, c := range g.registry() {
		if c.name == name {
			fit = append(fit, c)
		}
	}
	return g.write(pick(g, fit), map[string]dialect.Type{}, 2)
}

// anyCall gives a call whose result is of a kind like t; "" where there is none.
func (g *Generator) anyCall(t dialect.Type, depth int) string {
	var fit []call
	for _, c := range g.registry() {
		if c.result.like(t) && (len(c.result.name) > 1 || g.chance(30)) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return ""
	}
	c := pick(g, fit)
	bound := map[string]dialect.Type{}
	c.result.bind(t, bound)
	return g.guarded(g.write(c, bound, depth))
}

func (g *Generator) write(c call, bound map[string]dialect.Type, depth int) string {
	n := len(c.params)
	if c.variadic {
		n += g.Random(3)
		if c.name == "concat" {
			n = max(n, 2)
		}
	}
	args := make([]string, n)
	for i := range args {
		p := c.params[min(i, len(c.params)-1)]
		switch list := wanted[c.name][i]; {
		case len(list) > 0 && (c.name == "normalize" || g.chance(85)) && p.scalar(): // the forms of normalize are words
			args[i] = pick(g, list)
		case p.name == "function":
			types := make([]dialect.Type, len(p.parts))
			for k, part := range p.parts {
				types[k] = g.concrete(part, bound)
			}
			args[i] = g.lambda(types[:len(types)-1], types[len(types)-1], depth-1)
		default:
			args[i] = g.expression(g.concrete(p, bound), depth-1)
		}
	}
	return c.name + "(" + strings.Join(args, ", ") + ")"
}

// concrete gives a type for a parameter, and chooses what its variables stand for.
func (g *Generator) concrete(p parameter, bound map[string]dialect.Type) dialect.Type {
	kind, ok := kinds[p.name]
	if !ok {
		t, chosen := bound[p.name]
		if !chosen {
			t = pick(g, scalars)
			if p.name == "K" {
				t = pick(g, keys)
			}
			bound[p.name] = t
		}
		return t
	}
	switch kind {
	case dialect.KindArray, dialect.KindMap, dialect.KindRow:
		t := of(kind)
		for _, part := range p.parts {
			t.Fields = append(t.Fields, dialect.Field{Type: g.concrete(part, bound)})
		}
		return t
	case dialect.KindChar:
		return dialect.Type{Kind: kind, Precision: 3}
	case dialect.KindTime, dialect.KindTimeTZ, dialect.KindJSON, dialect.KindUUID, dialect.KindColor, dialect.KindUnknown:
		return of(kind)
	}
	return g.kindType(kind)
}

// kinds are the types by name; "timestamp with time zone" has its words in one.
var kinds = func() map[string]dialect.Kind {
	m := map[string]dialect.Kind{}
	for k := dialect.KindUnknown; k <= dialect.KindRow; k++ {
		name, _, _ := strings.Cut(dialect.Type{Kind: k}.String(), "(")
		if k == dialect.KindTimestampTZ || k == dialect.KindTimeTZ {
			name += " with time zone"
		}
		m[name] = k
	}
	return m
}()

func (p parameter) scalar() bool {
	return p.name != "array" && p.name != "map" && p.name != "row" && p.name != "function"
}

// like tells whether a result may be of t's kind.
func (p parameter) like(t dialect.Type) bool {
	kind, known := kinds[p.name]
	if !known {
		return p.name != ""
	}
	if kind != t.Kind {
		return false
	}
	for i, part := range p.parts {
		if i < len(t.Fields) && !part.like(t.Fields[i].Type) {
			return false
		}
	}
	return true
}

// bind notes what the variables of a result stand for when it is t.
func (p parameter) bind(t dialect.Type, bound map[string]dialect.Type) {
	if _, known := kinds[p.name]; !known {
		bound[p.name] = t
		return
	}
	for i, part := range p.parts {
		if i < len(t.Fields) {
			part.bind(t.Fields[i].Type, bound)
		}
	}
}

// parseSignature reads "varchar(x), array(T) -> T".
func parseSignature(name, signature string) (call, bool) {
	at := strings.LastIndex(signature, "->")
	if at < 0 {
		return call{}, false
	}
	c := call{name: name}
	rest := strings.TrimSpace(signature[:at])
	for rest != "" {
		var p parameter
		p, rest = parseParameter(rest)
		if strings.HasPrefix(rest, "...") {
			c.variadic, rest = true, rest[3:]
		}
		c.params = append(c.params, p)
		rest = strings.TrimLeft(rest, ", ")
	}
	c.result, rest = parseParameter(strings.TrimSpace(signature[at+2:]))
	return c, c.result.name != "" && rest == ""
}

func parseParameter(s string) (p parameter, rest string) {
	for _, words := range []string{"interval day to second", "interval year to month"} {
		if strings.HasPrefix(s, words) {
			return parameter{name: words}, s[len(words):]
		}
	}
	end := strings.IndexAny(s, "(),. ")
	if end < 0 {
		end = len(s)
	}
	p.name, rest = s[:end], s[end:]
	if strings.HasPrefix(rest, "(") {
		rest = rest[1:]
		for rest != "" && rest[0] != ')' {
			var part parameter
			part, rest = parseParameter(rest)
			if _, err := strconv.Atoi(part.name); err != nil && !p.scalar() {
				p.parts = append(p.parts, part)
			}
			rest = strings.TrimLeft(rest, ",-> ")
		}
		rest = strings.TrimPrefix(rest, ")")
	}
	if after, ok := strings.CutPrefix(rest, " with time zone"); ok {
		p.name, rest = p.name+" with time zone", after
	}
	return p, rest
}
