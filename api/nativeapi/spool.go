package nativeapi

import (
	"net/http"
	"strconv"

	"github.com/loglake/loglake"
)

// SpoolPosition is the answer to GET /v1/spools/ID?group=G.
type SpoolPosition struct {
	Position int64  `json:"position"`      // of the event that the spool goes on with; 0 where the spool is not known
	Sum      string `json:"sum,omitempty"` // that the client sent with the put before that position, in hexadecimal
}

// spool tells a client that was restarted where its spool goes on.
func (h *handler) spool(w http.ResponseWriter, r *http.Request) {
	group := r.URL.Query().Get("group")
	if group == "" {
		h.fail(w, loglake.Errorf(loglake.CodeInvalid, "the parameter group is missing: a spool is one of a log group").
			WithHint("GET /v1/spools/ID?group=/app/api"))
		return
	}
	at, sum, err := h.Groups.SpoolPosition(loglake.GroupName(group), r.PathValue("id"))
	if err != nil {
		h.fail(w, err)
		return
	}
	out := SpoolPosition{Position: at}
	if sum != 0 {
		out.Sum = strconv.FormatUint(sum, 16)
	}
	answer(w, http.StatusOK, out)
}
