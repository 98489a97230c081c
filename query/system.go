package query

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/state"
)

// System is where the rows of the server's own tables come from (catalog.SystemDatabase). A query reads them in the
// transaction of its snapshot, has them written as a Parquet file in the scratch folder for as long as it runs, and reads
// that as any other: so they have types, and work with everything that a table works with. They cost no scanned bytes.
type System struct {
	// Rows gives the rows of a table, by its name, as of a transaction. Each is written as JSON, whose members are the
	// table's columns.
	Rows map[string]func(tx *state.Tx) ([]any, error)
	Dir  string  // the scratch folder, which a start wipes
	FS   disk.FS // nil: the real one

	files atomic.Int64 // written so far: they are named by it
}

// ofSystem tells whether a table is the server's own.
func ofSystem(t loglake.Table) bool {
	return t.Type == catalog.SystemTable && t.Database == catalog.SystemDatabase && t.Location == ""
}

// readSystem reads the rows of a system table.
func (e *Executions) readSystem(tx *state.Tx, v *tableView) (err error) {
	rows := e.config.System.rowsOf(v.table.Name)
	if rows == nil {
		return failTrino("NOT_SUPPORTED", "the table %s.%s has no rows on this server", v.table.Database, v.table.Name)
	}
	v.rows, err = rows(tx)
	return err
}

func (s *System) rowsOf(table string) func(*state.Tx) ([]any, error) {
	if s == nil {
		return nil
	}
	return s.Rows[table]
}

// writeSystem makes the files of the system tables in a snapshot.
func (e *Executions) writeSystem(s *snapshot) error {
	for _, v := range s.views {
		if !ofSystem(v.table) {
			continue
		}
		path, err := e.config.System.write(v.table, v.rows)
		if err != nil {
			return fmt.Errorf("read %s.%s: %w", v.table.Database, v.table.Name, err)
		}
		s.scratch = append(s.scratch, func() { e.config.System.remove(path) })
		v.rows = nil
		v.partitions = []*partition{{loaded: true, files: []*tableFile{{path: path, uri: v.table.Database + "." + v.table.Name, hot: true}}}}
	}
	return nil
}

// write writes rows as a Parquet file. Nothing is synced.
func (s *System) write(t loglake.Table, rows []any) (path string, err error) {
	chunks, err := convertRows(t, rows)
	if err != nil {
		return "", err
	}
	path = filepath.Join(s.Dir, fmt.Sprintf("system-%d.parquet", s.files.Add(1)))
	f, err := s.fs().OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriter(f)
	_, err = convert.WriteParquet(out, chunks, convert.ParquetOptions{Codec: "SNAPPY"})
	if err = errors.Join(err, out.Flush(), f.Close()); err != nil {
		s.remove(path)
		return "", err
	}
	return path, nil
}

// remove removes a file. The next start wipes what stays.
func (s *System) remove(path string) { _ = s.fs().Remove(path) }

func (s *System) fs() disk.FS {
	if s.FS == nil {
		return disk.Real()
	}
	return s.FS
}

// convertRows gives rows as columns, through JSON: what the lake does with log lines.
func convertRows(t loglake.Table, rows []any) (chunks []*convert.Chunk, err error) {
	c, err := convert.New(convert.Config{Schema: t.Schema()})
	if err != nil {
		return nil, err
	}
	b := c.NewChunk()
	for _, row := range rows {
		line, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		if _, refused := b.Add(line); refused != nil {
			return nil, fmt.Errorf("row %s: %s", line, refused.Message)
		}
		if b.Rows() >= convert.ChunkRowsMax || b.Bytes() >= convert.ChunkBytesMax {
			chunks = append(chunks, b.Finish())
			b = c.NewChunk()
		}
	}
	return append(chunks, b.Finish()), nil
}
