package loggroup

import (
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// The limits of CloudWatch Logs that this package keeps.
const (
	GroupsMax        = 1_000_000
	StreamsMax       = 1_000_000 // log streams of all groups together: each has its name in memory, and some 200 bytes
	NameBytesMax     = 512       // of groups, streams and filters; characters
	SubscriptionsMax = 2         // open ones of a group, without routes
	RoutesMax        = 10        // open ones of a group that route to another group

	// StreamSubscriptionsMax bounds the subscriptions to one delivery stream: its worker waits for them all at once.
	StreamSubscriptionsMax = 10_000
	RoutesTotalMax         = 10_000 // routes of a server: each has a goroutine
	DescribeMax            = 50     // groups, streams or filters on a page
	TagsMax                = 50     // of a group
	TagKeyMax              = 128    // characters
	TagValueMax            = 256
	FilterStreamsMax       = 100 // streams named in one FilterEvents
)

// The limits of a put. A message counts EventOverhead bytes more than it has.
const (
	PutEventsMax  = 10_000
	PutBytesMax   = 1_048_576
	EventBytesMax = 1_048_576
	EventOverhead = 26

	timestampMax = loglake.Millis(253402300799999) // the end of the year 9999

	tooNewAfter  = loglake.Millis(journal.AheadMax / time.Millisecond) // what a put would not take, retention does not count
	putSpanMax   = loglake.Millis(24 * 60 * 60 * 1000)
	tooOldInDays = 14

	retainedMax = 100 // earlier retentions of a group that are remembered; before those the oldest of them counts
)

// The limits of a read.
const (
	ReadEventsMax = 10_000
	readBytesMax  = 1 << 20  // of a page, with EventOverhead
	scanBytesMax  = 64 << 20 // looked at for one page of FilterEvents, about; then it goes back with a token
	windowEvents  = 50_000   // events that a time window of a scan is meant to hold, about
	windowBytes   = 8 << 20  // and bytes of messages

	firstWindowMax = loglake.Millis(24 * 60 * 60 * 1000) // of a scan: back-filled events lie years before the others
)
