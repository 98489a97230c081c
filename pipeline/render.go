package pipeline

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog/ddl"
	"github.com/loglake/loglake/shape"
)

// Render prints p as a file that Parse reads back to the same values. What is a default is left out. Small objects stand
// in one line.
//
// notes are comments by Path (that of tables.server_logs.columns.level, say; "" is the file). A note of one line stands
// behind a value that is in one line, any other above its key. Notes of what the file does not have are left out.
func Render(p *Pipeline, notes map[string]string) ([]byte, error) {
	root := &writer{notes: notes, node: &yaml.Node{Kind: yaml.MappingNode}}
	root.pipeline(p)
	compact(root.node, 0)
	if len(root.node.Content) == 0 {
		root.node.Style = yaml.FlowStyle
	}
	document := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root.node}}
	var b bytes.Buffer
	if note := notes[""]; note != "" {
		b.WriteString(comment(note) + "\n")
	}
	dumper, err := yaml.NewDumper(&b, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err == nil {
		err = dumper.Dump(document)
	}
	if err == nil {
		err = dumper.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("print the pipeline: %w", err)
	}
	return b.Bytes(), nil
}

func comment(note string) string {
	lines := strings.Split(strings.TrimRight(note, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("# "+line, " ")
	}
	return strings.Join(lines, "\n")
}

// writer builds one mapping.
type writer struct {
	notes map[string]string
	path  string
	node  *yaml.Node
}

// add appends a key with its value, and the note of its path.
func (w *writer) add(name string, value *yaml.Node) {
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
	if note := w.notes[join(w.path, name)]; note != "" {
		if value.Kind == yaml.ScalarNode && !strings.Contains(strings.TrimSpace(note), "\n") {
			value.LineComment = comment(note)
		} else {
			key.HeadComment = comment(note)
		}
	}
	w.node.Content = append(w.node.Content, key, value)
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if strings.Contains(text, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// text adds a text unless it is the default.
func (w *writer) text(name, value, preset string) {
	if value != preset {
		w.add(name, scalar(value))
	}
}

// object adds a mapping, also an empty one.
func (w *writer) object(name string, fill func(*writer)) {
	inner := &writer{notes: w.notes, path: join(w.path, name), node: &yaml.Node{Kind: yaml.MappingNode}}
	fill(inner)
	w.add(name, inner.node)
}

// list adds a sequence of mappings, unless there are none.
func (w *writer) list(name string, n int, fill func(w *writer, i int)) {
	if n == 0 {
		return
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range n {
		inner := &writer{notes: w.notes, path: index(join(w.path, name), i), node: &yaml.Node{Kind: yaml.MappingNode}}
		fill(inner, i)
		if note := w.notes[inner.path]; note != "" {
			inner.node.HeadComment = comment(note)
		}
		list.Content = append(list.Content, inner.node)
	}
	w.add(name, list)
}

// some adds one text as it is and several as a list.
func (w *writer) some(name string, values []string) {
	switch len(values) {
	case 0:
	case 1:
		w.add(name, scalar(values[0]))
	default:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, v := range values {
			list.Content = append(list.Content, scalar(v))
		}
		w.add(name, list)
	}
}

func (w *writer) pipeline(p *Pipeline) {
	w.text("zone", p.Zone, "UTC")
	w.text("bucket", p.Bucket, "")
	w.text("database", p.Database, "default")
	if len(p.Groups) > 0 {
		w.object("groups", func(w *writer) {
			for _, g := range p.Groups {
				w.object(string(g.Name), func(w *writer) { w.group(g) })
			}
		})
	}
	if len(p.Tables) > 0 {
		w.object("tables", func(w *writer) {
			for i, t := range p.Tables {
				w.object(t.Name, func(w *writer) { w.table(p, i) })
			}
		})
	}
	if len(p.Streams) > 0 {
		w.object("streams", func(w *writer) {
			for _, s := range p.Streams {
				w.object(string(s.Name), func(w *writer) { w.stream(p, s) })
			}
		})
	}
	if p.Server != (Server{}) {
		w.object("server", func(w *writer) {
			for _, s := range Settings() {
				w.text(s.Key, *s.Of(&p.Server), "")
			}
		})
	}
}

func (w *writer) group(g Group) {
	if g.RetentionDays > 0 {
		w.add("retention", scalar(strconv.Itoa(g.RetentionDays)+"d"))
	}
	w.text("parse", string(g.Parse), "")
	w.text("regex", g.Regex, "")
	switch {
	case g.Multiline.Start != "":
		w.add("multiline", scalar(g.Multiline.Start))
	case !g.Multiline.Join:
		w.add("multiline", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"})
	}
	w.list("noise", len(g.Noise), func(w *writer, i int) { w.rule(g.Noise[i]) })
	w.list("routes", len(g.Routes), func(w *writer, i int) {
		w.text("filter", g.Routes[i].Filter, "")
		w.text("to", string(g.Routes[i].To), "")
	})
}

func (w *writer) rule(r shape.Rule) {
	w.some("method", r.Method)
	w.some("path", r.Path)
	w.some("level", r.Level)
	if len(r.Fields) > 0 {
		w.object("fields", func(w *writer) {
			for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
				w.some(name, r.Fields[name])
			}
		})
	}
	w.list("except", len(r.Except), func(w *writer, i int) { w.rule(r.Except[i]) })
}

func (w *writer) table(p *Pipeline, i int) {
	t := p.Tables[i]
	w.text("partition_by", t.PartitionBy, "")
	if len(t.Properties) > 0 || !slices.Equal(t.PartitionKeys, []loglake.Column{{Name: dayKey, Type: "string"}}) {
		w.text("ddl", strings.TrimSpace(t.Statement("").String()), "")
		return
	}
	w.text("comment", t.Comment, "")
	preset := Pipeline{Bucket: p.Bucket, Tables: slices.Clone(p.Tables)}
	preset.Tables[i].Location = ""
	preset.fillTable(i)
	w.text("location", t.Location, preset.Tables[i].Location)
	w.object("columns", func(w *writer) {
		for _, c := range t.Columns {
			if c.Comment == "" && c.Key == "" {
				w.text(c.Name, c.Type, "")
				continue
			}
			w.object(c.Name, func(w *writer) {
				w.text("type", c.Type, "")
				w.text("key", c.Key, "")
				w.text("comment", c.Comment, "")
			})
		}
	})
}

// Statement gives the table as the Hive statement that makes it in a database; "" leaves the name without one.
func (t Table) Statement(database string) *ddl.CreateTable {
	return &ddl.CreateTable{
		Name: ddl.Name{Database: database, Table: t.Name}, Columns: t.Schema(), Comment: t.Comment, PartitionKeys: t.PartitionKeys,
		Buckets: -1, Location: t.Location, Properties: t.Properties,
		Format: ddl.Format{
			SerDe:        parquetSerDe,
			InputFormat:  "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
			OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
		},
	}
}

func (w *writer) stream(p *Pipeline, s Stream) {
	preset := Stream{Name: s.Name, Table: s.Table, BufferMiB: unset, BufferSeconds: unset}
	p.fillStream(&preset)
	var from []string
	for _, g := range s.From {
		from = append(from, string(g))
	}
	w.some("from", from)
	w.text("filter", s.Filter, "")
	w.text("table", s.Table, "")
	w.text("prefix", s.Prefix, preset.Prefix)
	w.text("error_prefix", s.ErrorPrefix, preset.ErrorPrefix)
	w.text("codec", string(s.Codec), string(preset.Codec))
	w.text("policy", s.Policy, preset.Policy)
	if s.BufferMiB != preset.BufferMiB || s.BufferSeconds != preset.BufferSeconds {
		w.object("buffer", func(w *writer) {
			w.text("size", strconv.Itoa(s.BufferMiB)+"MiB", strconv.Itoa(preset.BufferMiB)+"MiB")
			w.text("interval", strconv.Itoa(s.BufferSeconds)+"s", strconv.Itoa(preset.BufferSeconds)+"s")
		})
	}
}

// lineMax is how long an object may be to stand in one line.
const lineMax = 90

// compact gives small objects and lists one line each, from the inside out, and tells how long n is then; the sections
// of the file and what carries comments keep their lines.
func compact(n *yaml.Node, depth int) (length int, ok bool) {
	if n.Kind == yaml.ScalarNode {
		return utf8.RuneCountInString(n.Value) + 4, n.HeadComment == "" && n.LineComment == "" && n.Style != yaml.LiteralStyle
	}
	ok = n.HeadComment == ""
	for _, inner := range n.Content {
		size, fits := compact(inner, depth+1)
		length += size
		ok = ok && fits
	}
	outermost := 2 // below the sections of the file
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
		outermost = 4 // the rules and routes of a group have a line each
	}
	if ok = ok && length <= lineMax && depth >= outermost; ok || len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return length + 4, ok
}
