package query

import (
	"bufio"
	"io"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
)

// Text is the text of a value.
func Text(v *engine.Vector, i int, t dialect.Type) string { return string(appendText(nil, v, i, t)) }

// OneStatement gives the statement of a text.
func OneStatement(text string) (string, error) { return oneStatement(text) }

// Classify gives the class of a statement.
func Classify(sql string) (kind, sub string) {
	c := classify(sql)
	return c.Type, c.Substatement
}

// FailureOf words an error as Athena does.
func FailureOf(err error) error { return failureOf(err) }

// ReadRows reads all rows of a result file.
func ReadRows(file string, csv bool) ([]Row, error) {
	r := rowReader{in: bufio.NewReader(strings.NewReader(file)), csv: csv}
	var rows []Row
	for {
		row, err := r.next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// WriteRows writes rows as a result file does, with its first row as the header.
func WriteRows(rows []Row) string {
	w := &resultWriter{}
	for _, row := range rows {
		for k, v := range row {
			w.comma(k)
			if v != nil {
				w.quoted([]byte(*v))
			}
		}
		w.buf = append(w.buf, '\n')
	}
	return string(w.buf)
}

// Footer reads the text of a Parquet footer.
func Footer(text []byte) error {
	meta, err := decodeFooter(text)
	if err != nil {
		return err
	}
	_, _, err = new(footerCache).summarize(meta, "s3://b/k")
	return err
}

// PageHeader reads the header of a Parquet page, and says how long it is.
func PageHeader(text []byte) (bytes int64, err error) {
	h, err := decodePage(text)
	return h.header, err
}

// Project gives the folders of a table's projected partitions.
func Project(t loglake.Table, now time.Time) (prefixes []string, err error) {
	p, err := projectionOf(t)
	if err != nil {
		return nil, err
	}
	list, err := p.partitions(now)
	for _, one := range list {
		prefixes = append(prefixes, one.prefix)
	}
	return prefixes, err
}
