package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/loglake/loglake/query/dialect"
)

// keywords are the words of the two grammars that are worth completing.
var keywords = strings.Fields(`ADD ALL ALTER AND AS ASC BETWEEN BY CASE CAST COLUMNS COMMENT CREATE CROSS CURRENT_DATE CURRENT_TIMESTAMP
 DATABASE DATABASES DATE DESC DESCRIBE DISTINCT DROP ELSE END EXCEPT EXISTS EXTERNAL FALSE FILTER FIRST FROM FULL GROUP HAVING IF IN
 INNER INTERSECT INTERVAL IS JOIN LAST LEFT LIKE LIMIT LOCATION MSCK NOT NULL NULLS OFFSET ON OR ORDER OVER PARTITION PARTITIONED
 PARTITIONS REPAIR RIGHT SELECT SHOW STORED TABLE TABLES TBLPROPERTIES THEN TIMESTAMP TRUE UNION USING VALUES WHEN WHERE WITH`)

// names are what can be completed of a database, as it was when it was last asked.
type names struct {
	known   bool
	tables  []string
	columns map[string][]string // by table, partition keys last
}

// forget has them asked for again.
func (n *names) forget() { *n = names{} }

// lookUp asks the server, unless that was done. Without an answer there is less to complete.
func (s *shell) lookUp(ctx context.Context) {
	if s.names.known {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	list, err := s.tables(ctx)
	if err != nil {
		return
	}
	*s.names = names{known: true, columns: map[string][]string{}}
	for _, t := range list {
		name := aws.ToString(t.Name)
		s.names.tables = append(s.names.tables, name)
		if t.StorageDescriptor != nil {
			for _, c := range t.StorageDescriptor.Columns {
				s.names.columns[name] = append(s.names.columns[name], aws.ToString(c.Name))
			}
		}
		for _, c := range t.PartitionKeys {
			s.names.columns[name] = append(s.names.columns[name], aws.ToString(c.Name))
		}
	}
}

// edit is a key pressed in a line.
type edit struct {
	line string
	pos  int // in bytes
	key  rune
}

// listMax is how many completions are listed.
const listMax = 100

// complete answers Tab: with the rest of the word as far as it is certain, or else with a list of what there is.
func (s *shell) complete(ctx context.Context, out io.Writer, e edit) (line string, pos int, ok bool) {
	if e.key != '\t' {
		return "", 0, false
	}
	before := e.line[:e.pos]
	at := strings.LastIndexFunc(before, func(r rune) bool {
		return r != '_' && r != '\\' && r != '?' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) + 1
	word := before[at:]
	s.lookUp(ctx)
	found := s.names.matching(before[:at], word)
	if len(found) == 0 {
		return e.line, e.pos, true
	}
	if rest := common(found); len(rest) > len(word) {
		return before[:at] + rest + e.line[e.pos:], at + len(rest), true
	}
	if len(found) > 1 {
		listed := found[:min(len(found), listMax)]
		more := ""
		if len(found) > len(listed) {
			more = fmt.Sprintf("  … and %d more", len(found)-len(listed))
		}
		fmt.Fprintf(out, "%s%s\n", strings.Join(listed, "  "), more)
	}
	return e.line, e.pos, true
}

// matching gives what a word can become, in order, as it is to be written; before is the line up to the word.
func (n *names) matching(before, word string) []string {
	var found []string
	add := func(candidates []string, spell func(string) string) {
		for _, c := range candidates {
			if len(c) >= len(word) && strings.EqualFold(c[:len(word)], word) {
				found = append(found, spell(c))
			}
		}
	}
	asIs := func(c string) string { return c }
	command, _, _ := strings.Cut(strings.TrimLeft(before, " "), " ")
	switch qualifier, qualified := qualifierOf(before); {
	case strings.HasPrefix(word, `\`):
		add(metaCommands, asIs)
	case command == `\format`:
		add([]string{"csv", "json", "table"}, asIs)
	case command == `\d`:
		add(n.tables, asIs)
	case qualified && n.columns[qualifier] != nil:
		add(n.columns[qualifier], asIs)
	case qualified: // an alias, or a database
		n.addNames(add, asIs)
	case word == "":
		n.addNames(add, asIs)
	default:
		n.addNames(add, asIs)
		add(keywords, func(c string) string {
			if strings.ToUpper(word) != word {
				return strings.ToLower(c)
			}
			return c
		})
		for name := range dialect.Functions() {
			add([]string{name + "("}, asIs)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (n *names) addNames(add func([]string, func(string) string), spell func(string) string) {
	add(n.tables, spell)
	for _, columns := range n.columns {
		add(columns, spell)
	}
}

// qualifierOf gives the name in front of the dot that a line ends with.
func qualifierOf(before string) (name string, ok bool) {
	if !strings.HasSuffix(before, ".") {
		return "", false
	}
	before = before[:len(before)-1]
	at := strings.LastIndexFunc(before, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) + 1
	return strings.ToLower(before[at:]), true
}

// common gives the beginning that all words have, as the first one spells it.
func common(words []string) string {
	begin := words[0]
	for _, w := range words[1:] {
		n := 0
		for n < min(len(begin), len(w)) && strings.EqualFold(begin[n:n+1], w[n:n+1]) {
			n++
		}
		begin = begin[:n]
	}
	return begin
}
