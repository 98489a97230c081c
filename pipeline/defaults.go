package pipeline

import (
	"strings"

	"github.com/loglake/loglake"
)

// dayKey is the partition key of tables that do not name their own: the day of a row.
const dayKey = "dt"

// keyExpressions are the partition keys that a stream can fill by itself, each with the expression of its value.
var keyExpressions = map[string]string{
	dayKey: "yyyy-MM-dd", "year": "yyyy", "month": "MM", "day": "dd", "hour": "HH",
}

// The buffers of the service: what it has without being told.
const (
	bufferRowsMiB  = 128
	bufferLinesMiB = 5
	bufferSeconds  = 300
)

// fill says what the file does not say.
func (p *Pipeline) fill() {
	orElse(&p.Zone, "UTC")
	orElse(&p.Database, "default")
	for i := range p.Tables {
		p.fillTable(i)
	}
	for i := range p.Streams {
		p.fillStream(&p.Streams[i])
	}
}

func (p *Pipeline) fillTable(i int) {
	t := &p.Tables[i]
	if t.Location == "" {
		t.Location = "data/"
		if i > 0 {
			t.Location = "data-" + t.Name + "/"
		}
	}
	if _, _, ok := loglake.SplitLocation(t.Location); !ok && !strings.Contains(t.Location, "://") {
		t.Location = "s3://" + p.Bucket + "/" + strings.TrimPrefix(t.Location, "/")
	}
	if !strings.HasSuffix(t.Location, "/") {
		t.Location += "/"
	}
}

func (p *Pipeline) fillStream(s *Stream) {
	s.Bucket, s.Zone = p.Bucket, p.Zone
	prefix := "lines/" + string(s.Name) + "/dt=!{timestamp:yyyy-MM-dd}/"
	size, codec := bufferLinesMiB, Gzip
	if s.Table != "" {
		size, codec = bufferRowsMiB, Snappy
	}
	if t, ok := p.Table(s.Table); ok {
		s.Bucket, prefix, _ = loglake.SplitLocation(t.Location)
		prefix += t.partitionPrefix()
		s.PartitionBy = t.PartitionBy
	}
	orElse(&s.Prefix, prefix)
	orElse(&s.ErrorPrefix, "rejects/"+string(s.Name)+"/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/")
	orElse(&s.Codec, codec)
	orElse(&s.Policy, "rescue")
	if s.BufferMiB == unset {
		s.BufferMiB = size
	}
	if s.BufferSeconds == unset {
		s.BufferSeconds = bufferSeconds
	}
}

// partitionPrefix gives the folders of a partition below the table's location; "" where a key is not one of ours, which
// check tells.
func (t Table) partitionPrefix() string {
	var b strings.Builder
	for _, k := range t.PartitionKeys {
		expression, ok := keyExpressions[k.Name]
		if !ok {
			return ""
		}
		b.WriteString(k.Name + "=!{timestamp:" + expression + "}/")
	}
	return b.String()
}

func orElse[T ~string](value *T, fallback T) {
	if *value == "" {
		*value = fallback
	}
}
