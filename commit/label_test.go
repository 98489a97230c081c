package commit_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/ledger"
)

// TestLabels holds that every object of a batch says the batch: a Parquet file inside, others beside.
func TestLabels(t *testing.T) {
	r := newRig(t)
	p := r.plan(1, 2)
	var inside map[string]string
	write := p.Drafts[0].Write
	p.Drafts[0].Write = func(w io.Writer, label map[string]string) (commit.Content, error) {
		inside = label
		return write(w, label)
	}
	rejects := p.Drafts[1].Write
	p.Drafts[1].Write = func(w io.Writer, label map[string]string) (commit.Content, error) {
		if label != nil {
			t.Error("a reject object got a label to keep inside")
		}
		return rejects(w, label)
	}
	b, err := r.c.Commit(t.Context(), p)
	r.must(err)
	want := ledger.Batch{Producer: p.Producer, Number: 1, Committed: b.Staged, Ranges: p.Ranges, Counts: p.Counts}
	for i, entries := range []map[string]string{inside, r.bucket.metadata["b/errors/1"]} {
		l, err := commit.ReadLabel(entries)
		r.must(err)
		if l.Lake != "lake" || l.Batch == nil || !cmp.Equal(*l.Batch, want) {
			t.Errorf("label %d is %+v, of %v", i, l, entries)
		}
		if i == 1 && (l.Kind != loglake.ObjectRejects || l.Rows != 1) {
			t.Errorf("the rejects are %+v", l)
		}
	}
	if r.bucket.metadata["b/data/1"] != nil {
		t.Error("a Parquet file has metadata beside it")
	}
}

// TestLabelBeside holds that what is kept beside an object fits into S3's 2 KiB, also of a batch of many sources.
func TestLabelBeside(t *testing.T) {
	for sources, fits := range map[int]bool{1: true, 12: true, 1000: false} {
		label := commit.LabelOf(ledger.Batch{Producer: producer, Number: 1, Ranges: many(sources)}, loglake.Object{Kind: loglake.ObjectPlain, Rows: 1 << 40})
		size := 0
		for k, v := range label {
			size += len(k) + len(v)
		}
		l, err := commit.ReadLabel(label)
		if size > 2048 || err != nil || (l.Batch != nil) != fits || l.Rows != 1<<40 {
			t.Errorf("%d sources: %d bytes, %+v, %v", sources, size, l, err)
		}
		if fits && !cmp.Equal(l.Batch.Ranges, many(sources)) {
			t.Errorf("%d sources came back as %v", sources, l.Batch.Ranges)
		}
	}
}

func many(n int) (ranges []loglake.Range) {
	for i := range n {
		id := fmt.Sprintf("%08x-aaaa-bbbb-cccc-%012x", i*i*7919, i*104729)
		ranges = append(ranges, loglake.Range{Source: loglake.SourceID("s-" + id), Journal: loglake.JournalID("g-" + id), From: 1000, To: 1000})
	}
	return ranges
}

func TestReadLabelRefuses(t *testing.T) {
	for name, entries := range map[string]map[string]string{
		"a kind that is none":    {"loglake-kind": "avro", "loglake-rows": "1"},
		"no rows":                {"loglake-kind": "plain"},
		"rows below none":        {"loglake-kind": "plain", "loglake-rows": "-1"},
		"no JSON":                {"loglake.batch": "{"},
		"no text":                {"loglake-batch": "!!"},
		"not packed":             {"loglake-batch": "YWJj"},
		"no producer":            {"loglake.batch": `{"Number":1}`},
		"number 0":               {"loglake.batch": `{"Producer":"p"}`},
		"a range that ends low":  {"loglake.batch": `{"Producer":"p","Number":1,"Ranges":[{"Source":"s","Journal":"j","From":2,"To":1}]}`},
		"counts that do not add": {"loglake.batch": `{"Producer":"p","Number":1,"Counts":{"Events":2}}`},
	} {
		if l, err := commit.ReadLabel(entries); err == nil {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l, err := commit.ReadLabel(map[string]string{"loglake.stream": "s", "loglake.ranges": "a"}); err != nil || l != (commit.Label{}) {
		t.Errorf("of an earlier build: %+v, %v", l, err)
	}
}

// FuzzReadLabel: whoever may write to the bucket writes labels. What is taken is possible, and written again it is the same.
func FuzzReadLabel(f *testing.F) {
	f.Add("plain", "12", `{"Producer":"p","Number":1,"Ranges":[{"Source":"s","Journal":"j","From":1,"To":3}],"Counts":{"Events":2,"Consumed":2}}`)
	f.Add("", "", commit.LabelOf(ledger.Batch{Producer: "p", Number: 1, Ranges: many(9)}, loglake.Object{Kind: loglake.ObjectPlain})["loglake-batch"])
	f.Add("rejects", "x", strings.Repeat("{", 100))
	f.Fuzz(func(t *testing.T, kind, rows, batch string) {
		l, err := commit.ReadLabel(map[string]string{"loglake-kind": kind, "loglake-rows": rows, "loglake-batch": batch})
		if err != nil || l.Batch == nil {
			return
		}
		text, err := json.Marshal(l.Batch)
		if err != nil {
			t.Fatal(err)
		}
		again, err := commit.ReadLabel(map[string]string{"loglake.batch": string(text)})
		if err != nil || fmt.Sprint(again.Batch) != fmt.Sprint(l.Batch) {
			t.Errorf("%+v came back as %+v, %v", l.Batch, again.Batch, err)
		}
	})
}
