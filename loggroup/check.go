package loggroup

import (
	"slices"

	"github.com/loglake/loglake"
)

// RetentionDays gives the numbers of days that a group's events can be kept for, ascending.
func RetentionDays() []int { return slices.Clone(retentions) }

// CheckGroupName tells whether a group can have that name: CodeInvalid with the service's text where not.
func CheckGroupName(name loglake.GroupName) error { return checkGroupName(name) }
