package loggroup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// Subscription is a delivery stream's view of a subscription filter: a pattern over a part of a group's journal, and a
// source of the producer with a position of its own. A filter whose pattern or destination is changed becomes another
// subscription, from where the old one ends; the old one stays until its position has reached Until.
type Subscription struct {
	ID       loglake.SourceID
	Group    loglake.GroupName
	Filter   string
	Pattern  string
	Stream   loglake.StreamName
	Producer loglake.ProducerID
	Journal  loglake.JournalID
	From     loglake.Offset
	Until    loglake.Offset    // Open while the filter is there
	Target   loglake.JournalID // of a route: that of the group Into; "": the destination is the delivery stream Stream
	Into     loglake.GroupName
}

// Open is the Until of a subscription whose filter is there.
const Open loglake.Offset = -1

// The distributions of a filter; they matter to Kinesis only.
const (
	ByLogStream = "ByLogStream"
	Random      = "Random"
)

// Filter is a subscription filter as the API has it.
type Filter struct {
	Group        loglake.GroupName
	Name         string
	Pattern      string
	Destination  string         // ARN of a delivery stream, or of a log group: then the filter is a route
	Role         string         // ARN; stored, not used
	Distribution string         // "": ByLogStream; stored, not used
	Created      loglake.Millis // set by PutFilter
}

// PutFilter makes a filter or changes the one of the same name. Events accepted from now on go through it.
func (g *Groups) PutFilter(ctx context.Context, f Filter) error {
	if _, err := pattern.Parse(f.Pattern); err != nil {
		return err
	}
	if f.Distribution == "" {
		f.Distribution = ByLogStream
	}
	into, err := routeTarget(f.Destination, g.cfg.Home)
	if err != nil {
		return err
	}
	if into == "" {
		err = checkDestination(&f, g.cfg.Home.Account)
	}
	if err == nil {
		err = checkDistribution(&f)
	}
	if err != nil {
		return err
	}
	if grp, _, err := g.find(f.Group, ""); err != nil {
		return err
	} else if err := grp.standard(); err != nil {
		return err
	}
	s := Subscription{ID: loglake.SourceID("s-" + uuid.NewString()), Into: into}
	if into == "" {
		if s.Stream, s.Producer, err = g.askDestination(ctx, f.Destination); err != nil {
			return err
		}
	}
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(f.Group, "")
	if err != nil {
		return err
	}
	s.Journal = grp.journal
	if err := g.aim(&s); err != nil {
		return err
	}
	f.Created = g.now()
	g.routing.Lock()
	defer g.routing.Unlock()
	return g.update(ctx, "put-subscription-filter", func(tx *state.Tx) error {
		changed, err := g.replaceFilter(tx, &f, &s)
		if err != nil || !changed {
			return err
		}
		head := g.cfg.Journal.Head(grp.journal) // once: no event may fall between the old one and the new one
		if err := g.closeSubscriptions(tx, grp, f.Name, head); err != nil {
			return err
		}
		s.From = head
		return g.insertSubscription(tx, &f, s)
	}, func() {})
}

// checkDestination makes the checks of the service that need nothing but the request, in its order.
func checkDestination(f *Filter, account string) error {
	parts := strings.SplitN(f.Destination, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[5] == "" {
		return invalid("1 validation error detected: Value '%s' at 'destinationArn' failed to satisfy constraint: Member must be an ARN", f.Destination)
	}
	switch vendor := parts[2]; vendor {
	case "kinesis", "firehose":
		if f.Role == "" {
			return invalid("destinationArn for vendor %s cannot be used without roleArn", vendor)
		}
		if vendor == "kinesis" {
			return loglake.Errorf(loglake.CodeUnsupported, "Kinesis streams are not supported as destinations; use a Firehose delivery stream.")
		}
	case "lambda":
		if f.Role != "" {
			return invalid("destinationArn for vendor lambda cannot be used with roleArn")
		}
		if parts[4] != account {
			return loglake.Errorf(loglake.CodeDenied, "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.")
		}
		return loglake.Errorf(loglake.CodeUnsupported, "Lambda functions are not supported as destinations; use a Firehose delivery stream.")
	case "logs":
		return loglake.Errorf(loglake.CodeUnsupported, "Logs destinations are not supported; use the ARN of a Firehose delivery stream or of a log group.")
	default:
		return invalid("PutSubscriptionFilter operation cannot work with destinationArn for vendor %s", vendor)
	}
	return nil
}

func checkDistribution(f *Filter) error {
	if f.Distribution != ByLogStream && f.Distribution != Random {
		return invalid("1 validation error detected: Value '%s' at 'distribution' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [Random, ByLogStream]", f.Distribution)
	}
	return nil
}

// askDestination makes the service's test that records can be delivered.
func (g *Groups) askDestination(ctx context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
	cause := error(loglake.Errorf(loglake.CodeNotFound, "there are no delivery streams"))
	if g.cfg.CheckDestination != nil {
		stream, producer, err := g.cfg.CheckDestination(ctx, arn)
		if err == nil || loglake.CodeOf(err) == loglake.CodeInternal {
			return stream, producer, err
		}
		cause = err
	}
	return "", "", &loglake.Error{Code: loglake.CodeInvalid, Err: cause,
		Message: "Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state."}
}

// replaceFilter tells whether a new subscription is needed. Where only attributes change, it changes them; where the
// filter would be one too many, it refuses.
func (g *Groups) replaceFilter(tx *state.Tx, f *Filter, s *Subscription) (changed bool, err error) {
	open, err := g.openFilters(tx, f.Group)
	if err != nil {
		return false, err
	}
	others := 0
	for _, old := range open {
		if old.Name != f.Name {
			if old.route == (s.Target != "") {
				others++
			}
			continue
		}
		if old.Pattern != f.Pattern || old.Destination != f.Destination || old.producer != s.Producer {
			continue
		}
		_, err := tx.Exec(`UPDATE log_subscriptions SET role = ?, distribution = ?
			WHERE account = ? AND region = ? AND log_group = ? AND filter = ? AND until_offset = -1`,
			f.Role, f.Distribution, g.cfg.Home.Account, g.cfg.Home.Region, f.Group, f.Name)
		return false, err
	}
	if s.Target != "" {
		return true, g.checkRoute(tx, f, s, others)
	}
	if others >= SubscriptionsMax {
		return false, errLimit()
	}
	return true, nil
}

func (g *Groups) insertSubscription(tx *state.Tx, f *Filter, s Subscription) error {
	_, err := tx.Exec(`INSERT INTO log_subscriptions (id, account, region, log_group, filter, journal, pattern, destination, role, distribution,
		stream, producer, created, from_offset, until_offset, target)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, -1, ?)`,
		s.ID, g.cfg.Home.Account, g.cfg.Home.Region, f.Group, f.Name, s.Journal, f.Pattern, f.Destination, f.Role, f.Distribution,
		s.Stream, s.Producer, f.Created, s.From, s.Target)
	if err != nil {
		return fmt.Errorf("create subscription: %w", err)
	}
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM log_subscriptions WHERE producer = ?`, s.Producer).Scan(&n); err != nil {
		return fmt.Errorf("count subscriptions: %w", err)
	}
	if n > StreamSubscriptionsMax {
		return errLimit()
	}
	tx.OnCommit(func() { g.cfg.OnSubscriptions(s.Producer) })
	return position.Start(tx, position.Position{Producer: s.Producer, Source: s.ID, Journal: s.Journal, At: s.From})
}

// closeSubscriptions ends the open subscriptions of a group at an offset; all where filter is empty.
func (g *Groups) closeSubscriptions(tx *state.Tx, grp *group, filter string, until loglake.Offset) error {
	open, err := g.openFilters(tx, grp.name)
	if err != nil {
		return fmt.Errorf("list filters: %w", err)
	}
	for _, f := range open {
		if filter != "" && f.Name != filter {
			continue
		}
		_, err := tx.Exec(`UPDATE log_subscriptions SET until_offset = ? WHERE account = ? AND region = ? AND log_group = ?
			AND until_offset = -1 AND filter = ?`, until, g.cfg.Home.Account, g.cfg.Home.Region, grp.name, f.Name)
		if err != nil {
			return fmt.Errorf("close subscriptions: %w", err)
		}
		tx.OnCommit(func() { g.cfg.OnSubscriptions(f.producer) })
	}
	return nil
}

// DeleteFilter takes a filter away. What was accepted before is still delivered.
func (g *Groups) DeleteFilter(ctx context.Context, name loglake.GroupName, filter string) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(name, "")
	if err != nil {
		return err
	}
	g.routing.Lock()
	defer g.routing.Unlock()
	return g.update(ctx, "delete-subscription-filter", func(tx *state.Tx) error {
		open, err := g.openFilters(tx, name)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(open, func(f openFilter) bool { return f.Name == filter }) {
			return loglake.Errorf(loglake.CodeNotFound, "The specified subscription filter does not exist.")
		}
		return g.closeSubscriptions(tx, grp, filter, g.cfg.Journal.Head(grp.journal))
	}, func() {})
}

// FilterList chooses filters to describe.
type FilterList struct {
	Prefix string // of the name
	Limit  int    // 1 to DescribeMax; 0: DescribeMax
	Token  string // of the page before; "": the first page
}

// DescribeFilters gives filters of a group by name, and the token of the next page, "" where there is none.
func (g *Groups) DescribeFilters(ctx context.Context, name loglake.GroupName, q FilterList) ([]Filter, string, error) {
	if _, _, err := g.find(name, ""); err != nil {
		return nil, "", err
	}
	after, err := readToken(q.Token, "filters", name, q.Prefix)
	if err != nil {
		return nil, "", err
	}
	var page []Filter
	err = g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		open, err := g.openFilters(tx, name)
		for _, f := range open {
			if strings.HasPrefix(f.Name, q.Prefix) && (q.Token == "" || f.Name > after) {
				page = append(page, f.Filter)
			}
		}
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list subscription filters: %w", err)
	}
	if limit := pageLimit(q.Limit); len(page) > limit {
		page = page[:limit]
		return page, makeToken(page[limit-1].Name, "filters", name, q.Prefix), nil
	}
	return page, "", nil
}

type openFilter struct {
	Filter
	producer loglake.ProducerID
	route    bool
}

// openFilters gives the filters of a group by name.
func (g *Groups) openFilters(tx *state.Tx, name loglake.GroupName) ([]openFilter, error) {
	rows, err := tx.Query(`SELECT filter, pattern, destination, role, distribution, created, producer, target <> ''
		FROM log_subscriptions WHERE account = ? AND region = ? AND log_group = ? AND until_offset = -1 ORDER BY filter`,
		g.cfg.Home.Account, g.cfg.Home.Region, name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var open []openFilter
	for rows.Next() {
		f := openFilter{Filter: Filter{Group: name}}
		if err := rows.Scan(&f.Name, &f.Pattern, &f.Destination, &f.Role, &f.Distribution, &f.Created, &f.producer, &f.route); err != nil {
			return nil, err
		}
		open = append(open, f)
	}
	return open, rows.Err()
}

// Subscriptions gives the subscriptions that a delivery stream reads, also closed ones that have not drained, in the
// order of their ids.
func (g *Groups) Subscriptions(ctx context.Context, producer loglake.ProducerID) ([]Subscription, error) {
	var all []Subscription
	err := g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		var err error
		all, err = SubscriptionsOf(tx, producer)
		return err
	})
	return all, err
}

// SubscriptionsOf is Groups.Subscriptions within a transaction.
func SubscriptionsOf(tx *state.Tx, producer loglake.ProducerID) ([]Subscription, error) {
	return subscriptions(tx, `WHERE producer = ?`, producer)
}

// AllSubscriptions gives the subscriptions of all delivery streams, in the order of their ids.
func AllSubscriptions(tx *state.Tx) ([]Subscription, error) { return subscriptions(tx, "") }

func subscriptions(tx *state.Tx, where string, args ...any) ([]Subscription, error) {
	rows, err := tx.Query(`SELECT id, log_group, filter, pattern, stream, producer, journal, from_offset, until_offset
		FROM log_subscriptions `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	defer rows.Close()
	var all []Subscription
	for rows.Next() {
		var s Subscription
		if err := rows.Scan(&s.ID, &s.Group, &s.Filter, &s.Pattern, &s.Stream, &s.Producer, &s.Journal, &s.From, &s.Until); err != nil {
			return nil, fmt.Errorf("list subscriptions: %w", err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// DetachSubscriptions is for the deletion of a delivery stream: its subscriptions hold no events back any more. Filters
// that are there stay, as on AWS, and deliver nothing until AttachSubscriptions.
func DetachSubscriptions(tx *state.Tx, producer loglake.ProducerID) error {
	all, err := SubscriptionsOf(tx, producer)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Until == Open {
			err = position.Drop(tx, producer, s.ID)
		} else {
			err = DropSubscription(tx, s.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AttachSubscriptions is for the creation of a delivery stream: filters whose destination it is, left by an earlier
// stream of its name, deliver to it from now on.
func (g *Groups) AttachSubscriptions(tx *state.Tx, destination string, producer loglake.ProducerID) error {
	rows, err := tx.Query(`SELECT id, journal FROM log_subscriptions
		WHERE account = ? AND region = ? AND destination = ? AND until_offset = -1`, g.cfg.Home.Account, g.cfg.Home.Region, destination)
	if err != nil {
		return fmt.Errorf("list subscriptions: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has told
	var found []Subscription
	for rows.Next() {
		var s Subscription
		if err := rows.Scan(&s.ID, &s.Journal); err != nil {
			return fmt.Errorf("list subscriptions: %w", err)
		}
		found = append(found, s)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list subscriptions: %w", err)
	}
	for _, s := range found {
		head := g.cfg.Journal.Head(s.Journal)
		if _, err := tx.Exec(`UPDATE log_subscriptions SET producer = ?, from_offset = ? WHERE id = ?`, producer, head, s.ID); err != nil {
			return fmt.Errorf("attach subscription: %w", err)
		}
		if err := position.Start(tx, position.Position{Producer: producer, Source: s.ID, Journal: s.Journal, At: head}); err != nil {
			return err
		}
	}
	return nil
}

// DropSubscription forgets a subscription and its position: once it has drained, or with its delivery stream. Doing it
// again changes nothing.
func DropSubscription(tx *state.Tx, id loglake.SourceID) error {
	var producer loglake.ProducerID
	err := tx.QueryRow(`SELECT producer FROM log_subscriptions WHERE id = ?`, id).Scan(&producer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = tx.Exec(`DELETE FROM log_subscriptions WHERE id = ?`, id)
	}
	if err != nil {
		return fmt.Errorf("drop subscription: %w", err)
	}
	return position.Drop(tx, producer, id)
}
