package sigv4

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// claim is what a request says about its signature, in the Authorization header or, presigned, in the query.
type claim struct {
	scope         scope
	date          string // of the request, as in timeFormat
	signedHeaders []string
	signature     string
	presigned     bool
	expires       time.Duration // presigned only
}

// claim reads the claim of a request and checks all of it but the signature itself.
func (v *Verifier) claim(r *http.Request, service string) (*claim, error) {
	var c *claim
	var err error
	query := r.URL.Query()
	if query.Has("X-Amz-Algorithm") {
		c, err = queryClaim(query)
	} else {
		c, err = headerClaim(r.Header)
	}
	if err != nil {
		return nil, err
	}
	if err := v.checkTime(c); err != nil {
		return nil, err
	}
	if err := v.checkScope(c, service); err != nil {
		return nil, err
	}
	return c, c.checkHeaders(r, service)
}

func malformed(format string, args ...any) error {
	return &Error{Kind: Malformed, Detail: fmt.Sprintf(format, args...)}
}

func headerClaim(h http.Header) (*claim, error) {
	authorization := h.Get("Authorization")
	if authorization == "" {
		return nil, &Error{Kind: Missing}
	}
	scheme, rest, _ := strings.Cut(authorization, " ")
	if scheme != algorithm {
		return nil, &Error{Kind: Unsupported, Detail: "The authorization mechanism you have provided is not supported. Please use " + algorithm + "."}
	}
	c := &claim{date: h.Get("X-Amz-Date")}
	var credential, signed string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			credential = value
		case "SignedHeaders":
			signed = value
		case "Signature":
			c.signature = value
		}
	}
	if c.date == "" {
		if t, err := http.ParseTime(h.Get("Date")); err == nil {
			c.date = t.UTC().Format(timeFormat)
		}
	}
	return c, c.fill(credential, signed)
}

func queryClaim(q url.Values) (*claim, error) {
	if q.Get("X-Amz-Algorithm") != algorithm {
		return nil, &Error{Kind: Unsupported, Detail: "X-Amz-Algorithm only supports \"" + algorithm + "\""}
	}
	seconds, err := int(skewMax.Seconds()), error(nil) // what STS takes where its clients don't say
	if q.Has("X-Amz-Expires") {
		seconds, err = strconv.Atoi(q.Get("X-Amz-Expires"))
	}
	if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > expiresMax {
		return nil, malformed("X-Amz-Expires must be a number of seconds up to %d", int(expiresMax.Seconds()))
	}
	c := &claim{date: q.Get("X-Amz-Date"), signature: q.Get("X-Amz-Signature"), presigned: true, expires: time.Duration(seconds) * time.Second}
	return c, c.fill(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"))
}

func (c *claim) fill(credential, signedHeaders string) error {
	parts := strings.Split(credential, "/")
	switch {
	case credential == "":
		return malformed("Authorization header requires 'Credential' parameter.")
	case len(parts) != 5 || parts[4] != "aws4_request": // an access key has no '/'
		return malformed("Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	case signedHeaders == "":
		return malformed("Authorization header requires 'SignedHeaders' parameter.")
	case len(c.signature) != signatureSz:
		return malformed("Authorization header requires 'Signature' parameter of %d hexadecimal digits.", signatureSz)
	case c.date == "":
		return malformed("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	c.scope = scope{accessKey: parts[0], date: parts[1], region: parts[2], service: parts[3]}
	c.signedHeaders = strings.Split(signedHeaders, ";")
	return nil
}

func (v *Verifier) checkTime(c *claim) error {
	at, err := time.Parse(timeFormat, c.date)
	if err != nil {
		return malformed("Date must be in ISO-8601 'basic format'. Got '%s'.", c.date)
	}
	now := v.c.Clock().UTC()
	oldest := now.Add(-skewMax)
	if c.presigned {
		oldest = now.Add(-c.expires)
	}
	switch {
	case at.After(now.Add(skewMax)):
		return &Error{Kind: Skewed, Detail: fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)", c.date, now.Add(skewMax).Format(timeFormat), now.Format(timeFormat))}
	case at.Before(oldest) && c.presigned:
		return &Error{Kind: Expired}
	case at.Before(oldest):
		return &Error{Kind: Skewed, Detail: fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)", c.date, oldest.Format(timeFormat), now.Format(timeFormat))}
	}
	return nil
}

func (v *Verifier) checkScope(c *claim, service string) error {
	wrong := func(format string, args ...any) error {
		return &Error{Kind: WrongScope, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case !strings.HasPrefix(c.date, c.scope.date):
		return wrong("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s'", c.scope.date, c.date[:8])
	case v.c.Region != "" && c.scope.region != v.c.Region:
		return wrong("Credential should be scoped to a valid region, not '%s'; expecting '%s'", c.scope.region, v.c.Region)
	case service != "" && c.scope.service != service:
		return wrong("Credential should be scoped to correct service: '%s'.", service)
	}
	return nil
}

// checkHeaders sees that the headers which change what a request means are among the signed ones.
func (c *claim) checkHeaders(r *http.Request, service string) error {
	need := []string{"host"}
	for name := range r.Header {
		name = strings.ToLower(name)
		if name == "x-amz-target" || service == "s3" && strings.HasPrefix(name, "x-amz-") {
			need = append(need, name)
		}
	}
	for _, name := range need {
		if !slices.Contains(c.signedHeaders, name) {
			return &Error{Kind: Unsigned, Detail: "There were headers present in the request which were not signed: " + name}
		}
	}
	return nil
}
