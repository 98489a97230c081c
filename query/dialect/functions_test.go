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
