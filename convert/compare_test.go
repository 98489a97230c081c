package convert_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loglake/loglake/convert"
)

// duckCopy is what DuckDB does in TestCompareDuckDB, once per line on standard input: it answers seconds of wall and of
// CPU time. The first one warms it up.
const duckCopy = `
import sys, time, resource, duckdb
source, target = sys.argv[1], sys.argv[2]
d = duckdb.connect()
d.execute("SET threads=1; SET enable_progress_bar=false")
cpu = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
columns = {'timestamp': 'TIMESTAMP', 'level': 'VARCHAR', 'service': 'VARCHAR', 'host': 'VARCHAR', 'request_id': 'VARCHAR',
  'method': 'VARCHAR', 'path': 'VARCHAR', 'status_code': 'INTEGER', 'response_time': 'INTEGER', 'bytes_sent': 'BIGINT',
  'client_ip': 'VARCHAR', 'user_agent': 'VARCHAR', 'cached': 'BOOLEAN', 'user_id': 'VARCHAR'}
for line in sys.stdin:
    wall, used = time.perf_counter(), cpu()
    d.execute(f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited', columns={columns})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    print(time.perf_counter() - wall, cpu() - used, duckdb.__version__, flush=True)
`

// TestCompareDuckDB converts the same file of events by turns with this package and with DuckDB on one thread, and
// prints the medians and their ratio. It asserts nothing but that both wrote a file: a machine under load may not fail a
// build. LOGLAKE_COMPARE is the number of events; LOGLAKE_PYTHON the interpreter that has the duckdb package. Pin it to
// one core: taskset -c 0 go test -run CompareDuckDB -v ./convert/
func TestCompareDuckDB(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("LOGLAKE_COMPARE"))
	if n == 0 {
		t.Skip("LOGLAKE_COMPARE is not set: set it to a number of events, such as 500000, to compare with DuckDB")
	}
	python := pythonWith(t, "duckdb")
	dir := t.TempDir()
	source, target := filepath.Join(dir, "events.json"), filepath.Join(dir, "duck.parquet")
	lines := webEvents(nil, n)
	if err := os.WriteFile(source, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	duck := startDuck(t, python, source, target)
	runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(runtime.NumCPU())
	var ours, theirs [2][]float64 // wall, CPU
	for round := range 8 {
		wall, cpu := convertFile(t, source, filepath.Join(dir, "ours.parquet"))
		duckWall, duckCPU := duck()
		if round == 0 {
			continue
		}
		ours[0], ours[1] = append(ours[0], wall), append(ours[1], cpu)
		theirs[0], theirs[1] = append(theirs[0], duckWall), append(theirs[1], duckCPU)
	}
	size := func(name string) float64 {
		stat, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return float64(stat.Size())
	}
	t.Logf("%d events, %.1f MB of JSON, %.0f bytes each", n, float64(len(lines))/1e6, float64(len(lines))/float64(n))
	for k, what := range []string{"wall", "CPU"} {
		a, b := median(ours[k]), median(theirs[k])
		t.Logf("%-4s  loglake %.3f s (%.0f MB/s)  DuckDB %.3f s (%.0f MB/s)  ratio %.2f", what,
			a, float64(len(lines))/1e6/a, b, float64(len(lines))/1e6/b, b/a)
	}
	a, b := size("ours.parquet"), size("duck.parquet")
	t.Logf("size  loglake %.2f B/event  DuckDB %.2f B/event  ratio %.3f", a/float64(n), b/float64(n), a/b)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// convertFile does what DuckDB's COPY does: reads the file from disk and writes one.
func convertFile(t *testing.T, source, target string) (wall, cpu float64) {
	t.Helper()
	start, used := time.Now(), cpuSeconds()
	in, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	b := newBuilder(t, convert.Config{Schema: webSchema})
	var chunks []*convert.Chunk
	for lines := bufio.NewReaderSize(in, 1<<20); ; {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			break // the end: each line has its own
		}
		if _, reject := b.Add(line[:len(line)-1]); reject != nil {
			t.Fatal(reject)
		}
		if b.Rows() >= convert.ChunkRowsMax || b.Bytes() >= convert.ChunkBytesMax {
			chunks = append(chunks, b.Finish())
		}
	}
	chunks = append(chunks, b.Finish())
	out, err := os.Create(target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := convert.WriteParquet(out, chunks, convert.ParquetOptions{Codec: "ZSTD", SortBy: "timestamp"}); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return time.Since(start).Seconds(), cpuSeconds() - used
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func startDuck(t *testing.T, python, source, target string) func() (wall, cpu float64) {
	t.Helper()
	cmd := exec.Command(python, "-c", duckCopy, source, target)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	answers := bufio.NewScanner(out)
	return func() (wall, cpu float64) {
		fmt.Fprintln(in)
		if !answers.Scan() {
			t.Fatal("DuckDB gave no answer")
		}
		var version string
		if _, err := fmt.Sscan(answers.Text(), &wall, &cpu, &version); err != nil {
			t.Fatal(err)
		}
		return wall, cpu
	}
}

// pythonWith gives an interpreter that has a package, or skips the test.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	python := os.Getenv("LOGLAKE_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import "+module).CombinedOutput(); err != nil {
		t.Skipf("%s can't import %s (%s): install it there, or set LOGLAKE_PYTHON to an interpreter that has it",
			python, module, strings.TrimSpace(string(out)))
	}
	return python
}
