package shape

import (
	"bytes"
	"time"
)

// parseAccess reads a line of an access log:
//
//	192.0.2.7 - frank [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 2326 "http://referer/" "agent"
//
// the last two for combined alone. It writes
//
//	timestamp (in UTC, 2015-05-17T10:05:03Z), remote_addr, ident, user, method, path, query, protocol, status_code,
//	bytes, referer, user_agent
//
// without what is "-" or empty. A request that is not METHOD TARGET PROTOCOL is kept as request, and what follows the
// known fields, as many servers are configured to write, as extra. Of the escapes that servers write, \" and \\ are
// resolved; others, such as \x16, stand for bytes that are no text, and stay as they are.
func parseAccess(dst, line []byte, combined bool) ([]byte, bool) {
	r := accessReader{rest: bytes.TrimSpace(line)}
	remote, ident := r.word(), r.word()
	user := r.until(" [")
	at, ok := accessTime(r.until("] "))
	request := r.quoted()
	status, size := r.word(), r.word()
	if r.bad || !ok || len(remote) == 0 || bytes.HasPrefix(user, []byte("- ")) || !isCount(status) || !isCount(size) {
		return dst, false
	}
	var referer, agent []byte
	if combined {
		if referer, agent = r.quoted(), r.quoted(); r.bad {
			return dst, false
		}
	}
	dst = append(dst, `{"timestamp":"`...)
	dst = append(at.AppendFormat(dst, "2006-01-02T15:04:05Z"), '"')
	dst = appendText(dst, "remote_addr", remote)
	dst = appendText(dst, "ident", ident)
	dst = appendText(dst, "user", user)
	dst = appendRequest(dst, request)
	dst = appendNumber(dst, "status_code", status)
	dst = appendNumber(dst, "bytes", size)
	dst = appendText(dst, "referer", referer)
	dst = appendText(dst, "user_agent", agent)
	dst = appendText(dst, "extra", r.rest)
	return append(dst, '}'), true
}

// accessReader takes a line apart from the left; after anything unexpected bad is set.
type accessReader struct {
	rest []byte
	bad  bool
}

// word reads up to the next space, or to the end.
func (r *accessReader) word() []byte {
	word, rest, _ := bytes.Cut(r.rest, []byte(" "))
	r.rest = rest
	return word
}

func (r *accessReader) until(mark string) []byte {
	i := bytes.Index(r.rest, []byte(mark))
	if i < 0 {
		r.bad = true
		return nil
	}
	text := r.rest[:i]
	r.rest = r.rest[i+len(mark):]
	return text
}

// quoted reads what stands in quotes, and the space behind it.
func (r *accessReader) quoted() []byte {
	end := -1
	if len(r.rest) > 0 && r.rest[0] == '"' {
		end = quoteEnd(r.rest, 0)
	}
	if end < 0 || end < len(r.rest) && r.rest[end] != ' ' {
		r.bad = true
		return nil
	}
	text := r.rest[1 : end-1]
	r.rest = bytes.TrimPrefix(r.rest[end:], []byte(" "))
	return text
}

// isCount tells whether text is what a number of an access log is: digits, or the dash for none.
func isCount(text []byte) bool {
	return string(text) == "-" || len(text) > 0 && digitsEnd(text, 0) == len(text)
}

// appendNumber appends digits as a number, and the dash as nothing.
func appendNumber(dst []byte, name string, digits []byte) []byte {
	if string(digits) == "-" {
		return dst
	}
	if digits = bytes.TrimLeft(digits, "0"); len(digits) == 0 {
		digits = []byte("0")
	}
	return append(appendName(dst, name), digits...)
}

func appendName(dst []byte, name string) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

// appendText appends text as a string, and the dash and nothing as nothing.
func appendText(dst []byte, name string, text []byte) []byte {
	if len(text) == 0 || string(text) == "-" {
		return dst
	}
	dst = appendName(dst, name)
	if bytes.IndexByte(text, '\\') < 0 {
		return appendString(dst, text)
	}
	var short [512]byte
	plain := short[:0]
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
			i++
		}
		plain = append(plain, text[i])
	}
	return appendString(dst, plain)
}

func appendRequest(dst, request []byte) []byte {
	method, rest, _ := bytes.Cut(request, []byte(" "))
	target, protocol, ok := bytes.Cut(rest, []byte(" "))
	if !ok || !isMethod(method) || len(target) == 0 || !bytes.HasPrefix(protocol, []byte("HTTP/")) || bytes.IndexByte(protocol, ' ') >= 0 {
		return appendText(dst, "request", request)
	}
	dst = appendText(dst, "method", method)
	path, query, _ := bytes.Cut(target, []byte("?"))
	dst = appendText(dst, "path", path)
	dst = appendText(dst, "query", query)
	return appendText(dst, "protocol", protocol)
}

func isMethod(text []byte) bool {
	for _, c := range text {
		if !isLetter(c) && c != '-' && c != '_' {
			return false
		}
	}
	return len(text) > 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// accessTime reads 17/May/2015:10:05:03 +0000 into UTC.
func accessTime(text []byte) (time.Time, bool) {
	if len(text) != len("17/May/2015:10:05:03 +0000") {
		return time.Time{}, false
	}
	at, err := time.Parse(accessForm, string(text))
	return at.UTC(), err == nil
}

// accessForm is how Apache writes a time.
const accessForm = "02/Jan/2006:15:04:05 -0700"
