package spelling_test

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/spelling"
)

func TestNearest(t *testing.T) {
	names := []string{"level", "path", "status_code", "response_time"}
	for text, want := range map[string]string{
		"levl": "level", "LEVEL": "level", "lvel": "level", "leevl": "level", "pat": "path", "apth": "path", "statuscode": "status_code",
		"status": "", "responsetimes": "response_time", "nothing_of_this": "", "": "", "xy": "",
	} {
		if got, ok := spelling.Nearest(text, names); got != want || ok != (want != "") {
			t.Errorf("%q is near %q, want %q", text, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abc", "abc", 0}, {strings.Repeat("a", 601), "a", 600}} {
		if got := spelling.Distance(c.a, c.b); got != c.want || got != spelling.Distance(c.b, c.a) {
			t.Errorf("%.10q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
