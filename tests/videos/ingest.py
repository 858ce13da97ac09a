"""The ingest bucket, as a browser and as an operator see it."""

from __future__ import annotations

import httpx
from django.conf import settings

from videos import storage
from videos.models import Upload


def put_part(upload: Upload, number: int, body: bytes = b"01234") -> httpx.Response:
    """Send a part as a browser does."""
    size = upload.size_of_part(number)
    url = storage.sign_part(upload.key, upload.multipart_id, number, size)
    return httpx.put(url, content=body[:size])


def put_parts(upload: Upload) -> None:
    for number in range(1, upload.part_count + 1):
        put_part(upload, number)


def multiparts(key: str) -> int:
    """Return how many multipart uploads to this key were never ended."""
    found = storage.client().list_multipart_uploads(Bucket=settings.INGEST_BUCKET, Prefix=key)
    return len(found.get("Uploads", []))


def versions(key: str) -> list[str]:
    """Return every version and delete marker of a source."""
    found = storage.client().list_object_versions(Bucket=settings.INGEST_BUCKET, Prefix=key)
    return [entry["VersionId"] for kind in ("Versions", "DeleteMarkers") for entry in found.get(kind, [])]
