"""The core of the story as an AWS user types it: the AWS CLI as a subprocess, pointed to a loglake by AWS_ENDPOINT_URL.

What is asserted is what a person or a shell script sees: outputs, error codes and exit codes. The CLI takes most of a
second to start, so the tests share one server, and calls that don't depend on each other run side by side.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from conftest import DECOMPRESS, DELIMIT, EXTRACT, ROLE, Server

EVENT = (
    '{"timestamp":"2025-12-03T10:15:30Z","level":"INFO","request_id":"abc-123","method":"POST",'
    '"path":"/api/users","status_code":200,"response_time":45}'
)


class CLI:
    """The AWS CLI in a working folder, with nothing of the user's own configuration."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AWS_ENDPOINT_URL": server.endpoints["aws"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_MAX_ATTEMPTS": "2",
        }
        # Version 1 of the CLI takes blobs as they are, version 2 only when it is told so.
        self.file("config", "[default]\ncli_binary_format = raw-in-base64-out\n")

    def run(self, line, *more, stdin=None):
        return subprocess.run(
            ["aws", *line.split(), *more],
            cwd=self.folder, env=self.environment, input=stdin, capture_output=True, timeout=120,
        )

    def __call__(self, line, *more, stdin=None):
        """Runs one command that succeeds; gives its JSON, or its text where it prints none."""
        done = self.run(line, *more, stdin=stdin)
        assert done.returncode == 0, f"aws {line} {more}: exit {done.returncode}: {done.stderr.decode()}"
        text = done.stdout.decode()
        return json.loads(text) if text.startswith("{") else text

    def refused(self, line, *more, code):
        """Runs one command that the service refuses with this code; gives the text."""
        done = self.run(line, *more)
        said = done.stderr.decode()
        assert done.returncode in (254, 255), f"aws {line} {more}: exit {done.returncode}: {said}"
        assert f"An error occurred ({code})" in said, f"aws {line} {more}: {said}, want {code}"
        return said

    def side_by_side(self, *calls):
        """Runs functions at the same time; gives their results in order."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            return [f.result() for f in [pool.submit(call) for call in calls]]

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(
            content if isinstance(content, str) else json.dumps(content)
        )
        return f"file://{name}"

    def sql(self, text, database="default"):
        """Runs a statement as a script does: start, poll, results."""
        query = self("athena start-query-execution --work-group primary", "--query-string", text,
                     "--query-execution-context", f"Database={database}",
                     "--result-configuration", "OutputLocation=s3://lake/results/")["QueryExecutionId"]
        while True:
            execution = self("athena get-query-execution --query-execution-id", query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return query, execution


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    server = Server()
    yield CLI(server, tmp_path_factory.mktemp("cli"))
    server.stop()


def test_identity(aws):
    assert aws("sts get-caller-identity") == {
        "UserId": "000000000000", "Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root",
    }


def test_s3_commands(aws):
    big = os.urandom(9 << 20)  # beyond the CLI's multipart threshold of 8 MiB
    aws.file("site/index.html", "<p>hello</p>")
    aws.file("site/a b/ü+&.txt", "odd name")
    aws.file("big.bin", big)
    assert aws("s3 mb s3://cli-bucket").strip() == "make_bucket: cli-bucket"
    assert "cli-bucket" in aws("s3 ls")

    aws.side_by_side(
        lambda: aws("s3 cp big.bin s3://cli-bucket/big.bin --no-progress"),
        lambda: aws("s3 cp - s3://cli-bucket/from-stdin", stdin=b"piped"),
        lambda: aws("s3 sync site s3://cli-bucket/site --no-progress"),
    )
    listing, head, ranged, piped, again, missing = aws.side_by_side(
        lambda: aws("s3 ls s3://cli-bucket --recursive --summarize"),
        lambda: aws("s3api head-object --bucket cli-bucket --key site/index.html"),
        lambda: aws("s3api get-object --bucket cli-bucket --key site/index.html --range bytes=3-7 part"),
        lambda: aws("s3 cp s3://cli-bucket/from-stdin -"),
        lambda: aws("s3 sync site s3://cli-bucket/site --no-progress"),
        lambda: aws.refused("s3api head-object --bucket cli-bucket --key missing", code="404"),
    )
    assert "site/a b/ü+&.txt" in listing and "Total Objects: 4" in listing
    assert head["ContentLength"] == 12 and head["ContentType"] == "text/html" and head["ETag"].startswith('"')
    assert (aws.folder / "part").read_text() == "hello" and ranged["ContentRange"] == "bytes 3-7/12"
    assert piped == "piped"
    assert again == "", "a second sync copies nothing"
    assert "Not Found" in missing

    link, _, _, _ = aws.side_by_side(
        lambda: aws("s3 presign s3://cli-bucket/site/index.html --expires-in 60").strip(),
        lambda: aws("s3 cp s3://cli-bucket/big.bin back.bin --no-progress"),
        lambda: aws("s3 cp s3://cli-bucket/big.bin s3://cli-bucket/copy.bin --no-progress"),
        lambda: aws("s3 mv s3://cli-bucket/from-stdin s3://cli-bucket/moved"),
    )
    assert (aws.folder / "back.bin").read_bytes() == big
    with urllib.request.urlopen(link, timeout=10) as response:
        assert response.read() == b"<p>hello</p>" and response.headers["Content-Type"] == "text/html"

    (aws.folder / "site/index.html").unlink()
    deleted, top = aws.side_by_side(
        lambda: aws("s3 sync site s3://cli-bucket/site --delete"), lambda: aws("s3 ls s3://cli-bucket/")
    )
    assert "delete: s3://cli-bucket/site/index.html" in deleted
    assert "PRE site/" in top and "copy.bin" in top and "moved" in top and "from-stdin" not in top
    busy, removed = aws.run("s3 rb s3://cli-bucket"), aws("s3 rm s3://cli-bucket --recursive")
    assert busy.returncode == 1 and b"BucketNotEmpty" in busy.stderr
    assert removed.count("delete:") == 4
    assert aws("s3 rb s3://cli-bucket").strip() == "remove_bucket: cli-bucket"
    gone = aws.run("s3 ls s3://cli-bucket")
    assert gone.returncode in (254, 255) and b"NoSuchBucket" in gone.stderr


def test_s3api(aws):
    aws.file("body", "content")
    rules = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}]}
    document = aws.file("lifecycle.json", rules)
    aws("s3api create-bucket --bucket api-bucket")
    aws.refused("s3api get-bucket-lifecycle-configuration --bucket api-bucket", code="NoSuchLifecycleConfiguration")
    put, *_ = aws.side_by_side(
        lambda: aws("s3api put-object --bucket api-bucket --key a/1 --body body --if-none-match *"),
        *[lambda key=key: aws("s3api put-object --bucket api-bucket --body body --key", key) for key in ("a/2", "a/3", "b/1", "top")],
        lambda: aws("s3api put-bucket-lifecycle-configuration --bucket api-bucket --lifecycle-configuration", document),
    )
    first, rest, folders, lifecycle, *_ = aws.side_by_side(
        lambda: aws("s3api list-objects-v2 --bucket api-bucket --max-items 3 --page-size 2"),
        lambda: aws("s3api list-objects-v2 --bucket api-bucket --start-after a/3 --query Contents[].Key --output text"),
        lambda: aws("s3api list-objects-v2 --bucket api-bucket --delimiter /"),
        lambda: aws("s3api get-bucket-lifecycle-configuration --bucket api-bucket"),
        lambda: aws.refused("s3api put-object --bucket api-bucket --key a/1 --body body --if-none-match *", code="PreconditionFailed"),
        lambda: aws.refused("s3api get-object --bucket api-bucket --key a/1 --if-match none out", code="PreconditionFailed"),
        lambda: aws("s3api get-object --bucket api-bucket --key a/1 out --if-match", put["ETag"]),
        lambda: aws.refused("s3api get-object --bucket api-bucket --key none out", code="NoSuchKey"),
        lambda: aws.refused("s3api get-object --bucket api-bucket --key a/1 --range bytes=100- out", code="InvalidRange"),
        lambda: aws.refused("s3api create-bucket --bucket Bad_Name", code="InvalidBucketName"),
    )
    assert [o["Key"] for o in first["Contents"]] == ["a/1", "a/2", "a/3"] and first["NextToken"]
    assert rest.split() == ["b/1", "top"]
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["a/", "b/"] and [o["Key"] for o in folders["Contents"]] == ["top"]
    assert lifecycle["Rules"] == rules["Rules"]
    gone = aws("s3api delete-objects --bucket api-bucket --delete", '{"Objects":[{"Key":"a/1"},{"Key":"b/1"},{"Key":"never"}]}')
    assert sorted(d["Key"] for d in gone["Deleted"]) == ["a/1", "b/1", "never"] and "Errors" not in gone
    assert aws("s3api list-objects-v2 --bucket api-bucket --query Contents[].Key --output text").split() == ["a/2", "a/3", "top"]


def test_logs(aws):
    now = int(time.time() * 1000)
    aws("logs create-log-group --log-group-name /cli/api")
    events = aws.file("events.json", [{"timestamp": now + i, "message": f"line {i} {'ERROR' if i == 1 else 'ok'}"} for i in range(3)])
    aws.side_by_side(
        lambda: aws("logs create-log-stream --log-group-name /cli/api --log-stream-name i-1"),
        lambda: aws("logs put-retention-policy --log-group-name /cli/api --retention-in-days 7"),
        lambda: aws.refused("logs create-log-group --log-group-name /cli/api", code="ResourceAlreadyExistsException"),
        lambda: aws.refused("logs put-retention-policy --log-group-name /cli/api --retention-in-days 8", code="InvalidParameterException"),
    )
    put = aws("logs put-log-events --log-group-name /cli/api --log-stream-name i-1 --log-events", events)
    assert put["nextSequenceToken"] and "rejectedLogEventsInfo" not in put
    old = aws("logs put-log-events --log-group-name /cli/api --log-stream-name i-1 --log-events",
              f"timestamp={now - 20 * 86400000},message=old", f"timestamp={now},message=new")
    assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}

    got, filtered, groups, streams, *_ = aws.side_by_side(
        lambda: aws("logs get-log-events --log-group-name /cli/api --log-stream-name i-1 --start-from-head --limit 2"),
        lambda: aws("logs filter-log-events --log-group-name /cli/api --filter-pattern ERROR"),
        lambda: aws("logs describe-log-groups --log-group-name-prefix /cli"),
        lambda: aws("logs describe-log-streams --log-group-name /cli/api"),
        lambda: aws.refused("logs put-log-events --log-group-name /none --log-stream-name s --log-events",
                            f"timestamp={now},message=m", code="ResourceNotFoundException"),
        lambda: aws.refused("logs get-log-events --log-group-name /cli/api --log-stream-name none", code="ResourceNotFoundException"),
        lambda: aws.refused("logs filter-log-events --log-group-name /cli/api --filter-pattern", "{ $.a =", code="InvalidParameterException"),
        lambda: aws.refused("logs put-subscription-filter --log-group-name /cli/api --filter-name f --filter-pattern ERROR "
                            "--destination-arn arn:aws:firehose:us-east-1:000000000000:deliverystream/none --role-arn " + ROLE,
                            code="InvalidParameterException"),
    )
    assert [(e["message"], e["timestamp"]) for e in got["events"]] == [("line 0 ok", now), ("new", now)]
    assert got["nextForwardToken"].startswith("f/") and got["nextBackwardToken"].startswith("b/")
    assert [e["message"] for e in filtered["events"]] == ["line 1 ERROR"] and filtered["events"][0]["eventId"]
    (group,) = groups["logGroups"]
    assert group["retentionInDays"] == 7 and group["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:/cli/api:*"
    assert [s["logStreamName"] for s in streams["logStreams"]] == ["i-1"] and streams["logStreams"][0]["firstEventTimestamp"] == now
    aws("logs delete-log-group --log-group-name /cli/api")
    aws.refused("logs describe-log-streams --log-group-name /cli/api", code="ResourceNotFoundException")


def test_story(aws):
    """Group, filter, delivery stream, Parquet, SQL: with the CLI alone."""
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    aws("s3 mb s3://lake")
    table = {
        "Name": "server_logs", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "dt", "Type": "string"}],
        "StorageDescriptor": {
            "Columns": [{"Name": n, "Type": t} for n, t in [
                ("timestamp", "timestamp"), ("level", "string"), ("request_id", "string"), ("method", "string"),
                ("path", "string"), ("status_code", "int"), ("response_time", "int")]],
            "Location": "s3://lake/data/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    }
    destination = {
        "RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake",
        "Prefix": "data/dt=!{timestamp:yyyy-MM-dd}/", "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "ProcessingConfiguration": {"Enabled": True, "Processors": [DECOMPRESS, EXTRACT]},
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "default", "TableName": "server_logs", "Region": "us-east-1"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "SNAPPY"}}},
        },
    }
    plain = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake", "Prefix": "plain/", "CompressionFormat": "UNCOMPRESSED",
             "ProcessingConfiguration": {"Enabled": True, "Processors": [DELIMIT]}}
    bad = {**plain, "Prefix": "x/!{timestamp:yyyy}/!{random}/"}
    files = [aws.file(name, d) for name, d in [("table.json", table), ("stream.json", destination), ("plain.json", plain), ("bad.json", bad)]]
    aws("glue create-table --database-name default --table-input", files[0])
    create = "firehose create-delivery-stream --delivery-stream-type DirectPut --extended-s3-destination-configuration "
    made, _, refused, group = aws.side_by_side(
        lambda: aws(create + files[1] + " --delivery-stream-name api"),
        lambda: aws(create + files[2] + " --delivery-stream-name plain"),
        lambda: aws.refused(create + files[3] + " --delivery-stream-name bad", code="InvalidArgumentException"),
        lambda: aws("logs create-log-group --log-group-name /ec2/api"),
    )
    assert made == {"DeliveryStreamARN": "arn:aws:firehose:us-east-1:000000000000:deliverystream/api"}
    assert "expression" in refused and group == ""

    described, *_ = aws.side_by_side(
        lambda: aws("firehose describe-delivery-stream --delivery-stream-name api"),
        lambda: aws("logs create-log-stream --log-group-name /ec2/api --log-stream-name i-1"),
        lambda: aws("logs put-subscription-filter --log-group-name /ec2/api --filter-name all --filter-pattern", "{ $.level = \"INFO\" }",
                    "--destination-arn", made["DeliveryStreamARN"], "--role-arn", ROLE),
        lambda: aws.refused(create + files[1] + " --delivery-stream-name api", code="ResourceInUseException"),
    )
    description = described["DeliveryStreamDescription"]
    assert description["DeliveryStreamStatus"] == "ACTIVE" and description["DeliveryStreamType"] == "DirectPut"
    told = description["Destinations"][0]["ExtendedS3DestinationDescription"]
    for member in ("RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "ProcessingConfiguration"):
        assert told[member] == destination[member], member

    events = aws.file("put.json", [{"timestamp": int(time.time() * 1000), "message": m} for m in (EVENT, EVENT.replace("INFO", "DEBUG"))])
    one, batch, names, filters, _ = aws.side_by_side(
        lambda: aws("firehose put-record --delivery-stream-name plain --record Data=one"),
        lambda: aws("firehose put-record-batch --delivery-stream-name plain --records", '[{"Data":"two"},{"Data":"three"}]'),
        lambda: aws("firehose list-delivery-streams"),
        lambda: aws("logs describe-subscription-filters --log-group-name /ec2/api"),
        lambda: aws("logs put-log-events --log-group-name /ec2/api --log-stream-name i-1 --log-events", events),
    )
    assert one["RecordId"] and batch["FailedPutCount"] == 0 and len(batch["RequestResponses"]) == 2
    assert sorted(names["DeliveryStreamNames"]) == ["api", "plain"] and names["HasMoreDeliveryStreams"] is False
    assert filters["subscriptionFilters"][0]["filterPattern"] == '{ $.level = "INFO" }'

    written = [o["key"] for o in aws.server.flush("api")]
    assert len(written) == 1 and written[0].startswith(f"data/dt={day}/api-")
    (object,) = aws.server.flush("plain")
    (query, execution), body = aws.side_by_side(
        lambda: aws.sql(f"SELECT request_id, status_code FROM server_logs WHERE dt = '{day}'"),
        lambda: aws("s3 cp s3://lake/" + object["key"] + " -"),
    )
    assert sorted(body.splitlines()) == ["one", "three", "two"]
    assert execution["Status"]["State"] == "SUCCEEDED" and execution["Statistics"]["DataScannedInBytes"] > 0
    results, text, (_, failed), partitions = aws.side_by_side(
        lambda: aws("athena get-query-results --query-execution-id", query),
        lambda: aws("athena get-query-results --output text --query ResultSet.Rows[1].Data[].VarCharValue --query-execution-id", query),
        lambda: aws.sql("SELECT * FROM server_logs WHERE timestamp = '2025-12-03 10:15:30'"),
        lambda: aws("glue get-partitions --database-name default --table-name server_logs"),
    )
    assert [[d["VarCharValue"] for d in r["Data"]] for r in results["ResultSet"]["Rows"]] == [["request_id", "status_code"], ["abc-123", "200"]]
    assert [c["Type"] for c in results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["varchar", "integer"]
    assert text.split() == ["abc-123", "200"]
    assert failed["Status"]["State"] == "FAILED" and "TYPE_MISMATCH" in failed["Status"]["StateChangeReason"]
    assert "timestamp '2025-12-03 10:15:30'" in failed["Status"]["StateChangeReason"]
    assert [p["Values"] for p in partitions["Partitions"]] in ([], [[day]])

    version, id = description["VersionId"], description["Destinations"][0]["DestinationId"]
    update = aws.file("update.json", {"BufferingHints": {"SizeInMBs": 128, "IntervalInSeconds": 300}})
    aws(f"firehose update-destination --delivery-stream-name api --current-delivery-stream-version-id {version} "
        f"--destination-id {id} --extended-s3-destination-update", update)
    stale, after, _ = aws.side_by_side(
        lambda: aws.refused(f"firehose update-destination --delivery-stream-name api --current-delivery-stream-version-id {version} "
                            f"--destination-id {id} --extended-s3-destination-update", update, code="ConcurrentModificationException"),
        lambda: aws("firehose describe-delivery-stream --delivery-stream-name api"),
        lambda: aws("firehose delete-delivery-stream --delivery-stream-name plain"),
    )
    told = after["DeliveryStreamDescription"]["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert told["BufferingHints"] == {"SizeInMBs": 128, "IntervalInSeconds": 300} and told["Prefix"] == destination["Prefix"]
    assert after["DeliveryStreamDescription"]["VersionId"] != version and "version" in stale.lower()
    aws.refused("firehose put-record --delivery-stream-name plain --record Data=x", code="ResourceNotFoundException")


def test_glue(aws):
    columns = [{"Name": "n", "Type": "int"}]
    storage = {"Columns": columns, "Location": "s3://lake/t/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
               "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
               "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}
    table = {"Name": "t", "PartitionKeys": [{"Name": "dt", "Type": "string"}], "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
    file = aws.file("t.json", table)
    changed = aws.file("t2.json", {**table, "Description": "changed"})
    aws("glue create-database --database-input Name=shop,Description=cli")
    aws("glue create-table --database-name shop --table-input", file)
    partition = aws.file("p.json", {"Values": ["2025-01-01"], "StorageDescriptor": storage})
    more = aws.file("ps.json", [{"Values": [d], "StorageDescriptor": storage} for d in ("2025-01-02", "2025-01-03", "2025-01-01")])
    aws.side_by_side(
        lambda: aws("glue create-partition --database-name shop --table-name t --partition-input", partition),
        lambda: aws("glue update-table --database-name shop --table-input", changed),
        lambda: aws.refused("glue create-table --database-name shop --table-input", file, code="AlreadyExistsException"),
        lambda: aws.refused("glue create-database --database-input Name=shop", code="AlreadyExistsException"),
    )
    batch = aws("glue batch-create-partition --database-name shop --table-name t --partition-input-list", more)
    assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in batch["Errors"]] == [(["2025-01-01"], "AlreadyExistsException")]
    got, selected, databases, tables, one, *_ = aws.side_by_side(
        lambda: aws("glue get-table --database-name shop --name t"),
        lambda: aws("glue get-partitions --database-name shop --table-name t --expression", "dt >= '2025-01-02'"),
        lambda: aws("glue get-databases --query DatabaseList[].Name --output text"),
        lambda: aws("glue get-tables --database-name shop --max-items 1 --query TableList[].Name --output text"),
        lambda: aws("glue get-partition --database-name shop --table-name t --partition-values 2025-01-01"),
        lambda: aws.refused("glue get-table --database-name shop --name none", code="EntityNotFoundException"),
        lambda: aws.refused("glue get-tables --database-name none", code="EntityNotFoundException"),
        lambda: aws.refused("glue get-partition --database-name shop --table-name t --partition-values 1999-01-01", code="EntityNotFoundException"),
    )
    assert got["Table"]["Description"] == "changed" and got["Table"]["StorageDescriptor"]["Columns"] == columns
    assert got["Table"]["DatabaseName"] == "shop" and got["Table"]["CatalogId"] == "000000000000" and got["Table"]["CreateTime"]
    assert sorted(p["Values"][0] for p in selected["Partitions"]) == ["2025-01-02", "2025-01-03"]
    assert sorted(databases.split()) == ["default", "shop"] and tables.split()[0] == "t"
    assert one["Partition"]["StorageDescriptor"]["Location"] == "s3://lake/t/"
    aws("glue delete-partition --database-name shop --table-name t --partition-values 2025-01-01")
    aws("glue delete-table --database-name shop --name t")
    aws("glue delete-database --name shop")
    aws.refused("glue get-database --name shop", code="EntityNotFoundException")


def test_athena(aws):
    query, execution = aws.sql("CREATE DATABASE athena_db")
    assert execution["Status"]["State"] == "SUCCEEDED" and execution["StatementType"] == "DDL"
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://lake/results/{query}.txt"
    listed, group, databases, *_ = aws.side_by_side(
        lambda: aws("athena list-query-executions --max-items 5"),
        lambda: aws("athena get-work-group --work-group primary"),
        lambda: aws("athena list-databases --catalog-name AwsDataCatalog"),
        lambda: aws.refused("athena get-query-execution --query-execution-id none", code="InvalidRequestException"),
        lambda: aws.refused("athena get-query-results --query-execution-id 11111111-2222-3333-4444-555555555555", code="InvalidRequestException"),
        lambda: aws.refused("athena start-query-execution --query-string", "SELECT 1", code="InvalidRequestException"),
        lambda: aws("athena stop-query-execution --query-execution-id", query),
    )
    assert query in listed["QueryExecutionIds"] and group["WorkGroup"]["State"] == "ENABLED"
    assert "athena_db" in [d["Name"] for d in databases["DatabaseList"]]
    (_, show), (wrong, failed) = aws.side_by_side(
        lambda: aws.sql("SHOW TABLES IN athena_db"), lambda: aws.sql("SELECT nothing FROM missing"))
    assert show["Status"]["State"] == "SUCCEEDED"
    assert failed["Status"]["State"] == "FAILED" and "missing" in failed["Status"]["StateChangeReason"]
    aws.refused("athena get-query-results --query-execution-id", wrong, code="InvalidRequestException")
