package journal

import "time"

// The limits of the journal, all in one place. A put beyond one is refused with loglake.CodeInvalid.
const (
	JournalIDBytesMax = 255
	StreamBytesMax    = 512
	DedupBytesMax     = 128      // of a Put's Dedup
	ReplyBytesMax     = 4 << 10  // of a Put's Reply
	PutBytesMax       = 16 << 20 // of a put's messages and their index together
	SpoolBytesMax     = 64       // of a spool's id
	SpoolPositionMax  = 1 << 62
)

// DedupWindow is how long the answer of a put with a Dedup id is remembered (D15).
const DedupWindow = 10 * time.Minute

// SpoolIdle is how long a spool must have been unused to be forgotten, where there are too many.
const SpoolIdle = 30 * 24 * time.Hour

// AheadMax is how far beyond an event's ingestion its timestamp counts for Release, so that a clock that is years ahead does not
// hold back all that comes behind.
const AheadMax = 2 * time.Hour

const (
	spoolsDefault     = 1_000_000   // some 110 bytes of memory each
	spoolSweepEvery   = time.Minute // between two looks for spools to forget
	walBytesDefault   = 64 << 20
	walBytesMin       = 4 << 10 // however low the limit on bytes is
	cacheBytesDefault = 32 << 20
	queueBytesDefault = 64 << 20
	dedupBytesDefault = 64 << 20
	batchBytesMax     = 4 << 20 // of one group commit, when it is more than one put
	unsettledBytesMax = 1 << 30 // in sealed WAL files, when settling can't follow; beyond it puts are throttled
	unsettledFilesMax = 4096    // likewise: each is open, and a write that fails begins another
	pooledBytesMax    = 2 << 20 // of a buffer kept for the next put
	sealedFilesMax    = 16      // unsettled WAL files, however little is in them
	sparesMax         = 2
	pageBytes         = 256 << 10 // raw bytes gathered into one page of a segment
	ownSegmentBytes   = 1 << 20   // of a journal in one WAL file: less goes to the shared segment
	sharedRunsMax     = 8         // shared segments that may pile up before they are merged
	pageStreamsMax    = 64        // log streams listed for a page; with more it matches every stream
)
