package capture

import (
	"context"
	"fmt"
	"time"
)

// adoptPause is how long a spool that was left and can't be sent is left alone.
const adoptPause = pauseMax

// adopt sends the spools that were left, one after the other. One that the server refuses (its group must not be made, its
// key pair is another's) or that can't be read stands in the way of no other, and is tried again.
func (c *Capture) adopt(ctx context.Context) {
	if c.spool.folder == nil {
		return
	}
	ids, err := findFolders(c.config.FS, c.config.Dir)
	if err != nil {
		c.config.OnNotice(Notice{Kind: DiskFailed, Err: err, Text: "spools that were left can't be found: " + err.Error()})
	}
	for first := true; len(ids) > 0; first = false {
		var again []string
		for _, id := range ids {
			if id == c.spool.id || ctx.Err() != nil {
				continue
			}
			if err := c.adoptOne(ctx, id, first); err != nil {
				again = append(again, id)
				if first {
					c.config.OnNotice(Notice{Kind: NotAdopted, Err: err, Text: fmt.Sprintf("the spool %s, which was left, can't be sent now: %s", id, plain(err))})
				}
			}
		}
		ids = again
		if len(ids) > 0 && !c.awaitAnotherTry(ctx) {
			return
		}
	}
}

// awaitAnotherTry waits; false: the run ends.
func (c *Capture) awaitAnotherTry(ctx context.Context) bool {
	t := time.NewTimer(adoptPause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.hurry:
	case <-ctx.Done():
	}
	return false
}

// adoptOne sends a spool that was left, if it is nobody else's. An error says why another try may do better.
func (c *Capture) adoptOne(ctx context.Context, id string, tell bool) error {
	left, l, err := c.config.adoptSpool(id)
	if left == nil || err != nil {
		return err
	}
	if tell {
		c.config.OnNotice(Notice{Kind: Adopted, Text: "sending what a run before left for " + l.Group})
	}
	left.losses = &c.losses
	s := c.sender(left, l.Group, l.Stream)
	s.found = true
	drained := s.run(ctx)
	c.adopted.Add(s.sent.Load())
	if err := left.close(drained); err != nil {
		return err
	}
	return s.failed
}
