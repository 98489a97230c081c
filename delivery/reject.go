package delivery

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/unpack"
)

// rejectKind is the error type under which rejects are kept, as !{firehose:error-output-type} evaluates to it.
type rejectKind string

const (
	rejectDecompression rejectKind = "decompression-failed"
	rejectConversion    rejectKind = "format-conversion-failed"
	rejectDamaged       rejectKind = "journal-damaged" // ours: see damage.go
)

// reject is a record that could not be delivered, with the reason.
type reject struct {
	kind    rejectKind
	code    string
	message string
	err     error // but for conversion: the reason, in place of code and message
	raw     []byte
	arrival loglake.Millis
	hint    string // the mistake behind it, where it is recognised
}

// reason gives why the record is rejected, for people.
func (one reject) reason() string {
	if one.err != nil {
		return one.err.Error()
	}
	return one.code + ": " + one.message
}

// original gives the record to keep for message i of a record that was put: the record itself where it held only this
// one, else an envelope with that event alone, so that what is delivered again holds nothing that was delivered before.
func original(record []byte, i, messages int) []byte {
	if messages == 1 {
		return record
	}
	doc, err := unpack.Gunzip(nil, record, unpack.DocumentBytesMax)
	if err != nil {
		return record
	}
	envelope, err := unpack.ParseEnvelope(doc)
	if err != nil || i >= len(envelope.LogEvents) {
		return record
	}
	one := envelope.LogEvents[i : i+1]
	return unpack.Gzip(nil, unpack.BuildEnvelope(nil, &envelope.EnvelopeHead, one))
}

// conversionLine is a line of a reject object of conversion; the service's members in its order, and one of ours.
type conversionLine struct {
	AttemptsMade           int            `json:"attemptsMade"`
	ArrivalTimestamp       loglake.Millis `json:"arrivalTimestamp"`
	LastErrorCode          string         `json:"lastErrorCode"`
	LastErrorMessage       string         `json:"lastErrorMessage"`
	AttemptEndingTimestamp loglake.Millis `json:"attemptEndingTimestamp"`
	RawData                string         `json:"rawData"`
	SequenceNumber         *string        `json:"sequenceNumber"`
	SubSequenceNumber      *int           `json:"subSequenceNumber"`
	DataCatalogTable       catalogTable   `json:"dataCatalogTable"`
	Hint                   string         `json:"hint,omitempty"`
}

type catalogTable struct {
	CatalogID    string `json:"catalogId"`
	DatabaseName string `json:"databaseName"`
	TableName    string `json:"tableName"`
	Region       string `json:"region"`
	VersionID    string `json:"versionId"`
	RoleARN      string `json:"roleArn"`
}

// processingLine is a line of a reject object of any other stage.
type processingLine struct {
	AttemptsMade           int            `json:"attemptsMade"`
	ArrivalTimestamp       loglake.Millis `json:"arrivalTimestamp"`
	ErrorCode              string         `json:"errorCode"`
	ErrorMessage           string         `json:"errorMessage"`
	AttemptEndingTimestamp loglake.Millis `json:"attemptEndingTimestamp"`
	RawData                string         `json:"rawData"`
}

// writeRejects writes one line per reject of a kind and gives their number.
func (s *Streams) writeRejects(w io.Writer, r *recipe, rejects []reject) (int64, error) {
	now := loglake.At(s.cfg.Clock())
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, one := range rejects {
		buf.Reset()
		if err := enc.Encode(one.line(r, s.cfg.Home, now)); err != nil {
			return 0, err
		}
		if _, err := w.Write(buf.Bytes()); err != nil {
			return 0, err
		}
	}
	return int64(len(rejects)), nil
}

func (one reject) line(r *recipe, home loglake.Home, now loglake.Millis) any {
	raw := base64.StdEncoding.EncodeToString(one.raw)
	if one.kind != rejectConversion {
		code, message := "Decompression.Failed", one.err.Error()
		var failure *unpack.Failure
		if errors.As(one.err, &failure) {
			code, message = failure.Code, failure.Message
		}
		return processingLine{
			AttemptsMade: 1, ArrivalTimestamp: one.arrival, ErrorCode: code, ErrorMessage: message,
			AttemptEndingTimestamp: now, RawData: raw,
		}
	}
	source := r.def.Destination.DataFormatConversionConfiguration.SchemaConfiguration
	return conversionLine{
		AttemptsMade: 1, ArrivalTimestamp: one.arrival, LastErrorCode: one.code, LastErrorMessage: one.message,
		AttemptEndingTimestamp: now, RawData: raw, SubSequenceNumber: new(int), Hint: one.hint,
		DataCatalogTable: catalogTable{
			CatalogID: or(text(source.CatalogId), home.Account), DatabaseName: r.schema.Database, TableName: r.schema.Table,
			Region: or(text(source.Region), home.Region), VersionID: r.schema.Version, RoleARN: text(source.RoleARN),
		},
	}
}

// or gives s, or what it is where it was left out.
func or(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}
