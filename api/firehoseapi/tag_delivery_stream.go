package firehoseapi

import (
	"context"
	"maps"
	"slices"

	"github.com/loglake/loglake/delivery"
)

// TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream
//
// AWS: up to 50 tags; untagging a key that is not there succeeds.
// loglake: the same. The tag loglake:policy chooses the stream's policy (aws, rescue), and loglake:partition-by the column
// by which rows find their folder; one that the stream's table has not, or of another type than timestamp and date, is
// refused. What is buffered when they change is delivered as they say then.

type tagDeliveryStreamInput struct {
	DeliveryStreamName *string
	Tags               []tag
}

func (a *api) tagDeliveryStream(ctx context.Context, in *tagDeliveryStreamInput) (*empty, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	c.Required("tags", in.Tags)
	if in.Tags != nil {
		c.Length("tags", in.Tags, 1, delivery.TagsMax)
	}
	tags := tagMap(&c, in.Tags)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return &empty{}, a.Streams.Retag(ctx, name, func(now map[string]string) { maps.Copy(now, tags) })
}

type untagDeliveryStreamInput struct {
	DeliveryStreamName *string
	TagKeys            []string
}

func (a *api) untagDeliveryStream(ctx context.Context, in *untagDeliveryStreamInput) (*empty, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	c.Required("tagKeys", in.TagKeys)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return &empty{}, a.Streams.Retag(ctx, name, func(now map[string]string) {
		for _, key := range in.TagKeys {
			delete(now, key)
		}
	})
}

type listTagsInput struct {
	DeliveryStreamName   *string
	ExclusiveStartTagKey *string
	Limit                *int64
}

type listTagsOutput struct {
	Tags        []tag
	HasMoreTags bool
}

func (a *api) listTagsForDeliveryStream(_ context.Context, in *listTagsInput) (*listTagsOutput, error) {
	limit := int64(delivery.TagsMax)
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	if in.Limit != nil {
		limit = *in.Limit
		c.Range("limit", limit, 1, delivery.TagsMax)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	def, err := a.Streams.Describe(name)
	if err != nil {
		return nil, err
	}
	out := &listTagsOutput{Tags: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(def.Tags)) {
		if in.ExclusiveStartTagKey != nil && key <= *in.ExclusiveStartTagKey {
			continue
		}
		if int64(len(out.Tags)) == limit {
			out.HasMoreTags = true
			break
		}
		value := def.Tags[key]
		out.Tags = append(out.Tags, tag{Key: &key, Value: &value})
	}
	return out, nil
}
