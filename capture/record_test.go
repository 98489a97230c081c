package capture_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/loglake/loglake/capture"
)

func equal(a, b capture.Event) bool { return a.Time == b.Time && bytes.Equal(a.Message, b.Message) }

func TestSegment(t *testing.T) {
	events := []capture.Event{{Time: 1, Message: []byte("a")}, {Time: -5, Message: bytes.Repeat([]byte("\x00\n"), 400_000)}, {Time: 1 << 50, Message: []byte{}}}
	whole := capture.AppendSegment(nil, 42, events...)
	first, got, ok := capture.ReadSegment(whole)
	if !ok || first != 42 || !slices.EqualFunc(events, got, equal) {
		t.Errorf("first %d %v, %d events", first, ok, len(got))
	}
	for cut := range 60 { // torn anywhere in the end: the events before are there
		_, got, ok := capture.ReadSegment(whole[:len(whole)-1-cut])
		if !ok || len(got) < 1 || len(got) > 2 || !slices.EqualFunc(events[:len(got)], got, equal) {
			t.Fatalf("cut by %d: %d events", cut+1, len(got))
		}
	}
	damaged := bytes.Clone(whole)
	damaged[16+16+1+20]++ // a byte of the second record
	if _, got, _ := capture.ReadSegment(damaged); len(got) != 1 {
		t.Errorf("%d events before the damage", len(got))
	}
}

// Whatever the bytes are, what is read is what writing it again gives, up to the damage.
func FuzzSegment(f *testing.F) {
	f.Add(capture.AppendSegment(nil, 7, capture.Event{Time: 3, Message: []byte("hello")}, capture.Event{Time: 4, Message: []byte("there")}))
	f.Add([]byte("LLSPOOL1"))
	f.Add(append(capture.AppendSegment(nil, 0), 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, events, ok := capture.ReadSegment(b)
		if !ok {
			return
		}
		if again := capture.AppendSegment(nil, first, events...); !bytes.HasPrefix(b, again) {
			t.Errorf("%d events of %d bytes are written otherwise than they were read", len(events), len(b))
		}
	})
}
