package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/loggroup"
)

// tally is what was put.
type tally struct {
	events, bytes int64
	took          time.Duration
	notJSON       int64
}

// put puts the entries of a source, as many in a call as the service takes.
func (s *story) put(ctx context.Context, from source) (t tally, err error) {
	began := time.Now()
	var batch []cwl.InputLogEvent
	room := loggroup.PutBytesMax
	send := func() error {
		if err := s.putBatch(ctx, batch); err != nil {
			return fmt.Errorf("put %d events: %w", len(batch), err)
		}
		t.events += int64(len(batch))
		batch, room = batch[:0], loggroup.PutBytesMax
		s.showProgress(t.events, from.total)
		return nil
	}
	for e, err := range from.entries {
		if err != nil {
			return t, err
		}
		bytes := len(e.text) + loggroup.EventOverhead
		if len(batch) == putEvents || bytes > room {
			if err := send(); err != nil {
				return t, err
			}
		}
		batch = append(batch, cwl.InputLogEvent{Timestamp: aws.Int64(e.at.UnixMilli()), Message: aws.String(e.text)})
		room -= bytes
		t.bytes += int64(len(e.text)) + 1 // the newline of the raw line
		if !json.Valid([]byte(e.text)) {
			t.notJSON++
		}
	}
	if len(batch) > 0 {
		err = send()
	}
	t.took = time.Since(began)
	fmt.Fprint(s.progress, "\r\033[K")
	return t, err
}

// putEvents is how many events the demo puts at most in a call: fewer than the service takes, so that there is some
// progress to see.
const putEvents = 2_000

func (s *story) putBatch(ctx context.Context, batch []cwl.InputLogEvent) error {
	answer, err := s.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String(demoGroup), LogStreamName: aws.String(demoStream), LogEvents: batch,
	})
	if err != nil {
		return err
	}
	if r := answer.RejectedLogEventsInfo; r != nil {
		return errors.New("the service left events out because of their age; is the clock right?")
	}
	return nil
}

func (s *story) showProgress(done int64, total int) {
	if total > 0 {
		fmt.Fprintf(s.progress, "\rput %s of %s events\033[K", grouped(done), grouped(int64(total)))
		return
	}
	fmt.Fprintf(s.progress, "\rput %s lines\033[K", grouped(done))
}

// flush has a delivery stream write what it has now, and waits for the commit.
func (s *story) flush(ctx context.Context, b branch) error {
	server, err := client.New(client.Config{Endpoint: s.endpoints.AWS, Region: s.region})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, nativeapi.FlushWait)
	defer cancel()
	var answer struct{ Objects []nativeapi.FlushedObject }
	if err := server.Call(ctx, http.MethodPost, "/v1/streams/"+b.stream+"/flush", nil, &answer); err != nil {
		return fmt.Errorf("flush %s: %w", b.stream, err)
	}
	return nil
}

// get reads a page of native HTTP.
func (s *story) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoints.HTTP+path, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
