package pipeline

import (
	"slices"
	"strings"

	"github.com/loglake/loglake/shape"
)

// form is what a value of the file looks like.
type form uint8

const (
	formText   form = iota // a string
	formChoice             // one of choices
	formNumber             // a whole number from least to most
	formTruth              // true or false
	formObject             // keys
	formNames              // names of one's own, each with an element
	formList               // elements
	formSome               // one element, or a list of them
	formEither             // one of several forms
)

// key describes a key of the file, or a value where it has no name. The parser's complaints, the JSON schema and the
// reference page are made of these.
type key struct {
	name     string
	form     form
	doc      string       // sentences for the reference and the editor
	preset   string       // what holds without the key, as words; "" where nothing does
	example  string       // a value in YAML
	choices  []string     // formChoice; also a text's words that mean something, formText
	match    string       // formText: a regular expression for editors; the parser's own check says it better
	least    int          // formNumber
	most     int          // formNumber
	keys     func() []key // formObject
	element  *key         // formNames, formList, formSome
	either   []key        // formEither
	required bool
	def      string // the name under which the JSON schema shares it; an object that contains itself needs one
}

func topKeys() []key {
	return []key{
		{name: "zone", preset: "UTC", example: "Asia/Seoul",
			doc: "The time zone of days: which dt partition an event lies in. A name of the IANA database."},
		{name: "bucket", example: "my-logs",
			doc: "The bucket of tables and streams that name no other. Needed as soon as there is one of those."},
		{name: "database", preset: "default", example: "web",
			doc: "The catalog database of the tables. It is made where it is not there."},
		{name: "groups", form: formNames, element: &key{form: formObject, keys: groupKeys},
			doc: "Log groups by name: 1-512 of letters, digits and `. - _ / #`. `{}` is a group as the service makes it."},
		{name: "tables", form: formNames, element: &key{form: formObject, keys: tableKeys},
			doc: "Tables of Parquet files by name: lower-case letters, digits and `_`. " +
				"A table has `columns`, or `ddl`. It is partitioned by `dt`, the day, unless its DDL says otherwise."},
		{name: "streams", form: formNames, element: &key{form: formObject, keys: streamKeys},
			doc: "Delivery streams by name: 1-64 of letters, digits and `_ . -`. " +
				"A stream with a table writes rows, one without writes the messages as lines."},
		{name: "server", form: formObject, keys: serverKeys,
			doc: "Settings of `loglake serve`. A flag wins over its variable, a variable over the file, the file over the default."},
	}
}

func groupKeys() []key {
	return []key{
		{name: "retention", form: formEither, preset: "events are kept for ever", example: "30d",
			either: []key{{form: formText, match: `^([0-9]+d|forever)$`}, {form: formNumber, least: 1, most: 3653}},
			doc:    "How long events are kept in the group: `30d`, `30` or `forever`. The service has these numbers of days: " + retentionList() + "."},
		{name: "noise", form: formList, element: &key{form: formObject, keys: ruleKeys, def: "rule"}, example: "[{path: [/health, /static/**]}]",
			doc: "Events that are not worth keeping. Capture (`loglake run`, `loglake pipe`) drops an event that one of these rules matches, before it leaves the machine, and counts it."},
		{name: "routes", form: formList, element: &key{form: formObject, keys: routeKeys}, example: `[{filter: '{ $.level = "ERROR" }', to: /app/api/errors}]`,
			doc: "Copies of matching events into other groups, each event exactly once."},
		{name: "parse", form: formChoice, choices: formats(), preset: "lines are sent as they come", example: "combined",
			doc: "How the lines are written. Capture makes a JSON object of each; a line that is written otherwise becomes `{\"message\": …}`."},
		{name: "regex", example: `'^(?P<level>\w+) (?P<message>.*)$'`,
			doc: "The expression of `parse: regex` (RE2); its named groups are the fields."},
		{name: "multiline", form: formEither, either: []key{{form: formTruth}, {form: formText}}, preset: "true", example: `'^\d{4}-\d\d-\d\d'`,
			doc: "Which lines are one event. `true` joins stack traces, `false` nothing; an expression (RE2) is what the first line of an event looks like."},
	}
}

func formats() []string {
	var out []string
	for _, f := range shape.Formats() {
		out = append(out, string(f))
	}
	return out
}

func ruleKeys() []key {
	globs := func(name, doc, example string) key {
		return key{name: name, form: formSome, element: &key{form: formText}, doc: doc, example: example}
	}
	return []key{
		globs("method", "HTTP methods; any of them.", "[GET, HEAD]"),
		globs("path", "Globs of paths: `*` within a segment, `**` across. Any of them.", "[/health, /static/**]"),
		globs("level", "Log levels; any of them.", "debug"),
		{name: "fields", form: formNames, element: &key{form: formSome, element: &key{form: formText}}, example: "{user_agent: 'kube-probe/**'}",
			doc: "Globs by field; each field has to match one of its globs. `a.b` is the field b of the object a."},
		{name: "except", form: formList, element: &key{form: formObject, keys: ruleKeys, def: "rule"}, example: "[{method: POST, path: /health/report}]",
			doc: "Rules for events that are kept all the same."},
	}
}

func routeKeys() []key {
	return []key{
		{name: "filter", preset: "all events", example: `'{ $.level = "ERROR" }'`, doc: "The filter pattern of the events that are copied."},
		{name: "to", required: true, example: "/app/api/errors", doc: "The group that gets the copies, another one of this file."},
	}
}

func tableKeys() []key {
	return []key{
		{name: "columns", form: formNames, example: "{timestamp: timestamp, level: string, status_code: int}",
			element: &key{form: formEither, either: []key{{form: formText}, {form: formObject, keys: columnKeys}}},
			doc:     "Columns in their order, each with its Hive type: `boolean`, `int`, `bigint`, `double`, `decimal(p,s)`, `string`, `date`, `timestamp`, …"},
		{name: "ddl", example: "CREATE EXTERNAL TABLE t (level STRING) PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://my-logs/data/'",
			doc: "The table as a Hive statement, in place of `columns`, `comment` and `location`."},
		{name: "partition_by", preset: "the arrival of a row", example: "timestamp",
			doc: "The column, a timestamp or a date, whose value says which day a row is of."},
		{name: "location", preset: "`data/` for the first table of the file, `data-NAME/` for any other", example: "orders/",
			doc: "Where the files lie: a prefix in the bucket, or `s3://BUCKET/PREFIX/`. No two tables lie within each other."},
		{name: "comment", example: "one request a row", doc: "A comment in the catalog."},
	}
}

func columnKeys() []key {
	return []key{
		{name: "type", required: true, example: "string", doc: "The Hive type."},
		{name: "key", preset: "the column's name, in any case", example: "'@timestamp'", doc: "The JSON key that fills the column."},
		{name: "comment", example: "from the proxy", doc: "A comment in the catalog."},
	}
}

func streamKeys() []key {
	return []key{
		{name: "from", form: formSome, element: &key{form: formText}, preset: "records are put to the stream directly", example: "/app/api",
			doc: "The group, or groups, whose events feed the stream: each gets a subscription filter of the stream's name. A group feeds two streams at most."},
		{name: "filter", preset: "all events", example: `'{ $.status_code >= 500 }'`, doc: "The filter pattern of these subscriptions."},
		{name: "table", preset: "the messages are written as lines", example: "server_logs", doc: "The table, of this file, whose rows the stream writes."},
		{name: "prefix", preset: "the table's location and `dt=!{timestamp:yyyy-MM-dd}/`; `lines/STREAM/dt=!{timestamp:yyyy-MM-dd}/` without a table",
			example: "'data/dt=!{timestamp:yyyy-MM-dd}/api-'", doc: "The beginning of object keys, with the service's expressions."},
		{name: "error_prefix", preset: "`rejects/STREAM/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/`",
			example: "'rejects/!{firehose:error-output-type}/'", doc: "The same for what could not become a row."},
		{name: "codec", form: formChoice, choices: codecNames(), preset: "snappy for rows, gzip for lines", example: "zstd",
			doc: "The compression: `snappy`, `gzip`, `zstd` (loglake's own: AWS has it not) or `uncompressed` for rows, `gzip` or `plain` for lines."},
		{name: "buffer", form: formObject, keys: bufferKeys, example: "{size: 64MiB, interval: 60s}",
			doc: "When an object is written: at a size or an age, whichever comes first."},
		{name: "policy", form: formChoice, choices: []string{"rescue", "aws"}, preset: "rescue", example: "aws",
			doc: "What happens while all records of a batch have a shape that tells of a wrong setting, gzip data or envelopes: `rescue` holds the stream and loses nothing, `aws` writes them to the error prefix as Firehose does. Records that merely do not fit the table lie there with both."},
	}
}

func codecNames() []string {
	return []string{string(Snappy), string(Gzip), string(Zstd), string(Uncompressed), string(Plain)}
}

func bufferKeys() []key {
	return []key{
		{name: "size", form: formEither, either: []key{{form: formText, match: `^[0-9]+ ?MiB$`}, {form: formNumber, least: 1, most: 128}},
			preset: "128MiB for rows, 5MiB for lines", example: "64MiB", doc: "The size of the records, in MiB: 64-128 for rows, 1-128 for lines."},
		{name: "interval", form: formEither, either: []key{{form: formText, match: `^[0-9]+(s|m)$`}, {form: formNumber, least: 0, most: 900}},
			preset: "300s", example: "60s", doc: "The age of the oldest record: `60s`, `5m` or a number of seconds, 0-900."},
	}
}

// section is an object of the file with its keys.
type section struct {
	title string
	keys  []key
}

func sections() []section {
	return []section{
		{"The file", topKeys()}, {"A group", groupKeys()}, {"A noise rule", ruleKeys()}, {"A route", routeKeys()},
		{"A table", tableKeys()}, {"A column", columnKeys()}, {"A stream", streamKeys()}, {"The buffer of a stream", bufferKeys()},
		{"server", serverKeys()},
	}
}

// homeOf names the object that has a key, as it stands in a sentence; "" where there is none, or more than one.
func homeOf(name string) (home string) {
	for _, s := range sections() {
		if _, ok := keyOf(s.keys, name); !ok {
			continue
		}
		if home != "" {
			return ""
		}
		home = strings.ToLower(s.title[:1]) + s.title[1:]
	}
	return home
}

// names gives the names of keys, in their order.
func names(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

func keyOf(keys []key, name string) (key, bool) {
	return find(slices.Clone(keys), func(k key) bool { return k.name == name })
}
