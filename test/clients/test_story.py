"""The case that loglake comes from, as an AWS user types it, with boto3: direct put, then group, filter and stream,
each switch turned off alone, a column type changed in mid-buffer, the queries, a kill, and 100,000 events to the row."""

import base64
import csv
import gzip
import io
import json
import threading
import time
from datetime import datetime, timedelta, timezone

import botocore.exceptions
import pyarrow.parquet as pq
import pytest

from conftest import DECOMPRESS, DELIMIT, EXTRACT, ROLE, TABLE, QueryFailed

EVENT = (
    '{"timestamp":"2025-12-03T10:15:30Z","level":"INFO","request_id":"abc-123","method":"POST",'
    '"path":"/api/users","status_code":200,"response_time":45}'
)
TRACEBACK = (
    '{"timestamp":"2025-12-03T10:15:31Z","level":"ERROR","request_id":"abc-124","method":"GET","path":"/api/orders/7",'
    '"status_code":500,"response_time":812,"error_traceback":"Traceback (most recent call last):\\n  File \\"app.py\\""}'
)
CTRL_CHAR = (
    "Encountered malformed JSON. Illegal character ((CTRL-CHAR, code 31)): only regular white space (\\r, \\n, \\t) is "
    "allowed between tokens"
)


def now_ms():
    return int(time.time() * 1000)


def put(lake, group, stream, messages):
    at = now_ms()
    answer = lake.logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": at, "message": m} for m in messages],
    )
    assert "rejectedLogEventsInfo" not in answer


def subscribe(lake, group, arn, pattern="", name="to-stream"):
    lake.logs.create_log_group(logGroupName=group)
    lake.logs.create_log_stream(logGroupName=group, logStreamName="i-1")
    lake.logs.put_subscription_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, destinationArn=arn, roleArn=ROLE
    )


def rejects(lake, prefix):
    return [json.loads(line) for key in lake.keys(prefix) for line in lake.body(key).splitlines()]


def test_reserved_word_is_told(lake):
    _, execution = lake.sql(TABLE.replace("server_logs", "other_logs"))
    assert "write `timestamp`" in execution["Status"]["StateChangeReason"]
    _, execution = lake.sql(TABLE.replace("server_logs", "third_logs").replace("timestamp TIMESTAMP", "`timestamp` TIMESTAMP"))
    assert "StateChangeReason" not in execution["Status"]


def test_direct_put(lake):
    lake.stream("direct")
    lake.firehose.put_record(DeliveryStreamName="direct", Record={"Data": EVENT.encode()})
    answer = lake.firehose.put_record_batch(
        DeliveryStreamName="direct", Records=[{"Data": TRACEBACK.encode()}, {"Data": EVENT.encode()}]
    )
    assert answer["FailedPutCount"] == 0 and len(answer["RequestResponses"]) == 2

    rows, _ = lake.sql("SELECT count(*) FROM server_logs")
    assert rows == [["3"]], "rows are visible before any flush"
    objects = lake.server.flush("direct")
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    assert [o["kind"] for o in objects] == ["parquet"]
    assert objects[0]["key"].startswith(f"data/dt={day}/direct-1-")
    rows, _ = lake.sql("SELECT count(*), min(dt) FROM server_logs")
    assert rows == [["3", day]], "and once after it"

    table = pq.read_table(io.BytesIO(lake.body(objects[0]["key"])))
    assert table.num_rows == 3
    assert table.column_names == ["timestamp", "level", "request_id", "method", "path", "status_code", "response_time"]
    assert sorted(table["request_id"].to_pylist()) == ["abc-123", "abc-123", "abc-124"]
    first = [r for r in table.to_pylist() if r["request_id"] == "abc-124"][0]
    assert first["timestamp"].replace(tzinfo=None) == datetime(2025, 12, 3, 10, 15, 31)
    assert (first["status_code"], first["response_time"]) == (500, 812)


def test_group_filter_stream(lake):
    arn = lake.stream("api", processors=[DECOMPRESS, EXTRACT])
    subscribe(lake, "/ec2/api", arn)
    errors = lake.stream("errors", prefix="errors-only/dt=!{timestamp:yyyy-MM-dd}/", processors=[DECOMPRESS, EXTRACT])
    lake.logs.put_subscription_filter(
        logGroupName="/ec2/api",
        filterName="errors",
        filterPattern='{ $.level = "ERROR" || $.status_code >= 400 }',
        destinationArn=errors,
        roleArn=ROLE,
    )
    put(lake, "/ec2/api", "i-1", [EVENT, TRACEBACK, EVENT.replace("200", "404")])
    assert len(lake.server.flush("api")) == 1
    (selected,) = lake.server.flush("errors")
    table = pq.read_table(io.BytesIO(lake.body(selected["key"])))
    assert sorted(table["status_code"].to_pylist()) == [404, 500]
    assert lake.sql("SELECT status_code, count(*) FROM server_logs GROUP BY 1 ORDER BY 1")[0] == [
        ["200", "1"], ["404", "1"], ["500", "1"],
    ]
    events = lake.logs.filter_log_events(logGroupName="/ec2/api", filterPattern='{ $.status_code = 500 }')["events"]
    assert [json.loads(e["message"])["request_id"] for e in events] == ["abc-124"]
    with pytest.raises(botocore.exceptions.ClientError, match="LimitExceeded"):
        lake.logs.put_subscription_filter(
            logGroupName="/ec2/api", filterName="third", filterPattern="", destinationArn=arn, roleArn=ROLE
        )


def test_without_decompression(lake):
    arn = lake.stream("api")
    subscribe(lake, "/ec2/api", arn)
    put(lake, "/ec2/api", "i-1", [EVENT])
    lake.server.flush("api")
    # The control message that tries a new subscription is a record too.
    lines = rejects(lake, "errors/api/format-conversion-failed/")
    assert len(lines) == 2
    for line in lines:
        assert line["lastErrorCode"] == "DataFormatConversion.ParseError"
        assert line["lastErrorMessage"].startswith(CTRL_CHAR)
        assert "Decompression" in line["hint"]
    document = json.loads(gzip.decompress(base64.b64decode(lines[1]["rawData"])))
    assert [e["message"] for e in document["logEvents"]] == [EVENT], "nothing is lost"
    assert "Decompression" in lake.server.streams()["api"]["mistake"]
    mend(lake, "api", [DECOMPRESS, EXTRACT])
    put(lake, "/ec2/api", "i-1", [EVENT])
    lake.server.flush("api")
    assert lake.sql("SELECT count(*) FROM server_logs")[0] == [["1"]]


def mend(lake, stream, processors):
    described = lake.firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    lake.firehose.update_destination(
        DeliveryStreamName=stream,
        CurrentDeliveryStreamVersionId=described["VersionId"],
        DestinationId=described["Destinations"][0]["DestinationId"],
        ExtendedS3DestinationUpdate={"ProcessingConfiguration": {"Enabled": True, "Processors": processors}},
    )


def test_without_extraction_as_aws(lake):
    arn = lake.stream("api", processors=[DECOMPRESS])
    subscribe(lake, "/ec2/api", arn)
    put(lake, "/ec2/api", "i-1", [EVENT])
    lake.server.flush("api")
    rows, _ = lake.sql("SELECT level, status_code FROM server_logs")
    assert rows == [[None, None], [None, None]], "the all-null rows that AWS writes: control message and envelope"
    assert "CloudWatchLogProcessing" in lake.server.streams()["api"]["mistake"]


def test_without_extraction_held(lake):
    arn = lake.stream("api", processors=[DECOMPRESS])
    lake.firehose.tag_delivery_stream(DeliveryStreamName="api", Tags=[{"Key": "loglake:policy", "Value": "rescue"}])
    subscribe(lake, "/ec2/api", arn)
    put(lake, "/ec2/api", "i-1", [EVENT, TRACEBACK])
    with pytest.raises(Exception, match="409"):
        lake.server.flush("api")
    assert "CloudWatchLogProcessing" in lake.server.streams()["api"]["held"]
    assert lake.keys("data/") == [] and lake.keys("errors/") == []
    mend(lake, "api", [DECOMPRESS, EXTRACT])
    lake.server.flush("api")
    rows, _ = lake.sql("SELECT level FROM server_logs ORDER BY 1")
    assert rows == [["ERROR"], ["INFO"]], "one setting mends it, and nothing was lost"


def test_without_delimiter(lake):
    arn = lake.stream("plain", prefix="plain/", processors=[DECOMPRESS, EXTRACT], table=None)
    subscribe(lake, "/ec2/api", arn)
    put(lake, "/ec2/api", "i-1", [EVENT, TRACEBACK])
    (glued,) = lake.server.flush("plain")
    assert lake.body(glued["key"]).decode() == EVENT + TRACEBACK
    assert "AppendDelimiterToRecord" in lake.server.streams()["plain"]["mistake"]
    mend(lake, "plain", [DECOMPRESS, EXTRACT, DELIMIT])
    put(lake, "/ec2/api", "i-1", [EVENT, TRACEBACK])
    (lines,) = lake.server.flush("plain")
    assert lake.body(lines["key"]).decode().splitlines() == [EVENT, TRACEBACK]


def test_type_changed_in_mid_buffer(lake):
    lake.stream("direct")
    lake.firehose.put_record(DeliveryStreamName="direct", Record={"Data": EVENT.encode()})
    assert lake.sql("SELECT response_time FROM server_logs")[0] == [["45"]]
    table = lake.glue.get_table(DatabaseName="default", Name="server_logs")["Table"]
    descriptor = table["StorageDescriptor"]
    for column in descriptor["Columns"]:
        if column["Name"] == "response_time":
            column["Type"] = "bigint"
    lake.glue.update_table(
        DatabaseName="default",
        TableInput={
            "Name": "server_logs",
            "StorageDescriptor": descriptor,
            "PartitionKeys": table["PartitionKeys"],
            "TableType": "EXTERNAL_TABLE",
            "Parameters": table.get("Parameters", {}),
        },
    )
    big = EVENT.replace('"response_time":45', '"response_time":5000000000')
    lake.firehose.put_record(DeliveryStreamName="direct", Record={"Data": big.encode()})
    objects = [o for o in lake.server.flush("direct") if o["kind"] == "parquet"]
    keys = lake.keys("data/")
    assert len(keys) == 2 and {o["key"] for o in objects} <= set(keys)
    types = sorted(str(pq.read_table(io.BytesIO(lake.body(k))).schema.field("response_time").type) for k in keys)
    assert types == ["int32", "int64"], "no file mixes types"
    rows, _ = lake.sql("SELECT response_time FROM server_logs ORDER BY 1")
    assert rows == [["45"], ["5000000000"]]


def test_queries(lake):
    lake.stream("direct")
    lake.firehose.put_record_batch(
        DeliveryStreamName="direct", Records=[{"Data": EVENT.encode()}, {"Data": TRACEBACK.encode()}]
    )
    lake.server.flush("direct")
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    rows, execution = lake.sql("SELECT * FROM server_logs WHERE dt >= '2025-01-01' AND dt <= '2025-02-10'")
    assert rows == []
    assert execution["Statistics"]["DataScannedInBytes"] == 0, "pruned before any file is opened"
    rows, _ = lake.sql("SELECT request_id FROM server_logs WHERE timestamp = timestamp '2025-12-03 10:15:30'")
    assert rows == [["abc-123"]]
    with pytest.raises(QueryFailed) as refused:
        lake.sql("SELECT request_id FROM server_logs WHERE timestamp = '2025-12-03 10:15:30'")
    assert "TYPE_MISMATCH" in str(refused.value) and "timestamp '" in str(refused.value)

    rows, execution = lake.sql(f"SELECT path, status_code FROM server_logs WHERE dt = '{day}' ORDER BY status_code")
    assert rows == [["/api/users", "200"], ["/api/orders/7", "500"]]
    (key,) = lake.keys("data/")
    metadata = pq.read_metadata(io.BytesIO(lake.body(key)))
    chunks = {c.path_in_schema: c.total_compressed_size for c in (metadata.row_group(0).column(i) for i in range(7))}
    assert execution["Statistics"]["DataScannedInBytes"] == chunks["path"] + chunks["status_code"]
    bucket, _, key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
    assert bucket == "my-bucket"
    assert list(csv.reader(io.StringIO(lake.body(key).decode()))) == [["path", "status_code"], *rows]


def test_garbage(lake):
    lake.stream("direct")
    garbage = [b"\x00\xff\xfe", b"", b"{", b"[1,2", b'"text"', b"null", b'{"status_code":"oops"}', b"{}" * 3, b'{"a":' * 5000]
    lake.firehose.put_record_batch(DeliveryStreamName="direct", Records=[{"Data": g} for g in garbage])
    lake.server.flush("direct")
    lines = rejects(lake, "errors/direct/")
    assert lake.sql("SELECT count(*) FROM server_logs")[0] == [["3"]], "{}{}{} is three rows of nulls"
    assert len(lines) == len(garbage) - 1
    assert sorted(base64.b64decode(line["rawData"]) for line in lines) == sorted(g for g in garbage if g != b"{}" * 3)
    for call, expected in [
        (lambda: lake.logs.put_log_events(logGroupName="/none", logStreamName="s", logEvents=[{"timestamp": now_ms(), "message": "m"}]), "ResourceNotFoundException"),
        (lambda: lake.firehose.put_record(DeliveryStreamName="none", Record={"Data": b"x"}), "ResourceNotFoundException"),
        (lambda: lake.glue.get_table(DatabaseName="default", Name="none"), "EntityNotFoundException"),
        (lambda: lake.athena.get_query_execution(QueryExecutionId="none"), "InvalidRequestException"),
        (lambda: lake.s3.get_object(Bucket="my-bucket", Key="none"), "NoSuchKey"),
    ]:
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == expected


def test_hundred_thousand_to_the_row_over_a_kill(lake):
    """100,000 events from four writers; the server is killed in the middle and started again on its folder."""
    arn = lake.stream("api", processors=[DECOMPRESS, EXTRACT], BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 1})
    subscribe(lake, "/ec2/api", arn)
    writers, batches, size = 4, 50, 500
    killed = threading.Event()
    answered, unanswered, failures = set(), set(), []

    def write(writer):
        try:
            lake.logs.create_log_stream(logGroupName="/ec2/api", logStreamName=f"w-{writer}")
            for batch in range(batches):
                ids = [f"{writer}-{batch}-{i}" for i in range(size)]
                messages = [EVENT.replace("abc-123", i) for i in ids]
                while True:
                    try:
                        put(lake, "/ec2/api", f"w-{writer}", messages)
                        answered.update(ids)
                        break
                    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                        unanswered.update(ids)  # may be in, and the repeat below is another call
                        assert killed.wait(60)
        except Exception as failure:  # told by the main thread
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(w,)) for w in range(writers)]
    for t in threads:
        t.start()
    deadline = time.monotonic() + 60
    while len(answered) < writers * batches * size // 3:
        assert time.monotonic() < deadline and not failures
        time.sleep(0.01)
    lake.server.kill()
    lake.server.restart()
    lake.__init__(lake.server)
    killed.set()
    for t in threads:
        t.join()
    assert not failures, failures

    lake.server.flush("api")
    rows, _ = lake.sql("SELECT request_id, count(*) FROM server_logs GROUP BY request_id")
    seen = {request: int(n) for request, n in rows}
    assert set(seen) == answered
    assert all(n == 1 or request in unanswered and n == 2 for request, n in seen.items())
    in_files = [r for k in lake.keys("data/") for r in pq.read_table(io.BytesIO(lake.body(k)))["request_id"].to_pylist()]
    assert len(in_files) == sum(seen.values()) and set(in_files) == answered
