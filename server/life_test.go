package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/server"
)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

const (
	bucket  = "my-bucket"
	role    = "arn:aws:iam::000000000000:role/loglake"
	lifeMax = 30 * time.Second // of one life; it takes well under one
)

// running is a server whose parts run, without its listeners.
type running struct {
	*server.Server
	stop   context.CancelFunc
	ended  chan error
	closed bool
}

func (m *machine) open(ctx context.Context) (*running, error) {
	return run(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, StateFault: m.transaction, JournalBytes: 1 << 10})
}

func run(ctx context.Context, cfg server.Config) (*running, error) {
	s, err := server.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	r := &running{Server: s, ended: make(chan error, 4)}
	ctx, r.stop = context.WithCancel(ctx)
	for _, part := range []func(context.Context) error{s.Journal.Run, s.Streams.Run, s.Queries.Run, s.Routes.Run} {
		go func() { r.ended <- part(ctx) }()
	}
	return r, nil
}

func (r *running) close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.stop()
	for range cap(r.ended) {
		<-r.ended
	}
	return r.Close()
}

// put is one call of a client and what it carried.
type put struct {
	id       string
	stream   loglake.StreamName // "": to the log group
	rows     []string           // ids, as they are to be in the Parquet objects
	rejects  []string
	unwanted []string // by the filter, or put while there was none
	messages []string
	answered bool
}

// client makes calls and remembers what was answered.
type client struct {
	t    *testing.T
	now  loglake.Millis
	puts []*put
	lost bool // the state goes with the power, and is made again: see rebuild_test.go
}

const attemptsMax = 6

// try makes a call until it is answered, as a client does that retries.
func try(ctx context.Context, call func() error) (err error) {
	for range attemptsMax {
		if err = call(); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// made is for calls that make or remove something: when an earlier attempt did it, a later one says so.
func made(err error) error {
	if c := loglake.CodeOf(err); c == loglake.CodeExists || c == loglake.CodeNotFound || c == loglake.CodeConflict {
		return nil
	}
	return err
}

func (c *client) send(ctx context.Context, r *running, p *put) {
	err := try(ctx, func() error {
		if p.stream != "" {
			records := make([][]byte, len(p.messages))
			for i, m := range p.messages {
				records[i] = []byte(m)
			}
			_, err := r.Streams.Put(ctx, p.stream, p.id, records)
			return err
		}
		var b loggroup.Batch
		for _, m := range p.messages {
			b.Add(c.now, []byte(m))
		}
		_, err := r.Groups.PutEvents(ctx, loggroup.Put{Group: "/app", Stream: "i-1", Call: p.id, Batch: &b})
		return err
	})
	p.answered = p.answered || err == nil
	if err != nil && ctx.Err() == nil {
		c.t.Errorf("put %s: %v", p.id, err)
	}
}

// put makes a new put with a row, a reject, and an event that the filter leaves out. The rows have times of two days, and
// none.
func (c *client) put(ctx context.Context, r *running, stream loglake.StreamName, filtered bool) {
	n := len(c.puts)
	p := &put{id: fmt.Sprint("put-", n), stream: stream}
	row, reject, debug := fmt.Sprintf("%d-row", n), fmt.Sprintf("%d-reject", n), fmt.Sprintf("%d-debug", n)
	p.messages = []string{
		fmt.Sprintf(`{"id":%q,"n":1,"at":"2015-05-17T10:05:03Z"}`, row), fmt.Sprintf(`{"id":%q,"n":"x"}`, reject), fmt.Sprintf(`{"id":%q,"n":2,"debug":1}`, debug),
		fmt.Sprintf(`{"id":"%d-long","n":3,"at":"2015-05-18T10:05:03Z","text":%q}`, n, strings.Repeat("text", 50)),
	}
	p.rows, p.rejects = []string{row, fmt.Sprintf("%d-long", n)}, []string{reject}
	switch {
	case stream != "":
		p.rows = append(p.rows, debug)
	case filtered:
		p.unwanted = []string{debug}
	default:
		p.rows, p.rejects, p.unwanted = nil, nil, append(append(p.rows, p.rejects...), debug)
	}
	c.puts = append(c.puts, p)
	c.send(ctx, r, p)
}

func destination(t *testing.T, over string) (d delivery.Destination) {
	t.Helper()
	for _, text := range []string{`{"RoleARN":"` + role + `","BucketARN":"arn:aws:s3:::my-bucket","Prefix":"data/dt=!{timestamp:yyyy}/",
		"ErrorOutputPrefix":"errors/!{firehose:error-output-type}/","BufferingHints":{"SizeInMBs":64,"IntervalInSeconds":900},
		"DataFormatConversionConfiguration":{"SchemaConfiguration":{"RoleARN":"` + role + `","DatabaseName":"default","TableName":"logs"},
		"InputFormatConfiguration":{"Deserializer":{"OpenXJsonSerDe":{}}},
		"OutputFormatConfiguration":{"Serializer":{"ParquetSerDe":{}}}}}`, over} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

const extraction = `{"ProcessingConfiguration":{"Enabled":true,"Processors":[
	{"Type":"Decompression","Parameters":[{"ParameterName":"CompressionFormat","ParameterValue":"GZIP"}]},
	{"Type":"CloudWatchLogProcessing","Parameters":[{"ParameterName":"DataMessageExtraction","ParameterValue":"true"}]}]}}`

// setUp makes the bucket, the table, the streams, the group and the filter, those that are not there.
func (c *client) setUp(ctx context.Context, r *running) error {
	var table catalog.TableInput
	err := json.Unmarshal([]byte(`{"Name":"logs","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"dt","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://my-bucket/data/","InputFormat":"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		"Columns":[{"Name":"id","Type":"string"},{"Name":"n","Type":"int"},{"Name":"at","Type":"timestamp"}]}}`), &table)
	if err != nil {
		return err
	}
	for _, call := range []func() error{
		func() error { return r.Store.CreateBucket(ctx, bucket) },
		func() error { return r.Catalog.CreateDatabase(ctx, catalog.DatabaseInput{Name: "default"}) },
		func() error { return r.Catalog.CreateTable(ctx, "default", table) },
		func() error { return r.Groups.CreateGroup(ctx, loggroup.NewGroup{Name: "/app"}) },
		func() error { return r.Groups.CreateStream(ctx, "/app", "i-1") },
		func() error { return r.Groups.CreateGroup(ctx, loggroup.NewGroup{Name: routed}) },
		func() error { return c.route(ctx, r) },
	} {
		if err := try(ctx, func() error { return made(call()) }); err != nil {
			return err
		}
	}
	for name, over := range map[loglake.StreamName]string{"direct": "", "grouped": extraction} {
		if err := try(ctx, func() error { _, err := r.Streams.Create(ctx, name, destination(c.t, over), nil); return made(err) }); err != nil {
			return err
		}
	}
	d := destination(c.t, `{"Prefix":"data/dt=!{timestamp:yyyy-MM-dd}/"}`)
	if err := try(ctx, func() error {
		_, err := r.Streams.Create(ctx, "late", d, map[string]string{delivery.PartitionTag: "at"})
		return made(err)
	}); err != nil {
		return err
	}
	return c.filter(ctx, r, "{ $.debug NOT EXISTS }")
}

func (c *client) filter(ctx context.Context, r *running, pattern string) error {
	return try(ctx, func() error {
		return r.Groups.PutFilter(ctx, loggroup.Filter{Group: "/app", Name: "all", Pattern: pattern, Destination: r.Streams.ARN("grouped"), Role: role})
	})
}

func (c *client) flush(ctx context.Context, r *running) error {
	for _, name := range []loglake.StreamName{"direct", "grouped", "late"} {
		if _, err := r.Streams.Flush(ctx, name); err != nil {
			return fmt.Errorf("flush %s: %w", name, err)
		}
	}
	return nil
}

// drive is a life with every kind of step. It ends early when ctx does: the machine is down.
func (c *client) drive(ctx context.Context, m *machine) error {
	r, err := m.open(ctx)
	for attempt := 0; err != nil && ctx.Err() == nil && attempt < attemptsMax; attempt++ {
		r, err = m.open(ctx)
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }() // of a machine that is down; else it was closed
	steps := []func() error{
		func() error { return c.setUp(ctx, r) },
		func() error { c.put(ctx, r, "direct", false); c.put(ctx, r, "", true); return nil },
		func() error { return c.flush(ctx, r) },
		func() error { c.put(ctx, r, "", true); c.put(ctx, r, "direct", false); return nil },
		func() error { c.put(ctx, r, "late", false); c.put(ctx, r, "late", false); return nil },
		func() error { return c.filter(ctx, r, "{ $.n != 2 }") },
		func() error { c.put(ctx, r, "", true); return nil },
		func() error { return c.update(ctx, r) },
		func() error { return c.retag(ctx, r, map[string]string{delivery.PolicyTag: "rescue"}) },
		func() error { return c.retag(ctx, r, map[string]string{delivery.PartitionTag: "at"}) },
		func() error { return c.flush(ctx, r) },
		func() error { return try(ctx, func() error { return r.Groups.PutRetention(ctx, "/app", 7) }) },
		func() error { return c.repeat(ctx, r) },
		func() error { return try(ctx, func() error { return r.Sweep(ctx) }) },
		func() error { c.put(ctx, r, "", true); c.put(ctx, r, "direct", false); return nil },
		func() error { return c.reopen(ctx, m, &r) },
		func() error { c.put(ctx, r, "direct", false); c.put(ctx, r, "late", false); return nil },
		func() error { return c.flush(ctx, r) },
		func() error { return try(ctx, func() error { return made(r.Groups.DeleteFilter(ctx, "/app", "all")) }) },
		func() error { c.put(ctx, r, "", false); return c.flush(ctx, r) },
	}
	for _, step := range steps {
		err := step()
		if err == nil && c.lost {
			err = try(ctx, func() error { return r.Record.Save(ctx) })
		}
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
	return nil
}

func (c *client) reopen(ctx context.Context, m *machine, r **running) error {
	_ = (*r).close() // what it could not do, the next start does
	return try(ctx, func() (err error) {
		again, err := m.open(ctx)
		if err == nil {
			*r = again
		}
		return err
	})
}

func (c *client) update(ctx context.Context, r *running) error {
	was, err := r.Streams.Describe("direct")
	if err != nil {
		return err
	}
	return try(ctx, func() error {
		err := r.Streams.Update(ctx, "direct", was.VersionID(), delivery.DestinationID, destination(c.t, `{"ErrorOutputPrefix":"errors/2/!{firehose:error-output-type}/"}`))
		if loglake.CodeOf(err) == loglake.CodeConflict {
			return nil // an earlier attempt did it
		}
		return err
	})
}

// retag gives the stream of rows by their own time these tags and no others.
func (c *client) retag(ctx context.Context, r *running, tags map[string]string) error {
	return try(ctx, func() error {
		return r.Streams.Retag(ctx, "late", func(now map[string]string) {
			clear(now)
			maps.Copy(now, tags)
		})
	})
}

// oneFault lives a life with a fault, and holds what is left of it after power cuts against what the client knows.
func oneFault(t *testing.T, root, name string, f fault) *machine {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lifeMax)
	defer cancel()
	c := &client{t: t, now: loglake.At(time.Now()), lost: f.lost}
	on, err := disktest.NewMachine(filepath.Join(root, name), cancel)
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(on, f)
	defer os.RemoveAll(m.Dir) //nolint:errcheck // the test's folder goes at its end
	if err := c.drive(ctx, m); err != nil && !m.Down() {
		t.Errorf("the life did not come to its end: %v", err)
		return m
	}
	seeds := []uint64{disk.SeedLoseAll, disk.SeedKeepAll, 2 + uint64(f.nth)}
	if !faulttest.Full() && *caseFlag == "" {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		c.recover(m, filepath.Join(root, fmt.Sprint(name, "-", seed)), seed)
		if t.Failed() {
			t.Logf("after a power cut of seed %d", seed)
			break
		}
	}
	return m
}

// recover opens what a power cut left, and holds it against what was answered; then it sends again what was not.
func (c *client) recover(old *machine, dir string, seed uint64) {
	t := c.t
	ctx, cancel := context.WithTimeout(context.Background(), lifeMax)
	defer cancel()
	m := old.survivor(t, dir, seed, cancel)
	if c.lost {
		c.remake(ctx, m)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the test's folder goes at its end
	again := &client{t: t, now: c.now}
	for _, p := range c.puts {
		p := *p
		again.puts = append(again.puts, &p)
	}
	open := func() *running {
		r, err := m.open(ctx)
		if err != nil {
			t.Fatal("open after the power cut: ", err)
		}
		return r
	}
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Error(err)
		}
	}
	s, err := server.Open(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal("open after the power cut: ", err)
	}
	again.check(ctx, s, "as found")
	must(s.Close())
	r := open()
	must(again.setUp(ctx, r))
	must(again.flush(ctx, r))
	again.account(ctx, r, "recovered")
	for _, p := range again.puts {
		if len(p.rows) > 0 {
			again.send(ctx, r, p)
		}
	}
	must(again.flush(ctx, r))
	again.account(ctx, r, "sent again")
	must(r.close())
	r = open()
	again.account(ctx, r, "opened again")
	must(r.close())
	s, err = server.Open(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal("open once more: ", err)
	}
	again.check(ctx, s, "at the end")
	must(s.Close())
}

func (c *client) check(ctx context.Context, s *server.Server, when string) {
	report, err := s.Check(ctx)
	if err != nil {
		c.t.Errorf("%s: check: %v", when, err)
		return
	}
	for _, p := range report.Problems {
		c.t.Errorf("%s: check: %s: %s", when, p.Kind, p.Text)
	}
}

// account holds the objects and the log group against what was answered.
func (c *client) account(ctx context.Context, r *running, when string) {
	rows, rejects, group := map[string]int{}, map[string]int{}, map[string]int{}
	c.read(ctx, r, "data/", func(b []byte) {
		type row struct {
			ID *string `parquet:"id,optional"`
		}
		list, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			c.t.Error(err)
		}
		for _, row := range list {
			rows[*row.ID]++
		}
	})
	c.read(ctx, r, "errors/", func(b []byte) {
		for line := range strings.Lines(string(b)) {
			rejects[rejected(c.t, line)]++
		}
	})
	events, _, err := r.Groups.FilterEvents(ctx, loggroup.FilterQuery{Group: "/app"})
	if err != nil {
		c.t.Error(err)
	}
	for _, e := range events {
		group[idOf(c.t, e.Message)]++
	}
	copies := c.routed(ctx, r)
	c.balance(ctx, r.Server, when)
	for _, p := range c.puts {
		if p.stream == "" {
			c.hold(when+": routed", p, []string{idOf(c.t, []byte(p.messages[0]))}, copies)
		}
		c.hold(when+": rows", p, p.rows, rows)
		c.hold(when+": rejects", p, p.rejects, rejects)
		if p.stream == "" {
			c.hold(when+": group", p, append(append(append([]string(nil), p.rows...), p.rejects...), p.unwanted...), group)
		}
	}
	for what, left := range map[string]map[string]int{"rows": rows, "rejects": rejects, "group": group, "routed": copies} {
		for id, n := range left {
			c.t.Errorf("%s: %s: %d of %s, which nobody put there", when, what, n, id)
		}
	}
}

// hold is the rule: answered is there once, unanswered at most once and whole or not at all.
func (c *client) hold(what string, p *put, ids []string, count map[string]int) {
	there := 0
	for _, id := range ids {
		if n := count[id]; n > 1 {
			c.t.Errorf("%s: %s is there %d times", what, id, n)
		} else {
			there += n
		}
		delete(count, id)
	}
	if there != len(ids) && (p.answered || there > 0) {
		c.t.Errorf("%s: %d of the %d events of %s are there (answered: %t)", what, there, len(ids), p.id, p.answered)
	}
}

func (c *client) read(ctx context.Context, r *running, prefix string, use func([]byte)) {
	objects, _, err := r.Store.List(ctx, bucket, prefix, "", 1000)
	if err != nil {
		c.t.Error(err)
	}
	for _, o := range objects {
		content, _, err := r.Store.Get(ctx, bucket, o.Key)
		if err != nil {
			c.t.Error(err)
			continue
		}
		b, err := io.ReadAll(content)
		if err = errors.Join(err, content.Close()); err != nil {
			c.t.Error(err)
		}
		use(b)
	}
}

// rejected gives the id of the event in a line of a reject object.
func rejected(t *testing.T, line string) string {
	var reject struct{ RawData []byte }
	if err := json.Unmarshal([]byte(line), &reject); err != nil {
		t.Error(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(reject.RawData))
	if err != nil { // put directly
		return idOf(t, reject.RawData)
	}
	var envelope struct{ LogEvents []struct{ Message string } }
	if err := json.NewDecoder(z).Decode(&envelope); err != nil || len(envelope.LogEvents) != 1 {
		t.Errorf("a rejected envelope: %+v, %v", envelope, err)
		return ""
	}
	return idOf(t, []byte(envelope.LogEvents[0].Message))
}

func idOf(t *testing.T, message []byte) string {
	var event struct{ ID string }
	if err := json.Unmarshal(message, &event); err != nil {
		t.Errorf("%v: %q", err, message)
	}
	return event.ID
}
