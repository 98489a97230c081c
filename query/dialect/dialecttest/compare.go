package dialecttest

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Compare holds examples against a Trino's answers and gives what is wrong, in words, and the examples that have no answer.
// differs are the examples that are known to differ, with the reason; one that doesn't is wrong too. One that is refused by
// name need not be there.
func Compare(examples []dialect.Example, answers []Answer, differs map[string]string) (problems, missing []string) {
	bySQL := map[string]Answer{}
	for _, a := range answers {
		bySQL[a.SQL] = a
	}
	stale := maps.Clone(differs)
	for _, x := range examples {
		a, ok := bySQL[x.SQL]
		if !ok {
			missing = append(missing, x.SQL)
			delete(stale, x.SQL)
			continue
		}
		agree := agrees(x, a)
		if _, known := differs[x.SQL]; known == agree {
			if known {
				problems = append(problems, x.SQL+": does not differ from Trino, as differs.txt says")
			} else if !strings.HasPrefix(x.Error, dialect.CodeNotSupported) {
				problems = append(problems, fmt.Sprintf("%s: the example says %s of type %s%s, Trino %s", x.SQL, x.Want, x.Type, x.Error, a.Result()))
			}
		}
		delete(stale, x.SQL)
	}
	for _, sql := range slices.Sorted(maps.Keys(stale)) {
		problems = append(problems, sql+": differs.txt has it, but it is no example")
	}
	return problems, missing
}

// agrees tells whether an example is what Trino answered. An error of an example may be shorter, but never less than its
// name.
func agrees(x dialect.Example, a Answer) bool {
	if x.Error != "" || a.Error != "" {
		return x.Error != "" && strings.HasPrefix(x.Error, a.Code()) && strings.HasPrefix(a.Error, x.Error)
	}
	return a.Types[0] == x.Type && a.First() == x.Want
}

// ReadDiffers reads lines "query<TAB>reason"; an empty line and one that begins with # says nothing.
func ReadDiffers(r io.Reader) (map[string]string, error) {
	differs := map[string]string{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" || lines.Text()[0] == '#' {
			continue
		}
		sql, reason, ok := strings.Cut(lines.Text(), "\t")
		if !ok || reason == "" {
			return nil, fmt.Errorf("line %d: want a query, a tab and the reason", n)
		}
		if sql = unescape(sql); differs[sql] != "" {
			return nil, fmt.Errorf("line %d: %s is there twice", n, sql)
		}
		differs[sql] = reason
	}
	return differs, lines.Err()
}
