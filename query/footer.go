package query

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/loglake/loglake/store"
)

// footer is what planning needs of a Parquet file: its top-level columns and how many bytes each takes.
type footer struct {
	schema *fileSchema
	bytes  []int64 // compressed, by top-level column
	rows   int64
	places *places // of the columns; nil where all of the file is there anyway
}

// fileSchema is shared by all files that have it.
type fileSchema struct {
	columns []schemaElement // the top-level ones
	byName  map[string]int  // lower case
}

const (
	footerTailBytes = 8 // length and magic
	footerBytesMax  = 64 << 20
	parquetMagic    = "PAR1"
)

// readFooter reads the footer of a Parquet file, whose failures are *Failure.
func readFooter(ctx context.Context, file *tableFile) (footerContent, error) {
	var meta footerContent
	if err := file.fetchTail(ctx); err != nil {
		return meta, err
	}
	f, err := os.Open(file.path)
	if err != nil {
		return meta, fmt.Errorf("open %s: %w", file.uri, err)
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return meta, fmt.Errorf("open %s: %w", file.uri, err)
	}
	tail := make([]byte, footerTailBytes)
	if stat.Size() < 2*footerTailBytes {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Size is not valid: %s has %d bytes", file.uri, stat.Size())
	}
	if _, err := f.ReadAt(tail, stat.Size()-footerTailBytes); err != nil {
		return meta, fmt.Errorf("read %s: %w", file.uri, err)
	}
	if string(tail[4:]) != parquetMagic {
		return meta, failTrino("HIVE_BAD_DATA", "Not valid Parquet file: %s expected magic number: PAR1 got: %q", file.uri, tail[4:])
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > footerBytesMax || n > stat.Size()-footerTailBytes {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Footer length %d is not valid: %s", n, file.uri)
	}
	if err := file.fetch(ctx, store.Span{From: stat.Size() - footerTailBytes - n, To: stat.Size()}); err != nil {
		return meta, err
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, stat.Size()-footerTailBytes-n); err != nil && err != io.EOF {
		return meta, fmt.Errorf("read %s: %w", file.uri, err)
	}
	if meta, err = decodeFooter(text); err != nil {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Footer is not readable: %s: %v", file.uri, err)
	}
	meta.bytes = n + footerTailBytes
	return meta, nil
}

// footerCache remembers footers of files that don't change: those of our objects, and of others by their ETag. It
// holds two generations and drops the older one when the younger is full.
type footerCache struct {
	mu         sync.Mutex
	young, old map[string]footer
	schemas    map[string]*fileSchema
}

const footerGenerationMax = 20_000

// load gives the footer of a file; identity tells its content from any other at the same place, "" for don't remember.
func (c *footerCache) load(ctx context.Context, f *tableFile) (footer, error) {
	key := f.uri + "\x00" + f.identity
	if f.identity != "" {
		if foot, ok := c.get(key); ok {
			return foot, f.fetchFooter(ctx, foot) // the engine reads it too
		}
	}
	meta, err := readFooter(ctx, f)
	if err != nil {
		return footer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	foot, leaves, err := c.summarize(meta, f.uri)
	if err == nil && !f.local.Whole() {
		foot.places = newPlaces(meta, leaves)
	}
	if err == nil && f.identity != "" {
		c.put(key, foot)
	}
	return foot, err
}

func (c *footerCache) get(key string) (footer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	foot, ok := c.young[key]
	if !ok {
		if foot, ok = c.old[key]; ok {
			c.put(key, foot)
		}
	}
	return foot, ok
}

// put is called with mu held.
func (c *footerCache) put(key string, foot footer) {
	if c.young == nil || len(c.young) >= footerGenerationMax {
		c.old, c.young = c.young, map[string]footer{}
	}
	c.young[key] = foot
}

// summarize keeps what is needed by top-level column, and gives that of each leaf. It is called with mu held.
func (c *footerCache) summarize(meta footerContent, uri string) (footer, []int, error) {
	s := &fileSchema{byName: map[string]int{}}
	var leaves []int // the top-level column of each leaf
	var signature strings.Builder
	for i := 1; i < len(meta.schema); {
		top, element := len(s.columns), meta.schema[i]
		for end := subtreeEnd(meta.schema, i); i < end; i++ {
			if !meta.schema[i].group() {
				leaves = append(leaves, top)
			}
		}
		s.columns = append(s.columns, element)
		s.byName[strings.ToLower(element.name)] = top
		fmt.Fprintf(&signature, "%q %s %d\n", element.name, element.text(), element.scale)
	}
	foot := footer{schema: s, bytes: make([]int64, len(s.columns)), rows: meta.rows}
	if meta.groups > 0 && (meta.uneven || len(meta.chunks) != len(leaves)) {
		return footer{}, nil, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. The columns of its row groups are not those of its schema: %s", uri)
	}
	for k, bytes := range meta.chunks {
		foot.bytes[leaves[k]] += bytes
	}
	if c.schemas == nil || len(c.schemas) >= footerGenerationMax {
		c.schemas = map[string]*fileSchema{}
	}
	if known, ok := c.schemas[signature.String()]; ok {
		foot.schema = known
	} else {
		c.schemas[signature.String()] = s
	}
	return foot, leaves, nil
}

// subtreeEnd gives the index behind the element i and all below it, in the footer's depth-first list.
func subtreeEnd(schema []schemaElement, i int) int {
	for open := int64(1); open > 0 && i < len(schema); i++ {
		open += min(max(0, schema[i].children), schemaElementsMax) - 1
	}
	return i
}

// loadAll reads the footers of all files, some at the same time, and gives the first failure in the files' order.
func (c *footerCache) loadAll(ctx context.Context, files []*tableFile) error {
	readers := 4
	if slices.ContainsFunc(files, func(f *tableFile) bool { return !f.local.Whole() }) { // hot rows are always here
		readers = 32 // they wait for the network, not for the disk
	}
	errs := make([]error, len(files))
	next := make(chan int)
	var all sync.WaitGroup
	for range min(readers, len(files)) {
		all.Go(func() {
			for i := range next {
				files[i].footer, errs[i] = c.load(ctx, files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
