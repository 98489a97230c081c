package dialecttest_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
)

func TestTrinoSQL(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1.5, .5, 1., 2":                      "SELECT 1.5e0, .5e0, 1.e0, 2",
		"SELECT 1.5e3, 1E3, 1.5E-3, 0x1F, 1_000.5":   "SELECT 1.5e3, 1E3, 1.5E-3, 0x1F, 1_000.5e0",
		"SELECT '1.5', \"1.5\", decimal '1.5', a1.b": "SELECT '1.5', \"1.5\", decimal '1.5', a1.b",
		"SELECT 'it''s 1.5' -- 1.5\n, 1.5 /* 1.5 */": "SELECT 'it''s 1.5' -- 1.5\n, 1.5e0 /* 1.5 */",
		"SELECT t.x, a[1].b, 'open 1.5":              "SELECT t.x, a[1].b, 'open 1.5",
	} {
		if got, _ := dialecttest.TrinoSQL(sql); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

func TestAnswersAreReadAsWritten(t *testing.T) {
	text := func(s string) *string { return &s }
	answers := []dialecttest.Answer{
		{SQL: "SELECT 'a\tb\n\\n'", Types: []string{"varchar(3)", "row(a integer)"}, Rows: [][]*string{{text("a\tb\n\\n<é"), nil}, {nil, text("")}}},
		{SQL: "SELECT 1 / 0", Error: "DIVISION_BY_ZERO: Division by zero"}, {SQL: "SELECT 1 WHERE false", Types: []string{"integer"}, Rows: [][]*string{}},
	}
	var b strings.Builder
	if err := dialecttest.WriteAnswers(&b, answers); err != nil {
		t.Fatal(err)
	}
	if got, err := dialecttest.ReadAnswers(strings.NewReader(b.String())); err != nil || !reflect.DeepEqual(got, answers) {
		t.Errorf("%q\n%+v, %v, want\n%+v", b.String(), got, err, answers)
	}
}

func TestCompareTellsWhatDiffers(t *testing.T) {
	one, null := "1", "NULL"
	answers := []dialecttest.Answer{
		{SQL: "same", Types: []string{"integer"}, Rows: [][]*string{{&one}}}, {SQL: "other type", Types: []string{"bigint"}, Rows: [][]*string{{&one}}},
		{SQL: "other value", Types: []string{"integer"}, Rows: [][]*string{{&null}}}, {SQL: "fails", Error: "X_Y: line 1:8: why"},
		{SQL: "fails otherwise", Error: "X_Y: why"}, {SQL: "known", Error: "X_Y: why"},
	}
	examples := []dialect.Example{
		{SQL: "same", Want: "1", Type: "integer"}, {SQL: "other type", Want: "1", Type: "integer"}, {SQL: "other value", Want: "1", Type: "integer"},
		{SQL: "fails", Error: "X_Y: line 1:8"}, {SQL: "fails otherwise", Error: "X"}, {SQL: "known", Want: "1", Type: "integer"}, {SQL: "asked never"},
	}
	problems, missing := dialecttest.Compare(examples, answers, map[string]string{"known": "a reason", "same": "a reason", "gone": "a reason"})
	var of []string
	for _, p := range problems {
		of = append(of, p[:strings.IndexByte(p, ':')])
	}
	if want := []string{"same", "other type", "other value", "fails otherwise", "gone"}; !reflect.DeepEqual(of, want) || !reflect.DeepEqual(missing, []string{"asked never"}) {
		t.Errorf("problems %q, missing %q, want problems with %q", problems, missing, want)
	}
}

// TestWhatIsPrintedStays has generated queries printed, and that read and printed again; that the tree stays too is held in
// package dialect, over all examples.
func TestWhatIsPrintedStays(t *testing.T) {
	g := dialecttest.Generator{Random: rand.New(rand.NewPCG(3, 4)).IntN}
	for range 300 {
		for _, sql := range []string{g.Query(), "SELECT " + g.Expression(g.Type())} {
			s, err := dialect.Parse(sql)
			if err != nil {
				continue // refused by name: see TestWhatIsMadeIsTheGrammars
			}
			for _, text := range []string{s.String(), s.Format()} {
				again, err := dialect.Parse(text)
				if err != nil {
					t.Fatalf("%s\nis printed as\n%s\n%v", sql, text, err)
				}
				if again.String() != s.String() || again.Format() != s.Format() {
					t.Errorf("%s\nis printed as\n%s\nand that as\n%s", sql, text, again)
				}
			}
		}
	}
}

func TestWhatIsMadeIsTheGrammars(t *testing.T) {
	made := func() []string {
		g := dialecttest.Generator{Random: rand.New(rand.NewPCG(1, 2)).IntN}
		var queries []string
		for range 500 {
			queries = append(queries, g.Query(), "SELECT "+g.Expression(g.Type()))
		}
		for _, name := range g.Names() {
			queries = append(queries, "SELECT "+g.Call(name))
		}
		return queries
	}
	queries := made()
	for _, sql := range queries {
		var refused *dialect.Error
		if _, err := dialect.Parse(sql); err != nil && (!errors.As(err, &refused) || refused.Code == dialect.CodeSyntax) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if !slices.Equal(queries, made()) {
		t.Error("the same numbers give other queries")
	}
}
