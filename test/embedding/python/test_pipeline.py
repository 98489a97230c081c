import json
import os
import subprocess
import time

import boto3
import pytest


@pytest.fixture(scope="session")
def lake():
    """A loglake of its own for the tests, and clients for it."""
    command = [os.environ.get("LOGLAKE_BIN", "loglake"), "serve", "--ephemeral", "--config", os.path.join(os.path.dirname(__file__), "../loglake.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        where = json.loads(server.stdout.readline())  # it is ready once it has said where it is

        def client(service):
            return boto3.client(service, endpoint_url=where["aws"], region_name=where["region"],
                                aws_access_key_id="any", aws_secret_access_key="any")

        yield client
        server.terminate()


def query(athena, sql):
    """The rows of a statement, with its header."""
    id = athena.start_query_execution(QueryString=sql, ResultConfiguration={"OutputLocation": "s3://my-logs/results/"})["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=id)["QueryExecution"]["Status"])["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
    assert status["State"] == "SUCCEEDED", status["StateChangeReason"]
    rows = athena.get_query_results(QueryExecutionId=id)["ResultSet"]["Rows"]
    return [[column.get("VarCharValue") for column in row["Data"]] for row in rows]


def test_a_request_becomes_a_row(lake):
    logs = lake("logs")
    logs.create_log_stream(logGroupName="/app/api", logStreamName="test")
    line = {"timestamp": "2025-12-03T10:15:30Z", "level": "ERROR", "path": "/api/orders", "status_code": 500}
    logs.put_log_events(logGroupName="/app/api", logStreamName="test",
                        logEvents=[{"timestamp": int(time.time() * 1000), "message": json.dumps(line)}])
    assert query(lake("athena"), "SELECT dt, path, status_code FROM server_logs WHERE level = 'ERROR'") == [
        ["dt", "path", "status_code"], ["2025-12-03", "/api/orders", "500"]]
