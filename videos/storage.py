"""S3, and nothing else in this app speaks to it: sign, list, download, store, delete."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from videos.etag import EtagOf

BLOCK = 1024**2
COPIES_AT_ONCE = 8
# Before a download goes on where its connection broke; after so many bytes on one that is forgotten.
PAUSES = (0.5, 1, 2, 4, 8)
ENOUGH_BYTES = 64 * 1024**2
MISSING = {"404", "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NotFound"}
# The parts of a page and of a player that S3 could only guess.
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
}
Errors = (BotoCoreError, ClientError)


class Missing(Exception):
    """There is no such object, version or multipart upload."""


class Damaged(Exception):
    """What arrived is not what S3 said it holds; another try may help."""


class Unverifiable(Damaged):
    """S3 has no checksum of what it encrypts with a key from elsewhere, so no source of such a bucket can be verified."""

    def __init__(self, words: str) -> None:
        super().__init__(
            f"{words}. With SSE-KMS or SSE-C an ETag is no checksum: encrypt {settings.INGEST_BUCKET} with SSE-S3 (AES256)"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One version of one uploaded object, pinned."""

    key: str
    version_id: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class MediaObject:
    """An object, or the range of it that was asked for, on its way to a viewer."""

    status: int
    headers: dict[str, str]
    blocks: Iterable[bytes]


@cache
def client() -> Any:
    # boto3 presigns SigV2 on the global host unless told otherwise. A bucket on a port has no host name of its own.
    style = "path" if settings.AWS_ENDPOINT_URL else "virtual"
    config = Config(
        signature_version="s3v4",
        # The CSP names the bucket by its region, in us-east-1 too.
        s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional"},
        retries={"mode": "standard", "max_attempts": 3},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=16,
    )
    return boto3.client(
        "s3",
        region_name=settings.AWS_REGION,
        endpoint_url=settings.AWS_ENDPOINT_URL or None,
        config=config,
        **settings.AWS_KEY,
    )


# Two processes on one connection get each other's answers: the size of one person's upload, the bytes of another's.
os.register_at_fork(after_in_child=client.cache_clear)


# --- uploads: the browser sends the bytes, the server holds the keys -------------------------------------------------


def start_multipart(key: str) -> str:
    answer = client().create_multipart_upload(
        Bucket=settings.INGEST_BUCKET, Key=key, ContentType="application/octet-stream"
    )
    return str(answer["UploadId"])


def sign_part(key: str, multipart_id: str, number: int, size: int) -> str:
    """Return a URL that takes exactly `size` bytes as this part."""
    return str(
        client().generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": settings.INGEST_BUCKET,
                "Key": key,
                "UploadId": multipart_id,
                "PartNumber": number,
                "ContentLength": size,
            },
            ExpiresIn=settings.PART_URL_SECONDS,
        )
    )


def list_parts(key: str, multipart_id: str) -> tuple[Part, ...]:
    pages = (
        client()
        .get_paginator("list_parts")
        .paginate(Bucket=settings.INGEST_BUCKET, Key=key, UploadId=multipart_id)
    )
    with _missing():
        return tuple(
            Part(part["PartNumber"], part["Size"], part["ETag"])
            for page in pages
            for part in page.get("Parts", [])
        )


def complete_multipart(key: str, multipart_id: str, parts: tuple[Part, ...]) -> None:
    listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    with _missing():
        client().complete_multipart_upload(
            Bucket=settings.INGEST_BUCKET, Key=key, UploadId=multipart_id, MultipartUpload={"Parts": listed}
        )


def abort_multipart(key: str, multipart_id: str) -> None:
    """Drop what arrived; no such upload is as good as done."""
    try:
        with _missing():
            client().abort_multipart_upload(Bucket=settings.INGEST_BUCKET, Key=key, UploadId=multipart_id)
    except Missing:
        pass


# --- sources ---------------------------------------------------------------------------------------------------------


def pin(key: str) -> Source | None:
    """Return the latest version of an uploaded object, or None if there is none."""
    try:
        with _missing():
            head = client().head_object(Bucket=settings.INGEST_BUCKET, Key=key)
    except Missing:
        return None
    return Source(key, head.get("VersionId", ""), head["ETag"], head["ContentLength"])


def download(
    source: Source,
    part_size: int,
    target: Path,
    on_bytes: Callable[[int], None],
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Fetch the pinned version and verify size and checksum; `on_bytes` hears the total so far.

    Where a connection breaks, another goes on after a pause. boto3 hands over truncated and corrupted multipart objects
    without a word, hence the ETag is computed again, over all that came.
    Raise Damaged if anything else arrives, as soon as it is more than there is to come; Missing.
    """
    etag = EtagOf(part_size if "-" in source.etag else None)
    # What was read of it before is written over.
    with target.open("r+b" if target.exists() else "wb") as file:
        for block in _blocks(source, pauses):
            if file.tell() + len(block) > source.size:
                raise Damaged(f"{source.key}: more than the {source.size} bytes that S3 has")
            file.write(block)
            etag.update(block)
            on_bytes(file.tell())
        arrived = file.truncate()
    if (arrived, etag.value()) != (source.size, source.etag.strip('"')):
        raise _what_differs(source)(
            f"{source.key}: {arrived} bytes with ETag {etag.value()}, S3 has {source.size}, {source.etag}"
        )


def _blocks(source: Source, pauses: Sequence[float]) -> Iterator[bytes]:
    """Yield the pinned version in order, over as many connections as that takes; raise the last one's error."""
    there = begun = 0
    left = list(pauses)
    while True:
        try:
            for block in _blocks_from(source, begun):
                there += len(block)
                yield block
            return
        except BotoCoreError:
            if there - begun >= ENOUGH_BYTES:
                left = list(pauses)
            if not left:
                raise
            begun = there
            time.sleep(left.pop(0))


def _blocks_from(source: Source, start: int) -> Iterator[bytes]:
    """Yield the rest of the pinned version; raise Damaged if it is another part of it that comes."""
    pinned = {"VersionId": source.version_id} if source.version_id else {}
    # All at once: an S3 that reads a whole object for each range would read it many times.
    wanted = {"Range": f"bytes={start}-"} if start else {}
    answer = _open_source(source, IfMatch=source.etag, **pinned, **wanted)
    came = answer.get("ContentRange")
    if came not in (None, f"bytes {start}-{source.size - 1}/{source.size}"):
        raise Damaged(f"{source.key}: {came} instead of what comes after {start} bytes")
    with closing(answer["Body"]) as body:
        # Who does not know ranges sends all of it (RFC 9110, 14.2), as the emulated S3 does of an object's version.
        passed = start if came is None else 0
        for block in body.iter_chunks(BLOCK):
            skipped = min(passed, len(block))
            passed -= skipped
            if skipped < len(block):
                yield block[skipped:]


def read_range(source: Source, start: int, end: int) -> bytes:
    """Return a part of the pinned version before all of it is fetched, so only its place and version are verified.

    Raise Damaged if anything else arrives; Missing.
    """
    # The ETag pins it here. The emulated S3 sends all of an object that is asked for by its version.
    answer = _open_source(source, IfMatch=source.etag, Range=f"bytes={start}-{end - 1}")
    if answer.get("ContentRange") != f"bytes {start}-{end - 1}/{source.size}":
        raise Damaged(f"{source.key}: {answer.get('ContentRange')} instead of bytes {start}-{end - 1}")
    data: bytes = answer["Body"].read(end - start + 1)
    if len(data) != end - start:
        raise Damaged(f"{source.key}: {len(data)} bytes or more instead of bytes {start}-{end - 1}")
    return data


def _what_differs(source: Source) -> type[Damaged]:
    """Return what it means that another ETag was computed than S3 has."""
    try:
        head = client().head_object(Bucket=settings.INGEST_BUCKET, Key=source.key, IfMatch=source.etag)
    except Errors:
        return Damaged
    has_foreign_key = "kms" in head.get("ServerSideEncryption", "") or "SSECustomerAlgorithm" in head
    return Unverifiable if has_foreign_key else Damaged


def _open_source(source: Source, **pinned: str) -> Any:
    """Return S3's answer; raise Missing, Damaged if it is another version."""
    with _missing():
        answer = client().get_object(Bucket=settings.INGEST_BUCKET, Key=source.key, **pinned)
    if answer.get("VersionId", "") != source.version_id:
        raise Damaged(f"{source.key}: version {answer.get('VersionId')}, asked for {source.version_id}")
    return answer


# --- media -----------------------------------------------------------------------------------------------------------


def store(key: str, path: Path) -> int:
    """Put one finished file; a version's names never change, so caches may keep it for a year. Return its size."""
    with path.open("rb") as file:
        client().put_object(
            Bucket=settings.MEDIA_BUCKET,
            Key=key,
            Body=file,
            ContentType=CONTENT_TYPES[path.suffix],
            CacheControl="public, max-age=31536000, immutable",
        )
        return file.tell()


def fetch_media(key: str, path: Path) -> None:
    """Fetch an object that a worker stored before."""
    with _missing():
        client().download_file(settings.MEDIA_BUCKET, key, str(path))


def read_media(key: str, byte_range: str) -> MediaObject:
    """Open an object as the edge's origin; `byte_range` is a Range header or empty."""
    wanted = {"Range": byte_range} if byte_range else {}
    try:
        with _missing():
            answer = client().get_object(Bucket=settings.MEDIA_BUCKET, Key=key, **wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        length = error.response["ResponseMetadata"]["HTTPHeaders"].get("content-range", "bytes */*")
        return MediaObject(416, {"Content-Range": length}, ())
    return _media_object(answer, Blocks(answer["Body"]))


def read_media_headers(key: str) -> MediaObject:
    """Tell of an object what `read_media` would, without its bytes."""
    with _missing():
        return _media_object(client().head_object(Bucket=settings.MEDIA_BUCKET, Key=key), ())


class Blocks:
    """The bytes of an object; closed with the response, for viewers who seek go away in the middle."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        with closing(self._body):
            yield from self._body.iter_chunks(BLOCK)

    def close(self) -> None:
        self._body.close()


def _media_object(answer: dict[str, Any], blocks: Iterable[bytes]) -> MediaObject:
    names = {"ContentType": "Content-Type", "CacheControl": "Cache-Control", "ETag": "ETag"}
    headers = {header: answer[name] for name, header in names.items() if name in answer}
    headers["Content-Length"] = str(answer["ContentLength"])
    if "ContentRange" in answer:
        headers["Content-Range"] = answer["ContentRange"]
    status = 206 if "ContentRange" in answer else 200
    return MediaObject(status, headers, blocks)


# --- what there is, for staff ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """One object, or one version of it, as S3 lists it."""

    key: str
    size: int
    at: datetime
    version_id: str = ""


def look_at_media(prefix: str, most: int) -> tuple[Stored, ...]:
    """Return the first objects below `prefix`: one request, a thousand at most."""
    answer = client().list_objects_v2(Bucket=settings.MEDIA_BUCKET, Prefix=prefix, MaxKeys=most)
    return tuple(
        Stored(entry["Key"], entry["Size"], entry["LastModified"]) for entry in answer.get("Contents", [])
    )


def look_at_source(key: str, most: int) -> tuple[Stored, ...]:
    """Return the first versions of an uploaded object."""
    answer = client().list_object_versions(Bucket=settings.INGEST_BUCKET, Prefix=key, MaxKeys=most)
    return tuple(
        Stored(entry["Key"], entry["Size"], entry["LastModified"], entry["VersionId"])
        for entry in answer.get("Versions", [])
    )


# --- what was handed out is closed: another place, and nothing left in caches -----------------------------------------


def copy_media(prefix: str, target: str) -> None:
    """Copy what lies below `prefix` to below `target`: S3 does it, no bytes come here."""
    names = [key.removeprefix(prefix) for key in list_media(prefix)]
    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        # Read to the end, for that is where it fails.
        list(pool.map(lambda name: _copy(prefix + name, target + name), names))


def _copy(key: str, target: str) -> None:
    bucket = settings.MEDIA_BUCKET
    client().copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": key})


def invalidate(prefix: str) -> None:
    """Have CloudFront forget what it keeps below `prefix`; nothing where there is no CloudFront."""
    if not settings.CLOUDFRONT_DISTRIBUTION:
        return
    batch = {"Paths": {"Quantity": 1, "Items": [f"/{prefix}*"]}, "CallerReference": str(uuid.uuid4())}
    cloudfront().create_invalidation(DistributionId=settings.CLOUDFRONT_DISTRIBUTION, InvalidationBatch=batch)


@cache
def cloudfront() -> Any:
    config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
    return boto3.client(
        "cloudfront",
        region_name="us-east-1",
        endpoint_url=settings.AWS_ENDPOINT_URL or None,
        config=config,
        **settings.AWS_KEY,
    )


# --- deletion --------------------------------------------------------------------------------------------------------


def list_media(prefix: str) -> tuple[str, ...]:
    pages = client().get_paginator("list_objects_v2").paginate(Bucket=settings.MEDIA_BUCKET, Prefix=prefix)
    return tuple(entry["Key"] for page in pages for entry in page.get("Contents", []))


def delete_media(prefix: str, *, but: str = "", containing: str = "") -> int:
    """Delete what lies below `prefix`, except below `but`; return how many objects went."""
    doomed = [
        {"Key": key} for key in list_media(prefix) if not (but and key.startswith(but)) and containing in key
    ]
    _delete(settings.MEDIA_BUCKET, doomed)
    return len(doomed)


def delete_keys(keys: Iterable[str]) -> None:
    _delete(settings.MEDIA_BUCKET, [{"Key": key} for key in keys])


def delete_source(key: str) -> None:
    """Delete every version of an uploaded object, and every delete marker."""
    pages = client().get_paginator("list_object_versions").paginate(Bucket=settings.INGEST_BUCKET, Prefix=key)
    doomed = [
        {"Key": entry["Key"], "VersionId": entry["VersionId"]}
        for page in pages
        for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    ]
    _delete(settings.INGEST_BUCKET, doomed)


def _delete(bucket: str, doomed: list[dict[str, str]]) -> None:
    # DeleteObjects takes a thousand at a time, and reports failures in its answer instead of failing.
    for start in range(0, len(doomed), 1000):
        answer = client().delete_objects(
            Bucket=bucket, Delete={"Objects": doomed[start : start + 1000], "Quiet": True}
        )
        if answer.get("Errors"):
            raise OSError(f"S3 did not delete {answer['Errors'][0]}")


@contextmanager
def _missing() -> Iterator[None]:
    """Turn S3's several words for «not there» into Missing."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            raise Missing(str(error)) from error
        raise
