package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/loglake/loglake/internal/disk"
)

// How much of what was typed is kept.
const (
	historyMax      = 1000     // statements
	historyBytesMax = 16 << 10 // of one; a longer one is not kept
)

// history are the statements that were run, each as one line, also over restarts. It belongs to one goroutine; of two
// shells each adds its statements to the file.
type history struct {
	fsys    disk.FS
	path    string   // "": they are kept no longer than the shell
	entries []string // oldest first
}

// openHistory reads what is there. What can't be read is not there: a prompt must not fail for its history.
func openHistory(fsys disk.FS, path string) *history {
	h := &history{fsys: fsys, path: path}
	if path == "" {
		return h
	}
	text, err := disk.ReadFile(fsys, path)
	if err != nil {
		return h
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			h.entries = append(h.entries, line)
		}
	}
	if len(h.entries) > 2*historyMax {
		h.entries = h.entries[len(h.entries)-historyMax:]
		_ = h.write(os.O_TRUNC, strings.Join(h.entries, "\n")+"\n") // it is only too long
	}
	return h
}

// Add is called with each line that is typed, of which a statement has many: see remember.
func (h *history) Add(string) {}

// Len is the number of statements, and At the one i before the last.
func (h *history) Len() int { return len(h.entries) }

// At gives a statement, 0 being the last.
func (h *history) At(i int) string { return h.entries[len(h.entries)-1-i] }

// remember keeps a statement, unless it is the last one again or does not fit a line.
func (h *history) remember(sql string) error {
	line, ok := oneLine(sql)
	if !ok || len(line) > historyBytesMax || len(h.entries) > 0 && h.At(0) == line {
		return nil
	}
	h.entries = append(h.entries, line)
	if h.path == "" {
		return nil
	}
	err := h.write(os.O_APPEND, line+"\n")
	if errors.Is(err, fs.ErrNotExist) {
		if err = h.fsys.MkdirAll(filepath.Dir(h.path)); err == nil {
			err = h.write(os.O_APPEND, line+"\n")
		}
	}
	if err != nil {
		h.path = "" // said once
	}
	return err
}

// write writes to the file, which is nobody else's to read. It is not synced: what a power cut takes can be typed again.
func (h *history) write(flag int, text string) error {
	f, err := h.fsys.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|flag, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Close())
}

// oneLine gives a statement without line ends and line comments; not ok where a text within it has a line end.
func oneLine(sql string) (line string, ok bool) {
	var out strings.Builder
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(sql[i+1:], c)
			if end < 0 {
				end = len(sql) - i - 2
			}
			piece := sql[i : i+end+2]
			if strings.ContainsAny(piece, "\r\n") {
				return "", false
			}
			out.WriteString(piece)
			i += len(piece)
		case strings.HasPrefix(sql[i:], "--"):
			end := strings.IndexByte(sql[i:], '\n')
			if end < 0 {
				end = len(sql) - i
			}
			i += end
		case strings.IndexByte(" \t\r\n", c) >= 0:
			if text := out.String(); text != "" && !strings.HasSuffix(text, " ") {
				out.WriteByte(' ')
			}
			i++
		default:
			out.WriteByte(c)
			i++
		}
	}
	return strings.TrimSpace(out.String()), true
}
