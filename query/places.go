package query

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"

	"github.com/loglake/loglake/internal/thrift"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/store"
)

// Of a file that is in S3 only what a query reads is fetched: the footer, and the chunks of its columns with their
// dictionaries, page indexes and Bloom filters. The engine reads more than a footer promises where a footer lies or a
// writer had its own ideas, and would then take a hole for data. So a chunk counts as fetched only once its pages, by
// their own headers, have been seen to fill it from the first to the last byte and to hold as many values as the engine
// asks for: then it reads no byte beside it. A column of which this can't be shown is read from the whole file.
const (
	wholeBytes      = 512 << 10 // up to which a file is fetched with its first request
	tailBytes       = 64 << 10  // of a larger one that are fetched first, most often with all of the footer
	pageHeaderBytes = 4 << 10   // read at once of a page; more where it has long statistics
	pageHeaderMax   = 8 << 20
)

// places is where the columns of a file are. It is shared by all that read the file.
type places struct {
	footer int64     // bytes
	chunks [][]chunk // by top-level column

	mu      sync.Mutex
	verdict []verdict // by top-level column
}

// verdict says whether a column can be read from its chunks alone.
type verdict byte

const (
	unknown verdict = iota
	proven
	whole // it can't: all of the file is needed
)

func newPlaces(meta footerContent, leaves []int) *places {
	p := &places{footer: meta.bytes}
	for i, h := range meta.places {
		top := leaves[i%len(leaves)]
		for len(p.chunks) <= top {
			p.chunks = append(p.chunks, nil)
		}
		p.chunks[top] = append(p.chunks[top], h)
	}
	p.verdict = make([]verdict, len(p.chunks))
	return p
}

// fetch brings spans of the file.
func (f *tableFile) fetch(ctx context.Context, spans ...store.Span) error {
	if f.local.Whole() {
		return nil
	}
	return f.local.Fetch(ctx, spans...)
}

// fetchTail brings the end of a file whose footer is not known.
func (f *tableFile) fetchTail(ctx context.Context) error {
	if f.bytes <= wholeBytes {
		return f.fetch(ctx, store.Span{From: 0, To: f.bytes})
	}
	return f.fetch(ctx, store.Span{From: f.bytes - tailBytes, To: f.bytes})
}

// fetchFooter brings the footer of a file that was read before, and may have left the cache since.
func (f *tableFile) fetchFooter(ctx context.Context, foot footer) error {
	if foot.places == nil || f.bytes <= wholeBytes {
		return f.fetchTail(ctx)
	}
	return f.fetch(ctx, store.Span{From: f.bytes - foot.places.footer, To: f.bytes})
}

// fetchColumns brings all that the engine reads of a file when it reads these columns.
func (f *tableFile) fetchColumns(ctx context.Context, columns []dialect.Column) error {
	if f.local.Whole() || f.bytes <= wholeBytes {
		return nil
	}
	all := store.Span{From: 0, To: f.bytes}
	if f.footer.places == nil { // its footer was read when it was local, and says too little
		return f.fetch(ctx, all)
	}
	tops, once := f.tops(columns)
	spans, ok := f.footer.places.spans(tops, f.bytes)
	if !once || !ok {
		return f.fetch(ctx, all)
	}
	if err := f.fetch(ctx, spans...); err != nil {
		return err
	}
	ok, err := f.footer.places.prove(f.path, tops, f.footer.schema)
	if err != nil {
		return fmt.Errorf("read the pages of %s: %w", f.uri, err)
	}
	if !ok {
		return f.fetch(ctx, all)
	}
	return nil
}

// tops gives the file's columns of the given names; once is false where two have one name.
func (f *tableFile) tops(columns []dialect.Column) (tops []int, once bool) {
	wanted := make(map[string]bool, len(columns))
	for _, c := range columns {
		wanted[c.Name] = true
	}
	seen := map[string]bool{}
	for i, element := range f.footer.schema.columns {
		name := strings.ToLower(element.name)
		if !wanted[name] {
			continue
		}
		if seen[name] {
			return nil, false
		}
		seen[name] = true
		tops = append(tops, i)
	}
	return tops, true
}

// start is where the engine begins to read a chunk.
func (h chunk) start() int64 {
	if h.dictionary >= int64(len(parquetMagic)) {
		return h.dictionary
	}
	return h.data
}

// spans gives where columns are in a file of size bytes; ok is false where the footer says what can't be.
func (p *places) spans(tops []int, size int64) (spans []store.Span, ok bool) {
	for _, top := range tops {
		if top >= len(p.chunks) {
			continue // there are no row groups
		}
		if p.is(top, whole) {
			return nil, false
		}
		for _, h := range p.chunks[top] {
			start := h.start()
			if h.odd || h.index != 0 || h.bytes < 0 || start < 0 || start > size-h.bytes {
				return nil, false
			}
			spans = append(spans, store.Span{From: start, To: start + h.bytes})
			for _, b := range h.beside {
				if b.at == 0 && b.bytes == 0 {
					continue
				}
				if b.at <= 0 || b.bytes <= 0 || b.at > size-b.bytes { // a Bloom filter may leave its length out
					return nil, false
				}
				spans = append(spans, store.Span{From: b.at, To: b.at + b.bytes})
			}
		}
	}
	return spans, true
}

func (p *places) is(top int, v verdict) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verdict[top] == v
}

func (p *places) judge(top int, v verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.verdict[top] = v
}

// prove looks at the pages of columns whose chunks are at path, once for each.
func (p *places) prove(path string, tops []int, schema *fileSchema) (ok bool, err error) {
	var f *os.File
	for _, top := range tops {
		if top >= len(p.chunks) || p.is(top, proven) {
			continue
		}
		if f == nil {
			if f, err = os.Open(path); err != nil {
				return false, err
			}
			defer f.Close() //nolint:errcheck,revive // only read
		}
		column := schema.columns[top]
		for _, h := range p.chunks[top] {
			good, err := h.fills(f, !column.group() && !column.repeated)
			if err != nil {
				return false, err
			}
			if !good {
				p.judge(top, whole)
				return false, nil
			}
		}
		p.judge(top, proven)
	}
	return true, nil
}

// fills tells whether the pages of a chunk begin and end as it does, and have the values that it says; flat columns have
// one for each row.
func (h chunk) fills(f *os.File, flat bool) (bool, error) {
	if flat && h.values != h.rows {
		return false, nil
	}
	values := int64(0)
	for at, end, first := h.start(), h.start()+h.bytes, true; ; first = false {
		if at == end {
			return values == h.values, nil
		}
		page, ok, err := readPage(f, at, end-at)
		if err != nil || !ok {
			return false, err
		}
		dictionary := page.kind == pageDictionary
		if dictionary && !first || page.header+page.bytes > end-at || page.levels > page.bytes {
			return false, nil
		}
		if !dictionary {
			values += page.values
		}
		at += page.header + page.bytes
	}
}

// page is what a page's header says.
type page struct {
	kind   int64
	header int64 // bytes
	bytes  int64 // compressed, that follow
	levels int64 // of them, that are not compressed
	values int64
}

const (
	pageData       = 0
	pageDictionary = 2
	pageData2      = 3
)

// readPage reads the header of the page at an offset, before which n bytes end; ok is false where it is none that the
// engine and this reader follow alike.
func readPage(f *os.File, at, n int64) (page, bool, error) {
	for take := int64(pageHeaderBytes); ; take *= 8 {
		text := make([]byte, min(take, n))
		if _, err := f.ReadAt(text, at); err != nil {
			return page{}, false, err
		}
		h, err := decodePage(text)
		if err == nil {
			known := h.kind == pageData || h.kind == pageDictionary || h.kind == pageData2
			return h, known && h.bytes >= 0 && h.values >= 0 && h.levels >= 0, nil
		}
		if take >= n || take >= pageHeaderMax {
			return page{}, false, nil // not a header
		}
	}
}

// decodePage reads a PageHeader from the beginning of text.
func decodePage(text []byte) (page, error) {
	c := compact{thrift.NewReader(text)}
	h := page{kind: -1}
	c.Structure(func(id int64, kind thrift.Kind) {
		switch {
		case id == 1 && kind == thrift.I32:
			h.kind = c.Integer()
		case id == 3 && kind == thrift.I32:
			h.bytes = c.Integer()
		case (id == 5 || id == 8) && kind == thrift.Struct: // DataPageHeader, DataPageHeaderV2
			c.Structure(func(field int64, kind thrift.Kind) {
				switch {
				case field == 1 && kind == thrift.I32:
					h.values = c.Integer()
				case id == 8 && (field == 5 || field == 6) && kind == thrift.I32:
					n := c.Integer()
					if h.levels += n; n < 0 {
						h.levels = math.MinInt32
					}
				default:
					c.Skip(kind)
				}
			})
		default:
			c.Skip(kind)
		}
	})
	h.header = int64(len(text) - c.Left())
	return h, c.Err()
}
