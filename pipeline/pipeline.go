// Package pipeline is loglake.yaml: a pipeline declared in a short file, and the values it stands for.
//
// Parse and Load read a file and give a Pipeline in which everything is said: what the file leaves out has its default,
// names are checked, patterns and types parsed, so that whoever acts on it (apply on a server, terraform on AWS, capture
// in front of an application) decides nothing again. All that is wrong with a file is told at once, each with its line and
// what would be right.
//
//	zone: Asia/Seoul
//	bucket: my-logs
//	groups:
//	  /app/api: {retention: 30d}
//	tables:
//	  server_logs:
//	    partition_by: timestamp
//	    columns: {timestamp: timestamp, level: string, path: string, status_code: int}
//	streams:
//	  server-logs: {from: /app/api, table: server_logs}
//
// How it hangs together: keys.go describes every key of the file once, and the parser's complaints, the JSON schema
// (schema.go) and the reference page (reference.go) are made of that description. yaml.go reads YAML into nodes within
// bounds, decode*.go make values of nodes, defaults.go fills in what was not said, check.go looks at the whole. Render
// goes the other way.
//
// A Pipeline is a plain value: it is not changed once it was given out, and may be read from several goroutines.
package pipeline

import (
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/shape"
)

// FileName is the file that `loglake serve` and others look for in the working directory.
const FileName = "loglake.yaml"

// Pipeline is a whole loglake.yaml. Groups, tables, streams and columns are in the order of the file.
type Pipeline struct {
	Zone     string // what a day is: a name of the IANA database, "UTC" by default
	Bucket   string // for tables and streams that name none; "" only where nothing is written
	Database string // the catalog database of the tables, "default" by default
	Groups   []Group
	Tables   []Table
	Streams  []Stream
	Server   Server
}

// Group is a log group, and what capture does with lines on their way into it.
type Group struct {
	Name          loglake.GroupName
	RetentionDays int // one of the service's; 0: events are kept for ever
	Noise         []shape.Rule
	Routes        []Route

	Parse     shape.Format // how lines are written; "": they are sent as they come
	Regex     string       // the expression, where Parse is shape.Regex
	Multiline Multiline
}

// Multiline says which lines are one event.
type Multiline struct {
	Join  bool   // join lines at all; without Start, those that look like the rest of a stack trace join the line before
	Start string // a regular expression: an event begins with a line that matches, "" where none was given
}

// Route copies the events of a group that match a filter pattern into another group, each exactly once.
type Route struct {
	Filter string // a filter pattern, "" for all events
	To     loglake.GroupName
}

// FilterName is the name of the subscription filter that is the route.
func (r Route) FilterName() string { return "route=" + string(r.To) }

// Table is a table of the catalog whose files are Parquet.
type Table struct {
	Name          string
	Comment       string
	Columns       []Column
	PartitionKeys []loglake.Column  // one, dt, unless the table was given as DDL
	PartitionBy   string            // the timestamp column whose value chooses a row's partition; "": the row's arrival does
	Location      string            // s3://bucket/prefix/, with the slash at its end
	Properties    map[string]string // TBLPROPERTIES of the DDL
}

// Column is a column of a table, and where its value is found.
type Column struct {
	Name    string
	Type    string // in Hive's spelling
	Comment string
	Key     string // the JSON key that it is filled from; "": the one of its own name, in any case
}

// Schema gives the columns as the catalog has them.
func (t Table) Schema() []loglake.Column {
	out := make([]loglake.Column, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = loglake.Column{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return out
}

// Stream is a delivery stream and the subscription filters that feed it. It writes rows of Table; without one, it writes
// the messages as lines.
type Stream struct {
	Name   loglake.StreamName
	From   []loglake.GroupName // each has a subscription filter of the stream's name; empty: records are put directly
	Filter string              // the filter pattern of all of them, "" for all events
	Table  string              // a table of the pipeline, "" for lines

	Bucket      string // of the table's location, or the pipeline's
	Prefix      string // with its !{…} expressions
	ErrorPrefix string // ErrorOutputPrefix
	PartitionBy string // that of the table; the tag loglake:partition-by
	Zone        string // CustomTimeZone

	Codec         Codec
	BufferMiB     int    // 64-128 for a table, 1-128 for lines
	BufferSeconds int    // 0-900
	Policy        string // the tag loglake:policy: "rescue" (default) or "aws"
}

// FilterName is the name of the subscription filters that feed the stream.
func (s Stream) FilterName() string { return string(s.Name) }

// Codec is how a stream compresses.
type Codec string

// The codecs. Lines are Plain or Gzip, rows are all but Plain, where Uncompressed means Parquet without compression.
const (
	Plain        Codec = "plain"
	Gzip         Codec = "gzip"
	Snappy       Codec = "snappy"
	Zstd         Codec = "zstd" // loglake's own: AWS has no such delivery stream
	Uncompressed Codec = "uncompressed"
)

// Server are the settings of `loglake serve`. A setting that the file leaves out is "": flags and environment may have
// it, and Settings has the defaults. Paths are as they were written, and Load makes them relative to the file's folder.
type Server struct {
	Data        string // data folder
	AWSAddr     string // host:port
	HTTPAddr    string // host:port
	Account     string // 12 digits
	Region      string
	Credentials string // path
	TLSCert     string // path
	TLSKey      string // path

	S3Endpoint    string // URL, or S3AWS; "": the buckets are in the data folder
	S3Region      string // "": Region
	S3PathStyle   string // true, false; "": true for a URL, false for S3AWS
	S3Credentials string // path
	S3Cache       string // a size, as ParseSize reads it
	ResultsBucket string
	JournalMax    string // a size
	JournalFile   string // a size
	Sync          string // SyncAlways, SyncNone

	MemoryMax      string // a size; "": a part of the machine's
	QueryMemoryMax string // a size
	ConnectionsMax string // a number
}

// Group gives the group of that name.
func (p *Pipeline) Group(name loglake.GroupName) (Group, bool) {
	return find(p.Groups, func(g Group) bool { return g.Name == name })
}

// Table gives the table of that name.
func (p *Pipeline) Table(name string) (Table, bool) {
	return find(p.Tables, func(t Table) bool { return t.Name == name })
}

// Stream gives the stream of that name.
func (p *Pipeline) Stream(name loglake.StreamName) (Stream, bool) {
	return find(p.Streams, func(s Stream) bool { return s.Name == name })
}

// Buckets gives the buckets that the pipeline writes to, sorted, each once.
func (p *Pipeline) Buckets() []string {
	var names []string
	if p.Bucket != "" {
		names = append(names, p.Bucket)
	}
	for _, t := range p.Tables {
		if bucket, _, ok := loglake.SplitLocation(t.Location); ok {
			names = append(names, bucket)
		}
	}
	for _, s := range p.Streams {
		names = append(names, s.Bucket)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func find[T any](all []T, is func(T) bool) (one T, ok bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return one, false
}
