package apply

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	fh "github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/loglake/loglake/pipeline"
)

// The tags by which a stream has what Firehose has no member for.
const (
	policyTag    = "loglake:policy"
	partitionTag = "loglake:partition-by"
)

// role is what AWS wants to know where services act for each other; loglake takes any.
const role = "arn:aws:iam::000000000000:role/loglake"

// conflictTries bounds how often an update is tried that somebody else's overtook.
const conflictTries = 5

func (l *look) lookStreams(ctx context.Context) error {
	for _, s := range l.pipeline.Streams {
		what := "delivery stream " + string(s.Name)
		want := l.destination(s)
		there, tags, err := l.stream(ctx, string(s.Name))
		if err != nil {
			return err
		}
		if there == nil {
			details := differences(nil, append(facts(want), tagFacts(tagsOf(s))...))
			l.step(what, false, details, func(ctx context.Context) error { return l.createStream(ctx, s, want) })
			continue
		}
		destination, ok := extended(there)
		if !ok {
			l.add(Step{What: what, Do: Refuse, Warning: "there is a stream of that name that does not write to S3; call this one something else"})
			continue
		}
		shape := differences(facts(destination), facts(want))
		tagging := differences(tagFacts(tags), tagFacts(tagsOf(s)))
		l.step(what, true, append(shape, tagging...), func(ctx context.Context) error {
			if len(shape) == 0 {
				return l.changeStream(ctx, s, nil)
			}
			return l.changeStream(ctx, s, want)
		})
	}
	return nil
}

// stream gives a stream and its tags, nil where there is none.
func (l *look) stream(ctx context.Context, name string) (*fh.DeliveryStreamDescription, map[string]string, error) {
	out, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String(name)})
	if is(err, "ResourceNotFoundException") {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	tags, err := l.streamTags(ctx, name)
	return out.DeliveryStreamDescription, tags, err
}

func (l *look) streamTags(ctx context.Context, name string) (map[string]string, error) {
	out, err := l.firehose.ListTagsForDeliveryStream(ctx, &firehose.ListTagsForDeliveryStreamInput{DeliveryStreamName: aws.String(name)})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

func extended(d *fh.DeliveryStreamDescription) (*fh.ExtendedS3DestinationDescription, bool) {
	if len(d.Destinations) == 0 || d.Destinations[0].ExtendedS3DestinationDescription == nil {
		return nil, false
	}
	return d.Destinations[0].ExtendedS3DestinationDescription, true
}

// tagsOf gives the tags that a stream of the file is to have.
func tagsOf(s pipeline.Stream) map[string]string {
	tags := map[string]string{policyTag: s.Policy}
	if s.PartitionBy != "" {
		tags[partitionTag] = s.PartitionBy
	}
	return tags
}

// tagFacts are the tags that the file speaks of.
func tagFacts(tags map[string]string) []fact {
	policy := tags[policyTag]
	if policy == "" {
		policy = "aws"
	}
	return []fact{{"policy", policy}, {"partition by", tags[partitionTag]}}
}

func fhTags(tags map[string]string) []fh.Tag {
	var out []fh.Tag
	for k, v := range tags {
		out = append(out, fh.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	slices.SortFunc(out, func(a, b fh.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return out
}

func (l *look) createStream(ctx context.Context, s pipeline.Stream, want *fh.ExtendedS3DestinationDescription) error {
	tags := tagsOf(s)
	tags[MarkKey] = MarkValue
	_, err := l.firehose.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: aws.String(string(s.Name)), Tags: fhTags(tags),
		ExtendedS3DestinationConfiguration: &fh.ExtendedS3DestinationConfiguration{
			RoleARN: want.RoleARN, BucketARN: want.BucketARN, Prefix: want.Prefix, ErrorOutputPrefix: want.ErrorOutputPrefix,
			BufferingHints: want.BufferingHints, CompressionFormat: want.CompressionFormat, CustomTimeZone: want.CustomTimeZone,
			ProcessingConfiguration: want.ProcessingConfiguration, DataFormatConversionConfiguration: want.DataFormatConversionConfiguration,
		},
	})
	if is(err, "ResourceInUseException") && l.madeStream(ctx, s, want) {
		return nil
	}
	return err
}

// madeStream is to a stream what madeTable is to a table.
func (l *look) madeStream(ctx context.Context, s pipeline.Stream, want *fh.ExtendedS3DestinationDescription) bool {
	there, tags, err := l.stream(ctx, string(s.Name))
	if err != nil || there == nil {
		return false
	}
	destination, ok := extended(there)
	return ok && len(differences(facts(destination), facts(want))) == 0 && len(differences(tagFacts(tags), tagFacts(tagsOf(s)))) == 0
}

// changeStream updates the destination, unless want is nil, and the tags. A tag that names a column goes before the
// update and the new one comes after it, because the column belongs to the destination's table.
func (l *look) changeStream(ctx context.Context, s pipeline.Stream, want *fh.ExtendedS3DestinationDescription) error {
	name := aws.String(string(s.Name))
	now, err := l.streamTags(ctx, *name)
	if err != nil {
		return err
	}
	if was := now[partitionTag]; was != "" && was != s.PartitionBy {
		if _, err := l.firehose.UntagDeliveryStream(ctx, &firehose.UntagDeliveryStreamInput{DeliveryStreamName: name, TagKeys: []string{partitionTag}}); err != nil {
			return err
		}
	}
	if want != nil {
		if err := l.updateDestination(ctx, *name, want); err != nil {
			return err
		}
	}
	_, err = l.firehose.TagDeliveryStream(ctx, &firehose.TagDeliveryStreamInput{DeliveryStreamName: name, Tags: fhTags(tagsOf(s))})
	return err
}

// updateDestination is tried again where somebody else changed the stream in between.
func (l *look) updateDestination(ctx context.Context, name string, want *fh.ExtendedS3DestinationDescription) error {
	update := &fh.ExtendedS3DestinationUpdate{
		RoleARN: want.RoleARN, BucketARN: want.BucketARN, Prefix: want.Prefix, ErrorOutputPrefix: want.ErrorOutputPrefix,
		BufferingHints: want.BufferingHints, CompressionFormat: want.CompressionFormat, CustomTimeZone: want.CustomTimeZone,
		ProcessingConfiguration: want.ProcessingConfiguration, DataFormatConversionConfiguration: want.DataFormatConversionConfiguration,
	}
	for try := 1; ; try++ {
		out, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String(name)})
		if err != nil {
			return err
		}
		_, err = l.firehose.UpdateDestination(ctx, &firehose.UpdateDestinationInput{
			DeliveryStreamName: aws.String(name), CurrentDeliveryStreamVersionId: out.DeliveryStreamDescription.VersionId,
			DestinationId: out.DeliveryStreamDescription.Destinations[0].DestinationId, ExtendedS3DestinationUpdate: update,
		})
		if !is(err, "ConcurrentModificationException") || try == conflictTries {
			return err
		}
	}
}
