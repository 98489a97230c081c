package rangecache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"
)

// Fetch returns when all bytes of the spans are at Path. What is there costs nothing, what somebody else is fetching is
// waited for, and the rest is fetched, some pieces at the same time. After an error some of it may be there.
func (f *File) Fetch(ctx context.Context, list []Span) error {
	c, e := f.cache, f.entry
	want := wanted(list, e.size)
	for {
		c.mu.Lock()
		mine, theirs := e.missing(want)
		if len(mine) == 0 && theirs == nil {
			c.mu.Unlock()
			return nil
		}
		flights, err := c.depart(e, mine)
		c.mu.Unlock()
		if err != nil {
			return err
		}
		if err := f.fly(ctx, flights); err != nil {
			return err
		}
		if theirs == nil {
			continue
		}
		select {
		case <-theirs.done: // well or not: it is looked at again
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// missing gives what of want is neither there nor on its way, and a piece of it that somebody else is fetching.
func (e *entry) missing(want spans) (mine []Span, theirs *flight) {
	known := append(spans(nil), e.present...)
	for _, p := range want {
		for _, hole := range e.present.without(p) {
			for _, other := range e.flights {
				if other.From < hole.To && hole.From < other.To {
					theirs = other
					known = known.add(other.Span)
				}
			}
		}
	}
	for _, p := range want {
		mine = append(mine, known.without(p)...)
	}
	return mine, theirs
}

// depart notes that pieces are on their way, and makes room for them. It is called with mu held.
func (c *Cache) depart(e *entry, list []Span) ([]*flight, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if e.gone {
		return nil, ErrGone
	}
	if err := c.reserve(spans(list).bytes()); err != nil {
		return nil, err
	}
	if err := c.make(e); err != nil {
		c.used -= spans(list).bytes()
		return nil, fmt.Errorf("make a file of the cache: %w", err)
	}
	var flights []*flight
	for _, p := range list {
		for from := p.From; from < p.To; from += pieceBytes {
			flights = append(flights, &flight{Span{from, min(p.To, from+pieceBytes)}, make(chan struct{})})
		}
	}
	e.flights = append(e.flights, flights...)
	return flights, nil
}

// fly fetches pieces.
func (f *File) fly(ctx context.Context, flights []*flight) error {
	if len(flights) == 0 {
		return nil
	}
	group, within := errgroup.WithContext(ctx)
	for _, p := range flights {
		group.Go(func() error {
			err := f.cache.turn(within, func() error { return f.fill(within, p.Span) })
			f.land(p, err)
			return err
		})
	}
	return group.Wait()
}

// turn runs do when there are not too many of its like.
func (c *Cache) turn(ctx context.Context, do func() error) error {
	select {
	case c.readers <- struct{}{}:
		defer func() { <-c.readers }()
		return do()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// land notes that a piece has come, or has not.
func (f *File) land(p *flight, err error) {
	c, e := f.cache, f.entry
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range e.flights {
		if other == p {
			e.flights = append(e.flights[:i], e.flights[i+1:]...)
			break
		}
	}
	if err == nil {
		e.present = e.present.add(p.Span)
	} else {
		c.used -= p.To - p.From
	}
	close(p.done)
}

// fill copies a piece from the source to the file.
func (f *File) fill(ctx context.Context, p Span) (err error) {
	from, err := f.source(ctx, p.From, p.To-p.From)
	if err != nil {
		f.giveUpOn(err)
		return err
	}
	defer from.Close() //nolint:errcheck // only read
	to, err := f.cache.config.FS.OpenFile(f.entry.path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("write to the cache: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	buffer := make([]byte, copyBytes)
	for at := p.From; at < p.To; {
		n, err := io.ReadFull(from, buffer[:min(int64(len(buffer)), p.To-at)])
		if err != nil {
			f.giveUpOn(err)
			return fmt.Errorf("bytes %d to %d: %w", p.From, p.To, err)
		}
		if _, err := to.WriteAt(buffer[:n], at); err != nil {
			f.cache.shrink(err)
			return fmt.Errorf("write to the cache: %w", err)
		}
		at += int64(n)
	}
	return nil
}

// giveUpOn gives the file up where err says that its remote is gone or another.
func (f *File) giveUpOn(err error) {
	if f.cache.config.Gone != nil && f.cache.config.Gone(err) {
		f.cache.giveUp(f.entry)
	}
}
