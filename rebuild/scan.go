package rebuild

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/store"
)

// found is an object whose key is of our grammar.
type found struct {
	loglake.Object // Producer is "" where it is not known
	key            layout.Provenance
	label          commit.Label
	ranges         []loglake.Range // of an object of an earlier build that says no more
	problem        error           // why it can't be taken
}

const (
	pageKeys = 1000
	readers  = 8 // objects that are read at a time
)

// scan lists the buckets and reads what is ours in them.
func (r *run) scan() error {
	keys, err := r.list()
	if err != nil {
		return err
	}
	r.found = make([]found, len(keys))
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	next := make(chan int)
	var all sync.WaitGroup
	var mu sync.Mutex
	read := 0
	for range readers {
		all.Go(func() {
			for i := range next {
				var err error
				if r.found[i], err = r.read(ctx, keys[i]); err != nil {
					cancel(err)
				}
				mu.Lock()
				read++
				r.cfg.Progress(read, len(keys))
				mu.Unlock()
			}
		})
	}
	for i := range keys {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
	return context.Cause(ctx)
}

type place struct {
	bucket, key string
	bytes       int64
}

// list gives the objects whose keys are of our grammar. Buckets are those that the store lists; where it lists none, as S3
// may refuse to, those of the record.
func (r *run) list() (keys []place, err error) {
	var buckets []string
	all, err := r.cfg.Store.ListBuckets(r.ctx)
	for _, b := range all {
		buckets = append(buckets, b.Name)
	}
	if err != nil && (r.cfg.Record == nil || len(r.cfg.Record.Buckets) == 0) {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	if r.cfg.Record != nil {
		buckets = append(buckets, r.cfg.Record.Buckets...)
	}
	slices.Sort(buckets)
	for _, bucket := range slices.Compact(buckets) {
		some, err := r.listBucket(bucket)
		if errors.Is(err, store.ErrForbidden) && (r.cfg.Record == nil || !slices.Contains(r.cfg.Record.Buckets, bucket)) {
			r.r.note("bucket", "the bucket %s was not looked at, as one of others: %v", bucket, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, some...)
	}
	return keys, nil
}

func (r *run) listBucket(bucket string) (keys []place, err error) {
	if there, err := r.cfg.Store.HasBucket(r.ctx, bucket); err != nil {
		return nil, fmt.Errorf("look for bucket %s: %w", bucket, err)
	} else if !there {
		r.r.note("bucket", "the bucket %s, which held objects of the lake, is not there: what was in it is missing", bucket)
		return nil, nil
	}
	for after, more := "", true; more; {
		objects, next, err := r.cfg.Store.List(r.ctx, bucket, "", after, pageKeys)
		if err != nil {
			return nil, fmt.Errorf("list bucket %s: %w", bucket, err)
		}
		more = next && len(objects) > 0
		for _, o := range objects {
			after = o.Key
			if _, ours := layout.ParseKey(o.Key); ours {
				keys = append(keys, place{bucket, o.Key, o.Bytes})
			}
		}
	}
	return keys, nil
}

// read reads one object. Its error is that of the bucket; what is wrong with the object is its problem.
func (r *run) read(ctx context.Context, p place) (f found, err error) {
	name, _ := layout.ParseKey(p.key)
	f.key = name.Provenance
	f.Bucket, f.Key, f.Batch, f.Generation = p.bucket, p.key, int64(f.key.Batch), f.key.Generation
	f.Part, f.Parts = f.key.Part, f.key.Parts
	content, o, err := r.cfg.Store.Get(ctx, p.bucket, p.key)
	if err != nil {
		return f, fmt.Errorf("read %s/%s: %w", p.bucket, p.key, err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	s := sniffer{}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if f.Bytes, err = io.Copy(io.MultiWriter(sum, &s), content); err != nil {
		return f, fmt.Errorf("read %s/%s: %w", p.bucket, p.key, err)
	}
	f.CRC32C = sum.Sum32()
	entries := o.Metadata
	if string(s.head) == "PAR1" {
		facts, err := convert.ReadFacts(content, f.Bytes)
		if err != nil {
			f.problem = err
			return f, nil
		}
		f.Kind, f.Rows, f.Columns, entries = loglake.ObjectParquet, facts.Rows, facts.Columns, facts.Metadata
	}
	f.describe(entries, s)
	return f, nil
}

// describe takes what an object says of itself.
func (f *found) describe(entries map[string]string, s sniffer) {
	if f.label, f.problem = commit.ReadLabel(entries); f.problem != nil {
		return
	}
	switch {
	case f.Kind == loglake.ObjectParquet:
	case f.label.Kind != "":
		f.Kind, f.Rows = f.label.Kind, f.label.Rows
	default:
		f.Kind, f.Rows = s.kind()
	}
	if b := f.label.Batch; b != nil {
		if layout.ProducerHash(b.Producer) != f.key.Producer || b.Number != f.Batch || b.Generation != f.Generation {
			f.problem = fmt.Errorf("it says that it is of batch %s/%d, and its key does not", b.Producer, b.Number)
			return
		}
		f.Producer = b.Producer
		return
	}
	f.ranges = parseRanges(entries["loglake.ranges"])
	for _, r := range f.ranges {
		if producer, direct := delivery.DirectOf(r.Journal); direct && layout.ProducerHash(producer) == f.key.Producer {
			f.Producer = producer
		}
	}
}

// parseRanges reads what earlier builds wrote into Parquet files: loglake.Range's text, with spaces between.
func parseRanges(text string) (ranges []loglake.Range) {
	for _, one := range strings.Fields(text) {
		source, rest, _ := strings.Cut(one, ":")
		journal, span, ok := strings.Cut(rest, "[")
		var r loglake.Range
		if n, err := fmt.Sscanf(span, "%d,%d)", &r.From, &r.To); !ok || n != 2 || err != nil || r.From < 0 || r.To < r.From || source == "" {
			return nil
		}
		r.Source, r.Journal = loglake.SourceID(source), loglake.JournalID(journal)
		ranges = append(ranges, r)
	}
	return ranges
}

// sniffer looks at an object as it passes by.
type sniffer struct {
	head  []byte // the first bytes
	first []byte // the first line, as far as it is short
	lines int64  // that end
	open  bool   // something follows the last end of a line
}

const sniffBytes = 4 << 10

func (s *sniffer) Write(p []byte) (int, error) {
	if room := 4 - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	if room := sniffBytes - len(s.first); room > 0 {
		s.first = append(s.first, p[:min(room, len(p))]...)
	}
	s.lines += int64(bytes.Count(p, []byte("\n")))
	if len(p) > 0 {
		s.open = p[len(p)-1] != '\n'
	}
	return len(p), nil
}

// kind tells rejects of an earlier build, one to a line, from plain records, whose number nothing says.
func (s *sniffer) kind() (kind loglake.ObjectKind, rows int64) {
	text := s.first
	if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		if z, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, _ = bufio.NewReaderSize(z, sniffBytes).Peek(sniffBytes)
		}
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.HasPrefix(line, []byte(`{"attemptsMade":`)) && (bytes.Contains(line, []byte(`"lastErrorCode":`)) || bytes.Contains(line, []byte(`"errorCode":`))) {
		if s.open {
			s.lines++
		}
		return loglake.ObjectRejects, s.lines
	}
	return loglake.ObjectPlain, -1
}

// ownLake leaves out the objects of other lakes, and says what can't be taken.
func (r *run) ownLake() error {
	if r.r.Lake == "" {
		if err := r.chooseLake(); err != nil {
			return err
		}
	}
	own := r.found[:0]
	for _, f := range r.found {
		at := f.Bucket + "/" + f.Key
		if f.label.Lake != "" && f.label.Lake != r.r.Lake {
			r.r.Foreign++
			continue
		}
		if f.problem != nil {
			r.r.note("unreadable", "%s is not in the manifest: %v", at, f.problem)
			continue
		}
		if f.Producer == "" {
			if known := slices.Compact(slices.Sorted(slices.Values(r.before.known[f.key.Producer]))); len(known) == 1 {
				f.Producer = known[0]
			}
		}
		if f.Producer == "" {
			r.r.note("unknown-origin", "%s is not in the manifest: an earlier build wrote it, and neither it nor the record says for which lake", at)
			continue
		}
		if r.before.voided[batchID{f.Producer, f.Batch, f.Generation}] {
			r.r.note("parts", "%s is of a generation that was voided, and left, since its bytes were not the batch's: it is not in the manifest", at)
			continue
		}
		own = append(own, f)
	}
	r.found = own
	if r.r.Foreign > 0 {
		r.r.note("foreign", "%d objects are of other lakes and were left alone", r.r.Foreign)
	}
	return nil
}

// chooseLake finds the lake of this folder by its journals, where no record says it.
func (r *run) chooseLake() error {
	lakes := map[string]bool{}
	for _, f := range r.found {
		if f.label.Lake == "" || f.label.Batch == nil {
			continue
		}
		for _, x := range f.label.Batch.Ranges {
			if r.before.journals[x.Journal] {
				lakes[f.label.Lake] = true
			}
		}
	}
	if len(lakes) > 1 {
		return loglake.Errorf(loglake.CodeConflict, "the buckets have objects of %d lakes that read the journals of this folder", len(lakes)).
			WithHint("name the record to use with --record")
	}
	for lake := range lakes {
		r.r.Lake = lake
	}
	return nil
}

// rowsOf adds up what objects hold, as the checker does.
func rowsOf(objects []found) (c ledger.Counts) {
	for _, o := range objects {
		switch o.Kind {
		case loglake.ObjectParquet:
			c.Rows += o.Rows
		case loglake.ObjectPlain:
			c.Delivered += max(0, o.Rows)
		case loglake.ObjectRejects:
			c.Rejected += o.Rows
		}
	}
	c.Messages = c.Delivered + c.Rejected
	return c
}
