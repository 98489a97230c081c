package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// The bounds of a file. Aliases count as often as they are used, so that a small file can't stand for a huge one.
const (
	FileBytesMax = 1 << 20
	nodesMax     = 100_000
	depthMax     = 40
)

// node is a value of the file, aliases and merge keys resolved.
type node struct {
	kind   yaml.Kind // MappingNode, SequenceNode or ScalarNode
	tag    string    // of a scalar: !!str, !!int, !!null, …
	text   string    // of a scalar
	line   int
	column int
	pairs  []pair  // of a mapping
	items  []*node // of a sequence
}

type pair struct{ key, value *node }

func (n *node) null() bool { return n.kind == yaml.ScalarNode && n.tag == "!!null" }

// what says what a value is, for complaints.
func (n *node) what() string {
	switch {
	case n.null():
		return "nothing"
	case n.kind == yaml.MappingNode:
		return "keys"
	case n.kind == yaml.SequenceNode:
		return "a list"
	}
	const long = 60
	if text := n.text; utf8.RuneCountInString(text) > long {
		return fmt.Sprintf("%q…", string([]rune(text)[:long]))
	}
	return fmt.Sprintf("%q", n.text)
}

// tree reads YAML into nodes. It gives nil for a file without a value.
func (d *decoder) tree(text []byte) *node {
	if len(text) > FileBytesMax {
		d.problem(1, 1, "the file has %d bytes; a pipeline has %d at most", len(text), FileBytesMax)
		return nil
	}
	if !utf8.Valid(text) {
		line, column := position(text, invalidAt(text))
		d.problem(line, column, "this is not UTF-8, as a file of text has to be")
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		d.problem(1, 1, "%v", err)
		return nil
	}
	var document, more yaml.Node
	if err := loader.Load(&document); err != nil {
		d.syntax(err, text)
		return nil
	}
	switch err := loader.Load(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(err, text)
		return nil
	default:
		d.problem(more.Line, more.Column, "a second document begins here; a file has one")
		return nil
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return nil
	}
	return d.resolve(document.Content[0], 0)
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

func position(text []byte, at int) (line, column int) {
	before := text[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// syntax notes what the YAML parser says of a text.
func (d *decoder) syntax(err error, file []byte) {
	if errors.Is(err, io.EOF) {
		return
	}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		d.problem(1, 1, "this is not YAML: %v", err)
		return
	}
	if lines := bytes.Split(file, []byte{'\n'}); load.Mark.Line > 0 && load.Mark.Line <= len(lines) && tabbed(lines[load.Mark.Line-1]) {
		d.problem(load.Mark.Line, 1, "this line is indented with a tab; YAML is indented with spaces")
		return
	}
	text := load.Message
	if strings.Contains(text, "cannot start any token") {
		text += "; quote values that begin with % @ or `"
	}
	if load.ContextMsg != "" {
		text = load.ContextMsg + ", " + text
	}
	if begin := load.ContextMark.Line; begin > 0 && begin != load.Mark.Line {
		text += fmt.Sprintf(" (it begins in line %d)", begin)
	}
	d.problem(max(load.Mark.Line, 1), max(load.Mark.Column, 1), "this is not YAML: %s", text)
}

// tabbed tells whether a line is indented with a tab.
func tabbed(line []byte) bool {
	return bytes.IndexByte(line[:len(line)-len(bytes.TrimLeft(line, " \t"))], '\t') >= 0
}

// resolve gives n with aliases followed and merge keys laid out. What is wrong is noted, and left out.
func (d *decoder) resolve(n *yaml.Node, depth int) *node {
	if d.nodes++; d.nodes > nodesMax {
		if d.nodes == nodesMax+1 {
			d.problem(n.Line, n.Column, "the file stands for more than %d values, aliases counted as often as they are used", nodesMax)
		}
		return nil
	}
	if depth > depthMax {
		d.problem(n.Line, n.Column, "values nest deeper than %d, or an alias stands within its own anchor", depthMax)
		return nil
	}
	out := &node{kind: n.Kind, line: n.Line, column: n.Column}
	switch n.Kind {
	case yaml.AliasNode:
		target := d.resolve(n.Alias, depth+1)
		if target == nil {
			return nil
		}
		out := *target
		out.line, out.column = n.Line, n.Column
		return &out
	case yaml.ScalarNode:
		out.tag, out.text = n.ShortTag(), n.Value
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if v := d.resolve(item, depth+1); v != nil {
				out.items = append(out.items, v)
			}
		}
	case yaml.MappingNode:
		d.mapping(n, out, depth)
	}
	return out
}

// mapping resolves the pairs of n into out: its own keys first, then those merged in that it has not.
func (d *decoder) mapping(n *yaml.Node, out *node, depth int) {
	seen := map[string]*node{}
	var merged []*node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := d.resolve(n.Content[i], depth+1), d.resolve(n.Content[i+1], depth+1)
		switch {
		case key == nil || value == nil:
		case key.tag == "!!merge":
			if value.kind == yaml.SequenceNode {
				merged = append(merged, value.items...)
			} else {
				merged = append(merged, value)
			}
		case key.kind != yaml.ScalarNode:
			d.problem(key.line, key.column, "a key is a name, not %s", key.what())
		case seen[key.text] != nil:
			d.problem(key.line, key.column, "%s is there already, in line %d", key.text, seen[key.text].line)
		default:
			seen[key.text] = key
			out.pairs = append(out.pairs, pair{key, value})
		}
	}
	for _, m := range merged {
		if m.kind != yaml.MappingNode {
			d.problem(m.line, m.column, "<< merges keys, and this is %s", m.what())
		}
		for _, p := range m.pairs {
			if seen[p.key.text] == nil {
				seen[p.key.text] = p.key
				out.pairs = append(out.pairs, p)
			}
		}
	}
}
