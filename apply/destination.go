package apply

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	fh "github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/loglake/loglake/pipeline"
)

// destination gives the destination of a stream as a description of it would.
func (l *look) destination(s pipeline.Stream) *fh.ExtendedS3DestinationDescription {
	d := &fh.ExtendedS3DestinationDescription{
		RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::" + s.Bucket),
		Prefix: aws.String(s.Prefix), ErrorOutputPrefix: aws.String(s.ErrorPrefix), CustomTimeZone: aws.String(s.Zone),
		BufferingHints:    &fh.BufferingHints{SizeInMBs: aws.Int32(int32(s.BufferMiB)), IntervalInSeconds: aws.Int32(int32(s.BufferSeconds))},
		CompressionFormat: fh.CompressionFormatUncompressed,

		ProcessingConfiguration:           processing(s),
		DataFormatConversionConfiguration: &fh.DataFormatConversionConfiguration{Enabled: aws.Bool(false)},
	}
	if s.Table != "" {
		d.DataFormatConversionConfiguration = l.conversion(s)
	} else if s.Codec == pipeline.Gzip {
		d.CompressionFormat = fh.CompressionFormatGzip
	}
	return d
}

// processing unpacks what subscriptions send. Records that are put directly are taken as they are.
func processing(s pipeline.Stream) *fh.ProcessingConfiguration {
	if len(s.From) == 0 {
		return &fh.ProcessingConfiguration{Enabled: aws.Bool(false)}
	}
	processor := func(kind fh.ProcessorType, name fh.ProcessorParameterName, value string) fh.Processor {
		return fh.Processor{Type: kind, Parameters: []fh.ProcessorParameter{{ParameterName: name, ParameterValue: aws.String(value)}}}
	}
	p := []fh.Processor{
		processor(fh.ProcessorTypeDecompression, fh.ProcessorParameterNameCompressionFormat, "GZIP"),
		processor(fh.ProcessorTypeCloudWatchLogProcessing, fh.ProcessorParameterNameDataMessageExtraction, "true"),
	}
	if s.Table == "" {
		p = append(p, fh.Processor{Type: fh.ProcessorTypeAppendDelimiterToRecord})
	}
	return &fh.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: p}
}

func (l *look) conversion(s pipeline.Stream) *fh.DataFormatConversionConfiguration {
	t, _ := l.pipeline.Table(s.Table)
	json := &fh.OpenXJsonSerDe{}
	for _, c := range t.Columns {
		if c.Key != "" {
			if json.ColumnToJsonKeyMappings == nil {
				json.ColumnToJsonKeyMappings = map[string]string{}
			}
			json.ColumnToJsonKeyMappings[c.Name] = c.Key
		}
	}
	return &fh.DataFormatConversionConfiguration{
		Enabled: aws.Bool(true),
		SchemaConfiguration: &fh.SchemaConfiguration{
			RoleARN: aws.String(role), DatabaseName: aws.String(l.pipeline.Database), TableName: aws.String(s.Table),
		},
		InputFormatConfiguration: &fh.InputFormatConfiguration{Deserializer: &fh.Deserializer{OpenXJsonSerDe: json}},
		OutputFormatConfiguration: &fh.OutputFormatConfiguration{Serializer: &fh.Serializer{
			ParquetSerDe: &fh.ParquetSerDe{Compression: fh.ParquetCompression(strings.ToUpper(string(s.Codec)))},
		}},
	}
}

// fact is a property of a stream in the words of the file.
type fact struct{ name, value string }

// facts are what the file says of a destination, and nothing else: what is set beside it stays as it is.
func facts(d *fh.ExtendedS3DestinationDescription) []fact {
	_, bucket, _ := strings.Cut(aws.ToString(d.BucketARN), ":::")
	zone := aws.ToString(d.CustomTimeZone)
	if zone == "" {
		zone = "UTC"
	}
	table, codec, keys := "", strings.ToLower(string(d.CompressionFormat)), ""
	if codec == "uncompressed" {
		codec = string(pipeline.Plain)
	}
	if c := d.DataFormatConversionConfiguration; c != nil && (c.Enabled == nil || *c.Enabled) {
		table, codec, keys = conversionFacts(c)
	}
	out := []fact{
		{"table", table}, {"bucket", bucket}, {"prefix", aws.ToString(d.Prefix)}, {"error prefix", aws.ToString(d.ErrorOutputPrefix)},
		{"codec", codec}, {"keys", keys}, {"zone", zone}, {"unpacks", processors(d.ProcessingConfiguration)},
	}
	if h := d.BufferingHints; h != nil {
		out = append(out, fact{"buffer", strconv.Itoa(int(aws.ToInt32(h.SizeInMBs))) + "MiB or " + strconv.Itoa(int(aws.ToInt32(h.IntervalInSeconds))) + "s"})
	}
	return out
}

func conversionFacts(c *fh.DataFormatConversionConfiguration) (table, codec, keys string) {
	if s := c.SchemaConfiguration; s != nil {
		table = aws.ToString(s.DatabaseName) + "." + aws.ToString(s.TableName)
	}
	if o := c.OutputFormatConfiguration; o != nil && o.Serializer != nil && o.Serializer.ParquetSerDe != nil {
		codec = strings.ToLower(string(o.Serializer.ParquetSerDe.Compression))
	}
	if codec == "" {
		codec = string(pipeline.Snappy)
	}
	if i := c.InputFormatConfiguration; i != nil && i.Deserializer != nil && i.Deserializer.OpenXJsonSerDe != nil {
		mappings := i.Deserializer.OpenXJsonSerDe.ColumnToJsonKeyMappings
		var pairs []string
		for _, column := range slices.Sorted(maps.Keys(mappings)) {
			pairs = append(pairs, column+" from "+mappings[column])
		}
		keys = strings.Join(pairs, " ")
	}
	return table, codec, keys
}

func processors(p *fh.ProcessingConfiguration) string {
	if p == nil || !aws.ToBool(p.Enabled) {
		return ""
	}
	var out []string
	for _, one := range p.Processors {
		text := string(one.Type)
		for _, parameter := range one.Parameters {
			text += " " + aws.ToString(parameter.ParameterValue)
		}
		out = append(out, text)
	}
	return strings.Join(out, " then ")
}

// differences compares facts of the same names; before may be empty, where all that after says is new.
func differences(before, after []fact) []Detail {
	var out []Detail
	for _, a := range after {
		was, _ := first(before, a.name)
		if was != a.value {
			out = append(out, Detail{Name: a.name, From: was, To: a.value})
		}
	}
	return out
}

func first(facts []fact, name string) (string, bool) {
	for _, f := range facts {
		if f.name == name {
			return f.value, true
		}
	}
	return "", false
}
