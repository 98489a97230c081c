package logsapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
)

// PutLogEvents
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
//
// AWS: stores up to 10,000 events and 1 MiB in one stream. Events that are more than 2 hours ahead, older than 14 days or
// older than the retention are dropped and named in rejectedLogEventsInfo. sequenceToken counts for nothing since 2023.
// loglake: the same, and the answer comes when the events are on the disk; they can be read at once. All attempts of one SDK
// call (header amz-sdk-invocation-id) are stored once. Bodies may be gzip. Four headers of our own, which AWS does not look at:
// X-Loglake-Spool and X-Loglake-Position say where the events stand in a spool of the client, event i at position + i; those
// that the spool has brought before are skipped, with success, for ever and however it is cut into calls. The answer's
// X-Loglake-Position is where the spool goes on. X-Loglake-Sum, up to 16 hexadecimal digits, is kept with that position and given
// back with it by GET /v1/spools/ID: a checksum, by which a client knows whether it has what it sent then. X-Loglake-Time: any
// takes events of any age, order and span.
// Not here: entity is read over, and the header x-amzn-logs-format, because there are no metrics to extract to.

// callHeader carries the id that all attempts of one call of an AWS SDK have.
const callHeader = "Amz-Sdk-Invocation-Id"

// The headers of loglake's own clients, as they stand in http.Header.
const (
	spoolHeader    = "X-Loglake-Spool"    // id: 1 to 64 of A-Z, a-z, 0-9, _ and -
	positionHeader = "X-Loglake-Position" // decimal, of the first event; in the answer of the one to come
	sumHeader      = "X-Loglake-Sum"      // up to 16 hexadecimal digits: kept with the position, and given back with it
	timeHeader     = "X-Loglake-Time"     // "any"
)

// readHeaders takes the headers into the put.
func readHeaders(h http.Header, p *loggroup.Put) error {
	spool, position, sum, times := h[spoolHeader], h[positionHeader], h[sumHeader], h[timeHeader]
	if len(times) > 0 {
		if len(times) > 1 || times[0] != "any" {
			return invalid("The header %s is %q: its one value is \"any\".", timeHeader, strings.Join(times, ", "))
		}
		p.AnyTime = true
	}
	if len(spool) == 0 && len(position) == 0 && len(sum) == 0 {
		return nil
	}
	if len(spool) != 1 || len(position) != 1 || len(sum) > 1 {
		return invalid("The headers %s and %s come together, each once, and %s at most once with them.", spoolHeader, positionHeader, sumHeader)
	}
	p.Spool = spool[0]
	if err := loggroup.CheckSpool(p.Spool); err != nil {
		return err
	}
	var err error
	if p.Position, err = strconv.ParseInt(position[0], 10, 64); err != nil || p.Position < 0 || position[0][0] == '+' {
		return invalid("The header %s is %q: it is the decimal number of the first event's position in the spool, from 0 to %d.",
			positionHeader, position[0], int64(journal.SpoolPositionMax))
	}
	if len(sum) > 0 {
		if p.Sum, err = strconv.ParseUint(sum[0], 16, 64); err != nil {
			return invalid("The header %s is %q: it is a checksum of up to 16 hexadecimal digits.", sumHeader, sum[0])
		}
	}
	return nil
}

// pooledBytesMax bounds the buffers that are kept for the next put.
const pooledBytesMax = 4 << 20

// putPool keeps batches, so that a put allocates nothing for its events.
type putPool struct{ pool sync.Pool }

func (p *putPool) get() *loggroup.Batch {
	if b, ok := p.pool.Get().(*loggroup.Batch); ok {
		return b
	}
	return &loggroup.Batch{}
}

func (p *putPool) put(b *loggroup.Batch) {
	if cap(b.Buffer()) <= pooledBytesMax {
		p.pool.Put(b)
	}
}

type putLogEventsOutput struct {
	NextSequenceToken     string                 `json:"nextSequenceToken"`
	RejectedLogEventsInfo *rejectedLogEventsInfo `json:"rejectedLogEventsInfo,omitempty"`
}

type rejectedLogEventsInfo struct {
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
}

func (s *service) putLogEvents(ctx context.Context, r *awsjson.Request) (any, error) {
	batch := s.puts.get()
	defer s.puts.put(batch)
	in, err := decodePut(r.Body, batch)
	if err != nil {
		return nil, err
	}
	c := newConstraints()
	requireName(c, "logGroupName", in.group, groupNameForm)
	requireName(c, "logStreamName", in.stream, streamNameForm)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := errTooLong(in.group, in.stream); err != nil {
		return nil, err
	}
	if in.problem != nil {
		return nil, in.problem
	}
	put := loggroup.Put{Group: loglake.GroupName(*in.group), Stream: loglake.LogStreamName(*in.stream), Call: r.Header.Get(callHeader), Batch: batch}
	if err := readHeaders(r.Header, &put); err != nil {
		return nil, err
	}
	done, err := s.groups.PutEvents(ctx, put)
	if err != nil {
		return nil, err
	}
	if put.Spool != "" {
		r.Answer = http.Header{positionHeader: {strconv.FormatInt(done.Position, 10)}}
	}
	out := putLogEventsOutput{NextSequenceToken: done.Token}
	if rejected := done.Rejected; rejected.Any() {
		out.RejectedLogEventsInfo = &rejectedLogEventsInfo{ExpiredLogEventEndIndex: index(rejected.ExpiredEnd),
			TooNewLogEventStartIndex: index(rejected.TooNewStart), TooOldLogEventEndIndex: index(rejected.TooOldEnd)}
	}
	return out, nil
}

func index(i int) *int {
	if i == loggroup.None {
		return nil
	}
	return &i
}
