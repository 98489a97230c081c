// Package compat writes docs/compat/sql.md: what of Trino's SQL works here, exactly or how it differs, and what is refused.
// Everything in it comes from the registry of package dialect and from Trino's own list of functions.
package compat

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Signature is one signature as Trino's SHOW FUNCTIONS lists it.
type Signature struct{ Name, Result, Parameters string }

// ReadSignatures reads lines "name<TAB>result<TAB>parameters<TAB>…"; lines that begin with # say nothing.
func ReadSignatures(r io.Reader) ([]Signature, error) {
	var list []Signature
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		part := strings.Split(lines.Text(), "\t")
		if len(part) < 3 {
			return nil, fmt.Errorf("line %d: want name, result and parameters between tabs", n)
		}
		list = append(list, Signature{part[0], part[1], part[2]})
	}
	return list, lines.Err()
}

// Difference is an example whose result here is known to be another one than Trino's.
type Difference struct{ SQL, Reason, Here, Trino string }

// page is the text on its way.
type page struct {
	strings.Builder
	trino map[string][]Signature // by name in lower case
}

func pageOf(signatures []Signature) *page {
	p := &page{trino: map[string][]Signature{}}
	for _, s := range signatures {
		name := strings.ToLower(s.Name)
		p.trino[name] = append(p.trino[name], s)
	}
	return p
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// Page gives the page. The differences are told each, beside what the registry says of its functions.
func Page(signatures []Signature, differences []Difference) string {
	p := pageOf(signatures)
	p.head()
	p.line("## The language\n")
	p.constructs()
	p.line("## Functions\n")
	p.line("Parameters are Trino's; a lambda is `function(parameters, result)`, and a letter stands for any type. An example gives what stands behind its arrow.\n")
	for _, family := range dialect.Families() {
		p.family(family)
	}
	p.refused()
	p.foreign()
	p.differences(differences)
	return strings.TrimRight(p.String(), "\n") + "\n"
}

// counts gives how many functions are exact, the forms among them that Trino lists as functions, and how many differ.
func (p *page) counts() (exact, differs int) {
	for _, f := range dialect.Functions() {
		if f.Differs == "" && len(p.missing(f)) == 0 {
			exact++
		} else {
			differs++
		}
	}
	for name := range p.trino {
		if _, refused := dialect.Refused()[name]; !refused && dialect.Functions()[name] == nil {
			exact++
		}
	}
	return exact, differs
}

func (p *page) head() {
	exact, differs := p.counts()
	p.line("# SQL: what works\n")
	p.line("<!-- Written by `make compat` from the registry of query/dialect; a test keeps it so. -->\n")
	p.line("A query means here what it means in Athena, or it is refused by name. Athena's SQL is Trino's; where Athena is known to")
	p.line("differ from Trino, such as in `1.5` being a double, it is Athena that is followed. Of the functions of Trino 476\n")
	p.line("| | |\n|---|---|")
	p.line("| **exact** | %d functions: the same value and type, the same error where Trino fails; some have a limit, beyond which they fail by name |", exact)
	p.line("| **differs** | %d functions: as said beside each |", differs)
	p.line("| **refused** | %d functions: `NOT_SUPPORTED` with the name, and the nearest that works where something does |\n", len(dialect.Refused()))
	p.line("Each example on this page, and several thousand more, run through the engine in the tests and are compared with the")
	p.line("recorded answers of a Trino 476; `make trino-diff` asks a live one. The last digits of sums and averages of `double` and `real`")
	p.line("depend on the order of rows, in Trino and here. Of several errors in a query one is told, which need not be the one that Trino")
	p.line("comes upon first. `SHOW FUNCTIONS` tells what this page does.\n")
}

func (p *page) constructs() {
	section := ""
	for _, c := range dialect.Constructs() {
		if c.Section != section {
			section = c.Section
			p.line("\n### %s\n\n| | | Example |\n|---|---|---|", section)
		}
		p.line("| %s | %s | %s |", cell(c.Name), state(c.Differs, c.Refused, c.Instead), code(c.SQL))
	}
	p.line("")
}

func state(differs, refused, instead string) string {
	switch {
	case refused != "" && instead != "":
		return "**refused**: " + cell(refused) + "; the nearest is " + code(instead)
	case refused != "":
		return "**refused**: " + cell(refused)
	case differs != "":
		return "**differs**: " + cell(differs)
	}
	return "exact"
}

func (p *page) family(family string) {
	p.line("### %s\n\n| Function | | Parameters and result | Example |\n|---|---|---|---|", family)
	all := dialect.Functions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		if f.Family != family {
			continue
		}
		differs := f.Differs
		if missing := p.missing(f); len(missing) > 0 {
			differs = strings.TrimPrefix(differs+"; not with ("+strings.Join(missing, "), (")+")", "; ")
		}
		text := state(differs, "", "")
		if f.Limit != "" {
			text += "; limit: " + cell(f.Limit)
		}
		p.line("| `%s` | %s | %s | %s |", name, text, overloads(f), shortest(f))
	}
	p.line("")
}

func overloads(f *dialect.Function) string {
	var list []string
	for i := range f.Overloads {
		o := &f.Overloads[i]
		list = append(list, code("("+o.Parameters()+") → "+o.Result()))
	}
	return strings.Join(slices.Compact(list), "<br>")
}

// shortest gives the example with the least text of those that give a value.
func shortest(f *dialect.Function) string {
	best := ""
	for _, e := range f.Examples {
		if e.Error != "" || e.Want == "NULL" || e.Want == "" {
			continue
		}
		text := strings.TrimPrefix(e.SQL, "SELECT ") + " → " + e.Want
		if best == "" || len(text) < len(best) {
			best = text
		}
	}
	return code(best)
}

func (p *page) refused() {
	p.line("### Refused\n\n| Function | Why | The nearest |\n|---|---|---|")
	type reason struct{ why, instead string }
	names := map[reason][]string{}
	var order []reason
	all := dialect.Refused()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r := reason{all[name].Why, all[name].Instead}
		if names[r] == nil {
			order = append(order, r)
		}
		if s := p.trino[name]; len(s) > 0 {
			name = s[0].Name
		}
		names[r] = append(names[r], "`"+name+"`")
	}
	for _, r := range order {
		p.line("| %s | %s | %s |", strings.Join(names[r], " "), cell(r.why), code(r.instead))
	}
	p.line("")
}

func (p *page) foreign() {
	p.line("### Names of other dialects\n")
	p.line("Trino lacks these, and so the query fails with `FUNCTION_NOT_FOUND` and the name to use.\n\n| Elsewhere | Here |\n|---|---|")
	foreign := dialect.Foreign()
	for _, name := range slices.Sorted(maps.Keys(foreign)) {
		p.line("| `%s` | %s |", name, code(foreign[name]))
	}
}

func (p *page) differences(list []Difference) {
	p.line("\n## Examples that differ\n")
	p.line("Of all examples of the dialect these are the ones whose result here is not the one that was recorded of Trino 476.\n\n| Query | Here | Trino | Why |\n|---|---|---|---|")
	for _, d := range list {
		p.line("| %s | %s | %s | %s |", code(d.SQL), code(d.Here), code(d.Trino), cell(d.Reason))
	}
}

// missing gives the parameters of Trino's signatures that the function does not take here.
func (p *page) missing(f *dialect.Function) []string {
	var ours []string
	for i := range f.Overloads {
		ours = append(ours, shape(f.Overloads[i].Parameters()))
	}
	var missing []string
	for _, s := range p.trino[f.Name] {
		wanted := shape(s.Parameters)
		if dialect.TakesChar(f.Name) && (wanted == "char" || strings.HasPrefix(wanted, "char,")) {
			continue
		}
		if !slices.ContainsFunc(ours, func(our string) bool {
			return our == wanted || strings.TrimSuffix(our, "...") == wanted || covers(our, wanted)
		}) {
			missing = append(missing, s.Parameters)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

var (
	sizes    = regexp.MustCompile(`\b(varchar|char|decimal|time|timestamp)\([^()]*\)`)
	words    = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	inTrino  = map[string]string{"joniregexp": "varchar", "jsonpath": "varchar", "codepoints": "varchar"}
	anyTypes = map[string]bool{}
)

func init() {
	for _, t := range strings.Fields("boolean tinyint smallint integer bigint real double decimal varchar char varbinary date time timestamp with zone interval day to second year month json uuid ipaddress color " +
		"array map row function hyperloglog qdigest tdigest setdigest geometry") {
		anyTypes[t] = true
	}
}

// shape gives parameters without the sizes of types, and with ? for each type variable.
func shape(parameters string) string {
	text := sizes.ReplaceAllString(parameters, "$1")
	return words.ReplaceAllStringFunc(strings.ReplaceAll(text, " ", ""), func(word string) string {
		if alias, ok := inTrino[word]; ok {
			return alias
		}
		if anyTypes[word] || strings.HasPrefix(word, "timestampwith") || strings.HasPrefix(word, "timewith") || strings.HasPrefix(word, "interval") {
			return word
		}
		return "?"
	})
}

// covers tells whether a signature whose parameters are all variables takes what another one takes.
func covers(our, wanted string) bool {
	ours, wants := strings.Split(our, ","), strings.Split(wanted, ",")
	if len(ours) != len(wants) {
		return false
	}
	for i, o := range ours {
		if o != "?" && o != wants[i] {
			return false
		}
	}
	return true
}

// cell makes text fit for a cell of a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) }

// code makes text code, in a cell.
func code(text string) string {
	if text == "" {
		return ""
	}
	text = strings.NewReplacer("|", `\|`, "\n", " ", "\x1b", `\e`).Replace(text)
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}
