"""A loglake for each test module, and clients that point to it.

The server is the built binary under `serve --ephemeral`, which prints its endpoints as one JSON line.
"""

import json
import os
import signal
import subprocess
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config

BIN = os.environ.get("LOGLAKE_BIN", "bin/loglake")
ROLE = "arn:aws:iam::000000000000:role/firehose"


class Server:
    """A running loglake. `data` keeps its folder over kill and start."""

    def __init__(self, *args):
        self.args = args
        self.start("serve", "--ephemeral", *args)

    def start(self, *command):
        self.process = subprocess.Popen([BIN, *command], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, f"{command} printed nothing and ended with {self.process.wait()}"
        self.endpoints = json.loads(line)

    def restart(self):
        """Starts again on the folder of an earlier life."""
        self.start("serve", "--ephemeral", "--data", self.endpoints["data"], *self.args)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoints["aws"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 5, "mode": "standard"}, s3={"addressing_style": "path"}),
        )

    def flush(self, stream):
        request = urllib.request.Request(f"{self.endpoints['http']}/v1/streams/{stream}/flush", method="POST")
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)["objects"]

    def streams(self):
        with urllib.request.urlopen(f"{self.endpoints['http']}/v1/streams", timeout=10) as response:
            return {s["name"]: s for s in json.load(response)["streams"]}


@pytest.fixture
def server():
    s = Server()
    yield s
    if s.process.poll() is None:
        s.stop()


class Lake:
    """The clients of one server, and the calls that every story makes."""

    def __init__(self, server):
        self.server = server
        for service in ("logs", "firehose", "glue", "athena", "s3", "sts"):
            setattr(self, service, server.client(service))

    def sql(self, text, database="default"):
        """Runs a statement and gives (rows, execution); rows are lists of text, without the header."""
        started = self.athena.start_query_execution(
            QueryString=text,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": "s3://my-bucket/results/"},
        )
        query = started["QueryExecutionId"]
        deadline = time.monotonic() + 60
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            state = execution["Status"]["State"]
            if state in ("SUCCEEDED", "FAILED", "CANCELLED"):
                break
            assert time.monotonic() < deadline, f"{text} is still {state}"
            time.sleep(0.02)
        if state != "SUCCEEDED":
            raise QueryFailed(execution)
        rows = []
        for page in self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            rows += [[d.get("VarCharValue") for d in r["Data"]] for r in page["ResultSet"]["Rows"]]
        if execution["StatementType"] == "DML":
            rows = rows[1:]
        return rows, execution

    def stream(self, name, prefix="data/dt=!{timestamp:yyyy-MM-dd}/", processors=(), table="server_logs", **extra):
        destination = {
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::my-bucket",
            "Prefix": prefix,
            "ErrorOutputPrefix": "errors/" + name + "/!{firehose:error-output-type}/",
            **extra,
        }
        if processors:
            destination["ProcessingConfiguration"] = {"Enabled": True, "Processors": list(processors)}
        if table:
            destination["DataFormatConversionConfiguration"] = {
                "Enabled": True,
                "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "default", "TableName": table},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            }
        return self.firehose.create_delivery_stream(
            DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination
        )["DeliveryStreamARN"]

    def keys(self, prefix=""):
        return [
            o["Key"]
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket="my-bucket", Prefix=prefix)
            for o in page.get("Contents", [])
        ]

    def body(self, key):
        return self.s3.get_object(Bucket="my-bucket", Key=key)["Body"].read()


class QueryFailed(Exception):
    def __init__(self, execution):
        super().__init__(execution["Status"].get("StateChangeReason", ""))
        self.execution = execution


DECOMPRESS = {"Type": "Decompression", "Parameters": [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]}
EXTRACT = {
    "Type": "CloudWatchLogProcessing",
    "Parameters": [{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}],
}
DELIMIT = {"Type": "AppendDelimiterToRecord", "Parameters": []}

TABLE = """
CREATE EXTERNAL TABLE server_logs (
  timestamp TIMESTAMP,
  level STRING,
  request_id STRING,
  method STRING,
  path STRING,
  status_code INT,
  response_time INT
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION 's3://my-bucket/data/'
"""


@pytest.fixture
def lake(server):
    made = Lake(server)
    made.s3.create_bucket(Bucket="my-bucket")
    made.sql("CREATE DATABASE IF NOT EXISTS default")
    made.sql(TABLE)
    return made
