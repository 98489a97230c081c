package native

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Format writes values as Java's Formatter does. Their kinds are letters: i integers, d doubles, r reals, n decimals,
// b booleans, D dates, T timestamps, t times, s all else.

// directive is one % of a format.
type directive struct {
	flags            string // in the order of formatFlags
	index            int    // 1-based; 0: the next argument
	width, precision int    // -1: none
	conversion       byte   // in lower case
	upper            bool
}

const formatFlags = "-#+ 0,(<"

// formatError is what Java throws: its name and its words.
type formatError struct{ name, words string }

func (e *formatError) Error() string { return e.name + ": " + e.words }

func (d *directive) has(flag byte) bool { return strings.IndexByte(d.flags, flag) >= 0 }

func (d *directive) String() string {
	var b strings.Builder
	b.WriteString("%" + d.flags)
	if d.index > 0 {
		b.WriteString(strconv.Itoa(d.index) + "$")
	}
	if d.width >= 0 {
		b.WriteString(strconv.Itoa(d.width))
	}
	if d.precision >= 0 {
		b.WriteString("." + strconv.Itoa(d.precision))
	}
	conversion := string(d.conversion)
	if d.upper {
		conversion = strings.ToUpper(conversion)
	}
	return b.String() + conversion
}

func formatFunctions() []Function {
	return []Function{{Name: "loglake_format", Params: []string{"VARCHAR", "VARCHAR", "VARCHAR[]"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
		format := args[0].(string)
		text, err := formatted(format, args[1].(string), args[2].([]any))
		if e, ok := err.(*formatError); ok {
			err = invalid("Invalid format string: %s (%v)", format, e)
		}
		return text, err
	}}}
}

// formatted reads all of a format before it writes a value, as Java does.
func formatted(format, kinds string, values []any) (string, error) {
	var pieces []any // texts and directives
	for format != "" {
		plain, rest := cut(format, "%")
		pieces = append(pieces, plain)
		if rest == "" {
			break
		}
		d, after, err := readDirective(rest[1:])
		if err == nil {
			err = d.check()
		}
		if err != nil {
			return "", err
		}
		pieces, format = append(pieces, d), after
	}
	var b strings.Builder
	last, next := -1, 0
	for _, piece := range pieces {
		d, ok := piece.(*directive)
		if !ok {
			b.WriteString(piece.(string))
			continue
		}
		text, err := d.fixed(), error(nil)
		if text == "" {
			switch {
			case d.has('<'):
			case d.index > 0:
				last = d.index - 1
			default:
				last = next
				next++
			}
			if last < 0 || last >= len(values) {
				return "", &formatError{"MissingFormatArgument", "Format specifier '" + d.String() + "'"}
			}
			text, err = d.value(kinds[last], values[last])
		}
		if err != nil {
			return "", err
		}
		if err := tooLong("format", b.Len()+len(text)+max(d.width, 0)); err != nil {
			return "", err
		}
		b.WriteString(d.justified(text))
	}
	return b.String(), nil
}

// fixed gives the text of what takes no argument.
func (d *directive) fixed() string { return map[byte]string{'n': "\n", '%': "%"}[d.conversion] }

// readDirective reads what follows a %.
func readDirective(s string) (*directive, string, error) {
	if s == "" {
		return nil, "", &formatError{"UnknownFormatConversion", "Conversion = '%'"}
	}
	first := []rune(s[:min(len(s), 4)])[0]
	d := &directive{width: -1, precision: -1}
	rest := s
	if n, after, ok := formatNumber(s); ok && strings.HasPrefix(after, "$") {
		if n == 0 {
			return nil, "", &formatError{"IllegalFormatArgumentIndex", "Illegal format argument index = 0"}
		}
		d.index, rest = n, after[1:]
	}
	flags := rest
	for rest != "" && strings.IndexByte(formatFlags, rest[0]) >= 0 {
		rest = rest[1:]
	}
	if err := d.setFlags(flags[:len(flags)-len(rest)]); err != nil {
		return nil, "", err
	}
	if d.has('<') {
		d.index = 0
	}
	if n, after, ok := formatNumber(rest); ok {
		if n > math.MaxInt32 {
			return nil, "", &formatError{"IllegalFormatWidth", strconv.Itoa(math.MinInt32)}
		}
		d.width, rest = n, after
	}
	if strings.HasPrefix(rest, ".") {
		n, after, ok := formatNumber(rest[1:])
		if !ok {
			return nil, "", &formatError{"UnknownFormatConversion", fmt.Sprintf("Conversion = '%c'", first)}
		}
		if n > math.MaxInt32 {
			return nil, "", &formatError{"IllegalFormatPrecision", strconv.Itoa(math.MinInt32)}
		}
		d.precision, rest = n, after
	}
	if rest == "" || rest[0] == '$' || rest[0] >= '0' && rest[0] <= '9' {
		return nil, "", &formatError{"UnknownFormatConversion", fmt.Sprintf("Conversion = '%c'", first)}
	}
	return d, rest[1:], d.setConversion(rest)
}

// formatNumber reads digits, of which the first is not 0 unless it is alone before a $.
func formatNumber(s string) (n int, rest string, ok bool) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		n = min(n*10+int(s[digits]-'0'), math.MaxInt32+1)
		digits++
	}
	return n, s[digits:], digits > 0
}

func (d *directive) setFlags(flags string) error {
	for i := range len(formatFlags) {
		switch strings.Count(flags, formatFlags[i:i+1]) {
		case 0:
		case 1:
			d.flags += formatFlags[i : i+1]
		default:
			return &formatError{"DuplicateFormatFlags", "Flags = '" + formatFlags[i:i+1] + "'"}
		}
	}
	return nil
}

func (d *directive) setConversion(s string) error {
	r := []rune(s[:min(len(s), 4)])[0]
	switch {
	case strings.ContainsRune("tThHaA", r):
		return &Error{Code: codeLimit, Message: fmt.Sprintf("the conversion %%%c of format is not supported", r)}
	case strings.ContainsRune("SXEGBC", r):
		d.upper, d.conversion = true, byte(r)+'a'-'A'
	case strings.ContainsRune("sdoxefgbcn%", r):
		d.conversion = byte(r)
	default:
		return &formatError{"UnknownFormatConversion", fmt.Sprintf("Conversion = '%c'", r)}
	}
	return nil
}

// check refuses flags, widths and precisions that make no sense.
func (d *directive) check() error {
	bad := func(flags string) error {
		for i := range len(flags) {
			if d.has(flags[i]) {
				return &formatError{"FormatFlagsConversionMismatch", fmt.Sprintf("Conversion = %c, Flags = %c", d.conversion, flags[i])}
			}
		}
		return nil
	}
	precision := func() error {
		if d.precision < 0 {
			return nil
		}
		return &formatError{"IllegalFormatPrecision", strconv.Itoa(d.precision)}
	}
	width := func(flags string) error {
		if d.width < 0 && strings.ContainsAny(d.flags, flags) {
			return &formatError{"MissingFormatWidth", d.String()}
		}
		return nil
	}
	flags := func(wrong bool) error {
		if !wrong {
			return nil
		}
		shown := d.flags
		if d.upper {
			left, rest := strings.CutPrefix(shown, "-")
			shown = map[bool]string{true: "-^", false: "^"}[rest] + left
		}
		return &formatError{"IllegalFormatFlags", "Flags = '" + shown + "'"}
	}
	numeric := func() error {
		return firstError(width("-0"), flags(d.has('+') && d.has(' ') || d.has('-') && d.has('0')))
	}
	switch d.conversion {
	case 'b':
		return firstError(bad("#"), width("-"), d.without("+ 0,("))
	case 's':
		return firstError(width("-"), d.without("+ 0,("))
	case 'c':
		return firstError(precision(), d.without("#+ 0,("), width("-"))
	case 'd':
		return firstError(numeric(), precision(), bad("#"))
	case 'o', 'x':
		return firstError(numeric(), precision(), bad(","))
	case 'e':
		return firstError(numeric(), bad(","))
	case 'g':
		return firstError(numeric(), bad("#"))
	case 'f':
		return numeric()
	case '%':
		return firstError(precision(), flags(strings.Trim(d.flags, "-") != ""), width("-"))
	}
	if err := precision(); err != nil || d.width < 0 {
		return firstError(err, flags(d.flags != ""))
	}
	return &formatError{"IllegalFormatWidth", strconv.Itoa(d.width)}
}

// without refuses flags, all of them at once.
func (d *directive) without(flags string) error {
	wrong := strings.Map(func(r rune) rune {
		if strings.ContainsRune(flags, r) {
			return r
		}
		return -1
	}, d.flags)
	if wrong == "" {
		return nil
	}
	return &formatError{"FormatFlagsConversionMismatch", fmt.Sprintf("Conversion = %c, Flags = %s", d.conversion, wrong)}
}

func firstError(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

// justified fills a text up to the width, which counts units of UTF-16.
func (d *directive) justified(text string) string {
	fill := d.width
	for _, r := range text {
		fill -= utf16.RuneLen(r)
	}
	switch {
	case fill <= 0:
		return text
	case d.has('-'):
		return text + strings.Repeat(" ", fill)
	}
	return strings.Repeat(" ", fill) + text
}

// text writes a text, cut to the precision.
func (d *directive) text(s string) (string, error) {
	if units := d.precision; units >= 0 {
		for i, r := range s {
			if units -= utf16.RuneLen(r); units == -1 && r > 0xFFFF {
				return "", &Error{Code: codeLimit, Message: "half a character in format is not supported"}
			}
			if units < 0 {
				s = s[:i]
				break
			}
		}
	}
	return d.cased(s), nil
}

func (d *directive) cased(s string) string {
	if d.upper {
		return upperCase.String(s)
	}
	return s
}

// javaClasses are the classes that values of the kinds have in Java.
var javaClasses = map[byte]string{'i': "lang.Long", 'd': "lang.Double", 'r': "lang.Float", 'n': "math.BigDecimal", 'b': "lang.Boolean", 'D': "time.LocalDate",
	'T': "time.LocalDateTime", 't': "time.LocalTime", 's': "lang.String"}

// value writes a value without its width.
func (d *directive) value(kind byte, v any) (string, error) {
	s, there := v.(string)
	switch {
	case d.conversion == 'b':
		if kind != 'b' || !there {
			s = strconv.FormatBool(there)
		}
		return d.text(s)
	case !there:
		return d.text("null")
	case d.conversion == 's' && d.has('#'):
		return "", &formatError{"FormatFlagsConversionMismatch", "Conversion = s, Flags = #"}
	case d.conversion == 's':
		return d.text(javaText(kind, s))
	case kind == 'i' && strings.IndexByte("dox", d.conversion) >= 0:
		return d.integer(s)
	case strings.IndexByte("drn", kind) >= 0 && strings.IndexByte("efg", d.conversion) >= 0:
		if d.has('#') {
			return "", &Error{Code: codeLimit, Message: "the flag # for such numbers in format is not supported"}
		}
		return d.float(kind, s)
	}
	return "", &formatError{"IllegalFormatConversion", fmt.Sprintf("%c != java.%s", d.conversion, javaClasses[kind])}
}

// javaText writes dates and times as Java does: seconds only where there are some, and a sign before years of five digits.
func javaText(kind byte, s string) string {
	date, clock, _ := strings.Cut(s, " ")
	switch kind {
	case 'D':
		clock = ""
	case 't':
		date, clock = "", s
	case 'T':
	default:
		return s
	}
	if i := strings.IndexByte(date, '-'); i > 4 {
		date = "+" + date
	}
	clock, fraction, _ := strings.Cut(clock, ".")
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		clock = strings.TrimSuffix(clock, ":00")
	} else {
		clock += "." + (fraction + "00000000")[:(len(fraction)+2)/3*3]
	}
	if kind == 'T' {
		date += "T"
	}
	return date + clock
}
