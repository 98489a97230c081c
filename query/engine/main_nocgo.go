//go:build !cgo

package engine

import (
	"context"
	"fmt"
	"io"
)

// Built tells whether this program contains DuckDB.
const Built = false

// Main refuses: this build has no SQL engine.
func Main(_ context.Context, _ io.Reader, _, stderr io.Writer) int {
	fmt.Fprintln(stderr, errNotBuilt())
	return 1
}
