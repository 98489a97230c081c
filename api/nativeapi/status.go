package nativeapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// GET /v1/status is everything at a glance, for `loglake status`, `loglake doctor` and the page. Lists are by name and hold
// at most ?limit=N things each; totals say how many there are. Numbers of one answer may be some milliseconds apart.

// Limits of a status.
const (
	StatusLimitDefault = 1000
	StatusLimitMax     = 10_000
)

// About is what a status says of the server itself.
type About struct {
	Version  string // of the program; "": not said
	Home     loglake.Home
	Started  time.Time
	Clock    loglake.Clock         // nil: time.Now
	Free     func() (int64, error) // bytes that may still be written to the data folder; nil: not said
	Engine   bool                  // SELECT is answered
	KeyPairs int                   // configured ones; 0: any is taken
	Store    string                // where the buckets are, for people; "": not said
	// JournalMax is how many bytes of the journal there may be; 0: no limit.
	JournalMax int64
}

// Status is the answer to GET /v1/status.
type Status struct {
	Server  ServerStatus  `json:"server"`
	Totals  StatusTotals  `json:"totals"`
	Ledger  *LedgerStatus `json:"ledger"`
	Groups  []GroupStatus `json:"groups"`
	Streams []StreamState `json:"streams"`
	Tables  []TableStatus `json:"tables"`
}

// StatusTotals says how many of each there are, also beyond the limit.
type StatusTotals struct {
	Groups  int `json:"groups"`
	Streams int `json:"streams"`
	Tables  int `json:"tables"`
}

// ServerStatus is the server in a status.
type ServerStatus struct {
	Version       string    `json:"version,omitempty"`
	Now           time.Time `json:"now"`
	UptimeSeconds int64     `json:"uptime_seconds"`
	Account       string    `json:"account"`
	Region        string    `json:"region"`
	FreeBytes     *int64    `json:"free_bytes,omitempty"` // of the data folder's filesystem
	JournalBytes  int64     `json:"journal_bytes"`
	JournalMax    int64     `json:"journal_max,omitempty"` // at which puts are refused
	Store         string    `json:"store,omitempty"`       // where the buckets are
	Engine        bool      `json:"engine"`
	KeyPairs      int       `json:"key_pairs"`
}

// GroupStatus is a log group in a status.
type GroupStatus struct {
	Name          string         `json:"name"`
	RetentionDays int            `json:"retention_days,omitempty"` // 0: for ever
	Streams       int            `json:"streams"`                  // log streams
	Events        int64          `json:"events"`                   // accepted, ever
	Bytes         int64          `json:"bytes"`                    // on the disk, now
	LastEvent     *time.Time     `json:"last_event,omitempty"`     // when it came in
	Filters       []FilterStatus `json:"filters"`
}

// The kinds of a filter's destination.
const (
	ToStream = "stream"
	ToGroup  = "group"
)

// FilterStatus is a subscription filter in a status.
type FilterStatus struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`        // ToStream or ToGroup
	Destination string `json:"destination"` // the name of the stream or group
	Pattern     string `json:"pattern"`
	Lag         int64  `json:"lag_events"`        // accepted and not yet in a committed object, or copied
	Missing     bool   `json:"missing,omitempty"` // the destination is gone: nothing is delivered
}

// The states of a delivery stream, the worst first.
const (
	StateHeld    = "held"    // stopped by its policy; nothing is lost
	StateFailing = "failing" // a step fails and is tried again
	StateWarned  = "warned"  // it delivers, and its set-up looks wrong
	StateOK      = "ok"
)

// StreamState is a delivery stream in a status.
type StreamState struct {
	StreamStatus
	producer      loglake.ProducerID
	State         string        `json:"state"`
	From          []string      `json:"from"` // log groups whose filters lead here
	DirectRecords int64         `json:"direct_records"`
	Table         string        `json:"table,omitempty"` // database.table; "" where nothing is converted
	Bucket        string        `json:"bucket"`
	Prefix        string        `json:"prefix"`
	Policy        string        `json:"policy"`
	PartitionBy   string        `json:"partition_by,omitempty"`
	Processors    []string      `json:"processors,omitempty"`
	BufferSeconds int           `json:"buffer_seconds"`
	BufferMiB     int           `json:"buffer_mib"`
	Delivered     int64         `json:"delivered"` // messages in committed data objects
	Rejected      int64         `json:"rejected"`  // lines in reject objects
	Unmatched     int64         `json:"unmatched"` // events that the filters' patterns left out
	Objects       int64         `json:"objects"`   // data objects that are there
	LastObject    *ObjectStatus `json:"last_object,omitempty"`
	LastRejects   *ObjectStatus `json:"last_rejects,omitempty"`
}

// ObjectStatus is a committed object in a status.
type ObjectStatus struct {
	Bucket       string    `json:"bucket"`
	Key          string    `json:"key"`
	Rows         int64     `json:"rows"` // or lines, of rejects
	Bytes        int64     `json:"bytes"`
	At           time.Time `json:"at"`
	EmptyColumns []string  `json:"empty_columns,omitempty"` // Parquet: columns without one value
}

// TableStatus is a catalog table in a status. Objects, rows and bytes are those that loglake has committed below the
// table's location.
type TableStatus struct {
	Database      string        `json:"database"`
	Name          string        `json:"name"`
	Location      string        `json:"location"`
	Columns       []TableColumn `json:"columns"`
	PartitionKeys []TableColumn `json:"partition_keys"`
	Partitions    int           `json:"partitions"`
	Objects       int64         `json:"objects"`
	Rows          int64         `json:"rows"`
	Bytes         int64         `json:"bytes"`
	Newest        *ObjectStatus `json:"newest_object,omitempty"`
}

// TableColumn is a column or a partition key of a table.
type TableColumn struct {
	Name string `json:"name"`
	Type string `json:"type"` // in Hive's spelling
}

func (h *handler) status(w http.ResponseWriter, r *http.Request) {
	limit := StatusLimitDefault
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > StatusLimitMax {
			WriteError(w, loglake.Errorf(loglake.CodeInvalid, "limit=%q is not a number from 0 to %d", text, StatusLimitMax))
			return
		}
		limit = n
	}
	s, err := h.readStatus(r.Context(), limit)
	if err != nil {
		h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, s)
}

// readStatus gathers a status with at most limit things of each kind.
func (h *handler) readStatus(ctx context.Context, limit int) (*Status, error) {
	server, err := h.serverStatus()
	if err != nil {
		return nil, err
	}
	s := &Status{Server: server}
	routes, err := h.readRoutes(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.groupStatuses(s, routes, limit); err != nil {
		return nil, err
	}
	if err := h.streamStates(ctx, s, routes, limit); err != nil {
		return nil, err
	}
	if err := h.tableStatuses(ctx, s, limit); err != nil {
		return nil, err
	}
	if s.Ledger, err = h.ledgerStatus(ctx); err != nil {
		return nil, err
	}
	return s, h.sums.fill(ctx, h.State, s)
}

func (h *handler) now() time.Time {
	if h.About.Clock == nil {
		return time.Now().UTC()
	}
	return h.About.Clock().UTC()
}

func (h *handler) serverStatus() (ServerStatus, error) {
	a, now := h.About, h.now()
	s := ServerStatus{
		Version: a.Version, Now: now, UptimeSeconds: int64(now.Sub(a.Started).Seconds()), Account: a.Home.Account, Region: a.Home.Region,
		Engine: a.Engine, KeyPairs: a.KeyPairs, Store: a.Store, JournalMax: a.JournalMax,
	}
	for _, id := range h.Journal.Journals() {
		s.JournalBytes += h.Journal.Size(id)
	}
	if a.Free == nil {
		return s, nil
	}
	free, err := a.Free()
	s.FreeBytes = &free
	return s, err
}

// routes are the subscriptions that are there, with how far each has got.
type routes struct {
	byGroup  map[loglake.GroupName][]loggroup.Subscription
	byStream map[loglake.ProducerID][]string // log groups, by name
	at       map[loglake.SourceID]loglake.Offset
}

func (h *handler) readRoutes(ctx context.Context) (*routes, error) {
	r := &routes{byGroup: map[loglake.GroupName][]loggroup.Subscription{}, byStream: map[loglake.ProducerID][]string{},
		at: map[loglake.SourceID]loglake.Offset{}}
	err := h.State.View(ctx, func(tx *state.Tx) error {
		all, err := loggroup.AllSubscriptions(tx)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Until == loggroup.Open && s.Stream != "" { // those to groups come below
				r.byStream[s.Producer] = append(r.byStream[s.Producer], string(s.Group))
				r.byGroup[s.Group] = append(r.byGroup[s.Group], s)
			}
		}
		into, err := loggroup.RoutesOf(tx)
		if err != nil {
			return err
		}
		for _, s := range into {
			if s.Until == loggroup.Open {
				r.byGroup[s.Group] = append(r.byGroup[s.Group], s.Subscription)
			}
		}
		positions, err := position.All(tx, "")
		for _, p := range positions {
			r.at[p.Source] = p.At
		}
		return err
	})
	return r, err
}

func (h *handler) groupStatuses(s *Status, routes *routes, limit int) error {
	s.Groups = []GroupStatus{}
	for token := ""; ; {
		page, next, err := h.Groups.DescribeGroups(loggroup.GroupQuery{Token: token})
		if err != nil {
			return err
		}
		for _, g := range page {
			if s.Totals.Groups++; s.Totals.Groups <= limit {
				s.Groups = append(s.Groups, h.groupStatus(g, routes))
			}
		}
		if token = next; token == "" {
			return nil
		}
	}
}

func (h *handler) groupStatus(g loggroup.Group, routes *routes) GroupStatus {
	head := h.Journal.Head(g.Journal)
	out := GroupStatus{
		Name: string(g.Name), RetentionDays: g.RetentionDays, Streams: g.Streams, Events: int64(head), Bytes: g.StoredBytes,
		LastEvent: instant(h.Journal.LastIngested(g.Journal)), Filters: []FilterStatus{},
	}
	for _, sub := range routes.byGroup[g.Name] {
		at, ok := routes.at[sub.ID]
		f := FilterStatus{Name: sub.Filter, Kind: ToStream, Destination: string(sub.Stream), Pattern: sub.Pattern, Missing: !ok}
		if sub.Target != "" {
			f.Kind, f.Destination = ToGroup, string(sub.Into)
		}
		if ok {
			f.Lag = int64(max(head-at, 0))
		}
		out.Filters = append(out.Filters, f)
	}
	slices.SortFunc(out.Filters, func(a, b FilterStatus) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (h *handler) streamStates(ctx context.Context, s *Status, routes *routes, limit int) error {
	all, err := h.Streams.Statuses(ctx)
	if err != nil {
		return err
	}
	s.Totals.Streams, s.Streams = len(all), []StreamState{}
	for _, st := range all {
		def, err := h.Streams.Describe(st.Name)
		if err != nil {
			continue // deleted since
		}
		if len(s.Streams) == limit {
			break
		}
		one := stateOf(def)
		one.StreamStatus = streamStatus(st)
		one.State = stateIn(st)
		one.DirectRecords = int64(h.Journal.Head(def.Journal()))
		one.From = append(one.From, routes.byStream[def.Producer]...)
		slices.Sort(one.From)
		one.From = slices.Compact(one.From)
		s.Streams = append(s.Streams, one)
	}
	return nil
}

// stateIn gives the worst that there is to say of a stream.
func stateIn(s delivery.Status) string {
	switch {
	case s.Held != "":
		return StateHeld
	case s.Failure != "":
		return StateFailing
	case s.Mistake != "" || s.AllRefused:
		return StateWarned
	}
	return StateOK
}

// partitionByTag is the tag of a delivery stream that names the column its prefix is evaluated at.
const partitionByTag = "loglake:partition-by"

// stateOf gives what a stream's definition says.
func stateOf(def *delivery.Definition) StreamState {
	d := def.Destination
	s := StreamState{
		producer: def.Producer, Bucket: d.Bucket(), Prefix: textOf(d.Prefix), Policy: string(def.Policy()),
		PartitionBy: def.Tags[partitionByTag], From: []string{},
	}
	if b := d.BufferingHints; b != nil && b.IntervalInSeconds != nil && b.SizeInMBs != nil {
		s.BufferSeconds, s.BufferMiB = *b.IntervalInSeconds, *b.SizeInMBs
	}
	for _, kind := range []string{"Decompression", "CloudWatchLogProcessing", "AppendDelimiterToRecord"} {
		if _, ok := d.Processor(kind); ok {
			s.Processors = append(s.Processors, kind)
		}
	}
	if d.Converts() {
		source := d.DataFormatConversionConfiguration.SchemaConfiguration
		s.Table = strings.ToLower(textOf(source.DatabaseName) + "." + textOf(source.TableName))
	}
	return s
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (h *handler) tableStatuses(ctx context.Context, s *Status, limit int) error {
	s.Tables = []TableStatus{}
	_, err := h.Catalog.AllTables(ctx, func(t catalog.Table) bool {
		if s.Totals.Tables++; len(s.Tables) < limit {
			s.Tables = append(s.Tables, tableStatus(t))
		}
		return false
	})
	if err != nil {
		return err
	}
	return h.State.View(ctx, func(tx *state.Tx) error {
		counts, err := catalog.PartitionCounts(tx, h.About.Home)
		for i := range s.Tables {
			s.Tables[i].Partitions = counts[[2]string{s.Tables[i].Database, s.Tables[i].Name}]
		}
		return err
	})
}

func tableStatus(t catalog.Table) TableStatus {
	out := TableStatus{Database: t.DatabaseName, Name: t.Name, Columns: []TableColumn{}, PartitionKeys: columnsOf(t.PartitionKeys)}
	if t.StorageDescriptor != nil {
		out.Location, out.Columns = t.StorageDescriptor.Location, columnsOf(t.StorageDescriptor.Columns)
	}
	return out
}

func columnsOf(columns []catalog.Column) []TableColumn {
	out := make([]TableColumn, len(columns))
	for i, c := range columns {
		out[i] = TableColumn{Name: c.Name, Type: c.Type}
	}
	return out
}
