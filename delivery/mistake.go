package delivery

import (
	"bytes"

	"github.com/loglake/loglake/unpack"
)

// wrongShapes counts the records of a chunk whose shape tells of a mistake in the set-up.
type wrongShapes struct {
	first   []byte       // until the chunk is sealed: the first message that landed
	landing unpack.Shape // where every row turned out to be NULL: the shape of the first message that landed
	nulls   int64        // rows without one value, known when the chunk is sealed
	refusal int          // messages that conversion refused and whose shape is known
	shape   unpack.Shape // the shape last recognised
}

func (w *wrongShapes) landed(m []byte) {
	if w.first == nil {
		w.first = bytes.Clone(m) // m lies in a journal block, which should be free to go
	}
}

// sealed takes note of how many rows have no value. The message is let go: it may be large, and the chunk lives long.
func (w *wrongShapes) sealed(nulls, rows int64) {
	if w.nulls = nulls; nulls > 0 && nulls == rows {
		w.landing = unpack.LooksLike(w.first)
	}
	w.first = nil
}

func (w *wrongShapes) refused(m []byte) mistake {
	shape := unpack.LooksLike(m)
	if mistake(shape).text() == "" {
		return mistake(unpack.ShapeOther)
	}
	w.refusal++
	w.shape = shape
	return mistake(shape)
}

// recognised gives the mistake that the chunk's records tell of, and whether all of its messages do.
func (c *chunk) recognised() (m mistake, all bool) {
	w := c.wrong
	if w.nulls > 0 && w.nulls == c.counts.Rows {
		if mistake(w.landing).text() != "" {
			return mistake(w.landing), int64(w.refusal)+c.counts.Delivered == c.counts.Messages
		}
	}
	if w.refusal > 0 {
		return mistake(w.shape), int64(w.refusal) == c.counts.Messages
	}
	if c.recipe.converter == nil && !c.recipe.unpack.AppendDelimiter && c.counts.Messages > 1 {
		return mistakeGlued, false
	}
	return mistake(unpack.ShapeOther), false
}

// mistake is a recognised mistake of a stream's set-up: a shape of records that the stages before did not take apart.
type mistake unpack.Shape

// mistakeGlued is of the output, not of a record.
const mistakeGlued mistake = -1

// text says what was seen, what it means and what mends it; "" for a shape that is no mistake.
func (m mistake) text() string {
	if m == mistakeGlued {
		return "records are written one behind the other with nothing between them, because the service adds nothing: " +
			"where each is to be a line, add the processor AppendDelimiterToRecord"
	}
	switch unpack.Shape(m) {
	case unpack.ShapeGzip:
		return "records are gzip data, as CloudWatch Logs subscriptions send them, and conversion reads JSON: " +
			"add the processor Decompression (CompressionFormat GZIP), and CloudWatchLogProcessing (DataMessageExtraction true) for the messages inside"
	case unpack.ShapeEnvelope:
		return "records are CloudWatch Logs envelopes (messageType, logEvents) and the table describes the messages inside, so rows have no values: " +
			"add the processor CloudWatchLogProcessing with DataMessageExtraction true"
	}
	return ""
}
