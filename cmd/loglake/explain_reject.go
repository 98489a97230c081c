package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/loglake/loglake/unpack"
)

// rejectLine is a line of a reject object, of conversion or of any stage before it.
type rejectLine struct {
	ArrivalTimestamp int64
	LastErrorCode    string
	LastErrorMessage string
	ErrorCode        string
	ErrorMessage     string
	RawData          string
	Hint             string
	DataCatalogTable struct{ DatabaseName, TableName, VersionID string }
}

func (r rejectLine) code() string    { return r.LastErrorCode + r.ErrorCode }
func (r rejectLine) message() string { return r.LastErrorMessage + r.ErrorMessage }

// parseRejects reads the lines of a reject object, none where text is something else.
func parseRejects(text string) (all []rejectLine) {
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, explainBytesMax)
	for lines.Scan() {
		var r rejectLine
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &r) == nil && r.code() != "" {
			all = append(all, r)
		}
	}
	return all
}

// explainedReject is one kind of rejects, with the first of them.
type explainedReject struct {
	Count   int       `json:"count"`
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Table   string    `json:"table,omitempty"`
	Arrived time.Time `json:"arrived"`
	Record  string    `json:"record"`          // the message inside, as text
	From    string    `json:"from,omitempty"`  // the log group, where the record was an envelope
	Line    int       `json:"line,omitempty"`  // of the offending place in Record, from 1; 0: not known
	Place   int       `json:"place,omitempty"` // bytes into that line
	Hint    string    `json:"hint,omitempty"`
}

// explainRejects gives the first reject of each kind, and what their codes mean.
func explainRejects(rejects []rejectLine) (e explained) {
	at := map[string]int{}
	for _, r := range rejects {
		kind := r.code() + quoted.ReplaceAllString(digits.ReplaceAllString(r.message(), "0"), `""`)
		if i, ok := at[kind]; ok {
			e.Rejects[i].Count++
			continue
		}
		at[kind] = len(e.Rejects)
		e.Rejects = append(e.Rejects, explainReject(r))
		for _, x := range e.Rejects[at[kind]].explanations() {
			if !hasExplanation(e.Explanations, x.Code) {
				e.Explanations = append(e.Explanations, x)
			}
		}
	}
	return e
}

func hasExplanation(all []explanation, code string) bool {
	for _, x := range all {
		if x.Code == code {
			return true
		}
	}
	return false
}

// What differs between two rejects of one kind.
var (
	quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	digits = regexp.MustCompile(`[0-9]+`)
)

// placed is where a message of conversion says that it stumbled.
var placed = regexp.MustCompile(`line: ([0-9]+), column: ([0-9]+)\]$`)

func explainReject(r rejectLine) explainedReject {
	out := explainedReject{Count: 1, Code: r.code(), Message: r.message(), Arrived: time.UnixMilli(r.ArrivalTimestamp).UTC(), Hint: r.Hint}
	if t := r.DataCatalogTable; t.TableName != "" {
		out.Table = t.DatabaseName + "." + t.TableName
	}
	raw, err := base64.StdEncoding.DecodeString(r.RawData)
	if err != nil {
		raw = []byte(r.RawData)
	}
	record, from := messageOf(raw, r.message())
	out.Record, out.From = string(record), from
	if m := placed.FindStringSubmatch(r.message()); strings.Contains(r.message(), gzipRefused) {
		// Record is what is inside, and the place is not
	} else if m != nil {
		line, _ := strconv.Atoi(m[1])   // digits
		column, _ := strconv.Atoi(m[2]) // digits
		out.Line, out.Place = line, max(column-2, 0)
	} else if m := quoted.FindString(r.message()); len(m) > 2 {
		if i := strings.Index(out.Record, m[1:len(m)-1]); i >= 0 {
			before := out.Record[:i]
			out.Line, out.Place = strings.Count(before, "\n")+1, i-(strings.LastIndexByte(before, '\n')+1)
		}
	}
	if !utf8.ValidString(out.Record) {
		out.Record = strings.ToValidUTF8(out.Record, "\uFFFD")
	}
	return out
}

// gzipRefused is in the message of a record that is gzip data: the first byte that was not JSON.
const gzipRefused = "code 31"

// messageOf takes the message out of a record: gunzipped, and out of its envelope where it is the only one in it.
func messageOf(raw []byte, reason string) (message []byte, from string) {
	doc, err := unpack.Gunzip(nil, raw, unpack.DocumentBytesMax)
	if err != nil {
		doc = raw
	}
	envelope, err := unpack.ParseEnvelope(doc)
	if err != nil || len(envelope.LogEvents) != 1 || strings.Contains(reason, gzipRefused) {
		return doc, ""
	}
	return envelope.LogEvents[0].Message, string(envelope.LogGroup)
}

// explanations gives what there is to say of a reject, what says most first.
func (r explainedReject) explanations() []explanation {
	text := r.Code + ": " + r.Message
	if r.Code == "DataFormatConversion.ParseError" && !strings.HasPrefix(strings.TrimSpace(r.Record), "{") {
		text += " Unrecognized token" // whatever the first character that could not be read
	}
	return findExplanations(text)
}

// why gives the explanation that says most.
func (r explainedReject) why() explanation {
	if all := r.explanations(); len(all) > 0 {
		return all[0]
	}
	return explanation{Code: r.Code, Means: "The record was rejected.", Mend: "See the message."}
}

// recordLines and recordWidth bound how much of a record is shown.
const (
	recordLines = 12
	recordWidth = 110
)

func (r explainedReject) print(w io.Writer, p paint) {
	many := "1 record"
	if r.Count > 1 {
		many = grouped(int64(r.Count)) + " records such as this one"
	}
	fmt.Fprintf(w, "%s", many)
	if r.Table != "" {
		fmt.Fprintf(w, " for %s", printable(r.Table))
	}
	if r.From != "" {
		fmt.Fprintf(w, " from %s", printable(r.From))
	}
	fmt.Fprintf(w, ", arrived %s\n", r.Arrived.Format(time.RFC3339))
	lines := strings.Split(strings.TrimRight(r.Record, "\n"), "\n")
	for i, line := range lines[:min(len(lines), recordLines)] {
		from, at := 0, r.Place
		if i+1 == r.Line && at > recordWidth-10 { // the place is what is to be seen
			from = min(at-recordWidth/2, len(line))
		}
		part := line[min(from, len(line)):]
		if from > 0 {
			line = "…"
		} else {
			line = ""
		}
		text := line + printable(strings.ToValidUTF8(clip(part, recordWidth), "\uFFFD"))
		fmt.Fprintf(w, "  %s %s\n", p.in(dim, "│"), text)
		if i+1 == r.Line && at >= from {
			before := printable(strings.ToValidUTF8(part[:min(at-from, len(part))], "\uFFFD"))
			fmt.Fprintf(w, "  %s %s%s\n", p.in(dim, "│"), strings.Repeat(" ", textWidth(line+before)), p.in(red, "^ here"))
		}
	}
	if more := len(lines) - recordLines; more > 0 {
		fmt.Fprintf(w, "  │ and %d lines more\n", more)
	}
	fmt.Fprintf(w, "  %s\n", printable(strings.ReplaceAll(r.Message, "\n", " ")))
	if r.Hint != "" {
		fmt.Fprintf(w, "  %s\n", printable(r.Hint))
	}
}

// clip cuts a text, and says so.
func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width]) + "…"
}

// knownTexts explains messages that say more than their code.
func knownTexts(text string) (found []explanation) {
	for _, k := range []struct {
		part string
		explanation
	}{
		{gzipRefused, explanation{"gzip data", ofDelivery, "The record is gzip data, as CloudWatch Logs subscriptions send them, and conversion reads JSON.",
			"The stream has no Decompression processor.", "Add the processors Decompression (CompressionFormat GZIP) and CloudWatchLogProcessing (DataMessageExtraction true): aws firehose update-destination. What is rejected already stays in the journal of its log group as long as that keeps it."}},
		{"Unrecognized token", explanation{"plain text", ofDelivery, "The record is a line of text and no JSON.",
			"A crash, a banner or a traceback that the program, or what it runs in, printed beside its JSON lines.",
			"`loglake run --parse json -- PROGRAM` keeps such a line as {\"message\": …}; or filter it: a pattern such as { $.level = * } passes JSON only."}},
		{"is no timestamp", explanation{"timestamp form", ofDelivery, "The text is in no form that Firehose reads as a timestamp.",
			"A zone other than Z (+09:00, and +00:00 too), a comma before the fraction, or a date in another order.",
			"Print UTC with Z (2026-01-31T10:00:00.123Z; in Python isoformat().replace(\"+00:00\", \"Z\")) or milliseconds since 1970; or make the column string and write CAST or date_parse in queries."}},
		{"is no date", explanation{"date form", ofDelivery, "The text is no date.", "A timestamp in a date column.", "Make the column timestamp, or print yyyy-MM-dd."}},
		{"For input string", explanation{"number form", ofDelivery, "The text in quotes stands where the table's column is a number or a boolean.",
			"A value that is not always a number: \"-\", \"n/a\", an id with letters.", "Make the column string: ALTER TABLE … REPLACE COLUMNS (…); or leave the key out where there is no number."}},
		{"empty or contained only whitespace", explanation{"blank record", ofDelivery, "The record has nothing in it.", "Blank lines of the program's output.", "Harmless; a filter pattern such as { $.level = * } leaves them out."}},
		{"primitive at the top level", explanation{"no object", ofDelivery, "The record is JSON, and no object: a number, a text, true or null.", "A line that happens to be JSON, such as 42.", "Print one JSON object per line."}},
		{"array of objects", explanation{"an array", ofDelivery, "The record is a JSON array.", "A batch put as one record.", "Put the objects one after the other, without brackets and commas."}},
		{"Illegal unquoted character", explanation{"line break in a text", ofDelivery, "A text holds a control character, such as a line break, that JSON wants escaped.", "JSON that was put together by hand.", "Use a JSON library."}},
		{"end-of-input", explanation{"cut off", ofDelivery, "The record ends before its JSON does.", "A line that was cut by a limit (16 KiB in some container runtimes), or a JSON object over several lines.", "Print one object per line, and shorter ones."}},
	} {
		if strings.Contains(text, k.part) {
			found = append(found, k.explanation)
		}
	}
	return found
}
