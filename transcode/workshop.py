"""The worker's own disk: slots that bound how many encodes a host runs, and one private folder per attempt."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

SLOTS = "slots"
FOLDERS = "attempts"


class DiskFull(Exception):
    """There is not enough room to begin; try again when there is, or elsewhere."""


@contextmanager
def slot() -> Iterator[bool]:
    """Hold one of the host's encode slots, or yield False when all are taken.

    File locks end with the process that holds them, so a killed worker leaves none behind.
    """
    with _first_free() as descriptor:
        yield descriptor is not None


@contextmanager
def _first_free() -> Iterator[int | None]:
    folder = settings.WORK_DIR / SLOTS
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(settings.ENCODE_SLOTS):
        descriptor = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if _lock(descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)
    yield None


@contextmanager
def private_folder(name: str, needed_bytes: int) -> Iterator[Path]:
    """Yield an empty folder that only this attempt uses, and remove it afterwards."""
    path = settings.WORK_DIR / FOLDERS / name
    path.mkdir(parents=True, mode=0o700)
    descriptor = os.open(path, os.O_RDONLY)
    _lock(descriptor)
    try:
        free = shutil.disk_usage(path).free
        if free < needed_bytes:
            raise DiskFull(f"{free} bytes are free in {settings.WORK_DIR}, this needs {needed_bytes}")
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def remove_leftovers() -> int:
    """Remove the folders of attempts whose worker is gone; return how many there were."""
    folder, count = settings.WORK_DIR / FOLDERS, 0
    for path in folder.iterdir() if folder.is_dir() else ():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if _lock(descriptor):
                shutil.rmtree(path, ignore_errors=True)
                count += 1
        finally:
            os.close(descriptor)
    return count


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
