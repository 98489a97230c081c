// Package firehoseapi is the wire of Amazon Data Firehose over delivery's streams: one file per operation, each saying
// what AWS does, what loglake does, and what it does not.
//
// Sources other than direct put (Kinesis, MSK, databases), destinations other than S3, and encryption by KMS are
// refused by name. https://docs.aws.amazon.com/firehose/latest/APIReference/Welcome.html
package firehoseapi

import (
	"net/http"
	"regexp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/delivery"
)

// Config is what the service is made of.
type Config struct {
	Streams *delivery.Streams
}

type api struct{ Config }

// New gives the service with its operations.
func New(cfg Config) awsjson.Service {
	a := &api{cfg}
	return awsjson.Service{
		Target:      "Firehose_20150804",
		SigningName: "firehose",
		Errors:      fault,
		Operations: map[string]awsjson.Operation{
			"CreateDeliveryStream":      awsjson.Handle(a.createDeliveryStream),
			"DeleteDeliveryStream":      awsjson.Handle(a.deleteDeliveryStream),
			"DescribeDeliveryStream":    awsjson.Handle(a.describeDeliveryStream),
			"ListDeliveryStreams":       awsjson.Handle(a.listDeliveryStreams),
			"UpdateDestination":         awsjson.Handle(a.updateDestination),
			"PutRecord":                 a.putRecord,
			"PutRecordBatch":            a.putRecordBatch,
			"TagDeliveryStream":         awsjson.Handle(a.tagDeliveryStream),
			"UntagDeliveryStream":       awsjson.Handle(a.untagDeliveryStream),
			"ListTagsForDeliveryStream": awsjson.Handle(a.listTagsForDeliveryStream),
		},
	}
}

// fault is the one table from codes to the service's exceptions.
func fault(err *loglake.Error) awsjson.Fault {
	f := awsjson.Fault{Type: "InvalidArgumentException", Message: err.Message}
	switch err.Code {
	case loglake.CodeNotFound:
		f.Type = "ResourceNotFoundException"
	case loglake.CodeExists:
		f.Type = "ResourceInUseException"
	case loglake.CodeConflict:
		f.Type = "ConcurrentModificationException"
	case loglake.CodeLimit:
		f.Type = "LimitExceededException"
	case loglake.CodeDenied:
		f.Type = "InvalidSourceException"
	case loglake.CodeThrottled, loglake.CodeUnavailable:
		f.Type, f.Message, f.Status = "ServiceUnavailableException", "Slow down.", http.StatusServiceUnavailable
	}
	return f
}

// empty is the output of operations that have no members.
type empty struct{}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

func constraints() awsjson.Constraints {
	return awsjson.Constraints{Fault: awsjson.Fault{Type: "ValidationException"}, Values: awsjson.ValuesHidden}
}

// streamName notes what is wrong with a required stream name.
func streamName(c *awsjson.Constraints, name *string) loglake.StreamName {
	const nameMax = 64
	c.Required("deliveryStreamName", name)
	if name == nil {
		return ""
	}
	c.Pattern("deliveryStreamName", *name, namePattern, "[a-zA-Z0-9_.-]+")
	c.Length("deliveryStreamName", *name, 1, nameMax)
	return loglake.StreamName(*name)
}

// destination notes what breaks the model's constraints in a destination; member is the shape used.
func destination(c *awsjson.Constraints, member string, d *delivery.Destination, whole requirement) {
	if whole {
		c.Required(member+".roleARN", d.RoleARN)
		c.Required(member+".bucketARN", d.BucketARN)
	}
	if d.RoleARN != nil {
		c.Pattern(member+".roleARN", *d.RoleARN, rolePattern, `arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+`)
	}
	if d.BucketARN != nil {
		c.Pattern(member+".bucketARN", *d.BucketARN, bucketPattern, `arn:.*:s3:::[\w\.\-]{1,255}`)
	}
	if h := d.BufferingHints; h != nil {
		if h.SizeInMBs != nil {
			c.Range(member+".bufferingHints.sizeInMBs", int64(*h.SizeInMBs), 1, 128)
		}
		if h.IntervalInSeconds != nil {
			c.Range(member+".bufferingHints.intervalInSeconds", int64(*h.IntervalInSeconds), 0, 900)
		}
	}
	if d.CompressionFormat != nil {
		c.Enum(member+".compressionFormat", *d.CompressionFormat, "ZIP", "HADOOP_SNAPPY", "Snappy", "GZIP", "UNCOMPRESSED")
	}
	if d.S3BackupMode != nil {
		c.Enum(member+".s3BackupMode", *d.S3BackupMode, "Disabled", "Enabled")
	}
	processors(c, member, d.ProcessingConfiguration)
	serializer(c, member, d.DataFormatConversionConfiguration)
}

// requirement says whether the members that a destination needs must be there: an update may leave them out.
type requirement bool

const (
	required requirement = true
	optional requirement = false
)

var (
	rolePattern   = regexp.MustCompile(`^arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+$`)
	bucketPattern = regexp.MustCompile(`^arn:.*:s3:::[\w.\-]{1,255}$`)
)

func processors(c *awsjson.Constraints, member string, p *delivery.Processing) {
	if p == nil {
		return
	}
	for _, processor := range p.Processors {
		c.Enum(member+".processingConfiguration.processors.type", processor.Type, "RecordDeAggregation", "Decompression",
			"CloudWatchLogProcessing", "Lambda", "MetadataExtraction", "AppendDelimiterToRecord")
	}
}

func serializer(c *awsjson.Constraints, member string, conversion *delivery.Conversion) {
	if conversion == nil || conversion.OutputFormatConfiguration == nil || conversion.OutputFormatConfiguration.Serializer == nil {
		return
	}
	p := conversion.OutputFormatConfiguration.Serializer.ParquetSerDe
	if p == nil {
		return
	}
	member += ".dataFormatConversionConfiguration.outputFormatConfiguration.serializer.parquetSerDe"
	const blockMin, pageMin, noMax = 64 << 20, 64 << 10, 1 << 31
	if p.Compression != nil { // ZSTD is beyond the service's set
		c.Enum(member+".compression", *p.Compression, "GZIP", "SNAPPY", "UNCOMPRESSED", "ZSTD")
	}
	if p.BlockSizeBytes != nil {
		c.Range(member+".blockSizeBytes", *p.BlockSizeBytes, blockMin, noMax)
	}
	if p.PageSizeBytes != nil {
		c.Range(member+".pageSizeBytes", *p.PageSizeBytes, pageMin, noMax)
	}
	if p.WriterVersion != nil {
		c.Enum(member+".writerVersion", *p.WriterVersion, "V1", "V2")
	}
}
