"""boto3 against IAM: what it makes of our XML is what it makes of the service's."""

import datetime

import pytest
from botocore.exceptions import ClientError

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
PERMIT = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/ä+%20/*"}}'
JSON = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def test_role(server):
    iam = server.client("iam")
    made = iam.create_role(RoleName="deliver", Path="/logs/", AssumeRolePolicyDocument=JSON, Tags=[{"Key": "team", "Value": "a + b"}])["Role"]
    assert made["Arn"] == "arn:aws:iam::000000000000:role/logs/deliver" and made["AssumeRolePolicyDocument"] == TRUST
    assert abs(datetime.datetime.now(datetime.timezone.utc) - made["CreateDate"]) < datetime.timedelta(minutes=5)
    iam.put_role_policy(RoleName="deliver", PolicyName="write", PolicyDocument=PERMIT)
    assert iam.get_role_policy(RoleName="deliver", PolicyName="write")["PolicyDocument"]["Statement"]["Resource"] == "arn:aws:s3:::b/ä+%20/*"
    assert iam.list_role_policies(RoleName="deliver")["PolicyNames"] == ["write"]
    assert iam.list_attached_role_policies(RoleName="deliver")["AttachedPolicies"] == []
    got = iam.get_role(RoleName="deliver")["Role"]
    assert got["Tags"] == [{"Key": "team", "Value": "a + b"}] and got["RoleId"] == made["RoleId"]
    server.kill()
    server.restart()
    iam = server.client("iam")
    for i in range(3):
        iam.create_role(RoleName=f"other{i}", AssumeRolePolicyDocument=JSON)
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2})
    assert [r["RoleName"] for page in pages for r in page["Roles"]] == ["deliver", "other0", "other1", "other2"]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="deliver")
    iam.delete_role_policy(RoleName="deliver", PolicyName="write")
    iam.delete_role(RoleName="deliver")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="deliver")


def test_refused(server):
    iam = server.client("iam")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=PERMIT)
    with pytest.raises(ClientError) as refused:
        iam.create_user(UserName="u")
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
