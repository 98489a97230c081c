package dialect

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// trinoSignature is one line of testdata/trino/functions.txt.
type trinoSignature struct{ name, result, args, kind, deterministic string }

func trinoSignatures(t *testing.T) []trinoSignature {
	t.Helper()
	f, err := os.Open("testdata/trino/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []trinoSignature
	for s := bufio.NewScanner(f); s.Scan(); {
		if part := strings.Split(s.Text(), "\t"); len(part) == 5 {
			list = append(list, trinoSignature{strings.ToLower(part[0]), part[1], part[2], part[3], part[4]})
		}
	}
	if len(list) < 700 {
		t.Fatalf("%d signatures, want what SHOW FUNCTIONS lists", len(list))
	}
	return list
}

// TestEveryFunctionOfTrino holds Trino's own list of functions against what is translated and what is refused.
func TestEveryFunctionOfTrino(t *testing.T) {
	named := map[string]bool{}
	for _, s := range trinoSignatures(t) {
		named[s.name] = true
	}
	for name := range named {
		built := functions()[name] != nil || specialForm(name) != nil
		_, refused := Refused()[name]
		switch {
		case built && refused:
			t.Errorf("%s is translated: take it out of refusedFunctions", name)
		case !built && !refused:
			t.Errorf("%s is neither translated nor in refusedFunctions", name)
		}
	}
	for name, r := range Refused() {
		if !named[name] {
			t.Errorf("%s is refused and no function of Trino", name)
		}
		if r.Why == "" {
			t.Errorf("%s is refused without a reason", name)
		}
	}
	for name, other := range foreignFunctions {
		if named[name] || functions()[name] != nil {
			t.Errorf("%s (for %s) is a function of Trino", name, other)
		}
	}
}

func TestRefusedFunctionNamesTheNearest(t *testing.T) {
	for name, r := range Refused() {
		s, err := Parse("SELECT " + name + "(1)")
		if err != nil {
			continue // a form with its own grammar
		}
		_, err = Analyze(s, Session{}, nil)
		e, ok := err.(*Error)
		if !ok || e.Code != CodeNotSupported || e.Message != "Function '"+name+"' is not supported" || e.Line != 1 || e.Column != 8 {
			t.Errorf("%s: %v", name, err)
		} else if !strings.Contains(e.Hint, r.Instead) || e.Hint == "" {
			t.Errorf("%s: hint %q, want %q in it", name, e.Hint, r.Instead)
		}
	}
}

func TestShowFunctions(t *testing.T) {
	f := func(sql, printed, err string) {
		t.Helper()
		s, e := Parse(sql)
		if e != nil {
			if e.Error() != err {
				t.Errorf("%s: %v, want %s", sql, e, err)
			}
			return
		}
		q, e := Analyze(s, Session{}, nil)
		if e != nil {
			t.Fatal(e)
		}
		if s.String() != printed || err != "" {
			t.Errorf("%s prints as %s, want %s", sql, s, printed)
		}
		for i, c := range q.Output {
			if c.Name != showColumns[i] {
				t.Errorf("column %d is %s, want %s", i, c.Name, showColumns[i])
			}
		}
	}
	f("show functions", "SHOW FUNCTIONS", "")
	f("SHOW FUNCTIONS LIKE 'arr%'", "SHOW FUNCTIONS LIKE 'arr%'", "")
	f(`show functions like 'st\_%' escape '\';`, `SHOW FUNCTIONS LIKE 'st\_%' ESCAPE '\'`, "")
	f("SHOW FUNCTIONS 'abs'", "", "SYNTAX_ERROR: line 1:16: mismatched input ''abs''. Expecting: 'FROM', 'IN', 'LIKE', <EOF>")
	f("SHOW FUNCTIONS LIKE x", "", "SYNTAX_ERROR: line 1:21: mismatched input 'x'. Expecting: <string>")
	f("SHOW FUNCTIONS LIKE 'a' 'b'", "", "SYNTAX_ERROR: line 1:25: mismatched input ''b''. Expecting: 'ESCAPE', <EOF>")
	f("SHOW FUNCTIONS LIKE 'a' ESCAPE", "", "SYNTAX_ERROR: line 1:31: mismatched input '<EOF>'. Expecting: <string>")
	f("SHOW FUNCTIONS FROM a.b", "", "NOT_SUPPORTED: line 1:16: SHOW FUNCTIONS of a schema: such statements are not supported")
	f("SHOW CATALOGS", "", "NOT_SUPPORTED: line 1:1: SHOW statements are not supported")
}
