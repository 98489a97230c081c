package server_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/server"
)

// Each case of TestDiskFull has the disk full after so many bytes more.
const (
	fullRoomMax  = 9 << 10 // from there on everything of the life has room
	fullStep     = 16      // with -full
	fullStepFast = 1021
)

// TestDiskFull has the disk run full at every place of a life: puts are refused in the service's words or answered and kept,
// what is stored is read, nothing that was answered is lost or there twice, and everything goes on by itself when there is
// room again.
func TestDiskFull(t *testing.T) {
	step := fullStepFast
	if faulttest.Full() {
		step = fullStep
	}
	root, refused := t.TempDir(), 0
	for room := 0; room <= fullRoomMax && !t.Failed(); room += step {
		refused += fullLife(t, filepath.Join(root, fmt.Sprint(room)), int64(room))
	}
	if refused == 0 {
		t.Error("no put was refused: the disk was never full")
	}
}

// fullLife is a life whose disk has room for so many bytes once it is set up. It gives how many puts were refused.
func fullLife(t *testing.T, dir string, room int64) (refused int) {
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	on, err := disktest.NewMachine(dir, cancel)
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(on, fault{})
	r, err := m.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.close() }() // closed below, unless the test has failed
	c := &client{t: t, now: loglake.At(time.Now())}
	if err := c.setUp(ctx, r); err != nil {
		t.Fatal(err)
	}
	c.put(ctx, r, "direct", false)
	c.put(ctx, r, "", true)
	m.FS.Fill(room)
	for range 4 {
		for _, stream := range []loglake.StreamName{"direct", "", "late"} {
			refused += c.tryPut(ctx, r, stream, room)
		}
		if _, _, err := r.Groups.FilterEvents(ctx, loggroup.FilterQuery{Group: "/app"}); err != nil {
			t.Errorf("room for %d: reading on a full disk: %v", room, err)
		}
		short, done := context.WithTimeout(ctx, 20*time.Millisecond) // it may wait for room
		_ = c.flush(short, r)
		done()
		_ = r.Sweep(ctx) // what it can't do, the next one does
	}
	m.FS.Enlarge()
	for _, stream := range []loglake.StreamName{"direct", "", "late"} {
		if c.tryPut(ctx, r, stream, room) > 0 {
			t.Errorf("room for %d: a put is refused when there is room again", room)
		}
	}
	if err := c.flush(ctx, r); err != nil {
		t.Errorf("room for %d: delivery does not go on: %v", room, err)
	}
	when := fmt.Sprintf("room for %d", room)
	c.account(ctx, r, when)
	if err := r.close(); err != nil {
		t.Errorf("%s: close: %v", when, err)
	}
	s, err := server.Open(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatalf("%s: open again: %v", when, err)
	}
	c.check(ctx, s, when)
	if err := s.Close(); err != nil {
		t.Errorf("%s: close again: %v", when, err)
	}
	return refused
}

// tryPut makes a put that may be refused, and tells whether it was.
func (c *client) tryPut(ctx context.Context, r *running, stream loglake.StreamName, room int64) (refused int) {
	n := len(c.puts)
	p := &put{id: fmt.Sprint("put-", n), stream: stream, rows: []string{fmt.Sprintf("%d-row", n)}}
	p.messages = []string{fmt.Sprintf(`{"id":"%d-row","n":1,"at":"2015-05-17T10:05:03Z"}`, n)}
	c.puts = append(c.puts, p)
	var err error
	if stream != "" {
		_, err = r.Streams.Put(ctx, stream, p.id, [][]byte{[]byte(p.messages[0])})
	} else {
		var b loggroup.Batch
		b.Add(c.now, []byte(p.messages[0]))
		_, err = r.Groups.PutEvents(ctx, loggroup.Put{Group: "/app", Stream: "i-1", Call: p.id, Batch: &b})
	}
	switch loglake.CodeOf(err) {
	case "":
		p.answered = true
	case loglake.CodeThrottled, loglake.CodeUnavailable:
		refused = 1
	default:
		c.t.Errorf("room for %d: put %s on a full disk: %v", room, p.id, err)
	}
	return refused
}
