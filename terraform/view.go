package terraform

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
)

// view is what the template is filled with.
type view struct {
	Source, Region, Endpoint string
	Differences              []string // paragraphs
	Database                 string
	Results                  string // id of the bucket for the results of queries
	Buckets                  []bucketView
	Groups                   []groupView
	Tables                   []tableView
	Streams                  []streamView
}

type bucketView struct {
	ID, Variable, Name string
	Results            bool
}

type groupView struct {
	ID, Name  string
	Retention int
	Notes     []string // paragraphs
}

type pair struct{ Key, Value string }

type tableView struct {
	ID, Name, Comment string
	Bucket            string // an id
	Prefix            string
	Parameters        []pair // keys as HCL has them
	PartitionKeys     []loglake.Column
	Columns           []loglake.Column
}

type streamView struct {
	ID, Name, Short           string
	Errors                    string // id of the group of Firehose's own errors
	Bucket                    string // an id
	FilterName, Filter        string
	From                      []sourceView
	FromNames                 []string
	Table, TableName          string // id and name; "" for lines
	Prefix, ErrorPrefix, Zone string
	WrittenBelow              []string
	BufferMiB, BufferSeconds  int
	Compression               string
	ParquetCompression        string
	Processors                []processor
	Mappings                  []pair
}

type sourceView struct{ ID, Group string } // ids

type processor struct{ Type, Parameter, Value string }

// namer gives what the parts of a pipeline are called in the configuration.
type namer struct {
	p                       *pipeline.Pipeline
	buckets, tables, groups map[string]string
	groupIDs, streamIDs     identifiers
}

func newView(c Config) *view {
	p := c.Pipeline
	n := &namer{p: p, buckets: map[string]string{}, tables: map[string]string{}, groups: map[string]string{},
		groupIDs: identifiers{}, streamIDs: identifiers{}}
	v := &view{Source: c.Source, Region: p.Server.Region, Endpoint: c.Endpoint, Database: databaseOf(p), Differences: differences(p)}
	if v.Region == "" {
		v.Region = "us-east-1"
	}
	v.bucketsOf(n)
	v.groupsOf(n)
	v.tablesOf(n)
	for _, s := range p.Streams {
		v.Streams = append(v.Streams, n.stream(s))
	}
	return v
}

// databaseOf gives the database of the tables. default is there on many accounts already, made by no Terraform, so on AWS
// the tables get one of their own.
func databaseOf(p *pipeline.Pipeline) string {
	if p.Database == defaultDatabase {
		return "logs"
	}
	return p.Database
}

const defaultDatabase = "default"

func (v *view) bucketsOf(n *namer) {
	ids, main := identifiers{}, n.p.Bucket
	names := n.p.Buckets()
	if main == "" && len(names) > 0 {
		main = names[0]
	}
	for _, name := range names {
		b := bucketView{ID: ids.of(name), Name: name, Results: name == main && len(n.p.Tables) > 0, Variable: "bucket"}
		if name != main {
			b.Variable = "bucket_" + b.ID
		}
		if b.Results {
			v.Results = b.ID
		}
		n.buckets[name] = b.ID
		v.Buckets = append(v.Buckets, b)
	}
}

func (v *view) groupsOf(n *namer) {
	declared := map[loglake.GroupName]bool{}
	for _, g := range n.p.Groups {
		declared[g.Name] = true
		id := n.groupIDs.of(string(g.Name))
		n.groups[string(g.Name)] = id
		v.Groups = append(v.Groups, groupView{ID: id, Name: string(g.Name), Retention: g.RetentionDays, Notes: groupNotes(g)})
	}
	for _, name := range named(n.p) { // groups that are named and not declared: made as they are here, for ever
		if declared[name] {
			continue
		}
		declared[name] = true
		id := n.groupIDs.of(string(name))
		n.groups[string(name)] = id
		v.Groups = append(v.Groups, groupView{ID: id, Name: string(name)})
	}
}

// named gives the groups that streams and routes name.
func named(p *pipeline.Pipeline) (names []loglake.GroupName) {
	for _, g := range p.Groups {
		for _, r := range g.Routes {
			names = append(names, r.To)
		}
	}
	for _, s := range p.Streams {
		names = append(names, s.From...)
	}
	return names
}

func (v *view) tablesOf(n *namer) {
	ids := identifiers{}
	for _, t := range n.p.Tables {
		bucket, prefix, _ := loglake.SplitLocation(t.Location)
		id := ids.of(t.Name)
		n.tables[t.Name] = id
		v.Tables = append(v.Tables, tableView{
			ID: id, Name: t.Name, Comment: t.Comment, Bucket: n.buckets[bucket], Prefix: prefix,
			Parameters: parameters(n.p, t), PartitionKeys: t.PartitionKeys, Columns: t.Schema(),
		})
	}
}

// parameters gives a table's properties by name, keys as HCL has them.
func parameters(p *pipeline.Pipeline, t pipeline.Table) (list []pair) {
	all := map[string]string{"EXTERNAL": "TRUE", "classification": "parquet"}
	maps.Copy(all, projectionOf(p, t))
	maps.Copy(all, t.Properties) // what the file says wins
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, pair{key(name), all[name]})
	}
	return list
}

// key gives a key of an object as HCL has it.
func key(name string) string {
	for i, c := range name {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return quote(name)
		}
	}
	return name
}

func (n *namer) stream(s pipeline.Stream) streamView {
	v := streamView{
		ID: n.streamIDs.of(string(s.Name)), Name: string(s.Name), Short: short(string(s.Name)), Bucket: n.buckets[s.Bucket],
		FilterName: s.FilterName(), Filter: s.Filter, Prefix: s.Prefix, ErrorPrefix: s.ErrorPrefix,
		WrittenBelow: []string{fixed(s.Prefix), fixed(s.ErrorPrefix)}, BufferMiB: s.BufferMiB, BufferSeconds: s.BufferSeconds,
	}
	v.Errors = n.groupIDs.of(string(s.Name) + "_firehose")
	if s.Zone != "UTC" {
		v.Zone = s.Zone
	}
	for _, group := range s.From {
		id := v.ID
		if len(s.From) > 1 {
			id += "_" + n.groups[string(group)]
		}
		v.From = append(v.From, sourceView{ID: id, Group: n.groups[string(group)]})
		v.FromNames = append(v.FromNames, string(group))
	}
	if len(s.From) > 0 {
		v.Processors = []processor{
			{"Decompression", "CompressionFormat", "GZIP"},
			{"CloudWatchLogProcessing", "DataMessageExtraction", "true"},
		}
	}
	if t, ok := n.p.Table(s.Table); ok {
		v.Table, v.TableName = n.tables[t.Name], t.Name
		v.ParquetCompression = parquetCompression[s.Codec]
		v.Mappings = mappings(t)
		return v
	}
	v.Processors = append(v.Processors, processor{Type: "AppendDelimiterToRecord", Parameter: "Delimiter", Value: `\n`})
	v.Compression = map[pipeline.Codec]string{pipeline.Gzip: "GZIP", pipeline.Plain: "UNCOMPRESSED"}[s.Codec]
	return v
}

// parquetCompression are Firehose's names of the codecs. It has no zstd; difference.go tells.
var parquetCompression = map[pipeline.Codec]string{
	pipeline.Snappy: "SNAPPY", pipeline.Zstd: "SNAPPY", pipeline.Gzip: "GZIP", pipeline.Uncompressed: "UNCOMPRESSED",
}

// mappings gives the columns that are filled from keys of another name.
func mappings(t pipeline.Table) (list []pair) {
	for _, c := range t.Columns {
		if c.Key != "" {
			list = append(list, pair{key(c.Name), c.Key})
		}
	}
	return list
}

// fixed gives the part of a prefix that is the same for all objects.
func fixed(prefix string) string {
	head, _, found := strings.Cut(prefix, "!{")
	if !found {
		return prefix
	}
	return head[:strings.LastIndexByte(head, '/')+1]
}

// shortMax is how long a stream's name may be within the name of a role, which has 64 characters: a name of 20 in front
// of it and "-subscription" behind it leave that much.
const shortMax = 30

// short gives a stream's name, a longer one as its beginning and a number that is its own.
func short(name string) string {
	if len(name) <= shortMax {
		return name
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("%s-%08x", strings.TrimRight(name[:shortMax-9], "-"), h.Sum32())
}
