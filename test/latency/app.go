package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"github.com/loglake/loglake/internal/disk"
)

// load is what the application writes.
type load struct {
	Lines int // in all
	Rate  int // a second
	Bytes int // of a line
}

// tick is the application's beat: it writes the lines of a tick one after the other, as one that serves requests does.
const tick = time.Millisecond

// app is the application: it prints lines, times each write(2), and leaves the histogram in a file.
func app(l load, result string) error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // its own pauses are not what is measured
	var h histogram
	line := bytes.Repeat([]byte("x"), l.Bytes)
	line[l.Bytes-1] = '\n'
	begin := time.Now()
	for written := 0; written < l.Lines; {
		due := min(l.Lines, int(time.Since(begin).Seconds()*float64(l.Rate))+1)
		for ; written < due; written++ {
			copy(line, fmt.Sprintf(`{"level":"INFO","n":%010d,"path":"/api/orders","message":"`, written))
			copy(line[len(line)-3:], "\"}\n")
			if err := timed(&h, line); err != nil {
				return err
			}
		}
		time.Sleep(tick)
	}
	text, err := json.Marshal(&h)
	if err != nil {
		return err
	}
	return disk.WriteFile(disk.Real(), result, text)
}

func timed(h *histogram, line []byte) error {
	for len(line) > 0 {
		begin := time.Now()
		n, err := unix.Write(int(os.Stdout.Fd()), line)
		h.add(time.Since(begin))
		if err != nil {
			return err
		}
		line = line[n:]
	}
	return nil
}
