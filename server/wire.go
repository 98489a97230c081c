package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/athenaapi"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/api/firehoseapi"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/glueapi"
	"github.com/loglake/loglake/api/iamapi"
	"github.com/loglake/loglake/api/logsapi"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/role"
	"github.com/loglake/loglake/route"
	"github.com/loglake/loglake/web"
)

func (s *Server) openGroups(ctx context.Context) (err error) {
	s.Groups, err = loggroup.New(ctx, loggroup.Config{
		DB: s.State, Journal: s.Journal, Home: s.cfg.Home, Clock: s.cfg.Clock,
		CheckDestination: func(ctx context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
			return s.Streams.Resolve(ctx, arn)
		},
		OnSubscriptions: func(producer loglake.ProducerID) { s.Streams.Wake(producer); s.Routes.Wake() },
	})
	s.Routes = route.New(route.Config{Journal: s.Journal, Groups: s.Groups, Clock: s.cfg.Clock, OnNotice: s.routeNotice})
	return err
}

func (s *Server) openQueries(ctx context.Context) (err error) {
	if engine.Built || len(s.cfg.Engine) > 0 {
		s.engine, err = engine.New(engine.Config{Command: s.cfg.Engine, Dir: s.path("spill"), FS: s.cfg.FS, MemoryMax: s.cfg.QueryMemory})
		if err != nil {
			return err
		}
	}
	s.Queries, err = query.New(ctx, query.Config{
		DB: s.State, Home: s.cfg.Home, Clock: s.cfg.Clock, Catalog: s.Catalog, Store: s.Store, Engine: s.engine,
		Hot: s.Streams.Hot, CatchUp: s.Streams.CatchUp, System: s.systemRows(),
		OnFailure: func(id string, cause error) {
			s.cfg.OnEvent(Event{Level: LevelError, Part: "query", Text: id + " failed", Err: cause})
		},
	})
	return err
}

// awsHandler is what the AWS address serves, native HTTP to whoever signs with it.
func (s *Server) awsHandler(native http.Handler) http.Handler {
	cfg := s.cfg
	return front.New(front.Config{
		Services: []awsjson.Service{
			logsapi.New(logsapi.Config{Groups: s.Groups, Home: cfg.Home}),
			firehoseapi.New(firehoseapi.Config{Streams: s.Streams}),
			glueapi.New(glueapi.Config{Catalog: s.Catalog, Home: cfg.Home}),
			athenaapi.New(athenaapi.Config{Executions: s.Queries, Catalog: s.Catalog}),
		},
		S3: s3api.New(s3api.Config{Store: s.Store, Home: cfg.Home, OnError: func(r *http.Request, err error) {
			s.cfg.OnEvent(Event{Level: LevelError, Part: "s3", Text: r.Method + " " + r.URL.Path + " failed", Err: err})
		}}),
		STS: &stsapi.Handler{Home: cfg.Home},
		IAM: iamapi.New(iamapi.Config{
			Roles: role.New(role.Config{DB: s.State, Account: cfg.Home.Account, Clock: cfg.Clock}), Home: cfg.Home,
			OnError: func(action string, err error) {
				s.cfg.OnEvent(Event{Level: LevelError, Part: "api", Text: action + " failed", Err: err})
			},
		}),
		Native:   native,
		Bodies:   s.bodies,
		Verifier: sigv4.New(sigv4.Config{Keys: cfg.Credentials}), // by the machine's clock, as clients sign
		OnError: func(r *awsjson.Request, err error) {
			s.cfg.OnEvent(Event{Level: LevelError, Part: "api", Text: r.Operation + " failed", Err: err})
		},
	})
}

// nativeHandler is what the native address serves. There is one of a server: it keeps the sums of a status.
func (s *Server) nativeHandler() http.Handler {
	return nativeapi.New(nativeapi.Config{
		Books:   s.Books,
		Streams: s.Streams, Queries: s.Queries, Results: s.results, Ready: &s.ready, Metrics: s.metrics(),
		Backup: s.Backup, Page: web.Handler(), State: s.State, Journal: s.Journal, Groups: s.Groups, Catalog: s.Catalog,
		About: nativeapi.About{
			Version: s.cfg.Version, Home: s.cfg.Home, Started: s.created, Clock: s.cfg.Clock, Engine: s.engine != nil, KeyPairs: len(s.cfg.Credentials),
			Store: s.storeName(), JournalMax: s.cfg.JournalMax,
			Free: func() (int64, error) { return s.cfg.FS.Free(s.cfg.Dir) },
		},
		SkipRoute: s.skipRoute,
		OnError: func(err error) {
			s.cfg.OnEvent(Event{Level: LevelError, Part: "http", Text: "a request failed", Err: err})
		},
	})
}

// results gives where the results of queries by native HTTP lie.
func (s *Server) results(ctx context.Context) (string, error) {
	bucket := s.cfg.ResultsBucket
	there, err := s.Store.HasBucket(ctx, bucket)
	if err == nil && !there {
		err = s.Store.CreateBucket(ctx, bucket)
	}
	if err != nil && loglake.CodeOf(err) != loglake.CodeExists { // another query has made it
		return "", err
	}
	return "s3://" + bucket + "/", nil
}

func (s *Server) journalEvent(e journal.Event) {
	level := LevelInfo
	switch e.Kind {
	case journal.EventDamaged, journal.EventFileFailed:
		level = LevelError
	case journal.EventDiskFull, journal.EventSettleFailed:
		level = LevelWarn
	case journal.EventLimitReached:
		s.cfg.OnEvent(Event{Level: LevelWarn, Part: "journal", Text: fmt.Sprintf("the journal holds %d bytes and its limit is %d: puts are refused until deliveries have caught up "+
			"or events have expired; reads and queries go on", e.Bytes, s.cfg.JournalMax)})
		return
	case journal.EventSpaceBack:
		level = LevelWarn // or a log that tells of warnings only would end with the bad news
	case journal.EventSpoolsForgotten:
		s.cfg.OnEvent(Event{Level: LevelWarn, Part: "journal", Text: fmt.Sprintf("%d spools of clients, unused for %d days, were forgotten to make room for others: "+
			"one of them that begins again at position 0 may be stored twice", e.Count, int(journal.SpoolIdle.Hours()/24))})
		return
	}
	s.cfg.OnEvent(Event{Level: level, Part: "journal", Text: string(e.Kind) + " " + e.File, Err: e.Err})
}

func (s *Server) routeNotice(n route.Notice) {
	text := n.Text
	if n.Filter != "" {
		text = fmt.Sprintf("filter %s of %s into %s: %s", n.Filter, n.Group, n.Into, n.Text)
	}
	s.cfg.OnEvent(Event{Level: LevelWarn, Part: "route", Text: text, Err: n.Err})
}

func (s *Server) skipRoute(group loglake.GroupName, filter string) (all []nativeapi.Skipped, err error) {
	skipped, err := s.Routes.SkipDamaged(group, filter)
	for _, k := range skipped {
		all = append(all, nativeapi.Skipped{Source: fmt.Sprintf("log group %s, filter %s", group, filter), From: k.From, To: k.To, Damage: k.Damage})
	}
	return all, err
}

func (s *Server) deliveryEvent(n delivery.Notice) {
	level := LevelWarn
	if n.Kind == delivery.NoticeBatch {
		level = LevelInfo
	}
	s.cfg.OnEvent(Event{Level: level, Part: "delivery", Text: "stream " + string(n.Stream) + ": " + n.Text, Err: n.Err})
}
