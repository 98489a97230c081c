package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// The names of what the demo makes.
const (
	demoBucket   = "demo-lake"
	demoGroup    = "/demo/api"
	demoStream   = "i-1" // log stream
	demoResults  = "s3://" + demoBucket + "/results/"
	partitionKey = "dt"
)

// story is the demo as a client: it speaks the wire of the AWS services, and knows the server by its addresses only.
type story struct {
	out       io.Writer
	progress  io.Writer
	endpoints server.Endpoints
	region    string

	logs     *cloudwatchlogs.Client
	firehose *firehose.Client
	athena   *athena.Client
	s3       *s3.Client

	branches []branch
	lines    tally // what was put
}

func newStory(out io.Writer, region string, e server.Endpoints) *story {
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(e.AWS),
		Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""), // any will do: none are configured
	}
	return &story{
		out: out, progress: io.Discard, endpoints: e, region: region,
		logs: cloudwatchlogs.NewFromConfig(config), firehose: firehose.NewFromConfig(config), athena: athena.NewFromConfig(config),
		s3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// tell is the whole story, chapter by chapter.
func (s *story) tell(ctx context.Context, from source) (err error) {
	if err := s.setUp(ctx, from); err != nil {
		return fmt.Errorf("set up the demo: %w", err)
	}
	if s.lines, err = s.put(ctx, from); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s %s (%s) put to the log group %s in %s; each answer came after an fsync\n",
		grouped(s.lines.events), from.what, size(s.lines.bytes), demoGroup, s.lines.took.Round(time.Millisecond))
	began := time.Now()
	for _, b := range s.branches {
		if err := s.flush(ctx, b); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "delivered as Parquet in %s\n", time.Since(began).Round(time.Millisecond))
	if err := s.account(ctx); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if !engine.Built {
		fmt.Fprintln(s.out, "\nThis build has no SQL engine, so there are no queries: `make build` with a C++ compiler makes one that has.")
		return nil
	}
	for _, q := range questionsFor(from.columns) {
		if err := s.ask(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// invite says how to go on.
func (s *story) invite() {
	fmt.Fprintf(s.out, `
The server stays up; Ctrl-C ends it. Things to try, with any AWS client:

  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_DEFAULT_REGION=%s
  aws --endpoint-url %s s3 ls --recursive s3://%s
  aws --endpoint-url %s logs filter-log-events --log-group-name %s --filter-pattern '{ $.status_code = 500 }' --max-items 2
  aws --endpoint-url %s athena start-query-execution --query-string 'SELECT count(*) FROM %s' --result-configuration OutputLocation=%s
`, s.region, s.endpoints.AWS, demoBucket, s.endpoints.AWS, demoGroup, s.endpoints.AWS, s.branches[0].table(), demoResults)
}
