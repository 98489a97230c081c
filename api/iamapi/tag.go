package iamapi

import (
	"context"
	"maps"
	"slices"

	"github.com/loglake/loglake/role"
)

type tagShape struct{ Key, Value string }

// tagsOf gives tags by key.
func tagsOf(tags map[string]string) (list []tagShape) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, tagShape{key, tags[key]})
	}
	return list
}

// tagRole answers TagRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
//
// AWS: adds tags to a role, or changes them; 50 at most.
// Here: the same.
// Not here: keys that differ by case only are two.
func (h *Handler) tagRole(ctx context.Context, f *form) (any, error) {
	name, tags := f.name(roleName), f.tags()
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.Change(ctx, name, func(r *role.Role) {
		if r.Tags == nil {
			r.Tags = map[string]string{}
		}
		r.Tags = maps.Clone(r.Tags)
		maps.Copy(r.Tags, tags)
	})
}

// untagRole answers UntagRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html
//
// AWS: takes tags from a role; such as it hasn't are passed over.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) untagRole(ctx context.Context, f *form) (any, error) {
	name, keys := f.name(roleName), f.list("TagKeys", "")
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.Change(ctx, name, func(r *role.Role) {
		r.Tags = maps.Clone(r.Tags)
		for _, key := range keys {
			delete(r.Tags, key)
		}
	})
}

// listRoleTags answers ListRoleTags.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
//
// AWS: lists a role's tags by key, by page.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) listRoleTags(ctx context.Context, f *form) (any, error) {
	name, page := f.name(roleName), f.page()
	if f.failed != nil {
		return nil, f.failed
	}
	r, err := h.cfg.Roles.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	var out struct {
		Tags struct {
			Member []tagShape `xml:"member"`
		}
		paged
	}
	keys, rest := page.cut(slices.Sorted(maps.Keys(r.Tags)))
	for _, key := range keys {
		out.Tags.Member = append(out.Tags.Member, tagShape{key, r.Tags[key]})
	}
	out.paged = rest
	return out, nil
}
