package apply

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
)

func (l *look) lookGroups(ctx context.Context) error {
	for _, g := range l.pipeline.Groups {
		there, err := l.group(ctx, g.Name)
		if err != nil {
			return err
		}
		l.groups[g.Name] = there != nil
		days := 0
		if there != nil && there.RetentionInDays != nil {
			days = int(*there.RetentionInDays)
		}
		var details []Detail
		if days != g.RetentionDays {
			details = []Detail{{Name: "retention", From: retention(days), To: retention(g.RetentionDays)}}
		}
		if there == nil {
			details = []Detail{{Name: "retention", To: retention(g.RetentionDays)}}
		}
		l.step("log group "+string(g.Name), presence(there != nil), details, func(ctx context.Context) error {
			if there == nil {
				if err := l.createGroup(ctx, g.Name); err != nil || g.RetentionDays == 0 {
					return err
				}
			}
			return l.setRetention(ctx, g)
		})
		if there != nil && g.RetentionDays > 0 && (days == 0 || days > g.RetentionDays) {
			l.plan.Steps[len(l.plan.Steps)-1].Warning = "events that are older than " + retention(g.RetentionDays) + " go"
		}
	}
	return nil
}

func retention(days int) string {
	if days == 0 {
		return "forever"
	}
	return strconv.Itoa(days) + "d"
}

// group gives the group of that very name, nil where there is none.
func (l *look) group(ctx context.Context, name loglake.GroupName) (*logtypes.LogGroup, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(l.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(string(name))})
	page, err := pages.NextPage(ctx) // in order of names: that of the prefix itself is the first
	if err != nil || len(page.LogGroups) == 0 || aws.ToString(page.LogGroups[0].LogGroupName) != string(name) {
		return nil, err
	}
	return &page.LogGroups[0], nil
}

func (l *look) createGroup(ctx context.Context, name loglake.GroupName) error {
	_, err := l.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String(string(name)), Tags: map[string]string{MarkKey: MarkValue},
	})
	return unless(err, "ResourceAlreadyExistsException")
}

func (l *look) setRetention(ctx context.Context, g pipeline.Group) error {
	name := aws.String(string(g.Name))
	if g.RetentionDays == 0 {
		_, err := l.logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: name})
		return err
	}
	_, err := l.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(int32(g.RetentionDays))})
	return err
}
