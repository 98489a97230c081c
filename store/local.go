package store

import (
	"context"

	"github.com/loglake/loglake/store/internal/rangecache"
)

// Span is the bytes from From up to To of an object.
type Span = rangecache.Span

// Local is an object as a file of the operating system. The file is only to be read, and of it only what Fetch has
// brought: it has the object's length, but what else is in it means nothing.
type Local struct {
	Path string

	fetch   func(ctx context.Context, spans []Span) error
	release func()
}

// Whole tells whether all bytes are there without a Fetch.
func (l Local) Whole() bool { return l.fetch == nil }

// Fetch returns when the spans are at Path. It may be called concurrently. ErrNoObject and ErrChanged tell that the
// object is not there any more, or is another than the one described; then Local has to be asked again.
func (l Local) Fetch(ctx context.Context, spans ...Span) error {
	if l.fetch == nil {
		return nil
	}
	return l.fetch(ctx, spans)
}

// Release ends the use of the file: it may go, or become another. More than once is once.
func (l Local) Release() {
	if l.release != nil {
		l.release()
	}
}
