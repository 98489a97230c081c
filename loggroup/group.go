package loggroup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// The classes of a group. The other class of the service, DELIVERY, is refused.
const (
	ClassStandard         = "STANDARD"
	ClassInfrequentAccess = "INFREQUENT_ACCESS"
)

// NewGroup is a group to create.
type NewGroup struct {
	Name      loglake.GroupName
	Class     string            // "": ClassStandard
	Tags      map[string]string // at most TagsMax
	Protected bool              // can't be deleted until that is taken back
}

// Group is a group as it is described.
type Group struct {
	Name          loglake.GroupName
	Journal       loglake.JournalID
	Created       loglake.Millis
	Class         string
	RetentionDays int // 0: for ever
	Protected     bool
	Streams       int   // log streams
	StoredBytes   int64 // on the disk
}

// CreateGroup makes a group. CodeExists where one has the name.
func (g *Groups) CreateGroup(ctx context.Context, n NewGroup) error {
	if err := checkGroupName(n.Name); err != nil {
		return err
	}
	switch n.Class {
	case "":
		n.Class = ClassStandard
	case ClassStandard, ClassInfrequentAccess:
	default:
		return loglake.Errorf(loglake.CodeUnsupported, "Log group class %s is not supported: use %s or %s.", n.Class, ClassStandard, ClassInfrequentAccess)
	}
	if err := checkTags(n.Tags); err != nil {
		return err
	}
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	if grp, _, _ := g.find(n.Name, ""); grp != nil {
		return loglake.Errorf(loglake.CodeExists, "The specified log group already exists")
	}
	if g.count() >= GroupsMax {
		return errLimit()
	}
	grp := &group{name: n.Name, journal: loglake.JournalID("g-" + uuid.NewString()), created: g.now(), class: n.Class,
		protected: n.Protected, streams: map[loglake.LogStreamName]*stream{}}
	home := g.cfg.Home
	return g.update(ctx, "create-group", func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO log_groups (account, region, name, journal, created, class, retention_days, protected)
			VALUES (?, ?, ?, ?, ?, ?, 0, ?)`, home.Account, home.Region, n.Name, grp.journal, grp.created, n.Class, n.Protected)
		if err != nil {
			return fmt.Errorf("create log group: %w", err)
		}
		return g.putTags(tx, n.Name, n.Tags)
	}, func() {
		i, _ := slices.BinarySearch(g.names, n.Name)
		g.names = slices.Insert(g.names, i, n.Name)
		g.groups[n.Name] = grp
	})
}

// groupRows delete all rows of a group but its subscriptions.
var groupRows = []string{
	`DELETE FROM log_streams WHERE account = ? AND region = ? AND log_group = ?`,
	`DELETE FROM log_group_tags WHERE account = ? AND region = ? AND log_group = ?`,
	`DELETE FROM log_group_retained WHERE account = ? AND region = ? AND log_group = ?`,
	`DELETE FROM log_groups WHERE account = ? AND region = ? AND name = ?`,
}

func (g *Groups) count() int {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return len(g.groups)
}

// DeleteGroup deletes a group with its streams, events and tags, and closes its subscriptions. What was accepted before
// is still delivered by them; the journal goes when they are done (Sweep). Routes into the group end at once.
func (g *Groups) DeleteGroup(ctx context.Context, name loglake.GroupName) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(name, "")
	if err != nil {
		return err
	}
	if grp.protected {
		return loglake.Errorf(loglake.CodeConflict, "The specified log group has deletion protection enabled and can't be deleted.").
			WithHint("call PutLogGroupDeletionProtection with deletionProtectionEnabled false first")
	}
	home := g.cfg.Home
	g.routing.Lock()
	defer g.routing.Unlock()
	return g.update(ctx, "delete-group", func(tx *state.Tx) error {
		if err := g.closeSubscriptions(tx, grp, "", g.cfg.Journal.Head(grp.journal)); err != nil {
			return err
		}
		if err := g.endRoutes(tx, grp.journal); err != nil {
			return err
		}
		for _, statement := range groupRows {
			if _, err := tx.Exec(statement, home.Account, home.Region, name); err != nil {
				return fmt.Errorf("delete log group: %w", err)
			}
		}
		_, err := tx.Exec(`INSERT INTO log_journals_dropped (journal) VALUES (?)`, grp.journal)
		return err
	}, func() {
		if i, ok := slices.BinarySearch(g.names, name); ok {
			g.names = slices.Delete(g.names, i, i+1)
		}
		delete(g.groups, name)
	})
}

// Protect makes a group one that can't be deleted.
func (g *Groups) Protect(ctx context.Context, name loglake.GroupName) error {
	return g.setField(ctx, name, fieldChange{"protected", true, func(grp *group) { grp.protected = true }})
}

// Unprotect takes Protect back.
func (g *Groups) Unprotect(ctx context.Context, name loglake.GroupName) error {
	return g.setField(ctx, name, fieldChange{"protected", false, func(grp *group) { grp.protected = false }})
}

// fieldChange is a new value of a column of log_groups, and the same for memory.
type fieldChange struct {
	column string
	value  any
	apply  func(*group)
}

func (g *Groups) setField(ctx context.Context, name loglake.GroupName, c fieldChange) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(name, "")
	if err != nil {
		return err
	}
	return g.update(ctx, "set-"+c.column, func(tx *state.Tx) error {
		_, err := tx.Exec(`UPDATE log_groups SET `+c.column+` = ? WHERE account = ? AND region = ? AND name = ?`,
			c.value, g.cfg.Home.Account, g.cfg.Home.Region, name)
		return err
	}, func() { c.apply(grp) })
}

// GroupQuery chooses groups to describe. Prefix and Pattern exclude each other.
type GroupQuery struct {
	Prefix  string
	Pattern string              // a part of the name
	Names   []loglake.GroupName // nil: all
	Class   string              // "": any
	Limit   int                 // 1 to DescribeMax; 0: DescribeMax
	Token   string              // of the page before; "": the first page
}

// DescribeGroups gives groups in the order of their names, and the token of the next page, "" where there is none.
func (g *Groups) DescribeGroups(q GroupQuery) ([]Group, string, error) {
	if q.Prefix != "" && q.Pattern != "" {
		return nil, "", invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	after, err := readToken(q.Token, "groups", q.Prefix, q.Pattern, q.Names, q.Class)
	if err != nil {
		return nil, "", err
	}
	page, more := g.groupPage(q, loglake.GroupName(after))
	for i := range page {
		page[i].StoredBytes = g.cfg.Journal.Size(page[i].Journal)
	}
	if !more {
		return page, "", nil
	}
	return page, makeToken(string(page[len(page)-1].Name), "groups", q.Prefix, q.Pattern, q.Names, q.Class), nil
}

func (g *Groups) groupPage(q GroupQuery, after loglake.GroupName) (page []Group, more bool) {
	limit := pageLimit(q.Limit)
	g.mu.RLock()
	defer g.mu.RUnlock()
	i, _ := slices.BinarySearch(g.names, max(after+"\x00", loglake.GroupName(q.Prefix)))
	if after == "" && q.Prefix == "" {
		i = 0
	}
	for ; i < len(g.names) && strings.HasPrefix(string(g.names[i]), q.Prefix); i++ {
		grp := g.groups[g.names[i]]
		if !strings.Contains(string(grp.name), q.Pattern) || q.Class != "" && q.Class != grp.class ||
			q.Names != nil && !slices.Contains(q.Names, grp.name) {
			continue
		}
		if len(page) == limit {
			return page, true
		}
		page = append(page, grp.describe())
	}
	return page, false
}

func pageLimit(limit int) int {
	if limit == 0 {
		return DescribeMax
	}
	return min(limit, DescribeMax)
}

// describe must be called with Groups.mu held.
func (grp *group) describe() Group {
	return Group{Name: grp.name, Journal: grp.journal, Created: grp.created, Class: grp.class,
		RetentionDays: grp.retentionDays, Protected: grp.protected, Streams: len(grp.streams)}
}

// Group gives one group; StoredBytes is left out.
func (g *Groups) Group(name loglake.GroupName) (Group, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	grp := g.groups[name]
	if grp == nil {
		return Group{}, errNoGroup()
	}
	return grp.describe(), nil
}

// standard refuses groups of the class that can't be read event by event.
func (grp *group) standard() error {
	if grp.class == ClassInfrequentAccess {
		return invalid("This operation is only supported on the Standard log class.")
	}
	return nil
}
