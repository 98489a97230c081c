package parquet

// columnEncoder makes one column chunk after the other in buffers that it keeps.
type columnEncoder struct {
	compressors []compressor
	pageBytes   int
	boundMax    int

	write      func([]byte) error // takes the pages, in their order
	page       []byte             // a page before compression
	compressed []byte
	header     []byte
	levels     []uint32
	lengths    []int64
	dictionary dictionary
}

// form is a way to write the values of a chunk. width is the bits of a dictionary index.
type form struct {
	encoding encoding
	width    int
	compress compressor
	raw      int // bytes per value before compression
}

// sampleMax is how many values (and dictionary entries) a form is tried on. Enough for the compressor to show what it
// can do with a column, and 1/32 of a chunk at most, so that trying costs little.
const sampleMax = 8192

func (e *columnEncoder) encode(field Field, rows int, v Values) (chunk, error) {
	n := len(v.Words) + len(v.Spans)
	c := chunk{rows: int64(rows), nulls: int64(rows - n)}
	numbered := false
	if v.Words != nil && field.Physical < ByteArray {
		var least, most int64
		least, most, c.bounds = wordBounds(v.Words, field.Physical)
		numbered = field.Physical != Boolean && n > 0 && e.dictionary.addWords(v.Words, least, most)
	} else {
		numbered = n > 0 && e.dictionary.addSpans(v.Spans, v.Data)
		distinct := v.Spans
		if numbered {
			distinct = e.dictionary.spans
		}
		c.bounds = spanBounds(distinct, v.Data, field, e.boundMax)
	}
	f, err := e.choose(field, v, numbered)
	if err != nil {
		return c, err
	}
	c.encoding = f.encoding
	if f.encoding == encodingDictionary {
		e.page = e.appendEntries(e.page[:0], field, v, e.distinct())
		if err := e.emit(&c, e.distinct(), form{encoding: encodingPlain, compress: e.full()}, true); err != nil {
			return c, err
		}
		c.dictionaryBytes = c.compressed
	}
	rowsPerPage := rows
	if size := f.raw * n; size > e.pageBytes {
		rowsPerPage = max(1, rows/((size+e.pageBytes-1)/e.pageBytes)+1)
	}
	return c, e.pages(&c, field, v, f, rowsPerPage)
}

func (e *columnEncoder) distinct() int { return len(e.dictionary.words) + len(e.dictionary.spans) }

// choose finds the form that takes the fewest compressed bytes on a sample. Every form that could be chosen is read by
// DuckDB, Trino (so Athena), Arrow, Spark 3.3 and parquet-go.
func (e *columnEncoder) choose(field Field, v Values, numbered bool) (best form, err error) {
	n := len(v.Words) + len(v.Spans)
	if n == 0 {
		return form{encoding: encodingPlain, compress: e.compressors[0]}, nil
	}
	sample := min(n, max(n/32, 512), sampleMax)
	entries := 0.0 // cost of the dictionary
	if numbered {
		if entries, err = e.entriesCost(field, v, min(e.distinct(), sample)); err != nil {
			return best, err
		}
	}
	least := -1.0
	for _, f := range e.forms(field, numbered) {
		e.page = e.appendValues(e.page[:0], field, v, f, 0, sample)
		f.raw = (len(e.page) + sample - 1) / sample
		for _, f.compress = range e.compressors {
			if e.compressed, err = f.compress(e.compressed[:0], e.page); err != nil {
				return best, err
			}
			cost := float64(len(e.compressed)) / float64(sample) * float64(n)
			if f.encoding == encodingDictionary {
				cost += entries
			}
			if least < 0 || cost < least {
				best, least = f, cost
			}
		}
	}
	return best, nil
}

// entriesCost is about what the dictionary takes, by its first entries.
func (e *columnEncoder) entriesCost(field Field, v Values, tried int) (float64, error) {
	var err error
	e.page = e.appendEntries(e.page[:0], field, v, tried)
	e.compressed, err = e.full()(e.compressed[:0], e.page)
	return float64(len(e.compressed)) / float64(tried) * float64(e.distinct()), err
}

// full is the compressor that looks for matches.
func (e *columnEncoder) full() compressor { return e.compressors[len(e.compressors)-1] }

// forms lists what a column chunk could be encoded as.
func (e *columnEncoder) forms(field Field, numbered bool) []form {
	var forms []form
	if numbered {
		width := bitWidth(uint64(e.distinct() - 1))
		forms = append(forms, form{encoding: encodingDictionary, width: width})
		// An index of whole bytes is larger, but the compressor's entropy coder sees symbols instead of bits.
		switch {
		case width > 1 && width < 8:
			forms = append(forms, form{encoding: encodingDictionary, width: 8})
		case width > 8 && width < 16:
			forms = append(forms, form{encoding: encodingDictionary, width: 16})
		}
	}
	switch field.Physical {
	case Int32, Int64:
		return append(forms, form{encoding: encodingDelta}, form{encoding: encodingPlain})
	case ByteArray:
		if numbered && e.distinct() <= 256 {
			return forms
		}
		return append(forms, form{encoding: encodingDeltaLength})
	}
	return append(forms, form{encoding: encodingPlain})
}

// appendValues appends the encoded values [from, to).
func (e *columnEncoder) appendValues(dst []byte, field Field, v Values, f form, from, to int) []byte {
	switch f.encoding {
	case encodingDictionary:
		dst = append(dst, byte(f.width))
		codes := e.dictionary.codes[from:to]
		if f.width == 8 || f.width == 16 {
			return appendPackedRun(dst, codes, f.width)
		}
		return appendHybrid(dst, codes, f.width)
	case encodingDelta:
		return appendDelta(dst, v.Words[from:to], field.Physical == Int64)
	case encodingDeltaLength:
		e.lengths = grow(e.lengths, to-from)
		return appendDeltaLength(dst, v.Spans[from:to], v.Data, e.lengths)
	}
	if field.Physical < ByteArray {
		return appendPlainWords(dst, v.Words[from:to], field.Physical)
	}
	return appendPlainSpans(dst, v.Spans[from:to], v.Data, field.Physical)
}

// appendEntries appends the first n dictionary entries, which are always PLAIN.
func (e *columnEncoder) appendEntries(dst []byte, field Field, v Values, n int) []byte {
	if field.Physical < ByteArray {
		return appendPlainWords(dst, e.dictionary.words[:n], field.Physical)
	}
	return appendPlainSpans(dst, e.dictionary.spans[:n], v.Data, field.Physical)
}

// pages writes the data pages, rowsPerPage rows each.
func (e *columnEncoder) pages(c *chunk, field Field, v Values, f form, rowsPerPage int) error {
	value := 0
	for row := 0; row < int(c.rows); row += rowsPerPage {
		rows := min(rowsPerPage, int(c.rows)-row)
		present := rows
		e.page = append(e.page[:0], 0, 0, 0, 0) // length of the levels
		if v.Present == nil {
			e.page = appendRun(e.page, 1, rows, 1)
		} else {
			e.levels = grow(e.levels, rows)
			present = 0
			for i, p := range v.Present[row : row+rows] {
				e.levels[i] = uint32(p)
				present += int(p)
			}
			e.page = appendHybrid(e.page, e.levels, 1)
		}
		levels := len(e.page) - 4
		e.page[0], e.page[1], e.page[2], e.page[3] = byte(levels), byte(levels>>8), byte(levels>>16), byte(levels>>24)
		e.page = e.appendValues(e.page, field, v, f, value, value+present)
		value += present
		if err := e.emit(c, rows, f, false); err != nil {
			return err
		}
	}
	return nil
}

// emit compresses e.page and writes it with its header.
func (e *columnEncoder) emit(c *chunk, values int, f form, dictionary bool) error {
	var err error
	if e.compressed, err = f.compress(e.compressed[:0], e.page); err != nil {
		return err
	}
	e.header = appendPageHeader(e.header[:0], values, f.encoding, len(e.page), len(e.compressed), dictionary)
	c.uncompressed += int64(len(e.header) + len(e.page))
	c.compressed += int64(len(e.header) + len(e.compressed))
	if err = e.write(e.header); err == nil {
		err = e.write(e.compressed)
	}
	return err
}
