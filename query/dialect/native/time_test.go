package native

import (
	"testing"
	"time"
)

func call(t *testing.T, name string, args ...any) (any, error) {
	t.Helper()
	for _, f := range Functions() {
		if f.Name == name {
			return f.Call(args)
		}
	}
	t.Fatalf("there is no %s", name)
	return nil, nil
}

func TestReadsTimesByPatterns(t *testing.T) {
	for _, x := range []struct{ name, text, pattern, want string }{
		{"loglake_parse_datetime", "2020-5-3 4:5", "yyyy-MM-dd HH:mm", "2020-05-03 04:05:00"},
		{"loglake_parse_datetime", "2020053", "yyyyMMdd", "2020-05-03 00:00:00"},
		{"loglake_parse_datetime", "45-5-3", "yy-M-d", "2045-05-03 00:00:00"},
		{"loglake_parse_datetime", "46-5-3", "yy-M-d", "1946-05-03 00:00:00"},
		{"loglake_parse_datetime", "120-5-3", "yy-M-d", "0120-05-03 00:00:00"},
		{"loglake_parse_datetime", "-20-5-3", "yyyy-M-d", "-0020-05-03 00:00:00"},
		{"loglake_parse_datetime", "29 2", "dd M", "2000-02-29 00:00:00"},
		{"loglake_parse_datetime", "10:20", "HH:mm", "1970-01-01 10:20:00"},
		{"loglake_parse_datetime", "mAY", "MMM", `INVALID_FUNCTION_ARGUMENT: Invalid format: "mAY"`},
		{"loglake_parse_datetime", "Sept", "MMM", `INVALID_FUNCTION_ARGUMENT: Invalid format: "Sept" is malformed at "t"`},
		{"loglake_parse_datetime", "Mon 3 May 2020", "EEE d MMM yyyy", "2020-04-27 00:00:00"},
		{"loglake_parse_datetime", "2020-W10-2", "xxxx-'W'ww-e", "2020-03-03 00:00:00"},
		{"loglake_parse_datetime", "12 PM", "h a", "1970-01-01 12:00:00"},
		{"loglake_parse_datetime", "14 PM", "H a", "1970-01-01 14:00:00"},
		{"loglake_parse_datetime", "2 AM", "H a", "1970-01-01 02:00:00"},
		{"loglake_parse_datetime", "24", "k", "1970-01-01 00:00:00"},
		{"loglake_parse_datetime", "1.1239", "s.SSSSSSSSS", "1970-01-01 00:00:01.123"},
		{"loglake_parse_datetime", "1.1234", "s.SSS", `INVALID_FUNCTION_ARGUMENT: Invalid format: "1.1234" is malformed at "4"`},
		{"loglake_parse_datetime", "2020-05-03 +02", "yyyy-MM-dd ZZ", "2020-05-02 22:00:00"},
		{"loglake_parse_datetime", "2020-05-03 PST", "yyyy-MM-dd z", "2020-05-03 07:00:00"},
		{"loglake_parse_datetime", "2020-05-03 Europe/Rome", "yyyy-MM-dd ZZZ", "2020-05-02 22:00:00"},
		{"loglake_parse_datetime", "2020-03-29 02:30 Europe/Rome", "yyyy-MM-dd HH:mm ZZZ",
			`INVALID_FUNCTION_ARGUMENT: Cannot parse "2020-03-29 02:30 Europe/Rome": Illegal instant due to time zone offset transition (Europe/Rome)`},
		{"loglake_parse_datetime", "0044-05-03 BC", "YYYY-MM-dd G", "-0043-05-03 00:00:00"},
		{"loglake_parse_datetime", "0044-05-03 BC", "yyyy-MM-dd G", "0044-05-03 00:00:00"},
		{"loglake_parse_datetime", "20 20", "CC yy", "2020-01-01 00:00:00"},
		{"loglake_parse_datetime", "2021-366", "yyyy-DDD", `INVALID_FUNCTION_ARGUMENT: Cannot parse "2021-366": Value 366 for dayOfYear must be in the range [1,365]`},
		{"loglake_parse_datetime", "3 2020", "e yyyy", "2020-01-01 00:00:00"},
		{"loglake_parse_datetime", "9999999999", "yyyy", `INVALID_FUNCTION_ARGUMENT: Invalid format: "9999999999" is malformed at "9"`},
		{"loglake_parse_datetime", "éé2020", "é'É'yyyy", "2020-01-01 00:00:00"},
		{"loglake_parse_datetime", "x", "u", "INVALID_FUNCTION_ARGUMENT: Illegal pattern component: u"},
		{"loglake_parse_datetime", "75000", "yyyy", "INVALID_FUNCTION_ARGUMENT: Millis overflow: 2304604224000000"},
		{"loglake_date_parse", "03/May/2020:14:05:06", "%d/%b/%Y:%T", "2020-05-03 14:05:06"},
		{"loglake_date_parse", "69", "%y", "2069-01-01 00:00:00"},
		{"loglake_date_parse", "70", "%y", "1970-01-01 00:00:00"},
		{"loglake_date_parse", "2020", "%y", `INVALID_FUNCTION_ARGUMENT: Invalid format: "2020" is malformed at "20"`},
		{"loglake_date_parse", "12020", "%Y", `INVALID_FUNCTION_ARGUMENT: Invalid format: "12020" is malformed at "0"`},
		{"loglake_date_parse", "2020z", "%Y%z", "2020-01-01 00:00:00"},
		{"loglake_date_parse", "5.123456789", "%s.%f", "1970-01-01 00:00:05.123"},
		{"loglake_to_timestamp", "1988-04-08 12:03:04", "yyyy-mm-dd hh:mi:ss",
			`INVALID_FUNCTION_ARGUMENT: Cannot parse "1988-04-08 12:03:04": Value 12 for hourOfHalfday must be in the range [0,11]`},
		{"loglake_to_timestamp", "88", "yy", "2088-01-01 00:00:00"},
		{"loglake_to_timestamp", "x", "hh12", "INVALID_FUNCTION_ARGUMENT: Failed to tokenize string [1] at offset [2]"},
	} {
		args := []any{x.text, x.pattern}
		if x.name == "loglake_parse_datetime" {
			args = append(args, int64(2026), true)
		}
		if got := shown(call(t, x.name, args...)); got != x.want {
			t.Errorf("%s(%q, %q) = %s, want %s", x.name, x.text, x.pattern, got, x.want)
		}
	}
}

func shown(v any, err error) string {
	if err != nil {
		return err.Error()
	}
	if micros, ok := v.(int64); ok {
		return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.999999")
	}
	return v.(string)
}

func TestReadsISOTexts(t *testing.T) {
	for text, want := range map[string]string{
		"2020-05-11T11:15:05.055+01:00": "2020-05-11 10:15:05.055 +01:00", "2020-05-11t11:15:05z": "2020-05-11 11:15:05 UTC",
		"2020-05-11T11.5": "2020-05-11 11:30:00 UTC", "2020-05-11T11:15.5": "2020-05-11 11:15:30 UTC", "2020-05-11T": "2020-05-11 00:00:00 UTC",
		"2020-05-11TZ": "2020-05-11 00:00:00 UTC", "2020-05-11T+02:00": "2020-05-10 22:00:00 +02:00", "2020": "2020-01-01 00:00:00 UTC",
		"2020-W10": "2020-03-02 00:00:00 UTC", "2020-w10-2T10:20+02": "2020-03-03 08:20:00 +02:00", "2020-123T10": "2020-05-02 10:00:00 UTC",
		"T10:20Z": "1970-01-01 10:20:00 UTC", "2020-W53-7": "2021-01-03 00:00:00 UTC", "2020-5-1": "2020-05-01 00:00:00 UTC",
		"2020-05-11T11:15:05.9999": "2020-05-11 11:15:05.999 UTC", "-0044-03-15": "-0044-03-15 00:00:00 UTC",
		"2020-05-11T10:20-00:00": "2020-05-11 10:20:00 UTC", "2020T10:20": "2020-01-01 10:20:00 UTC", "+12020-05-11": "12020-05-11 00:00:00 UTC",
		"20200511":                  "INVALID_FUNCTION_ARGUMENT: Millis overflow: 637404388790400000",
		"20200511T111505Z":          `INVALID_FUNCTION_ARGUMENT: Invalid format: "20200511T111505Z" is malformed at "1505Z"`,
		"2020-05-11 11:15:05":       `INVALID_FUNCTION_ARGUMENT: Invalid format: "2020-05-11 11:15:05" is malformed at " 11:15:05"`,
		"2020-05-11T10:20+2":        `INVALID_FUNCTION_ARGUMENT: Invalid format: "2020-05-11T10:20+2" is malformed at "+2"`,
		"2020-05-11T10:20+24:00":    `INVALID_FUNCTION_ARGUMENT: Invalid format: "2020-05-11T10:20+24:00" is malformed at "+24:00"`,
		"2020-05-11T10:20+15:00":    "NOT_SUPPORTED: Time zone not supported: +15:00",
		"2020-05-11T10:20+02:30:15": "NOT_SUPPORTED: Time zone not supported: +02:30:15",
		"2021-W53-7":                `INVALID_FUNCTION_ARGUMENT: Cannot parse "2021-W53-7": Value 53 for weekOfWeekyear must be in the range [1,52]`,
		"2020-05-11T11:15:05.":      `INVALID_FUNCTION_ARGUMENT: Invalid format: "2020-05-11T11:15:05." is malformed at "."`,
		"":                          `INVALID_FUNCTION_ARGUMENT: Invalid format: ""`,
		"2020-02-30":                `INVALID_FUNCTION_ARGUMENT: Cannot parse "2020-02-30": Value 30 for dayOfMonth must be in the range [1,29]`,
		"300000000-05-11":           `INVALID_FUNCTION_ARGUMENT: Cannot parse "300000000-05-11": Value 300000000 for year must be in the range [-292275055,292278994]`,
	} {
		millis, zone, err := ISOTimestamp(text)
		got := shown(millis*1000, err)
		if err == nil {
			got += " " + zone
		}
		if got != want {
			t.Errorf("%q = %s, want %s", text, got, want)
		}
	}
}

func TestWritesTimes(t *testing.T) {
	at := time.Date(2020, 5, 3, 14, 5, 6, 789_000_000, time.UTC).UnixMicro()
	old := time.Date(-44, 5, 3, 14, 5, 6, 789_000_000, time.UTC).UnixMicro()
	for _, x := range []struct {
		micros              int64
		zone, pattern, want string
	}{
		{at, "", "G|C|Y|x|w|e|E|y|D|M|d|a|K|h|H|k|m|s|S", "AD|20|2020|2020|18|7|Sun|2020|124|5|3|PM|2|2|14|14|5|6|7"},
		{at, "", "CCC|YYY|xx|www|EEEE|yy|DDDD|MMM|MMMM|SSSSSS|yyyyy", "020|2020|20|018|Sunday|20|0124|May|May|789000|02020"},
		{at + 654, "", "SSS ss", "790 06"},
		{at, "Europe/Rome", "HH Z ZZ ZZZ", "16 +0200 +02:00 Europe/Rome"}, {at, "UTC", "z zzzz Z", "UTC Coordinated Universal Time +0000"},
		{at, "-05:30", "HH:mm z Z", "08:35 -05:30 -0530"},
		{old, "", "G y yy yyyy Y YYYY C CC x xxxx", "BC -44 44 -0044 45 0045 0 00 -44 -0044"},
		{at, "", "''", "'"}, {at, "", "'a''b'd", "a'b3"}, {at, "", "é %d!", "é %3!"},
		{at, "", "Z", "INVALID_FUNCTION_ARGUMENT: format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information"},
		{at, "", "'", "INVALID_FUNCTION_ARGUMENT: Both printing and parsing not supported"},
	} {
		if got := shown(call(t, "loglake_format_datetime", x.micros, x.pattern, x.zone)); got != x.want {
			t.Errorf("%q = %s, want %s", x.pattern, got, x.want)
		}
	}
	const all = "%a|%b|%c|%d|%e|%f|%H|%h|%I|%i|%j|%k|%l|%M|%m|%p|%r|%S|%s|%T|%v|%W|%x|%Y|%y|%%|%q"
	const want = "Sun|May|5|03|3|789000|14|02|02|05|124|14|2|May|05|PM|02:05:06 PM|06|06|14:05:06|18|Sunday|2020|2020|20|%|q"
	if got := shown(call(t, "loglake_date_format", at, all)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzTimes(f *testing.F) {
	f.Add("2020-05-03T14:05:06.789+02:00", "yyyy-MM-dd'T'HH:mm:ss.SSSZ")
	f.Add("20 Sun 3 May BC Europe/Rome", "CC EEE d MMM G ZZZ")
	f.Add("-20 366 12 PM", "xx DDD K a")
	f.Add("03/May/2020:14:05:06", "%d/%b/%Y:%T %f %x %v")
	f.Fuzz(func(t *testing.T, text, pattern string) {
		for _, name := range [...]string{"loglake_date_parse", "loglake_to_timestamp", "loglake_parse_datetime"} {
			args := []any{text, pattern}
			if name == "loglake_parse_datetime" {
				args = append(args, int64(2026), true)
			}
			v, err := call(t, name, args...)
			if err != nil {
				continue
			}
			for _, writer := range [...]string{"loglake_date_format", "loglake_to_char"} {
				_, _ = call(t, writer, v, pattern)
			}
			_, _ = call(t, "loglake_format_datetime", v, pattern, "Europe/Rome")
		}
		_, _, _ = ISOTimestamp(text)
		_, _, _ = ISONanos(text)
		_, _ = call(t, "loglake_from_iso8601_date", text)
		_, _ = call(t, "loglake_parse_duration", text)
	})
}
