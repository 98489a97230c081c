package unpack

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// The types of a subscription's documents.
const (
	DataMessage    = "DATA_MESSAGE"    // carries log events
	ControlMessage = "CONTROL_MESSAGE" // tries the destination; carries none
)

// EnvelopeHead is a subscription's document but for the events.
type EnvelopeHead struct {
	MessageType         string   `json:"messageType"`
	Owner               string   `json:"owner"` // the account
	LogGroup            string   `json:"logGroup"`
	LogStream           string   `json:"logStream"`
	SubscriptionFilters []string `json:"subscriptionFilters"`
}

// Envelope is a subscription's document: events of one log stream, in the order of their put.
type Envelope struct {
	EnvelopeHead
	LogEvents []EnvelopeEvent
}

// EnvelopeEvent is a log event in an envelope.
type EnvelopeEvent struct {
	ID        string // 56 digits; empty in a control message
	Timestamp loglake.Millis
	Message   []byte // UTF-8
}

// ParseEnvelope reads a subscription's document. Members it does not know are left out.
func ParseEnvelope(document []byte) (Envelope, error) {
	var in struct {
		EnvelopeHead
		LogEvents []struct {
			ID        string         `json:"id"`
			Timestamp loglake.Millis `json:"timestamp"`
			Message   string         `json:"message"`
		} `json:"logEvents"`
	}
	if err := json.Unmarshal(document, &in); err != nil {
		return Envelope{}, fmt.Errorf("the record is not a CloudWatch Logs document: %w", err)
	}
	if in.MessageType != DataMessage && in.MessageType != ControlMessage {
		return Envelope{}, fmt.Errorf("the record is not a CloudWatch Logs document: its messageType is %q", in.MessageType)
	}
	e := Envelope{EnvelopeHead: in.EnvelopeHead, LogEvents: make([]EnvelopeEvent, len(in.LogEvents))}
	for i, one := range in.LogEvents {
		e.LogEvents[i] = EnvelopeEvent{ID: one.ID, Timestamp: one.Timestamp, Message: []byte(one.Message)}
	}
	return e, nil
}

// BuildEnvelope appends a subscription's document to dst: compact JSON, members in the service's order.
func BuildEnvelope(dst []byte, head *EnvelopeHead, events []EnvelopeEvent) []byte {
	member := func(name, value string) {
		dst = append(append(dst, name...), ':')
		dst = appendJSON(dst, []byte(value))
		dst = append(dst, ',')
	}
	dst = append(dst, '{')
	member(`"messageType"`, head.MessageType)
	member(`"owner"`, head.Owner)
	member(`"logGroup"`, head.LogGroup)
	member(`"logStream"`, head.LogStream)
	dst = append(dst, `"subscriptionFilters":[`...)
	for i, name := range head.SubscriptionFilters {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, []byte(name))
	}
	dst = append(dst, `],"logEvents":[`...)
	for i, e := range events {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":`...)
		dst = appendJSON(dst, []byte(e.ID))
		dst = append(dst, `,"timestamp":`...)
		dst = strconv.AppendInt(dst, int64(e.Timestamp), 10)
		dst = append(dst, `,"message":`...)
		dst = appendJSON(dst, e.Message)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

// appendJSON appends s as a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendJSON(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRune(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c >= utf8.RuneSelf {
				dst = append(dst, "\ufffd"...)
			} else {
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
		}
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// An event id is a decimal number of 56 digits: the timestamp, then the offset, then a mark of the journal, so that ids
// sort by time and, within one instant of a journal, by the order of arrival.
const (
	idDigits     = 56
	idOffsetBits = 64
	idMarkBits   = 64
)

// idTimeMax is the latest timestamp that the digits hold, far beyond what a put may carry.
const idTimeMax = 1 << 57

// EventID gives the id of an event. Timestamps before 1970 count as 0 in it, those after idTimeMax as that.
func EventID(ts loglake.Millis, journal loglake.JournalID, offset loglake.Offset) string {
	n := new(big.Int).SetInt64(min(max(0, int64(ts)), idTimeMax))
	n.Lsh(n, idOffsetBits).Or(n, new(big.Int).SetUint64(uint64(offset)))
	n.Lsh(n, idMarkBits).Or(n, new(big.Int).SetUint64(mark(journal)))
	digits := n.String()
	out := make([]byte, idDigits)
	pad := idDigits - len(digits)
	for i := range pad {
		out[i] = '0'
	}
	copy(out[pad:], digits)
	return string(out)
}

// ParseEventID takes an id of a journal apart; ok is false where it is none, or another journal's.
func ParseEventID(id string, journal loglake.JournalID) (ts loglake.Millis, offset loglake.Offset, ok bool) {
	n, valid := new(big.Int).SetString(id, 10)
	if !valid || len(id) != idDigits || n.Sign() < 0 {
		return 0, 0, false
	}
	low := new(big.Int).SetUint64(1<<64 - 1)
	if new(big.Int).And(n, low).Uint64() != mark(journal) {
		return 0, 0, false
	}
	n.Rsh(n, idMarkBits)
	offset = loglake.Offset(new(big.Int).And(n, low).Uint64())
	n.Rsh(n, idOffsetBits)
	return loglake.Millis(n.Int64()), offset, n.IsInt64() && offset >= 0
}

// mark is FNV-1a of a journal's name.
func mark(journal loglake.JournalID) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(journal) {
		h = (h ^ uint64(journal[i])) * 1099511628211
	}
	return h
}
