"""S3 event notifications (Amazon S3 User Guide, "Event message structure", version 2.x)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


class Malformed(Exception):
    """This body is not an S3 notification, and never will be."""


@dataclass(frozen=True, slots=True)
class Created:
    """A hint that an object may have been created."""

    bucket: str
    key: str


def parse(body: str | bytes) -> tuple[Created, ...]:
    """Return what a notification says was created; nothing for S3's test event. Raise Malformed for all else."""
    try:
        message = json.loads(body)
        if message.get("Event") == "s3:TestEvent":
            return ()
        return tuple(_created(record) for record in message["Records"] if _is_creation(record))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def _is_creation(record: Any) -> bool:
    return bool(record["eventSource"] == "aws:s3" and record["eventName"].startswith("ObjectCreated:"))


def _created(record: Any) -> Created:
    # Keys are URL-encoded, with + for a space.
    return Created(str(record["s3"]["bucket"]["name"]), unquote_plus(record["s3"]["object"]["key"]))
