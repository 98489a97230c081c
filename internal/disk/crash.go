package disk

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// node is a file or a directory of a Crashable: what programs see, what is durable, and the steps between the two.
type node struct {
	isDir    bool
	modified time.Time

	// Of a file.
	live, durable content
	edits         []edit // what live has and durable not, in order; with a step synced out of order, all since

	// Of a directory.
	entries, synced map[string]*node
	changes         []change // what entries has and synced not, in order
}

// edit is one write, or with resize one truncation to off bytes.
type edit struct {
	off    int64
	data   []byte
	resize bool
	fate   fate
}

// fate says what a power cut does to an edit.
type fate uint8

const (
	fateOpen fate = iota // a Sync may come yet; until then anything
	fateKept             // synced, and kept as an edit only since one before it was not
	fateLeft             // its Sync failed: anything, for ever
)

func (e edit) apply(c *content) {
	if e.resize {
		c.resize(e.off)
		return
	}
	c.writeAt(e.data, e.off)
}

// change is one step of a directory that happens whole or not at all. A nil node is a removal.
type change []binding

type binding struct {
	name string
	node *node
}

func newDir() *node {
	return &node{isDir: true, modified: time.Now(), entries: map[string]*node{}, synced: map[string]*node{}}
}

// bind makes one change of directory n.
func (n *node) bind(c ...binding) {
	n.modified = time.Now()
	n.changes = append(n.changes, c)
	apply(n.entries, c)
}

func apply(entries map[string]*node, c change) {
	for _, b := range c {
		if b.node == nil {
			delete(entries, b.name)
		} else {
			entries[b.name] = b.node
		}
	}
}

func (n *node) syncDir() {
	n.synced = maps.Clone(n.entries)
	n.changes = nil
}

func (n *node) edit(e edit) {
	n.modified = time.Now()
	n.edits = append(n.edits, e)
	e.apply(&n.live)
}

func (n *node) sync() {
	if slices.ContainsFunc(n.edits, func(e edit) bool { return e.fate == fateLeft }) {
		n.settle(fateKept)
		return
	}
	for _, e := range n.edits {
		e.apply(&n.durable)
	}
	n.edits = nil
}

// settle gives the edits that are open their fate.
func (n *node) settle(to fate) {
	for i := range n.edits {
		if n.edits[i].fate == fateOpen {
			n.edits[i].fate = to
		}
	}
}

// Seeds of Crash that leave nothing to chance.
const (
	SeedLoseAll uint64 = 0 // nothing survives but what was synced
	SeedKeepAll uint64 = 1 // everything survives, as after the kill of the process alone
)

// Crash gives the filesystem as a power cut at this moment leaves it. Another seed is another outcome, the same seed the
// same, provided that the calls before came in the same order. c itself goes on untouched.
//
// What was synced is there. Each step that was not is decided on its own, in any combination, which is what POSIX
// permits and more than most filesystems do: a change of a directory (creation, link, removal, rename within it) is
// there or not; a truncation too; a write is there, or gone, or torn: a beginning of it, some of its sectors of 512
// bytes, or its length alone with zeros as bytes. A rename to another directory is a creation there and a removal here.
func (c *Crashable) Crash(seed uint64) *Crashable {
	c.mu.Lock()
	defer c.mu.Unlock()
	cut := powerCut{rng: rand.New(rand.NewPCG(seed, 0x10c1a4e)), seen: map[*node]*node{}}
	switch seed {
	case SeedLoseAll:
	case SeedKeepAll:
		cut.keep = 1
	default:
		cut.keep = []float64{0.1, 0.5, 0.9}[cut.rng.IntN(3)]
		cut.tear = 0.5
	}
	return &Crashable{root: cut.survivor(c.root), locks: map[*node]bool{}}
}

// powerCut decides what survives. keep is how likely an unsynced step does, tear how likely a write that does not leaves
// something.
type powerCut struct {
	rng        *rand.Rand
	keep, tear float64
	seen       map[*node]*node
}

func (p *powerCut) keeps() bool { return p.rng.Float64() < p.keep }

func (p *powerCut) survivor(n *node) *node {
	if s, ok := p.seen[n]; ok {
		return s
	}
	s := &node{isDir: n.isDir, modified: n.modified}
	p.seen[n] = s
	if n.isDir {
		s.entries = maps.Clone(n.synced)
		for _, c := range n.changes {
			if p.keeps() {
				apply(s.entries, c)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.entries)) { // sorted: the seed decides, not the map
			s.entries[name] = p.survivor(s.entries[name])
		}
		s.syncDir()
		return s
	}
	s.live = n.durable.clone()
	for _, e := range n.edits {
		switch {
		case e.fate == fateKept || p.keeps():
			e.apply(&s.live)
		case !e.resize && p.rng.Float64() < p.tear:
			p.torn(e, &s.live)
		}
	}
	s.durable = s.live.clone()
	return s
}

// torn leaves something of a write.
func (p *powerCut) torn(e edit, c *content) {
	const sectorBytes = 512
	end := e.off + int64(len(e.data))
	switch p.rng.IntN(3) {
	case 0: // a beginning
		c.writeAt(e.data[:p.rng.IntN(len(e.data)+1)], e.off)
	case 1: // some sectors
		for at := e.off; at < end; {
			next := min(end, (at/sectorBytes+1)*sectorBytes)
			if p.rng.IntN(2) == 0 {
				c.writeAt(e.data[at-e.off:next-e.off], at)
			}
			at = next
		}
	default: // the length
		c.size = max(c.size, end)
	}
}
