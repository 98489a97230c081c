package iamapi

import (
	"context"

	"github.com/loglake/loglake/role"
)

// putRolePolicy answers PutRolePolicy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
//
// AWS: gives a role an inline policy, or replaces it.
// Here: the same; its form is checked, what it allows is neither checked nor enforced.
// Not here: names of actions that no service has are taken, as AWS takes them.
func (h *Handler) putRolePolicy(ctx context.Context, f *form) (any, error) {
	name, p := f.name(roleName), role.Policy{Name: f.name(policyName), Document: f.document("policyDocument")}
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.PutPolicy(ctx, name, p)
}

// getRolePolicy answers GetRolePolicy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
//
// AWS: gives an inline policy.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) getRolePolicy(ctx context.Context, f *form) (any, error) {
	name, policy := f.name(roleName), f.name(policyName)
	if f.failed != nil {
		return nil, f.failed
	}
	p, err := h.cfg.Roles.Policy(ctx, name, policy)
	return struct{ RoleName, PolicyName, PolicyDocument string }{name, p.Name, escaped(p.Document)}, err
}

// listRolePolicies answers ListRolePolicies.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
//
// AWS: lists the names of a role's inline policies, by page.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) listRolePolicies(ctx context.Context, f *form) (any, error) {
	name, page := f.name(roleName), f.page()
	if f.failed != nil {
		return nil, f.failed
	}
	list, err := h.cfg.Roles.Policies(ctx, name)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	var out struct {
		PolicyNames struct {
			Member []string `xml:"member"`
		}
		paged
	}
	out.PolicyNames.Member, out.paged = page.cut(names)
	return out, nil
}

// deleteRolePolicy answers DeleteRolePolicy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
//
// AWS: takes an inline policy from a role.
// Here: the same.
// Not here: nothing is left out.
func (h *Handler) deleteRolePolicy(ctx context.Context, f *form) (any, error) {
	name, policy := f.name(roleName), f.name(policyName)
	if f.failed != nil {
		return nil, f.failed
	}
	return nil, h.cfg.Roles.DeletePolicy(ctx, name, policy)
}

// listAttachedRolePolicies answers ListAttachedRolePolicies.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
//
// AWS: lists the managed policies that are attached to a role.
// Here: none is, since none can be.
// Not here: managed policies.
func (h *Handler) listAttachedRolePolicies(ctx context.Context, f *form) (any, error) {
	return struct {
		AttachedPolicies struct{}
		paged
	}{}, h.hasRole(ctx, f)
}

// listInstanceProfilesForRole answers ListInstanceProfilesForRole.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html
//
// AWS: lists the instance profiles that a role is in.
// Here: there are none.
// Not here: instance profiles.
func (h *Handler) listInstanceProfilesForRole(ctx context.Context, f *form) (any, error) {
	return struct {
		InstanceProfiles struct{}
		paged
	}{}, h.hasRole(ctx, f)
}

// hasRole fails where the request's role is not there.
func (h *Handler) hasRole(ctx context.Context, f *form) error {
	name, _ := f.name(roleName), f.page()
	if f.failed != nil {
		return f.failed
	}
	_, err := h.cfg.Roles.Get(ctx, name)
	return err
}
