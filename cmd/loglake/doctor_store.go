package main

import (
	"fmt"
	"time"

	"github.com/loglake/loglake/api/nativeapi"
)

// journalNearly is the part of its limit at which a journal is told of.
const journalNearly = 0.8

func checkJournal(p *patient) []finding {
	s := p.status.Server
	if s.JournalMax == 0 || float64(s.JournalBytes) < journalNearly*float64(s.JournalMax) {
		return nil
	}
	return []finding{problem("journal", fmt.Sprintf("it holds %s and its limit is %s", size(s.JournalBytes), size(s.JournalMax)),
		"At the limit puts are refused with the services' throttling errors until deliveries have caught up or events have expired; nothing that was acknowledged is lost. "+
			"If no stream is failing, it is what the groups keep: shorten their retention, or raise --journal-max.", "loglake status\naws logs put-retention-policy --log-group-name GROUP --retention-in-days 7")}
}

// since says for how long a stream has failed.
func since(now time.Time, s nativeapi.StreamState) string {
	if s.Failing == nil {
		return ""
	}
	return " has failed for " + span(max(now.Sub(*s.Failing), 0)) + ", and"
}

// where says where the buckets are.
func where(store string) string {
	if store == "" {
		return ""
	}
	return " Its buckets are in " + store + "."
}
