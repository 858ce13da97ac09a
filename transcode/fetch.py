"""The source on this host: fetched once, verified, shared by all attempts that need it, and of use before it is whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread

from django.conf import settings

from transcode.models import Job
from transcode.workshop import free_bytes, lock, require_room
from videos import storage

FOLDER, LOCKS = "sources", "locks"
LOOK_EVERY, ENDING_SECONDS = 0.05, 2
# A source that no attempt has open is kept for the next chunk of it, which may be a while away.
KEPT_SECONDS = 600
Beat = Callable[[], None]


class NotWanted(Exception):
    """Whoever waited for the rest has gone."""


class Arrival:
    """A source on its way to `path`, the attempt's own name of it: bytes come in order, and are zeros until they do.

    It sets out when it is first waited for.
    """

    def __init__(self, job: Job, path: Path, there: int, beat: Beat, held: ExitStack | None = None) -> None:
        self.path, self.size = path, job.source_size
        # How many bytes there are from the start.
        self.there = there
        self._job, self._beat, self._is_wanted = job, beat, True
        self._error: Exception | None = None
        self._thread = Thread(target=self._fetch, daemon=True)
        self._held = held or ExitStack()

    @property
    def is_whole(self) -> bool:
        """True once all of it is there and verified."""
        return not self._thread.is_alive() and self._error is None and self.there >= self.size

    def read_ahead(self, start: int, end: int) -> None:
        """Fetch a part of it before its turn; only while nothing was waited for, for what is verified is written last."""
        pool = ThreadPoolExecutor(1)
        part = pool.submit(storage.read_range, self._job.source, start, end)
        # Whoever has to stop does not wait for an S3 that says nothing.
        pool.shutdown(wait=False)
        while not part.done():
            self._beat()
            wait([part], timeout=LOOK_EVERY)
        data = part.result()
        with self.path.open("r+b") as file:
            file.seek(start)
            file.write(data)

    def wait(self, there: int | None = None) -> None:
        """Wait for so many bytes, or for all of it, verified; raise what keeps them away: storage.Damaged, storage.Missing."""
        if self.there < self.size and not self._thread.ident:
            self._thread.start()
        while self._thread.is_alive() and (there is None or self.there < there):
            self._beat()
            self._thread.join(LOOK_EVERY)
        if self._error:
            raise self._error
        if not self._thread.is_alive():
            self._held.close()

    def _fetch(self) -> None:
        try:
            storage.download(self._job.source, self._job.part_size, self.path, self._hear)
        except Exception as error:
            self._error = error

    def _hear(self, there: int) -> None:
        if not self._is_wanted:
            raise NotWanted
        self.there = there

    def end(self) -> None:
        """Stop where it is, unless it is whole."""
        self._is_wanted = False
        if self._thread.ident:
            # Where S3 has fallen silent it hears of this later, and writes to a file that nobody has any more.
            self._thread.join(ENDING_SECONDS)
        self._held.close()


@contextmanager
def arriving(job: Job, folder: Path, beat: Beat) -> Iterator[Arrival]:
    """Put the job's source into an attempt's folder, and have it fetched meanwhile, where this host does not have it.

    Raise NoRoom where there is no room for it.
    """
    path, target = _path(job), _show_in(folder)
    with ExitStack() as held:
        held.enter_context(_alone(path, beat))
        # The same file: no copy, and it stays for as long as either name does.
        if path.exists():
            os.link(path, target)
            os.utime(path)
            arrival = Arrival(job, target, job.source_size, beat)
        else:
            part = _begin_part(path, job.source_size)
            os.link(part, target)
            # Once it is whole, others may use it; until then they wait for it.
            held.callback(lambda: _keep(part, path) if arrival.is_whole else None)
            arrival = Arrival(job, target, 0, beat, held.pop_all())
    try:
        yield arrival
    finally:
        arrival.end()


def _show_in(folder: Path) -> Path:
    """Have `source` in a folder stand for a name beside it, and return that: programs may write to what is in their folder."""
    target = folder.parent / f"{folder.name}.source"
    (folder / "source").symlink_to(target)
    return target


def _begin_part(path: Path, size: int) -> Path:
    """Make a file of that size that takes no room yet, in place of what was left half fetched."""
    require_room(size)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with part.open("wb") as file:
        file.truncate(size)
    return part


def _keep(part: Path, path: Path) -> None:
    """Let others use what was verified: it may go by that name only once it is on the disk, whatever happens to the host."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(path)


# --- what is kept -------------------------------------------------------------------------------------------------------


def drop(job: Job) -> None:
    """Let go of a source that is not needed again."""
    _path(job).unlink(missing_ok=True)


def remove_unused() -> None:
    """Remove what no attempt has used for a while, and what was left half fetched."""
    too_old = time.time() - KEPT_SECONDS
    for path, found in _unused():
        if found.st_mtime < too_old:
            _remove(path)


def make_room(job: Job, needed_bytes: int) -> None:
    """Remove sources of other jobs that no attempt has open until so much is free, and the job's own source if it is not here.

    No more of them are kept than may be; those that were used last stay longest.
    """
    own = _path(job)
    if not own.exists():
        needed_bytes += job.source_size
    unused = sorted((each for each in _unused() if each[0] != own), key=lambda each: each[1].st_mtime)
    kept = sum(_stored(found) for _, found in unused)
    for path, found in unused:
        if free_bytes() >= needed_bytes and kept <= settings.SOURCE_CACHE_BYTES:
            return
        _remove(path)
        kept -= _stored(found)


def _stored(found: os.stat_result) -> int:
    # In blocks of 512 bytes whatever the file system's own are (stat(2)).
    return found.st_blocks * 512


def _unused() -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in _folder().iterdir():
        with suppress(FileNotFoundError):
            about = path.stat()
            if path.is_file() and about.st_nlink == 1:
                found.append((path, about))
    return found


def _remove(path: Path) -> None:
    """Remove a source, unless an attempt is about to open it."""
    descriptor = _open_lock(path)
    try:
        if lock(descriptor):
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _folder() -> Path:
    folder: Path = settings.WORK_DIR / FOLDER
    (folder / LOCKS).mkdir(parents=True, exist_ok=True)
    return folder


def _path(job: Job) -> Path:
    pinned = f"{job.source_key} {job.source_version_id} {job.source_etag}"
    return _folder() / sha256(pinned.encode()).hexdigest()[:32]


@contextmanager
def _alone(path: Path, on_wait: Beat) -> Iterator[None]:
    """Wait until nobody else on this host fetches the same; locks end with the process that holds them."""
    descriptor = _open_lock(path)
    try:
        while not lock(descriptor):
            on_wait()
            time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    # A few for all of them, so that none has to be removed while somebody may be waiting for it.
    return os.open(path.parent / LOCKS / path.name[:2], os.O_RDWR | os.O_CREAT, 0o600)
