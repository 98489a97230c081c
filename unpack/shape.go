package unpack

import (
	"bytes"
	"encoding/json"
)

// Shape is what a record looks like from outside.
type Shape int

// The shapes that LooksLike tells apart.
const (
	ShapeOther    Shape = iota
	ShapeJSON           // one JSON object
	ShapeGzip           // gzip data
	ShapeEnvelope       // a subscription's JSON document
	ShapeGlued          // JSON objects one behind the other
)

// LooksLike recognises the shapes that tell of a mistake in a delivery stream's set-up. It is for a record in a
// thousand, not for each.
func LooksLike(record []byte) Shape {
	if bytes.HasPrefix(record, []byte{0x1f, 0x8b}) {
		return ShapeGzip
	}
	trimmed := bytes.TrimLeft(record, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return ShapeOther
	}
	dec := json.NewDecoder(bytes.NewReader(trimmed))
	var first struct {
		MessageType string          `json:"messageType"`
		LogEvents   json.RawMessage `json:"logEvents"`
	}
	if err := dec.Decode(&first); err != nil {
		return ShapeOther
	}
	switch {
	case first.MessageType == DataMessage || first.MessageType == ControlMessage:
		return ShapeEnvelope
	case dec.More():
		return ShapeGlued
	}
	return ShapeJSON
}
