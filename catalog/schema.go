package catalog

import "github.com/loglake/loglake/state"

// Migrations gives the tables of this package. Instants are milliseconds; body is the JSON of the Glue input.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "catalog", Version: 1, SQL: schema, Recorded: recorded}, {Package: "catalog", Version: 2, SQL: manifestIndexes},
		{Package: "catalog", Version: 3, SQL: `ALTER TABLE manifest_objects ADD COLUMN generation BIGINT NOT NULL DEFAULT 0`},
		{Package: "catalog", Version: 4, SQL: absences}}
}

// recorded are the tables that the record of the lake holds; the manifest is made again from the objects.
var recorded = []string{"catalog_databases", "catalog_tables", "catalog_versions", "catalog_partitions", "catalog_statistics",
	"catalog_indexes", "catalog_tags", "manifest_sequence"}

const schema = `
CREATE TABLE catalog_databases (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	created BIGINT NOT NULL,
	body    TEXT NOT NULL,
	PRIMARY KEY (account, region, name)
);
-- bucket and prefix are those of the location, "" where it is none; keys are the names of the partition keys as JSON.
CREATE TABLE catalog_tables (
	account        TEXT NOT NULL,
	region         TEXT NOT NULL,
	database_name  TEXT NOT NULL,
	name           TEXT NOT NULL,
	version        BIGINT NOT NULL,
	created        BIGINT NOT NULL,
	updated        BIGINT NOT NULL,
	bucket         TEXT NOT NULL,
	prefix         TEXT NOT NULL,
	partition_keys TEXT NOT NULL,
	body           TEXT NOT NULL,
	PRIMARY KEY (account, region, database_name, name)
);
CREATE INDEX catalog_tables_by_location ON catalog_tables (account, region, bucket, prefix);
-- The versions that were replaced; the current one is in catalog_tables.
CREATE TABLE catalog_versions (
	account       TEXT NOT NULL,
	region        TEXT NOT NULL,
	database_name TEXT NOT NULL,
	table_name    TEXT NOT NULL,
	version       BIGINT NOT NULL,
	updated       BIGINT NOT NULL,
	body          TEXT NOT NULL,
	PRIMARY KEY (account, region, database_name, table_name, version)
);
-- value_key is the list of values as one text whose byte order is that of the list.
CREATE TABLE catalog_partitions (
	account       TEXT NOT NULL,
	region        TEXT NOT NULL,
	database_name TEXT NOT NULL,
	table_name    TEXT NOT NULL,
	value_key     TEXT NOT NULL,
	created       BIGINT NOT NULL,
	location      TEXT NOT NULL,
	body          TEXT NOT NULL,
	PRIMARY KEY (account, region, database_name, table_name, value_key)
);
-- value_key is "" for the statistics of the table itself.
CREATE TABLE catalog_statistics (
	account       TEXT NOT NULL,
	region        TEXT NOT NULL,
	database_name TEXT NOT NULL,
	table_name    TEXT NOT NULL,
	value_key     TEXT NOT NULL,
	column_name   TEXT NOT NULL,
	body          TEXT NOT NULL,
	PRIMARY KEY (account, region, database_name, table_name, value_key, column_name)
);
CREATE TABLE catalog_indexes (
	account       TEXT NOT NULL,
	region        TEXT NOT NULL,
	database_name TEXT NOT NULL,
	table_name    TEXT NOT NULL,
	name          TEXT NOT NULL,
	keys          TEXT NOT NULL,
	PRIMARY KEY (account, region, database_name, table_name, name)
);
CREATE TABLE catalog_tags (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	arn     TEXT NOT NULL,
	name    TEXT NOT NULL,
	value   TEXT NOT NULL,
	PRIMARY KEY (account, region, arn, name)
);
-- The manifest. A row is written once; only removed_seq and removed_reason are set later.
CREATE TABLE manifest_objects (
	bucket         TEXT NOT NULL,
	key            TEXT NOT NULL,
	added_seq      BIGINT NOT NULL,
	removed_seq    BIGINT,
	removed_reason TEXT,
	kind           TEXT NOT NULL,
	bytes          BIGINT NOT NULL,
	crc32c         BIGINT NOT NULL,
	row_count      BIGINT NOT NULL,
	producer       TEXT NOT NULL,
	batch          BIGINT NOT NULL,
	part           BIGINT NOT NULL,
	parts          BIGINT NOT NULL,
	bounds         BLOB,
	PRIMARY KEY (bucket, key)
);
CREATE TABLE manifest_sequence (
	id    BIGINT PRIMARY KEY CHECK (id = 1),
	value BIGINT NOT NULL
);
INSERT INTO manifest_sequence (id, value) VALUES (1, 0);
`

// manifestIndexes let a reader follow the manifest by its sequence.
const manifestIndexes = `
CREATE INDEX manifest_by_added ON manifest_objects (added_seq);
CREATE INDEX manifest_by_removed ON manifest_objects (removed_seq) WHERE removed_seq IS NOT NULL;
`
