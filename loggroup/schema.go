package loggroup

import "github.com/loglake/loglake/state"

// Migrations gives the tables of this package. Times are milliseconds. A journal of a deleted group stays in
// log_journals_dropped until nobody reads it any more. The target of a subscription is the journal that a route copies
// into, ” where its destination is a delivery stream. Nothing here changes when events are put.
func Migrations() []state.Migration {
	return []state.Migration{first, {Package: "loggroup", Version: 2, SQL: `
		CREATE TABLE log_group_retained (
			account   TEXT NOT NULL,
			region    TEXT NOT NULL,
			log_group TEXT NOT NULL,
			until     BIGINT NOT NULL,
			days      BIGINT NOT NULL,
			PRIMARY KEY (account, region, log_group, until)
		);
		ALTER TABLE log_subscriptions ADD COLUMN target TEXT NOT NULL DEFAULT '';
		CREATE INDEX log_subscriptions_by_target ON log_subscriptions (target) WHERE target <> '';`, Recorded: []string{"log_group_retained"}}}
}

var first = state.Migration{Package: "loggroup", Version: 1, SQL: `
		CREATE TABLE log_groups (
			account        TEXT NOT NULL,
			region         TEXT NOT NULL,
			name           TEXT NOT NULL,
			journal        TEXT NOT NULL UNIQUE,
			created        BIGINT NOT NULL,
			class          TEXT NOT NULL,
			retention_days BIGINT NOT NULL,
			protected      BOOLEAN NOT NULL,
			PRIMARY KEY (account, region, name)
		);
		CREATE TABLE log_streams (
			account   TEXT NOT NULL,
			region    TEXT NOT NULL,
			log_group TEXT NOT NULL,
			name      TEXT NOT NULL,
			created   BIGINT NOT NULL,
			since     BIGINT NOT NULL,
			reused    BOOLEAN NOT NULL,
			PRIMARY KEY (account, region, log_group, name)
		);
		CREATE TABLE log_group_tags (
			account   TEXT NOT NULL,
			region    TEXT NOT NULL,
			log_group TEXT NOT NULL,
			tag_key   TEXT NOT NULL,
			tag_value TEXT NOT NULL,
			PRIMARY KEY (account, region, log_group, tag_key)
		);
		CREATE TABLE log_subscriptions (
			id              TEXT PRIMARY KEY,
			account         TEXT NOT NULL,
			region          TEXT NOT NULL,
			log_group       TEXT NOT NULL,
			filter          TEXT NOT NULL,
			journal         TEXT NOT NULL,
			pattern         TEXT NOT NULL,
			destination     TEXT NOT NULL,
			role            TEXT NOT NULL,
			distribution    TEXT NOT NULL,
			stream          TEXT NOT NULL,
			producer        TEXT NOT NULL,
			created         BIGINT NOT NULL,
			from_offset     BIGINT NOT NULL,
			until_offset    BIGINT NOT NULL
		);
		CREATE UNIQUE INDEX log_subscriptions_open ON log_subscriptions (account, region, log_group, filter) WHERE until_offset = -1;
		CREATE INDEX log_subscriptions_by_producer ON log_subscriptions (producer);
		CREATE TABLE log_journals_dropped (journal TEXT PRIMARY KEY);`,
	Recorded: []string{"log_groups", "log_streams", "log_group_tags", "log_subscriptions", "log_journals_dropped"}}
