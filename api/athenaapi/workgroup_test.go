package athenaapi_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestWorkGroup(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	name, ten := aws.String("logs"), aws.Int64(10_000_000)
	must(c.CreateWorkGroup(ctx, &athena.CreateWorkGroupInput{Name: name, Description: aws.String("of the logs"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}},
		Configuration: &types.WorkGroupConfiguration{BytesScannedCutoffPerQuery: ten, PublishCloudWatchMetricsEnabled: aws.Bool(true),
			ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://my-bucket/r/")}}}))(t)
	get := func() *types.WorkGroup {
		t.Helper()
		return must(c.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: name}))(t).WorkGroup
	}
	want := &types.WorkGroup{Name: name, Description: aws.String("of the logs"), State: types.WorkGroupStateEnabled, Configuration: &types.WorkGroupConfiguration{
		BytesScannedCutoffPerQuery: ten, PublishCloudWatchMetricsEnabled: aws.Bool(true), EnforceWorkGroupConfiguration: aws.Bool(true), RequesterPaysEnabled: aws.Bool(false),
		EnableMinimumEncryptionConfiguration: aws.Bool(false), ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://my-bucket/r/")},
		EngineVersion: &types.EngineVersion{SelectedEngineVersion: aws.String("AUTO"), EffectiveEngineVersion: aws.String("Athena engine version 3")}}}
	same := func() {
		t.Helper()
		got := get()
		got.CreationTime = nil
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.WorkGroup{}, types.WorkGroupConfiguration{}, types.ResultConfiguration{}, types.EngineVersion{})); diff != "" {
			t.Error(diff)
		}
	}
	same()

	must(c.UpdateWorkGroup(ctx, &athena.UpdateWorkGroupInput{WorkGroup: name, State: types.WorkGroupStateDisabled, ConfigurationUpdates: &types.WorkGroupConfigurationUpdates{
		RemoveBytesScannedCutoffPerQuery: aws.Bool(true), EnforceWorkGroupConfiguration: aws.Bool(false),
		ResultConfigurationUpdates: &types.ResultConfigurationUpdates{RemoveOutputLocation: aws.Bool(true), RemoveEncryptionConfiguration: aws.Bool(true)}}}))(t)
	want.State = types.WorkGroupStateDisabled
	want.Configuration.BytesScannedCutoffPerQuery, want.Configuration.EnforceWorkGroupConfiguration = nil, aws.Bool(false)
	want.Configuration.ResultConfiguration = &types.ResultConfiguration{}
	same()

	arn := aws.String("arn:aws:athena:us-east-1:123456789012:workgroup/logs")
	must(c.TagResource(ctx, &athena.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("env"), Value: aws.String("")}}}))(t)
	must(c.UntagResource(ctx, &athena.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"team", "none"}}))(t)
	tags := must(c.ListTagsForResource(ctx, &athena.ListTagsForResourceInput{ResourceARN: arn}))(t).Tags
	if len(tags) != 1 || *tags[0].Key != "env" || *tags[0].Value != "" {
		t.Errorf("tags %+v", tags)
	}
	list := must(c.ListWorkGroups(ctx, &athena.ListWorkGroupsInput{MaxResults: aws.Int32(1)}))(t)
	rest := must(c.ListWorkGroups(ctx, &athena.ListWorkGroupsInput{NextToken: list.NextToken}))(t)
	if len(list.WorkGroups) != 1 || *list.WorkGroups[0].Name != "logs" || len(rest.WorkGroups) != 1 || *rest.WorkGroups[0].Name != "primary" || rest.NextToken != nil {
		t.Errorf("%+v then %+v", list.WorkGroups, rest.WorkGroups)
	}
	must(c.DeleteWorkGroup(ctx, &athena.DeleteWorkGroupInput{WorkGroup: name}))(t)
}

func TestRefusedWorkGroups(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	f := func(want, message string, call func() error) {
		t.Helper()
		var e smithy.APIError
		if err := call(); !errors.As(err, &e) || e.ErrorCode() != want || e.ErrorMessage() != message {
			t.Errorf("%v, want %s: %s", err, want, message)
		}
	}
	create := func(name string, settings *types.WorkGroupConfiguration) func() error {
		return func() error {
			_, err := c.CreateWorkGroup(ctx, &athena.CreateWorkGroupInput{Name: &name, Configuration: settings})
			return err
		}
	}
	if err := create("g", nil)(); err != nil {
		t.Fatal(err)
	}
	f("InvalidRequestException", "WorkGroup is already created", create("g", nil))
	f("InvalidRequestException", "WorkGroup is already created", create("primary", nil))
	f("InvalidRequestException", "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}", create("a b", nil))
	f("InvalidRequestException", "this server does not have the setting RequesterPaysEnabled of workgroups", create("h", &types.WorkGroupConfiguration{RequesterPaysEnabled: aws.Bool(true)}))
	f("InvalidRequestException", "this server does not have the setting ResultConfiguration.EncryptionConfiguration of workgroups",
		create("h", &types.WorkGroupConfiguration{ResultConfiguration: &types.ResultConfiguration{EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionOption: types.EncryptionOptionSseS3}}}))
	f("InvalidRequestException", "outputLocation is not a valid S3 path.", create("h", &types.WorkGroupConfiguration{ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("/x")}}))
	f("InvalidRequestException", "1 validation error detected: Value at 'configuration.bytesScannedCutoffPerQuery' failed to satisfy constraint: Member must have value greater than or equal to 10000000",
		create("h", &types.WorkGroupConfiguration{BytesScannedCutoffPerQuery: aws.Int64(1)}))
	f("InvalidRequestException", "WorkGroup is not found.", func() error {
		_, err := c.DeleteWorkGroup(ctx, &athena.DeleteWorkGroupInput{WorkGroup: aws.String("h")})
		return err
	})
	f("ResourceNotFoundException", "Resource arn:aws:athena:us-east-1:123456789012:workgroup/h was not found", func() error {
		_, err := c.ListTagsForResource(ctx, &athena.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:athena:us-east-1:123456789012:workgroup/h")})
		return err
	})
}
