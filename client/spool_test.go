package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake/client"
)

// What a server leaves out is counted, however it says so; of one without spools the position is what was sent.
func TestPutSpool(t *testing.T) {
	events := make([]cwl.InputLogEvent, 5)
	for i := range events {
		events[i] = cwl.InputLogEvent{Timestamp: aws.Int64(1), Message: aws.String("m")}
	}
	for answer, want := range map[string]client.Accepted{
		`{}`: {Next: 15},
		`{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":2}}`:                                {Next: 15, Refused: 2},
		`{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":2,"expiredLogEventEndIndex":3}}`:    {Next: 15, Refused: 3},
		`{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":4}}`:                              {Next: 15, Refused: 1},
		`{"rejectedLogEventsInfo":{"expiredLogEventEndIndex":1,"tooNewLogEventStartIndex":3}}`:  {Next: 15, Refused: 3},
		`{"rejectedLogEventsInfo":{"expiredLogEventEndIndex":9,"tooNewLogEventStartIndex":-1}}`: {Next: 15, Refused: 5},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answer) // the client notices
		}))
		c, err := client.New(client.Config{Endpoint: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.PutSpool(t.Context(), client.Put{Group: "g", Stream: "s", Spool: "x", Position: 10, Events: events})
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", answer, got, err, want)
		}
		server.Close()
	}
}
