package nativeapi

import (
	"context"
	"strings"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
)

// sums are those of the manifest. They keep where they have read to, so that a status of a lake with a million objects
// reads what is new since the last one. They are no second truth: a server begins with none.
type sums struct {
	mu       sync.Mutex // held over each use
	sequence int64      // of the manifest, as far as it is added up
	told     int64      // changes that were added up
	makers   map[loglake.ProducerID]*maker
	folders  map[folder]*content
}

// maker is what a producer has made.
type maker struct {
	objects       int64 // data objects that are there
	data, rejects newest
}

// newest is the object that was committed last, with what takes a look to know.
type newest struct {
	object loglake.Object
	order  int64         // among all objects, by when they came
	seen   *ObjectStatus // nil: not looked at yet
}

// folder is where objects lie: a bucket, and their keys up to the last slash.
type folder struct{ bucket, path string }

// content is the data objects of a folder.
type content struct {
	objects, rows, bytes int64
	last                 newest
}

// fill writes the sums into a status.
func (f *sums) fill(ctx context.Context, db *state.DB, s *Status) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.makers == nil {
		f.sequence, f.makers, f.folders = 0, map[loglake.ProducerID]*maker{}, map[folder]*content{}
	}
	err := db.View(ctx, func(tx *state.Tx) (err error) {
		if f.sequence, err = catalog.ManifestChanges(tx, f.sequence, f.add); err != nil {
			return err
		}
		for i := range s.Streams {
			if err := f.fillStream(tx, &s.Streams[i]); err != nil {
				return err
			}
		}
		return f.fillTables(tx, s.Tables)
	})
	if err != nil {
		f.makers = nil // some of it may be added up: begin again
	}
	return err
}

func (f *sums) maker(id loglake.ProducerID) *maker {
	m := f.makers[id]
	if m == nil {
		m = &maker{}
		f.makers[id] = m
	}
	return m
}

// add is told of every object that comes and goes, in order.
func (f *sums) add(c catalog.Change) {
	f.told++
	m, sign := f.maker(c.Object.Producer), int64(1)
	if c.Removed {
		sign = -1
	}
	if c.Object.Kind == loglake.ObjectRejects {
		m.rejects.change(c, f.told)
		return
	}
	m.objects += sign
	m.data.change(c, f.told)
	at := folder{c.Object.Bucket, c.Object.Key[:strings.LastIndexByte(c.Object.Key, '/')+1]}
	in := f.folders[at]
	if in == nil {
		in = &content{}
		f.folders[at] = in
	}
	in.objects += sign
	in.rows += sign * c.Object.Rows
	in.bytes += sign * c.Object.Bytes
	in.last.change(c, f.told)
	if in.objects == 0 {
		delete(f.folders, at)
	}
}

func (n *newest) change(c catalog.Change, order int64) {
	switch {
	case !c.Removed:
		*n = newest{object: c.Object, order: order}
	case n.object.Key == c.Object.Key && n.object.Bucket == c.Object.Bucket:
		*n = newest{}
	}
}

func (f *sums) fillStream(tx *state.Tx, s *StreamState) error {
	m := f.maker(s.producer)
	total, err := ledger.Of(tx, s.producer)
	if err != nil {
		return err
	}
	s.Delivered, s.Rejected, s.Unmatched, s.Objects = total.Counts.Delivered, total.Counts.Rejects(), total.Counts.Unmatched, m.objects
	if total.Committed > 0 {
		s.LastFlush = instant(total.Committed)
	}
	if s.LastObject, err = m.data.look(tx); err != nil {
		return err
	}
	s.LastRejects, err = m.rejects.look(tx)
	return err
}

// fillTables gives each folder's content to the tables above it.
func (f *sums) fillTables(tx *state.Tx, tables []TableStatus) error {
	at := map[folder][]*TableStatus{}
	for i := range tables {
		if bucket, path, ok := loglake.SplitLocation(tables[i].Location); ok {
			at[folder{bucket, path}] = append(at[folder{bucket, path}], &tables[i])
		}
	}
	last := map[*TableStatus]*newest{}
	for where, c := range f.folders {
		for end := 0; ; {
			for _, t := range at[folder{where.bucket, where.path[:end]}] {
				t.Objects, t.Rows, t.Bytes = t.Objects+c.objects, t.Rows+c.rows, t.Bytes+c.bytes
				if known := last[t]; known == nil || known.order < c.last.order {
					last[t] = &c.last
				}
			}
			next := strings.IndexByte(where.path[end:], '/')
			if next < 0 {
				break
			}
			end += next + 1
		}
	}
	for t, n := range last {
		var err error
		if t.Newest, err = n.look(tx); err != nil {
			return err
		}
	}
	return nil
}

// look gives what there is to say of the object, nil where there is none.
func (n *newest) look(tx *state.Tx) (*ObjectStatus, error) {
	if n.seen != nil || n.object.Key == "" {
		return n.seen, nil
	}
	at, err := ledger.CommittedAt(tx, n.object.Producer, n.object.Batch)
	if err != nil {
		return nil, err
	}
	o, _, err := catalog.ObjectByKey(tx, n.object.Bucket, n.object.Key)
	if err != nil {
		return nil, err
	}
	seen := &ObjectStatus{Bucket: n.object.Bucket, Key: n.object.Key, Rows: n.object.Rows, Bytes: n.object.Bytes, At: at.Time()}
	for _, c := range o.Columns {
		if o.Rows > 0 && c.NullCount == o.Rows {
			seen.EmptyColumns = append(seen.EmptyColumns, c.Name)
		}
	}
	n.seen = seen
	return seen, nil
}
