package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pipeline"
)

// filter is a subscription filter that a group is to have.
type filter struct {
	name    string
	pattern string
	stream  loglake.StreamName // where it sends, or
	route   loglake.GroupName
}

// target names where a filter sends.
func (f filter) target() string {
	if f.route != "" {
		return "log group " + string(f.route)
	}
	return "delivery stream " + string(f.stream)
}

// filters gives the filters of a group, those of streams first.
func filters(p *pipeline.Pipeline, g pipeline.Group) []filter {
	var out []filter
	for _, s := range p.Streams {
		for _, from := range s.From {
			if from == g.Name {
				out = append(out, filter{name: s.FilterName(), pattern: s.Filter, stream: s.Name})
			}
		}
	}
	for _, r := range g.Routes {
		out = append(out, filter{name: r.FilterName(), pattern: r.Filter, route: r.To})
	}
	return out
}

func (l *look) lookFilters(ctx context.Context) error {
	for _, g := range l.pipeline.Groups {
		there := map[string]logtypes.SubscriptionFilter{}
		if l.groups[g.Name] {
			var err error
			if there, err = l.subscriptions(ctx, g.Name); err != nil {
				return err
			}
		}
		wanted := filters(l.pipeline, g)
		for _, f := range wanted {
			was, ok := there[f.name]
			if !ok && f.route == "" && !room(there, wanted) {
				l.add(full(g.Name, f, unwanted(there, wanted)))
				continue
			}
			var before []fact
			if ok {
				before = []fact{{"pattern", pattern(aws.ToString(was.FilterPattern))}, {"to", targetOf(aws.ToString(was.DestinationArn))}}
			}
			details := differences(before, []fact{{"pattern", pattern(f.pattern)}, {"to", f.target()}})
			l.step("subscription filter "+f.name+" of "+string(g.Name), presence(ok), details, func(ctx context.Context) error {
				return l.putFilter(ctx, g.Name, f)
			})
		}
		if err := l.strayFilters(ctx, g, there); err != nil {
			return err
		}
	}
	return nil
}

// room tells whether a group may have the filters that are there and those that are wanted. Routes are not counted.
func room(there map[string]logtypes.SubscriptionFilter, wanted []filter) bool {
	feeds := 0
	for _, name := range unwanted(there, wanted) {
		if !strings.HasPrefix(targetOf(aws.ToString(there[name].DestinationArn)), "log group ") {
			feeds++
		}
	}
	for _, f := range wanted {
		if f.route == "" {
			feeds++
		}
	}
	return feeds <= loggroup.SubscriptionsMax
}

// full is a filter that the service would refuse, and goes on refusing while the SDK repeats the call.
func full(group loglake.GroupName, f filter, others []string) Step {
	return Step{What: "subscription filter " + f.name + " of " + string(group), Do: Refuse, Warning: fmt.Sprintf(
		"the service has no more than %d filters for a group, and %s has some that the file has not: %s; remove what is not needed any more: %s",
		loggroup.SubscriptionsMax, group, strings.Join(others, ", "), deleteFilter(group, others[0]))}
}

func pattern(text string) string {
	if text == "" {
		return "all events"
	}
	return text
}

// subscriptions gives the filters of a group by name.
func (l *look) subscriptions(ctx context.Context, group loglake.GroupName) (map[string]logtypes.SubscriptionFilter, error) {
	out := map[string]logtypes.SubscriptionFilter{}
	pages := cloudwatchlogs.NewDescribeSubscriptionFiltersPaginator(l.logs, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: aws.String(string(group))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range page.SubscriptionFilters {
			out[aws.ToString(f.FilterName)] = f
		}
	}
	return out, nil
}

// targetOf names what an ARN is of, as target does.
func targetOf(arn string) string {
	if _, name, ok := strings.Cut(arn, ":deliverystream/"); ok {
		return "delivery stream " + name
	}
	if _, name, ok := strings.Cut(arn, ":log-group:"); ok {
		return "log group " + strings.TrimSuffix(name, ":*")
	}
	return arn
}

func (l *look) putFilter(ctx context.Context, group loglake.GroupName, f filter) error {
	in := &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(string(group)), FilterName: aws.String(f.name), FilterPattern: aws.String(f.pattern),
	}
	if f.route != "" {
		target, err := l.group(ctx, f.route)
		if err != nil {
			return err
		}
		if target == nil {
			return loglake.Errorf(loglake.CodeNotFound, "the log group %s has gone", f.route)
		}
		in.DestinationArn = target.Arn
	} else {
		out, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String(string(f.stream))})
		if err != nil {
			return err
		}
		in.DestinationArn, in.RoleArn = out.DeliveryStreamDescription.DeliveryStreamARN, aws.String(role)
	}
	_, err := l.logs.PutSubscriptionFilter(ctx, in)
	return err
}
