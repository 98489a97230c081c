package catalog

import "github.com/loglake/loglake"

// DecodeBounds reads the stored form of column bounds.
func DecodeBounds(b []byte) ([]loglake.ColumnBounds, error) { return decodeBounds(b) }

// EncodeBounds gives it.
func EncodeBounds(columns []loglake.ColumnBounds) []byte { return encodeBounds(columns) }
