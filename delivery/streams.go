package delivery

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// Migrations gives the tables of this package.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "delivery", Version: 1, SQL: `
		CREATE TABLE delivery_streams (
			account TEXT NOT NULL,
			region  TEXT NOT NULL,
			name    TEXT NOT NULL,
			body    TEXT NOT NULL,
			PRIMARY KEY (account, region, name)
		);`, Recorded: []string{"delivery_streams"}}}
}

func loadDefinitions(ctx context.Context, db *state.DB, home loglake.Home) (defs map[loglake.StreamName]*Definition, err error) {
	err = db.View(ctx, func(tx *state.Tx) error {
		defs, err = definitionsOf(tx, home)
		return err
	})
	return defs, err
}

func definitionsOf(tx *state.Tx, home loglake.Home) (map[loglake.StreamName]*Definition, error) {
	rows, err := tx.Query(`SELECT body FROM delivery_streams WHERE account = ? AND region = ?`, home.Account, home.Region)
	if err != nil {
		return nil, fmt.Errorf("load delivery streams: %w", err)
	}
	defer rows.Close()
	defs := map[loglake.StreamName]*Definition{}
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("load delivery streams: %w", err)
		}
		def := &Definition{}
		if err := json.Unmarshal([]byte(body), def); err != nil {
			return nil, fmt.Errorf("decode delivery stream: %w", err)
		}
		defs[def.Name] = def
	}
	return defs, rows.Err()
}

// ProducersOf gives the names of the delivery streams that are there, by the producers that they are now.
func ProducersOf(tx *state.Tx, home loglake.Home) (map[loglake.ProducerID]loglake.StreamName, error) {
	defs, err := definitionsOf(tx, home)
	producers := make(map[loglake.ProducerID]loglake.StreamName, len(defs))
	for _, def := range defs {
		producers[def.Producer] = def.Name
	}
	return producers, err
}

// stored gives a stream's definition as the state has it, nil where it has none. It is asked after a transaction that
// failed: its commit may have been done all the same, and then the stream is what the state says.
func (s *Streams) stored(ctx context.Context, name loglake.StreamName) (*Definition, error) {
	defs, err := loadDefinitions(context.WithoutCancel(ctx), s.cfg.State, s.cfg.Home)
	return defs[name], err
}

func (s *Streams) insert(tx *state.Tx, def *Definition) error {
	body, err := json.Marshal(def)
	if err != nil {
		return fmt.Errorf("encode delivery stream: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO delivery_streams (account, region, name, body) VALUES (?, ?, ?, ?)`,
		s.cfg.Home.Account, s.cfg.Home.Region, def.Name, string(body))
	return err
}

func (s *Streams) update(tx *state.Tx, def *Definition) error {
	body, err := json.Marshal(def)
	if err != nil {
		return fmt.Errorf("encode delivery stream: %w", err)
	}
	n, err := tx.Exec(`UPDATE delivery_streams SET body = ? WHERE account = ? AND region = ? AND name = ?`,
		string(body), s.cfg.Home.Account, s.cfg.Home.Region, def.Name)
	if err == nil && n != 1 {
		return s.missing(def.Name)
	}
	return err
}

func (s *Streams) missing(name loglake.StreamName) error {
	return loglake.Errorf(loglake.CodeNotFound, "Firehose %s under account %s not found.", name, s.cfg.Home.Account)
}

// Create makes a stream, which is active at once. The destination is validated whole, its table looked up, and its
// column types tried.
func (s *Streams) Create(ctx context.Context, name loglake.StreamName, d Destination, tags map[string]string) (*Definition, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	d = d.withDefaults()
	if err := s.tryTable(ctx, d); err != nil {
		return nil, err
	}
	def := &Definition{
		Name: name, Producer: loglake.ProducerID(uuid.NewString()), Version: 1, Created: loglake.At(s.cfg.Clock()),
		Destination: d, Tags: tags,
	}
	if err := s.tryPartitioning(ctx, def); err != nil {
		return nil, err
	}
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	if err := s.vacant(name); err != nil {
		return nil, err
	}
	if err := s.cfg.Journal.Create(def.Journal()); err != nil {
		return nil, fmt.Errorf("create journal of stream %s: %w", name, err)
	}
	err := s.cfg.State.Update(ctx, "delivery.create", func(tx *state.Tx) error {
		err := position.Start(tx, position.Position{Producer: def.Producer, Source: loglake.DirectSource, Journal: def.Journal()})
		if err != nil {
			return err
		}
		if err := s.cfg.Groups.AttachSubscriptions(tx, s.ARN(name), def.Producer); err != nil {
			return err
		}
		return s.insert(tx, def)
	})
	if err != nil {
		if there, again := s.stored(ctx, name); again != nil || there == nil || there.Producer != def.Producer {
			return nil, errors.Join(err, again, s.cfg.Journal.Delete(def.Journal()))
		}
	}
	w := newWorker(s, def)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defs[name], s.workers[name] = def, w
	s.start(w)
	return def, nil
}

// vacant tells why a stream of a name can't be made.
func (s *Streams) vacant(name loglake.StreamName) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ok := s.defs[name]; ok {
		return loglake.Errorf(loglake.CodeExists, "Firehose %s under accountId %s already exists", name, s.cfg.Home.Account)
	}
	if len(s.defs) >= StreamsMax {
		return loglake.Errorf(loglake.CodeLimit, "You have already reached your limit of %d delivery streams.", StreamsMax)
	}
	return nil
}

// Describe gives a stream's definition, which is not to be changed.
func (s *Streams) Describe(name loglake.StreamName) (*Definition, error) {
	def, _, err := s.lookup(name)
	return def, err
}

// List gives the names of the streams in order.
func (s *Streams) List() []loglake.StreamName {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]loglake.StreamName, 0, len(s.defs))
	for name := range s.defs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Update is UpdateDestination: it lays update over the destination when version is the present one. What is buffered is
// delivered by the new configuration.
func (s *Streams) Update(ctx context.Context, name loglake.StreamName, version, destinationID string, update Destination) error {
	def, _, err := s.lookup(name)
	if err != nil {
		return err
	}
	if destinationID != DestinationID {
		return loglake.Errorf(loglake.CodeInvalid, "Destination Id %s not found", destinationID)
	}
	if update.DynamicPartitioningConfiguration != nil && isTrue(update.DynamicPartitioningConfiguration.Enabled, false) {
		return notBuilt("DynamicPartitioningConfiguration")
	}
	merged := def.Destination.merge(update)
	if err := merged.validate(); err != nil {
		return err
	}
	merged = merged.withDefaults()
	if err := s.tryTable(ctx, merged); err != nil {
		return err
	}
	return s.replace(ctx, name, "delivery.update", func(def *Definition) error {
		if version != def.VersionID() {
			return loglake.Errorf(loglake.CodeConflict,
				"Cannot update firehose: %s since the current version id: %s and specified version id: %s do not match",
				name, def.VersionID(), version)
		}
		def.Destination, def.Version, def.Updated = merged, def.Version+1, loglake.At(s.cfg.Clock())
		return s.tryPartitioning(ctx, def)
	})
}

// Retag changes a stream's tags by the given function.
func (s *Streams) Retag(ctx context.Context, name loglake.StreamName, change func(map[string]string)) error {
	return s.replace(ctx, name, "delivery.tags", func(def *Definition) error {
		tags := make(map[string]string, len(def.Tags))
		for k, v := range def.Tags {
			tags[k] = v
		}
		change(tags)
		if len(tags) > TagsMax {
			return loglake.Errorf(loglake.CodeLimit, "A stream can have %d tags at most.", TagsMax)
		}
		was, had := def.Tags[PartitionTag]
		def.Tags = tags
		if is, has := tags[PartitionTag]; is == was && has == had {
			return nil // what other tags say has nothing to do with the table
		}
		return s.tryPartitioning(ctx, def)
	})
}

// replace puts a changed copy of a definition in the place of the old one, and tells the worker.
func (s *Streams) replace(ctx context.Context, name loglake.StreamName, transaction string, change func(*Definition) error) error {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	old, w, err := s.lookup(name)
	if err != nil {
		return err
	}
	def := *old
	if err := change(&def); err != nil {
		return err
	}
	if err := s.cfg.State.Update(ctx, transaction, func(tx *state.Tx) error { return s.update(tx, &def) }); err != nil {
		if there, again := s.stored(ctx, name); again != nil || there == nil || !reflect.DeepEqual(*there, def) {
			return errors.Join(err, again)
		}
	}
	s.mu.Lock()
	s.defs[name] = &def
	s.mu.Unlock()
	if def.Version != old.Version || def.Policy() != old.Policy() || def.PartitionBy() != old.PartitionBy() { // other tags say nothing of records
		w.redefine(&def)
	}
	return nil
}

// Delete removes a stream with what it has buffered, as the service does. Subscriptions to it stay, and deliver nothing
// until a stream of the name is there again.
func (s *Streams) Delete(ctx context.Context, name loglake.StreamName) error {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	def, w, err := s.lookup(name)
	if err != nil {
		return err
	}
	w.stop()
	if err := s.forget(ctx, def); err != nil {
		if there, again := s.stored(ctx, name); again != nil || there != nil { // the stream is there, and goes on
			s.mu.Lock()
			defer s.mu.Unlock()
			s.workers[name] = newWorker(s, def)
			s.start(s.workers[name])
			return errors.Join(err, again)
		}
	}
	s.mu.Lock()
	delete(s.defs, name)
	delete(s.workers, name)
	s.mu.Unlock()
	return s.cfg.Journal.Delete(def.Journal())
}

// forget removes all that is kept of a stream but its journal.
func (s *Streams) forget(ctx context.Context, def *Definition) error {
	drop := func(bucket, key string) error { return s.cfg.Store.Delete(ctx, bucket, key) }
	if err := s.cfg.Commit.Discard(ctx, def.Producer, drop); err != nil {
		return err
	}
	return s.cfg.State.Update(ctx, "delivery.delete", func(tx *state.Tx) error {
		if err := loggroup.DetachSubscriptions(tx, def.Producer); err != nil {
			return err
		}
		if err := position.Drop(tx, def.Producer, loglake.DirectSource); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM delivery_streams WHERE account = ? AND region = ? AND name = ?`,
			s.cfg.Home.Account, s.cfg.Home.Region, def.Name)
		return err
	})
}

// tryTable looks up the table of a converting destination and tries its columns, so that a mistake is told when the
// stream is made and not when its first batch is due.
func (s *Streams) tryTable(ctx context.Context, d Destination) error {
	if !d.Converts() {
		return nil
	}
	schema, err := s.schema(ctx, d)
	if err != nil {
		return err
	}
	if _, err := d.converter(schema); err != nil {
		return &loglake.Error{Code: loglake.CodeInvalid, Message: err.Error()}
	}
	return nil
}

// schema reads the present columns of a destination's table.
func (s *Streams) schema(ctx context.Context, d Destination) (loglake.Schema, error) {
	source := d.DataFormatConversionConfiguration.SchemaConfiguration
	database, name, version := text(source.DatabaseName), text(source.TableName), text(source.VersionId)
	table, err := s.cfg.Catalog.Table(ctx, database, name)
	if err == nil && version != "" && version != "LATEST" {
		table, err = s.cfg.Catalog.TableVersion(ctx, database, name, version)
	}
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return loglake.Schema{}, &loglake.Error{Code: loglake.CodeInvalid, Err: err, Message: fmt.Sprintf(
			"The schema is invalid. Error parsing the schema: the table %s.%s could not be found in the catalog (EntityNotFoundException).", database, name)}
	}
	return table.Schema(), err
}

// Put appends records to a stream's journal and gives their ids once they are durable. dedup is the caller's id of the
// call, the same on each attempt of it, or empty.
func (s *Streams) Put(ctx context.Context, name loglake.StreamName, dedup string, records [][]byte) (ids []string, err error) {
	def, _, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	now := loglake.At(s.cfg.Clock())
	var b journal.Builder
	for _, r := range records {
		b.Add(now, r)
	}
	appended, err := s.cfg.Journal.Append(ctx, journal.Put{Journal: def.Journal(), Ingested: now, Dedup: dedup, Events: &b})
	if err != nil {
		return nil, err
	}
	ids = make([]string, len(records))
	for i := range ids {
		ids[i] = recordID(def.Producer, appended.First+loglake.Offset(i))
	}
	return ids, nil
}

// recordID is opaque to clients: the stream's incarnation and the record's offset.
func recordID(producer loglake.ProducerID, at loglake.Offset) string {
	return strings.ReplaceAll(string(producer), "-", "") + fmt.Sprintf("%020d", int64(at))
}

// releaseJournal lets go of what the stream's own journal no longer needs.
func (s *Streams) releaseJournal(def *Definition, floor loglake.Offset) error {
	return s.cfg.Journal.Release(def.Journal(), floor, loglake.Millis(math.MaxInt64))
}

// Status is what a stream is doing, for pages and metrics.
type Status struct {
	Name       loglake.StreamName
	Version    string
	Held       string         // why it is held; "" when it is not
	Mistake    string         // the last recognised mistake of its set-up, or why rows don't lie by PartitionTag; "" when there is none
	Extra      []string       // keys of records that fill no column of the table, and so are left out
	Beyond     int64          // rows committed since the start that lie by their arrival, because of PartitionsMax
	Failure    string         // the last failure that is being retried; "" when there is none
	Failing    loglake.Millis // since when a step has failed without a success between; 0 where Failure is "", or a source's
	Hot        int            // chunks
	HotRows    int64
	HotBytes   int64
	HotRejects int64          // records that wait to be rejected, those in open chunks too
	Refusal    string         // why the first of these in the newest such chunk will be; "" when there is none
	AllRefused bool           // nothing that waits will be delivered, all is rejected
	Backlog    int64          // events acknowledged and not yet in a committed object
	Oldest     loglake.Millis // arrival of the oldest record in a chunk; 0 where there is none
	Flushed    loglake.Millis // the last commit; 0: none since the start
}

// Statuses gives every stream's status, by name.
func (s *Streams) Statuses(ctx context.Context) ([]Status, error) {
	s.mu.RLock()
	workers := make([]*worker, 0, len(s.workers))
	for _, w := range s.workers {
		workers = append(workers, w)
	}
	s.mu.RUnlock()
	all := make([]Status, len(workers))
	for i, w := range workers {
		all[i] = w.status()
		backlog, err := s.backlog(ctx, w.def().Producer)
		if err != nil {
			return nil, err
		}
		all[i].Backlog = backlog
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// backlog is how many events lie between a producer's positions and the heads of its journals.
func (s *Streams) backlog(ctx context.Context, producer loglake.ProducerID) (events int64, err error) {
	err = s.cfg.State.View(ctx, func(tx *state.Tx) error {
		all, err := position.All(tx, producer)
		for _, p := range all {
			events += int64(s.cfg.Journal.Head(p.Journal) - p.At)
		}
		return err
	})
	return events, err
}
