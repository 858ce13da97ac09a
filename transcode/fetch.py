"""The source on this host: fetched once, verified, and shared by all attempts that need it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from transcode.models import Job
from transcode.workshop import lock, require_room
from videos import storage

FOLDER = "sources"
LOOK_EVERY = 0.1
# A source that no attempt has open is kept for the next chunk of it, which may be a while away.
KEPT_SECONDS = 600


def fetch(job: Job, folder: Path, on_bytes: Callable[[int], None]) -> None:
    """Put the job's source into an attempt's folder; `on_bytes` hears the total so far, and now and then while another fetches.

    Raise storage.Damaged or storage.Missing, DiskFull where there is no room for it.
    """
    path = _path(job)
    with _alone(path, lambda: on_bytes(0)):
        if not path.exists():
            require_room(job.source_size)
            part = path.with_suffix(".part")
            storage.download(job.source, job.part_size, part, on_bytes)
            part.rename(path)
        os.utime(path)
        # The same file: no copy, and it stays for as long as either name does.
        os.link(path, folder / "source")


def drop(job: Job) -> None:
    """Let go of a source that is not needed again."""
    _path(job).unlink(missing_ok=True)


def remove_unused() -> None:
    """Remove what no attempt has used for a while, and what was left half fetched."""
    folder = settings.WORK_DIR / FOLDER
    for path in folder.iterdir() if folder.is_dir() else ():
        _remove_if_unused(path)


def _remove_if_unused(path: Path) -> None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if found.st_nlink == 1 and found.st_mtime < time.time() - KEPT_SECONDS:
        path.unlink(missing_ok=True)


def _path(job: Job) -> Path:
    folder: Path = settings.WORK_DIR / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    pinned = f"{job.source_key} {job.source_version_id} {job.source_etag}"
    return folder / sha256(pinned.encode()).hexdigest()[:32]


@contextmanager
def _alone(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait until nobody else on this host fetches the same; locks end with the process that holds them."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not lock(descriptor):
            on_wait()
            time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(descriptor)
