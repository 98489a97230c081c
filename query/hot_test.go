package query_test

import (
	"context"
	"slices"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query"
)

// The rows of one range lie under several prefixes, two of them hours below a day that no commit has registered: each is
// seen in its day, and a query for a day opens that day's files alone.
func TestHotRowsOfARangeInSeveralFolders(t *testing.T) {
	l := newLake(t, nil)
	l.startPosition()
	l.rows(eventsDDL)
	rng := loglake.Range{Source: loglake.DirectSource, Journal: "j", From: 0, To: 30}
	for i, prefix := range []string{day(1) + "hour=10/", day(1) + "hour=11/", day(2)} {
		l.addHot(prefix, 0, events(100*i, 10))
		l.hot[i].Range = rng
	}
	if got := l.rows("SELECT dt, count(*), sum(status_code) FROM events GROUP BY dt ORDER BY dt"); !slices.Equal(got, []string{"2025-01-01|20|1090", "2025-01-02|10|2045"}) {
		t.Errorf("got %v", got)
	}
	x := l.run("SELECT count(*) FROM events WHERE dt = '2025-01-02'")
	if x.State != query.Succeeded || x.Statistics.ScannedFiles != 1 || l.page(x)[1] != "10" {
		t.Errorf("%s: %v, %+v", x.State, l.page(x), x.Statistics)
	}
	l.commit(day(1)+"hour=10/", events(0, 10), rng) // the first of a batch of three, as far as positions tell
	if got := l.rows("SELECT dt, count(*) FROM events GROUP BY dt"); !slices.Equal(got, []string{"2025-01-01|10"}) {
		t.Errorf("of a committed range: %v", got)
	}
	if l.pinned != 0 {
		t.Errorf("%d chunks are still pinned", l.pinned)
	}
}

// A partition may lie elsewhere, and even above the table: hot rows are asked for once, and so each comes once.
func TestHotRowsOfAPartitionElsewhere(t *testing.T) {
	asked := 0
	var l *lake
	l = newLake(t, func(c *query.Config) {
		c.Hot = func(ctx context.Context, places []loglake.Place) ([]loglake.Hot, error) {
			asked++
			return l.pin(ctx, places)
		}
	})
	l.startPosition()
	l.rows(eventsDDL)
	l.rows("ALTER TABLE events ADD PARTITION (dt = 'all') LOCATION 's3://my-bucket/' PARTITION (dt = 'there') LOCATION 's3://my-bucket/there/'")
	l.addHot(day(1), 0, events(1, 1))
	l.addHot("there/", 1, events(10, 1))
	if got := l.rows("SELECT dt, sum(status_code) FROM events GROUP BY dt ORDER BY dt"); !slices.Equal(got, []string{"all|11", "there|10"}) || asked != 1 {
		t.Errorf("got %v after %d questions", got, asked)
	}
}
