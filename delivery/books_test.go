package delivery_test

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/state"
)

func (l *lake) books() *books.Books {
	return books.New(books.Config{Journal: l.journal, Home: home, Direct: delivery.DirectOf,
		Streams: func(tx *state.Tx) (map[loglake.ProducerID]loglake.StreamName, error) {
			return delivery.ProducersOf(tx, home)
		}})
}
