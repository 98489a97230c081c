package engine

// FaultKind says why a query failed, in terms that do not depend on DuckDB's texts.
type FaultKind string

// The kinds of failures of a query.
const (
	FaultInterrupted FaultKind = "interrupted"  // cancelled, or its context ended
	FaultCrashed     FaultKind = "crashed"      // the child died or stopped answering
	FaultMemory      FaultKind = "memory"       // beyond the memory limit and the spill limit
	FaultConversion  FaultKind = "conversion"   // a value can't be cast
	FaultOutOfRange  FaultKind = "out_of_range" // a number overflows
	FaultInput       FaultKind = "input"        // a function's argument is wrong, or error('…') of the SQL
	FaultFile        FaultKind = "file"         // a file is missing, unreadable or not Parquet
	FaultTooLarge    FaultKind = "too_large"    // one row is larger than a frame
	FaultDefect      FaultKind = "defect"       // SQL that DuckDB does not take: a defect of loglake
)

// Fault is the failure of one query. Message is DuckDB's own, without the name of its error class.
type Fault struct {
	Kind    FaultKind
	Message string
	Err     error `json:"-"` // the cause on the parent's side
}

func (f *Fault) Error() string { return "engine " + string(f.Kind) + ": " + f.Message }

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }
