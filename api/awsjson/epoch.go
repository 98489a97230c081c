package awsjson

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// EpochSeconds is an instant as Firehose, Glue and Athena write it: a JSON number of seconds since 1970, with up to
// three decimals. The zero value is the zero time; give its field `omitzero` to leave it out.
type EpochSeconds struct{ time.Time }

// MarshalJSON writes the seconds, cut to the millisecond.
func (e EpochSeconds) MarshalJSON() ([]byte, error) {
	ms := e.UnixMilli()
	var b []byte
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if frac := ms % 1000; frac != 0 {
		b = append(b, '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10))
	}
	return b, nil
}

// UnmarshalJSON reads a number of seconds.
func (e *EpochSeconds) UnmarshalJSON(text []byte) error {
	var n json.Number
	if err := json.Unmarshal(text, &n); err != nil || len(text) > 0 && text[0] == '"' {
		return &Fault{Type: "SerializationException", Message: "A timestamp has to be a number of seconds"}
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 1e14 {
		return &Fault{Type: "SerializationException", Message: "A timestamp is out of range"}
	}
	e.Time = time.UnixMilli(int64(math.Round(f * 1000))).UTC()
	return nil
}
