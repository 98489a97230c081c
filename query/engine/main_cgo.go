//go:build cgo

package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Built tells whether this program contains DuckDB.
const Built = true

// leaveAfter is how long a child whose parent is gone waits for DuckDB before it ends regardless.
const leaveAfter = time.Second

// Main is the body of a child process: it serves queries from stdin to stdout until stdin ends, and gives the exit
// code. It limits the process's resources for good, so nothing else can run in the process.
func Main(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) int {
	if err := serve(ctx, bufio.NewReader(stdin), stdout); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// job is one query in the child. Its cancelled channel is closed when the parent asks to stop it.
type job struct {
	Request
	cancelled chan struct{}
	once      sync.Once
}

func (j *job) cancel() { j.once.Do(func() { close(j.cancelled) }) }

func serve(ctx context.Context, in *bufio.Reader, out io.Writer) error {
	settings, err := readHello(in)
	if err != nil {
		return err
	}
	if err := limitProcess(settings.MemoryMax); err != nil {
		return err
	}
	jobs := make(chan *job)
	readErr := make(chan error, 1)
	go func() {
		readErr <- readJobs(in, jobs)
		close(jobs)
	}()
	d := databases{settings: settings}
	defer d.close()
	for {
		if err := d.prepare(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case j, ok := <-jobs:
			if !ok {
				return <-readErr
			}
			if err := d.runJob(j, out); err != nil {
				return err
			}
		}
	}
}

func readHello(in *bufio.Reader) (hello, error) {
	var settings hello
	kind, payload, err := readFrame(in, nil)
	if err != nil || kind != frameHello {
		return settings, fmt.Errorf("this command is started by the server and speaks its protocol on stdin, not to people: %w", err)
	}
	if err := json.Unmarshal(payload, &settings); err != nil {
		return settings, fmt.Errorf("read hello: %w", err)
	}
	return settings, nil
}

// readJobs hands over queries and cancels them; the parent sends a query only when the one before has ended. When the
// parent is gone the running query is cancelled, and the process ends even if DuckDB does not hear.
func readJobs(in *bufio.Reader, jobs chan<- *job) error {
	current := &job{cancelled: make(chan struct{})}
	for {
		kind, payload, err := readFrame(in, nil)
		if err == io.EOF {
			current.cancel()
			time.AfterFunc(leaveAfter, func() { os.Exit(0) })
			return nil
		}
		if err != nil {
			return err
		}
		switch kind {
		case frameCancel:
			current.cancel()
		case frameQuery:
			current = &job{cancelled: make(chan struct{})}
			if err := json.Unmarshal(payload, &current.Request); err != nil {
				return fmt.Errorf("read query: %w", err)
			}
			jobs <- current
		default:
			return fmt.Errorf("unexpected frame %q", kind)
		}
	}
}

// databases are the at most two databases of a child: the last query's, which serves the next one if that reads the same
// files, and one opened ahead, which serves any.
type databases struct {
	settings    hello
	used, fresh *database
}

func (d *databases) prepare() (err error) {
	if d.fresh == nil {
		d.fresh, err = openDatabase(d.settings)
	}
	return err
}

// next gives the database for a query.
func (d *databases) next(files []string) *database {
	if d.used != nil && slices.Equal(d.used.files, files) {
		return d.used
	}
	if d.used != nil {
		d.used.close()
	}
	d.used, d.fresh = d.fresh, nil
	return d.used
}

func (d *databases) close() {
	for _, b := range []*database{d.used, d.fresh} {
		if b != nil {
			b.close()
		}
	}
	d.used, d.fresh = nil, nil
}

// runJob runs one query to its last frame. The error is about the connection to the parent; the query's own failure
// goes to the parent.
func (d *databases) runJob(j *job, out io.Writer) error {
	w := bufio.NewWriterSize(out, 64<<10)
	fault, err := d.next(j.Files).run(j, func(kind frameKind, payload []byte) error {
		if err := writeFrame(w, kind, payload); err != nil {
			return err
		}
		return w.Flush()
	})
	if err != nil {
		return err
	}
	if fault == nil {
		err = writeFrame(w, frameDone, nil)
	} else {
		d.used.close() // whatever state the failure left it in
		d.used = nil
		err = writeJSONFrame(w, frameFault, fault)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}
