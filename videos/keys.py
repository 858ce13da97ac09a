"""Where each object lives. No name that a person typed is ever part of a key."""

from __future__ import annotations

import re
from uuid import UUID

UPLOADS = "uploads/"
# One file of one published version: CloudFront's behaviour /media/* hands the path to S3 as it is.
MEDIA_PATH = re.compile(
    r"/media/v/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{16}(/(?!\.)[A-Za-z0-9._-]+)+", re.ASCII
)


def source_key(upload: UUID) -> str:
    return f"{UPLOADS}{upload}/source"


def upload_of(key: str) -> UUID | None:
    """Return the upload whose source `key` is, or None for any other key."""
    match = re.fullmatch(rf"{UPLOADS}([0-9a-f-]{{36}})/source", key)
    try:
        return UUID(match[1]) if match else None
    except ValueError:
        return None


def video_prefix(video: UUID) -> str:
    return f"media/v/{video}/"


def epoch_prefix(video: UUID, epoch: str) -> str:
    return f"{video_prefix(video)}{epoch}/"


def version_prefix(video: UUID, epoch: str, version: str) -> str:
    return f"{epoch_prefix(video, epoch)}{version}/"
