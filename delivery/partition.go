package delivery

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/layout"
)

// Rows find their folder by the arrival of the batch's oldest record, as on AWS, or by a column of their own: so late
// ones lie where queries look for their time. A chunk's rows are then taken apart into pieces, one per folder, when the
// chunk is sealed; each piece is shown to queries under its folder, and a flush writes one object per folder.

// PartitionTag is the tag of a delivery stream that names the column, of type timestamp or date, by whose value each row
// finds its folder: the !{timestamp:…} expressions of the stream's Prefix, and the folders that are appended to one
// without expressions, are evaluated at it. A timestamp is an instant in UTC, and its calendar day that of the stream's
// CustomTimeZone; a date is the calendar day itself. By arrival go rows whose value is NULL, and those beyond
// PartitionsMax; and so do rejects and the names of objects.
const PartitionTag = "loglake:partition-by"

// PartitionsMax bounds the folders of a batch that rows have by their own time. Further rows go by arrival, and the
// stream tells of it (NoticePartitions, Status.Beyond).
const PartitionsMax = 1024

// PartitionBy gives the column that rows find their folder by; "": none, they go by arrival.
func (d Definition) PartitionBy() string { return d.Tags[PartitionTag] }

// partitioning is how rows find their folder by a column.
type partitioning struct {
	column string
	zone   *time.Location
	prefix *layout.Prefix
}

// partitioningOf gives the partitioning of a stream by a column of its table. The error, CodeInvalid, says why rows can't
// find their folder so, and what mends it.
func partitioningOf(d Destination, column string, schema loglake.Schema) (*partitioning, error) {
	p := &partitioning{column: column, zone: time.UTC}
	if !d.Converts() {
		return nil, invalid("The tag %s needs record format conversion, because without it there are no columns: enable DataFormatConversionConfiguration, or remove the tag.", PartitionTag)
	}
	var err error
	if p.prefix, err = layout.ParsePrefix(text(d.Prefix)); err != nil {
		return nil, err
	}
	if !p.prefix.HasTime() {
		return nil, invalid("The tag %s needs a Prefix with a time in it, such as data/dt=!{timestamp:yyyy-MM-dd}/: in %s there is none that a row could have its own of.", PartitionTag, p.prefix)
	}
	at := slices.IndexFunc(schema.Columns, func(c loglake.Column) bool { return strings.EqualFold(c.Name, column) })
	if at < 0 {
		return nil, invalid("The tag %s names the column %q, and rows of the table %s.%s have no such column: name one of type timestamp or date (a partition key is none of them: its value comes from the folder).",
			PartitionTag, column, schema.Database, schema.Table)
	}
	kind := loglake.HiveType{}
	if kind, err = loglake.ParseHiveType(schema.Columns[at].Type); err != nil {
		return nil, err
	}
	switch kind.Kind {
	case loglake.KindTimestamp:
		if d.CustomTimeZone != nil {
			p.zone, err = time.LoadLocation(*d.CustomTimeZone)
		}
	case loglake.KindDate: // it has no zone
	default:
		return nil, invalid("The tag %s names the column %q, which has the type %s in the table %s.%s: it must be timestamp or date.",
			PartitionTag, column, schema.Columns[at].Type, schema.Database, schema.Table)
	}
	return p, err
}

// tryPartitioning tells whether a definition's tag can do what it says.
func (s *Streams) tryPartitioning(ctx context.Context, def *Definition) error {
	column, there := def.Tags[PartitionTag]
	if !there {
		return nil
	}
	var schema loglake.Schema
	var err error
	if def.Destination.Converts() {
		if schema, err = s.schema(ctx, def.Destination); err != nil {
			return err
		}
	}
	_, err = partitioningOf(def.Destination, column, schema)
	return err
}

// values gives what a prefix is evaluated with for rows at a time of their own, in microseconds.
func (p *partitioning) values(at int64) layout.Values {
	return layout.Values{Instant: time.UnixMicro(at), Zone: p.zone, Random: randomString}
}

// piece is the rows of a chunk that lie in one folder.
type piece struct {
	kind   pieceKind
	folder string // pieceTimed: the prefix evaluated, without random strings
	at     int64  // pieceTimed: a time of the folder, microseconds
	rows   int64
}

// pieceKind says how the rows of a piece find their folder.
type pieceKind int

const (
	pieceArrival pieceKind = iota // by the arrival of the batch's oldest record
	pieceTimed                    // by their own time
	pieceBeyond                   // by arrival, because their chunk has PartitionsMax folders already
)

// split takes the rows of a chunk apart into pieces: of each what it is, and its rows.
func (r *recipe) split(rows *convert.Chunk) ([]piece, []*convert.Chunk) {
	if rows.Rows() == 0 {
		return nil, nil
	}
	if r.partitioning != nil {
		if times, ok := rows.Times(r.partitioning.column); ok {
			return r.partitioning.split(rows, times)
		}
	}
	return []piece{{rows: int64(rows.Rows())}}, []*convert.Chunk{rows}
}

func (p *partitioning) split(rows *convert.Chunk, times convert.Times) ([]piece, []*convert.Chunk) {
	s := splitter{partitioning: p, byFolder: map[string]int32{}, others: map[pieceKind]int32{}}
	var last span
	var which []int32 // the piece of each row; nil while there is but one
	for row := range rows.Rows() {
		at, ok := times.At(row)
		var k int32
		switch {
		case ok && last.from <= at && at < last.to:
			k = last.piece
		case ok:
			last = s.find(at)
			k = last.piece
		default:
			k = s.other(pieceArrival)
		}
		if k > 0 && which == nil {
			which = make([]int32, rows.Rows())
		}
		if which != nil {
			which[row] = k
		}
		s.pieces[k].rows++
	}
	if which == nil {
		return s.pieces, []*convert.Chunk{rows}
	}
	return s.pieces, choose(rows, s.pieces, which)
}

// choose gives the rows of each piece. Together they take four bytes a row.
func choose(rows *convert.Chunk, pieces []piece, which []int32) []*convert.Chunk {
	chosen := make([][]int32, len(pieces))
	room := make([]int32, len(which))
	for i, p := range pieces {
		chosen[i], room = room[:0:p.rows], room[p.rows:]
	}
	for row, k := range which {
		chosen[k] = append(chosen[k], int32(row))
	}
	parts := make([]*convert.Chunk, len(pieces))
	for i := range parts {
		parts[i] = rows.Select(chosen[i])
	}
	return parts
}

// splitter finds the pieces of a chunk's rows.
type splitter struct {
	*partitioning
	pieces   []piece
	byFolder map[string]int32
	others   map[pieceKind]int32 // pieces that are not of a folder of their own
	spans    []span              // in order of time, spansMax at most
}

// span is times, from on and before to, whose rows are of one piece.
type span struct {
	from, to int64 // microseconds
	piece    int32
}

// spansMax bounds how many spans are remembered: beyond them each row's prefix is evaluated.
const spansMax = 2 * PartitionsMax

func (s *splitter) find(at int64) span {
	i := sort.Search(len(s.spans), func(i int) bool { return at < s.spans[i].to })
	if i < len(s.spans) && s.spans[i].from <= at {
		return s.spans[i]
	}
	v := s.values(at)
	v.Random = nil
	from, to := layout.Span(s.prefix, v)
	one := span{from: from.UnixMicro(), to: to.UnixMicro(), piece: s.timed(layout.DeliveryPrefix(s.prefix, v), at)}
	if len(s.spans) < spansMax {
		s.spans = slices.Insert(s.spans, i, one)
	}
	return one
}

// timed gives the piece of a folder.
func (s *splitter) timed(folder string, at int64) int32 {
	k, known := s.byFolder[folder]
	if known {
		return k
	}
	if len(s.byFolder) == PartitionsMax {
		return s.other(pieceBeyond)
	}
	k = int32(len(s.pieces))
	s.pieces = append(s.pieces, piece{kind: pieceTimed, folder: folder, at: at})
	s.byFolder[folder] = k
	return k
}

// other gives the piece of rows without a folder of their own.
func (s *splitter) other(kind pieceKind) int32 {
	k, known := s.others[kind]
	if !known {
		k = int32(len(s.pieces))
		s.pieces = append(s.pieces, piece{kind: kind})
		s.others[kind] = k
	}
	return k
}

// add puts a chunk into the batch. The first PartitionsMax folders that its rows ask for are the batch's.
func (b *batch) add(c *chunk) {
	b.chunks = append(b.chunks, c)
	for _, p := range c.pieces {
		switch {
		case p.kind == pieceArrival || b.folders[p.folder]:
		case p.kind == pieceBeyond || len(b.folders) == PartitionsMax:
			b.beyond += p.rows
		default:
			if b.folders == nil {
				b.folders = map[string]bool{}
			}
			b.folders[p.folder] = true
		}
	}
}

// timed tells whether the rows of a piece lie by their own time.
func (b *batch) timed(p piece) bool { return p.kind == pieceTimed && b.folders[p.folder] }

// values gives what the prefix of a piece's rows is evaluated with; first is the batch's.
func (b *batch) values(p piece, first loglake.Millis) layout.Values {
	if b.timed(p) {
		return b.recipe.partitioning.values(p.at)
	}
	return b.recipe.values(first, "")
}

// folder is what a batch writes under one prefix: one object.
type folder struct {
	name   string // the prefix without random strings
	values layout.Values
	rows   []*convert.Chunk
}

// layOut gives the batch's rows by folder, in the order of their names; yields are what its chunks hold.
func (b *batch) layOut(yields []*yield) []*folder {
	first := b.first()
	byName := map[string]*folder{}
	var all []*folder
	for i, c := range b.chunks {
		for k, rows := range yields[i].parts {
			v := b.values(c.pieces[k], first)
			plain := v
			plain.Random = nil
			name := layout.DeliveryPrefix(b.recipe.prefix, plain)
			f, known := byName[name]
			if !known {
				f = &folder{name: name, values: v}
				byName[name] = f
				all = append(all, f)
			}
			f.rows = append(f.rows, rows)
		}
	}
	slices.SortFunc(all, func(a, b *folder) int { return cmp.Compare(a.name, b.name) })
	return all
}
