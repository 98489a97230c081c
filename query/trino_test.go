package query_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/test/trino"
)

// recordTrino writes the answers of a Trino over those that the tests without one compare with.
var recordTrino = flag.Bool("record", false, "write what the Trino at TRINO_URL answers into query/dialect/testdata/trino")

// allTrino asks for what has an answer already, too.
var allTrino = flag.Bool("trino-all", false, "with -record, ask for examples that have an answer, too")

const trinoData = "dialect/testdata/trino/"

// aTrino gives the server that `make trino-diff` has started, or skips the test.
func aTrino(t *testing.T) trino.Client {
	url := os.Getenv("TRINO_URL")
	if url == "" {
		t.Skip("TRINO_URL names no Trino: make trino-diff starts one")
	}
	return trino.Client{URL: url}
}

// askAll asks a Trino for all of the queries, a few at a time.
func askAll(t *testing.T, c trino.Client, queries []string) []dialecttest.Answer {
	answers := make([]dialecttest.Answer, len(queries))
	var wait sync.WaitGroup
	next := make(chan int)
	for range 3 {
		wait.Go(func() {
			for i := range next {
				var err error
				if answers[i], err = c.Ask(context.WithoutCancel(t.Context()), queries[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range queries {
		next <- i
	}
	close(next)
	wait.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return answers
}

// TestTrinoExamples compares what package dialect says of each example with a Trino; what the engine gives for it is
// TestExamplesOfTheDialect's part.
func TestTrinoExamples(t *testing.T) {
	c := aTrino(t)
	var queries []string
	for _, x := range dialect.Examples() {
		queries = append(queries, x.SQL)
	}
	for _, x := range constructs() {
		queries = append(queries, x.SQL)
	}
	slices.Sort(queries)
	queries = slices.Compact(queries)
	var known []dialecttest.Answer
	if *recordTrino && !*allTrino {
		known = recordedAnswers(t, "examples.txt")
		known = slices.DeleteFunc(known, func(a dialecttest.Answer) bool { return !slices.Contains(queries, a.SQL) })
		queries = slices.DeleteFunc(queries, func(sql string) bool {
			return slices.ContainsFunc(known, func(a dialecttest.Answer) bool { return a.SQL == sql })
		})
	}
	answers := append(known, askAll(t, c, queries)...)
	slices.SortFunc(answers, func(a, b dialecttest.Answer) int { return strings.Compare(a.SQL, b.SQL) })
	if *recordTrino {
		record(t, "examples.txt", answers)
	}
	problems, _ := dialecttest.Compare(dialect.Examples(), answers, differs(t))
	for _, problem := range problems {
		t.Error(problem)
	}
}

func record(t *testing.T, file string, answers []dialecttest.Answer) {
	var b strings.Builder
	if err := dialecttest.WriteAnswers(&b, answers); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(trinoData+file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d answers", file, len(answers))
}

func recordedAnswers(t *testing.T, file string) []dialecttest.Answer {
	t.Helper()
	f, err := os.Open(trinoData + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	answers, err := dialecttest.ReadAnswers(f)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func differs(t *testing.T) map[string]string {
	f, err := os.Open(trinoData + "differs.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	d, err := dialecttest.ReadDiffers(f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	seedTrino  = flag.Uint64("trino-seed", 1, "the generated queries of TestTrinoGenerated")
	casesTrino = flag.Int("trino-cases", 2000, "how many queries TestTrinoGenerated compares")
)

// TestTrinoGenerated compares the engine with a Trino over queries that nobody wrote. A query that is refused by name is no
// difference, but is counted.
func TestTrinoGenerated(t *testing.T) {
	c := aTrino(t)
	queries := generated(*seedTrino, *casesTrino)
	e := newEngine(t)
	var tally dialecttest.Tally
	var recorded []dialecttest.Answer
	for i, theirs := range askAll(t, c, queries) {
		same := tally.Same
		if tally.Add(outcome(t, e, queries[i]), theirs); tally.Same > same && len(recorded) < recordedMax {
			recorded = append(recorded, theirs)
		}
	}
	for _, problem := range tally.Different {
		t.Error(problem)
	}
	if *recordTrino {
		record(t, "generated.txt", recorded)
	}
	t.Logf("seed %d, of %d queries\n%s", *seedTrino, len(queries), &tally)
}

// recordedMax is how many generated queries the tests without a Trino run.
const recordedMax = 300

// TestGeneratedAnswers has the engine give what a Trino has given for generated queries.
func TestGeneratedAnswers(t *testing.T) {
	answers := recordedAnswers(t, "generated.txt")
	if len(answers) < recordedMax {
		t.Fatalf("%d answers, want %d", len(answers), recordedMax)
	}
	e := newEngine(t)
	for _, theirs := range answers {
		if ours := outcome(t, e, theirs.SQL); !dialecttest.Same(ours, theirs) {
			t.Errorf("%s\n\tgives %s\n\tTrino %s", theirs.SQL, ours.Result(), theirs.Result())
		}
	}
}

// outcome runs a query; its failure is part of the answer.
func outcome(t *testing.T, e *engine.Engine, sql string) dialecttest.Answer {
	a, err := answer(t.Context(), e, sql)
	if err != nil {
		a = dialecttest.Answer{SQL: sql, Error: err.Error()}
		if cause := errors.Unwrap(err); cause != nil && a.Code() == dialect.CodeInternal {
			a.Error += ": " + cause.Error()
		}
	}
	return a
}

// generated gives n queries of a seed: of each kind some, and calls of every function.
func generated(seed uint64, n int) []string {
	g := dialecttest.Generator{Random: rand.New(rand.NewPCG(seed, 0)).IntN}
	queries := make([]string, n)
	names := g.Names()
	for i := range queries {
		switch i % 4 {
		case 0:
			queries[i] = g.Query()
		case 1:
			queries[i] = "SELECT " + g.Expression(g.Type())
		case 2:
			queries[i] = g.Typed()
		default:
			queries[i] = "SELECT " + g.Call(names[i/4%len(names)])
		}
	}
	return queries
}
