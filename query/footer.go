package query

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// footer is what planning needs of a Parquet file: its top-level columns and how many bytes each takes.
type footer struct {
	schema *fileSchema
	bytes  []int64 // compressed, by top-level column
	rows   int64
}

// fileSchema is shared by all files that have it.
type fileSchema struct {
	columns []fileColumn
	byName  map[string]int // lower case
}

// fileColumn is a top-level column of a file.
type fileColumn struct {
	element format.SchemaElement
	group   bool
}

const (
	footerTailBytes = 8 // length and magic
	footerBytesMax  = 64 << 20
	parquetMagic    = "PAR1"
)

// readFooter reads the footer of the Parquet file at path; uri names it in errors, which are *Failure.
func readFooter(path, uri string) (format.FileMetaData, error) {
	var meta format.FileMetaData
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
	if err := decodeFooter(text, &meta); err != nil {
		return meta, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. Footer is not readable: %s: %v", uri, err)
	}
	return meta, nil
}

// decodeFooter keeps a decoder that trips over foreign bytes from ending more than this query.
func decodeFooter(text []byte, meta *format.FileMetaData) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return thrift.Unmarshal(new(thrift.CompactProtocol), text, meta)
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

// summarize keeps the little of a footer that is needed. It is called with mu held.
func (c *footerCache) summarize(meta format.FileMetaData, uri string) (footer, error) {
	s := &fileSchema{byName: map[string]int{}}
	var leaves []int // the top-level column of each leaf
	var signature strings.Builder
	for i := 1; i < len(meta.Schema); {
		top := len(s.columns)
		element := meta.Schema[i]
		end := subtreeEnd(meta.Schema, i)
		for ; i < end; i++ {
			if children(meta.Schema[i]) == 0 {
				leaves = append(leaves, top)
			}
		}
		column := fileColumn{element: element, group: children(element) > 0}
		s.columns = append(s.columns, column)
		s.byName[strings.ToLower(element.Name)] = top
		fmt.Fprintf(&signature, "%q %s\n", element.Name, column.text())
	}
	foot := footer{schema: s, bytes: make([]int64, len(s.columns)), rows: meta.NumRows}
	for _, group := range meta.RowGroups {
		if len(group.Columns) != len(leaves) {
			return footer{}, failTrino("HIVE_BAD_DATA", "Malformed Parquet file. A row group has %d columns and the schema %d: %s", len(group.Columns), len(leaves), uri)
		}
		for k, chunk := range group.Columns {
			foot.bytes[leaves[k]] += chunk.MetaData.TotalCompressedSize
		}
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
func subtreeEnd(schema []format.SchemaElement, i int) int {
	open := 1
	for open > 0 && i < len(schema) {
		open += children(schema[i]) - 1
		i++
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

func children(e format.SchemaElement) int {
	if e.NumChildren.Valid {
		return max(0, int(e.NumChildren.V))
	}
	return 0
}
