"""Rows with honest defaults."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from transcode.models import Job
from videos.models import Rendition, Upload, Video

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


# Slow on purpose, so once is enough.
hashed = cache(make_password)


def user(username: str, **fields: Any) -> User:
    defaults: dict[str, Any] = {"email": f"{username}@example.org", "password": hashed(PASSWORD)}
    return User.objects.create(username=username, **{**defaults, **fields})


def video(owner: User, **fields: Any) -> Video:
    """A video; by default still uploading."""
    return Video.objects.create(**{"owner": owner, "title": "A title", **fields})


def ready(owner: User, **fields: Any) -> Video:
    """A video that plays."""
    defaults: dict[str, Any] = {
        "status": Video.Status.READY,
        "playable": Video.Playable.FINAL,
        "version": "a1",
        "duration_ms": 65_000,
        "progress": 100,
        "published_at": AT,
    }
    made = video(owner, **{**defaults, **fields})
    Rendition.objects.create(video=made, name="360p", width=640, height=360, kbps=500)
    return made


def failed(owner: User, **fields: Any) -> Video:
    return video(owner, **{"status": Video.Status.FAILED, "failure": "It is not a video.", **fields})


def upload(of: Video, **fields: Any) -> Upload:
    defaults: dict[str, Any] = {
        "filename": "clip.mp4",
        "size": 1000,
        "part_size": 8 * 1024**2,
        "multipart_id": uuid.uuid4().hex,
        "expires_at": AT + timedelta(days=7),
    }
    return Upload.objects.create(**{"video": of, **defaults, **fields})


def job(of: Video, **fields: Any) -> Job:
    """A queued job; its upload is made where there is none."""
    sent = Upload.objects.filter(video=of).first() or upload(of)
    defaults: dict[str, Any] = {
        "queued_at": AT,
        "source_key": sent.key,
        "source_version_id": "v1",
        "source_etag": '"0"',
        "source_size": sent.size,
        "part_size": sent.part_size,
        "epoch": of.epoch,
    }
    return Job.objects.create(**{"video": of, **defaults, **fields})


def many(owner: User, count: int, first: int = 0, **fields: Any) -> None:
    """Public videos that play, a minute apart; each title ends in a word that no other has, counted from `first`."""
    defaults: dict[str, Any] = {
        "status": Video.Status.READY,
        "visibility": Video.Visibility.PUBLIC,
        "playable": Video.Playable.FINAL,
        "version": "a1",
        "duration_ms": 65_000,
        "progress": 100,
    }
    made = (
        Video(
            owner=owner,
            **{
                "title": f"A title, number{number:06}",
                "published_at": AT - timedelta(minutes=number),
                **defaults,
                **fields,
            },
        )
        for number in range(first, first + count)
    )
    for several in itertools.batched(made, 1000):
        Video.objects.bulk_create(several)
