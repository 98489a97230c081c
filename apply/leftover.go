package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
)

// looksMax bounds how many groups, and streams, that are not in the file are looked at for the mark: each takes a call.
const looksMax = 1000

func (l *look) leftover(what, format string, args ...any) {
	l.plan.Leftovers = append(l.plan.Leftovers, Leftover{What: what, Remove: fmt.Sprintf(format, args...)})
}

// strayFilters notes filters of a group that the file has no more. A filter has no tags: ours are those named as we name
// them, routes and streams.
func (l *look) strayFilters(ctx context.Context, g pipeline.Group, there map[string]logtypes.SubscriptionFilter) error {
	for _, name := range unwanted(there, filters(l.pipeline, g)) {
		target := targetOf(aws.ToString(there[name].DestinationArn))
		route := pipeline.Route{To: loglake.GroupName(strings.TrimPrefix(target, "log group "))}
		feeds := target == "delivery stream "+name
		if !feeds && name != route.FilterName() {
			continue
		}
		stray := Leftover{What: "subscription filter " + name + " of " + string(g.Name), Remove: deleteFilter(g.Name, name)}
		if feeds {
			var err error
			if stray.Warning, err = l.twice(ctx, g.Name, name); err != nil {
				return err
			}
		}
		l.plan.Leftovers = append(l.plan.Leftovers, stray)
	}
	return nil
}

// unwanted gives the names of those filters that are there and not wanted.
func unwanted(there map[string]logtypes.SubscriptionFilter, wanted []filter) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(there)), func(name string) bool {
		return slices.ContainsFunc(wanted, func(f filter) bool { return f.name == name })
	})
}

func deleteFilter(group loglake.GroupName, name string) string {
	return fmt.Sprintf("aws logs delete-subscription-filter --log-group-name %s --filter-name %s", quote(string(group)), quote(name))
}

// twice warns where a group feeds a table by a stream that the file has no more, and by one that it has: that is what
// becomes of a stream that is called something else.
func (l *look) twice(ctx context.Context, group loglake.GroupName, stream string) (string, error) {
	there, _, err := l.stream(ctx, stream)
	if err != nil || there == nil {
		return "", err
	}
	destination, ok := extended(there)
	if !ok {
		return "", nil
	}
	table, _ := first(facts(destination), "table")
	for _, s := range l.pipeline.Streams {
		if s.Table != "" && table == l.pipeline.Database+"."+s.Table && string(s.Name) != stream && slices.Contains(s.From, group) {
			return fmt.Sprintf("events come into %s twice as long as both are there: by %s, and by %s", table, stream, s.Name), nil
		}
	}
	return "", nil
}

// quote makes one word of text for a shell.
func quote(text string) string {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:@%+,") == "" && text != "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func (l *look) lookLeftovers(ctx context.Context) error {
	for _, part := range []func(context.Context) error{l.strayGroups, l.strayTables, l.strayStreams} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) strayGroups(ctx context.Context) error {
	looked := 0
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(l.logs, &cloudwatchlogs.DescribeLogGroupsInput{})
	for pages.HasMorePages() && looked < looksMax {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.LogGroups {
			name := aws.ToString(g.LogGroupName)
			if _, ok := l.pipeline.Group(loglake.GroupName(name)); ok || looked == looksMax {
				continue
			}
			looked++
			out, err := l.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn})
			if unless(err, "ResourceNotFoundException") != nil {
				return err
			}
			if err == nil && out.Tags[MarkKey] != "" {
				l.leftover("log group "+name, "aws logs delete-log-group --log-group-name %s", quote(name))
			}
		}
	}
	return nil
}

func (l *look) strayTables(ctx context.Context) error {
	database := l.pipeline.Database
	pages := glue.NewGetTablesPaginator(l.glue, &glue.GetTablesInput{DatabaseName: aws.String(database)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if is(err, notFound) {
			return nil // no such database yet
		}
		if err != nil {
			return err
		}
		for _, t := range page.TableList {
			name := aws.ToString(t.Name)
			if _, ok := l.pipeline.Table(name); !ok && t.Parameters[MarkKey] != "" {
				l.leftover("table "+database+"."+name, "aws glue delete-table --database-name %s --name %s", quote(database), quote(name))
			}
		}
	}
	return nil
}

func (l *look) strayStreams(ctx context.Context) error {
	looked, last := 0, (*string)(nil)
	for {
		page, err := l.firehose.ListDeliveryStreams(ctx, &firehose.ListDeliveryStreamsInput{Limit: aws.Int32(100), ExclusiveStartDeliveryStreamName: last})
		if err != nil {
			return err
		}
		for _, name := range page.DeliveryStreamNames {
			last = aws.String(name)
			if _, ok := l.pipeline.Stream(loglake.StreamName(name)); ok {
				continue
			}
			if looked++; looked > looksMax {
				return nil
			}
			tags, err := l.streamTags(ctx, name)
			if unless(err, "ResourceNotFoundException") != nil {
				return err
			}
			if tags[MarkKey] != "" {
				l.leftover("delivery stream "+name, "aws firehose delete-delivery-stream --delivery-stream-name %s", quote(name))
			}
		}
		if !aws.ToBool(page.HasMoreDeliveryStreams) || len(page.DeliveryStreamNames) == 0 {
			return nil
		}
	}
}
