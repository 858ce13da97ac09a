"""Does to a video of the running copy what its workers would, one act a run: JSON on stdin says which, the video is said back.

Run as a program of its own, with the environment of the copy.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from videos import storage  # noqa: E402
from videos.models import Growth, Published, PublishedRendition, Video  # noqa: E402


def begin(owner: str, **fields: Any) -> Video:
    person = User.objects.get(username=owner)
    return Video.objects.create(owner=person, status=Video.Status.PROCESSING, **fields)


def grow(pk: str, version: str, folder: str, files: list[str], progress: int, **growth: Any) -> Video:
    video = Video.objects.get(pk=pk)
    _store(video, version, folder, files)
    now = timezone.now()
    assert video.publish_growing(Growth(video.epoch, version, **growth), now)
    video.report_progress(progress, now + timedelta(minutes=4))
    return video


def publish(
    pk: str, version: str, folder: str, files: list[str], renditions: list[tuple[str, int, int, int]], ms: int
) -> Video:
    video = Video.objects.get(pk=pk)
    _store(video, version, folder, files)
    rungs = tuple(PublishedRendition(*each) for each in renditions)
    assert video.publish(Published(version, ms, 1, rungs), timezone.now())
    return video


def fail(pk: str) -> Video:
    video = Video.objects.get(pk=pk)
    assert video.fail("The file ends in the middle of a frame.")
    return video


def take_back(pk: str) -> Video:
    video = Video.objects.get(pk=pk)
    assert video.shrink()
    return video


def _store(video: Video, version: str, folder: str, files: list[str]) -> None:
    video.version = version
    for name in files:
        storage.store(f"{video.version_path[1:]}{name}", Path(folder) / name)


acts = {act.__name__: act for act in (begin, grow, publish, fail, take_back)}
wanted = json.load(sys.stdin)
print(acts[wanted.pop("act")](**wanted).pk)
