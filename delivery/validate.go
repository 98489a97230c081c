package delivery

import (
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/layout"
)

// The processors, as the service names them.
const (
	procDecompression = "Decompression"
	procExtraction    = "CloudWatchLogProcessing"
	procDelimiter     = "AppendDelimiterToRecord"
	procLambda        = "Lambda"
	procDeaggregation = "RecordDeAggregation"
	procMetadata      = "MetadataExtraction"
)

// processorsMax is the service's limit on processors of a stream.
const processorsMax = 5

// validate holds a whole destination, defaults not yet filled in, against the service's rules in the service's order,
// and refuses by name what loglake does not build. The error is CodeInvalid (InvalidArgumentException).
func (d Destination) validate() error {
	for _, check := range []func() error{
		d.validateBuffer, d.validatePrefixes, d.validateBackup, d.validateProcessing, d.validateConversion, d.validateCompression,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return loglake.Errorf(loglake.CodeInvalid, format, args...)
}

func notBuilt(what string) error {
	return invalid("loglake does not support %s yet, and would not do what it promises: leave it out.", what)
}

func (d Destination) validateBuffer() error {
	if h := d.BufferingHints; h != nil && (h.SizeInMBs == nil) != (h.IntervalInSeconds == nil) {
		return invalid("BufferingHints needs both SizeInMBs and IntervalInSeconds.")
	}
	if e := d.EncryptionConfiguration; e != nil {
		if (e.NoEncryptionConfig == nil) == (e.KMSEncryptionConfig == nil) {
			return invalid("Exactly one of NoEncryptionConfig or KMSEncryptionConfig must be specified")
		}
		if e.KMSEncryptionConfig != nil {
			return notBuilt("KMSEncryptionConfig")
		}
	}
	if l := d.CloudWatchLoggingOptions; l != nil && isTrue(l.Enabled, false) && text(l.LogGroupName) == "" {
		return invalid("CloudWatch Log Group Name is required if CloudWatch Logging is enabled")
	}
	if p := d.DynamicPartitioningConfiguration; p != nil && isTrue(p.Enabled, false) {
		return notBuilt("DynamicPartitioningConfiguration")
	}
	return nil
}

func (d Destination) validatePrefixes() error {
	if err := layout.Validate(d.Prefix, d.ErrorOutputPrefix); err != nil {
		return err
	}
	if d.CustomTimeZone != nil {
		if _, err := time.LoadLocation(*d.CustomTimeZone); err != nil {
			return invalid("Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.")
		}
	}
	const extensionBytesMax = 128
	if e := text(d.FileExtension); e != "" {
		rest, dot := strings.CutPrefix(e, ".")
		if !dot || len(e) > extensionBytesMax || strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyz!-_.*'()") != "" {
			return invalid("FileExtension must begin with a period, followed by characters of 0-9a-z!-_.*'(), 128 at most.")
		}
	}
	return nil
}

func (d Destination) validateCompression() error {
	switch format := text(d.CompressionFormat); format {
	case "", "UNCOMPRESSED", "GZIP":
		return nil
	default:
		return notBuilt("CompressionFormat " + format)
	}
}

func (d Destination) validateBackup() error {
	if text(d.S3BackupMode) != "Enabled" {
		return nil
	}
	if d.S3BackupConfiguration == nil && d.S3BackupUpdate == nil {
		return invalid("S3 backup destination configuration is required when enabling S3 backup.")
	}
	return notBuilt("S3BackupMode Enabled")
}

func (d Destination) validateProcessing() error {
	p := d.ProcessingConfiguration
	if p == nil || !isTrue(p.Enabled, false) {
		return nil
	}
	if len(p.Processors) < 1 || len(p.Processors) > processorsMax {
		return invalid("A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.")
	}
	seen := map[string]bool{}
	for _, processor := range p.Processors {
		switch processor.Type {
		case procDecompression, procExtraction, procDelimiter:
		case procLambda:
			return notBuilt("the Lambda processor")
		case procDeaggregation, procMetadata:
			return invalid("class com.amazonaws.services.firehose.internal.model.%sProcessor can only be present when Dynamic Partitioning is enabled.", processor.Type)
		}
		if seen[processor.Type] {
			return invalid("Cannot have more than 1 %s processor.", processor.Type)
		}
		seen[processor.Type] = true
	}
	if format, ok := d.Processor(procDecompression); ok && format["CompressionFormat"] != "" && format["CompressionFormat"] != "GZIP" {
		return invalid("Invalid parameter value for CompressionFormat. Allowed value is GZIP.")
	}
	if extraction, ok := d.Processor(procExtraction); ok {
		if !seen[procDecompression] {
			return invalid("CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor")
		}
		if v := strings.ToLower(extraction["DataMessageExtraction"]); v != "true" && v != "false" {
			return invalid("Invalid parameter value for DataMessageExtraction. Allowed values are True and False.")
		}
	}
	return nil
}

func (d Destination) validateConversion() error {
	if !d.Converts() {
		return nil
	}
	c := d.DataFormatConversionConfiguration
	if f := text(d.CompressionFormat); f != "" && f != "UNCOMPRESSED" {
		return invalid("The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. To enable compression within the converted output format, set the appropriate serialization option in the output format configuration.")
	}
	if h := d.BufferingHints; h != nil && h.SizeInMBs != nil && *h.SizeInMBs < bufferMiBConversionMin {
		return invalid("BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.")
	}
	switch {
	case c.InputFormatConfiguration == nil:
		return invalid("InputFormatConfiguration must not be null")
	case c.OutputFormatConfiguration == nil:
		return invalid("OutputFormatConfiguration must not be null")
	case c.SchemaConfiguration == nil:
		return invalid("SchemaConfiguration must not be null")
	}
	if err := validateSerDes(c.InputFormatConfiguration.Deserializer, c.OutputFormatConfiguration.Serializer); err != nil {
		return err
	}
	s := c.SchemaConfiguration
	switch {
	case text(s.RoleARN) == "":
		return invalid("SchemaConfiguration.RoleArn must not be null or empty")
	case text(s.DatabaseName) == "":
		return invalid("SchemaConfiguration.DatabaseName must not be null or empty")
	case text(s.TableName) == "":
		return invalid("SchemaConfiguration.TableName must not be null or empty")
	}
	return nil
}

func validateSerDes(in *Deserializer, out *Serializer) error {
	switch {
	case in == nil || in.OpenXJsonSerDe == nil && in.HiveJsonSerDe == nil:
		return invalid("Deserializer must not be null")
	case in.OpenXJsonSerDe != nil && in.HiveJsonSerDe != nil:
		return invalid("More than one deserializer specified. Only one may be chosen.")
	case in.HiveJsonSerDe != nil:
		return notBuilt("HiveJsonSerDe; OpenXJsonSerDe is there")
	case out == nil || out.ParquetSerDe == nil && out.OrcSerDe == nil:
		return invalid("Serializer must not be null")
	case out.ParquetSerDe != nil && out.OrcSerDe != nil:
		return invalid("More than one serializer specified. Only one may be chosen.")
	case out.OrcSerDe != nil:
		return notBuilt("OrcSerDe; ParquetSerDe is there")
	}
	if v := text(out.ParquetSerDe.WriterVersion); v == "V2" {
		return notBuilt("WriterVersion V2")
	}
	return nil
}

// converter makes what turns records into rows of a table's schema. A column type that conversion does not know is
// CodeInvalid, by name.
func (d Destination) converter(schema loglake.Schema) (*convert.Converter, error) {
	o := d.DataFormatConversionConfiguration.InputFormatConfiguration.Deserializer.OpenXJsonSerDe
	return convert.New(convert.Config{
		Schema: schema,
		SerDe: convert.SerDe{
			CaseSensitive: !isTrue(o.CaseInsensitive, true),
			ConvertDots:   isTrue(o.ConvertDotsInJsonKeysToUnderscores, false),
			Mappings:      o.ColumnToJsonKeyMappings,
		},
	})
}

// parquetOptions gives the writer's options by the stream's serializer.
func (d Destination) parquetOptions(schema loglake.Schema) convert.ParquetOptions {
	p := d.DataFormatConversionConfiguration.OutputFormatConfiguration.Serializer.ParquetSerDe
	o := convert.ParquetOptions{Codec: "SNAPPY", SortBy: sortKey(schema)}
	if p.Compression != nil {
		o.Codec = *p.Compression
	}
	if p.BlockSizeBytes != nil {
		o.RowGroupBytes = *p.BlockSizeBytes
	}
	if p.PageSizeBytes != nil {
		o.PageBytes = *p.PageSizeBytes
	}
	return o
}

// sortKey is the column that rows of a file are sorted by: the first timestamp, "" where there is none. A query for a
// time then reads few row groups.
func sortKey(schema loglake.Schema) string {
	for _, c := range schema.Columns {
		if t, err := loglake.ParseHiveType(c.Type); err == nil && t.Kind == loglake.KindTimestamp {
			return c.Name
		}
	}
	return ""
}
