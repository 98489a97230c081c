package capture

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Loss is what had to go because a bounded buffer was full.
type Loss struct {
	Lines, Bytes int64
	From, To     int64 // when the first and the last of them were read, milliseconds of the Unix epoch
}

// span widens the time of the loss to at.
func (l *Loss) span(at int64) {
	if l.From == 0 || at < l.From {
		l.From = at
	}
	l.To = max(l.To, at)
}

// add adds another loss.
func (l *Loss) add(o Loss) {
	l.Lines += o.Lines
	l.Bytes += o.Bytes
	for _, at := range []int64{o.From, o.To} {
		if at != 0 {
			l.span(at)
		}
	}
}

// Reasons of a loss, as the report in the group has them.
const (
	reasonSpoolFull = "spool full" // the server took too little for too long
	reasonDiskSlow  = "disk slow"  // the spool took too little: its disk stalls
	reasonDamaged   = "spool damaged"
)

// report is the event that tells a loss in the group itself. docs/capture.md documents it.
type report struct {
	Loglake string `json:"loglake"` // "dropped"
	Level   string `json:"level"`
	Message string `json:"message"`
	Lines   int64  `json:"lines"`
	Bytes   int64  `json:"bytes"`
	From    string `json:"from"`
	To      string `json:"to"`
	Reason  string `json:"reason"`
}

func reportOf(l Loss, reason string) []byte {
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
	text, err := json.Marshal(report{Loglake: "dropped", Level: "WARN", Message: "loglake dropped log lines: " + reason,
		Lines: l.Lines, Bytes: l.Bytes, From: at(l.From), To: at(l.To), Reason: reason})
	if err != nil {
		return []byte(`{"loglake":"dropped"}`) // strings and numbers always marshal
	}
	return text
}

// losses collects what was lost, until it is told.
type losses struct {
	mu    sync.Mutex // guards what follows
	rings []*ring
	told  map[string]Loss
	total Loss
}

// watch has what a ring loses count.
func (l *losses) watch(r *ring) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rings = append(l.rings, r)
}

// add counts a loss.
func (l *losses) add(loss Loss, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.add(loss)
	l.tell(loss, reason)
}

// again has a loss told once more, because its report was lost.
func (l *losses) again(loss Loss, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(loss, reason)
}

// tell puts a loss among those that take gives. l.mu is held.
func (l *losses) tell(loss Loss, reason string) {
	if loss.Lines == 0 && loss.Bytes == 0 {
		return
	}
	if l.told == nil {
		l.told = map[string]Loss{}
	}
	sum := l.told[reason]
	sum.add(loss)
	l.told[reason] = sum
}

// take gives the losses since the last call, by reason.
func (l *losses) take() map[string]Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rings {
		loss := r.losses()
		l.total.add(loss)
		l.tell(loss, reasonDiskSlow)
	}
	told := l.told
	l.told = nil
	return told
}

// sum gives all that was lost.
func (l *losses) sum() Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

func lossText(l Loss, reason string) string {
	return fmt.Sprintf("%d lines (%d bytes) were dropped: %s", l.Lines, l.Bytes, reason)
}
