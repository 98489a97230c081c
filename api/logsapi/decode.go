package logsapi

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/internal/jsontext"
	"github.com/loglake/loglake/loggroup"
)

// putInput is the input of PutLogEvents, but for its events, which are in a loggroup.Batch.
type putInput struct {
	group, stream *string
	problem       error // a constraint that an event breaks
}

// decodePut reads a PutLogEvents body into batch. The usual body is read in one pass, its messages unescaped straight
// into the batch. A body with anything unusual (a member twice, escapes in names, null, a number that is no plain
// integer, text that isn't UTF-8, something that isn't JSON) is read by awsjson.Decode, whose word counts; a fuzz test
// holds both equal.
func decodePut(body []byte, batch *loggroup.Batch) (putInput, error) {
	batch.Reset()
	batch.Grow(len(body) + 8) // no message is longer than its JSON, and copy moves 8 bytes at a time
	d := putDecoder{text: body, batch: batch}
	if in, ok := d.decode(); ok {
		return in, nil
	}
	return decodePutSlowly(body, batch)
}

// decodePutSlowly is decodePut without the haste.
func decodePutSlowly(body []byte, batch *loggroup.Batch) (putInput, error) {
	var in struct {
		LogGroupName  *string `json:"logGroupName"`
		LogStreamName *string `json:"logStreamName"`
		SequenceToken *string `json:"sequenceToken"`
		LogEvents     []struct {
			Timestamp *int64  `json:"timestamp"`
			Message   *string `json:"message"`
		} `json:"logEvents"`
	}
	batch.Reset()
	if err := awsjson.Decode(body, &in); err != nil {
		return putInput{}, err
	}
	out := putInput{group: in.LogGroupName, stream: in.LogStreamName}
	c := newConstraints()
	c.Required("logEvents", in.LogEvents)
	for i, e := range in.LogEvents {
		if (e.Timestamp == nil || e.Message == nil) && i < loggroup.PutEventsMax {
			member := "logEvents." + strconv.Itoa(i+1) + ".member."
			c.Required(member+"timestamp", e.Timestamp)
			c.Required(member+"message", e.Message)
		}
		batch.Add(loglake.Millis(value(e.Timestamp)), []byte(value(e.Message)))
	}
	out.problem = c.Err()
	return out, nil
}

// putDecoder is a walk over a body that gives up at whatever is unusual.
type putDecoder struct {
	text  []byte
	pos   int
	batch *loggroup.Batch
}

// decode reads the whole body; not ok means that it has to be read the slow way.
func (d *putDecoder) decode() (in putInput, ok bool) {
	events := false
	ok = d.object(func(name string) bool {
		switch name {
		case "logGroupName":
			return d.text1(&in.group)
		case "logStreamName":
			return d.text1(&in.stream)
		case "sequenceToken":
			_, ok := d.plain()
			return ok
		case "entity":
			return d.skipObject()
		case "logEvents":
			if events {
				return false
			}
			events = true
			return d.events()
		}
		return false
	})
	d.blank()
	return in, ok && events && d.pos == len(d.text)
}

// text1 reads a string without escapes that was not there before.
func (d *putDecoder) text1(into **string) bool {
	text, ok := d.plain()
	if !ok || *into != nil {
		return false
	}
	*into = &text
	return true
}

func (d *putDecoder) blank() {
	for d.pos < len(d.text) {
		switch d.text[d.pos] {
		case ' ', '\n', '\r', '\t':
			d.pos++
		default:
			return
		}
	}
}

// take moves over c, after blanks, if it comes next.
func (d *putDecoder) take(c byte) bool {
	if d.pos < len(d.text) && d.text[d.pos] == c {
		d.pos++
		return true
	}
	d.blank()
	if d.pos < len(d.text) && d.text[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// object reads an object; fn reads the value of the member called name.
func (d *putDecoder) object(fn func(name string) bool) bool {
	if !d.take('{') {
		return false
	}
	if d.take('}') {
		return true
	}
	for {
		name, ok := d.plain()
		if !ok || !d.take(':') || !fn(name) {
			return false
		}
		if d.take('}') {
			return true
		}
		if !d.take(',') {
			return false
		}
	}
}

// plain reads a short string without escapes.
func (d *putDecoder) plain() (string, bool) {
	if !d.take('"') {
		return "", false
	}
	for i := d.pos; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			text := string(d.text[d.pos:i])
			d.pos = i + 1
			return text, utf8.ValidString(text)
		case c == '\\' || c < ' ':
			return "", false
		}
	}
	return "", false
}

// skipObject moves over a value of the member entity.
func (d *putDecoder) skipObject() bool {
	d.blank()
	depth, quoted := 0, false
	for i := d.pos; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 {
			value := d.text[d.pos : i+1]
			d.pos = i + 1
			return len(value) > 1 && json.Valid(value) // a value that is no object has one byte here
		}
	}
	return false
}

// events reads the list of events.
func (d *putDecoder) events() bool {
	if !d.take('[') {
		return false
	}
	if d.take(']') {
		return true
	}
	for d.event() {
		if d.take(']') {
			return true
		}
		if !d.take(',') {
			return false
		}
	}
	return false
}

// event reads {"timestamp": …, "message": …}, in either order, each once.
func (d *putDecoder) event() bool {
	if !d.take('{') {
		return false
	}
	var ts int64
	var message []byte
	haveTime, haveMessage := false, false
	for {
		ok := false
		switch {
		case !haveTime && d.name(`"timestamp"`):
			ts, ok = d.integer()
			haveTime = true
		case !haveMessage && d.name(`"message"`):
			message, ok = d.message()
			haveMessage = true
		}
		if !ok {
			return false
		}
		if d.take('}') {
			break
		}
		if !d.take(',') {
			return false
		}
	}
	if !haveTime || !haveMessage {
		return false
	}
	d.batch.Commit(loglake.Millis(ts), message)
	return true
}

// name moves over a member's name and the colon, if they come next.
func (d *putDecoder) name(quoted string) bool {
	d.blank()
	end := d.pos + len(quoted)
	if end > len(d.text) || string(d.text[d.pos:end]) != quoted {
		return false
	}
	d.pos = end
	return d.take(':')
}

// integer reads a whole number of at most 18 digits.
func (d *putDecoder) integer() (n int64, ok bool) {
	d.blank()
	start := d.pos
	for d.pos < len(d.text) && d.text[d.pos]-'0' <= 9 {
		n = n*10 + int64(d.text[d.pos]-'0')
		d.pos++
	}
	digits := d.pos - start
	if digits == 0 || digits > 18 || digits > 1 && d.text[start] == '0' || d.pos == len(d.text) {
		return 0, false
	}
	switch d.text[d.pos] {
	case '.', 'e', 'E':
		return 0, false
	}
	return n, true
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// message reads a string into the batch's buffer and gives the buffer for Batch.Commit. Eight bytes are moved at a time;
// of those beyond a quote or a backslash the next write wins.
func (d *putDecoder) message() ([]byte, bool) {
	if !d.take('"') {
		return nil, false
	}
	buf, text := d.batch.Buffer(), d.text
	start, n, i := len(buf), len(buf), d.pos
	buf = buf[:cap(buf)]
	var seen uint64 // bytes beyond ASCII
	for i+8 <= len(text) && n+8 <= len(buf) {
		w := binary.LittleEndian.Uint64(text[i:])
		quotes, slashes := w^lowBits*'"', w^lowBits*'\\'
		special := (((w - lowBits*' ') &^ w) | ((quotes - lowBits) &^ quotes) | ((slashes - lowBits) &^ slashes)) & highBits
		binary.LittleEndian.PutUint64(buf[n:], w)
		if special == 0 {
			seen |= w
			n, i = n+8, i+8
			continue
		}
		k := bits.TrailingZeros64(special) / 8
		seen |= w & (1<<(8*k) - 1)
		n, i = n+k, i+k
		c := text[i]
		if c == '"' {
			d.pos = i + 1
			return buf[:n], seen&highBits == 0 || utf8.Valid(buf[start:n])
		}
		if c != '\\' || i+1 == len(text) {
			return nil, false
		}
		if e := escapes[text[i+1]]; e != 0 {
			buf[n] = e
			n, i = n+1, i+2
			continue
		}
		var ok bool
		if n, i, ok = unescape(buf, n, text, i+1); !ok {
			return nil, false
		}
	}
	return d.messageEnd(buf, start, n, i)
}

// escapes says what the letter after a backslash stands for, 0 where it is \u or nothing.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}

// messageEnd is message for the last bytes of a body.
func (d *putDecoder) messageEnd(buf []byte, start, n, i int) ([]byte, bool) {
	for i < len(d.text) && n < len(buf) {
		c := d.text[i]
		switch {
		case c == '"':
			d.pos = i + 1
			return buf[:n], utf8.Valid(buf[start:n])
		case c < ' ':
			return nil, false
		case c != '\\':
			buf[n] = c
			n, i = n+1, i+1
			continue
		}
		var ok bool
		if n, i, ok = unescape(buf, n, d.text, i+1); !ok {
			return nil, false
		}
	}
	return nil, false
}

// unescape writes what the escape at text[i:], its backslash left out, stands for to buf[n:]. Half of a surrogate pair
// becomes U+FFFD, as in encoding/json.
func unescape(buf []byte, n int, text []byte, i int) (int, int, bool) {
	if i >= len(text) || n >= len(buf) {
		return n, i, false
	}
	if e := escapes[text[i]]; e != 0 {
		buf[n] = e
		return n + 1, i + 1, true
	}
	r := jsontext.Hex4(text[min(i+1, len(text)):])
	if r < 0 || text[i] != 'u' || n+utf8.UTFMax > len(buf) {
		return n, i, false
	}
	i += 5
	if utf16.IsSurrogate(r) {
		pair := utf8.RuneError
		if i+1 < len(text) && text[i] == '\\' && text[i+1] == 'u' {
			if low := jsontext.Hex4(text[i+2:]); low >= 0 {
				pair = utf16.DecodeRune(r, low)
			}
		}
		if r = pair; r != utf8.RuneError {
			i += 6
		}
	}
	return n + utf8.EncodeRune(buf[n:], r), i, true
}
