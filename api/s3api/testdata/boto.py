"""What boto3 does to a bucket: python3 boto.py ENDPOINT. Says nothing when all is well."""
import hashlib, io, os, sys, tempfile
import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="SECRET",
                  config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def code(call, *args, **kw):
    try:
        call(*args, **kw)
    except ClientError as e:
        return e.response["Error"]["Code"]
    return "no error"


def equal(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


s3.create_bucket(Bucket="boto-bucket")
assert "boto-bucket" in [b["Name"] for b in s3.list_buckets()["Buckets"]]

# 20 MiB in parts, from a file and from a stream, and back in ranges.
big = os.urandom(20 << 20)
parts = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=6 << 20, max_concurrency=4)
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "big")
    with open(path, "wb") as f:
        f.write(big)
    s3.upload_file(path, "boto-bucket", "big/file", Config=parts, ExtraArgs={"ContentType": "x/y", "Metadata": {"k": "v"}})
    s3.upload_fileobj(io.BytesIO(big), "boto-bucket", "big/stream", Config=parts)
    for key in ("big/file", "big/stream"):
        s3.download_file("boto-bucket", key, path + ".back", Config=parts)
        with open(path + ".back", "rb") as f:
            equal(key, hashlib.md5(f.read()).digest(), hashlib.md5(big).digest())
head = s3.head_object(Bucket="boto-bucket", Key="big/file")
equal("head", (head["ContentLength"], head["ContentType"], head["Metadata"], head["ETag"].endswith('-4"')), (20 << 20, "x/y", {"k": "v"}, True))
s3.copy({"Bucket": "boto-bucket", "Key": "big/file"}, "boto-bucket", "big/copy", Config=parts)
equal("copy", s3.get_object(Bucket="boto-bucket", Key="big/copy", Range="bytes=7000000-7000099")["Body"].read(), big[7000000:7000100])

# Keys as they are, through listings too.
keys = ["a b", "a+b", "é/ü", "q?&=#", "sla//sh", "dir/", "%41", "\t"]
for key in keys:
    s3.put_object(Bucket="boto-bucket", Key="keys/" + key, Body=key.encode())
    equal(key, s3.get_object(Bucket="boto-bucket", Key="keys/" + key)["Body"].read(), key.encode())
listed = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="boto-bucket", Prefix="keys/", PaginationConfig={"PageSize": 3}) for o in page["Contents"]]
equal("keys", listed, sorted(("keys/" + k for k in keys), key=lambda k: k.encode()))
folded = s3.list_objects_v2(Bucket="boto-bucket", Delimiter="/")
equal("prefixes", [p["Prefix"] for p in folded["CommonPrefixes"]], ["big/", "keys/"])

# Every checksum that botocore can take, sent behind a body that can't be rewound.
for algorithm in ("CRC32", "SHA1", "SHA256"):
    s3.put_object(Bucket="boto-bucket", Key="sum", Body=io.BytesIO(b"123"), ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket="boto-bucket", Key="sum", ChecksumMode="ENABLED")
    equal(algorithm, got["Body"].read(), b"123")
    assert got["Checksum" + algorithm], got

equal("missing", code(s3.get_object, Bucket="boto-bucket", Key="missing"), "NoSuchKey")
equal("taken", code(s3.put_object, Bucket="boto-bucket", Key="sum", Body=b"", IfNoneMatch="*"), "PreconditionFailed")
equal("unmodified", code(s3.get_object, Bucket="boto-bucket", Key="sum", IfNoneMatch=got["ETag"]), "304")
equal("versioning", s3.get_bucket_versioning(Bucket="boto-bucket").get("Status"), None)
equal("refused", code(s3.put_bucket_versioning, Bucket="boto-bucket", VersioningConfiguration={"Status": "Enabled"}), "NotImplemented")

rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 7}}]
s3.put_bucket_lifecycle_configuration(Bucket="boto-bucket", LifecycleConfiguration={"Rules": rules})
equal("lifecycle", s3.get_bucket_lifecycle_configuration(Bucket="boto-bucket")["Rules"], rules)

bucket = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="SECRET").Bucket("boto-bucket")
bucket.objects.all().delete()
bucket.delete()
equal("gone", code(s3.head_bucket, Bucket="boto-bucket"), "404")

sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="SECRET")
equal("account", sts.get_caller_identity()["Account"], "123456789012")
