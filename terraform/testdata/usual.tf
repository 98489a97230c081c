# The pipeline of usual.yaml on AWS, as `loglake terraform` printed it:
#
#   terraform init && terraform plan -out tfplan && terraform apply tfplan
#
# What AWS does otherwise than loglake:
#
# - A row of server_logs lies in the partition of its arrival, not in that of its column timestamp: an event
#   that is an hour late at midnight is under the next day. Query with a day more and a condition on
#   timestamp. Firehose partitions by a value only with dynamic partitioning, which is paid apart and takes
#   the value by a jq expression or a Lambda function; this configuration does not.
#
# - No subscription filter leads from a log group into another. The groups that routes lead to are made, and
#   nothing fills them: have the application log to both, or put a Lambda function between them. The groups
#   have the routes in their comments.
#
# - Noise is dropped by nobody here: loglake does it where lines are captured, before they are sent. The
#   application can leave it out, or a filter pattern of the stream, after CloudWatch Logs has been paid for
#   it. The groups have the rules in their comments.
#
# - The tables are in the database logs: the database default is the account's own, and Terraform would find
#   it there already.
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
  default     = "us-east-1"
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

variable "force_destroy" {
  description = "Whether `terraform destroy` deletes buckets that still have objects, with all of them."
  type        = bool
  default     = false
}

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  arn     = "arn:${data.aws_partition.current.partition}"
}

# Log groups: what applications write into.

# Not on AWS: events that match { $.level = "ERROR" } go into /app/api/errors too.
# Noise, which loglake drops: path /health or /static/**, but not method POST and path /health/report.
resource "aws_cloudwatch_log_group" "app_api" {
  name              = "/app/api"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "app_api_errors" {
  name              = "/app/api/errors"
  retention_in_days = 7
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

# Tables. Athena computes partitions from the properties projection.*; nobody has to register those.

resource "aws_glue_catalog_database" "logs" {
  name = "logs"
}

resource "aws_glue_catalog_table" "server_logs" {
  name          = "server_logs"
  database_name = aws_glue_catalog_database.logs.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                      = "TRUE"
    classification                = "parquet"
    "projection.dt.format"        = "yyyy-MM-dd"
    "projection.dt.interval"      = "1"
    "projection.dt.interval.unit" = "DAYS"
    "projection.dt.range"         = "2020-01-01,NOW+1DAY"
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
      name = "level"
      type = "string"
    }

    columns {
      name = "request_id"
      type = "string"
    }

    columns {
      name = "method"
      type = "string"
    }

    columns {
      name = "path"
      type = "string"
    }

    columns {
      name = "status_code"
      type = "int"
    }

    columns {
      name = "response_time"
      type = "double"
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

# Delivery stream server-logs: from /app/api, rows of server_logs.

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
    prefix              = "data/dt=!{timestamp:yyyy-MM-dd}/"
    error_output_prefix = "rejects/server-logs/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    custom_time_zone    = "Asia/Seoul" # what a day is
    buffering_size      = 128
    buffering_interval  = 300

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

resource "aws_cloudwatch_log_subscription_filter" "server_logs" {
  name            = "server-logs"
  log_group_name  = aws_cloudwatch_log_group.app_api.name
  filter_pattern  = ""
  destination_arn = aws_kinesis_firehose_delivery_stream.server_logs.arn
  role_arn        = aws_iam_role.server_logs_logs.arn

  depends_on = [aws_iam_role_policy.server_logs_logs]
}
