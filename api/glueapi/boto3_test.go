package glueapi_test

import (
	"os/exec"
	"testing"
)

// boto3Script is what a Python user does: the client checks every answer against botocore's model.
const boto3Script = `
import sys, boto3
from botocore.config import Config
glue = boto3.client("glue", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="any",
                    aws_secret_access_key="any", config=Config(retries={"max_attempts": 1}))
glue.create_database(DatabaseInput={"Name": "Web"})
assert [d["Name"] for d in glue.get_paginator("get_databases").paginate().build_full_result()["DatabaseList"]] == ["db", "web"]
sd = {"Columns": [{"Name": "Path", "Type": "string"}], "Location": "s3://b/data/", "SerdeInfo": {"Parameters": {"serialization.format": "1"}}}
glue.create_table(DatabaseName="web", TableInput={"Name": "hits", "StorageDescriptor": sd, "PartitionKeys": [{"Name": "dt", "Type": "date"}]})
table = glue.get_table(DatabaseName="WEB", Name="Hits")["Table"]
assert table["VersionId"] == "0" and table["StorageDescriptor"]["Columns"][0]["Name"] == "path", table
try:
    glue.create_table(DatabaseName="web", TableInput={"Name": "hits"})
    raise SystemExit("a table was made twice")
except glue.exceptions.AlreadyExistsException as e:
    assert e.response["Error"]["Message"] == "Table already exists.", e.response
answer = glue.batch_create_partition(DatabaseName="web", TableName="hits",
    PartitionInputList=[{"Values": ["2025-01-%02d" % d], "StorageDescriptor": dict(sd, Location="s3://b/data/dt=2025-01-%02d/" % d)} for d in range(1, 32)])
assert answer["Errors"] == [], answer
pages = glue.get_paginator("get_partitions").paginate(DatabaseName="web", TableName="hits", Expression="dt BETWEEN '2025-01-10' AND '2025-01-19'",
    PaginationConfig={"PageSize": 3})
days = [p["Values"][0] for page in pages for p in page["Partitions"]]
assert days == ["2025-01-%02d" % d for d in range(10, 20)], days
try:
    glue.get_partitions(DatabaseName="web", TableName="hits", Expression="dt = 'soon'")
    raise SystemExit("a bad date was taken")
except glue.exceptions.InvalidInputException as e:
    assert e.response["Error"]["Message"] == "soon is not a date.", e.response
glue.update_table(DatabaseName="web", TableInput={"Name": "hits", "StorageDescriptor": sd})
assert [v["VersionId"] for v in glue.get_table_versions(DatabaseName="web", TableName="hits")["TableVersions"]] == ["1", "0"]
glue.delete_database(Name="web")
try:
    glue.get_database(Name="web")
    raise SystemExit("the database is still there")
except glue.exceptions.EntityNotFoundException as e:
    assert e.response["Error"]["Message"] == "Database web not found.", e.response
`

func TestBoto3(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	if err := exec.CommandContext(t.Context(), python, "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 has no boto3: pip install boto3")
	}
	out, err := exec.CommandContext(t.Context(), python, "-c", boto3Script, serve(t)).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
