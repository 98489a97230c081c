package pipeline

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/loglake/loglake/internal/spelling"
)

// Load reads the file at path. The error is *Invalid where the file is wrong, and wraps fs.ErrNotExist where there is
// none. Paths in the settings of the server come back relative to the working directory.
func Load(path string) (p *Pipeline, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, FileBytesMax+1))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err // it names the file
	}
	if p, err = parse(path, text); err != nil {
		return nil, err
	}
	for _, s := range Settings() {
		if value := s.Of(&p.Server); s.path && *value != "" && !filepath.IsAbs(*value) {
			*value = filepath.Join(filepath.Dir(path), *value)
		}
	}
	return p, nil
}

// Parse reads the text of a file. The error is *Invalid, its file is called FileName.
func Parse(text []byte) (*Pipeline, error) { return parse(FileName, text) }

func parse(name string, text []byte) (*Pipeline, error) {
	d := &decoder{marks: map[string]mark{}, broken: map[string]bool{}}
	p := &Pipeline{}
	if root := d.tree(text); root != nil && len(d.problems) == 0 {
		d.pipeline(root, p)
	}
	p.fill()
	d.check(p)
	if len(d.problems) > 0 {
		return nil, &Invalid{File: name, Problems: sorted(d.problems)}
	}
	return p, nil
}

// decoder makes a Pipeline of nodes and collects what is wrong on the way.
type decoder struct {
	problems []Problem
	nodes    int
	marks    map[string]mark // where the value at a path stands; of a name of the user's own, where the name does
	broken   map[string]bool // tables whose DDL is wrong, so that nothing is known of them
}

// mark is a place in the file.
type mark struct{ line, column int }

func (d *decoder) problem(line, column int, format string, args ...any) {
	d.problems = append(d.problems, Problem{Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

func (d *decoder) wrong(n *node, format string, args ...any) {
	d.problem(n.line, n.column, format, args...)
}

// at notes a problem with the value at a path, or with the nearest thing above it that the file has.
func (d *decoder) at(path, format string, args ...any) {
	m, ok := d.marks[path]
	for !ok && path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		m, ok = d.marks[path]
	}
	d.problem(max(m.line, 1), max(m.column, 1), format, args...)
}

// Path is how a place in the file is named: the keys from the top with dots between them, such as
// groups./app/api.retention.
func Path(keys ...string) string { return strings.Join(keys, ".") }

// member is a key's value on its way into a Pipeline.
type member struct {
	*node
	name string
	path string
}

// object hands each key of a mapping to set. Unknown keys are told, and so are required ones that are missing.
func (d *decoder) object(n *node, path string, keys []key, set func(member)) {
	if n.null() {
		n = &node{kind: yaml.MappingNode, line: n.line, column: n.column}
	}
	if n.kind != yaml.MappingNode {
		d.wrong(n, "%s is %s; it has keys: %s", subject(path), n.what(), strings.Join(names(keys), ", "))
		return
	}
	given := map[string]bool{}
	for _, p := range n.pairs {
		name := p.key.text
		given[name] = true
		if _, ok := keyOf(keys, name); !ok {
			d.unknown(p.key, path, names(keys))
			continue
		}
		m := member{node: p.value, name: name, path: join(path, name)}
		d.marks[m.path] = mark{p.value.line, p.value.column}
		set(m)
	}
	for _, k := range keys {
		if k.required && !given[k.name] {
			d.wrong(n, "%s needs %s: %s", subject(path), k.name, k.doc)
		}
	}
}

func (d *decoder) unknown(key *node, path string, known []string) {
	where := subject(path)
	if path == "" && strings.HasPrefix(key.text, "/") {
		d.wrong(key, "%s stands at the beginning of its line, as the keys of the file do; a group has to be indented, below groups:", key.text)
		return
	}
	if home := homeOf(key.text); home != "" {
		d.wrong(key, "%s has no key %s, which is one of %s; its keys are %s", where, key.text, home, strings.Join(known, ", "))
		return
	}
	if near, ok := spelling.Nearest(key.text, known); ok {
		d.wrong(key, "%s has no key %s; did you mean %s?", where, key.text, near)
		return
	}
	d.wrong(key, "%s has no key %s; its keys are %s", where, key.text, strings.Join(known, ", "))
}

// subject names the object at a path as a person would.
func subject(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// names hands each entry of a mapping whose names are the user's own to set.
func (d *decoder) names(m member, what string, set func(member)) {
	if m.null() {
		return
	}
	if m.kind != yaml.MappingNode {
		d.wrong(m.node, "%s is %s; write %s: and what it is, one each line", m.path, m.what(), what)
		return
	}
	for _, p := range m.pairs {
		entry := member{node: p.value, name: p.key.text, path: join(m.path, p.key.text)}
		d.marks[entry.path] = mark{p.key.line, p.key.column}
		set(entry)
	}
}

// list hands each element of a list to set.
func (d *decoder) list(m member, set func(member)) {
	if m.kind != yaml.SequenceNode {
		d.wrong(m.node, "%s is %s; it has to be a list: - one, - another, or [one, another]", m.path, m.what())
		return
	}
	for i, item := range m.items {
		entry := member{node: item, path: index(m.path, i)}
		d.marks[entry.path] = mark{item.line, item.column}
		set(entry)
	}
}

// some gives the texts of a list, or of a single value.
func (d *decoder) some(m member) []string {
	if m.kind != yaml.SequenceNode {
		m.node = &node{kind: yaml.SequenceNode, line: m.line, column: m.column, items: []*node{m.node}}
	}
	var out []string
	d.list(m, func(item member) {
		if text, ok := d.text(item); ok {
			out = append(out, text)
		}
	})
	return out
}

// text gives a scalar's text, as it was written: 200 and true are texts too where a text is wanted.
func (d *decoder) text(m member) (string, bool) {
	if m.kind != yaml.ScalarNode || m.null() {
		d.wrong(m.node, "%s is %s; it has to be a text", m.path, m.what())
		return "", false
	}
	return m.node.text, true
}

// choice gives a text that is one of a few.
func (d *decoder) choice(m member, choices []string) string {
	text, ok := d.text(m)
	if !ok {
		return ""
	}
	for _, c := range choices {
		if c == text {
			return text
		}
	}
	if near, ok := spelling.Nearest(text, choices); ok {
		d.wrong(m.node, "%s is not %q; did you mean %s?", m.path, text, near)
	} else {
		d.wrong(m.node, "%s is not %q; it is one of %s", m.path, text, strings.Join(choices, ", "))
	}
	return ""
}

// index is the path of an element of a list.
func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
