package delivery

import (
	"compress/gzip"
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
)

// batch is the chunks that one flush takes. All have one recipe.
type batch struct {
	recipe *recipe
	chunks []*chunk

	folders map[string]bool // by name: what rows find by their own time, PartitionsMax at most
	beyond  int64           // rows that found none because of that

	// Set by the flush, read when it has ended.
	keys   []Key
	failed bool          // the worker was stopped before the batch was committed
	again  chan struct{} // have the flush try again at once; buffered
}

// emptyInterval bounds how often a batch without records is committed, which only moves positions over events that no
// filter wants.
const emptyInterval = time.Minute

func (b *batch) counts() (sum ledger.Counts) {
	for _, c := range b.chunks {
		sum.Add(c.counts)
	}
	return sum
}

// minutes gives the counts by source and minute of arrival.
func (b *batch) minutes() ledger.Minutes {
	parts := make([]ledger.Minutes, len(b.chunks))
	for i, c := range b.chunks {
		parts[i] = c.minutes
	}
	return ledger.Join(parts).Bounded()
}

func (b *batch) bytes() (sum int64) {
	for _, c := range b.chunks {
		sum += c.bytes
	}
	return sum
}

// oldest is the arrival of the oldest record, whatever became of it; 0 where the batch has no record.
func (b *batch) oldest() (at loglake.Millis) {
	for _, c := range b.chunks {
		at = earlier(at, c.oldest)
	}
	return at
}

// first is the approximate arrival of the oldest record in the batch's data objects, the instant of all time expressions
// in their keys; 0 where there is none.
func (b *batch) first() (at loglake.Millis) {
	for _, c := range b.chunks {
		at = earlier(at, c.first)
	}
	return at
}

// earlier gives the earlier of two instants, of which 0 is none.
func earlier(a, b loglake.Millis) loglake.Millis {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// ranges gives what the batch takes of each source; a source's chunks follow each other.
func (b *batch) ranges() (ranges []loglake.Range) {
	for _, c := range b.chunks {
		i := slices.IndexFunc(ranges, func(r loglake.Range) bool { return r.Source == c.rng.Source })
		if i < 0 {
			ranges = append(ranges, c.rng)
			continue
		}
		ranges[i].To = c.rng.To
	}
	return ranges
}

// mistaken gives the mistake that every message of the batch tells of, if there is one.
func (b *batch) mistaken() (mistake, bool) {
	var last mistake
	for _, c := range b.chunks {
		if c.counts.Messages == 0 {
			continue
		}
		m, all := c.recognised()
		if !all {
			return 0, false
		}
		last = m
	}
	return last, last.text() != ""
}

// due tells whether the batch is to be flushed by the stream's buffer hints.
func (b *batch) due(now time.Time) bool {
	h := b.recipe.def.Destination.BufferingHints
	return b.bytes() >= int64(*h.SizeInMBs)<<20 || !now.Before(b.deadline())
}

// deadline is when the batch is due by age.
func (b *batch) deadline() time.Time {
	interval := max(time.Second, time.Duration(*b.recipe.def.Destination.BufferingHints.IntervalInSeconds)*time.Second)
	if oldest := b.oldest(); oldest != 0 {
		return oldest.Time().Add(interval)
	}
	return b.chunks[0].began.Add(max(interval, emptyInterval))
}

// plan completes p, which has its number: it loads the batch's chunks and lays out its objects. The keys carry where the
// objects come from.
func (w *worker) plan(ctx context.Context, b *batch, p commit.Plan) (commit.Plan, error) {
	p.Ranges, p.Counts, p.Minutes = b.ranges(), b.counts(), b.minutes()
	var yields []*yield
	var plain [][]byte
	rejects := map[rejectKind][]reject{}
	for _, c := range b.chunks {
		y, err := c.load(ctx, w.streams.cfg.Journal)
		if err != nil {
			return p, err
		}
		yields = append(yields, y)
		if len(y.plain) > 0 {
			plain = append(plain, y.plain)
		}
		for _, r := range y.rejects {
			rejects[r.kind] = append(rejects[r.kind], r)
		}
	}
	for _, f := range b.layOut(yields) {
		p.Drafts = append(p.Drafts, w.parquetDraft(b, f))
	}
	if len(plain) > 0 || b.recipe.converter == nil && p.Counts.Delivered > 0 {
		p.Drafts = append(p.Drafts, plainDraft(b, plain, p.Counts.Delivered))
	}
	for _, kind := range []rejectKind{rejectDecompression, rejectConversion, rejectDamaged} {
		if len(rejects[kind]) > 0 {
			p.Drafts = append(p.Drafts, w.rejectDraft(b, kind, rejects[kind]))
		}
	}
	w.name(b, &p)
	return p, nil
}

// name gives the drafts their bucket, and behind their prefix the rest of their key.
func (w *worker) name(b *batch, p *commit.Plan) {
	def := b.recipe.def
	for i := range p.Drafts {
		d := &p.Drafts[i]
		d.Bucket = def.Destination.Bucket()
		extension, arrival := "", b.oldest()
		if d.Kind != loglake.ObjectRejects {
			extension, arrival = b.extension(d.Kind), b.first()
		}
		d.Key = layout.FormatKey(d.Key, layout.Name{
			Stream: def.Name, Version: def.VersionID(), Arrival: arrival.Time().In(b.recipe.zone), Extension: extension,
			Provenance: layout.Provenance{
				Producer: layout.ProducerHash(p.Producer), Batch: uint64(p.Number), Generation: p.Generation,
				Part: i + 1, Parts: len(p.Drafts),
			},
		})
	}
}

func (b *batch) extension(kind loglake.ObjectKind) string {
	d := b.recipe.def.Destination
	switch {
	case text(d.FileExtension) != "":
		return *d.FileExtension
	case kind == loglake.ObjectParquet:
		return ".parquet"
	case text(d.CompressionFormat) == "GZIP":
		return ".gz"
	}
	return ""
}

func (w *worker) parquetDraft(b *batch, f *folder) commit.Draft {
	options := b.recipe.def.Destination.parquetOptions(b.recipe.schema)
	prefix := layout.DeliveryPrefix(b.recipe.prefix, f.values)
	return commit.Draft{Key: prefix, Kind: loglake.ObjectParquet, Write: func(out io.Writer, label map[string]string) (commit.Content, error) {
		options.Metadata = maps.Clone(label)
		options.Metadata["loglake.stream"] = string(b.recipe.def.Name)
		stats, err := convert.WriteParquet(out, f.rows, options)
		return commit.Content{Rows: stats.Rows, Columns: stats.Columns}, err
	}}
}

func plainDraft(b *batch, plain [][]byte, records int64) commit.Draft {
	d := commit.Draft{Kind: loglake.ObjectPlain, Key: layout.DeliveryPrefix(b.recipe.prefix, b.recipe.values(b.first(), ""))}
	compressed := text(b.recipe.def.Destination.CompressionFormat) == "GZIP"
	if compressed {
		d.ContentEncoding = "gzip"
	}
	d.Write = func(out io.Writer, _ map[string]string) (commit.Content, error) {
		write := func(w io.Writer) error {
			for _, p := range plain {
				if _, err := w.Write(p); err != nil {
					return err
				}
			}
			return nil
		}
		if !compressed {
			return commit.Content{Rows: records}, write(out)
		}
		z := gzip.NewWriter(out)
		if err := write(z); err != nil {
			return commit.Content{}, err
		}
		return commit.Content{Rows: records}, z.Close()
	}
	return d
}

func (w *worker) rejectDraft(b *batch, kind rejectKind, rejects []reject) commit.Draft {
	r := b.recipe
	errorPrefix := r.errorPrefix
	if text(r.def.Destination.ErrorOutputPrefix) == "" {
		errorPrefix = nil
	}
	return commit.Draft{
		Kind: loglake.ObjectRejects,
		Key:  layout.ErrorPrefix(errorPrefix, r.prefix, r.values(b.oldest(), string(kind))),
		Write: func(out io.Writer, _ map[string]string) (commit.Content, error) {
			n, err := w.streams.writeRejects(out, r, rejects)
			return commit.Content{Rows: n}, err
		},
	}
}
