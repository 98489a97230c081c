package dialect

import (
	"reflect"
	"testing"
)

// sameTree compares what two trees mean: positions and texts as written do not count.
func sameTree(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.IsValid() != b.IsValid() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return a.Elem().Type() == b.Elem().Type() && sameTree(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameTree(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			field := a.Type().Field(i)
			written := field.Name == "text" && a.Type() != reflect.TypeFor[name]() && a.Type() != reflect.TypeFor[numberNode]() ||
				field.Name == "texts" || field.Name == "havingText" || field.Name == "off" || field.Type == reflect.TypeFor[at]()
			if !written && !sameTree(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.String:
		return a.String() == b.String()
	case reflect.Bool:
		return a.Bool() == b.Bool()
	}
	return a.Equal(b)
}

// checkPrinted holds both printed forms of a statement to its tree, and to themselves.
func checkPrinted(t *testing.T, sql string) {
	t.Helper()
	s, err := Parse(sql)
	if err != nil {
		return
	}
	for _, form := range []func(*Statement) string{(*Statement).String, (*Statement).Format} {
		printed := form(s)
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q is printed as %q, which gives %v", sql, printed, err)
		}
		if !sameTree(reflect.ValueOf(s.root), reflect.ValueOf(again.root)) {
			t.Fatalf("%q is printed as %q, which means something else", sql, printed)
		}
		if twice := form(again); twice != printed {
			t.Fatalf("%q is printed as\n%s\nand that as\n%s", sql, printed, twice)
		}
	}
	if want, got := len(commentsOf(sql)), len(commentsOf(s.Format())); want != got {
		t.Fatalf("%q has %d comments; %q has %d", sql, want, s.Format(), got)
	}
}

func TestPrintedStatements(t *testing.T) {
	for _, sql := range statements {
		if _, err := Parse(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		checkPrinted(t, sql)
	}
	for _, e := range Examples() {
		checkPrinted(t, e.SQL)
	}
}

func FuzzFormat(f *testing.F) {
	for _, sql := range statements {
		f.Add(sql)
	}
	for _, e := range Examples() {
		f.Add(e.SQL)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) > 4096 {
			return
		}
		checkPrinted(t, sql)
	})
}
