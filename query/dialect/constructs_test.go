package dialect

import "testing"

// TestConstructs holds what is said about each construct against what is done with its example. Tables are no part of the
// examples, so one that is not found counts as a construct that works.
func TestConstructs(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Constructs() {
		if seen[c.Section+c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Section+c.Name] = true
		err := tried(c.SQL)
		if e, ok := err.(*Error); ok && e.Code == CodeTableNotFound && c.Refused == "" {
			err = nil
		}
		switch {
		case c.Refused == "" && err != nil:
			t.Errorf("%s: %s: %v", c.Name, c.SQL, err)
		case c.Refused != "" && err == nil:
			t.Errorf("%s is translated and listed as refused: %s", c.Name, c.SQL)
		}
	}
}

func tried(sql string) error {
	s, err := Parse(sql)
	if err != nil || !s.HasQuery() {
		return err
	}
	_, err = Analyze(s, Session{Parameters: []string{"1"}}, nil)
	return err
}
