package query

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// footer is what planning needs of a Parquet file: its top-level columns and how many bytes each takes.
type footer struct {
	schema *fileSchema
	bytes  []int64 // compressed, by top-level column
	rows   int64
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

// readFooter reads the footer of the Parquet file at path; uri names it in errors, which are *Failure.
func readFooter(path, uri string) (footerContent, error) {
	var meta footerContent
	f, err := os.Open(path)
	if err != nil {
		return meta, fmt.Errorf("open %s: %w", uri, err)
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return meta, fmt.Errorf("open %s: %w", uri, err)
	}
	tail := make([]byte, footerTailBytes)
	if stat.Size() < 2*footerTailBytes {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Size is not valid: %s has %d bytes", uri, stat.Size())
	}
	if _, err := f.ReadAt(tail, stat.Size()-footerTailBytes); err != nil {
		return meta, fmt.Errorf("read %s: %w", uri, err)
	}
	if string(tail[4:]) != parquetMagic {
		return meta, failTrino("HIVE_BAD_DATA", "Not valid Parquet file: %s expected magic number: PAR1 got: %q", uri, tail[4:])
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > footerBytesMax || n > stat.Size()-footerTailBytes {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Footer length %d is not valid: %s", n, uri)
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, stat.Size()-footerTailBytes-n); err != nil && err != io.EOF {
		return meta, fmt.Errorf("read %s: %w", uri, err)
	}
	if meta, err = decodeFooter(text); err != nil {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Footer is not readable: %s: %v", uri, err)
	}
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
func (c *footerCache) load(f *tableFile) (footer, error) {
	key := f.uri + "\x00" + f.identity
	if f.identity != "" {
		if foot, ok := c.get(key); ok {
			return foot, nil
		}
	}
	meta, err := readFooter(f.path, f.uri)
	if err != nil {
		return footer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	foot, err := c.summarize(meta, f.uri)
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

// summarize keeps what is needed by top-level column. It is called with mu held.
func (c *footerCache) summarize(meta footerContent, uri string) (footer, error) {
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
		return footer{}, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. The columns of its row groups are not those of its schema: %s", uri)
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
	return foot, nil
}

// subtreeEnd gives the index behind the element i and all below it, in the footer's depth-first list.
func subtreeEnd(schema []schemaElement, i int) int {
	for open := int64(1); open > 0 && i < len(schema); i++ {
		open += min(max(0, schema[i].children), schemaElementsMax) - 1
	}
	return i
}

// loadAll reads the footers of all files, some at the same time, and gives the first failure in the files' order.
func (c *footerCache) loadAll(files []*tableFile) error {
	const readers = 4
	errs := make([]error, len(files))
	next := make(chan int)
	var all sync.WaitGroup
	for range min(readers, len(files)) {
		all.Go(func() {
			for i := range next {
				files[i].footer, errs[i] = c.load(files[i])
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
