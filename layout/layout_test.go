package layout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
)

var at = time.Date(2026, 1, 5, 0, 7, 9, 123456789, time.UTC)

func values() layout.Values {
	return layout.Values{Instant: at, ErrorType: "format-conversion-failed", Random: func() string { return "abcdefghijk" }}
}

func TestEval(t *testing.T) {
	seoul := time.FixedZone("Asia/Seoul", 9*3600)
	for _, c := range []struct {
		text, want string
		zone       *time.Location
	}{
		{text: "", want: ""},
		{text: "plain/", want: "plain/"},
		{text: "data/dt=!{timestamp:yyyy-MM-dd}/", want: "data/dt=2026-01-05/"},
		{text: "data/dt=!{timestamp:yyyy-MM-dd}/", want: "data/dt=2026-01-05/", zone: seoul},
		{text: "!{timestamp:yyyy/MM/dd/HH/mm/ss}", want: "2026/01/05/09/07/09", zone: seoul},
		{text: "y=!{timestamp:yyyy}/m=!{timestamp:M}/d=!{timestamp:d}/", want: "y=2026/m=1/d=5/"},
		{text: "!{timestamp:yy MMM MMMM E EEEE D DDD}", want: "26 Jan January Mon Monday 5 005"},
		{text: "!{timestamp:H k K h a}", want: "0 24 0 12 AM"},
		{text: "!{timestamp:S SSS SSSSSSSSS n A N}", want: "1 123 123456789 123456789 429123 429123456789"},
		{text: "!{timestamp:Q QQ QQQ q}", want: "1 01 Q1 1"},
		{text: "!{timestamp:Z X XXX x}", want: "+0000 Z Z +00"},
		{text: "!{timestamp:Z X XXX xx}", want: "+0900 +09 +09:00 +0900", zone: seoul},
		{text: "!{timestamp:'year='yyyy'/it''s'''}", want: "year=2026/it's'"},
		{text: "!{firehose:random-string}/!{firehose:error-output-type}", want: "abcdefghijk/format-conversion-failed"},
	} {
		p, err := layout.ParsePrefix(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		v := values()
		v.Zone = c.zone
		if got := p.Eval(v); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	errors := "e/!{firehose:error-output-type}/"
	for _, c := range []struct {
		prefix, errorPrefix *string
		want                string
	}{
		{nil, nil, ""},
		{ptr("a/"), nil, ""},
		{ptr("a/!{timestamp:yyyy}/"), ptr(errors), ""},
		{ptr("a/!{timestamp:yyyy}/"), nil, "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"},
		{ptr("a/!{timestamp:yyyy}/"), ptr(""), "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"},
		{ptr("a/!{timestamp:yyyy}/"), ptr("static/"), ""},
		{ptr("a/"), ptr("e/!{timestamp:yyyy}/"), "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}"},
		{ptr(errors), ptr(errors), "Prefix must not contain any occurrence of !{firehose:error-output-type}"},
		{ptr("a"), ptr("!{partitionKeyFromQuery:k}!{firehose:error-output-type}"), "Dynamic Partitioning Namespaces can't be part of an error prefix expression"},
		{ptr("a!{"), ptr(errors), "Invalid expression usage"},
		{ptr("!{timestamp}"), ptr(errors), "Invalid expression usage"},
		{ptr("!{timestamp:'open}"), ptr(errors), "Invalid expression usage"},
		{ptr("!{clock:yyyy}"), ptr(errors), "Namespace to the left of colon (clock) is an invalid keyword!"},
		{ptr("!{timestamp:yyyyT}"), ptr(errors), "Invalid conversion character used in the value of the expression in Prefix"},
		{ptr("a"), ptr("!{timestamp:b}"), "Invalid conversion character used in the value of the expression in ErrorOutputPrefix"},
		{ptr("!{timestamp:ww}"), ptr(errors), "loglake does not support the pattern letter 'w' in the expression in Prefix yet."},
		{ptr(strings.Repeat("p", 513)), nil, "Length of evaluated prefix cannot be greater than 512"},
		{ptr("p"), ptr(strings.Repeat("p", 513)), "Length of evaluated ErrorOutputPrefix cannot be greater than 512"},
	} {
		err := layout.Validate(c.prefix, c.errorPrefix)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%v, %v: %v", text(c.prefix), text(c.errorPrefix), err)
		case c.want != "" && (loglake.CodeOf(err) != loglake.CodeInvalid || err.Error() != c.want):
			t.Errorf("%v, %v: got %v, want %s", text(c.prefix), text(c.errorPrefix), err, c.want)
		}
	}
}

func ptr(s string) *string { return &s }

func text(s *string) string {
	if s == nil {
		return "(nil)"
	}
	return *s
}

func TestPrefixesWithoutExpressions(t *testing.T) {
	parse := func(s string) *layout.Prefix {
		p, err := layout.ParsePrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if got := layout.DeliveryPrefix(parse("legacy"), values()); got != "legacy2026/01/05/00/" {
		t.Errorf("got %q", got)
	}
	if got := layout.DeliveryPrefix(parse("x/!{firehose:random-string}/"), values()); got != "x/abcdefghijk/" {
		t.Errorf("got %q", got)
	}
	if got := layout.ErrorPrefix(nil, parse("p/"), values()); got != "p/format-conversion-failed/2026/01/05/00/" {
		t.Errorf("got %q", got)
	}
	if got := layout.ErrorPrefix(parse("e/"), parse("p/"), values()); got != "e/format-conversion-failed/2026/01/05/00/" {
		t.Errorf("got %q", got)
	}
	if got := layout.ErrorPrefix(parse("e/!{firehose:error-output-type}/"), parse("p/"), values()); got != "e/format-conversion-failed/" {
		t.Errorf("got %q", got)
	}
}

func name() layout.Name {
	return layout.Name{
		Stream: "my-stream.1", Version: "12", Arrival: at.Truncate(time.Second), Extension: ".parquet",
		Provenance: layout.Provenance{Producer: layout.ProducerHash("p"), Batch: layout.BatchMax - 5, Part: 3, Parts: layout.PartsMax, Generation: 63},
	}
}

func TestKeysRoundTrip(t *testing.T) {
	for _, change := range []func(*layout.Name){
		func(*layout.Name) {},
		func(n *layout.Name) { n.Extension = "" },
		func(n *layout.Name) { n.Extension = ".json.gz" },
		func(n *layout.Name) { n.Stream, n.Version = "a", "1" },
		func(n *layout.Name) { n.Provenance = layout.Provenance{Batch: 1, Part: 1, Parts: 1} },
	} {
		n := name()
		change(&n)
		key := layout.FormatKey("data/dt=2026-01-05/", n)
		back, ok := layout.ParseKey(key)
		if diff := cmp.Diff(n, back); !ok || diff != "" {
			t.Errorf("%s: %v\n%s", key, ok, diff)
		}
	}
}

func TestForeignKeysAreNotOurs(t *testing.T) {
	ours := layout.FormatKey("data/", name())
	foreign := []string{
		"", "data/", "data/file.parquet", "data/part-00000-a188030a-62d2-49e6-b7c2-b11f1a7ba250.parquet",
		"firehose/2015/10/29/00/my-delivery-stream-1-2015-10-29-00-01-21-a188030a-62d2-49e6-b7c2-b11f1a7ba250.gz",
		strings.ToUpper(ours), ours[:len(ours)-9],
	}
	// Every digit of the UUID changed by one makes it foreign: the check bits are over all of them.
	start := strings.LastIndex(ours, ".parquet") - 36
	for i := start; i < start+36; i++ {
		if c := ours[i]; c != '-' {
			foreign = append(foreign, ours[:i]+string("123456789abcdef0"[strings.IndexByte("0123456789abcdef", c)])+ours[i+1:])
		}
	}
	for _, key := range foreign {
		if n, ok := layout.ParseKey(key); ok {
			t.Errorf("%s was taken for ours: %+v", key, n)
		}
	}
}

func TestPartition(t *testing.T) {
	for _, c := range []struct {
		key, prefix string
		keys, want  []string
	}{
		{"data/dt=2026-01-05/f", "data/", []string{"dt"}, []string{"2026-01-05"}},
		{"data/DT=2026-01-05/h=03/f", "data/", []string{"h", "dt"}, []string{"03", "2026-01-05"}},
		{"data/other/dt=1/f", "data/", []string{"dt"}, []string{"1"}},
		{"data/k=a%2Fb%3D/f", "data/", []string{"k"}, []string{"a/b="}},
		{"data/dt=/dt=/f", "data/", []string{"dt", "h"}, nil},
		{"data/dt=/dt=1/f", "data/", []string{"dt"}, []string{"1"}},
		{"data/f", "data/", nil, []string{}},
		{"data/f", "data/", []string{"dt"}, nil},
		{"data/dt=1", "data/", []string{"dt"}, nil},
		{"elsewhere/dt=1/f", "data/", []string{"dt"}, nil},
	} {
		got, ok := layout.Partition(c.key, c.prefix, c.keys)
		if ok != (c.want != nil) || ok && cmp.Diff(c.want, got) != "" {
			t.Errorf("%s under %s by %v: got %v, %v, want %v", c.key, c.prefix, c.keys, got, ok, c.want)
		}
	}
	if got := layout.PartitionPath([]string{"dt", "k"}, []string{"2026-01-05", "a/b=ü"}); got != "dt=2026-01-05/k=a%2Fb%3Dü" {
		t.Errorf("got %s", got)
	}
	if got := layout.PartitionPath([]string{"dt"}, []string{""}); got != "dt="+layout.DefaultPartition {
		t.Errorf("got %s", got)
	}
}

// FuzzKey holds FormatKey and ParseKey against each other.
func FuzzKey(f *testing.F) {
	f.Add("data/", "s", uint64(1), uint32(7), 1, 1)
	f.Fuzz(func(t *testing.T, prefix, extension string, batch uint64, producer uint32, part, parts int) {
		n := name()
		n.Provenance = layout.Provenance{
			Producer: producer, Batch: batch%layout.BatchMax + 1, Parts: (parts&0x7fffffff)%layout.PartsMax + 1, Generation: 1,
		}
		n.Provenance.Part = (part&0x7fffffff)%n.Provenance.Parts + 1
		n.Extension = ""
		if extension != "" && !strings.ContainsAny(extension, "/") {
			n.Extension = "." + extension
		}
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/"
		}
		back, ok := layout.ParseKey(layout.FormatKey(prefix, n))
		if diff := cmp.Diff(n, back); !ok || diff != "" {
			t.Errorf("%v: %s", ok, diff)
		}
		layout.ParseKey(prefix + extension)
	})
}

// FuzzPrefix feeds garbage: what is taken prints as it was and evaluates.
func FuzzPrefix(f *testing.F) {
	f.Add("data/dt=!{timestamp:yyyy-MM-dd'T'HH}/!{firehose:random-string}")
	f.Add("!{timestamp:''''}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := layout.ParsePrefix(text)
		if err != nil {
			if loglake.CodeOf(err) != loglake.CodeInvalid {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if p.String() != text {
			t.Errorf("%q prints as %q", text, p)
		}
		if got := p.Eval(values()); !p.HasExpressions() && got != text {
			t.Errorf("%q without expressions became %q", text, got)
		}
	})
}

// FuzzPartition holds PartitionPath and Partition against each other.
func FuzzPartition(f *testing.F) {
	f.Add("dt", "2026-01-05")
	f.Add("k", "a/b=%\x7fü")
	f.Fuzz(func(t *testing.T, key, value string) {
		if key == "" || value == "" || value == layout.DefaultPartition {
			return
		}
		path := layout.PartitionPath([]string{key}, []string{value})
		got, ok := layout.Partition("t/"+path+"/f", "t/", []string{key})
		if !ok || got[0] != value {
			t.Errorf("%q=%q by %q came back as %q, %v", key, value, path, got, ok)
		}
	})
}
