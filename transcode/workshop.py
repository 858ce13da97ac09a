"""The worker's own disk: slots that bound how many encodes a host runs, and one private folder per attempt."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

SLOTS = "slots"
SPARE = "spare"
FOLDERS = "attempts"
# The part of an attempt's folder that its programs may write to; its source lies beside that.
INSIDE = "inside"


class NoRoom(Exception):
    """This host has not enough room to begin, on its disk or in its memory; try again when it has, or elsewhere."""


@contextmanager
def slot() -> Iterator[bool]:
    """Hold one of the host's encode slots, or yield False when all are taken.

    File locks end with the process that holds them, so a killed worker leaves none behind.
    """
    with _first_free(map(str, range(settings.ENCODE_SLOTS))) as descriptor:
        yield descriptor is not None


@contextmanager
def spare_slot() -> Iterator[bool]:
    """Hold the one slot that is for those who would wait for something long, or yield False when it is taken."""
    with _first_free([SPARE]) as descriptor:
        yield descriptor is not None


@contextmanager
def _first_free(names: Iterable[str]) -> Iterator[int | None]:
    folder = settings.WORK_DIR / SLOTS
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if lock(descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)
    yield None


@contextmanager
def private_folder(name: str, needed_bytes: int) -> Iterator[Path]:
    """Yield an empty folder that only this attempt uses, and remove it afterwards."""
    path = settings.WORK_DIR / FOLDERS / name
    with _alone():
        path.mkdir(mode=0o700)
        descriptor = os.open(path, os.O_RDONLY)
        lock(descriptor)
    try:
        require_room(needed_bytes)
        (path / INSIDE).mkdir(mode=0o700)
        yield path / INSIDE
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def require_room(needed_bytes: int) -> None:
    """Raise NoRoom unless there is so much room."""
    free = free_bytes()
    if free < needed_bytes:
        raise NoRoom(f"{free} bytes are free in {settings.WORK_DIR}, this needs {needed_bytes}")


def free_bytes() -> int:
    return shutil.disk_usage(settings.WORK_DIR).free


def remove_leftovers() -> int:
    """Remove the folders of attempts whose worker is gone; return how many there were."""
    with _alone() as folder:
        return sum(_remove_if_left(path) for path in folder.iterdir())


def _remove_if_left(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        left = lock(descriptor)
        if left:
            shutil.rmtree(path, ignore_errors=True)
        return left
    finally:
        os.close(descriptor)


@contextmanager
def _alone() -> Iterator[Path]:
    """Keep others from making or removing folders: one that is made but not yet locked looks like a leftover."""
    folder = settings.WORK_DIR / FOLDERS
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
