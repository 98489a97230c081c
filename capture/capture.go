// Package capture stands beside an application and brings what it prints into a log group, without the application ever
// waiting for it. `loglake pipe` and `loglake run` are made of it.
//
//	             ┌─► ring ─► our own stdout                        (passing on)
//	pipe ─► tap ─┤
//	             └─► ring ─► shaper ─► spool ─► sender ─► server   (capture)
//
// A tap reads the application's pipe into rings, in memory, and does nothing else. A shaper makes events of lines: it
// joins stack traces, parses, drops noise. The spool keeps events on the disk until the server has them. A sender puts
// them there, in order. Each is slower than the one before at times, and each buffer between them is bounded; what has to
// go then is the oldest, it is counted, and the count becomes an event of the group.
//
// Exactly once: an event gets its position when it enters the spool, and keeps it. A put says the id of the spool and the
// position of its first event; the server has noted how far it came, durably with the events, and skips what it has.
// So whoever does not know what became of a put does it again: this process, or the next one, which finds the spool that
// a dead one left, and drains it under its own id. No run ever adds to a spool that it found.
package capture

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loglake/loglake/internal/disk"
)

// Config describes one run.
type Config struct {
	Group, Stream string
	Wire          Wire
	Server        string // what Wire speaks to: of the spools that were left, those of the same server are sent
	Shape         Shape

	FS             disk.FS // nil: the operating system's
	Dir            string  // the folder of spools; "": in memory, and so where it can't be made, of which OnNotice is told
	SpoolBytesMax  int64   // on the disk; 0: SpoolBytesDefault
	MemoryBytesMax int64   // of a spool in memory; 0: MemoryBytesDefault
	RingBytes      int     // of lines read and not yet in the spool, for each source; 0: RingBytesDefault

	Linger       time.Duration // how long lines wait for more before they are sent; 0: LingerDefault
	FlushTimeout time.Duration // how long Run goes on sending when the sources have ended; 0: not at all

	Clock    func() time.Time // nil: time.Now
	OnNotice func(Notice)     // called on many goroutines, one at a time; nil: nobody is told
}

// Defaults of a Config.
const (
	SpoolBytesDefault  = 1 << 30
	SpoolBytesMin      = 1 << 20
	MemoryBytesDefault = 64 << 20
	RingBytesDefault   = 8 << 20
	LingerDefault      = time.Second
)

// Summary is the account of a run.
type Summary struct {
	Lines, Bytes int64   // read, with line ends
	Events       int64   // that went into the spool
	Noise        []int64 // events dropped by each rule; may be shorter than the rules
	Unparsed     int64   // events kept as {"message": …}
	Blank        int64   // lines with nothing in them, which are no events
	Repaired     int64   // lines in which bytes that are not UTF-8 became U+FFFD
	Parted       int64   // lines too long for one event, sent in parts
	Sent         int64   // events of this run that the server has
	Left         int64   // events of this run that wait in the spool
	Refused      int64   // events that the server refused for good
	Dropped      Loss    // lines and events lost because a buffer was full
	Late         int64   // lines lost because they were read after the run had been told to end
	PassDropped  Loss    // lines that did not pass to the output
	Adopted      int64   // events of runs before that the server has now
	InMemory     bool    // there was no spool on the disk: what was left is lost
}

// Capture is one run.
type Capture struct {
	config Config
	spool  *spool
	link   link
	losses losses
	hurry  chan struct{} // closed when nothing more is appended

	adopted atomic.Int64

	mu          sync.Mutex // guards what follows
	own         *sender
	shapers     []*shaper
	passDropped Loss
}

// New prepares a run. It touches nothing.
func New(c Config) *Capture {
	c.setDefaults()
	r := &Capture{hurry: make(chan struct{})}
	var one sync.Mutex
	notice := c.OnNotice
	c.OnNotice = func(n Notice) {
		one.Lock()
		defer one.Unlock()
		notice(n)
	}
	r.config = c
	r.link = link{notice: c.OnNotice, clock: c.Clock}
	return r
}

func (c *Config) setDefaults() {
	if c.FS == nil {
		c.FS = disk.Real()
	}
	if c.SpoolBytesMax == 0 {
		c.SpoolBytesMax = SpoolBytesDefault
	}
	c.SpoolBytesMax = max(c.SpoolBytesMax, SpoolBytesMin)
	if c.MemoryBytesMax == 0 {
		c.MemoryBytesMax = MemoryBytesDefault
	}
	if c.RingBytes == 0 {
		c.RingBytes = RingBytesDefault
	}
	if c.Linger == 0 {
		c.Linger = LingerDefault
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.OnNotice == nil {
		c.OnNotice = func(Notice) {}
	}
}

// Run captures until all sources have ended, or ctx is done, which ends them here. It waits until what was read has passed
// to the output, and then goes on sending for FlushTimeout at most. It is called once. A source that is still open when
// ctx is done keeps a goroutine until its In is closed: it reads on, so that nobody waits, and what it reads is lost, and
// counted until Run returns.
func (c *Capture) Run(ctx context.Context, sources ...Source) Summary {
	taps := c.tap(ctx, sources)
	c.spool = c.config.openSpool() // which may take its time: the application is read already
	c.spool.losses = &c.losses

	background, stop := context.WithCancel(context.Background())
	defer stop()
	var keeping, adopting, sending sync.WaitGroup
	keeping.Go(func() { c.keep(background) })
	adopting.Go(func() { c.adopt(background) })
	own := c.sender(c.spool, c.config.Group, c.config.Stream)
	own.linger = c.config.Linger
	var drained bool
	sending.Go(func() { drained = own.run(background) })

	c.shape(own, taps)
	c.tell()
	close(c.hurry)
	grace := time.AfterFunc(c.config.FlushTimeout, stop)
	sending.Wait()
	adopting.Wait()
	grace.Stop()
	stop()
	keeping.Wait()

	out := c.Summary()
	if err := c.spool.close(drained || out.Left == 0); err != nil {
		c.config.OnNotice(Notice{Kind: DiskFailed, Err: err, Text: "the spool could not be closed well: " + err.Error()})
	}
	return out
}

// Summary gives the account of the run so far. It may be asked at any time, by anybody.
func (c *Capture) Summary() Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := Summary{Dropped: c.losses.sum(), PassDropped: c.passDropped, Adopted: c.adopted.Load()}
	for _, s := range c.shapers {
		s.addTo(&out)
		out.Late += s.ring.tooLate()
	}
	if c.own != nil {
		out.Sent, out.Refused = c.own.sent.Load(), c.own.refused.Load()
		out.Left, out.InMemory = c.own.spool.left(), c.own.spool.folder == nil
	}
	return out
}

// tap begins to read the sources, until they end or ctx is done.
func (c *Capture) tap(ctx context.Context, sources []Source) (taps []*tap) {
	for _, source := range sources {
		t := newTap(source, c.config.RingBytes, &c.config)
		taps = append(taps, t)
		c.losses.watch(t.lines)
		go t.read()
		go t.passOn()
		context.AfterFunc(ctx, t.end)
	}
	return taps
}

// shape has what the taps read in the spool, and passed on, to its end.
func (c *Capture) shape(own *sender, taps []*tap) {
	var shaping sync.WaitGroup
	c.mu.Lock()
	c.own = own
	for _, t := range taps {
		s := newShaper(t, c.config.Shape, c.spool)
		c.shapers = append(c.shapers, s)
		shaping.Go(s.run)
	}
	c.mu.Unlock()
	shaping.Wait()
	for _, t := range taps {
		c.endPassing(t)
	}
}

// endPassing waits until the output has everything: with Block as long as it takes, as the application itself would have.
func (c *Capture) endPassing(t *tap) {
	if t.source.Passes == Drop {
		late := time.AfterFunc(c.config.FlushTimeout, t.giveUp)
		defer late.Stop()
	}
	<-t.passed
	if t.pass != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.passDropped.add(t.pass.losses())
	}
}

func (c *Capture) sender(s *spool, group, stream string) *sender {
	return &sender{spool: s, wire: c.config.Wire, group: group, stream: stream, link: &c.link, hurry: c.hurry}
}

// keepPause is how often the spool is synced, and losses are told.
const keepPause = time.Second

// keep syncs the spool and tells losses, until ctx is done.
func (c *Capture) keep(ctx context.Context) {
	for pause(ctx, keepPause) {
		select {
		case <-c.hurry:
		default:
			c.tell()
		}
		c.spool.sync()
	}
}

// tell makes events of the losses since the last time.
func (c *Capture) tell() {
	for reason, loss := range c.losses.take() {
		c.spool.report(loss, reason, c.config.Clock().UnixMilli())
		c.config.OnNotice(Notice{Kind: Dropped, Text: lossText(loss, reason)})
	}
}
