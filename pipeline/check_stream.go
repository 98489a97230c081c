package pipeline

import (
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
)

func (d *decoder) checkStream(p *Pipeline, s Stream) {
	path := Path("streams", string(s.Name))
	if !streamName.MatchString(string(s.Name)) {
		d.at(path, "%q can't be a stream: names are 1-64 letters, digits and _ . -", s.Name)
	}
	if s.Filter != "" && len(s.From) == 0 {
		d.at(join(path, "filter"), "%s.filter chooses from the events of groups, and the stream has no from", path)
	}
	d.checkBuffer(path, s)
	d.checkPrefixes(p, path, s)
	if s.Table == "" {
		if s.Codec != Gzip && s.Codec != Plain {
			d.at(join(path, "codec"), "%s.codec: lines are gzip or plain; %s is for the rows of a table", path, s.Codec)
		}
		return
	}
	if s.Codec == Plain {
		d.at(join(path, "codec"), "%s.codec: rows are snappy, gzip, zstd or uncompressed; plain is for lines", path)
	}
	t, ok := p.Table(s.Table)
	if !ok {
		d.missing(join(path, "table"), "table", s.Table, p.tableNames())
		return
	}
	if !d.broken[t.Name] {
		d.checkNested(path, t)
		d.checkPartitions(path, s, t)
	}
}

// The service's bounds of a buffer.
const (
	bufferRowsMiBMin = 64
	bufferMiBMax     = 128
	bufferSecondsMax = 900
)

func (d *decoder) checkBuffer(path string, s Stream) {
	least, what := 1, "lines"
	if s.Table != "" {
		least, what = bufferRowsMiBMin, "rows"
	}
	if s.BufferMiB < least || s.BufferMiB > bufferMiBMax {
		at := join(path, "buffer.size")
		d.at(at, "%s: %d MiB; the service buffers %d-%d MiB of %s", at, s.BufferMiB, least, bufferMiBMax, what)
	}
	if s.BufferSeconds < 0 || s.BufferSeconds > bufferSecondsMax {
		at := join(path, "buffer.interval")
		d.at(at, "%s: %d seconds; the service buffers for 0-%d", at, s.BufferSeconds, bufferSecondsMax)
	}
}

// checkPrefixes holds the prefixes against the service's rules, and keeps what is not a table's out of its folder.
func (d *decoder) checkPrefixes(p *Pipeline, path string, s Stream) {
	if err := layout.Validate(&s.Prefix, &s.ErrorPrefix); err != nil {
		at := join(path, "prefix")
		if _, given := d.marks[at]; !given || layout.Validate(&s.Prefix, nil) == nil {
			at = join(path, "error_prefix")
		}
		d.at(at, "%s: %s", path, said(err))
		return
	}
	for _, t := range p.Tables {
		if d.broken[t.Name] {
			continue
		}
		if t.Name != s.Table && within("s3://"+s.Bucket+"/"+s.Prefix, t.Location) {
			at := join(path, "prefix")
			d.at(at, "%s: objects would lie in the folder of the table %s (%s)", at, t.Name, t.Location)
		}
		if within("s3://"+s.Bucket+"/"+s.ErrorPrefix, t.Location) {
			at := join(path, "error_prefix")
			d.at(at, "%s: rejects would lie in the folder of the table %s (%s), and a query would read them", at, t.Name, t.Location)
		}
	}
}

// checkNested tells of columns that no stream can fill yet, which the server would say only when it has made half of the file.
func (d *decoder) checkNested(path string, t Table) {
	for _, c := range t.Columns {
		if kind, err := loglake.ParseHiveType(c.Type); err == nil && kind.Nested() {
			at := join(Path("tables", t.Name, "columns"), c.Name)
			d.at(at, "%s: %s can't fill a column of type %s yet; one of type string takes the value as JSON text", at, path, kind)
		}
	}
}

// checkPartitions tells whether the rows of a stream will lie where the table's partitions are looked for.
func (d *decoder) checkPartitions(path string, s Stream, t Table) {
	at := join(path, "prefix")
	_, location, _ := loglake.SplitLocation(t.Location)
	rest, ok := strings.CutPrefix(s.Prefix, location)
	if !ok {
		d.at(at, "%s: %q is not in the folder of the table %s; it has to begin with %s", at, s.Prefix, t.Name, location)
		return
	}
	folders := strings.Split(rest, "/")
	for i, k := range t.PartitionKeys {
		if i < len(folders) && strings.HasPrefix(folders[i], k.Name+"=") {
			continue
		}
		if _, known := keyExpressions[k.Name]; !known && !slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(f, k.Name+"=") }) {
			d.at(at, "%s: the table %s has the partition key %s, and how a row's is made is not known; write a prefix with %s=…/ in it",
				path, t.Name, k.Name, k.Name)
			return
		}
		d.at(at, "%s: the partitions of the table %s lie below %s; the prefix has to go on with %s=…/", at, t.Name, location, k.Name)
		return
	}
	if t.PartitionBy == "" {
		return
	}
	if prefix, err := layout.ParsePrefix(s.Prefix); err == nil && prefix.HasExpressions() && !strings.Contains(s.Prefix, "!{timestamp:") {
		d.at(at, "%s: the table is partitioned by %s, and the prefix has no !{timestamp:…} for its value", at, t.PartitionBy)
	}
}
