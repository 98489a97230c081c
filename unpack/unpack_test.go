package unpack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/unpack"
)

var head = unpack.EnvelopeHead{
	MessageType: unpack.DataMessage, Owner: "000000000000", LogGroup: "/ec2/api", LogStream: "i-1", SubscriptionFilters: []string{"f"},
}

func envelope(messages ...string) []byte {
	events := make([]unpack.EnvelopeEvent, len(messages))
	for i, m := range messages {
		events[i] = unpack.EnvelopeEvent{ID: unpack.EventID(1000, "g-1", loglake.Offset(i)), Timestamp: 1000, Message: []byte(m)}
	}
	return unpack.BuildEnvelope(nil, &head, events)
}

func control() []byte {
	return unpack.BuildEnvelope(nil, &unpack.EnvelopeHead{MessageType: unpack.ControlMessage, Owner: "CloudwatchLogs"},
		[]unpack.EnvelopeEvent{{Timestamp: 5, Message: []byte("CWL CONTROL MESSAGE")}})
}

func TestRecord(t *testing.T) {
	all := unpack.Config{Decompress: true, ExtractMessages: true}
	gz := func(b []byte) []byte { return unpack.Gzip(nil, b) }
	twoMembers := append(gz([]byte("ab")), gz([]byte("cd"))...)
	for _, c := range []struct {
		name    string
		cfg     unpack.Config
		record  []byte
		want    []string
		control bool
		failure string
	}{
		{name: "as it is", record: []byte("x"), want: []string{"x"}},
		{name: "empty", record: nil, want: []string{""}},
		{name: "delimiter", cfg: unpack.Config{AppendDelimiter: true}, record: []byte("x"), want: []string{"x\n"}},
		{name: "gunzip", cfg: unpack.Config{Decompress: true}, record: gz([]byte("doc")), want: []string{"doc"}},
		{name: "gunzip two members", cfg: unpack.Config{Decompress: true}, record: twoMembers, want: []string{"abcd"}},
		{name: "not gzip", cfg: unpack.Config{Decompress: true}, record: []byte("{}"), failure: "Decompression.Failed"},
		{name: "torn gzip", cfg: unpack.Config{Decompress: true}, record: gz([]byte(strings.Repeat("doc", 99)))[:20], failure: "Decompression.Failed"},
		{name: "messages", cfg: all, record: gz(envelope(`{"a":1}`, "x\ty\"é")), want: []string{`{"a":1}`, "x\ty\"é"}},
		{name: "messages with delimiter", cfg: unpack.Config{Decompress: true, ExtractMessages: true, AppendDelimiter: true},
			record: gz(envelope("a", "b")), want: []string{"a\n", "b\n"}},
		{name: "control", cfg: all, record: gz(control()), control: true},
		{name: "control without extraction", cfg: unpack.Config{Decompress: true}, record: gz(control()), want: []string{string(control())}},
		{name: "no envelope", cfg: all, record: gz([]byte(`{"a":1}`)), failure: "CloudWatchLogProcessing.Failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			messages, control, err := unpack.Record(c.cfg, c.record)
			var failure *unpack.Failure
			if errors.As(err, &failure); c.failure != "" && (failure == nil || failure.Code != c.failure) || c.failure == "" && err != nil {
				t.Fatalf("error %v, want %q", err, c.failure)
			}
			var got []string
			for _, m := range messages {
				got = append(got, string(m))
			}
			if diff := cmp.Diff(c.want, got); diff != "" || control != c.control {
				t.Errorf("control %v, messages (-want +got):\n%s", control, diff)
			}
		})
	}
}

func TestGunzipIsBounded(t *testing.T) {
	bomb := unpack.Gzip(nil, make([]byte, 1<<20))
	if _, err := unpack.Gunzip(nil, bomb, 1<<20-1); err == nil {
		t.Error("more than the limit was taken")
	}
	if out, err := unpack.Gunzip(nil, bomb, 1<<20); err != nil || len(out) != 1<<20 {
		t.Errorf("the limit itself: %d bytes, %v", len(out), err)
	}
}

func TestEventIDsSortByTimeAndOffset(t *testing.T) {
	ids := []string{
		unpack.EventID(-5, "g-1", 0), unpack.EventID(1, "g-1", 9), unpack.EventID(1, "g-1", 10),
		unpack.EventID(1764756930000, "g-1", 3), unpack.EventID(1764756930001, "g-1", 0), unpack.EventID(1<<53, "g-1", 1<<62),
	}
	for i, id := range ids {
		if len(id) != 56 || strings.Trim(id, "0123456789") != "" {
			t.Errorf("%q is not 56 digits", id)
		}
		if i > 0 && id <= ids[i-1] {
			t.Errorf("%s does not follow %s", id, ids[i-1])
		}
	}
	ts, offset, ok := unpack.ParseEventID(ids[3], "g-1")
	if ts != 1764756930000 || offset != 3 || !ok {
		t.Errorf("got %d, %d, %v", ts, offset, ok)
	}
	for _, bad := range []string{"", "12", strings.Repeat("9", 57), strings.Repeat("x", 56), ids[3][:55] + "0"} {
		if _, _, ok := unpack.ParseEventID(bad, "g-1"); ok && bad != ids[3] {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestEventIDOfAnyTimestamp(t *testing.T) {
	for _, ts := range []loglake.Millis{math.MinInt64, -1, math.MaxInt64} {
		if id := unpack.EventID(ts, "j", math.MaxInt64); len(id) != 56 {
			t.Errorf("the id of timestamp %d is %s", ts, id)
		}
	}
}

func TestLooksLike(t *testing.T) {
	for record, want := range map[string]unpack.Shape{
		"": unpack.ShapeOther, "text": unpack.ShapeOther, "{": unpack.ShapeOther, "[1]": unpack.ShapeOther,
		`{"a":1}`: unpack.ShapeJSON, " {} ": unpack.ShapeJSON, `{"a":1}{"a":2}`: unpack.ShapeGlued, "{}\n{}": unpack.ShapeGlued,
		string(unpack.Gzip(nil, []byte("x"))): unpack.ShapeGzip, string(envelope("m")): unpack.ShapeEnvelope,
		string(control()): unpack.ShapeEnvelope,
	} {
		if got := unpack.LooksLike([]byte(record)); got != want {
			t.Errorf("%q looks like %d, want %d", record, got, want)
		}
	}
}

// FuzzEnvelope holds BuildEnvelope against encoding/json, and ParseEnvelope against BuildEnvelope.
func FuzzEnvelope(f *testing.F) {
	f.Add("g", "s", []byte("message"), int64(1))
	f.Add("/a/b", "\x00\u2028", []byte("\xff\"\\\n\r\t\x1f<&>\u2028"), int64(-1))
	f.Fuzz(func(t *testing.T, group, stream string, message []byte, ts int64) {
		h := unpack.EnvelopeHead{MessageType: unpack.DataMessage, LogGroup: group, LogStream: stream, SubscriptionFilters: []string{}}
		doc := unpack.BuildEnvelope(nil, &h, []unpack.EnvelopeEvent{{ID: "1", Timestamp: loglake.Millis(ts), Message: message}})
		if !json.Valid(doc) {
			t.Fatalf("not JSON: %q", doc)
		}
		back, err := unpack.ParseEnvelope(doc)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.ToValidUTF8(message, []byte("\ufffd"))
		got := back.LogEvents[0]
		if len(bytes.ReplaceAll(got.Message, []byte("\ufffd"), nil)) != len(bytes.ReplaceAll(want, []byte("\ufffd"), nil)) || got.Timestamp != loglake.Millis(ts) {
			t.Errorf("%q came back as %q", message, got.Message)
		}
		again := unpack.BuildEnvelope(nil, &back.EnvelopeHead, back.LogEvents)
		if !bytes.Equal(doc, again) {
			t.Errorf("built again it is %q, was %q", again, doc)
		}
	})
}

// FuzzRecord feeds garbage: no panic, and what is no failure round-trips.
func FuzzRecord(f *testing.F) {
	f.Add(unpack.Gzip(nil, envelope("m")), true, true)
	f.Add([]byte("{"), false, true)
	f.Fuzz(func(t *testing.T, record []byte, decompress, extract bool) {
		_, _, err := unpack.Record(unpack.Config{Decompress: decompress, ExtractMessages: extract}, record)
		var failure *unpack.Failure
		if err != nil && !errors.As(err, &failure) {
			t.Errorf("%v is no Failure", err)
		}
	})
}
