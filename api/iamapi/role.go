package iamapi

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/loglake/loglake/role"
)

// usualSession is how long a session lasts at most where a role does not say.
const usualSession = time.Hour

// roleShape is a role as answers have it. Its order is the wire's.
type roleShape struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string     `xml:",omitempty"`
	MaxSessionDuration       int        // seconds
	Tags                     []tagShape `xml:"Tags>member"`
}

func (h *Handler) shape(r role.Role) roleShape {
	return roleShape{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.ARN(h.cfg.Home.Account), CreateDate: r.Created.Format(time.RFC3339),
		AssumeRolePolicyDocument: escaped(r.TrustPolicy), Description: r.Description,
		MaxSessionDuration: int(r.MaxSession.Seconds()), Tags: tagsOf(r.Tags),
	}
}

// escaped is how IAM gives documents: as RFC 3986 escapes, blanks included.
func escaped(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

// createRole answers CreateRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
//
// AWS: makes a role; services may assume it as its trust policy says.
// Here: the role is stored and given back; nothing assumes it.
// Not here: a permissions boundary is refused by name.
func (h *Handler) createRole(ctx context.Context, f *form) (any, error) {
	root := "/"
	r := role.Role{
		Name: f.name(roleName), Path: f.text("path", 512, pathPattern, &root), Description: f.description(),
		TrustPolicy: f.document("assumeRolePolicyDocument"), MaxSession: f.session(), Tags: f.tags(),
	}
	if r.MaxSession == 0 {
		r.MaxSession = usualSession
	}
	if f.failed != nil {
		return nil, f.failed
	}
	if _, given := f.member("permissionsBoundary"); given {
		return nil, refuse("InvalidInput", "loglake has no permissions boundaries (PermissionsBoundary)")
	}
	r, err := h.cfg.Roles.Create(ctx, r)
	return struct{ Role roleShape }{h.shape(r)}, err
}

// getRole answers GetRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
//
// AWS: gives a role with its trust policy, and when it was last used.
// Here: the same; it was never used.
// Not here: nothing is left out.
func (h *Handler) getRole(ctx context.Context, f *form) (any, error) {
	name := f.name(roleName)
	if f.failed != nil {
		return nil, f.failed
	}
	r, err := h.cfg.Roles.Get(ctx, name)
	type full struct {
		roleShape
		RoleLastUsed struct{}
	}
	return struct{ Role full }{full{roleShape: h.shape(r)}}, err
}

// listRoles answers ListRoles.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
//
// AWS: lists roles below a path, by page, without their tags.
// Here: the same, by name.
// Not here: nothing is left out.
func (h *Handler) listRoles(ctx context.Context, f *form) (any, error) {
	root := "/"
	prefix, page := f.text("pathPrefix", 512, pathPrefixPattern, &root), f.page()
	if f.failed != nil {
		return nil, f.failed
	}
	list, more, err := h.cfg.Roles.List(ctx, prefix, page.after, page.max)
	if err != nil {
		return nil, err
	}
	var out struct {
		Roles struct {
			Member []roleShape `xml:"member"`
		}
		paged
	}
	for _, r := range list {
		r.Tags = nil
		out.Roles.Member = append(out.Roles.Member, h.shape(r))
	}
	if more {
		out.paged = pagedAfter(list[len(list)-1].Name)
	}
	return out, nil
}

// updateRole answers UpdateRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
//
// AWS: changes the description and the longest session, each where it is given.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) updateRole(ctx context.Context, f *form) (any, error) {
	name, description, session := f.name(roleName), f.description(), f.session()
	if f.failed != nil {
		return nil, f.failed
	}
	_, given := f.member("description")
	return struct{}{}, h.cfg.Roles.Change(ctx, name, func(r *role.Role) {
		if given {
			r.Description = description
		}
		if session != 0 {
			r.MaxSession = session
		}
	})
}

// updateRoleDescription answers UpdateRoleDescription, which UpdateRole has replaced.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html
//
// AWS: changes the description and gives the role.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) updateRoleDescription(ctx context.Context, f *form) (any, error) {
	name, description := f.name(roleName), f.text("description", 1000, descriptionPattern, nil)
	if f.failed != nil {
		return nil, f.failed
	}
	if err := h.cfg.Roles.Change(ctx, name, func(r *role.Role) { r.Description = description }); err != nil {
		return nil, err
	}
	r, err := h.cfg.Roles.Get(ctx, name)
	return struct{ Role roleShape }{h.shape(r)}, err
}

// updateAssumeRolePolicy answers UpdateAssumeRolePolicy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
//
// AWS: replaces the trust policy.
// Here: the same; it is not enforced.
// Not here: nothing is left out.
func (h *Handler) updateAssumeRolePolicy(ctx context.Context, f *form) (any, error) {
	name, document := f.name(roleName), f.document("policyDocument")
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.Change(ctx, name, func(r *role.Role) { r.TrustPolicy = document })
}

// deleteRole answers DeleteRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
//
// AWS: removes a role that has no policies.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) deleteRole(ctx context.Context, f *form) (any, error) {
	name := f.name(roleName)
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.Delete(ctx, name)
}
