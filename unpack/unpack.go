// Package unpack takes records apart: it turns the bytes that a delivery stream carries into the messages inside, and
// builds the envelope in which a CloudWatch Logs subscription sends log events. It is pure and keeps nothing.
//
// The steps are Firehose's processors: Decompression (gunzip one document), CloudWatchLogProcessing (the messages out of
// a subscription's JSON document), AppendDelimiterToRecord. Record runs those that a Config switches on.
//
// https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// DocumentBytesMax bounds what one record may decompress to, so that a small hostile record can't fill the memory.
const DocumentBytesMax = 64 << 20

// Config says which processors run.
type Config struct {
	Decompress      bool // each record is one gzip document
	ExtractMessages bool // each document is a subscription's envelope, of which the messages go on
	AppendDelimiter bool // each message ends with a line feed
}

// Failure is why a record can't be unpacked, in the words of a reject.
type Failure struct {
	Code    string // Decompression.Failed, CloudWatchLogProcessing.Failed
	Message string
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Record runs the processors over one record. control tells that it was a subscription's control message, which has no
// messages to extract; without extraction its document goes on like any other. The error is a *Failure. Messages may
// point into record.
func Record(cfg Config, record []byte) (messages [][]byte, control bool, err error) {
	document := record
	if cfg.Decompress {
		if document, err = Gunzip(nil, record, DocumentBytesMax); err != nil {
			return nil, false, &Failure{Code: "Decompression.Failed", Message: err.Error()}
		}
	}
	messages = [][]byte{document}
	if cfg.ExtractMessages {
		envelope, err := ParseEnvelope(document)
		if err != nil {
			return nil, false, &Failure{Code: "CloudWatchLogProcessing.Failed", Message: err.Error()}
		}
		if envelope.MessageType == ControlMessage {
			return nil, true, nil
		}
		messages = messages[:0]
		for _, e := range envelope.LogEvents {
			messages = append(messages, e.Message)
		}
	}
	if cfg.AppendDelimiter {
		for i, m := range messages {
			messages[i] = append(bytes.Clone(m), '\n')
		}
	}
	return messages, false, nil
}

var (
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
	gzipWriters = sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
		if err != nil {
			return nil // not for a level within the package's range
		}
		return w
	}}
)

// gzipLevel is the one that subscriptions were seen to use.
const gzipLevel = 6

// Gunzip appends what record decompresses to, members one after the other, to dst. More than limit bytes are refused.
func Gunzip(dst, record []byte, limit int) ([]byte, error) {
	r, _ := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(r)
	if err := r.Reset(bytes.NewReader(record)); err != nil {
		return dst, fmt.Errorf("the record is not gzip data: %w", err)
	}
	out := bytes.NewBuffer(dst)
	n, err := io.Copy(out, io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return dst, fmt.Errorf("the record's gzip data is broken: %w", err)
	case n > int64(limit):
		return dst, fmt.Errorf("the record decompresses to more than %d bytes", limit)
	}
	return out.Bytes(), errors.Join(r.Close())
}

// Gzip appends document, compressed as one gzip member, to dst. The bytes depend on the document alone.
func Gzip(dst, document []byte) []byte {
	w, _ := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	out := bytes.NewBuffer(dst)
	w.Reset(out)
	if _, err := w.Write(document); err == nil { // a bytes.Buffer takes everything
		_ = w.Close()
	}
	return out.Bytes()
}
