package dialect

import "strings"

// dateFormatFunctions write and read times by a format, MySQL's or Joda's; the format must be constant and is translated
// to strftime's.
func dateFormatFunctions() []Function {
	return []Function{
		{Name: "date_format", Overloads: []Overload{{Signature: "timestamp(p), varchar(x) -> varchar", SQL: "strftime($1, $2)", rewrite: formatted(mysqlWrite)},
			{Signature: "timestamp(p) with time zone, varchar(x) -> varchar", SQL: "strftime($1, $2)", rewrite: formatted(mysqlWrite)}},
			Examples: []Example{example("date_format(timestamp '2020-05-03 14:05:06.789', '%Y-%m-%d %H:%i:%s')", "2020-05-03 14:05:06", "varchar"),
				example("date_format(timestamp '2020-05-03 14:05:06.789', '%W %e %M %y, %l:%i %p %f')", "Sunday 3 May 20, 2:05 PM 789000", "varchar"),
				example("date_format(date '2020-05-03', '%d/%c/%Y %T')", "03/5/2020 00:00:00", "varchar"), failing("date_format(now(), '%U')", CodeFunctionArgument)}},
		{Name: "date_parse", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> timestamp(3)", SQL: "date_trunc('millisecond', strptime($1, $2))", rewrite: formatted(mysqlRead)}},
			Differs: "is a little more lenient about the number of digits and blanks",
			Examples: []Example{example("date_parse('2020-05-03 14:05:06', '%Y-%m-%d %H:%i:%s')", "2020-05-03 14:05:06.000", "timestamp(3)"),
				example("date_parse('03/May/2020:14:05:06', '%d/%b/%Y:%T')", "2020-05-03 14:05:06.000", "timestamp(3)"), failing("date_parse('x', '%Y')", CodeFunctionArgument)}},
		{Name: "format_datetime", Overloads: []Overload{{Signature: "timestamp(p), varchar(x) -> varchar", SQL: "strftime($1, $2)", rewrite: formatted(jodaFormat)},
			{Signature: "timestamp(p) with time zone, varchar(x) -> varchar", SQL: "strftime($1, $2)", rewrite: formatted(jodaFormat)}},
			Examples: []Example{example("format_datetime(timestamp '2020-05-03 14:05:06.789', 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "2020-05-03T14:05:06.789", "varchar"),
				example("format_datetime(timestamp '2020-05-03 14:05:06', 'EEEE d MMMM yy, h:mm a')", "Sunday 3 May 20, 2:05 PM", "varchar")}},
		{Name: "parse_datetime", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> timestamp(3) with time zone", SQL: "date_trunc('millisecond', strptime($1, $2))", rewrite: formatted(jodaFormat)}},
			Differs:  "formats with a zone are refused",
			Examples: []Example{example("parse_datetime('2020-05-03 14:05', 'yyyy-MM-dd HH:mm')", "2020-05-03 14:05:00.000 UTC", "timestamp(3) with time zone")}},
	}
}

// formatted translates the constant format that is the second argument.
func formatted(translate func(*rewriting, string) (string, error)) func(*rewriting) error {
	return func(c *rewriting) error {
		text, ok := c.constant(1)
		if !ok {
			return c.errorf(CodeNotSupported, "formats that are not constant are not supported in %s", c.node.name)
		}
		format, err := translate(c, text)
		c.args[1] = textConst(format)
		return err
	}
}

// mysqlSpecifiers are strftime's forms of MySQL's specifiers.
var mysqlSpecifiers = map[byte]string{'a': "%a", 'b': "%b", 'c': "%-m", 'd': "%d", 'e': "%-d", 'f': "%f", 'H': "%H", 'h': "%I", 'I': "%I",
	'i': "%M", 'j': "%j", 'k': "%-H", 'l': "%-I", 'M': "%B", 'm': "%m", 'p': "%p", 'r': "%I:%M:%S %p", 'S': "%S", 's': "%S",
	'T': "%H:%M:%S", 'v': "%V", 'W': "%A", 'x': "%G", 'Y': "%Y", 'y': "%y", '%': "%%"}

func mysqlWrite(c *rewriting, format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		s, ok := mysqlSpecifiers[format[i]]
		switch {
		case ok:
			b.WriteString(s)
		case strings.IndexByte("DUuVwX", format[i]) >= 0:
			return "", c.errorf(CodeFunctionArgument, "%%%c not supported in date format string", format[i])
		default:
			b.WriteByte(format[i])
		}
	}
	return b.String(), nil
}

// mysqlRead is mysqlWrite for reading: the forms without leading zeros are read like the others, week numbers are not.
func mysqlRead(c *rewriting, format string) (string, error) {
	for _, week := range [...]string{"%v", "%x"} {
		if strings.Contains(format, week) {
			return "", c.errorf(CodeNotSupported, "%s is not supported in date_parse", week)
		}
	}
	text, err := mysqlWrite(c, format)
	return strings.ReplaceAll(text, "%-", "%"), err
}

// jodaFormats are strftime's forms of Joda's letters by how often they are repeated.
var jodaFormats = map[string]string{"y": "%Y", "yy": "%y", "yyy": "%Y", "yyyy": "%Y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B",
	"d": "%-d", "dd": "%d", "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g",
	"a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "D": "%-j", "DDD": "%j", "ww": "%V", "xxxx": "%G", "e": "%u"}

func jodaFormat(c *rewriting, format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); {
		ch := format[i]
		if ch == '\'' {
			literal, next := jodaLiteral(format, i)
			b.WriteString(strings.ReplaceAll(literal, "%", "%%"))
			i = next
			continue
		}
		if !isNameStart(ch) || ch == '_' {
			b.WriteString(strings.ReplaceAll(string(ch), "%", "%%"))
			i++
			continue
		}
		end := i
		for end < len(format) && format[end] == ch {
			end++
		}
		s, ok := jodaFormats[format[i:end]]
		if !ok {
			return "", c.errorf(CodeNotSupported, "the pattern '%s' is not supported in %s", format[i:end], c.node.name)
		}
		b.WriteString(s)
		i = end
	}
	text := b.String()
	if c.node.name == "parse_datetime" {
		text = strings.ReplaceAll(text, "%-", "%")
	}
	return text, nil
}

// jodaLiteral reads 'text' at i; two quotes stand for one. It gives the text and where it ends.
func jodaLiteral(format string, i int) (string, int) {
	if strings.HasPrefix(format[i:], "''") {
		return "'", i + 2
	}
	for end := i + 1; end < len(format); end++ {
		if format[end] != '\'' {
			continue
		}
		if strings.HasPrefix(format[end:], "''") {
			end++
			continue
		}
		return strings.ReplaceAll(format[i+1:end], "''", "'"), end + 1
	}
	return format[i+1:], len(format)
}
