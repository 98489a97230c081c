package shape

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Lines reads the lines of a source with bounded memory. Line ends, \n or \r\n, are taken off; a last line without one
// counts as a line.
type Lines struct {
	r    *bufio.Reader
	long []byte // a line that is longer than the reader's buffer
	open bool   // the line given last has no end
}

// NewLines makes a reader of lines.
func NewLines(r io.Reader) *Lines { return &Lines{r: bufio.NewReaderSize(r, 256<<10)} }

// Open tells whether the line that Next gave last has no end, and may be the beginning of one.
func (l *Lines) Open() bool { return l.open }

// Next gives the next line, valid until the next call; io.EOF where there is none. Of a line that is longer than
// LineBytesMax it gives that much, and whole is false: the rest is skipped.
func (l *Lines) Next() (line []byte, whole bool, err error) {
	whole = true
	line, err = l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = l.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			room := max(LineBytesMax+len("\r\n")-len(l.long), 0)
			l.long = append(l.long, line[:min(len(line), room)]...)
			whole = whole && len(line) <= room
			line, err = l.r.ReadSlice('\n')
		}
		l.long = append(l.long, line...)
		line = l.long
	}
	if err != nil && !(errors.Is(err, io.EOF) && len(line) > 0) {
		return nil, false, err
	}
	l.open = err != nil
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) > LineBytesMax {
		line, whole = line[:LineBytesMax], false
	}
	return line, whole, nil
}
