package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake"
)

// sourceMemoryMax bounds what a zstd file may ask for to be read.
const sourceMemoryMax = 256 << 20

// logFile is a file of lines on its way in, plain or compressed, told by its content.
type logFile struct {
	*bufio.Reader // of what the file says once it is decompressed

	name  string
	grows bool  // it may: it is no stream and not compressed
	total int64 // bytes of the file as it lies there; 0: not known
	read  atomic.Int64
	close []func() error
}

// openLog opens a file, or stdin for "-".
func openLog(name string, stdin io.Reader) (l *logFile, err error) {
	l = &logFile{name: name}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	raw := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return l, err
		}
		l.close = append(l.close, f.Close)
		info, err := f.Stat()
		if err != nil {
			return l, err
		}
		if info.IsDir() {
			return l, usageError{fmt.Errorf("%s is a folder; name its files, such as %s/*.log", name, name)}
		}
		if info.Mode().IsRegular() {
			l.total = info.Size()
		}
		raw = f
	}
	content, err := l.decompress(bufio.NewReaderSize(&meter{r: raw, n: &l.read}, 128<<10))
	if err != nil {
		return l, fmt.Errorf("read %s: %w", name, err)
	}
	l.Reader = bufio.NewReaderSize(content, 64<<10)
	return l, l.skipMark()
}

// skipMark leaves out the mark that some programs put before UTF-8, with which the first line is no JSON. UTF-16 is refused:
// no line of it could be read.
func (l *logFile) skipMark() error {
	head, _ := l.Peek(3) // what can't be read is met again
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := l.Discard(len(head))
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return loglake.Errorf(loglake.CodeInvalid, "%s is UTF-16, and logs are UTF-8", l.name).
			WithHint("iconv -f UTF-16 -t UTF-8 < %s > utf-8.log makes one of it", shellWord(l.name))
	}
	return nil
}

func (l *logFile) decompress(raw *bufio.Reader) (io.Reader, error) {
	magic, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case len(magic) > 1 && magic[0] == 0x1f && magic[1] == 0x8b:
		return gzip.NewReader(raw)
	case string(magic) == "\x28\xb5\x2f\xfd":
		d, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(sourceMemoryMax))
		if err != nil {
			return nil, err
		}
		l.close = append(l.close, func() error { d.Close(); return nil })
		return d, nil
	}
	l.grows = l.name != "-"
	return raw, nil
}

// Close closes the file.
func (l *logFile) Close() (err error) {
	for _, c := range l.close {
		err = errors.Join(err, c())
	}
	l.close = nil
	return err
}

// meter counts what is read.
type meter struct {
	r io.Reader
	n *atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n.Add(int64(n))
	return n, err
}
