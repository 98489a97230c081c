package engine

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A frame is four bytes of payload length, little-endian, one byte of kind, and the payload.
type frameKind byte

const (
	frameHello  frameKind = 'H' // to the child, first: hello as JSON
	frameQuery  frameKind = 'Q' // to the child: Request as JSON
	frameCancel frameKind = 'C' // to the child: stop the running query; no payload
	frameSchema frameKind = 'S' // to the parent: []Field as JSON
	frameBatch  frameKind = 'B' // to the parent: rows, see appendBatch
	frameDone   frameKind = 'D' // to the parent: the query's end; no payload
	frameFault  frameKind = 'E' // to the parent: Fault as JSON, the query's end
)

const (
	// frameBytesMax bounds a frame; a longer one is taken for a broken stream.
	frameBytesMax = 256 << 20
	// batchBytesSoft is where the child splits a batch by rows.
	batchBytesSoft = 4 << 20
)

// hello is what a child is told once.
type hello struct {
	Dir       string
	MemoryMax int64
	SpillMax  int64
	Threads   int
}

func writeFrame(w io.Writer, kind frameKind, payload []byte) error {
	if len(payload) > frameBytesMax {
		return fmt.Errorf("write frame: %d bytes exceed %d", len(payload), frameBytesMax)
	}
	var head [5]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(payload)))
	head[4] = byte(kind)
	if _, err := w.Write(head[:]); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	if _, err := w.Write(payload); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

func writeJSONFrame(w io.Writer, kind frameKind, value any) error {
	payload, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	return writeFrame(w, kind, payload)
}

// readFrame reads one frame into buf, which it grows as needed and gives back in payload. The error is io.EOF only
// between frames. Memory is taken as bytes arrive, so a damaged length costs nothing.
func readFrame(r io.Reader, buf []byte) (kind frameKind, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, buf[:0], err
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if n > frameBytesMax {
		return 0, buf[:0], fmt.Errorf("read frame: length %d exceeds %d", n, frameBytesMax)
	}
	const step = 1 << 20
	buf = buf[:0]
	for len(buf) < n {
		from := len(buf)
		buf = append(buf, make([]byte, min(step, n-from))...)
		if _, err := io.ReadFull(r, buf[from:]); err != nil {
			return 0, buf[:0], fmt.Errorf("read frame: %w", io.ErrUnexpectedEOF)
		}
	}
	return frameKind(head[4]), buf, nil
}
