package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// canonicalBytes is room for the canonical request of most.
const canonicalBytes = 1 << 10

// canonicalRequest gives the text whose hash is signed.
func (c *claim) canonicalRequest(r *http.Request, payloadHash string) string {
	var b strings.Builder
	b.Grow(canonicalBytes)
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteByte('\n')
	}
	line(r.Method)
	line(canonicalPath(r.URL, c.scope.service))
	line(canonicalQuery(r.URL.RawQuery))
	for _, name := range c.signedHeaders {
		line(name, ":", canonicalHeader(r, name))
	}
	line()
	line(strings.Join(c.signedHeaders, ";"))
	b.WriteString(payloadHash)
	return b.String()
}

// canonicalPath encodes the path anew; services other than S3 encode what was encoded once more.
func canonicalPath(u *url.URL, service string) string {
	if u.Path == "" {
		return "/"
	}
	path := encode(u.Path, "/")
	if service != "s3" {
		path = encode(path, "/")
	}
	return path
}

func canonicalQuery(raw string) string {
	var pairs []string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = unescape(name), unescape(value)
		if name != "X-Amz-Signature" {
			pairs = append(pairs, encode(name, "")+"="+encode(value, ""))
		}
	}
	slices.SortFunc(pairs, func(a, b string) int { // by name, then by value; '=' is not part of either
		aName, aValue, _ := strings.Cut(a, "=")
		bName, bValue, _ := strings.Cut(b, "=")
		if n := strings.Compare(aName, bName); n != 0 {
			return n
		}
		return strings.Compare(aValue, bValue)
	})
	return strings.Join(pairs, "&")
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// encode writes every byte but the unreserved ones of RFC 3986, and those in keep, as %XX.
func encode(s, keep string) string {
	const digits = "0123456789ABCDEF"
	kept := func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 || strings.IndexByte(keep, c) >= 0
	}
	plain := 0
	for plain < len(s) && kept(s[plain]) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if kept(c) {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// canonicalHeader gives a header as it was sent, blanks made one; net/http keeps some of them elsewhere.
func canonicalHeader(r *http.Request, name string) string {
	var values []string
	switch name {
	case "host":
		return oneBlank(r.Host)
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	case "transfer-encoding":
		values = r.TransferEncoding
	default:
		values = r.Header.Values(name)
	}
	if len(values) == 1 {
		return oneBlank(values[0])
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = oneBlank(v)
	}
	return strings.Join(trimmed, ",")
}

// oneBlank takes blanks off the ends of v and makes one of those between words.
func oneBlank(v string) string {
	tidy := true
	for i := range len(v) {
		switch c := v[i]; {
		case c == ' ' && (i == 0 || i == len(v)-1 || v[i-1] == ' '), c < ' ', c >= utf8.RuneSelf:
			tidy = false
		}
	}
	if tidy {
		return v
	}
	return strings.Join(strings.Fields(v), " ")
}
