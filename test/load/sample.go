package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gauge is something that is looked at each second.
type gauge struct {
	name  string
	label string  // on the plot
	unit  float64 // what is shown is divided by it
	panel int     // of the plot
}

// gauges are what a soak looks at. The files are those of the data folder, by their first folder.
var gauges = []gauge{
	{"rss", "resident memory, MiB", 1 << 20, 0},
	{"heap", "heap in use, MiB", 1 << 20, 0},
	{"goroutines", "goroutines", 1, 1},
	{"open_files", "open files", 1, 1},
	{"backlog", "backlog, thousand events", 1000, 2},
	{"journal_files", "files: journal", 1, 3},
	{"buckets_files", "files: buckets", 1, 3},
	{"staging_files", "files: staging", 1, 3},
	{"scratch_files", "files: scratch", 1, 3},
	{"journal_bytes", "journal, MiB", 1 << 20, 4},
	{"buckets_bytes", "buckets, MiB", 1 << 20, 4},
	{"state_bytes", "state.db, MiB", 1 << 20, 4},
	{"engine_rss", "query engines, MiB", 1 << 20, 0},
}

const panels = 5

// meter samples the server once a second.
type meter struct {
	o       options
	began   time.Time
	at      []time.Duration
	samples [][]float64 // by gauge
	missed  int
}

func newMeter(o options) *meter { return &meter{o: o, samples: make([][]float64, len(gauges))} }

func (m *meter) run(ctx context.Context) error {
	m.began = time.Now()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		seen, err := m.look(ctx)
		if err != nil {
			m.missed++
			continue
		}
		m.at = append(m.at, time.Since(m.began))
		for i, g := range gauges {
			m.samples[i] = append(m.samples[i], seen[g.name])
		}
	}
}

// look takes one sample.
func (m *meter) look(ctx context.Context) (map[string]float64, error) {
	seen, err := m.metrics(ctx)
	if err != nil {
		return nil, err
	}
	seen["engine_rss"] = childrenRSS(m.o.pid)
	err = filepath.WalkDir(m.o.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(m.o.dir, path)
		if err != nil {
			return err
		}
		kind, _, _ := strings.Cut(rel, string(filepath.Separator))
		if strings.HasPrefix(kind, "state.db") {
			kind = "state"
		}
		if st, err := d.Info(); err == nil {
			seen[kind+"_bytes"] += float64(st.Size())
			seen[kind+"_files"]++
		}
		return nil
	})
	return seen, err
}

// metrics reads what the server says of itself.
func (m *meter) metrics(ctx context.Context) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.o.native+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	seen := map[string]float64{}
	names := map[string]string{
		"process_resident_memory_bytes": "rss", "go_memstats_heap_inuse_bytes": "heap", "go_goroutines": "goroutines",
		"process_open_fds": "open_files", "loglake_backlog_events": "backlog",
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		if i := strings.LastIndexByte(value, ' '); i >= 0 { // labels may have blanks
			value = value[i+1:]
		}
		if as := names[name]; ok && as != "" {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			seen[as] += n
		}
	}
	if seen["rss"] == 0 && lines.Err() == nil {
		return nil, fmt.Errorf("/metrics says nothing of memory: %s", answer.Status)
	}
	return seen, lines.Err()
}

// report prints how each gauge stood in the second and in the last quarter of the run: in the first one caches fill.
func (m *meter) report(out io.Writer) error {
	n := len(m.at)
	if n < 8 {
		return errors.New("the run was too short to say anything")
	}
	fmt.Fprintf(out, "%d samples, %d missed\n%-28s %12s %12s %12s %10s\n", n, m.missed, "", "2nd quarter", "last quarter", "most", "growth")
	for i, g := range gauges {
		all := m.samples[i]
		second, last := median(all[n/4:n/2]), median(all[n*3/4:])
		growth := "-"
		if second > 0 {
			growth = fmt.Sprintf("%+.1f %%", (last/second-1)*100)
		}
		fmt.Fprintf(out, "%-28s %12.1f %12.1f %12.1f %10s\n", g.label, second/g.unit, last/g.unit, slices.Max(all)/g.unit, growth)
	}
	return nil
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// csv gives all samples.
func (m *meter) csv() []byte {
	var b bytes.Buffer
	b.WriteString("seconds")
	for _, g := range gauges {
		b.WriteString("," + g.name)
	}
	b.WriteByte('\n')
	for k, at := range m.at {
		fmt.Fprintf(&b, "%.1f", at.Seconds())
		for i := range gauges {
			fmt.Fprintf(&b, ",%.0f", m.samples[i][k])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
