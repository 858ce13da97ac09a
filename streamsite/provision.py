"""Make what the site stands on: keys, tables, buckets, queues, and the notification between them. Idempotent."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.management import call_command

from videos import keys, storage
from videos.signatures import new_key_pem

logger = logging.getLogger(__name__)
NOTIFICATION = "streamsite-sources"
# A message that failed this often goes to the dead-letter queue, and stays there for two weeks.
RECEIVES = 5
DEAD_LETTER_SECONDS = 14 * 24 * 3600


def provision() -> None:
    """Make or restore everything. Data stays as it is, and so do notifications and lifecycle rules that are not ours.

    What says who may reach what is ours alone, and written anew: CORS, the queues' policies, Block Public Access.
    """
    for folder in (settings.WORK_DIR, settings.STATIC_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    make_signing_key(settings.SIGNING_KEY_FILE)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    make_buckets()
    make_queues()
    connect_events()


def make_signing_key(path: Path) -> None:
    """On a laptop, make the key pair; in production it belongs to the CloudFront key group and is given."""
    if path.exists() or not settings.LAPTOP:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(new_key_pem())
    # In one step, so that a process that is killed here leaves no half a key.
    unfinished.rename(path)


def make_buckets() -> None:
    s3 = storage.client()
    for bucket in (settings.INGEST_BUCKET, settings.MEDIA_BUCKET):
        _make_bucket(bucket)
        # The emulator knows no such thing; its buckets are closed to anonymous requests as it is.
        if not settings.LAPTOP:
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=NOTHING_PUBLIC)
    s3.put_bucket_versioning(Bucket=settings.INGEST_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_cors(Bucket=settings.INGEST_BUCKET, CORSConfiguration={"CORSRules": [_cors_rule()]})
    _add_lifecycle_rule(_lifecycle_rule())


NOTHING_PUBLIC = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def _make_bucket(bucket: str) -> None:
    try:
        storage.client().head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        # us-east-1 is the one region that must not be named.
        region = settings.AWS_REGION
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        storage.client().create_bucket(Bucket=bucket, **where)
        logger.info("made bucket %s", bucket)


def _cors_rule() -> dict[str, object]:
    # Parts come from our pages and from nowhere else; the server reads the ETags itself.
    origins = [settings.SITE_URL, *([f"http://127.0.0.1:{settings.PORT}"] if settings.LAPTOP else [])]
    return {
        "AllowedMethods": ["PUT"],
        "AllowedOrigins": origins,
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 3600,
    }


def _add_lifecycle_rule(rule: dict[str, Any]) -> None:
    try:
        found = storage.client().get_bucket_lifecycle_configuration(Bucket=settings.INGEST_BUCKET)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        found = []
    rules = [*(each for each in found if each.get("ID") != rule["ID"]), rule]
    storage.client().put_bucket_lifecycle_configuration(
        Bucket=settings.INGEST_BUCKET, LifecycleConfiguration={"Rules": rules}
    )


def _lifecycle_rule() -> dict[str, Any]:
    return {
        "ID": "unfinished-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": keys.UPLOADS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": settings.UPLOAD_DAYS + 1},
    }


def make_queues() -> None:
    for url in (settings.TASKS_QUEUE_URL, settings.EVENTS_QUEUE_URL):
        name = url.rpartition("/")[2]
        dead = _make_queue(f"{name}-dead", {"MessageRetentionPeriod": str(DEAD_LETTER_SECONDS)})
        redrive = {"deadLetterTargetArn": queue_arn(dead), "maxReceiveCount": RECEIVES}
        _make_queue(
            name,
            {"VisibilityTimeout": str(settings.VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)},
        )


def _make_queue(name: str, attributes: dict[str, str]) -> str:
    try:
        url = str(sqs().get_queue_url(QueueName=name)["QueueUrl"])
    except sqs().exceptions.QueueDoesNotExist:
        url = str(sqs().create_queue(QueueName=name)["QueueUrl"])
        logger.info("made queue %s", name)
    sqs().set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url


def connect_events() -> None:
    """Let the ingest bucket, and nobody else, write to the events queue; then tell it to."""
    arn = queue_arn(settings.EVENTS_QUEUE_URL)
    sqs().set_queue_attributes(QueueUrl=settings.EVENTS_QUEUE_URL, Attributes={"Policy": _queue_policy(arn)})
    configuration = {
        "Id": NOTIFICATION,
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": keys.UPLOADS}]}},
    }
    found = storage.client().get_bucket_notification_configuration(Bucket=settings.INGEST_BUCKET)
    found.pop("ResponseMetadata", None)
    queues = found.get("QueueConfigurations", [])
    # Every change sends a test event, so none is made without need.
    if [_gist(each) for each in queues if each.get("Id") == NOTIFICATION] != [_gist(configuration)]:
        others = [each for each in queues if each.get("Id") != NOTIFICATION]
        storage.client().put_bucket_notification_configuration(
            Bucket=settings.INGEST_BUCKET,
            NotificationConfiguration={**found, "QueueConfigurations": [*others, configuration]},
        )


def _gist(notification: dict[str, Any]) -> tuple[object, ...]:
    # S3 answers with `Prefix` where it was told `prefix`.
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    named = sorted((rule["Name"].lower(), rule["Value"]) for rule in rules)
    return notification["QueueArn"], sorted(notification["Events"]), named


def _queue_policy(arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        # An ARN of a bucket names no account; a bucket that somebody else gets by the same name must not write.
        "Condition": {
            "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{settings.INGEST_BUCKET}"},
            "StringEquals": {"aws:SourceAccount": arn.split(":")[4]},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue_arn(url: str) -> str:
    return str(queue_attributes(url, "QueueArn")["QueueArn"])


def queue_attributes(url: str, *names: str) -> dict[str, str]:
    attributes: dict[str, str] = sqs().get_queue_attributes(QueueUrl=url, AttributeNames=list(names))[
        "Attributes"
    ]
    return attributes


@cache
def sqs() -> Any:
    return boto3.client(
        "sqs",
        region_name=settings.AWS_REGION,
        endpoint_url=settings.AWS_ENDPOINT_URL or None,
        # Somebody waits for the answer at a page or a command.
        config=Config(
            connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
        ),
        **settings.AWS_KEY,
    )
