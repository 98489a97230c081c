"""Puts an event into the pipeline that Terraform made, and asks for it as a row.

The pipeline is that of terraform/testdata/usual.yaml; the environment names the server.
"""

import datetime
import json
import sys
import time

import boto3

GROUP, WORKGROUP, QUERY = "/app/api", "logs", "SELECT dt, level, path, status_code FROM logs.server_logs"


def main():
    logs, athena = boto3.client("logs"), boto3.client("athena")
    now = datetime.datetime.now(datetime.timezone.utc)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    message = {"timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "level": "INFO", "path": "/orders", "status_code": 200}
    logs.put_log_events(
        logGroupName=GROUP, logStreamName="one",
        logEvents=[{"timestamp": int(now.timestamp() * 1000), "message": json.dumps(message)}])
    day = now.astimezone(datetime.timezone(datetime.timedelta(hours=9))).date().isoformat()  # of Asia/Seoul
    want = [["dt", "level", "path", "status_code"], [day, "INFO", "/orders", "200"]]

    # The workgroup says where results go, whatever the client says.
    execution = athena.start_query_execution(
        QueryString=QUERY, WorkGroup=WORKGROUP, ResultConfiguration={"OutputLocation": "s3://elsewhere/"})["QueryExecutionId"]
    while (found := athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"])["Status"]["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
    if found["Status"]["State"] != "SUCCEEDED":
        sys.exit(f"terraform: the query ended with {found['Status']}")
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
    got = [[value.get("VarCharValue") for value in row["Data"]] for row in rows]
    if got != want:
        sys.exit(f"terraform: the rows are {got}, not {want}")
    if not found["ResultConfiguration"]["OutputLocation"].startswith("s3://my-logs/athena-results/"):
        sys.exit(f"terraform: the result lies in {found['ResultConfiguration']['OutputLocation']}")
    print(f"terraform: an event arrived as the row {got[1]}")


if __name__ == "__main__":
    main()
