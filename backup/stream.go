package backup

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/loglake/loglake"
)

// The stream is a tar archive: beginName, then files, then endName. A stream without its end broke off.
const (
	beginName = "begin.json"
	endName   = "end.json"
)

// begin is what a stream begins with.
type begin struct {
	Format int
	Files  int   // that follow
	Bytes  int64 // of them
}

// end is the list, in which files that were not sent have In -1 and no checksum.
type end = List

const notSent = -1

func writeText(w *tar.Writer, name string, v any) error {
	text, err := seal(v)
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func readText(r *tar.Reader, h *tar.Header, name string, v any) error {
	const textMax = 1 << 30
	if h.Name != name || h.Size > textMax {
		return fmt.Errorf("%q of %d bytes is where %s has to be", h.Name, h.Size, name)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return unseal(text, v)
}

func fileHeader(f File) *tar.Header {
	return &tar.Header{Name: f.Path, Mode: 0o644, Size: f.Bytes, ModTime: time.Unix(0, f.Modified), Format: tar.FormatPAX}
}

// broken words the end of a stream that is none.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &loglake.Error{Code: loglake.CodeUnavailable, Err: err, Message: fmt.Sprintf("the backup broke off: %v", err),
		Hint: "the last whole backup is as it was; the server's log says more"}
}
