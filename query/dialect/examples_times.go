package dialect

var truncationExamples = []Example{
	example("date_trunc('month', date '2020-05-17')", "2020-05-01", "date"), example("date_trunc('quarter', date '2020-05-17')", "2020-04-01", "date"),
	example("date_trunc('WEEK', date '2020-05-17')", "2020-05-11", "date"), example("date_trunc('year', date '2020-05-17')", "2020-01-01", "date"),
	example("date_trunc('hour', timestamp '2020-05-17 10:20:30')", "2020-05-17 10:00:00", "timestamp(0)"), example("date_trunc('second', timestamp '1960-05-17 10:20:30.123456')", "1960-05-17 10:20:30.000000", "timestamp(6)"),
	example("date_trunc('millisecond', timestamp '1960-05-17 10:20:30.123456')", "1960-05-17 10:20:30.123000", "timestamp(6)"), example("date_trunc('minute', timestamp '1960-05-17 10:20:30.123')", "1960-05-17 10:20:00.000", "timestamp(3)"),
	example("date_trunc('day', timestamp '2020-05-17 10:20:30.123 Europe/Rome')", "2020-05-17 00:00:00.000 Europe/Rome", "timestamp(3) with time zone"),
	example("to_unixtime(date_trunc('hour', timestamp '2020-10-25 01:30:00 UTC' AT TIME ZONE 'Europe/Rome'))", "1.6035876E9", "double"),
	example("to_unixtime(date_trunc('hour', timestamp '2020-10-25 00:30:00 UTC' AT TIME ZONE 'Europe/Rome'))", "1.603584E9", "double"),
	example("to_unixtime(date_trunc('day', timestamp '2020-11-01 12:00:00 America/Havana'))", "1.6042068E9", "double"),
	example("date_trunc('day', timestamp '2018-11-04 12:00:00 America/Sao_Paulo')", "2018-11-04 01:00:00 America/Sao_Paulo", "timestamp(0) with time zone"),
	example("date_trunc('day', at_timezone(timestamp '2020-05-17 10:20:30 UTC', interval '-330' minute))", "2020-05-17 00:00:00 -05:30", "timestamp(0) with time zone"),
	example("date_trunc('minute', time '10:20:30.123')", "10:20:00.000", "time(3)"), example("date_trunc('millisecond', time '10:20:30.123456')", "10:20:30.123000", "time(6)"), example("date_trunc('hour', time '01:20:30.123+05:30')", "01:00:00.000+05:30", "time(3) with time zone"),
	failing("date_trunc('day', time '10:20:30.123')", CodeFunctionArgument),
	example("date_trunc(NULL, date '2020-01-01')", "NULL", "date"), example("date_trunc('day', cast(NULL AS date))", "NULL", "date"),
	failing("date_trunc('hour', date '2020-05-17')", CodeFunctionArgument), failing("date_trunc('months', date '2020-05-17')", CodeFunctionArgument), failing("date_trunc('microsecond', now())", CodeFunctionArgument),
}

var additionExamples = []Example{
	example("date_add('second', 9223372036854775807, cast(NULL AS timestamp(3)))", "NULL", "timestamp(3)"),
	example("date_add('millisecond', 9223372036854775807, time '10:00:00')", "17:12:56", "time(0)"), example("date_add('second', -86401, time '10:00:00.5')", "09:59:59.5", "time(1)"),
	failing("date_add('minute', 3000000000, timestamp '1969-12-31 12:00:01.9')", "INVALID_FUNCTION_ARGUMENT: integer overflow"), failing("date_add('day', x, date '2020-01-01') FROM (VALUES 3000000000) AS t (x)", "GENERIC_INTERNAL_ERROR: integer overflow"),
	example("date_add('minute', 3000000000, time '12:00:00')", "20:00:00", "time(0)"), example("date_add('day', x, date '2020-01-01') FROM (VALUES BIGINT '3') AS t (x)", "2020-01-04", "date"),
	example("date_add('month', 1, date '2020-01-31')", "2020-02-29", "date"), example("date_add('month', -1, date '2020-03-31')", "2020-02-29", "date"),
	example("date_add('quarter', 1, date '2020-11-30')", "2021-02-28", "date"), example("date_add('year', 1, date '2020-02-29')", "2021-02-28", "date"),
	example("date_add('week', -1, date '2020-01-01')", "2019-12-25", "date"), example("date_add('day', 100000, date '2020-01-01')", "2293-10-16", "date"),
	example("date_add('hour', -1, timestamp '2020-01-01 00:30:00')", "2019-12-31 23:30:00", "timestamp(0)"), example("date_add('millisecond', 5, timestamp '2020-01-01 00:00:00')", "2020-01-01 00:00:00", "timestamp(0)"),
	example("date_add('millisecond', 1500, timestamp '2020-01-01 00:00:00')", "2020-01-01 00:00:02", "timestamp(0)"), example("date_add('millisecond', 5, timestamp '2020-01-01 00:00:00.1234')", "2020-01-01 00:00:00.1284", "timestamp(4)"),
	example("date_add('year', 1, timestamp '2020-02-29 01:02:03.456')", "2021-02-28 01:02:03.456", "timestamp(3)"), example("date_add('quarter', -1, timestamp '2020-05-31 10:00:00')", "2020-02-29 10:00:00", "timestamp(0)"),
	example("date_add('day', 1, timestamp '2020-03-28 02:30:00 Europe/Rome')", "2020-03-29 03:30:00 Europe/Rome", "timestamp(0) with time zone"),
	example("date_add('hour', 1, timestamp '2020-03-29 01:30:00 Europe/Rome')", "2020-03-29 03:30:00 Europe/Rome", "timestamp(0) with time zone"),
	example("to_unixtime(date_add('day', 1, timestamp '2020-10-24 02:30:00 Europe/Rome'))", "1.6035858E9", "double"),
	example("date_add('month', 1, timestamp '2020-02-29 02:30:00 Europe/Rome')", "2020-03-29 03:30:00 Europe/Rome", "timestamp(0) with time zone"),
	example("date_add('hour', 3, time '23:00:00')", "02:00:00", "time(0)"), example("date_add('minute', -90, time '00:30:00')", "23:00:00", "time(0)"), example("date_add('millisecond', 1500, time '00:30:00')", "00:30:02", "time(0)"),
	example("date_add('hour', 3, time '23:00:00+01:00')", "02:00:00+01:00", "time(0) with time zone"), failing("date_add('day', 1, time '00:30:00')", CodeFunctionArgument),
	example("date_add('day', cast(NULL AS bigint), date '2020-01-01')", "NULL", "date"), example("date_add('day', 1, cast(NULL AS date))", "NULL", "date"),
	failing("date_add('hour', 1, date '2020-01-01')", CodeFunctionArgument), failing("date_add('microsecond', 5, timestamp '2020-01-01 00:00:00')", CodeFunctionArgument),
	failing("date_add('day', 1, '2020-01-01')", CodeFunctionNotFound),
}

var differenceExamples = []Example{
	example("date_diff('day', date '2020-02-28', date '2020-03-01')", "2", "bigint"), example("date_diff('month', date '2020-01-31', date '2020-02-29')", "1", "bigint"),
	example("date_diff('month', date '2020-02-29', date '2020-01-31')", "-1", "bigint"), example("date_diff('month', date '2020-01-31', date '2020-03-30')", "1", "bigint"),
	example("date_diff('year', date '2020-02-29', date '2021-02-28')", "1", "bigint"), example("date_diff('quarter', date '2020-01-31', date '2020-04-30')", "1", "bigint"),
	example("date_diff('week', date '2020-01-14', date '2020-01-01')", "-1", "bigint"), example("date_diff('day', timestamp '2020-01-01 10:00:00', timestamp '2020-01-02 09:00:00')", "0", "bigint"),
	example("date_diff('month', timestamp '2020-01-31 10:00:00', timestamp '2020-02-29 09:00:00')", "0", "bigint"), example("date_diff('month', timestamp '2020-01-31 10:00:00', timestamp '2020-02-29 11:00:00')", "1", "bigint"),
	example("date_diff('month', timestamp '2020-02-29 10:00:00', timestamp '2020-01-31 11:00:00')", "0", "bigint"), example("date_diff('month', timestamp '2020-03-31 10:00:00', timestamp '2020-02-29 11:00:00')", "-1", "bigint"),
	example("date_diff('year', timestamp '2020-02-29 10:00:00', timestamp '2021-02-28 09:00:00')", "0", "bigint"), example("date_diff('second', timestamp '2020-01-01 00:00:10', timestamp '2020-01-01 00:00:00')", "-10", "bigint"),
	example("date_diff('millisecond', timestamp '2020-01-01 00:00:00.0009', timestamp '2020-01-01 00:00:00.002')", "2", "bigint"),
	example("date_diff('second', timestamp '1960-01-01 00:00:00.999999', timestamp '1960-01-01 00:00:01.999')", "1", "bigint"), example("date_diff('minute', timestamp '2020-01-01 00:00:59', timestamp '2020-01-01 00:01:58.999')", "0", "bigint"),
	example("date_diff('day', timestamp '2020-10-24 12:00:00 Europe/Rome', timestamp '2020-10-25 11:59:00 Europe/Rome')", "0", "bigint"),
	example("date_diff('hour', timestamp '2020-10-24 12:00:00 Europe/Rome', timestamp '2020-10-25 12:00:00 Europe/Rome')", "25", "bigint"),
	example("date_diff('day', timestamp '2020-03-28 12:00:00 Europe/Rome', timestamp '2020-03-29 11:00:00 UTC')", "1", "bigint"), example("date_diff('day', timestamp '2020-03-28 11:00:00 UTC', timestamp '2020-03-29 12:00:00 Europe/Rome')", "0", "bigint"),
	example("date_diff('hour', time '12:59', time '10:00')", "-2", "bigint"), example("date_diff('millisecond', time '12:59:00.0019', time '12:59:00.003')", "1", "bigint"), example("date_diff('hour', time '12:00+02:00', time '12:00+00:00')", "2", "bigint"),
	failing("date_diff('day', time '12:59', time '10:00')", CodeFunctionArgument),
	example("date_diff('day', date '2020-03-01', timestamp '2020-03-08 11:00:00')", "7", "bigint"), example("date_diff('day', cast(NULL AS date), date '2020-01-01')", "NULL", "bigint"),
	example("date_diff(NULL, date '2020-03-01', date '2020-03-08')", "NULL", "bigint"), failing("date_diff('hour', date '2020-01-14', date '2020-01-01')", CodeFunctionArgument), failing("date_diff('xx', date '2020-01-14', date '2020-01-01')", CodeFunctionArgument),
}

var dateFormatExamples = []Example{
	example("date_format(timestamp '2020-05-03 14:05:06.789', '%Y-%m-%d %H:%i:%s')", "2020-05-03 14:05:06", "varchar"),
	example("date_format(timestamp '2020-05-03 14:05:06.789', '%a|%b|%c|%d|%e|%f|%H|%h|%I|%i|%j|%k|%l|%M|%m|%p|%r|%S|%s|%T|%v|%W|%x|%Y|%y|%%')",
		"Sun|May|5|03|3|789000|14|02|02|05|124|14|2|May|05|PM|02:05:06 PM|06|06|14:05:06|18|Sunday|2020|2020|20|%", "varchar"),
	example("date_format(timestamp '2020-05-03 00:05:06.789123', '%h %I %k %l %p %r %f')", "12 12 0 12 AM 12:05:06 AM 789000", "varchar"),
	example("date_format(timestamp '1960-05-03 14:05:06.999999', '%s %f')", "07 000000", "varchar"), example("date_format(timestamp '0005-01-02 14:05:06.789', '%Y|%y|%x|%v|%j')", "0005|05|0004|53|002", "varchar"),
	example("date_format(date_add('year', 10000, timestamp '2020-01-02 14:05:06.789'), '%Y|%y|%x|%v|%j')", "12020|20|12020|01|002", "varchar"),
	example("date_format(date_add('year', -2064, timestamp '2020-01-02 14:05:06.789'), '%Y|%y|%x|%v|%j')", "-0044|44|-0044|01|002", "varchar"),
	example("date_format(timestamp '2021-01-03 14:05:06.789', '%x|%v|%q %z')", "2020|53|q z", "varchar"), example("date_format(timestamp '2021-01-03 14:05:06', 'a%')", "a", "varchar"),
	example("date_format(timestamp '2020-05-03 14:05:06', 'é$1 ''x\"')", `é$1 'x"`, "varchar"), example("date_format(date '2020-05-03', '%d/%c/%Y %T')", "03/5/2020 00:00:00", "varchar"),
	example("date_format(timestamp '2020-07-01 00:00:00 UTC' AT TIME ZONE 'Europe/Rome', '%H')", "02", "varchar"),
	example("date_format(timestamp '2020-07-01 00:00:00', x) FROM (VALUES '%Y') AS t (x)", "2020", "varchar"), example("date_format(cast(NULL AS timestamp), '%H')", "NULL", "varchar"),
	failing("date_format(now(), '%U')", CodeFunctionArgument), failing("date_format(now(), '')", CodeFunctionArgument), failing("date_format('2020-01-01', '%H')", CodeFunctionNotFound),
}

var dateParseExamples = []Example{
	example("date_parse('2020-05-03 14:05:06', '%Y-%m-%d %H:%i:%s')", "2020-05-03 14:05:06.000", "timestamp(3)"), example("date_parse('03/May/2020:14:05:06', '%d/%b/%Y:%T')", "2020-05-03 14:05:06.000", "timestamp(3)"),
	example("date_parse('03/MAY/2020:14:05:06', '%d/%b/%Y:%T')", "2020-05-03 14:05:06.000", "timestamp(3)"), example("date_parse('2020-5-3', '%Y-%m-%d')", "2020-05-03 00:00:00.000", "timestamp(3)"),
	example("date_parse('02 PM', '%h %p')", "1970-01-01 14:00:00.000", "timestamp(3)"), example("date_parse('12 AM', '%l %p')", "1970-01-01 00:00:00.000", "timestamp(3)"), example("date_parse('02:03:04 PM', '%r')", "1970-01-01 14:03:04.000", "timestamp(3)"),
	example("date_parse('2020-05-03 05.123999', '%Y-%m-%d %s.%f')", "2020-05-03 00:00:05.123", "timestamp(3)"), example("date_parse('5.1', '%s.%f')", "1970-01-01 00:00:05.100", "timestamp(3)"),
	example("date_parse('69', '%y')", "2069-01-01 00:00:00.000", "timestamp(3)"), example("date_parse('70', '%y')", "1970-01-01 00:00:00.000", "timestamp(3)"), failing("date_parse('2020', '%y')", CodeFunctionArgument),
	example("date_parse('366', '%j')", "2000-12-31 00:00:00.000", "timestamp(3)"), example("date_parse('2020 10', '%x %v')", "2020-03-02 00:00:00.000", "timestamp(3)"),
	example("date_parse('Sunday 3 May 2020', '%W %e %M %Y')", "2020-05-03 00:00:00.000", "timestamp(3)"), example("date_parse('202005', '%Y%m')", "2020-05-01 00:00:00.000", "timestamp(3)"),
	example("date_parse('20200503', '%Y%m%d')", "2020-05-03 00:00:00.000", "timestamp(3)"), example("date_parse('2020z', '%Y%z')", "2020-01-01 00:00:00.000", "timestamp(3)"),
	failing("date_parse('12020', '%Y')", CodeFunctionArgument), failing("date_parse('24', '%H')", CodeFunctionArgument), failing("date_parse('2020-02-30', '%Y-%m-%d')", CodeFunctionArgument), failing("date_parse(' 5', '%k')", CodeFunctionArgument),
	failing("date_parse('2020-05-03 ', '%Y-%m-%d')", CodeFunctionArgument), failing("date_parse('x', '%Y')", CodeFunctionArgument), failing("date_parse('x', '%w')", CodeFunctionArgument), failing("date_parse('x', '')", CodeFunctionArgument),
	example("try(date_parse('x', '%Y'))", "NULL", "timestamp(3)"), example("date_parse(cast(NULL AS varchar), '%Y')", "NULL", "timestamp(3)"), example("date_parse('5', cast(NULL AS varchar))", "NULL", "timestamp(3)"),
	example("date_parse(x, y) FROM (VALUES ('2020', '%Y')) AS t (x, y)", "2020-01-01 00:00:00.000", "timestamp(3)"),
}

var formatDatetimeExamples = []Example{
	example("format_datetime(timestamp '2020-05-03 14:05:06.789', 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "2020-05-03T14:05:06.789", "varchar"), example("format_datetime(timestamp '2020-05-03 14:05:06', 'EEEE d MMMM yy, h:mm a')", "Sunday 3 May 20, 2:05 PM", "varchar"),
	example("format_datetime(timestamp '2020-05-03 14:05:06.789', 'G|C|Y|x|w|e|E|y|D|M|d|a|K|h|H|k|m|s|S')", "AD|20|2020|2020|18|7|Sun|2020|124|5|3|PM|2|2|14|14|5|6|7", "varchar"),
	example("format_datetime(timestamp '2020-05-03 14:05:06.999654', 'SSSSSS ss')", "000000 07", "varchar"), example("format_datetime(timestamp '2021-01-03 14:05:06.789', 'xxxx ww e w xx')", "2020 53 7 53 20", "varchar"),
	example("format_datetime(timestamp '2020-05-03 14:05:06', 'é %d! ''a''''b''')", "é %3! a'b", "varchar"), example("format_datetime(date '2020-09-03', 'yyyy HH')", "2020 00", "varchar"),
	example("format_datetime(timestamp '2020-05-03 14:05:06.789 Europe/Rome', 'HH Z ZZ ZZZ')", "14 +0200 +02:00 Europe/Rome", "varchar"), example("format_datetime(timestamp '2020-05-03 14:05:06 UTC', 'z zzzz Z')", "UTC Coordinated Universal Time +0000", "varchar"),
	example("format_datetime(timestamp '2020-05-03 00:30:00 UTC' AT TIME ZONE 'America/New_York', 'dd HH')", "02 20", "varchar"),
	example("format_datetime(date_add('year', -2064, timestamp '2020-05-03 14:05:06'), 'G y yy yyyy Y C')", "BC -44 44 -0044 45 0", "varchar"),
	example("format_datetime(x, p) FROM (VALUES (timestamp '2020-09-03 01:02:03', 'yyyy')) AS t (x, p)", "2020", "varchar"), example("format_datetime(cast(NULL AS timestamp), 'yyyy')", "NULL", "varchar"),
	failing("format_datetime(timestamp '2020-05-03 14:05:06', 'HH Z')", CodeFunctionArgument), failing("format_datetime(now(), 'yyyyT')", CodeFunctionArgument), failing("format_datetime(now(), '')", CodeFunctionArgument),
	failing("format_datetime(timestamp '2020-05-03 14:05:06 Europe/Rome', 'z')", CodeNotSupported),
}

var parseDatetimeExamples = []Example{
	example("parse_datetime('2020-05-03 14:05', 'yyyy-MM-dd HH:mm')", "2020-05-03 14:05:00.000 UTC", "timestamp(3) with time zone"), example("parse_datetime('2020-5-3 4:5', 'yyyy-MM-dd HH:mm')", "2020-05-03 04:05:00.000 UTC", "timestamp(3) with time zone"),
	example("parse_datetime('2020-05-03T14:05:06.789', 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "2020-05-03 14:05:06.789 UTC", "timestamp(3) with time zone"), failing("parse_datetime('2020-05-03 01.1234', 'yyyy-MM-dd ss.SSS')", CodeFunctionArgument),
	example("parse_datetime('2020053', 'yyyyMMdd')", "2020-05-03 00:00:00.000 UTC", "timestamp(3) with time zone"), example("parse_datetime('20-5-3', 'yy-M-d')", "2020-05-03 00:00:00.000 UTC", "timestamp(3) with time zone"),
	example("parse_datetime('5', 'MM')", "2000-05-01 00:00:00.000 UTC", "timestamp(3) with time zone"), example("parse_datetime('10:20', 'HH:mm')", "1970-01-01 10:20:00.000 UTC", "timestamp(3) with time zone"),
	example("parse_datetime('Mon 3 May 2020', 'EEE d MMM yyyy')", "2020-04-27 00:00:00.000 UTC", "timestamp(3) with time zone"), example("parse_datetime('2020-w10-2', 'xxxx-''W''ww-e')", "2020-03-03 00:00:00.000 UTC", "timestamp(3) with time zone"),
	example("parse_datetime('12 PM', 'h a')", "1970-01-01 12:00:00.000 UTC", "timestamp(3) with time zone"), example("parse_datetime('2020-05-03T14:05:06Z', 'yyyy-MM-dd''T''HH:mm:ssZ')", "2020-05-03 14:05:06.000 UTC", "timestamp(3) with time zone"),
	example("to_unixtime(parse_datetime('1970-01-01 01:00 +0100', 'yyyy-MM-dd HH:mm Z'))", "0.0", "double"), failing("parse_datetime('1970-01-01 01:00 +0100', 'yyyy-MM-dd HH:mm Z')", CodeNotSupported),
	example("parse_datetime('1970-01-01 01:00 +0100', 'yyyy-MM-dd HH:mm Z') AT TIME ZONE 'UTC'", "1970-01-01 00:00:00.000 UTC", "timestamp(3) with time zone"),
	failing("parse_datetime('mAY', 'MMM')", CodeFunctionArgument), failing("parse_datetime('2020-02-30', 'yyyy-MM-dd')", CodeFunctionArgument), failing("parse_datetime('x', 'u')", CodeFunctionArgument), failing("parse_datetime('', '')", CodeFunctionArgument),
	example("parse_datetime(cast(NULL AS varchar), 'yyyy')", "NULL", "timestamp(3) with time zone"), example("parse_datetime(x, y) FROM (VALUES ('2020', 'yyyy')) AS t (x, y)", "2020-01-01 00:00:00.000 UTC", "timestamp(3) with time zone"),
}

// clockExamples are the constants of the statement's time, which is 2025-12-03 10:15:30 UTC for examples.
var clockExamples = []Example{
	example("typeof(current_time)", "time(3) with time zone", "varchar"), example("typeof(current_timestamp(6))", "timestamp(6) with time zone", "varchar"), example("typeof(localtime(0))", "time(0)", "varchar"),
	example("current_timestamp = now()", "true", "boolean"), example("localtimestamp(3) = localtimestamp", "true", "boolean"), example("date(now()) = current_date", "true", "boolean"),
	example("hour(localtime) = hour(localtimestamp)", "true", "boolean"), example("current_timezone()", "UTC", "varchar"), failing("current_timestamp(13)", CodeOutOfRange),
	failing("EXTRACT(MILLISECOND FROM now())", CodeSyntax), failing("EXTRACT(HOUR FROM date '2021-01-03')", CodeTypeMismatch), failing("EXTRACT(QUARTER FROM '2021-01-03')", CodeTypeMismatch),
	failing("EXTRACT(YEAR FROM interval '49' hour)", CodeTypeMismatch), failing("EXTRACT(QUARTER FROM NULL)", CodeTypeMismatch), example("EXTRACT(DAY FROM interval '49' hour)", "2", "bigint"),
	example("EXTRACT(YEAR FROM interval '49' month)", "4", "bigint"), example("EXTRACT(HOUR FROM time '10:20+05:30')", "10", "bigint"),
}
