package athenaapi

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

func tagMap(tags []tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

func checkTags(c *awsjson.Constraints, tags []tag) {
	for _, t := range tags {
		c.Length("tags.key", t.Key, 1, 128)
		c.Length("tags.value", t.Value, 0, 256)
	}
}

// taggedInput names what is tagged.
type taggedInput struct {
	ResourceARN *string `json:"ResourceARN"`
}

func (in *taggedInput) check(c *awsjson.Constraints) {
	c.Required("resourceARN", in.ResourceARN)
	if in.ResourceARN != nil {
		c.Length("resourceARN", *in.ResourceARN, 1, 1011)
	}
}

// tagged gives the workgroup that an ARN names.
func (a *api) tagged(ctx context.Context, in taggedInput) (query.WorkGroup, error) {
	missing := &awsjson.Fault{Type: "ResourceNotFoundException", Message: "Resource " + *in.ResourceARN + " was not found",
		Members: map[string]any{"ResourceName": *in.ResourceARN}}
	name, ok := strings.CutPrefix(*in.ResourceARN, a.executions.Home().ARN("athena", "workgroup/"))
	if !ok || name == "" {
		return query.WorkGroup{}, missing
	}
	group, err := a.executions.WorkGroup(ctx, name)
	if errors.Is(err, query.ErrNoWorkGroup) {
		return group, missing
	}
	return group, err
}

type tagResourceInput struct {
	taggedInput
	Tags []tag `json:"Tags"`
}

func (in *tagResourceInput) check(c *awsjson.Constraints) {
	in.taggedInput.check(c)
	c.Required("tags", in.Tags)
	checkTags(c, in.Tags)
}

// tagResource answers TagResource.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_TagResource.html
//
// AWS: adds tags to a workgroup, data catalog or capacity reservation, or changes them.
// Here: to a workgroup.
// Not here: the one data catalog has no tags.
func (a *api) tagResource(ctx context.Context, in *tagResourceInput) (*empty, error) {
	group, err := a.tagged(ctx, in.taggedInput)
	if err != nil {
		return nil, err
	}
	return &empty{}, a.executions.UpdateWorkGroup(ctx, group.Name, func(g *query.WorkGroup) error {
		tags := tagMap(in.Tags)
		for key, value := range g.Tags {
			if _, replaced := tags[key]; !replaced {
				tags[key] = value
			}
		}
		g.Tags = tags
		return nil
	})
}

type untagResourceInput struct {
	taggedInput
	TagKeys []string `json:"TagKeys"`
}

func (in *untagResourceInput) check(c *awsjson.Constraints) {
	in.taggedInput.check(c)
	c.Required("tagKeys", in.TagKeys)
}

// untagResource answers UntagResource.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_UntagResource.html
//
// AWS: takes tags away; such as are not there are passed over.
// Here: from a workgroup.
// Not here: as TagResource.
func (a *api) untagResource(ctx context.Context, in *untagResourceInput) (*empty, error) {
	group, err := a.tagged(ctx, in.taggedInput)
	if err != nil {
		return nil, err
	}
	return &empty{}, a.executions.UpdateWorkGroup(ctx, group.Name, func(g *query.WorkGroup) error {
		g.Tags = maps.Clone(g.Tags)
		for _, key := range in.TagKeys {
			delete(g.Tags, key)
		}
		return nil
	})
}
