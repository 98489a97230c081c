package catalog

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is an instant as Glue writes it: a JSON number of seconds since 1970, with up to three decimals.
type Time struct{ time.Time }

// fromMillis gives the Time of a stored instant.
func fromMillis(ms int64) Time { return Time{time.UnixMilli(ms).UTC()} }

// MarshalJSON writes the seconds, cut to the millisecond.
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number of seconds.
func (t *Time) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil || math.Abs(seconds) > 1e14 {
		return fmt.Errorf("a timestamp has to be a number of seconds, not %.40s", text)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}
