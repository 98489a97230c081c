package shape_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/shape"
)

func noise(t testing.TB, rules ...shape.Rule) *shape.Noise {
	t.Helper()
	n, err := shape.NewNoise(rules)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoise(t *testing.T) {
	rules := []shape.Rule{
		{Path: []string{"/health", "/static/**"}, Except: []shape.Rule{{Method: []string{"post"}, Path: []string{"/static/upload"}}}},
		{Method: []string{"HEAD"}, Path: []string{"/"}},
		{Level: []string{"debug", "trace*"}},
		{Fields: map[string][]string{"user_agent": {"ELB-HealthChecker/*"}, "status_code": {"200", "30*"}}},
		{Fields: map[string][]string{"kubernetes.labels.app": {"probe"}, "ok": {"true"}}},
	}
	n := noise(t, rules...)
	f := func(object string, want int) {
		t.Helper()
		rule, drop := n.Drop([]byte(object))
		if got := map[bool]int{true: rule, false: -1}[drop]; got != want {
			t.Errorf("%s: rule %d, want %d", object, got, want)
		}
	}
	f(`{"path":"/health"}`, 0)
	f(`{"method":"GET","path":"/health?deep=1#x"}`, 0)
	f(` { "url" : "https:\/\/h.example\/health" } `, 0)
	f(`{"path":"/health/x"}`, -1)
	f(`{"path":"/healthz"}`, -1)
	f(`{"path":"/static/a/b.css"}`, 0)
	f(`{"path":"/static"}`, -1)
	f(`{"path":"/static/upload","method":"POST"}`, -1)
	f(`{"path":"/static/upload","method":"PUT"}`, 0)
	f(`{"p\u0061th":"/he\u0061lth"}`, 0)
	f(`{"uri":"/health","path":"/x"}`, -1) // path is the first of the names
	f(`{"path":"/x","uri":"/health"}`, -1)
	f(`{"http":{"path":"/health"}}`, 0)
	f(`{"http.path":"/health"}`, 0)
	f(`{"path":{"path":"/health"}}`, -1)
	f(`{"method":"head","path":"/"}`, 1)
	f(`{"verb":"HEAD","path":"https://h.example"}`, 1)
	f(`{"severity":"DEBUG"}`, 2)
	f(`{"level":"Traces"}`, 2)
	f(`{"level":"info","severity":"debug"}`, -1)
	f(`{"level":null,"severity":"debug"}`, -1)
	f(`{"status_code":200,"user_agent":"ELB-HealthChecker/2.0"}`, 3)
	f(`{"status_code":"302","user_agent":"ELB-HealthChecker/2.0"}`, 3)
	f(`{"status_code":500,"user_agent":"ELB-HealthChecker/2.0"}`, -1)
	f(`{"user_agent":"ELB-HealthChecker/2.0"}`, -1)
	f(`{"ok":true,"kubernetes":{"a":[1],"labels":{"app":"probe"}}}`, 4)
	f(`{"ok":true,"kubernetes":{"labels.app":"probe"}}`, 4)
	f(`{"ok":true,"kubernetes.labels":{"app":"probe"}}`, -1)
	f(`{"ok":true,"kubernetes":"labels"}`, -1)
	f(`{"path":"/health"`, -1)
	f(`{"path":"/health",}`, -1)
	f(`"/health"`, -1)
	f(`plain text`, -1)
	f(``, -1)

	if _, drop := noise(t).Drop([]byte(`{}`)); drop {
		t.Error("no rule drops")
	}
}

func TestGlobs(t *testing.T) {
	f := func(glob, text string, want bool) {
		t.Helper()
		object, err := json.Marshal(map[string]string{"f": text})
		if err != nil {
			t.Fatal(err)
		}
		if _, got := noise(t, shape.Rule{Fields: map[string][]string{"f": {glob}}}).Drop(object); got != want {
			t.Errorf("%q matches %q: %v", glob, text, got)
		}
	}
	f("", "", true)
	f("", "a", false)
	f("*", "", true)
	f("*", "a/b", false)
	f("**", "a/b", true)
	f("/a/*/c", "/a/b/c", true)
	f("/a/*/c", "/a/b/b/c", false)
	f("/a/**/c", "/a/b/b/c", true)
	f("/a/**/c", "/a/c", true)
	f("/a/**/c", "/ac", false)
	f("/a/**", "/a/", true)
	f("**/*.css", "/a/b.css", true)
	f("**/*.css", "/a/b.css/c", false)
	f("**.css", "/a/b.css", true)
	f("*.js", "a.js.map", false)
	f("a*b*c", "axxbxxbc", true)
	f("a**b*c", "a/b/bxc", true)
	f("a**b*c", "a/b/b/c", false)
	f("***", "a/b", true)
	f("é*", "été", true)
	f(strings.Repeat("*a", 50), strings.Repeat("a", 1000)+"b", false) // in no time
	f(strings.Repeat("**a", 50), strings.Repeat("a/", 1000)+"b", false)
}

func TestNewNoiseRefuses(t *testing.T) {
	f := func(rule shape.Rule, want string) {
		t.Helper()
		if _, err := shape.NewNoise([]shape.Rule{{Path: []string{"/"}}, rule}); loglake.CodeOf(err) != loglake.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q in it", rule, err, want)
		}
	}
	f(shape.Rule{}, "noise rule 2 gives nothing to match")
	f(shape.Rule{Path: []string{"/"}, Except: []shape.Rule{{}}}, "noise rule 2, exception 1 gives nothing")
	f(shape.Rule{Fields: map[string][]string{"a": nil}}, `the field "a" has no values`)
	many := map[string][]string{}
	for i := range shape.NoiseFieldsMax {
		many[fmt.Sprint("f", i)] = []string{"x"}
	}
	f(shape.Rule{Fields: many}, "more than 32 fields")
}

// No bytes bring it down, and what encoding/json does not take for an object is kept.
func FuzzNoise(f *testing.F) {
	n := noise(f, shape.Rule{Path: []string{"/a/**"}, Except: []shape.Rule{{Method: []string{"POST"}}}},
		shape.Rule{Fields: map[string][]string{"a.b.c": {"*"}}})
	f.Add([]byte(`{"path":"/a/b","method":"GET"}`))
	f.Add([]byte(`{"a":{"b":{"c":"\u00e9"}}}`))
	f.Add([]byte(`{"a":{"b.c":1}}`))
	f.Fuzz(func(t *testing.T, object []byte) {
		if _, drop := n.Drop(object); drop && !json.Valid(object) {
			// What follows the object is not looked at: events are one object each.
			d := json.NewDecoder(strings.NewReader(string(object)))
			var v map[string]any
			if err := d.Decode(&v); err != nil {
				t.Fatalf("%q is dropped: %v", object, err)
			}
		}
	})
}

func TestField(t *testing.T) {
	f := func(object, name, want string) {
		t.Helper()
		if got := shape.Field(nil, []byte(object), name); string(got) != want || (got == nil) != (want == "") {
			t.Errorf("%s of %s is %q, want %q", name, object, got, want)
		}
	}
	f(` {"a":"x\n","b":{"c":1.50}}`, "a", "x\n")
	f(`{"a":"x","b":{"c":1.50}}`, "b.c", "1.50")
	f(`{"a":"x","b":{"c":1.50}}`, "b", "")
	f(`{"a":null}`, "a", "null")
	f(`{"a":1}`, "c", "")
	f(`text`, "a", "")
	f(``, "a", "")
}
