package main

// explanation is what there is to say of a code. Mend is what to do, a command where one does it.
type explanation struct {
	Code  string `json:"code"`
	Of    string `json:"of"` // who answers it
	Means string `json:"means"`
	Cause string `json:"cause"`
	Mend  string `json:"mend"`
}

// Who answers a code.
const (
	ofDelivery  = "a reject of a delivery stream"
	ofSQL       = "Athena, of a statement"
	ofAthena    = "Athena, of a request"
	ofLogs      = "CloudWatch Logs"
	ofFirehose  = "Firehose"
	ofGlue      = "Glue"
	ofIAM       = "IAM"
	ofServices  = "the AWS services"
	ofSignature = "the signature of a request"
	ofS3        = "S3"
)

// explanations are the codes that loglake answers, and some that only AWS does.
func explanations() []explanation {
	all := append(deliveryCodes(), sqlCodes()...)
	all = append(all, requestCodes()...)
	all = append(all, serviceCodes()...)
	return append(append(all, signatureCodes()...), s3Codes()...)
}

func deliveryCodes() []explanation {
	return []explanation{
		{"DataFormatConversion.ParseError", ofDelivery, "The record is not JSON, so no row could be made of it. It is kept with its bytes under the error prefix.",
			"A line of plain text between the JSON lines: a crash, a banner, a stack trace. Or the records are gzip data, and nothing unzips them.",
			"Have the program print JSON only (`loglake run --parse json` wraps other lines as {\"message\": …}); for gzip, add the processors Decompression and CloudWatchLogProcessing to the stream."},
		{"DataFormatConversion.MalformedData", ofDelivery, "The record is JSON, and does not fit the table: a value that its column's type can't hold, a blank record, or no object at all.",
			"A column whose type was guessed too narrow (an id that is not always a number), or a timestamp in a form that Firehose does not read.",
			"Change the column: ALTER TABLE … REPLACE COLUMNS (…), with string where values vary; or have the program print the value as the column wants it."},
		{"DataFormatConversion.EntityNotFound", ofDelivery, "The table that the stream converts by is gone. loglake does not reject for it: it waits and tries again.",
			"The table was dropped or renamed.", "Create the table again, or point the stream to another: aws firehose update-destination."},
		{"DataFormatConversion.InvalidSchema", ofDelivery, "AWS: the table's columns can't be written as Parquet. loglake refuses such a stream when it is made.",
			"A column type that conversion does not know.", "Change the type of the column: ALTER TABLE … REPLACE COLUMNS (…)."},
		{"Decompression.Failed", ofDelivery, "The stream unzips every record (processor Decompression), and this one is not gzip data, or is broken.",
			"Records are put to the stream directly, as JSON, beside those of a subscription filter.",
			"Put plain records to a stream without Decompression, or gzip them; a stream is either for subscriptions or for direct puts."},
		{"CloudWatchLogProcessing.Failed", ofDelivery, "The stream takes messages out of CloudWatch Logs envelopes (processor CloudWatchLogProcessing), and this record is no envelope.",
			"Records are put to the stream directly, beside those of a subscription filter.",
			"Put plain records to a stream without CloudWatchLogProcessing."},
		{"Journal.Damaged", ofDelivery, "The event was acknowledged, and its bytes in the journal are damaged: it is lost. The record has its offset in the journal and no data.",
			"The disk gave back other bytes than it was given, and somebody went on behind them with `loglake resume --skip-damaged`.",
			"Look at the disk, and restore a backup where there is one: loglake restore."},
	}
}

//nolint:funlen // one table
func sqlCodes() []explanation {
	return []explanation{
		{"SYNTAX_ERROR", ofSQL, "The statement can't be read from the place that is named on.", "A missing comma or bracket, a reserved word as a name, or a double-quoted text: \"x\" is a name, 'x' a text.",
			"Look one word before the place. Put names that are reserved words in double quotes, texts in single ones."},
		{"COLUMN_NOT_FOUND", ofSQL, "No table of the FROM clause has a column of that name.", "A misspelling; a text in double quotes, which is a name; or a key of the JSON that the table has no column for.",
			"DESCRIBE the table. For a key without a column: ALTER TABLE … ADD COLUMNS (…); rows written before have NULL in it."},
		{"AMBIGUOUS_NAME", ofSQL, "More than one table of the FROM clause has a column of that name.", "A join without qualified names.", "Write table.column."},
		{"TABLE_NOT_FOUND", ofSQL, "The database has no table of that name.", "Another database, or a misspelling.", "SHOW TABLES, or write database.table; `loglake status` lists them all."},
		{"SCHEMA_NOT_FOUND", ofSQL, "There is no database of that name.", "A misspelling; without a name it is default.", "SHOW DATABASES."},
		{"CATALOG_NOT_FOUND", ofSQL, "There is no data catalog of that name.", "A name of three parts whose first is not AwsDataCatalog.", "Write database.table."},
		{"FUNCTION_NOT_FOUND", ofSQL, "There is no function of that name, or none that takes these types. The hint names like ones.", "A function of another database's SQL.", "Write Trino's name for it; CAST the arguments where only their types are wrong."},
		{"TYPE_MISMATCH", ofSQL, "An operator or a function was given types that don't go together. Athena converts nothing by itself.", "A timestamp or a number compared with a text.",
			"Write the value in the column's type: timestamp '2026-01-31 10:00:00', date '2026-01-31', 500 without quotes; or CAST the column."},
		{"EXPRESSION_NOT_AGGREGATE", ofSQL, "A column of a grouped query is neither in GROUP BY nor in an aggregate.", "A column was added to SELECT and not to GROUP BY.", "Add it to GROUP BY, or write arbitrary(column)."},
		{"EXPRESSION_NOT_SCALAR", ofSQL, "An aggregate or a window function stands where each row is judged.", "count(*) in WHERE.", "Use HAVING, or a subquery."},
		{"EXPRESSION_NOT_IN_DISTINCT", ofSQL, "A SELECT DISTINCT is ordered by what it does not select.", "ORDER BY another column.", "Select it too, or group instead of DISTINCT."},
		{"NESTED_AGGREGATION", ofSQL, "An aggregate within an aggregate.", "max(count(*)).", "Aggregate in a subquery, and its result outside."},
		{"NESTED_WINDOW", ofSQL, "A window function within a window function.", "rank() over a rank().", "Compute the inner one in a subquery."},
		{"FUNCTION_NOT_AGGREGATE", ofSQL, "FILTER, DISTINCT or ORDER BY in a call of what is no aggregate.", "FILTER behind a scalar function.", "Use CASE, or WHERE."},
		{"INVALID_WINDOW_FRAME", ofSQL, "A window's frame can't be: ROWS, RANGE or GROUPS.", "An end before the start, a negative offset, a frame of rank().", "Write ROWS BETWEEN 2 PRECEDING AND CURRENT ROW."},
		{"INVALID_WINDOW_REFERENCE", ofSQL, "OVER names a window that is not there, or that can't be extended.", "A misspelt name of WINDOW; a base window with a frame.", "Define it in WINDOW, before those that use it."},
		{"DUPLICATE_WINDOW_NAME", ofSQL, "WINDOW defines one name twice.", "A copied line.", "Rename one of them."},
		{"INVALID_PARTITION_BY", ofSQL, "A window that extends a named one has PARTITION BY.", "OVER (w PARTITION BY …).", "Put PARTITION BY into the named window."},
		{"INVALID_ORDER_BY", ofSQL, "A window's ORDER BY can't be there, or has not one key.", "A named window has one already; RANGE with an offset over two keys.", "Keep one ORDER BY, of one key for RANGE."},
		{"MISSING_ORDER_BY", ofSQL, "What depends on an order has none.", "lag() OVER (), RANGE or WITH TIES without ORDER BY.", "Add ORDER BY."},
		{"NULL_TREATMENT_NOT_ALLOWED", ofSQL, "IGNORE NULLS or RESPECT NULLS behind a function without it.", "sum(x) IGNORE NULLS OVER (…).", "Leave it out, or filter the NULLs before."},
		{"MISSING_GROUP_BY", ofSQL, "grouping() without GROUP BY.", "GROUP BY was taken out.", "Add GROUP BY, or leave grouping() out."},
		{"TOO_MANY_GROUPING_SETS", ofSQL, "GROUP BY stands for more than 2048 groupings.", "CUBE of many columns.", "Name the sets that are needed in GROUPING SETS."},
		{"INVALID_ARGUMENTS", ofSQL, "Arguments that don't go together.", "grouping() of a column that is not grouped.", "Read what the message names."},
		{"MISSING_ARGUMENT", ofSQL, "A table function lacks an argument.", "TABLE(sequence()) without stop.", "Give it, by name or by place."},
		{"EXPRESSION_NOT_CONSTANT", ofSQL, "A value must be known before the query runs.", "A column in TABLESAMPLE.", "Write a literal."},
		{"DUPLICATE_COLUMN_NAME", ofSQL, "A list of columns has a name twice.", "USING (a, a), a WITH query with two columns of one name.", "Name each column once."},
		{"MISSING_COLUMN_ALIASES", ofSQL, "A query of WITH RECURSIVE has no list of columns.", "WITH RECURSIVE t AS (…).", "Write WITH RECURSIVE t (a, b) AS (…)."},
		{"INVALID_RECURSIVE_REFERENCE", ofSQL, "A recursive query reads itself where it must not.", "In its first part, twice, in a subquery, beside an outer join.", "Read it once, in the FROM of the part behind UNION."},
		{"INVALID_LIMIT_CLAUSE", ofSQL, "A recursive query has LIMIT at its end.", "LIMIT within WITH RECURSIVE.", "Limit the query that reads it."},
		{"OPERATOR_NOT_FOUND", ofSQL, "An operator does not take these types.", "Negating or adding what is no number.", "Cast one side to the type of the other."},
		{"AMBIGUOUS_FUNCTION_CALL", ofSQL, "Several forms of a function or operator take the arguments alike.", "A NULL without a type.", "Cast it: CAST(NULL AS integer)."},
		{"FUNCTION_NOT_WINDOW", ofSQL, "OVER behind a function that has no window form.", "OVER behind a scalar function.", "Leave OVER out."},
		{"MISSING_OVER", ofSQL, "A window function without OVER.", "rank() alone.", "Write rank() OVER (ORDER BY …)."},
		{"INVALID_LITERAL", ofSQL, "A literal is not of its type.", "A date or timestamp in another form.", "Write date '2026-01-31', timestamp '2026-01-31 10:00:00'."},
		{"INVALID_COLUMN_REFERENCE", ofSQL, "GROUP BY or ORDER BY has a number that no selected column has.", "A column was taken out of SELECT.", "Count the columns of SELECT from 1."},
		{"INVALID_FUNCTION_ARGUMENT", ofSQL, "A function was given a value that it does not take.", "A broken regular expression, a format, a negative length.", "See Trino's description of the function."},
		{"INVALID_CAST_ARGUMENT", ofSQL, "A value can't be read as the type it is cast to.", "One row that differs from all others.", "Write TRY_CAST, which gives NULL instead, and look for those rows: WHERE TRY_CAST(x AS …) IS NULL AND x IS NOT NULL."},
		{"DIVISION_BY_ZERO", ofSQL, "An integer or a decimal was divided by zero.", "A rate over an empty group.", "Write x / NULLIF(y, 0)."},
		{"NUMERIC_VALUE_OUT_OF_RANGE", ofSQL, "A number does not fit its type.", "A sum or product of integers.", "CAST to bigint, decimal(38, 0) or double before the calculation."},
		{"SUBQUERY_MULTIPLE_ROWS", ofSQL, "A subquery that stands for one value gave several rows.", "= (SELECT …) without a limit.", "Write IN (SELECT …), or an aggregate."},
		{"INVALID_PARAMETER_USAGE", ofSQL, "The question marks of the statement and the parameters sent are not the same number.", "A parameter too few or too many.", "Send one parameter for each ?."},
		{"MISMATCHED_COLUMN_ALIASES", ofSQL, "An alias list has another number of names than there are columns.", "AS t (a, b) over three columns.", "Name them all."},
		{"DUPLICATE_NAMED_QUERY", ofSQL, "Two WITH queries have one name.", "A copy.", "Rename one."},
		{"MISSING_COLUMN_NAME", ofSQL, "A column of a new table has no name.", "An expression without AS.", "Give it a name with AS."},
		{"TABLE_ALREADY_EXISTS", ofSQL, "There is a table of that name.", "CREATE TABLE was run before.", "CREATE TABLE IF NOT EXISTS, or DROP TABLE first; the files stay."},
		{"NOT_SUPPORTED", ofSQL, "The statement is understood, and this part of it is not built in loglake (or not in Athena either). Nothing was guessed.", "A form that the message names.", "Write it another way; the hint says how where there is one."},
		{"HIVE_BAD_DATA", ofSQL, "A file does not fit the table's columns.", "A column's type was changed and older files have the other one, or a foreign file lies in the table's location.",
			"Give the column the type that the files have, or move the files of another type away."},
		{"HIVE_CURSOR_ERROR", ofSQL, "AWS: a file of the table broke off or is damaged in the middle. loglake says HIVE_BAD_DATA or HIVE_CANNOT_OPEN_SPLIT.", "It was replaced while the query ran, or is no whole Parquet file.", "Run the query again; if it stays, move the file that the message names away."},
		{"HIVE_CANNOT_OPEN_SPLIT", ofSQL, "A file that belongs to the table can't be read.", "It was removed or replaced while the query ran, or is no Parquet file.", "Run the query again; if it stays, `loglake check` names the file."},
		{"HIVE_INVALID_PARTITION_VALUE", ofSQL, "A partition's value is not of its key's type.", "A folder such as dt=latest where dt is a date.", "ALTER TABLE … DROP PARTITION, and keep other folders out of the table's location."},
		{"HIVE_METASTORE_ERROR", ofSQL, "The catalog refused what the statement asks for.", "The message says it.", "See the message."},
		{"EXCEEDED_TIME_LIMIT", ofSQL, "The query ran for 30 minutes and was stopped.", "It reads more than it needs.", "Restrict the partition: WHERE dt = '2026-01-31'; `loglake query --dry-run` says what a query would read."},
		{"EXCEEDED_ROW_SIZE", ofSQL, "One row is larger than the engine hands over.", "array_agg or a concatenation over many rows.", "Aggregate less into one value."},
		{"EXCEEDED_RESULT_ROWS", ofSQL, "The result has more rows than this server gives.", "A SELECT without LIMIT over a big table.", "Add LIMIT, or aggregate."},
		{"GENERIC_USER_ERROR", ofSQL, "The statement asks for what can't be done; the message says what.", "See the message.", "See the message."},
		{"GENERIC_INTERNAL_ERROR", ofSQL, "The engine failed, or the server stopped while the query ran.", "A restart; else a defect of loglake.", "Run it again; if it stays, report it with the server's log."},
		{"EXCEEDED_RESULT_BYTES", ofSQL, "The result has more bytes than one may have here (10 GiB).", "A SELECT of whole rows without LIMIT.", "Add a LIMIT, name fewer columns, or aggregate."},
		{"Query exhausted resources at this scale factor", ofSQL, "The query needed more memory than the engine may take (1 GiB).", "A join or GROUP BY over very many keys, or ORDER BY without LIMIT.", "Restrict the partition, aggregate before the join, use approx_distinct, add LIMIT."},
	}
}

func requestCodes() []explanation {
	return []explanation{
		{"QUERY_FAILED", ofAthena, "The query failed, and gave no code of Athena's.", "See the message.", "See the message, and the server's log."},
		{"INVALID_INPUT", ofAthena, "A member of the request is wrong; the message says which.", "Often no output location.", "Send ResultConfiguration.OutputLocation, s3://bucket/prefix/ with a bucket that is there."},
		{"MALFORMED_QUERY", ofAthena, "The statement can't be read, so no execution was made.", "A syntax error, or more than one statement.", "One statement at a time; look one word before the place that is named."},
		{"IDEMPOTENT_PARAMETER_MISMATCH", ofAthena, "The ClientRequestToken was used before, for another request.", "A fixed token in a script.", "Leave the token to the SDK."},
		{"QUERY_EXECUTION_NOT_FOUND", ofAthena, "There is no execution of that id.", "Another server, or an id that was cut.", "Start the query again."},
		{"INVALID_QUERY_EXECUTION_STATE", ofAthena, "The execution has no result: it runs still, or did not succeed.", "GetQueryResults without waiting.", "Ask GetQueryExecution until the state is SUCCEEDED; its StateChangeReason says why it is not."},
		{"RESULT_NOT_FOUND", ofAthena, "The result file is gone from the bucket.", "Somebody removed it.", "Run the query again."},
		{"DATACATALOG_NOT_FOUND", ofAthena, "There is no data catalog of that name.", "A name other than AwsDataCatalog.", "Leave it out."},
		{"CONCURRENT_QUERY_LIMIT_EXCEEDED", ofAthena, "1,000 executions run or wait already.", "A loop that starts queries and does not wait.", "Wait for them; 2 run at a time."},
		{"InvalidRequestException", ofAthena, "Athena refuses the request; AthenaErrorCode in it says why.", "See AthenaErrorCode.", "`loglake explain` with that code."},
		{"TooManyRequestsException", ofAthena, "Too many executions wait.", "A loop that does not wait.", "Wait and try again."},
		{"MetadataException", ofAthena, "The catalog has not what the call asks for.", "A database or table that is not there.", "`loglake status` lists the tables."},
		{"InternalServerException", ofAthena, "A failure of the server.", "A defect, or a disk that fails.", "The server's log says more."},
	}
}
