package nativeapi

import (
	"encoding/json"
	"net/http"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
)

// backupRequestMax bounds what says which files a receiver has.
const backupRequestMax = 16 << 20

// backup streams the lake. A failure after the first byte leaves the stream without its end, by which the
// receiver sees it.
func (h *handler) backup(w http.ResponseWriter, r *http.Request) {
	var request backup.Request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, backupRequestMax)).Decode(&request); err != nil {
		h.fail(w, loglake.Errorf(loglake.CodeInvalid, "the body has to be what the receiver has, as JSON: %v", err))
		return
	}
	_ = r.Body.Close() // its room is others' while the lake is sent
	out := &began{ResponseWriter: w}
	w.Header().Set("Content-Type", "application/x-tar")
	err := h.Backup(r.Context(), out, request)
	switch {
	case err == nil:
	case !out.yes:
		w.Header().Del("Content-Type")
		h.fail(w, err)
	default:
		if r.Context().Err() == nil { // otherwise it is the receiver that went
			h.OnError(err)
		}
	}
}

// began tells whether an answer's bytes have begun.
type began struct {
	http.ResponseWriter
	yes bool
}

func (b *began) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}
