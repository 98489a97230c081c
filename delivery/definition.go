package delivery

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
)

// Definition is a delivery stream as it was declared, in Firehose's terms. It is kept as JSON in the state store.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamDescription.html
type Definition struct {
	Name        loglake.StreamName
	Producer    loglake.ProducerID // this incarnation: a stream deleted and made again has another one
	Version     int                // VersionId: 1, and one more with each successful UpdateDestination
	Created     loglake.Millis
	Updated     loglake.Millis // 0: never
	Destination Destination
	Tags        map[string]string
}

// Journal is where the records put directly to the stream lie.
func (d Definition) Journal() loglake.JournalID {
	return loglake.JournalID(journalPrefix + string(d.Producer))
}

// journalPrefix tells the journals of delivery streams from those of log groups.
const journalPrefix = "s-"

// DirectOf tells whose records lie in a journal; false where it is not a delivery stream's.
func DirectOf(id loglake.JournalID) (loglake.ProducerID, bool) {
	producer, ok := strings.CutPrefix(string(id), journalPrefix)
	return loglake.ProducerID(producer), ok
}

// PolicyTag is the tag of a delivery stream that chooses its Policy, so that any client of the service can set it.
const PolicyTag = "loglake:policy"

// Policy says what conversion does with what it can't place.
type Policy string

// The policies. PolicyAWS does exactly what Firehose does and warns of a recognised mistake. PolicyHold stops the
// stream, losing nothing, while every record of a batch has a shape that the set-up is known not to handle.
const (
	PolicyAWS  Policy = "aws"
	PolicyHold Policy = "rescue"
)

// Policy gives the stream's policy.
func (d Definition) Policy() Policy {
	if Policy(d.Tags[PolicyTag]) == PolicyHold {
		return PolicyHold
	}
	return PolicyAWS
}

// DestinationID is the id of a stream's only destination.
const DestinationID = "destinationId-000000000001"

// Destination is an extended S3 destination, or an update of one: absent members are nil.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
type Destination struct {
	RoleARN                           *string            `json:",omitempty"`
	BucketARN                         *string            `json:",omitempty"`
	Prefix                            *string            `json:",omitempty"`
	ErrorOutputPrefix                 *string            `json:",omitempty"`
	BufferingHints                    *BufferingHints    `json:",omitempty"`
	CompressionFormat                 *string            `json:",omitempty"`
	EncryptionConfiguration           *Encryption        `json:",omitempty"`
	CloudWatchLoggingOptions          *LoggingOptions    `json:",omitempty"`
	ProcessingConfiguration           *Processing        `json:",omitempty"`
	S3BackupMode                      *string            `json:",omitempty"`
	S3BackupConfiguration             json.RawMessage    `json:",omitempty"`
	S3BackupUpdate                    json.RawMessage    `json:",omitempty"`
	DataFormatConversionConfiguration *Conversion        `json:",omitempty"`
	DynamicPartitioningConfiguration  *DynamicPartitions `json:",omitempty"`
	FileExtension                     *string            `json:",omitempty"`
	CustomTimeZone                    *string            `json:",omitempty"`
}

// BufferingHints say when a buffer is flushed: at a size or an age, whichever comes first.
type BufferingHints struct {
	SizeInMBs         *int `json:",omitempty"` // MiB of records before compression, 1-128
	IntervalInSeconds *int `json:",omitempty"` // age of the oldest record, 0-900
}

// Encryption is stored and echoed; loglake encrypts nothing.
type Encryption struct {
	NoEncryptionConfig  *string         `json:",omitempty"`
	KMSEncryptionConfig json.RawMessage `json:",omitempty"`
}

// LoggingOptions are stored and echoed.
type LoggingOptions struct {
	Enabled       *bool   `json:",omitempty"`
	LogGroupName  *string `json:",omitempty"`
	LogStreamName *string `json:",omitempty"`
}

// Processing is the list of processors; left-out Enabled means disabled.
type Processing struct {
	Enabled    *bool       `json:",omitempty"`
	Processors []Processor `json:",omitempty"`
}

// Processor is one step of unpacking.
type Processor struct {
	Type       string
	Parameters []Parameter `json:",omitempty"`
}

// Parameter is a setting of a processor.
type Parameter struct {
	ParameterName  string
	ParameterValue string
}

// Conversion is record format conversion; left-out Enabled means enabled.
type Conversion struct {
	Enabled                   *bool         `json:",omitempty"`
	SchemaConfiguration       *SchemaSource `json:",omitempty"`
	InputFormatConfiguration  *InputFormat  `json:",omitempty"`
	OutputFormatConfiguration *OutputFormat `json:",omitempty"`
}

// SchemaSource names the catalog table whose columns are written.
type SchemaSource struct {
	RoleARN      *string `json:",omitempty"`
	CatalogId    *string `json:",omitempty"` //nolint:revive // the service's spelling
	DatabaseName *string `json:",omitempty"`
	TableName    *string `json:",omitempty"`
	Region       *string `json:",omitempty"`
	VersionId    *string `json:",omitempty"` //nolint:revive // the service's spelling
}

// InputFormat chooses how records are read.
type InputFormat struct {
	Deserializer *Deserializer `json:",omitempty"`
}

// Deserializer is one of two ways to read JSON.
type Deserializer struct {
	OpenXJsonSerDe *OpenX   `json:",omitempty"`
	HiveJsonSerDe  *HiveSer `json:",omitempty"`
}

// OpenX are the options of the OpenX JSON SerDe.
type OpenX struct {
	CaseInsensitive                    *bool             `json:",omitempty"`
	ConvertDotsInJsonKeysToUnderscores *bool             `json:",omitempty"`
	ColumnToJsonKeyMappings            map[string]string `json:",omitempty"`
}

// HiveSer are the options of the Hive JSON SerDe.
type HiveSer struct {
	TimestampFormats []string `json:",omitempty"`
}

// OutputFormat chooses how rows are written.
type OutputFormat struct {
	Serializer *Serializer `json:",omitempty"`
}

// Serializer is one of two columnar formats.
type Serializer struct {
	ParquetSerDe *Parquet        `json:",omitempty"`
	OrcSerDe     json.RawMessage `json:",omitempty"`
}

// Parquet are the options of the Parquet SerDe.
type Parquet struct {
	BlockSizeBytes              *int64  `json:",omitempty"`
	PageSizeBytes               *int64  `json:",omitempty"`
	Compression                 *string `json:",omitempty"` // UNCOMPRESSED, SNAPPY (default), GZIP; and ZSTD, which AWS lacks
	EnableDictionaryCompression *bool   `json:",omitempty"`
	MaxPaddingBytes             *int64  `json:",omitempty"`
	WriterVersion               *string `json:",omitempty"`
}

// DynamicPartitions is refused where it is enabled: it is not built.
type DynamicPartitions struct {
	Enabled      *bool           `json:",omitempty"`
	RetryOptions json.RawMessage `json:",omitempty"`
}

// The defaults of a destination, as a description shows them.
const (
	bufferMiBDefault           = 5
	bufferMiBConversionDefault = 128
	bufferSecondsDefault       = 300
	bufferMiBConversionMin     = 64
)

// Converts tells whether record format conversion is on.
func (d Destination) Converts() bool {
	c := d.DataFormatConversionConfiguration
	return c != nil && isTrue(c.Enabled, true)
}

// Bucket gives the bucket's name.
func (d Destination) Bucket() string {
	_, name, _ := strings.Cut(text(d.BucketARN), ":::")
	return name
}

// Processor gives the parameters of an enabled processor; ok is false where there is none.
func (d Destination) Processor(kind string) (parameters map[string]string, ok bool) {
	p := d.ProcessingConfiguration
	if p == nil || !isTrue(p.Enabled, false) {
		return nil, false
	}
	for _, processor := range p.Processors {
		if processor.Type != kind {
			continue
		}
		parameters = map[string]string{}
		for _, q := range processor.Parameters {
			parameters[q.ParameterName] = q.ParameterValue
		}
		return parameters, true
	}
	return nil, false
}

// withDefaults fills in what a description of the destination shows.
func (d Destination) withDefaults() Destination {
	size := bufferMiBDefault
	if d.Converts() {
		size = bufferMiBConversionDefault
	}
	hints := BufferingHints{}
	if d.BufferingHints != nil {
		hints = *d.BufferingHints
	}
	fill(&hints.SizeInMBs, size)
	fill(&hints.IntervalInSeconds, bufferSecondsDefault)
	d.BufferingHints = &hints
	fill(&d.CompressionFormat, "UNCOMPRESSED")
	fill(&d.S3BackupMode, "Disabled")
	fill(&d.CloudWatchLoggingOptions, LoggingOptions{Enabled: new(bool)})
	none := "NoEncryption"
	fill(&d.EncryptionConfiguration, Encryption{NoEncryptionConfig: &none})
	return d
}

// merge gives d with the members of update laid over it, by the service's rules: members that are absent stay,
// conversion merges member by member, processing and everything else is replaced whole.
func (d Destination) merge(update Destination) Destination {
	over(&d.RoleARN, update.RoleARN)
	over(&d.BucketARN, update.BucketARN)
	over(&d.Prefix, update.Prefix)
	over(&d.ErrorOutputPrefix, update.ErrorOutputPrefix)
	over(&d.BufferingHints, update.BufferingHints)
	over(&d.CompressionFormat, update.CompressionFormat)
	over(&d.EncryptionConfiguration, update.EncryptionConfiguration)
	over(&d.CloudWatchLoggingOptions, update.CloudWatchLoggingOptions)
	over(&d.ProcessingConfiguration, update.ProcessingConfiguration)
	over(&d.S3BackupMode, update.S3BackupMode)
	over(&d.DynamicPartitioningConfiguration, update.DynamicPartitioningConfiguration)
	over(&d.FileExtension, update.FileExtension)
	over(&d.CustomTimeZone, update.CustomTimeZone)
	if u := update.DataFormatConversionConfiguration; u != nil {
		c := Conversion{}
		if d.DataFormatConversionConfiguration != nil {
			c = *d.DataFormatConversionConfiguration
		}
		over(&c.Enabled, u.Enabled)
		over(&c.InputFormatConfiguration, u.InputFormatConfiguration)
		over(&c.OutputFormatConfiguration, u.OutputFormatConfiguration)
		if u.SchemaConfiguration != nil {
			merged := c.SchemaConfiguration.merge(*u.SchemaConfiguration)
			c.SchemaConfiguration = &merged
		}
		d.DataFormatConversionConfiguration = &c
	}
	return d
}

func (s *SchemaSource) merge(u SchemaSource) SchemaSource {
	m := SchemaSource{}
	if s != nil {
		m = *s
	}
	over(&m.RoleARN, u.RoleARN)
	over(&m.CatalogId, u.CatalogId)
	over(&m.DatabaseName, u.DatabaseName)
	over(&m.TableName, u.TableName)
	over(&m.Region, u.Region)
	over(&m.VersionId, u.VersionId)
	return m
}

func over[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

func fill[T any](to **T, value T) {
	if *to == nil {
		*to = &value
	}
}

func isTrue(b *bool, absent bool) bool {
	if b == nil {
		return absent
	}
	return *b
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// VersionID is the version as the service prints it.
func (d Definition) VersionID() string { return strconv.Itoa(d.Version) }
