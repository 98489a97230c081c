package query

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// catchUpMax is how long a query waits for what was acknowledged before it to be converted.
const catchUpMax = time.Second

// tableView is a table as one query sees it: its partitions and, once a scan needs them, their files.
type tableView struct {
	table      loglake.Table
	bucket     string
	prefix     string // of the location, with a slash at the end
	partitions []*partition
	objects    []loglake.Object // of the manifest, by bucket and key
	projection *projection      // nil: the partitions are the catalog's
	rows       []any            // of a system table, until they are in a file
}

// partition is a part of a table; an unpartitioned table is one partition without values.
type partition struct {
	values []string
	bucket string
	prefix string
	hot    []loglake.Hot
	loaded bool
	files  []*tableFile
}

// tableFile is one Parquet file to read.
type tableFile struct {
	path     string
	uri      string // s3://bucket/key
	identity string // changes when the bytes do; "" for hot rows, which are not remembered
	hot      bool
	footer   footer
	local    store.Local // what path is; of a file in S3 only what was fetched
	bytes    int64       // of the file, where it is an object
}

// snapshot is what one query sees of all its tables. The caller releases it.
type snapshot struct {
	views   []*tableView
	pinned  []loglake.Hot
	locals  []store.Local
	scratch []func() // remove the files of system tables
	hotRows int64
	notices notices

	missing   []missingObject // what loading was in doubt about; see judge
	strangers []stranger
}

func (s *snapshot) release() {
	for _, h := range s.pinned {
		h.Unpin()
	}
	for _, l := range s.locals {
		l.Release()
	}
	for _, remove := range s.scratch {
		remove()
	}
}

// snapshot pins what is hot and then reads, in one transaction, what is committed (design D13). In this order a batch
// that commits in between is seen twice, and then left out once: its rows are still pinned, and the positions of the
// transaction tell that they are in its objects. In the other order such a batch would be in neither.
func (e *Executions) snapshot(ctx context.Context, tables []loglake.Table) (*snapshot, error) {
	s := &snapshot{}
	for _, t := range tables {
		v, err := newView(t)
		if err != nil {
			return nil, err
		}
		s.views = append(s.views, v)
	}
	hot, err := e.pinAll(ctx, s)
	if err != nil {
		s.release()
		return nil, err
	}
	err = e.config.DB.View(ctx, func(tx *state.Tx) error {
		positions := positions{}
		for i, v := range s.views {
			if ofSystem(v.table) {
				if err := e.readSystem(tx, v); err != nil {
					return err
				}
				continue
			}
			if err := e.readView(tx, v); err != nil {
				return err
			}
			for _, h := range hot[i] {
				at, ok, err := positions.get(tx, h)
				if err != nil {
					return err
				}
				if ok && h.Range.To > at { // a source without a position has been drained for good
					s.hotRows += h.Rows
					v.addHot(h)
				}
			}
		}
		return nil
	})
	if err == nil {
		err = e.writeSystem(s)
	}
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func newView(t loglake.Table) (v *tableView, err error) {
	v = &tableView{table: t}
	v.bucket, v.prefix, _ = loglake.SplitLocation(t.Location)
	if v.projection, err = projectionOf(t); err == nil && v.projection != nil {
		v.bucket, v.prefix, err = v.projection.root()
	}
	return v, err
}

// positions are those that a snapshot has looked up in its transaction.
type positions map[sourceOf]*loglake.Offset // nil: there is none

type sourceOf struct {
	producer loglake.ProducerID
	source   loglake.SourceID
}

// get gives the position of the source that hot rows are from; ok is false where it has none.
func (p positions) get(tx *state.Tx, h loglake.Hot) (at loglake.Offset, ok bool, err error) {
	of := sourceOf{h.Producer, h.Range.Source}
	known, looked := p[of]
	if !looked {
		if at, ok, err = position.Get(tx, of.producer, of.source); err != nil {
			return 0, false, err
		}
		if ok {
			known = &at
		}
		p[of] = known
	}
	if known == nil {
		return 0, false, nil
	}
	return *known, true, nil
}

// pinAll pins the hot rows below each table's location, and below those of its partitions that lie elsewhere, with one call
// for a table: between two the rows of a stream may be cut into other ranges, and then be seen twice or not at all.
func (e *Executions) pinAll(ctx context.Context, s *snapshot) ([][]loglake.Hot, error) {
	hot := make([][]loglake.Hot, len(s.views))
	if e.config.Hot == nil {
		return hot, nil
	}
	patience, cancel := context.WithTimeout(ctx, catchUpMax)
	defer cancel()
	for i, v := range s.views {
		if ofSystem(v.table) {
			continue
		}
		places, err := e.places(ctx, v)
		if err != nil {
			return nil, err
		}
		if e.config.CatchUp != nil {
			e.config.CatchUp(patience, places)
		}
		if hot[i], err = e.config.Hot(ctx, places); err != nil {
			return nil, fmt.Errorf("pin hot rows: %w", err)
		}
		s.pinned = append(s.pinned, hot[i]...)
	}
	return hot, nil
}

// places gives where files of a table can be: its location and those of its partitions that are not below it.
func (e *Executions) places(ctx context.Context, v *tableView) ([]loglake.Place, error) {
	places := []loglake.Place{{Bucket: v.bucket, Prefix: v.prefix}}
	if len(v.table.PartitionKeys) == 0 || v.projection != nil {
		return places, nil
	}
	list, err := e.config.Catalog.Partitions(ctx, v.table.Database, v.table.Name)
	if err != nil {
		return nil, err
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Location < list[j].Location }) // the upper before the lower
	for _, p := range list {
		bucket, prefix, ok := loglake.SplitLocation(p.Location)
		covered := func(q loglake.Place) bool { return q.Holds(bucket, prefix) }
		if ok && !slices.ContainsFunc(places, covered) {
			places = append(places, loglake.Place{Bucket: bucket, Prefix: prefix})
		}
	}
	return places, nil
}

// readView reads the partitions of a table and its objects in the manifest.
func (e *Executions) readView(tx *state.Tx, v *tableView) (err error) {
	if len(v.table.PartitionKeys) == 0 {
		v.partitions = []*partition{{bucket: v.bucket, prefix: v.prefix}}
		v.objects, err = catalog.ObjectsUnder(tx, v.bucket, v.prefix)
		return err
	}
	if v.projection != nil {
		if v.partitions, err = v.projection.partitions(e.config.Clock()); err != nil {
			return err
		}
		v.objects, err = catalog.ObjectsUnder(tx, v.bucket, v.prefix)
		return err
	}
	list, err := catalog.PartitionsTx(tx, e.config.Home, v.table.Database, v.table.Name)
	if err != nil {
		return err
	}
	outside := map[[2]string]bool{}
	for _, p := range list {
		bucket, prefix, ok := loglake.SplitLocation(p.Location)
		if !ok {
			continue
		}
		v.partitions = append(v.partitions, &partition{values: p.Values, bucket: bucket, prefix: prefix})
		if bucket != v.bucket || !strings.HasPrefix(prefix, v.prefix) {
			outside[[2]string{bucket, prefix}] = true
		}
	}
	if v.objects, err = catalog.ObjectsUnder(tx, v.bucket, v.prefix); err != nil {
		return err
	}
	for place := range outside {
		more, err := catalog.ObjectsUnder(tx, place[0], place[1])
		if err != nil {
			return err
		}
		v.objects = append(v.objects, more...)
	}
	sort.Slice(v.objects, func(i, j int) bool { return objectBefore(v.objects[i], v.objects[j].Bucket, v.objects[j].Key) })
	v.objects = slices.CompactFunc(v.objects, func(a, b loglake.Object) bool { return a.Bucket == b.Bucket && a.Key == b.Key })
	return nil
}

func objectBefore(o loglake.Object, bucket, key string) bool {
	if o.Bucket != bucket {
		return o.Bucket < bucket
	}
	return o.Key < key
}

// addHot puts hot rows where their object will be. One whose partition is not registered yet makes it known, as its
// commit will.
func (v *tableView) addHot(h loglake.Hot) {
	found := false
	for _, p := range v.partitions {
		if p.bucket == h.Bucket && strings.HasPrefix(h.Prefix, p.prefix) && visible(h.Prefix[len(p.prefix):]) {
			p.hot = append(p.hot, h)
			found = true
		}
	}
	if found || h.Bucket != v.bucket || len(v.table.PartitionKeys) == 0 || v.projection != nil {
		return
	}
	values, folder, ok := layout.PartitionFolder(h.Prefix, v.prefix, v.keys())
	if !ok || !visible(strings.TrimPrefix(h.Prefix, v.prefix)) {
		return
	}
	for _, p := range v.partitions {
		if slices.Equal(p.values, values) {
			return // registered with another location: what lies here is not part of the table
		}
	}
	v.partitions = append(v.partitions, &partition{values: values, bucket: h.Bucket, prefix: folder, hot: []loglake.Hot{h}})
}

func (v *tableView) keys() []string {
	names := make([]string, len(v.table.PartitionKeys))
	for i, k := range v.table.PartitionKeys {
		names[i] = k.Name
	}
	return names
}

// valueMap gives a partition's values by key; NULL is left out.
func (v *tableView) valueMap(p *partition) map[string]string {
	m := make(map[string]string, len(p.values))
	for i, key := range v.table.PartitionKeys {
		if i < len(p.values) && p.values[i] != layout.DefaultPartition {
			m[key.Name] = p.values[i]
		}
	}
	return m
}

// visible tells whether no component of a path below a location begins with _ or a dot, as Hive hides such files.
func visible(below string) bool {
	for part := range strings.SplitSeq(below, "/") {
		if strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}

// matching gives the partitions that a scan may find rows in.
func (v *tableView) matching(scan *dialect.Scan) []*partition {
	var list []*partition
	for _, p := range v.partitions {
		if scan.MayMatch(v.valueMap(p)) {
			list = append(list, p)
		}
	}
	return list
}

// listingsAside is how many partitions are listed at the same time, and held in memory.
const listingsAside = 16

// loadAll finds the files of partitions.
func (e *Executions) loadAll(ctx context.Context, s *snapshot, v *tableView, parts []*partition) error {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p *partition) bool { return p.loaded })
	for batch := range slices.Chunk(parts, listingsAside) {
		listings := make([][]store.Object, len(batch))
		group, within := errgroup.WithContext(ctx)
		for i, p := range batch {
			group.Go(func() (err error) {
				listings[i], err = e.list(within, p)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for i, p := range batch {
			if err := e.load(ctx, s, partitionOf{v, p, listings[i]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// list gives what lies below a partition's location, but for what Hive hides.
func (e *Executions) list(ctx context.Context, p *partition) ([]store.Object, error) {
	const pageMax = 1000
	var all []store.Object
	for after, more := "", true; more; {
		var list []store.Object
		var err error
		list, more, err = e.config.Store.List(ctx, p.bucket, p.prefix, after, pageMax)
		if err != nil {
			return nil, gone(p, fmt.Errorf("list s3://%s/%s: %w", p.bucket, p.prefix, err))
		}
		for _, o := range list {
			after = o.Key
			if o.Bytes != 0 && visible(o.Key[len(p.prefix):]) {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

// partitionOf is a partition whose files are to be found, and the listing of its location.
type partitionOf struct {
	v *tableView
	*partition
	listing []store.Object
}

// load finds the files of a partition: committed objects, hot rows, and what others wrote below its location. The
// listing was made after the manifest was read, so what the manifest has and it has not is probably gone: judge decides.
func (e *Executions) load(ctx context.Context, s *snapshot, p partitionOf) error {
	p.loaded = true
	first := sort.Search(len(p.v.objects), func(i int) bool { return !objectBefore(p.v.objects[i], p.bucket, p.prefix) })
	known := map[string]bool{}
	for _, o := range p.v.objects[first:] {
		if o.Bucket != p.bucket || !strings.HasPrefix(o.Key, p.prefix) {
			break
		}
		known[o.Key] = true
		if o.Bytes == 0 || !visible(o.Key[len(p.prefix):]) {
			continue
		}
		i, found := slices.BinarySearchFunc(p.listing, o.Key, func(l store.Object, key string) int { return strings.Compare(l.Key, key) })
		var err error
		if found {
			err = e.useCommitted(ctx, s, p, o, p.listing[i])
		}
		if !found || errors.Is(err, store.ErrNoObject) {
			s.missing = append(s.missing, missingObject{o, p})
			continue
		}
		if err != nil {
			return gone(p.partition, err)
		}
	}
	for _, h := range p.hot {
		path, _, err := h.Export()
		if err != nil {
			return fmt.Errorf("export hot rows: %w", err)
		}
		p.files = append(p.files, &tableFile{path: path, uri: "s3://" + h.Bucket + "/" + h.Prefix, hot: true})
	}
	return e.loadForeign(ctx, s, p, known)
}

// loadForeign takes the objects that others put there. Keys of our own grammar are left to the manifest: they may be on
// their way into it.
func (e *Executions) loadForeign(ctx context.Context, s *snapshot, p partitionOf, known map[string]bool) error {
	for _, o := range p.listing {
		if known[o.Key] {
			continue
		}
		if _, ours := layout.ParseKey(o.Key); ours {
			s.strangers = append(s.strangers, stranger{o, p})
			continue
		}
		err := e.use(ctx, s, p, o, fmt.Sprintf("%s-%d-%d", o.ETag, o.Bytes, o.Modified.UnixNano()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// use makes an object a file of the partition. identity is that of its bytes.
func (e *Executions) use(ctx context.Context, s *snapshot, p partitionOf, o store.Object, identity string) error {
	local, err := e.config.Store.Local(ctx, p.bucket, o)
	if err != nil {
		return fmt.Errorf("find s3://%s/%s: %w", p.bucket, o.Key, err)
	}
	s.locals = append(s.locals, local)
	if !local.Whole() {
		identity += " " + o.ETag // of a copy that must not be taken for what another version's footer says
	}
	p.files = append(p.files, &tableFile{path: local.Path, uri: "s3://" + p.bucket + "/" + o.Key, identity: identity, local: local, bytes: o.Bytes})
	return nil
}
