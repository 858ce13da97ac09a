"""The source on this host: fetched once, verified, shared by all attempts that need it, and of use before it is whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread

from django.conf import settings

from transcode.models import Job
from transcode.workshop import lock, require_room
from videos import storage

FOLDER = "sources"
LOOK_EVERY = 0.1
# A source that no attempt has open is kept for the next chunk of it, which may be a while away.
KEPT_SECONDS = 600
Beat = Callable[[], None]


class NotWanted(Exception):
    """Whoever waited for the rest has gone."""


class Arrival:
    """A source on its way to `path`, the attempt's own name of it: bytes come in order, and are zeros until they do."""

    def __init__(self, job: Job, path: Path, there: int, beat: Beat) -> None:
        self.path, self.size = path, job.source_size
        # How many bytes there are from the start.
        self.there = there
        self._job, self._beat, self._is_wanted = job, beat, True
        self._error: Exception | None = None
        self._thread = Thread(target=self._fetch, daemon=True)
        self._held = ExitStack()

    @property
    def is_whole(self) -> bool:
        """True once all of it is there and verified."""
        return not self._thread.is_alive() and self._error is None and self.there >= self.size

    def wait(self, there: int | None = None) -> None:
        """Wait for so many bytes, or for all of it, verified; raise what keeps them away."""
        while self._thread.is_alive() and (there is None or self.there < there):
            self._beat()
            self._thread.join(LOOK_EVERY / 2)
        if self._error:
            raise self._error
        if not self._thread.is_alive():
            self._held.close()

    def fetch_end(self, start: int) -> None:
        """Fetch what lies behind `start` before it is its turn."""
        storage.download_end(self._job.source, start, self.path)

    def _fetch(self) -> None:
        try:
            storage.download(self._job.source, self._job.part_size, self.path, self._hear)
        except Exception as error:
            self._error = error

    def _hear(self, there: int) -> None:
        if not self._is_wanted:
            raise NotWanted
        self.there = there

    def begin(self, held: ExitStack) -> None:
        self._held = held
        self._thread.start()

    def end(self) -> None:
        """Stop where it is, unless it is whole."""
        self._is_wanted = False
        if self._thread.ident:
            self._thread.join()
        self._held.close()


@contextmanager
def arriving(job: Job, folder: Path, beat: Beat) -> Iterator[Arrival]:
    """Put the job's source into an attempt's folder, and have it fetched meanwhile, where this host does not have it.

    Raise DiskFull where there is no room for it.
    """
    path = _path(job)
    with ExitStack() as held:
        held.enter_context(_alone(path, beat))
        part = path.with_suffix(".part")
        is_known = path.exists()
        if not is_known:
            _make_room(job, part)
        # The same file: no copy, and it stays for as long as either name does.
        os.link(path if is_known else part, folder / "source")
        arrival = Arrival(job, folder / "source", job.source_size if is_known else 0, beat)
        if is_known:
            os.utime(path)
        else:
            # Once it is whole, others may use it; until then they wait for it.
            held.callback(lambda: part.rename(path) if arrival.is_whole else None)
            arrival.begin(held.pop_all())
    try:
        yield arrival
    finally:
        arrival.end()


def _make_room(job: Job, part: Path) -> None:
    require_room(job.source_size)
    part.unlink(missing_ok=True)
    with part.open("wb") as file:
        file.truncate(job.source_size)


def drop(job: Job) -> None:
    """Let go of a source that is not needed again."""
    _path(job).unlink(missing_ok=True)


def remove_unused() -> None:
    """Remove what no attempt has used for a while, and what was left half fetched."""
    folder = settings.WORK_DIR / FOLDER
    for path in folder.iterdir() if folder.is_dir() else ():
        _remove_if_unused(path)


def _remove_if_unused(path: Path) -> None:
    with suppress(FileNotFoundError):
        found = path.stat()
        if found.st_nlink == 1 and found.st_mtime < time.time() - KEPT_SECONDS:
            path.unlink()


def _path(job: Job) -> Path:
    folder: Path = settings.WORK_DIR / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    pinned = f"{job.source_key} {job.source_version_id} {job.source_etag}"
    return folder / sha256(pinned.encode()).hexdigest()[:32]


@contextmanager
def _alone(path: Path, on_wait: Beat) -> Iterator[None]:
    """Wait until nobody else on this host fetches the same; locks end with the process that holds them."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not lock(descriptor):
            on_wait()
            time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(descriptor)
