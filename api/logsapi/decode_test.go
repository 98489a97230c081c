package logsapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// decoded is what a decoder made of a body, in a form that compares.
type decoded struct {
	Group, Stream string
	Problem       string
	Events        []decodedEvent
}

type decodedEvent struct {
	At      loglake.Millis
	Message string
}

func show(in putInput, b *loggroup.Batch) decoded {
	d := decoded{Group: "nil", Stream: "nil"}
	if in.group != nil {
		d.Group = "=" + *in.group
	}
	if in.stream != nil {
		d.Stream = "=" + *in.stream
	}
	if in.problem != nil {
		d.Problem = in.problem.Error()
	}
	for i := range b.Count() {
		at, message := b.Event(i)
		d.Events = append(d.Events, decodedEvent{at, string(message)})
	}
	return d
}

// fast reads a body the fast way only.
func fast(body []byte, batch *loggroup.Batch) (decoded, bool) {
	batch.Reset()
	batch.Grow(len(body) + 8)
	d := putDecoder{text: body, batch: batch}
	in, ok := d.decode()
	return show(in, batch), ok
}

func TestDecodePut(t *testing.T) {
	f := func(body string, wantFast bool, want decoded) {
		t.Helper()
		var batch loggroup.Batch
		if _, ok := fast([]byte(body), &batch); ok != wantFast {
			t.Errorf("%s: read the fast way %t, want %t", body, ok, wantFast)
		}
		in, err := decodePut([]byte(body), &batch)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			return
		}
		if diff := cmp.Diff(want, show(in, &batch)); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	one := func(message string) decoded {
		return decoded{Group: "=g", Stream: "=s", Events: []decodedEvent{{5, message}}}
	}
	wrap := func(message string) string {
		return `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":5,"message":"` + message + `"}]}`
	}
	f(wrap(`x`), true, one("x"))
	f(wrap(``), true, one(""))
	f(wrap(`12345678`), true, one("12345678"))
	f(wrap(`a\"b\\c\/d\n\t\r\b\f`), true, one("a\"b\\c/d\n\t\r\b\f"))
	f(wrap(`\u00e9\u20ac\ud834\udd1e\ud834x\udd1e\ud834\u0041`), true, one("é€𝄞�x��A"))
	f(wrap(`é€𝄞`), true, one("é€𝄞"))
	f(wrap("a\xffb"), false, one("a�b"))
	f(` { "logEvents" : [ { "message" : "x" , "timestamp" : 5 } ] , "logStreamName" : "s", "logGroupName":"g" } `, true, one("x"))
	f(`{"sequenceToken":"1","entity":{"keyAttributes":{"a":"}\""}},"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":5,"message":"x"}]}`, true, one("x"))
	f(`{"logGroupName":"g","logStreamName":"s","logEvents":[]}`, true, decoded{Group: "=g", Stream: "=s"})
	f(`{"logGroupName":"é","logStreamName":"s","logEvents":[]}`, true, decoded{Group: "=é", Stream: "=s"})
	f(`{"other":[1],"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":5,"message":"x","more":{}}]}`, false, one("x"))
	f(`{"logGroupName":"g","logGroup\u004eame":"h","logEvents":[null,{"timestamp":5.9,"message":"a","message":"x"}],"logStreamName":null}`, false,
		decoded{Group: "=h", Stream: "nil", Events: []decodedEvent{{5, "x"}}})
	f(`{"logEvents":[{"timestamp":1,"message":"a"}],"logEvents":[{"timestamp":5,"message":"x"}],"logGroupName":"g","logStreamName":"s"}`, false, one("x"))
	f(`{}`, false, decoded{Group: "nil", Stream: "nil", Problem: "InvalidParameterException: 1 validation error detected: " +
		"Value null at 'logEvents' failed to satisfy constraint: Member must not be null"})
	f(`{"logEvents":[{"timestamp":5},{"message":"x"}]}`, false, decoded{Group: "nil", Stream: "nil", Events: []decodedEvent{{5, ""}, {0, "x"}},
		Problem: "InvalidParameterException: 2 validation errors detected: Value null at 'logEvents.1.member.message' failed to satisfy constraint: " +
			"Member must not be null; Value null at 'logEvents.2.member.timestamp' failed to satisfy constraint: Member must not be null"})

	for _, broken := range []string{``, `[]`, `{`, wrap("\n"), wrap(`\x`), wrap(`\u12`), wrap(`x`) + `x`, `{"logEvents":[{"timestamp":5,"message":"x"},]}`,
		`{"logEvents":[{"timestamp":05,"message":"x"}]}`, `{"logEvents":[{"timestamp":5.,"message":"x"}]}`, `{"logEvents":{}}`,
		`{"logEvents":[{"timestamp":"5","message":"x"}]}`, `{"logEvents":[{"timestamp":5,"message":1}]}`, `{"logGroupName":1,"logEvents":[]}`,
		`{"logEvents":[{"timestamp":5,"message":"x"`, `{"logEvents":[{"timestamp":5,"message":"x}]}`, `{"entity":{"a":x},"logEvents":[]}`, `{"logEvents":[]`} {
		var batch loggroup.Batch
		if in, err := decodePut([]byte(broken), &batch); err == nil || !strings.HasPrefix(err.Error(), "SerializationException") {
			t.Errorf("%s: %+v, %v, want a SerializationException", broken, in, err)
		}
	}
}

func FuzzDecodePut(f *testing.F) {
	for _, body := range []string{`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":5,"message":"a\"\ud834\udd1e\n"},{"message":"é","timestamp":10}]}`,
		`{"entity":{"a":{}},"sequenceToken":"x","logEvents":[]}`, ` { "logEvents" : [ ] } `} {
		f.Add([]byte(body))
	}
	var quick, slow loggroup.Batch
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := fast(body, &quick)
		if !ok {
			return
		}
		in, err := decodePutSlowly(body, &slow)
		if err != nil {
			t.Fatalf("%q is read the fast way, and refused the slow way: %v", body, err)
		}
		if diff := cmp.Diff(show(in, &slow), got); diff != "" {
			t.Fatalf("%q: %s", body, diff)
		}
	})
}

// FuzzMessage puts a text into a body as encoding/json writes it.
func FuzzMessage(f *testing.F) {
	f.Add("plain", "a\"b\\c\n<é>𝄞\x00\u2028")
	f.Fuzz(func(t *testing.T, first, second string) {
		var body struct {
			Events []map[string]any `json:"logEvents"`
		}
		first, second = strings.ToValidUTF8(first, "?"), strings.ToValidUTF8(second, "?")
		body.Events = []map[string]any{{"timestamp": 1, "message": first}, {"timestamp": 2, "message": second}}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var batch loggroup.Batch
		got, ok := fast(text, &batch)
		want := decoded{Group: "nil", Stream: "nil", Events: []decodedEvent{{1, first}, {2, second}}}
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Fatalf("%s: %t %s", text, ok, diff)
		}
	})
}

// realistic gives a body of n events of about 400 bytes, each a JSON object in a JSON string.
func realistic(n int) []byte {
	var events []map[string]any
	for i := range n {
		message := fmt.Sprintf(`{"timestamp":"2025-12-03T10:15:30Z","level":"INFO","request_id":"3f2b8c1e-9d4a-4f60-8a57-2c8f1b6d%04d","method":"POST",`+
			`"path":"/api/users/12345/orders","status_code":200,"response_time":45,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",`+
			`"client_ip":"203.0.113.7","country":"DE","message":"request handled without trouble, nothing to see here, go on","bytes":5120}`, i)
		events = append(events, map[string]any{"timestamp": 1764756930000 + i, "message": message})
	}
	body, err := json.Marshal(map[string]any{"logGroupName": "/ec2/api", "logStreamName": "i-1", "logEvents": events})
	if err != nil {
		panic(err)
	}
	return body
}

func BenchmarkDecodePut(b *testing.B) {
	const events = 1000
	body := realistic(events)
	for _, way := range []struct {
		name   string
		decode func([]byte, *loggroup.Batch) (putInput, error)
	}{{"fast", decodePut}, {"slow", decodePutSlowly}} {
		b.Run(way.name, func(b *testing.B) {
			var batch loggroup.Batch
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := way.decode(body, &batch); err != nil || batch.Count() != events {
					b.Fatal(err, batch.Count())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}
