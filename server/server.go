// Package server is one whole loglake: every component on one folder, wired and run together. The binary serves one;
// tests open many in one process, each with its own folder, clock and ports.
//
// Open wires the layers from the bottom up and starts nothing; Run serves until its context ends; Close lets the folder
// go. The folder holds
//
//	lock       held while a loglake has the folder open
//	state.db   the small facts (SQLite)
//	journal/   what was acknowledged: write-ahead log and segments
//	buckets/   the objects, one folder per bucket, unless they are in S3
//	s3/        local copies of objects in S3, emptied at start
//	staging/   objects of batches that are not yet committed
//	scratch/   hot rows exported for queries, wiped at start
//	snapshot/  what a backup is sent from, while it is
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/door"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/role"
	"github.com/loglake/loglake/route"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Config is what a Server is made of.
type Config struct {
	Dir      string // the folder; made where it is not there
	AWSAddr  string // of the AWS services; "127.0.0.1:0" takes a free port
	HTTPAddr string // of native HTTP
	Home     loglake.Home
	TLS      TLS
	// Credentials are the key pairs that may call. None: any pair is taken, and the addresses must be loopback.
	Credentials map[string]string // secret by access key
	Engine      []string          // command of the query engine's process; empty: this executable with "engine"
	Version     string            // of the program, for its status; "": not said

	// Prepare, unless it is nil, is called by Run when every part runs and nobody has been let in yet. It gets the AWS
	// services as the AWS address will serve them. Run ends with its error, and is not ready before it returns.
	Prepare func(ctx context.Context, aws http.Handler) error

	Clock        loglake.Clock              // nil: time.Now
	FS           disk.FS                    // nil: the real one
	StateFault   func(string) (bool, error) // tests: see state.Config.Fault
	OnEvent      func(Event)                // told of what an operator should know; nil: nobody
	JournalBytes int64                      // size of a write-ahead file; 0: the journal's default
	Sync         journal.Sync               // when puts are answered
	JournalMax   int64                      // bytes of the journal at which puts are refused; 0: no limit. See journal.Config.BytesMax
	Memory       int64                      // bytes that the parts of the server share, the query engine apart; 0: MemoryDefault
	QueryMemory  int64                      // bytes of one process of the query engine; 0: the engine's default
	Connections  int                        // of both addresses together; 0: door.ConnectionsDefault

	// S3 is where the buckets are; nil: in the folder. Its Dir and FS are set by Open, its Clock where it has none.
	S3 *store.S3Config
	// ResultsBucket holds the results of queries by native HTTP; "": ResultsBucketDefault.
	ResultsBucket string
}

// ResultsBucketDefault is the bucket for results of queries by native HTTP. It is made with the first of them, and they stay
// until somebody removes them, as Athena's do.
const ResultsBucketDefault = "loglake-results"

// TLS names a certificate and its key; both empty: plain HTTP.
type TLS struct{ CertFile, KeyFile string }

// Event is something an operator should know.
type Event struct {
	Level Level
	Part  string // the component
	Text  string
	Err   error // the cause, with details; nil where there is none
}

// Level says how much an event matters.
type Level int

// The levels of events.
const (
	LevelInfo Level = iota
	LevelWarn
	LevelError
)

// Server is one loglake.
type Server struct {
	cfg     Config
	ready   atomic.Bool
	created time.Time // of this Server
	lock    io.Closer

	State   *state.DB
	Journal *journal.Log
	Store   store.Store
	Catalog *catalog.Catalog
	Groups  *loggroup.Groups
	Routes  *route.Routes
	Commit  *commit.Committer
	Books   *books.Books
	Streams *delivery.Streams
	Queries *query.Executions
	source  *backup.Source
	Record  *record.Keeper
	lake    string // its id
	engine  *engine.Engine
	s3      *store.S3 // Store, where it is one; nil: it is a directory
	door    *door.Door
	bodies  *door.Bodies
	shares  shares
}

// migrations are those of every package that has tables, lower layers first.
func migrations() (all []state.Migration) {
	for _, of := range [][]state.Migration{
		position.Migrations(), ledger.Migrations(), catalog.Migrations(), loggroup.Migrations(), commit.Migrations(),
		delivery.Migrations(), query.Migrations(), role.Migrations(), record.Migrations(),
	} {
		all = append(all, of...)
	}
	return all
}

// Open wires a loglake on its folder and takes the folder's lock.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.FS == nil {
		cfg.FS = disk.Real()
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Event) {}
	}
	if cfg.ResultsBucket == "" {
		cfg.ResultsBucket = ResultsBucketDefault
	}
	if cfg.Memory == 0 {
		cfg.Memory = MemoryDefault(disk.Real())
	}
	s := &Server{cfg: cfg, created: cfg.Clock(), shares: divide(cfg.Memory), door: door.New(door.Config{Connections: cfg.Connections})}
	s.bodies = door.NewBodies(s.shares.bodies)
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) path(name string) string { return filepath.Join(s.cfg.Dir, name) }

func (s *Server) open(ctx context.Context) (err error) {
	cfg := s.cfg
	if err := disk.MkdirAllDurable(cfg.FS, cfg.Dir); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if s.lock, err = cfg.FS.Lock(s.path("lock")); err != nil {
		return err
	}
	existing, err := s.guardState()
	if err != nil {
		return err
	}
	s.State, err = state.Open(ctx, state.Config{
		Path: s.path("state.db"), Migrations: migrations(), Fault: cfg.StateFault, OnUpdate: s.updated, Existing: existing,
	})
	if err != nil {
		return err
	}
	s.Journal, err = journal.Open(ctx, journal.Config{
		FS: cfg.FS, Dir: s.path("journal"), Clock: cfg.Clock, WALBytes: cfg.JournalBytes, BytesMax: cfg.JournalMax, Sync: cfg.Sync, OnEvent: s.journalEvent,
		QueueBytes: s.shares.queue, CacheBytes: s.shares.recent, DedupBytes: s.shares.answers,
	})
	if err != nil {
		return err
	}
	if err := s.openStore(); err != nil {
		return err
	}
	s.Books = books.New(books.Config{Journal: s.Journal, Home: cfg.Home, Direct: delivery.DirectOf,
		Streams: func(tx *state.Tx) (map[loglake.ProducerID]loglake.StreamName, error) {
			return delivery.ProducersOf(tx, cfg.Home)
		},
	})
	if err := s.openRecord(ctx); err != nil {
		return err
	}
	s.Catalog = catalog.New(catalog.Config{DB: s.State, Home: cfg.Home, Clock: cfg.Clock, System: systemTables(s.Books)})
	if err := s.Catalog.CreateDefault(ctx); err != nil {
		return err
	}
	if err := s.openGroups(ctx); err != nil {
		return err
	}
	s.Commit = commit.New(commit.Config{
		FS: cfg.FS, Dir: s.path("staging"), State: s.State, Store: s.Store, Home: cfg.Home, Clock: cfg.Clock,
		Mend: "loglake check --repair --data " + cfg.Dir,
		Lake: s.lake,
	})
	s.Streams, err = delivery.Open(ctx, delivery.Config{
		FS: cfg.FS, State: s.State, Journal: s.Journal, Groups: s.Groups, Catalog: s.Catalog, Commit: s.Commit, Store: s.Store,
		Home: cfg.Home, Clock: cfg.Clock, Scratch: s.path("scratch"), OnEvent: s.deliveryEvent,
		HotBytesMax: s.shares.hot, FlushBytesMax: s.shares.flush,
	})
	if err != nil {
		return err
	}
	if err := s.openBackup(); err != nil {
		return err
	}
	return s.openQueries(ctx)
}

// guardState refuses a folder that has lost its state. The state is made before the journal, so a journal alone is no
// young lake: served with a new state, what it acknowledged would be nobody's. existing tells whether there has to be a state.
func (s *Server) guardState() (existing bool, err error) {
	_, err = s.cfg.FS.Stat(s.path("journal"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	info, err := os.Stat(s.path("state.db"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 { // an empty file is what SQLite takes for a new one
		return true, loglake.Errorf(loglake.CodeConflict, "the data folder %s has a journal and no state.db: its groups, streams and positions are gone", s.cfg.Dir).
			WithHint("nothing that was acknowledged is lost: run `loglake check --rebuild`, which makes state.db again from the record, the bucket and the journal; " +
				"or restore it from a backup of the folder, or start a new lake in another folder")
	}
	return true, nil
}

// Repair runs the checker and mends what it can. Nothing may run meanwhile.
func (s *Server) Repair(ctx context.Context, mode check.Mode) (*check.Repaired, error) {
	return check.Repair(ctx, s.checked(), mode)
}

// Check runs the checker. Nothing may run meanwhile.
func (s *Server) Check(ctx context.Context) (*check.Report, error) {
	if err := s.State.Check(ctx); err != nil {
		return nil, err
	}
	return check.Run(ctx, s.checked())
}

func (s *Server) checked() check.Config {
	return check.Config{State: s.State, Journal: s.Journal, Store: s.Store, Commit: s.Commit, Books: s.Books, Lake: s.lake}
}

// Close lets the folder go. It may be called once Run has returned, or instead of it.
func (s *Server) Close() error {
	var errs []error
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	if s.Journal != nil {
		errs = append(errs, s.Journal.Keep(), s.Journal.Close())
	}
	if s.State != nil {
		errs = append(errs, s.State.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
