// Package apply brings a server to what a pipeline declares: it looks what is there (Look gives a Plan), and does what is
// missing (Plan.Apply), by the very calls that a user would make with the AWS CLI: CreateBucket, CreateLogGroup,
// PutRetentionPolicy, CreateTable, CreateDeliveryStream, PutSubscriptionFilter and so on.
//
// Applying is idempotent: what is as declared is left alone, and a second time does nothing. It never deletes. What is
// on the server and not in the file stays, whoever made it; what the file had made and has no more (it carries the mark
// MarkKey) is listed with the command that removes it. A change that would put rows out of sight (another location, other
// partition keys) is refused, and nothing at all is done then.
//
// Steps go from what is named to who names it: buckets, groups, the database, tables, streams, filters. A step that fails
// ends the run with an error that says what was done; the next run goes on from there.
package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/pipeline"
)

// What the file makes is marked by this tag (groups, streams) or parameter (tables).
const (
	MarkKey   = "loglake:from"
	MarkValue = pipeline.FileName
)

// Action is what a plan does to a resource.
type Action string

// The actions. Refuse is a change that apply does not make.
const (
	Keep   Action = "keep"
	Create Action = "create"
	Change Action = "change"
	Refuse Action = "refuse"
)

// Step is one resource of the pipeline, and what becomes of it.
type Step struct {
	What    string   `json:"what"` // log group /app/api
	Do      Action   `json:"do"`
	Details []Detail `json:"details,omitempty"`
	Warning string   `json:"warning,omitempty"` // what the change does to what is there already; of Refuse, why and what to do

	run func(context.Context) error
}

// Detail is one property of a resource; From is "" where there was none, To where there will be none.
type Detail struct {
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

func (d Detail) String() string {
	switch {
	case d.From == "":
		return d.Name + ": " + d.To
	case d.To == "":
		return d.Name + ": " + d.From + " → none"
	}
	return d.Name + ": " + d.From + " → " + d.To
}

// String is the step as a line: what is done, to what, and of a change how. What a new resource looks like is in Details.
func (s Step) String() string {
	var details []string
	for _, d := range s.Details {
		details = append(details, d.String())
	}
	line := string(s.Do) + " " + s.What
	if s.Do == Change {
		line += ": " + strings.Join(details, ", ")
	}
	return line
}

// Leftover is something that the file had made and does not have any more.
type Leftover struct {
	What    string `json:"what"`
	Remove  string `json:"remove"`            // the command that removes it
	Warning string `json:"warning,omitempty"` // what it does as long as it stays
}

// Plan is what applying a pipeline does to a server.
type Plan struct {
	Steps     []Step     `json:"steps"`
	Leftovers []Leftover `json:"not_in_the_file,omitempty"`
}

// Changes gives the steps that do something, or would if they were not refused.
func (p *Plan) Changes() []Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Do == Keep })
}

// look finds out what there is to do.
type look struct {
	logs     *cloudwatchlogs.Client
	firehose *firehose.Client
	glue     *glue.Client
	s3       *s3.Client

	pipeline *pipeline.Pipeline
	plan     Plan
	groups   map[loglake.GroupName]bool // that are there
}

// Look compares a pipeline with what a server has. Nothing is changed. The error is that of the first call that failed.
func Look(ctx context.Context, server *client.Client, p *pipeline.Pipeline) (*Plan, error) {
	if err := server.Call(ctx, "GET", "/v1/streams", nil, nil); err != nil {
		return nil, err // in the client's own words, where it is no loglake or nobody answers
	}
	l := &look{
		logs: server.Logs(), firehose: server.Firehose(), glue: server.Glue(), s3: server.S3(),
		pipeline: p, plan: Plan{Steps: []Step{}}, groups: map[loglake.GroupName]bool{},
	}
	for _, part := range []func(context.Context) error{l.lookBuckets, l.lookGroups, l.lookDatabase, l.lookTables, l.lookStreams, l.lookFilters, l.lookLeftovers} {
		if err := part(ctx); err != nil {
			return nil, explain(err)
		}
	}
	return &l.plan, nil
}

func (l *look) add(s Step) { l.plan.Steps = append(l.plan.Steps, s) }

// presence tells whether a resource is there already.
type presence bool

// step notes a resource: created where it is not there, changed where it has details, kept otherwise.
func (l *look) step(what string, there presence, details []Detail, run func(context.Context) error) {
	s := Step{What: what, Do: Keep, Details: details, run: run}
	switch {
	case !bool(there):
		s.Do = Create
	case len(details) > 0:
		s.Do = Change
	}
	l.add(s)
}

// Apply does the steps of the plan in their order and tells of each that was done; told may be nil. Where a step is
// refused, none is done. Where one fails, those behind it are not tried.
func (p *Plan) Apply(ctx context.Context, told func(Step)) error {
	changes := p.Changes()
	for _, s := range changes {
		if s.Do == Refuse {
			return loglake.Errorf(loglake.CodeConflict, "%s is not changed, and nothing else is: %s", s.What, s.Warning)
		}
	}
	for i, s := range changes {
		if err := s.run(ctx); err != nil {
			return stopped(changes, i, explain(err))
		}
		if told != nil {
			told(s)
		}
	}
	return nil
}

// stopped says what was done and what was not when a step failed.
func stopped(changes []Step, at int, err error) error {
	var done, open []string
	for i, s := range changes {
		text := string(s.Do) + " " + s.What
		if i < at {
			done = append(done, text)
		} else if i > at {
			open = append(open, text)
		}
	}
	list := func(steps []string) string {
		if len(steps) == 0 {
			return "nothing"
		}
		return strings.Join(steps, ", ")
	}
	return &loglake.Error{
		Code: loglake.CodeOf(err), Err: err,
		Message: fmt.Sprintf("%s %s failed: %s", changes[at].Do, changes[at].What, message(err)),
		Hint:    fmt.Sprintf("done: %s; still to do: %s; the next run goes on from there", list(done), list(open)),
	}
}
