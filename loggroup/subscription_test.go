package loggroup_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

func (l *lake) subscriptions(producer loglake.ProducerID) []loggroup.Subscription {
	l.t.Helper()
	subs, err := l.Subscriptions(l.t.Context(), producer)
	l.ok(err)
	return subs
}

func TestFilters(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "s")
	l.mustPut("g", "s", event{0, "before"})
	f := loggroup.Filter{Group: "g", Name: "f", Pattern: "ERROR", Destination: streamARN, Role: "arn:aws:iam::000000000000:role/r"}
	l.ok(l.PutFilter(ctx, f))
	l.equal(1, l.woken)
	group, err := l.Group("g")
	l.ok(err)
	want := loggroup.Subscription{Group: "g", Filter: "f", Pattern: "ERROR", Stream: "d", Producer: "p-d", Journal: group.Journal,
		From: 1, Until: loggroup.Open}
	noID := cmpopts.IgnoreFields(loggroup.Subscription{}, "ID")
	subs := l.subscriptions("p-d")
	if diff := cmp.Diff([]loggroup.Subscription{want}, subs, noID); diff != "" {
		t.Error(diff)
	}
	first := subs[0].ID
	l.ok(l.db.View(ctx, func(tx *state.Tx) error {
		at, ok, err := position.Get(tx, "p-d", first)
		if at != 1 || !ok {
			t.Errorf("position %d, %t, want 1", at, ok)
		}
		return err
	}))

	// The same again changes nothing but what is only shown; another pattern makes another subscription.
	f.Distribution = loggroup.Random
	l.ok(l.PutFilter(ctx, f))
	l.equal(subs, l.subscriptions("p-d"))
	l.mustPut("g", "s", event{0, "x"}, event{0, "y"})
	f.Pattern = "WARN"
	l.ok(l.PutFilter(ctx, f))
	subs = l.subscriptions("p-d")
	l.equal(2, len(subs))
	for _, s := range subs {
		if s.ID == first && s.Until != 3 || s.ID != first && (s.From != 3 || s.Until != loggroup.Open || s.Pattern != "WARN") {
			t.Errorf("%+v", s)
		}
	}
	page, next, err := l.DescribeFilters(ctx, "g", loggroup.FilterList{})
	l.ok(err)
	f.Created = loglake.At(start)
	l.equal([]loggroup.Filter{f}, page)
	l.equal("", next)

	// Another destination; a second filter; a third is one too many.
	f.Destination = "arn:aws:firehose:us-east-1:000000000000:deliverystream/e"
	l.ok(l.PutFilter(ctx, f))
	l.equal(1, len(l.subscriptions("p-e")))
	second := f
	second.Name = "a"
	l.ok(l.PutFilter(ctx, second))
	page, next, err = l.DescribeFilters(ctx, "g", loggroup.FilterList{Limit: 1})
	l.ok(err)
	l.equal("a", page[0].Name)
	page, next, err = l.DescribeFilters(ctx, "g", loggroup.FilterList{Limit: 1, Token: next})
	l.ok(err)
	l.equal("f", page[0].Name)
	l.equal("", next)
	third := f
	third.Name = "c"
	l.fails(l.PutFilter(ctx, third), loglake.CodeLimit, "Resource limit exceeded.")

	l.ok(l.DeleteFilter(ctx, "g", "a"))
	l.fails(l.DeleteFilter(ctx, "g", "a"), loglake.CodeNotFound, "The specified subscription filter does not exist.")
	l.fails(l.DeleteFilter(ctx, "z", "a"), loglake.CodeNotFound, noGroup)
	l.ok(l.PutFilter(ctx, third))

	l.ok(l.db.Update(ctx, "test", func(tx *state.Tx) error { return loggroup.DropSubscription(tx, first) }))
	subs = l.subscriptions("p-d")
	l.equal(1, len(subs))
	l.ok(l.db.Update(ctx, "test", func(tx *state.Tx) error { return loggroup.DropSubscription(tx, first) }))
}

func TestRefusedFilters(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	f := func(code loglake.Code, text string, filter loggroup.Filter) {
		t.Helper()
		filter.Name = "f"
		l.fails(l.PutFilter(t.Context(), filter), code, text)
	}
	const lambda = "arn:aws:lambda:us-east-1:000000000000:function:f"
	// The checks that need no group come first.
	f(loglake.CodeInvalid, "Invalid filter pattern: If a filter pattern starts with '[' it must end with ']'", loggroup.Filter{Group: "z", Pattern: "[a", Destination: "x"})
	f(loglake.CodeInvalid, "destinationArn for vendor firehose cannot be used without roleArn", loggroup.Filter{Group: "z", Destination: streamARN})
	f(loglake.CodeInvalid, "destinationArn for vendor kinesis cannot be used without roleArn",
		loggroup.Filter{Group: "z", Destination: "arn:aws:kinesis:us-east-1:000000000000:stream/s"})
	f(loglake.CodeInvalid, "destinationArn for vendor lambda cannot be used with roleArn", loggroup.Filter{Group: "z", Destination: lambda, Role: "r"})
	f(loglake.CodeDenied, "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.",
		loggroup.Filter{Group: "z", Destination: "arn:aws:lambda:us-east-1:111111111111:function:f"})
	f(loglake.CodeUnsupported, "Lambda functions are not supported as destinations; use a Firehose delivery stream.", loggroup.Filter{Group: "g", Destination: lambda})
	f(loglake.CodeInvalid, "PutSubscriptionFilter operation cannot work with destinationArn for vendor sqs",
		loggroup.Filter{Group: "g", Destination: "arn:aws:sqs:us-east-1:000000000000:q"})
	f(loglake.CodeNotFound, noGroup, loggroup.Filter{Group: "z", Destination: streamARN, Role: "r"})
	f(loglake.CodeInvalid, "Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.",
		loggroup.Filter{Group: "g", Destination: "arn:aws:firehose:us-east-1:000000000000:deliverystream/gone", Role: "r"})
	l.equal(0, l.woken)
}

// A deleted group's journal stays until its subscriptions have read it, and a group made again has another one.
func TestDeletedGroupIsDrained(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "s")
	l.ok(l.PutFilter(ctx, loggroup.Filter{Group: "g", Name: "f", Destination: streamARN, Role: "r"}))
	l.mustPut("g", "s", event{0, "x"})
	old, err := l.Group("g")
	l.ok(err)
	l.ok(l.DeleteGroup(ctx, "g"))
	l.group("g", "s")
	again, err := l.Group("g")
	l.ok(err)
	if old.Journal == again.Journal {
		t.Error("the journal's name is used again")
	}
	l.ok(l.Sweep(ctx))
	l.equal(loglake.Offset(1), l.journal.Head(old.Journal))
	subs := l.subscriptions("p-d")
	l.equal(loglake.Offset(1), subs[0].Until)
	l.ok(l.db.Update(ctx, "test", func(tx *state.Tx) error { return loggroup.DropSubscription(tx, subs[0].ID) }))
	l.ok(l.Sweep(ctx))
	l.equal(loglake.Offset(0), l.journal.Head(old.Journal))
	l.ok(l.Sweep(ctx))
}
