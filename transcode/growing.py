"""Let viewers at what there is: store segments as they are finished, and tell what can be watched."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

from django.db import transaction

from transcode import encoding
from transcode.chunks import Chunk
from transcode.core import growth, ledger, playlist
from transcode.core.check import Output
from transcode.core.plan import Plan
from transcode.encoding import Bench
from transcode.models import Clock, Job
from videos import storage
from videos.models import Growth, Video

logger = logging.getLogger(__name__)
STORED_AT_ONCE = 8
SHOWN_EVERY = timedelta(seconds=1)


@dataclass
class Grower:
    """Watches ffmpeg's files while they are written."""

    job: Job
    plan: Plan
    names: list[str]
    bench: Bench
    clock: Clock
    seen: dict[str, Output] = field(default_factory=dict)
    # All of it comes another time: what ends here does not end, and its last segment may be longer.
    is_partial: bool = False
    _stored: set[str] = field(default_factory=set)
    _stamps: dict[str, int] = field(default_factory=dict)
    _shown_at: datetime | None = None
    _is_shown: bool = False

    def look(self) -> None:
        """Store what is new, and show it, at most once a second."""
        now = self.clock()
        is_soon = self._is_shown and self._shown_at and now - self._shown_at < SHOWN_EVERY
        if not is_soon and self._has_changed():
            self.show(now)

    def show(self, now: datetime) -> None:
        # A picture that is copied is there at once, and reading and storing all of it is not what somebody who waits wants.
        most = None if self._is_shown else growth.LEAST_SEGMENTS
        for name in self.names:
            self.seen[name] = self._read(name, most)
        found = self.seen if self._is_shown else growth.beginning(self.seen)
        if self._store(found):
            self._shown_at = now
            self._is_shown = show(self.job, self.plan, found, now) or self._is_shown

    def _read(self, name: str, most: int | None) -> Output:
        found = encoding.output(name, self.bench, self.seen.get(name), most)
        return found.without_end() if self.is_partial else found

    def store(self) -> int:
        """Store the files of what was seen; return how many were new."""
        return self._store(self.seen)

    def _store(self, found: Mapping[str, Output]) -> int:
        folder = self.bench.folder
        due = [
            path for path in _paths(found.values()) if path not in self._stored and (folder / path).is_file()
        ]
        put([(self.job.prefix + path, folder / path) for path in due], lambda done: self.bench.beat(0))
        self._stored.update(due)
        return len(due)

    def _has_changed(self) -> bool:
        stamps = {name: _stamp(self.bench.folder / name / playlist.PLAYLIST) for name in self.names}
        changed = stamps != self._stamps and all(stamps.values())
        if changed:
            self._stamps = stamps
        return changed


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _paths(found: Iterable[Output]) -> list[str]:
    """Return what is whole of each track: the init segment goes first, a playlist that names it may follow at once."""
    return [
        f"{output.name}/{name}"
        for output in found
        if output.init
        for name in (
            output.playlist.init,
            *(name for name, _ in output.playlist.segments if name in output.files),
        )
    ]


def put(files: list[tuple[str, Path]], on_wait: Callable[[float], None]) -> None:
    """Store files side by side; `on_wait` hears how much of it is done, from 0 to 1, at least once a second."""
    pool = ThreadPoolExecutor(STORED_AT_ONCE)
    try:
        pending = {pool.submit(storage.store, key, path) for key, path in files}
        while pending:
            done, pending = wait(pending, timeout=1)
            for future in done:
                future.result()
            on_wait(1 - len(pending) / len(files))
    finally:
        pool.shutdown(cancel_futures=True)


def get(files: list[tuple[str, Path]], bench: Bench) -> None:
    """Fetch files side by side."""
    with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
        for _ in pool.map(lambda each: storage.fetch_media(*each), files):
            bench.beat(0)


def show(job: Job, plan: Plan, lead: Mapping[str, Output], now: datetime) -> bool:
    """Tell viewers what there is; False where that is not enough to begin, or not wanted any more."""
    with transaction.atomic():
        # One at a time: what is written last must be what is longest, and of whoever has the job now.
        if not job.lock_if_current():
            return False
        chunks = list(takewhile(lambda chunk: chunk.made is not None, job.chunks.order_by("number")))
        whole = plan.keeps_top or len(chunks) == job.chunks.count()
        ended = whole and all(output.playlist.ended for output in lead.values())
        found = growth.tracks(plan, lead, [chunk.made or {} for chunk in chunks])
        if not growth.is_watchable(found, ended=ended):
            return False
        shown = Growth(
            epoch=job.epoch,
            version=job.version,
            watchable_ms=round(growth.seconds(found, plan) * 1000),
            duration_ms=None if plan.seconds is None else round(plan.seconds * 1000),
            playlists=growth.playlists(plan, found, ended=ended),
        )
        video = Video.objects.get(pk=job.video_id)
        # Made a second time, it begins with less than somebody may be watching already.
        is_shown = video.shows_more_than(shown, is_anew=job.is_anew) or video.publish_growing(shown, now)
    logger.debug("job %s can be watched for %s ms", job.pk, shown.watchable_ms)
    return is_shown


def show_chunk(chunk: Chunk, now: datetime) -> None:
    """The same, once a chunk is there; while the first span is still made, whoever makes it shows it."""
    job = Job.objects.get(pk=chunk.job_id)
    if job.made and job.plan:
        plan = Plan.from_json(job.plan)
        if not plan.keeps_top:
            show(job, plan, {name: ledger.load(name, found) for name, found in job.made.items()}, now)
