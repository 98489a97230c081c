package native

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// uri is a URI as Java's java.net.URI reads it (RFC 2396 with its deviations). What that refuses is no URI.
type uri struct {
	scheme, host, path  string
	query, fragment     string
	port                int64 // -1 where there is none
	hasQuery, hasOpaque bool
}

// marks are the ASCII characters of one kind; escapes such as %41, and other characters that are not blank, may be of it too.
type marks struct {
	set     [2]uint64
	escapes bool
}

func marksOf(text string, escapes bool) marks {
	m := marks{escapes: escapes}
	for i := range len(text) {
		m.set[text[i]/64] |= 1 << (text[i] % 64)
	}
	return m
}

func (m marks) has(c byte) bool { return c < 128 && m.set[c/64]&(1<<(c%64)) != 0 }

const (
	digits     = "0123456789"
	letters    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	unreserved = letters + digits + "_-!.~'()*"
)

var (
	schemeMarks   = marksOf(letters+digits+"+-.", false)
	pathMarks     = marksOf(unreserved+":@&=+$,;/", true)
	uricMarks     = marksOf(unreserved+";/?:@&=+$,[]", true)
	userMarks     = marksOf(unreserved+";:&=+$,", true)
	registryMarks = marksOf(unreserved+"$,;:@&=+", true)
	serverMarks   = marksOf(unreserved+";:&=+$,@[]", true)
	percentMarks  = marksOf(unreserved+";:&=+$,@[]%", true)
	letterMarks   = marksOf(letters, false)
	labelMarks    = marksOf(letters+digits+"-", false)
	digitMarks    = marksOf(digits, false)
	scopeMarks    = marksOf(letters+digits+"_.", false)
)

// span counts the bytes at the beginning of s that are of the kind. ok is false at a broken escape.
func (m marks) span(s string) (n int, ok bool) {
	for n < len(s) {
		c := s[n]
		switch {
		case m.has(c):
			n++
		case m.escapes && c == '%':
			if len(s)-n < 3 || !isHex(s[n+1]) || !isHex(s[n+2]) {
				return n, false
			}
			n += 3
		case m.escapes && c >= 0x80:
			r, size := utf8.DecodeRuneInString(s[n:])
			if r == 0x80 || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Cc) {
				return n, true
			}
			n += size
		default:
			return n, true
		}
	}
	return n, true
}

func (m marks) all(s string) bool {
	n, ok := m.span(s)
	return ok && n == len(s)
}

func isHex(c byte) bool {
	_, ok := hexDigit(c)
	return ok
}

// cut gives what is before the first of the stops, and the rest from there.
func cut(s, stops string) (before, rest string) {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func parseURI(s string) (u uri, ok bool) {
	u.port = -1
	rest := s
	if before, after := cut(s, "/?#:"); strings.HasPrefix(after, ":") {
		if before == "" || !letterMarks.has(before[0]) || !schemeMarks.all(before) {
			return u, false
		}
		u.scheme, rest = before, after[1:]
		if !strings.HasPrefix(rest, "/") {
			var opaque string
			opaque, rest = cut(rest, "#")
			u.hasOpaque = true
			return u, opaque != "" && uricMarks.all(opaque) && u.readFragment(rest)
		}
	}
	if authority, found := strings.CutPrefix(rest, "//"); found {
		authority, rest = cut(authority, "/?#")
		if authority == "" && rest == "" || authority != "" && !u.readAuthority(authority) {
			return u, false
		}
	}
	u.path, rest = cut(rest, "?#")
	if !pathMarks.all(u.path) {
		return u, false
	}
	if query, found := strings.CutPrefix(rest, "?"); found {
		u.hasQuery = true
		u.query, rest = cut(query, "#")
		if !uricMarks.all(u.query) {
			return u, false
		}
	}
	return u, u.readFragment(rest)
}

func (u *uri) readFragment(rest string) bool {
	u.fragment = strings.TrimPrefix(rest, "#")
	return uricMarks.all(u.fragment)
}

// readAuthority reads a host with its user and port. What is no such thing is the name of a registry, without a host.
func (u *uri) readAuthority(s string) bool {
	server := serverMarks
	if strings.IndexByte(s, ']') > 0 {
		server = percentMarks
	}
	if server.all(s) {
		if host, port, ok := readServer(s); ok {
			u.host, u.port = host, port
			return true
		}
	}
	return registryMarks.all(s)
}

func readServer(s string) (host string, port int64, ok bool) {
	port = -1
	if i := strings.IndexByte(s, '@'); i >= 0 {
		if !userMarks.all(s[:i]) {
			return "", -1, false
		}
		s = s[i+1:]
	}
	n := 0
	if strings.HasPrefix(s, "[") {
		n = bracketedHost(s)
	} else if n = ipv4Host(s); n == 0 {
		n = namedHost(s)
	}
	if n == 0 {
		return "", -1, false
	}
	host, rest := s[:n], s[n:]
	if digits, found := strings.CutPrefix(rest, ":"); found {
		rest = ""
		if digits != "" {
			p, err := strconv.ParseInt(digits, 10, 32)
			if err != nil || !digitMarks.all(digits) {
				return "", -1, false
			}
			port = p
		}
	}
	return host, port, rest == ""
}

// bracketedHost gives the length of an IPv6 address in brackets, perhaps with a scope, 0 where there is none.
func bracketedHost(s string) int {
	end := strings.IndexByte(s, ']')
	if end < 2 {
		return 0
	}
	address, scope, scoped := strings.Cut(s[1:end], "%")
	if scoped && (scope == "" || !scopeMarks.all(scope)) || !isIPv6(address) {
		return 0
	}
	return end + 1
}

// isIPv6 tells whether s is eight groups of up to four digits, the last two perhaps as IPv4, of which :: stands for some.
func isIPv6(s string) bool {
	before, after, short := strings.Cut(s, "::")
	if !short {
		n, ok := groups(before, true)
		return ok && n == 8
	}
	n, ok := groups(before, false)
	m, ok2 := groups(after, true)
	return ok && ok2 && n+m <= 7
}

func groups(s string, last bool) (n int, ok bool) {
	if s == "" {
		return 0, true
	}
	parts := strings.Split(s, ":")
	for i, p := range parts {
		if last && i == len(parts)-1 && strings.Contains(p, ".") {
			return n + 2, ipv4Host(p) == len(p)
		}
		if len(p) < 1 || len(p) > 4 || strings.IndexFunc(p, func(r rune) bool { return r >= 0x80 || !isHex(byte(r)) }) >= 0 {
			return 0, false
		}
		n++
	}
	return n, true
}

// ipv4Host gives the length of an IPv4 address that ends the text or stands before a port, 0 where there is none.
func ipv4Host(s string) int {
	address, _ := cut(s, ":")
	parts := strings.Split(address, ".")
	if len(parts) != 4 {
		return 0
	}
	for _, p := range parts {
		if v, err := strconv.ParseUint(p, 10, 31); err != nil || v > 255 || !digitMarks.all(p) {
			return 0
		}
	}
	return len(address)
}

// namedHost gives the length of a host's name: labels of letters, digits and inner hyphens, the last of several not
// beginning with a digit, and perhaps a dot at the end.
func namedHost(s string) int {
	name, _ := cut(s, ":")
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for i, l := range labels {
		if l == "" || !labelMarks.all(l) || l[0] == '-' || l[len(l)-1] == '-' || i > 0 && i == len(labels)-1 && !letterMarks.has(l[0]) {
			return 0
		}
	}
	return len(name)
}

// unescape reads escapes as UTF-8.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for s != "" {
		plain, rest := cut(s, "%")
		out.WriteString(plain)
		var b []byte
		for len(rest) >= 3 && rest[0] == '%' {
			high, _ := hexDigit(rest[1])
			low, _ := hexDigit(rest[2])
			b, rest = append(b, high<<4|low), rest[3:]
		}
		out.WriteString(javaUTF8(b))
		s = rest
	}
	return out.String()
}

// parameter gives the value of the first parameter of that name, nil where there is none.
func (u *uri) parameter(name string) any {
	if !u.hasQuery {
		return nil
	}
	for part := range strings.SplitSeq(u.query, "&") {
		if key, value, _ := strings.Cut(part, "="); key == name {
			return unescape(strings.ReplaceAll(value, "+", " "))
		}
	}
	return nil
}

func urlFunctions() []Function {
	part := func(name, result string, of func(u *uri) any) Function {
		return Function{Name: name, Params: []string{"VARCHAR"}, Result: result, Call: func(args []any) (any, error) {
			if u, ok := parseURI(args[0].(string)); ok {
				return of(&u), nil
			}
			return nil, nil
		}}
	}
	return []Function{
		part("loglake_url_extract_protocol", "VARCHAR", func(u *uri) any { return u.scheme }),
		part("loglake_url_extract_host", "VARCHAR", func(u *uri) any { return u.host }),
		part("loglake_url_extract_path", "VARCHAR", func(u *uri) any { return unescape(u.path) }),
		part("loglake_url_extract_query", "VARCHAR", func(u *uri) any { return unescape(u.query) }),
		part("loglake_url_extract_fragment", "VARCHAR", func(u *uri) any { return unescape(u.fragment) }),
		part("loglake_url_extract_port", "BIGINT", func(u *uri) any {
			if u.port < 0 {
				return nil
			}
			return u.port
		}),
		{Name: "loglake_url_extract_parameter", Params: []string{"VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			if u, ok := parseURI(args[0].(string)); ok {
				return u.parameter(args[1].(string)), nil
			}
			return nil, nil
		}},
		{Name: "loglake_url_encode", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return urlEncode(args[0].(string)), nil }},
		{Name: "loglake_url_decode", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return urlDecode(args[0].(string)) }},
	}
}

// urlEncode writes a text as a form's field.
func urlEncode(s string) string {
	const plain, hex = letters + digits + "*-._", "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case strings.IndexByte(plain, c) >= 0:
			out.WriteByte(c)
		case c == ' ':
			out.WriteByte('+')
		default:
			out.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return out.String()
}

// urlDecode reads a form's field. Broken escapes fail in Java's words.
func urlDecode(s string) (any, error) {
	for i := strings.IndexByte(s, '%'); i >= 0 && i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		first, n := utf8.DecodeRuneInString(s[i+1:])
		second, m := utf8.DecodeRuneInString(s[i+1+n:])
		if n == 0 || m == 0 {
			return nil, invalid("URLDecoder: Incomplete trailing escape (%%) pattern")
		}
		for _, c := range [2]rune{first, second} {
			if c >= 0x80 || !isHex(byte(c)) {
				return nil, invalid("URLDecoder: Illegal hex characters in escape (%%) pattern - not a hexadecimal digit: \"%c\" = %d", c, c)
			}
		}
	}
	return unescape(strings.ReplaceAll(s, "+", " ")), nil
}
