package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/client"
)

// patient is all that the checks look at, gathered once.
type patient struct {
	endpoint string
	clock    time.Time // ours, when the server told its own
	status   *nativeapi.Status
	buckets  map[string]bool         // nil: they could not be listed
	rejects  map[string][]rejectLine // the newest reject object, by stream
	samples  map[string][]string     // the newest messages, the newest first, by log group
}

// What doctor looks at of a large lake.
const (
	sampleGroupsMax  = 50
	sampleEventsMax  = 200
	sampleStreamsMax = 50
	sampleSince      = 7 * 24 * time.Hour
)

// gather asks the server for everything. Where it can't be asked, that is the finding.
func gather(ctx context.Context, server *client.Client, progress io.Writer) (*patient, *finding) {
	p := &patient{endpoint: server.Endpoint(), rejects: map[string][]rejectLine{}, samples: map[string][]string{}}
	asked := time.Now()
	s, err := readStatus(ctx, server, nativeapi.StatusLimitMax)
	if err != nil {
		f := unreachable(ctx, server, err)
		return nil, &f
	}
	p.status, p.clock = s, asked.Add(time.Since(asked)/2)
	store := server.S3()
	if out, err := store.ListBuckets(ctx, &s3.ListBucketsInput{}); err == nil {
		p.buckets = map[string]bool{}
		for _, b := range out.Buckets {
			p.buckets[aws.ToString(b.Name)] = true
		}
	}
	p.gatherRejects(ctx, server, progress)
	p.gatherSamples(ctx, server, progress)
	fmt.Fprint(progress, "\r\x1b[K")
	return p, nil
}

func (p *patient) gatherRejects(ctx context.Context, server *client.Client, progress io.Writer) {
	asked := 0
	for _, st := range p.status.Streams {
		if st.LastRejects == nil || asked == sampleStreamsMax {
			continue
		}
		asked++
		fmt.Fprintf(progress, "\r\x1b[Klooking at the rejects of %s", printable(st.Name))
		text, err := readObject(ctx, server.S3(), server.Endpoint(), "s3://"+st.LastRejects.Bucket+"/"+st.LastRejects.Key)
		if err == nil { // one that was removed meanwhile tells nothing
			p.rejects[st.Name] = parseRejects(text)
		}
	}
}

func (p *patient) gatherSamples(ctx context.Context, server *client.Client, progress io.Writer) {
	asked, logs := 0, server.Logs()
	for _, g := range p.status.Groups {
		if g.Events == 0 || len(g.Filters) == 0 || asked == sampleGroupsMax {
			continue
		}
		asked++
		fmt.Fprintf(progress, "\r\x1b[Klooking at the newest events of %s", printable(g.Name))
		out, err := logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: &g.Name, StartFromHead: aws.Bool(false), Limit: aws.Int32(sampleEventsMax),
			StartTime: aws.Int64(p.status.Server.Now.Add(-sampleSince).UnixMilli()),
		})
		if err != nil {
			continue // deleted meanwhile
		}
		for _, e := range out.Events {
			p.samples[g.Name] = append(p.samples[g.Name], aws.ToString(e.Message))
		}
	}
}

// unreachable says why a server could not be asked.
func unreachable(ctx context.Context, server *client.Client, err error) finding {
	f := finding{Check: "reach", Level: levelProblem, About: "server " + server.Endpoint(), Seen: err.Error()}
	var e *loglake.Error
	if errors.As(err, &e) {
		f.Seen = e.Message
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "HTTP response to HTTPS client"):
		f.Means, f.Command = "The server there speaks HTTP without TLS, and the address says https.", "export LOGLAKE_ENDPOINT="+strings.Replace(server.Endpoint(), "https:", "http:", 1)
	case strings.Contains(text, "certificate"):
		f.Means = "The server's certificate is not one that this machine trusts. Add its authority to the system's, or name the host as the certificate does."
	case strings.Contains(text, "Signature expired") || strings.Contains(text, "not yet current"):
		f.Means, f.Command = "The clocks of this machine and of the server differ by more than 15 minutes, so no signature is good.", "timedatectl set-ntp true"
	case strings.Contains(text, "security token"):
		f.Means = "The server knows no such access key. Use a pair of the file that it was given with --credentials."
		f.Command = "export LOGLAKE_ACCESS_KEY_ID=… LOGLAKE_SECRET_ACCESS_KEY=…"
	case strings.Contains(text, "signature we calculated"):
		f.Means = "The access key is right and the secret key is another one."
		f.Command = "export LOGLAKE_ACCESS_KEY_ID=… LOGLAKE_SECRET_ACCESS_KEY=…"
	case isNativeAddress(ctx, server.Endpoint()):
		f.Seen = "the address is that of native HTTP, where the page and the metrics are"
		f.Means, f.Command = "The commands and the AWS clients take the address of the AWS services, 4566 unless it was changed.", "export LOGLAKE_ENDPOINT="+client.DefaultEndpoint
	case loglake.CodeOf(err) == loglake.CodeUnavailable && strings.Contains(text, "not as a loglake does"):
		f.Means, f.Command = "Something else listens there, or an old loglake.", "loglake doctor --endpoint ADDRESS"
	case loglake.CodeOf(err) == loglake.CodeUnavailable:
		f.Means = "Nothing listens at that address. Start a server, or name the one that runs: its log says `ready aws=…`."
		f.Command = "loglake serve\nexport LOGLAKE_ENDPOINT=ADDRESS"
	default:
		f.Means = "The server could not be asked; its log says more."
	}
	return f
}

// probeTimeout bounds the question whether an address is the other one.
const probeTimeout = 2 * time.Second

// isNativeAddress tells whether an address is that of a loglake's native HTTP.
func isNativeAddress(ctx context.Context, endpoint string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64))
	return err == nil && strings.TrimSpace(string(body)) == `{"status":"ok"}`
}
