# The pipeline of everything.yaml on AWS, as `loglake terraform` printed it:
#
#   terraform init && terraform plan -out tfplan && terraform apply tfplan
#
# What AWS does otherwise than loglake:
#
# - The partitions of by_source are not computed, since their values are no times: register each with ALTER
#   TABLE by_source ADD PARTITION, or all that there are with MSCK REPAIR TABLE by_source.
#
# - No subscription filter leads from a log group into another. The groups that routes lead to are made, and
#   nothing fills them: have the application log to both, or put a Lambda function between them. The groups
#   have the routes in their comments.
#
# - Noise is dropped by nobody here: loglake does it where lines are captured, before they are sent. The
#   application can leave it out, or a filter pattern of the stream, after CloudWatch Logs has been paid for
#   it. The groups have the rules in their comments.
#
# - Firehose does not write zstd; server-logs writes snappy.
#
# - Delivery is at least once: a row may be there twice. A wrong setting sends records to the error prefix;
#   nothing holds them back.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }
}

variable "region" {
  description = "Where all of it is."
  type        = string
  default     = "ap-northeast-2"
}

variable "name" {
  description = "What the roles' names begin with, and the name of the workgroup."
  type        = string
  default     = "logs"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,20}$", var.name))
    error_message = "1 to 20 letters, digits, _ and -: an IAM role has 64 at most."
  }
}

variable "bucket" {
  description = "A bucket's name. Names are unique among all of AWS, so another one may be needed."
  type        = string
  default     = "my-logs"
}

variable "bucket_other_logs" {
  description = "A bucket's name. Names are unique among all of AWS, so another one may be needed."
  type        = string
  default     = "other-logs"
}

variable "force_destroy" {
  description = "Whether `terraform destroy` deletes buckets that still have objects, with all of them."
  type        = bool
  default     = false
}

# For trying it on a loglake. AWS needs nothing but the region here.
provider "aws" {
  region                      = var.region
  access_key                  = var.access_key
  secret_key                  = var.secret_key
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    athena   = var.endpoint
    firehose = var.endpoint
    glue     = var.endpoint
    iam      = var.endpoint
    logs     = var.endpoint
    s3       = var.endpoint
    sts      = var.endpoint
  }
}

variable "endpoint" {
  description = "The address of the loglake's AWS services."
  type        = string
  default     = "http://127.0.0.1:4566"
}

variable "access_key" {
  description = "Any, unless the loglake was given key pairs."
  type        = string
  default     = "any"
}

variable "secret_key" {
  description = "Any, unless the loglake was given key pairs."
  type        = string
  default     = "any"
  sensitive   = true
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  arn     = "arn:${data.aws_partition.current.partition}"
}

# Log groups: what applications write into.

# Not on AWS: events that match { $.level = "ERROR" && $.path != "${home}" } go into /app/api/errors too.
# Not on AWS: all events go into /copies too.
# Noise, which loglake drops: path /health or /static/**, but not method POST and path /health/report.
# Noise, which loglake drops: level debug.
resource "aws_cloudwatch_log_group" "app_api" {
  name              = "/app/api"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "app_api_errors" {
  name              = "/app/api/errors"
  retention_in_days = 7
}

resource "aws_cloudwatch_log_group" "app_api_2" {
  name = "/App.api"
}

resource "aws_cloudwatch_log_group" "copies" {
  name = "/copies"
}

# Buckets: nobody else reads them, and what is not needed goes.

resource "aws_s3_bucket" "my_logs" {
  bucket        = var.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "my_logs" {
  bucket                  = aws_s3_bucket.my_logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "my_logs" {
  bucket = aws_s3_bucket.my_logs.id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "query-results"
    status = "Enabled"

    filter {
      prefix = "athena-results/"
    }

    expiration {
      days = 30
    }
  }
}

resource "aws_s3_bucket" "other_logs" {
  bucket        = var.bucket_other_logs
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "other_logs" {
  bucket                  = aws_s3_bucket.other_logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "other_logs" {
  bucket = aws_s3_bucket.other_logs.id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# Tables. Athena computes partitions from the properties projection.*; nobody has to register those.

resource "aws_glue_catalog_database" "logs" {
  name = "app"
}

resource "aws_glue_catalog_table" "server_logs" {
  name          = "server_logs"
  description   = "Say \"hello\", %%{x} \\ $${y}"
  database_name = aws_glue_catalog_database.logs.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                      = "TRUE"
    classification                = "parquet"
    "projection.dt.format"        = "yyyyMMddHH"
    "projection.dt.interval"      = "1"
    "projection.dt.interval.unit" = "HOURS"
    "projection.dt.range"         = "2020010100,NOW+1DAY"
    "projection.dt.type"          = "date"
    "projection.enabled"          = "true"
  }

  partition_keys {
    name = "dt"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.my_logs.bucket}/data/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "timestamp"
      type = "timestamp"
    }

    columns {
      name    = "level"
      type    = "string"
      comment = "the severity"
    }

    columns {
      name = "request_id"
      type = "string"
    }

    columns {
      name = "day_of"
      type = "string"
    }
  }
}

resource "aws_glue_catalog_table" "by_hour" {
  name          = "by_hour"
  database_name = aws_glue_catalog_database.logs.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                  = "TRUE"
    classification            = "parquet"
    owner                     = "$${team}"
    "projection.day.digits"   = "2"
    "projection.day.range"    = "1,31"
    "projection.day.type"     = "integer"
    "projection.enabled"      = "true"
    "projection.hour.digits"  = "2"
    "projection.hour.range"   = "0,23"
    "projection.hour.type"    = "integer"
    "projection.month.digits" = "2"
    "projection.month.range"  = "1,12"
    "projection.month.type"   = "integer"
    "projection.year.range"   = "2020,2049"
    "projection.year.type"    = "integer"
  }

  partition_keys {
    name = "year"
    type = "int"
  }

  partition_keys {
    name = "month"
    type = "int"
  }

  partition_keys {
    name = "day"
    type = "int"
  }

  partition_keys {
    name = "hour"
    type = "int"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.other_logs.bucket}/hours/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "message"
      type = "string"
    }
  }
}

resource "aws_glue_catalog_table" "by_source" {
  name          = "by_source"
  database_name = aws_glue_catalog_database.logs.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL       = "TRUE"
    classification = "parquet"
  }

  partition_keys {
    name = "source"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.my_logs.bucket}/sources/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "message"
      type = "string"
    }
  }
}

resource "aws_athena_workgroup" "logs" {
  name          = var.name
  force_destroy = true # the history of queries, not their results

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = 1099511627776 # 1 TiB: no query costs more than a few dollars

    result_configuration {
      output_location = "s3://${aws_s3_bucket.my_logs.bucket}/athena-results/"
    }
  }
}

# Delivery stream server-logs: from /app/api and /App.api, rows of server_logs.

# Where Firehose writes what went wrong.
resource "aws_cloudwatch_log_group" "server_logs_firehose" {
  name              = "/aws/kinesisfirehose/server-logs"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_stream" "server_logs_firehose" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.server_logs_firehose.name
}

data "aws_iam_policy_document" "server_logs_firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "server_logs_firehose" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.my_logs.arn]
  }

  statement {
    sid     = "Objects"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = [
      "${aws_s3_bucket.my_logs.arn}/data/*",
      "${aws_s3_bucket.my_logs.arn}/rejects/server-logs/*",
    ]
  }

  statement {
    sid     = "Schema"
    actions = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
    resources = [
      "${local.arn}:glue:${var.region}:${local.account}:catalog",
      aws_glue_catalog_database.logs.arn,
      aws_glue_catalog_table.server_logs.arn,
    ]
  }

  statement {
    sid       = "Errors"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.server_logs_firehose.arn}:log-stream:${aws_cloudwatch_log_stream.server_logs_firehose.name}"]
  }
}

resource "aws_iam_role" "server_logs_firehose" {
  name               = "${var.name}-server-logs-firehose"
  assume_role_policy = data.aws_iam_policy_document.server_logs_firehose_trust.json
}

resource "aws_iam_role_policy" "server_logs_firehose" {
  name   = "deliver"
  role   = aws_iam_role.server_logs_firehose.id
  policy = data.aws_iam_policy_document.server_logs_firehose.json
}

resource "aws_kinesis_firehose_delivery_stream" "server_logs" {
  name        = "server-logs"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.server_logs_firehose.arn
    bucket_arn          = aws_s3_bucket.my_logs.arn
    prefix              = "data/dt=!{timestamp:yyyyMMddHH}/"
    error_output_prefix = "rejects/server-logs/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    buffering_size      = 64
    buffering_interval  = 60

    processing_configuration {
      enabled = true

      processors {
        type = "Decompression"

        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }

      processors {
        type = "CloudWatchLogProcessing"

        parameters {
          parameter_name  = "DataMessageExtraction"
          parameter_value = "true"
        }
      }
    }

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {
            column_to_json_key_mappings = {
              request_id = "requestId"
              day_of     = "dt"
            }
          }
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "SNAPPY"
          }
        }
      }

      schema_configuration {
        role_arn      = aws_iam_role.server_logs_firehose.arn
        database_name = aws_glue_catalog_database.logs.name
        table_name    = aws_glue_catalog_table.server_logs.name
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.server_logs_firehose.name
      log_stream_name = aws_cloudwatch_log_stream.server_logs_firehose.name
    }
  }

  depends_on = [aws_iam_role_policy.server_logs_firehose]
}

data "aws_iam_policy_document" "server_logs_logs_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "StringLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn}:logs:${var.region}:${local.account}:*"]
    }
  }
}

data "aws_iam_policy_document" "server_logs_logs" {
  statement {
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.server_logs.arn]
  }
}

resource "aws_iam_role" "server_logs_logs" {
  name               = "${var.name}-server-logs-subscription"
  assume_role_policy = data.aws_iam_policy_document.server_logs_logs_trust.json
}

resource "aws_iam_role_policy" "server_logs_logs" {
  name   = "put"
  role   = aws_iam_role.server_logs_logs.id
  policy = data.aws_iam_policy_document.server_logs_logs.json
}

resource "aws_cloudwatch_log_subscription_filter" "server_logs_app_api" {
  name            = "server-logs"
  log_group_name  = aws_cloudwatch_log_group.app_api.name
  filter_pattern  = "{ $.path != \"/health\" }"
  destination_arn = aws_kinesis_firehose_delivery_stream.server_logs.arn
  role_arn        = aws_iam_role.server_logs_logs.arn

  depends_on = [aws_iam_role_policy.server_logs_logs]
}

resource "aws_cloudwatch_log_subscription_filter" "server_logs_app_api_2" {
  name            = "server-logs"
  log_group_name  = aws_cloudwatch_log_group.app_api_2.name
  filter_pattern  = "{ $.path != \"/health\" }"
  destination_arn = aws_kinesis_firehose_delivery_stream.server_logs.arn
  role_arn        = aws_iam_role.server_logs_logs.arn

  depends_on = [aws_iam_role_policy.server_logs_logs]
}

# Delivery stream by-hour, rows of by_hour.

# Where Firehose writes what went wrong.
resource "aws_cloudwatch_log_group" "by_hour_firehose" {
  name              = "/aws/kinesisfirehose/by-hour"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_stream" "by_hour_firehose" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.by_hour_firehose.name
}

data "aws_iam_policy_document" "by_hour_firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "by_hour_firehose" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.other_logs.arn]
  }

  statement {
    sid     = "Objects"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = [
      "${aws_s3_bucket.other_logs.arn}/hours/*",
      "${aws_s3_bucket.other_logs.arn}/rejects/by-hour/*",
    ]
  }

  statement {
    sid     = "Schema"
    actions = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
    resources = [
      "${local.arn}:glue:${var.region}:${local.account}:catalog",
      aws_glue_catalog_database.logs.arn,
      aws_glue_catalog_table.by_hour.arn,
    ]
  }

  statement {
    sid       = "Errors"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.by_hour_firehose.arn}:log-stream:${aws_cloudwatch_log_stream.by_hour_firehose.name}"]
  }
}

resource "aws_iam_role" "by_hour_firehose" {
  name               = "${var.name}-by-hour-firehose"
  assume_role_policy = data.aws_iam_policy_document.by_hour_firehose_trust.json
}

resource "aws_iam_role_policy" "by_hour_firehose" {
  name   = "deliver"
  role   = aws_iam_role.by_hour_firehose.id
  policy = data.aws_iam_policy_document.by_hour_firehose.json
}

resource "aws_kinesis_firehose_delivery_stream" "by_hour" {
  name        = "by-hour"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.by_hour_firehose.arn
    bucket_arn          = aws_s3_bucket.other_logs.arn
    prefix              = "hours/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "rejects/by-hour/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    buffering_size      = 128
    buffering_interval  = 300

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "UNCOMPRESSED"
          }
        }
      }

      schema_configuration {
        role_arn      = aws_iam_role.by_hour_firehose.arn
        database_name = aws_glue_catalog_database.logs.name
        table_name    = aws_glue_catalog_table.by_hour.name
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.by_hour_firehose.name
      log_stream_name = aws_cloudwatch_log_stream.by_hour_firehose.name
    }
  }

  depends_on = [aws_iam_role_policy.by_hour_firehose]
}

# Delivery stream by-source, rows of by_source.

# Where Firehose writes what went wrong.
resource "aws_cloudwatch_log_group" "by_source_firehose" {
  name              = "/aws/kinesisfirehose/by-source"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_stream" "by_source_firehose" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.by_source_firehose.name
}

data "aws_iam_policy_document" "by_source_firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "by_source_firehose" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.my_logs.arn]
  }

  statement {
    sid     = "Objects"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = [
      "${aws_s3_bucket.my_logs.arn}/sources/source=api/*",
      "${aws_s3_bucket.my_logs.arn}/rejects/by-source/*",
    ]
  }

  statement {
    sid     = "Schema"
    actions = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
    resources = [
      "${local.arn}:glue:${var.region}:${local.account}:catalog",
      aws_glue_catalog_database.logs.arn,
      aws_glue_catalog_table.by_source.arn,
    ]
  }

  statement {
    sid       = "Errors"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.by_source_firehose.arn}:log-stream:${aws_cloudwatch_log_stream.by_source_firehose.name}"]
  }
}

resource "aws_iam_role" "by_source_firehose" {
  name               = "${var.name}-by-source-firehose"
  assume_role_policy = data.aws_iam_policy_document.by_source_firehose_trust.json
}

resource "aws_iam_role_policy" "by_source_firehose" {
  name   = "deliver"
  role   = aws_iam_role.by_source_firehose.id
  policy = data.aws_iam_policy_document.by_source_firehose.json
}

resource "aws_kinesis_firehose_delivery_stream" "by_source" {
  name        = "by-source"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.by_source_firehose.arn
    bucket_arn          = aws_s3_bucket.my_logs.arn
    prefix              = "sources/source=api/"
    error_output_prefix = "rejects/by-source/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    buffering_size      = 128
    buffering_interval  = 300

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "SNAPPY"
          }
        }
      }

      schema_configuration {
        role_arn      = aws_iam_role.by_source_firehose.arn
        database_name = aws_glue_catalog_database.logs.name
        table_name    = aws_glue_catalog_table.by_source.name
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.by_source_firehose.name
      log_stream_name = aws_cloudwatch_log_stream.by_source_firehose.name
    }
  }

  depends_on = [aws_iam_role_policy.by_source_firehose]
}

# Delivery stream a-stream-with-a-name-that-is-longer-than-a-role-has-room-for: from /app/api, lines.

# Where Firehose writes what went wrong.
resource "aws_cloudwatch_log_group" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose" {
  name              = "/aws/kinesisfirehose/a-stream-with-a-name-that-is-longer-than-a-role-has-room-for"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_stream" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.name
}

data "aws_iam_policy_document" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.my_logs.arn]
  }

  statement {
    sid     = "Objects"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = [
      "${aws_s3_bucket.my_logs.arn}/lines/a-stream-with-a-name-that-is-longer-than-a-role-has-room-for/*",
      "${aws_s3_bucket.my_logs.arn}/rejects/a-stream-with-a-name-that-is-longer-than-a-role-has-room-for/*",
    ]
  }

  statement {
    sid       = "Errors"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.arn}:log-stream:${aws_cloudwatch_log_stream.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.name}"]
  }
}

resource "aws_iam_role" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose" {
  name               = "${var.name}-a-stream-with-a-name-f9d32301-firehose"
  assume_role_policy = data.aws_iam_policy_document.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose_trust.json
}

resource "aws_iam_role_policy" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose" {
  name   = "deliver"
  role   = aws_iam_role.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.id
  policy = data.aws_iam_policy_document.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.json
}

resource "aws_kinesis_firehose_delivery_stream" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for" {
  name        = "a-stream-with-a-name-that-is-longer-than-a-role-has-room-for"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.arn
    bucket_arn          = aws_s3_bucket.my_logs.arn
    prefix              = "lines/a-stream-with-a-name-that-is-longer-than-a-role-has-room-for/dt=!{timestamp:yyyy-MM-dd}/"
    error_output_prefix = "rejects/a-stream-with-a-name-that-is-longer-than-a-role-has-room-for/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    buffering_size      = 5
    buffering_interval  = 300
    compression_format  = "UNCOMPRESSED"

    processing_configuration {
      enabled = true

      processors {
        type = "Decompression"

        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }

      processors {
        type = "CloudWatchLogProcessing"

        parameters {
          parameter_name  = "DataMessageExtraction"
          parameter_value = "true"
        }
      }

      processors {
        type = "AppendDelimiterToRecord"

        parameters {
          parameter_name  = "Delimiter"
          parameter_value = "\\n"
        }
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.name
      log_stream_name = aws_cloudwatch_log_stream.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose.name
    }
  }

  depends_on = [aws_iam_role_policy.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_firehose]
}

data "aws_iam_policy_document" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "StringLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn}:logs:${var.region}:${local.account}:*"]
    }
  }
}

data "aws_iam_policy_document" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs" {
  statement {
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for.arn]
  }
}

resource "aws_iam_role" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs" {
  name               = "${var.name}-a-stream-with-a-name-f9d32301-subscription"
  assume_role_policy = data.aws_iam_policy_document.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs_trust.json
}

resource "aws_iam_role_policy" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs" {
  name   = "put"
  role   = aws_iam_role.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs.id
  policy = data.aws_iam_policy_document.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs.json
}

resource "aws_cloudwatch_log_subscription_filter" "a_stream_with_a_name_that_is_longer_than_a_role_has_room_for" {
  name            = "a-stream-with-a-name-that-is-longer-than-a-role-has-room-for"
  log_group_name  = aws_cloudwatch_log_group.app_api.name
  filter_pattern  = ""
  destination_arn = aws_kinesis_firehose_delivery_stream.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for.arn
  role_arn        = aws_iam_role.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs.arn

  depends_on = [aws_iam_role_policy.a_stream_with_a_name_that_is_longer_than_a_role_has_room_for_logs]
}
