// Package loglake is the dictionary of the log lake: the nouns that more than one stage speaks of, their limits and the
// codes of their failures. It holds no behaviour beyond parsing and printing these nouns, imports the standard library
// only, and every other package imports it.
//
// The way of the data, which is the architecture:
//
//	app ─► api ─► journal ─► pattern ─► unpack ─► convert ─► commit ─► store ─► catalog ─► query ─► api
//	        (a log group)    └────────── delivery ─────────┘  (bucket)  (manifest)   ▲
//	                                    hot chunks ────────────────────────────────┘
//
// An Event lands in a log group, which is a journal: a durable sequence with dense offsets. A delivery stream is a set
// of positions in journals; what lies between a position and the head of its journal is the stream's buffer. A flush
// makes Objects from ranges of journals and moves the positions in the same transaction that makes the objects known.
package loglake

import (
	"fmt"
	"strings"
	"time"
)

// Names that are easily swapped have types of their own.
type (
	GroupName     string // a log group, 1-512 bytes of [.\-_/#A-Za-z0-9]
	LogStreamName string // a log stream in a group, 1-512 bytes without ':' and '*'
	StreamName    string // a delivery stream, 1-64 bytes of [a-zA-Z0-9_.-]
	JournalID     string // a journal; unique for ever: a group made again has another one
	ProducerID    string // a maker of objects (a delivery stream's incarnation); unique for ever
	SourceID      string // one input of a producer: DirectSource, or a subscription's id
)

// DirectSource is the source of records put directly to a delivery stream.
const DirectSource SourceID = "direct"

// Offset counts the events of one journal from 0, without gaps.
type Offset int64

// Range is the events [From, To) of one journal, as one source of a producer read them.
type Range struct {
	Source  SourceID
	Journal JournalID
	From    Offset
	To      Offset
}

// Len is the number of offsets in r.
func (r Range) Len() int64 { return int64(r.To - r.From) }

func (r Range) String() string { return fmt.Sprintf("%s:%s[%d,%d)", r.Source, r.Journal, r.From, r.To) }

// Millis is an instant in milliseconds since 1970-01-01T00:00:00Z, the unit of CloudWatch Logs.
type Millis int64

// At gives t as Millis.
func At(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time gives m as a UTC time.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// LateAfter is how much older than its arrival an event's timestamp is for the ledger to count it as late.
const LateAfter = time.Hour

// Late tells whether an event with a timestamp was late when it arrived.
func Late(timestamp, arrived Millis) bool {
	return timestamp < arrived-Millis(LateAfter/time.Millisecond)
}

// Clock tells the time. Every component that needs one is given one, so that tests own it.
type Clock func() time.Time

// Event is one log message. Message belongs to whoever handed the event out and is not to be changed.
type Event struct {
	Offset    Offset
	Timestamp Millis // what the writer said
	Ingested  Millis // when the server took it
	Stream    LogStreamName
	Message   []byte
}

// Home is the account and region that a loglake speaks as.
type Home struct {
	Account string // 12 digits
	Region  string // us-east-1
}

// ARN gives the Amazon Resource Name of a resource of this home.
func (h Home) ARN(service, resource string) string {
	return "arn:aws:" + service + ":" + h.Region + ":" + h.Account + ":" + resource
}

// Object is an immutable file in the bucket that a batch made, as the manifest knows it.
type Object struct {
	Bucket   string
	Key      string
	Kind     ObjectKind
	Bytes    int64
	CRC32C   uint32 // of the whole file
	Rows     int64  // rows of a Parquet file; records of any other
	Producer ProducerID
	Batch    int64 // the producer's batch number, from 1
	// Generation is how often a batch of this number was voided before this one.
	Generation int `json:",omitempty"`
	Part       int // 1..Parts within the batch
	Parts      int
	Columns    []ColumnBounds // Parquet only
}

// ObjectKind says what an object holds.
type ObjectKind string

const (
	ObjectParquet ObjectKind = "parquet" // converted rows
	ObjectPlain   ObjectKind = "plain"   // records as they came, or compressed
	ObjectRejects ObjectKind = "rejects" // error envelopes
)

// ColumnBounds are facts about one column of a Parquet object, the fields of an Iceberg data file.
// Min and Max are the column's values in Parquet's PLAIN encoding (strings cut as BoundBytesMax says); nil where unknown.
type ColumnBounds struct {
	Name      string
	Bytes     int64 // compressed size of the column's chunks
	NullCount int64
	Min, Max  []byte
}

// Place is all that lies below a prefix of a bucket.
type Place struct{ Bucket, Prefix string }

// Holds tells whether a key, or another prefix, of a bucket is in the place.
func (p Place) Holds(bucket, key string) bool {
	return p.Bucket == bucket && strings.HasPrefix(key, p.Prefix)
}

// Hot is rows of a converted journal range that are not yet in the bucket: queries see them before they are committed.
// It behaves as a Parquet file that lies under Prefix in Bucket would. Whoever was given one calls Unpin once.
type Hot struct {
	Bucket   string
	Prefix   string // where its object will lie: the evaluated prefix of its batch
	Producer ProducerID
	Range    Range
	Rows     int64
	Schema   Schema
	// Export gives the path of a local Parquet file with the rows, made on first use, valid until Unpin.
	Export func() (path string, bytes int64, err error)
	Unpin  func()
}
