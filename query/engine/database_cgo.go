//go:build cgo

package engine

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/loglake/loglake/query/dialect/native"
)

// database is an in-memory DuckDB for queries over one list of files. Nothing can be stored in it.
type database struct {
	db     duckdb.Database
	conn   duckdb.Connection
	locked bool
	files  []string // what it may read, once it is locked

	natives    map[string]nativeFunction
	registered map[string]bool // those that DuckDB knows
	// fatal is a native function's error that DuckDB's TRY takes and Trino's does not.
	fatal atomic.Pointer[native.Error]
}

// sessionSQL pins what the printed SQL relies on (Athena's answers, spec §17) and takes away what no query needs.
var sessionSQL = []string{
	"SET TimeZone = 'UTC'",
	"SET integer_division = false",
	"SET default_null_order = 'nulls_last'",
	"SET preserve_insertion_order = true",
	// It takes EXISTS over two inequalities, and over columns that an outer join has filled, for other conditions.
	"SET disabled_optimizers = 'deliminator'",
	"SET scalar_subquery_error_on_multiple_rows = true",
	"SET autoinstall_known_extensions = false",
	"SET autoload_known_extensions = false",
	"SET allow_community_extensions = false",
}

func openDatabase(settings hello) (*database, error) {
	threads := settings.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	var config duckdb.Config
	if duckdb.CreateConfig(&config) == duckdb.StateError {
		return nil, fmt.Errorf("open engine database: no configuration")
	}
	defer duckdb.DestroyConfig(&config)
	for _, option := range [][2]string{
		{"threads", strconv.Itoa(threads)},
		{"memory_limit", strconv.FormatInt(settings.MemoryMax, 10) + "B"},
		{"temp_directory", settings.Dir},
		{"max_temp_directory_size", strconv.FormatInt(settings.SpillMax, 10) + "B"},
	} {
		if duckdb.SetConfig(config, option[0], option[1]) == duckdb.StateError {
			return nil, fmt.Errorf("open engine database: option %s is not %q", option[0], option[1])
		}
	}
	b := &database{registered: map[string]bool{}}
	var message string
	if duckdb.OpenExt(":memory:", &b.db, config, &message) == duckdb.StateError {
		return nil, fmt.Errorf("open engine database: %s", message)
	}
	if duckdb.Connect(b.db, &b.conn) == duckdb.StateError {
		return nil, fmt.Errorf("connect to engine database")
	}
	for _, sql := range sessionSQL {
		if err := b.exec(sql); err != nil {
			return nil, fmt.Errorf("prepare engine database: %q: %w", sql, err)
		}
	}
	var err error
	b.natives, err = natives()
	return b, err
}

func (b *database) close() {
	duckdb.Disconnect(&b.conn)
	duckdb.Close(&b.db)
}

func (b *database) exec(sql string) error {
	var result duckdb.Result
	defer duckdb.DestroyResult(&result)
	if duckdb.Query(b.conn, sql, &result) == duckdb.StateError {
		return faultOf(duckdb.ResultError(&result))
	}
	return nil
}

// lock leaves the database the given files to read and nothing else, for good.
func (b *database) lock(files []string) error {
	if b.locked {
		return nil
	}
	b.locked, b.files = true, files
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = "'" + strings.ReplaceAll(f, "'", "''") + "'"
	}
	for _, sql := range []string{
		"SET allowed_paths = [" + strings.Join(quoted, ",") + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := b.exec(sql); err != nil {
			return err
		}
	}
	return nil
}

// run executes a job and sends its schema and batches. fault is the query's failure, err that of send.
func (b *database) run(j *job, send func(frameKind, []byte) error) (fault *Fault, err error) {
	defer b.interruptOn(j.cancelled)()
	b.fatal.Store(nil)
	fault, err = b.execute(j, send)
	if fatal := b.fatal.Load(); fatal != nil && err == nil {
		return &Fault{Kind: FaultInput, Message: fatal.Error()}, nil
	}
	return fault, err
}

func (b *database) execute(j *job, send func(frameKind, []byte) error) (fault *Fault, err error) {
	if err := b.lock(j.Files); err != nil {
		return asFault(err), nil
	}
	if err := b.registerNatives(j.SQL); err != nil {
		return asFault(err), nil
	}
	var statement duckdb.PreparedStatement
	defer duckdb.DestroyPrepare(&statement)
	if duckdb.Prepare(b.conn, j.SQL, &statement) == duckdb.StateError {
		return faultOf(duckdb.PrepareError(statement)), nil
	}
	switch duckdb.PreparedStatementType(statement) {
	case duckdb.StatementTypeSelect, duckdb.StatementTypeExplain:
	default:
		return &Fault{Kind: FaultDefect, Message: "only statements that read are run here"}, nil
	}
	var pending duckdb.PendingResult
	defer duckdb.DestroyPending(&pending)
	if duckdb.PendingPreparedStreaming(statement, &pending) == duckdb.StateError {
		return faultOf(duckdb.PendingError(pending)), nil
	}
	var result duckdb.Result
	defer duckdb.DestroyResult(&result)
	if duckdb.ExecutePending(pending, &result) == duckdb.StateError {
		return faultOf(duckdb.ResultError(&result)), nil
	}
	return b.stream(&result, send)
}

func (b *database) stream(result *duckdb.Result, send func(frameKind, []byte) error) (*Fault, error) {
	columns, err := columnsOf(result)
	if err != nil {
		return asFault(err), nil
	}
	schema, err := json.Marshal(columns)
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	if err := send(frameSchema, schema); err != nil {
		return nil, err
	}
	var enc batchEncoder
	for {
		chunk := duckdb.FetchChunk(*result)
		if chunk.Ptr == nil {
			if message := duckdb.ResultError(result); message != "" {
				return faultOf(message), nil
			}
			return nil, nil
		}
		fault, err := enc.send(chunk, columns, send)
		duckdb.DestroyDataChunk(&chunk)
		if fault != nil || err != nil {
			return fault, err
		}
	}
}

// interruptOn interrupts the connection from when cancelled is closed until the function it gives is called. DuckDB
// forgets an interrupt that comes between two of its steps, so it is told again and again.
func (b *database) interruptOn(cancelled <-chan struct{}) (done func()) {
	finished, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-finished:
			return
		case <-cancelled:
		}
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		for {
			duckdb.Interrupt(b.conn)
			select {
			case <-finished:
				return
			case <-again.C:
			}
		}
	}()
	return func() {
		close(finished)
		<-gone
	}
}

// faultPrefixes are the names that DuckDB's error texts begin with.
var faultPrefixes = map[string]FaultKind{
	"Out of Memory Error": FaultMemory,
	"INTERRUPT Error":     FaultInterrupted,
	"Conversion Error":    FaultConversion,
	"Out of Range Error":  FaultOutOfRange,
	"Invalid Input Error": FaultInput,
	"IO Error":            FaultFile,
	"Permission Error":    FaultFile,
	"FATAL Error":         FaultCrashed,
	"INTERNAL Error":      FaultCrashed,
}

// faultOf turns DuckDB's error text into a Fault; the excerpt of our own SQL below it is dropped.
func faultOf(message string) *Fault {
	message, _, _ = strings.Cut(message, "\n\nLINE ")
	class, text, found := strings.Cut(message, ": ")
	if kind, ok := faultPrefixes[class]; ok && found {
		return &Fault{Kind: kind, Message: text}
	}
	return &Fault{Kind: FaultDefect, Message: message}
}

func asFault(err error) *Fault {
	if f, ok := err.(*Fault); ok {
		return f
	}
	return &Fault{Kind: FaultDefect, Message: err.Error()}
}
