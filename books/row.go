package books

import (
	"fmt"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
)

// The kinds of rows.
const (
	KindGroup        = "group"        // a log group: what became of the events that were put
	KindRecords      = "records"      // the records put to a delivery stream, likewise
	KindLog          = "log"          // the write-ahead log, where records of it can't be read; else there is none
	KindDeleted      = "deleted"      // all log groups and streams that were deleted, likewise
	KindStream       = "stream"       // the batches of a delivery stream
	KindSubscription = "subscription" // what a delivery stream took of a log group by a filter
	KindDirect       = "direct"       // what a delivery stream took of the records put to it
	KindRoute        = "route"        // what a filter copied into another log group
)

// order is that of a list.
var order = map[string]int{KindGroup: 0, KindRecords: 1, KindLog: 2, KindDeleted: 3, KindStream: 4, KindSubscription: 5, KindDirect: 6, KindRoute: 7}

// Row is one account. Numbers that a kind does not have are nil. The tags are its names in JSON and in SQL.
type Row struct {
	Kind   string `json:"kind" about:"group, records, log, deleted, stream, subscription, direct or route"`
	Group  string `json:"log_group,omitempty" about:"the log group that the row is of, or whose events were taken"`
	Filter string `json:"filter,omitempty" about:"the subscription filter"`
	Stream string `json:"stream,omitempty" about:"the delivery stream"`
	Target string `json:"target_group,omitempty" about:"the log group that a route copies into"`

	Balanced   bool   `json:"balanced" about:"every equation of the row holds"`
	Difference int64  `json:"difference" about:"0 where the row is balanced, else by how many events it is out, or 1 where that can't be said"`
	Problem    string `json:"problem,omitempty" about:"which equation does not hold, and how"`
	Ended      bool   `json:"ended" about:"the filter, stream or group is gone, and the row does not change any more"`

	Accepted      *int64 `json:"accepted,omitempty" about:"events that were acknowledged, ever"`
	Retained      *int64 `json:"retained,omitempty" about:"of these, in the journal"`
	Expired       *int64 `json:"expired,omitempty" about:"of these, gone from the journal by the group's retention"`
	Released      *int64 `json:"released,omitempty" about:"of these, gone from the journal because they are delivered"`
	Deleted       *int64 `json:"deleted,omitempty" about:"of these, gone with their group or stream"`
	Damaged       *int64 `json:"damaged,omitempty" about:"of these, in no file of the journal any more: their bytes were damaged, or removed by somebody"`
	AcceptedBytes *int64 `json:"accepted_bytes,omitempty" about:"bytes of their messages"`
	Repeated      *int64 `json:"repeated,omitempty" about:"events offered that were there already: an attempt of a call that was answered before, or what a spool had brought"`
	TooNew        *int64 `json:"too_new,omitempty" about:"events offered that were too far in the future"`
	TooOld        *int64 `json:"too_old,omitempty" about:"events offered that were older than PutLogEvents takes"`
	PastRetention *int64 `json:"past_retention,omitempty" about:"events offered that were older than the group's retention"`

	Began       *int64 `json:"began_offset,omitempty" about:"the offset of the journal at which counting began"`
	At          *int64 `json:"at_offset,omitempty" about:"the offset below which all is counted: the position"`
	Head        *int64 `json:"head_offset,omitempty" about:"the offset after the newest event of the journal"`
	Buffered    *int64 `json:"buffered,omitempty" about:"events between at_offset and head_offset, or where the filter ended"`
	Events      *int64 `json:"events,omitempty" about:"events between began_offset and at_offset"`
	Unmatched   *int64 `json:"unmatched,omitempty" about:"of these, left out by the filter's pattern"`
	Control     *int64 `json:"control,omitempty" about:"of these, control documents, which hold no event"`
	Consumed    *int64 `json:"consumed,omitempty" about:"of these, taken"`
	Records     *int64 `json:"records,omitempty" about:"records as the stream carried them"`
	Undecodable *int64 `json:"undecodable,omitempty" about:"of these, rejected before they were unpacked"`
	Messages    *int64 `json:"messages,omitempty" about:"messages that unpacking gave"`
	Delivered   *int64 `json:"delivered,omitempty" about:"of these, in data objects, or copied by a route"`
	Rejected    *int64 `json:"rejected,omitempty" about:"of these, rejected by conversion"`
	Rejects     *int64 `json:"rejects,omitempty" about:"lines in reject objects"`
	Rows        *int64 `json:"delivered_rows,omitempty" about:"rows in Parquet objects"`
	Bytes       *int64 `json:"bytes,omitempty" about:"of the events taken, as they were put"`
	Late        *int64 `json:"late,omitempty" about:"events with a timestamp more than an hour older than their arrival"`

	Batches    *int64     `json:"batches,omitempty" about:"batches committed"`
	LastCommit *time.Time `json:"last_commit,omitempty" about:"when the last of them was"`
	Journals   *int64     `json:"journals,omitempty" about:"journals that were deleted"`

	Producer string `json:"producer,omitempty" about:"the id of this life of the delivery stream"`
	Source   string `json:"source,omitempty" about:"the id of the subscription; direct for records put to the stream"`
	Journal  string `json:"journal,omitempty" about:"the id of the journal"`
}

func count(n int64) *int64 { return &n }

// out notes that an equation does not hold. The first one stays.
func (r *Row) out(by int64, format string, args ...any) {
	if r.Problem != "" {
		return
	}
	if by == 0 {
		by = 1
	}
	r.Balanced, r.Difference, r.Problem = false, by, fmt.Sprintf(format, args...)
}

// journal fills in what became of the events put to a journal.
func (r *Row) journal(b journal.Books) {
	r.Balanced = true
	r.Accepted, r.Retained, r.Deleted, r.AcceptedBytes, r.Late = count(b.Accepted), count(b.Retained), count(b.Deleted), count(b.Bytes), count(b.Late)
	r.Repeated, r.TooNew, r.TooOld, r.PastRetention = count(b.Turned.Repeated), count(b.Turned.TooNew), count(b.Turned.TooOld), count(b.Turned.Expired)
	r.Head = count(int64(b.Head))
	gone := "expired"
	if r.Kind == KindGroup {
		r.Expired = count(b.Released)
	} else {
		r.Released, gone = count(b.Released), "released"
	}
	if d := int64(b.Head) - b.Accepted; d != 0 {
		r.out(d, "the journal has given %d offsets, and %d events were accepted", b.Head, b.Accepted)
	}
	d := b.Difference()
	r.Damaged = count(max(0, d))
	sum := fmt.Sprintf("%d accepted events are not %d retained, %d %s and %d deleted", b.Accepted, b.Retained, b.Released, gone, b.Deleted)
	switch {
	case d > 0:
		r.out(d, "%s: %d are damaged or gone on the disk. `loglake check` names the files: put them back from a backup, or go on without with `loglake resume STREAM --skip-damaged`", sum, d)
	case d < 0:
		r.out(d, "%s: %d are there that nobody put", sum, -d)
	}
}

// counts fills in what became of the events that were taken.
func (r *Row) counts(c ledger.Counts) {
	r.Balanced = true
	r.Events, r.Unmatched, r.Control, r.Consumed = count(c.Events), count(c.Unmatched), count(c.Control), count(c.Consumed)
	r.Records, r.Undecodable, r.Messages = count(c.Records), count(c.Undecodable), count(c.Messages)
	r.Delivered, r.Rejected, r.Rejects = count(c.Delivered), count(c.Rejected), count(c.Rejects())
	r.Rows, r.Bytes, r.Late = count(c.Rows), count(c.Bytes), count(c.Late)
	if err := c.Balance(); err != nil {
		r.out(c.Events-c.Unmatched-c.Control-c.Consumed, "%v", err)
	}
}

// span fills in between which offsets the events of a source were counted.
func (r *Row) span(s ledger.Source) {
	r.Began, r.At = count(int64(s.Began)), count(int64(s.At))
	if d := int64(s.At-s.Began) - s.Counts.Events; d != 0 {
		r.out(d, "between the offsets %d and %d there are %d events, and %d were counted", s.Began, s.At, s.At-s.Began, s.Counts.Events)
	}
}

// buffered fills in what was accepted and not yet taken, of a source that may go on up to an end.
func (r *Row) buffered(at, end loglake.Offset) {
	r.Head, r.Buffered = count(int64(end)), count(int64(end-at))
	if at > end {
		r.out(int64(end-at), "it has taken events up to %d, and there are none from %d on", at, end)
	}
}
