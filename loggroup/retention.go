package loggroup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// retentions are the days that a group may keep its events.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// PutRetention makes events of a group expire when they are older than days, one of those the service knows.
func (g *Groups) PutRetention(ctx context.Context, name loglake.GroupName, days int) error {
	if !slices.Contains(retentions, days) {
		return invalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %s",
			days, strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "))
	}
	return g.setRetention(ctx, name, days)
}

// DeleteRetention keeps the events of a group for ever.
func (g *Groups) DeleteRetention(ctx context.Context, name loglake.GroupName) error {
	return g.setRetention(ctx, name, 0)
}

// retained is a retention that a group had: for events taken until then.
type retained struct {
	until loglake.Millis
	days  int // 0: for ever
}

func (g *Groups) setRetention(ctx context.Context, name loglake.GroupName, days int) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(name, "")
	if err != nil || grp.retentionDays == days {
		return err
	}
	was := retained{g.now(), grp.retentionDays}
	return g.update(ctx, "set-retention_days", func(tx *state.Tx) error {
		return g.saveRetention(tx, name, days, was)
	}, func() {
		grp.retentionDays = days
		if n := len(grp.retained); n == 0 || grp.retained[n-1].until < was.until {
			grp.retained = append(slices.Clone(grp.retained), was) // expiry has the old slice
		}
		grp.retained = grp.retained[max(0, len(grp.retained)-retainedMax):]
	})
}

func (g *Groups) saveRetention(tx *state.Tx, name loglake.GroupName, days int, was retained) error {
	home := g.cfg.Home
	for _, change := range []struct {
		statement string
		args      []any
	}{
		{`UPDATE log_groups SET retention_days = ? WHERE account = ? AND region = ? AND name = ?`,
			[]any{days, home.Account, home.Region, name}},
		{`INSERT INTO log_group_retained (account, region, log_group, until, days) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (account, region, log_group, until) DO NOTHING`, []any{home.Account, home.Region, name, was.until, was.days}},
		{`DELETE FROM log_group_retained WHERE account = ? AND region = ? AND log_group = ? AND until <= (SELECT until
			FROM log_group_retained WHERE account = ? AND region = ? AND log_group = ? ORDER BY until DESC LIMIT 1 OFFSET ?)`,
			[]any{home.Account, home.Region, name, home.Account, home.Region, name, retainedMax}},
	} {
		if _, err := tx.Exec(change.statement, change.args...); err != nil {
			return fmt.Errorf("set retention: %w", err)
		}
	}
	return nil
}

// loadRetained reads the retentions that groups had.
func (g *Groups) loadRetained(tx *state.Tx, groups map[loglake.GroupName]*group) error {
	rows, err := tx.Query(`SELECT log_group, until, days FROM log_group_retained WHERE account = ? AND region = ? ORDER BY log_group, until`,
		g.cfg.Home.Account, g.cfg.Home.Region)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name loglake.GroupName
		var r retained
		if err := rows.Scan(&name, &r.until, &r.days); err != nil {
			return err
		}
		if grp := groups[name]; grp != nil {
			grp.retained = append(grp.retained, r)
		}
	}
	return rows.Err()
}

// expiry says which events of a group reads return no more. An event's time is its timestamp; where that is older than what
// PutEvents took then without AnyTime, the event was back-filled, and its time is when it was taken; one that was further
// ahead than PutEvents took then counts as the last that was not. Sweep gives up what this leaves out, and nothing else.
type expiry struct {
	oldest   loglake.Millis // 0: nothing expires
	days     int
	retained []retained // before, oldest first
}

func (g *Groups) expiry(grp *group) expiry {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return expiry{oldest: grp.oldest(g.now()), days: grp.retentionDays, retained: grp.retained}
}

func (x *expiry) over(e *loglake.Event) bool {
	switch {
	case min(e.Timestamp, e.Ingested+tooNewAfter) >= x.oldest:
		return false
	case e.Ingested < x.oldest:
		return true
	}
	then := x.days
	for i := len(x.retained) - 1; i >= 0 && e.Ingested <= x.retained[i].until; i-- {
		then = x.retained[i].days
	}
	if then == 0 || then > tooOldInDays {
		then = tooOldInDays
	}
	return e.Timestamp >= e.Ingested-days(then)
}
