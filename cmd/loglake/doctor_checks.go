package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/nativeapi"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/pattern"
)

// checks are the mistakes that doctor knows. Each looks at what was gathered, and at nothing else.
func checks() []mistakeCheck {
	return []mistakeCheck{
		{"clock", "clocks of this machine and the server that differ", checkClock},
		{"disk", "a disk that is nearly full", checkDisk},
		{"journal", "a journal that is near its limit", checkJournal},
		{"engine", "a build without SQL engine", checkEngine},
		{"held", "a delivery stream that is held", checkHeld},
		{"failing", "a delivery stream whose steps fail", checkFailing},
		{"mistake", "records that are gzip data, envelopes, or glued together", checkMistake},
		{"bucket", "a bucket that is not there", checkBucket},
		{"table", "a table that is not there", checkTable},
		{"prefix", "objects that lie where their table does not look", checkPrefix},
		{"partition", "a partition key that the prefix does not write", checkPartition},
		{"rejects", "rejected records, by reason", checkRejects},
		{"keys", "JSON keys that miss their column by case or underscore", checkKeys},
		{"columns", "columns that are never filled", checkColumns},
		{"fields", "fields that have no column", checkFields},
		{"pattern", "a filter pattern that matches nothing", checkPattern},
		{"double", "two filters that deliver an event twice", checkDouble},
		{"gone", "a filter whose destination is gone", checkGone},
		{"source", "a delivery stream that nothing is put to", checkSource},
		{"retention", "a log group that is kept for ever", checkRetention},
		{"unfiltered", "a log group that goes nowhere", checkUnfiltered},
		{"small-files", "buffers so short that files are tiny", checkSmallFiles},
	}
}

func problem(about, seen, means, command string) finding {
	return finding{Level: levelProblem, About: about, Seen: seen, Means: means, Command: command}
}

func note(about, seen, means, command string) finding {
	return finding{Level: levelNote, About: about, Seen: seen, Means: means, Command: command}
}

// Limits from which on doctor speaks.
const (
	clockApart       = time.Minute
	freeBytesLow     = 1 << 30
	shortBuffer      = 60 // seconds
	smallObjectBytes = 1 << 20
	manyObjects      = 100
	patternSampleMin = 20 // events that a pattern has to miss
)

func checkClock(p *patient) []finding {
	apart := p.clock.Sub(p.status.Server.Now)
	if apart.Abs() < clockApart {
		return nil
	}
	return []finding{problem("server "+p.endpoint, fmt.Sprintf("its clock and that of this machine are %s apart", span(apart.Abs())),
		"Events carry the clock of the machine that writes them: searches by time miss them, and beyond 15 minutes no signature is good.", "timedatectl set-ntp true")}
}

func checkDisk(p *patient) []finding {
	if free := p.status.Server.FreeBytes; free != nil && *free < freeBytesLow {
		return []finding{problem("data folder", "its disk has "+size(*free)+" left",
			"When it is full, puts are refused until there is space; nothing that was acknowledged is lost.", "df -h\naws logs put-retention-policy --log-group-name GROUP --retention-in-days 7")}
	}
	return nil
}

func checkEngine(p *patient) []finding {
	if p.status.Server.Engine {
		return nil
	}
	return []finding{note("server "+p.endpoint, "it was built without a SQL engine", "SELECT is refused; all else works. A build with a C++ compiler has it.", "make build")}
}

func about(s nativeapi.StreamState) string { return "stream " + s.Name }

func checkHeld(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if s.Held != "" {
			found = append(found, problem(about(s), s.Held, "Its policy is rescue: it delivers nothing until the setting is mended, and loses nothing. "+
				"`loglake resume "+shellWord(s.Name)+" --as-is` delivers what it holds as it is.", update(s, processing)))
		}
	}
	return found
}

func checkFailing(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if s.LastFailure != "" && !p.missing(s.Bucket) {
			found = append(found, problem(about(s), s.LastFailure, fmt.Sprintf("The step%s is tried again until it succeeds; %s events wait in the journal, and none is lost.%s The server's log says more.",
				since(p.status.Server.Now, s), grouped(s.Backlog), where(p.status.Server.Store)), "loglake flush "+shellWord(s.Name)))
		}
	}
	return found
}

// processing is the update that has a stream unpack what subscriptions send.
const processing = `{"ProcessingConfiguration":{"Enabled":true,"Processors":[` +
	`{"Type":"Decompression","Parameters":[{"ParameterName":"CompressionFormat","ParameterValue":"GZIP"}]},` +
	`{"Type":"CloudWatchLogProcessing","Parameters":[{"ParameterName":"DataMessageExtraction","ParameterValue":"true"}]}]}}`

func checkMistake(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if s.Mistake == "" || s.Held != "" {
			continue
		}
		means, command := "It goes on delivering, as Firehose does, and what it writes is not what you want.", update(s, processing)
		switch {
		case strings.Contains(s.Mistake, "AppendDelimiterToRecord"):
			command = update(s, `{"ProcessingConfiguration":{"Enabled":true,"Processors":[{"Type":"AppendDelimiterToRecord"}]}}`)
		case !misprocessed(s): // the column that rows were to lie by
			means = "It goes on delivering. Name a timestamp column of its table, or take the tag away (untag-delivery-stream)."
			command = "aws firehose tag-delivery-stream --delivery-stream-name " + shellWord(s.Name) + " --tags Key=" + delivery.PartitionTag + ",Value=COLUMN"
		}
		found = append(found, problem(about(s), s.Mistake, means, command))
	}
	return found
}

// misprocessed tells whether a stream's mistake is one of its processors.
func misprocessed(s nativeapi.StreamState) bool {
	return strings.Contains(s.Mistake, "add the processor")
}

// update is the command that changes a stream's destination.
func update(s nativeapi.StreamState, change string) string {
	return fmt.Sprintf("aws firehose update-destination --delivery-stream-name %s --current-delivery-stream-version-id %s --destination-id %s --extended-s3-destination-update %s",
		shellWord(s.Name), s.Version, delivery.DestinationID, shellWord(change))
}

// missing tells whether a bucket is known not to be there.
func (p *patient) missing(bucket string) bool { return p.buckets != nil && !p.buckets[bucket] }

func checkBucket(p *patient) (found []finding) {
	told := map[string]bool{}
	for _, s := range p.status.Streams {
		if p.missing(s.Bucket) && !told[s.Bucket] {
			told[s.Bucket] = true
			found = append(found, problem(about(s), "its bucket "+s.Bucket+" does not exist", "Nothing can be written; the events wait in the journal, and are delivered by themselves once the bucket is there.",
				"aws s3 mb s3://"+shellWord(s.Bucket)))
		}
	}
	return found
}

// table gives the table that a stream converts by.
func (p *patient) table(s nativeapi.StreamState) (nativeapi.TableStatus, bool) {
	for _, t := range p.status.Tables {
		if t.Database+"."+t.Name == s.Table {
			return t, true
		}
	}
	return nativeapi.TableStatus{}, false
}

func checkTable(p *patient) (found []finding) {
	if p.status.Totals.Tables > len(p.status.Tables) {
		return nil // not all were looked at
	}
	for _, s := range p.status.Streams {
		if _, ok := p.table(s); s.Table != "" && !ok {
			found = append(found, problem(about(s), "its table "+s.Table+" is not in the catalog", "Without its columns nothing can be converted; the events wait in the journal until it is there again.",
				queryOf("CREATE EXTERNAL TABLE %s (timestamp timestamp, …) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://%s/…/'", s.Table, s.Bucket)))
		}
	}
	return found
}

func checkPrefix(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		t, ok := p.table(s)
		bucket, prefix, located := loglake.SplitLocation(t.Location)
		if !ok || !located || bucket == s.Bucket && strings.HasPrefix(s.Prefix, prefix) {
			continue
		}
		found = append(found, problem(about(s), fmt.Sprintf("it writes to s3://%s/%s, and its table %s lies at %s", s.Bucket, s.Prefix, s.Table, t.Location),
			"The rows are in the bucket and no query of the table sees them. Let the prefix begin as the table's location does (or ALTER TABLE … SET LOCATION).",
			update(s, `{"BucketARN":`+inJSON("arn:aws:s3:::"+bucket)+`,"Prefix":`+inJSON(prefix+wantedFolders(t))+`}`)))
	}
	return found
}

// wantedFolders is the end of a prefix that fills a table's partition keys.
func wantedFolders(t nativeapi.TableStatus) (folders string) {
	for _, key := range t.PartitionKeys {
		form, ok := map[string]string{"dt": "yyyy-MM-dd", "date": "yyyy-MM-dd", "day": "dd", "month": "MM", "year": "yyyy", "hour": "HH"}[key.Name]
		if !ok {
			form = "yyyy-MM-dd"
		}
		folders += key.Name + "=!{timestamp:" + form + "}/"
	}
	return folders
}

func checkPartition(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		t, ok := p.table(s)
		_, prefix, located := loglake.SplitLocation(t.Location)
		below, inside := strings.CutPrefix(s.Prefix, prefix)
		if !ok || !located || !inside {
			continue
		}
		for _, key := range t.PartitionKeys {
			if !strings.Contains("/"+strings.ToLower(below), "/"+key.Name+"=") {
				found = append(found, problem(about(s), fmt.Sprintf("its prefix %s has no folder %s=…, and its table %s is partitioned by %s", quote(s.Prefix), key.Name, s.Table, key.Name),
					"The objects lie in no partition, so no query of the table sees their rows.", update(s, `{"Prefix":`+inJSON(prefix+wantedFolders(t))+`}`)))
				break
			}
		}
		for folder := range strings.SplitSeq(below, "/") {
			name, _, is := strings.Cut(folder, "=")
			if is && !slices.ContainsFunc(t.PartitionKeys, func(c nativeapi.TableColumn) bool { return strings.EqualFold(c.Name, name) }) {
				found = append(found, problem(about(s), fmt.Sprintf("its prefix writes folders %s=…, and its table %s has no partition key %s", name, s.Table, name),
					"Queries can't ask for "+name+", and each reads everything. Drop the table, and make it again by the statement that this prints, with PARTITIONED BY ("+name+" string); the files stay.",
					queryOf("SHOW CREATE TABLE %s", s.Table)))
			}
		}
	}
	return found
}

func checkRejects(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if s.HotRejects > 0 && !misprocessed(s) { // of which checkMistake and checkHeld say more
			why := explanation{Means: "They will lie under the error prefix with their bytes, and are no rows."}
			if all := findExplanations(s.Refusal); len(all) > 0 {
				why = all[0]
			}
			found = append(found, problem(about(s), fmt.Sprintf("%s in its buffer will be rejected, such as one with: %s", counted(int(s.HotRejects), "record"),
				strings.ReplaceAll(s.Refusal, "\n", " ")), strings.TrimSpace(why.Means+" "+why.Mend), "loglake flush "+shellWord(s.Name)+"\nloglake doctor"))
		}
		if s.LastRejects == nil {
			continue
		}
		command := "loglake explain " + shellWord("s3://"+s.LastRejects.Bucket+"/"+s.LastRejects.Key)
		kinds := rejectKinds(p.rejects[s.Name])
		for _, k := range kinds {
			found = append(found, problem(about(s), fmt.Sprintf("%s of its newest reject object, such as %s: %s", counted(k.count, "record"), quote(clip(k.first.Record, 80)),
				strings.ReplaceAll(k.first.Message, "\n", " ")), k.why.Means+" "+k.why.Mend, command))
		}
		if len(kinds) == 0 {
			found = append(found, note(about(s), counted(int(s.Rejected), "record")+" were rejected", "They are kept with their reasons under the error prefix.", command))
		}
	}
	return found
}

// rejectKind is the rejects that one explanation fits.
type rejectKind struct {
	why   explanation
	count int
	first explainedReject
}

func rejectKinds(lines []rejectLine) (kinds []rejectKind) {
	for _, r := range explainRejects(lines).Rejects {
		why := r.why()
		i := slices.IndexFunc(kinds, func(k rejectKind) bool { return k.why.Code == why.Code })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, rejectKind{why: why, first: r})
		}
		kinds[i].count += r.Count
	}
	return kinds
}

// plainKey is a name without what programs spell differently.
func plainKey(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
}

// columnFor gives the column that a field without one probably means.
func columnFor(t nativeapi.TableStatus, field string) (string, bool) {
	for _, c := range t.Columns {
		if plainKey(c.Name) == plainKey(field) {
			return c.Name, true
		}
	}
	return "", false
}

func checkKeys(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		t, ok := p.table(s)
		mappings, fields := map[string]string{}, []string{}
		for _, field := range s.NoColumn {
			if column, near := columnFor(t, field); ok && near {
				mappings[column] = p.spelled(s, field)
				fields = append(fields, mappings[column]+" for "+column)
			}
		}
		if len(mappings) == 0 {
			continue
		}
		text, err := json.Marshal(mappings)
		if err != nil {
			continue // texts always encode
		}
		found = append(found, problem(about(s), "records say "+strings.Join(fields, ", "), "The names differ, so the columns stay NULL. Tell the stream which key fills which column, or print the keys as the columns are named.",
			update(s, `{"DataFormatConversionConfiguration":{"InputFormatConfiguration":{"Deserializer":{"OpenXJsonSerDe":{"ColumnToJsonKeyMappings":`+string(text)+`}}}}}`)))
	}
	return found
}

// spelled gives a field as the events of a stream's groups spell it.
func (p *patient) spelled(s nativeapi.StreamState, field string) string {
	for _, group := range s.From {
		for _, message := range p.samples[group] {
			members, _ := membersOf(message)
			for _, m := range members {
				if strings.EqualFold(m.name, field) {
					return m.name
				}
			}
		}
	}
	return field
}

func checkColumns(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if s.LastObject == nil || s.Table == "" {
			continue
		}
		empty := slices.DeleteFunc(slices.Clone(s.LastObject.EmptyColumns), func(column string) bool { // checkKeys tells of it
			return slices.ContainsFunc(s.NoColumn, func(field string) bool { return plainKey(field) == plainKey(column) })
		})
		if len(empty) == 0 {
			continue
		}
		found = append(found, note(about(s), fmt.Sprintf("none of the %s of its newest object has a value for %s", counted(int(s.LastObject.Rows), "row"), strings.Join(empty, ", ")),
			"The records have no such key, or it is always null. A key of another spelling fills no column.", "loglake tail "+shellWord(strings.Join(append(s.From, "GROUP")[:1], ""))+" --format json --limit 5"))
	}
	return found
}

func checkFields(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		t, ok := p.table(s)
		var fields []string
		for _, field := range s.NoColumn {
			if _, near := columnFor(t, field); ok && !near {
				fields = append(fields, field)
			}
		}
		if len(fields) == 0 {
			continue
		}
		told := "its records have fields without a column: " + strings.Join(fields, ", ")
		for i, field := range fields {
			fields[i] = column(field)
		}
		found = append(found, note(about(s), told,
			"They are left out, as Firehose leaves them out. Columns that are added are filled from then on.", queryOf("ALTER TABLE %s ADD COLUMNS (%s string)", s.Table, strings.Join(fields, " string, "))))
	}
	return found
}

func checkPattern(p *patient) (found []finding) {
	for _, g := range p.status.Groups {
		samples := p.samples[g.Name]
		for _, f := range g.Filters {
			match, err := pattern.Parse(f.Pattern)
			if err != nil || len(samples) < patternSampleMin || slices.ContainsFunc(samples, func(m string) bool { return match.Match([]byte(m)) }) {
				continue
			}
			found = append(found, note("filter "+f.Name+" of "+g.Name, fmt.Sprintf("its pattern %s matches none of the newest %d events", quote(f.Pattern), len(samples)),
				"None of these goes to "+f.Destination+". Keys and texts are case-sensitive, and a { … } pattern matches JSON only.", "loglake tail "+shellWord(g.Name)+" --since 7d --limit 20 --filter "+shellWord(f.Pattern)))
		}
	}
	return found
}

func checkDouble(p *patient) (found []finding) {
	for _, g := range p.status.Groups {
		for i, a := range g.Filters {
			for _, b := range g.Filters[i+1:] {
				if a.Destination != b.Destination || a.Kind != b.Kind || !p.overlap(g.Name, a.Pattern, b.Pattern) {
					continue
				}
				means, command := "Such an event is delivered twice, once by each. Let one pattern leave out what the other passes.", "aws logs describe-subscription-filters --log-group-name "+shellWord(g.Name)
				if spare := spareFilter(a, b); spare != "" {
					means = "Such an event is delivered twice, once by each. All that " + spare + " passes the other one does too."
					command = "aws logs delete-subscription-filter --log-group-name " + shellWord(g.Name) + " --filter-name " + shellWord(spare)
				}
				found = append(found, problem("log group "+g.Name, fmt.Sprintf("its filters %s and %s both lead to %s and match the same events", a.Name, b.Name, a.Destination), means, command))
			}
		}
	}
	return found
}

// spareFilter names the one of two filters that passes nothing that the other one does not, "" where that is not certain.
func spareFilter(a, b nativeapi.FilterStatus) string {
	all := func(f nativeapi.FilterStatus) bool {
		p, err := pattern.Parse(f.Pattern)
		return err == nil && p.MatchesAll()
	}
	switch {
	case a.Pattern == b.Pattern || all(a):
		return b.Name
	case all(b):
		return a.Name
	}
	return ""
}

// overlap tells whether two patterns match one event: a sampled one, or any.
func (p *patient) overlap(group, a, b string) bool {
	first, err := pattern.Parse(a)
	if err != nil {
		return false
	}
	second, err := pattern.Parse(b)
	if err != nil {
		return false
	}
	return a == b || first.MatchesAll() || second.MatchesAll() ||
		slices.ContainsFunc(p.samples[group], func(m string) bool { return first.Match([]byte(m)) && second.Match([]byte(m)) })
}

func checkGone(p *patient) (found []finding) {
	for _, g := range p.status.Groups {
		for _, f := range g.Filters {
			if f.Missing {
				found = append(found, problem("filter "+f.Name+" of "+g.Name, "its destination "+f.Destination+" is not there", "It delivers nothing until a stream of that name is made; what comes in until then is not delivered later.",
					"aws logs delete-subscription-filter --log-group-name "+shellWord(g.Name)+" --filter-name "+shellWord(f.Name)))
			}
		}
	}
	return found
}

func checkSource(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		if len(s.From) == 0 && s.DirectRecords == 0 {
			found = append(found, note(about(s), "no filter leads to it, and no record was put to it", "It has nothing to deliver.",
				fmt.Sprintf("aws logs put-subscription-filter --log-group-name GROUP --filter-name all --filter-pattern '' --destination-arn arn:aws:firehose:%s:%s:deliverystream/%s --role-arn arn:aws:iam::%s:role/logs",
					p.status.Server.Region, p.status.Server.Account, shellWord(s.Name), p.status.Server.Account)))
		}
	}
	return found
}

func checkRetention(p *patient) (found []finding) {
	for _, g := range p.status.Groups {
		if g.RetentionDays == 0 {
			found = append(found, note("log group "+g.Name, "it has no retention", "Its events are kept for ever, and the disk fills; what is delivered lies in the bucket anyway.",
				"aws logs put-retention-policy --log-group-name "+shellWord(g.Name)+" --retention-in-days 30"))
		}
	}
	return found
}

func checkUnfiltered(p *patient) (found []finding) {
	fed := map[string]bool{}
	for _, g := range p.status.Groups {
		for _, f := range g.Filters {
			fed[f.Destination] = fed[f.Destination] || f.Kind == nativeapi.ToGroup
		}
	}
	for _, g := range p.status.Groups {
		if len(g.Filters) == 0 && g.Events > 0 && !fed[g.Name] {
			found = append(found, note("log group "+g.Name, fmt.Sprintf("it has %s events and no subscription filter", grouped(g.Events)), "They can be searched, and go to no bucket and no table.",
				fmt.Sprintf("aws logs put-subscription-filter --log-group-name %s --filter-name all --filter-pattern '' --destination-arn arn:aws:firehose:%s:%s:deliverystream/STREAM --role-arn arn:aws:iam::%s:role/logs",
					shellWord(g.Name), p.status.Server.Region, p.status.Server.Account, p.status.Server.Account)))
		}
	}
	return found
}

func checkSmallFiles(p *patient) (found []finding) {
	for _, s := range p.status.Streams {
		t, _ := p.table(s)
		tiny := t.Objects > manyObjects && t.Bytes/t.Objects < smallObjectBytes
		if s.Table == "" || s.BufferSeconds >= shortBuffer && !tiny || !tiny && s.Objects < manyObjects {
			continue
		}
		found = append(found, note(about(s), fmt.Sprintf("its buffer waits %d seconds, and %s objects have %s on average", s.BufferSeconds, grouped(t.Objects), size(t.Bytes/max(t.Objects, 1))),
			"Every query opens every file. SQL sees rows that are still buffered, so a longer buffer costs nothing here.", update(s, `{"BufferingHints":{"IntervalInSeconds":900,"SizeInMBs":128}}`)))
	}
	return found
}

// quote writes a text in quotes, as Go does.
func quote(text string) string { return fmt.Sprintf("%q", text) }
