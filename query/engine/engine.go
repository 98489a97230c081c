// Package engine runs SQL on DuckDB in child processes, so that a fault, a runaway query or a full memory there costs
// one query and never the server (design D7).
//
// The child is this same program started as `loglake engine`; Main is its body. Parent and child speak frames over the
// child's standard input and output: a hello with the settings, then one query at a time; rows come back as columnar
// batches, and a reader that does not read holds the child back. A child that sees the end of its input leaves, so it
// does not outlive the server.
//
// A child runs one query at a time in an in-memory database that may read the files of the request and nothing else,
// and that serves no query over other files. The text it is given comes from query/dialect, never from a user.
//
// Start reading at Engine.Query (parent) and at Main (child). This is the only package that links DuckDB, and only its
// child side does: a program built without cgo can still use an engine of another binary through Config.Command.
package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Config is what an Engine needs to know.
type Config struct {
	// Command starts a child; empty: this executable with the argument "engine".
	Command []string
	// Env is added to the child's environment, which is otherwise empty.
	Env []string
	// Dir is a directory of the engine's own for spilled intermediate results. Empty: queries never spill.
	Dir string
	// FS is where Dir is; nil: the real one.
	FS disk.FS
	// MemoryMax bounds DuckDB's memory in one child, in bytes; 0: 1 GiB. The operating system holds the whole child to
	// twice that and 1 GiB, where it can.
	MemoryMax int64
	// SpillMax bounds what one child writes to Dir, in bytes; 0: 8 GiB.
	SpillMax int64
	// Threads is the number of threads of one query; 0: the number of CPUs.
	Threads int
	// Processes is how many queries run at the same time, each in its own child; 0: 2. More wait.
	Processes int
	// IdleAfter is when an unused child is stopped; 0: 1 minute.
	IdleAfter time.Duration
	// Grace is how long a child may take to stop a cancelled query before it is killed; 0: 2 seconds.
	Grace time.Duration
}

func (c Config) withDefaults() (Config, error) {
	if len(c.Command) == 0 {
		if !Built {
			return c, errNotBuilt()
		}
		self, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("find own executable: %w", err)
		}
		c.Command = []string{self, "engine"}
	}
	if c.FS == nil {
		c.FS = disk.Real()
	}
	if c.MemoryMax == 0 {
		c.MemoryMax = 1 << 30
	}
	if c.SpillMax == 0 {
		c.SpillMax = 8 << 30
	}
	if c.Processes == 0 {
		c.Processes = 2
	}
	if c.IdleAfter == 0 {
		c.IdleAfter = time.Minute
	}
	if c.Grace == 0 {
		c.Grace = 2 * time.Second
	}
	return c, nil
}

// errNotBuilt says what a program without DuckDB is asked for in vain.
func errNotBuilt() error {
	return loglake.Errorf(loglake.CodeUnsupported, "this build of loglake has no SQL engine: it was built without cgo").
		WithHint("build with CGO_ENABLED=1 and a C++ compiler, or name the engine of a full build in the settings")
}

// Engine is the parent's side: a few children, started when queries come and stopped when they are idle.
// Its methods may be called from many goroutines.
type Engine struct {
	config Config
	slots  chan struct{} // one token per child that may run

	mu     sync.Mutex // guards what follows
	idle   []*child
	births int // children ever started, for the names of their directories
	closed bool
}

// New gives an engine. It starts nothing before the first query, and removes what an earlier engine left in its
// directory. Without cgo and without Config.Command the error is CodeUnsupported.
func New(config Config) (*Engine, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	if config.Dir != "" {
		if err := config.FS.RemoveAll(config.Dir); err != nil {
			return nil, fmt.Errorf("empty the engine's directory: %w", err)
		}
		if err := config.FS.MkdirAll(config.Dir); err != nil {
			return nil, fmt.Errorf("make the engine's directory: %w", err)
		}
	}
	return &Engine{config: config, slots: make(chan struct{}, config.Processes)}, nil
}

// Request is one query.
type Request struct {
	// SQL is one DuckDB statement that gives rows.
	SQL string
	// Files are the paths that the statement may read.
	Files []string
}

// Query runs a statement and gives its rows as they come. It waits for a free child until ctx ends. When ctx ends
// later the query is stopped, and Next gives an error of FaultInterrupted. Failures of the query are *Fault.
// The caller closes the rows, which frees the child.
func (e *Engine) Query(ctx context.Context, r Request) (*Rows, error) {
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &Fault{Kind: FaultInterrupted, Message: "cancelled while waiting for a free engine process", Err: ctx.Err()}
	}
	rows, err := e.begin(ctx, r)
	if err != nil {
		<-e.slots
		return nil, err
	}
	return rows, nil
}

// begin sends r to an idle child or a new one. An idle child may have died since its last query; then a new one is
// tried, because nothing of r has run yet.
func (e *Engine) begin(ctx context.Context, r Request) (*Rows, error) {
	for {
		c, err := e.takeIdle()
		if err != nil {
			return nil, err
		}
		fresh := c == nil
		if fresh {
			if c, err = startChild(e.config, e.spillDir()); err != nil {
				return nil, err
			}
		}
		err = c.send(frameQuery, r)
		if err == nil {
			return startRows(ctx, e, c)
		}
		c.kill()
		if fresh {
			return nil, c.crashed(err)
		}
	}
}

func (e *Engine) takeIdle() (*child, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, loglake.Errorf(loglake.CodeUnavailable, "the SQL engine is stopping")
	}
	for len(e.idle) > 0 {
		c := e.idle[len(e.idle)-1]
		e.idle = e.idle[:len(e.idle)-1]
		if c.retire.Stop() && !c.exited() {
			return c, nil
		}
		c.kill()
	}
	return nil, nil
}

// spillDir names a directory for a new child: DuckDB's names within it are always the same.
func (e *Engine) spillDir() string {
	if e.config.Dir == "" {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.births++
	return filepath.Join(e.config.Dir, "child-"+strconv.Itoa(e.births))
}

// giveBack takes a child after its query: a healthy one waits for the next query, until it has idled too long.
func (e *Engine) giveBack(c *child, healthy bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !healthy || e.closed || c.exited() {
		c.kill()
		return
	}
	c.retire = time.AfterFunc(e.config.IdleAfter, func() { e.retire(c) })
	e.idle = append(e.idle, c)
}

func (e *Engine) retire(c *child) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, other := range e.idle {
		if other == c {
			e.idle = append(e.idle[:i], e.idle[i+1:]...)
			c.kill()
			return
		}
	}
}

// Idle is the number of children that wait for a query, for status pages.
func (e *Engine) Idle() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.idle)
}

// Close stops the idle children and refuses further queries. Running queries end when their context does.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, c := range e.idle {
		c.retire.Stop()
		c.kill()
	}
	e.idle = nil
	return nil
}
