package sample

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// personalKind is a kind of value that says something of a person, or lets somebody in.
type personalKind int

const (
	secret personalKind = iota // in the order in which they are told
	card
	email
	phone
	address
	personalKinds
)

var personalNames = [personalKinds]string{"tokens or passwords", "numbers of payment cards", "e-mail addresses", "telephone numbers", "IP addresses"}

var (
	secretValue = regexp.MustCompile(`^(?i:bearer|basic) \S{8,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|sk_live_\w{10,}|xox[abprs]-\w{10,}|-----BEGIN [A-Z ]*PRIVATE KEY|` +
		`(?i:(?:^|[?&;\s])(?:access_|auth_|id_)?(?:token|password|passwd|secret|api_?key|session_?id)=)[^&\s]{4,}`)
	emailValue = regexp.MustCompile(`[\w.+-]+(@|%40)[\w-]+(\.[\w-]+)*\.[a-zA-Z]{2,}`)
	phoneValue = regexp.MustCompile(`^(\+|00)[1-9][0-9 ()./-]{7,18}[0-9]$`)
	cardValue  = regexp.MustCompile(`^[3-6]\d{3}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}$`)
)

// look counts what a value looks like.
func (f *field) look(text []byte) {
	if len(text) > 4096 {
		text = text[:4096]
	}
	if len(text) >= 12 && secretValue.Match(text) {
		f.personal[secret]++
	}
	if bytes.IndexByte(text, '@') > 0 || bytes.Contains(text, []byte("%40")) {
		if emailValue.Match(text) {
			f.personal[email]++
		}
	}
	if text[0] == '+' || text[0] == '0' {
		if phoneValue.Match(text) {
			f.personal[phone]++
		}
	}
	if len(text) >= 13 && len(text) <= 23 && text[0] >= '3' && text[0] <= '6' && cardValue.Match(text) && luhn(text) {
		f.personal[card]++
	}
	if len(text) >= 3 && len(text) <= 45 && bytes.ContainsAny(text, ".:") {
		if _, err := netip.ParseAddr(string(text)); err == nil {
			f.personal[address]++
		}
	}
}

// luhn tells whether the digits of text have the checksum that card numbers have.
func luhn(text []byte) bool {
	sum, n := 0, 0
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] < '0' || text[i] > '9' {
			continue
		}
		d := int(text[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n >= 13 && n <= 19 && sum%10 == 0
}

// Names of fields that are personal, or secret, whatever is in them.
var (
	secretName = regexp.MustCompile(`(^|_)(password|passwd|pwd|secret|token|authorization|api_?key|access_key|private_key|jwt|cookie|set_cookie|session|session_?id|credentials?)$`)
	personName = regexp.MustCompile(`^(user|username|user_?name|login|(first|last|full|given|family|sur|customer|client)_?name|surname|e?mail|(phone|mobile|tel|fax)(_?(number|no))?|telephone|` +
		`address|street|zip|zip_?code|postal_?code|birth_?(day|date)|date_of_birth|dob|ssn|passport|iban|gender|sex|religion|lat|lon|lng|latitude|longitude)$`)
	traceName = regexp.MustCompile(`^(user_?agent|useragent|ua|device_?id|(user|customer|account|member|client)_?id|uid|fingerprint|remote_?addr|client_?ip|ip)$`)
	snakeCase = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// concern says what is personal about a field; "" where nothing is. Loud ones are secrets, which no log should have.
func (f *field) concern() (text string, loud bool) {
	filled := f.filled()
	if filled == 0 {
		return "", false
	}
	for kind, n := range f.personal {
		kind := personalKind(kind)
		// One secret is one too many. A few numbers have a card's checksum by chance.
		if n == 0 || kind != secret && n*100 < filled || kind == card && n*2 < filled {
			continue
		}
		what := fmt.Sprintf("%s in %s of %s", personalNames[kind], grouped(n), grouped(filled))
		return what, kind == secret || kind == card
	}
	name := strings.ToLower(snakeCase.ReplaceAllString(f.name, "${1}_${2}"))
	name = strings.NewReplacer("-", "_", ".", "_", "@", "").Replace(name)
	switch {
	case secretName.MatchString(name) && f.texts > 0:
		return "called like a secret", true
	case personName.MatchString(name):
		return "called like something of a person", false
	case traceName.MatchString(name):
		return "may tell a person apart from others", false
	}
	return "", false
}
