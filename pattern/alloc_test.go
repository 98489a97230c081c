//go:build !race

package pattern_test

import (
	"testing"

	"github.com/loglake/loglake/pattern"
)

// The race detector has pools lose things, so this is not asked of it.
func TestMatchDoesNotAllocate(t *testing.T) {
	for _, text := range []string{`ERROR -x`, `{ $.level = "ERROR" || $.status_code >= 400 }`, `{ $.message = %ti.ed% }`, `[..., a=1]`} {
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		message := []byte(event)
		if n := testing.AllocsPerRun(100, func() { p.Match(message) }); n > 0 {
			t.Errorf("%s: %v allocations per match", text, n)
		}
	}
}
