"""A worker that is killed between every two steps by which a video comes to be seen."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from bench.faults import place as places
from bench.faults.audit import audit, dangling, unended
from bench.faults.count import Count
from bench.faults.place import Place
from transcode import intake, process, sweep, work
from transcode.models import Job
from transcode.workshop import remove_leftovers
from videos import storage
from videos.models import Video

CLIP_SECONDS = 4
# What viewers' pages follow, and what says which files are part of it; the lease and the progress are not.
WRITES = ("INSERT", "UPDATE", "DELETE")
TABLES = ("videos_video", "videos_growingplaylist", "transcode_job", "transcode_chunk", "videos_rendition")
CHANGES = ("PutObject", "DeleteObjects")


def publish_killed(place: Place, tries: int, seed: int) -> Count:
    """For each step, work on a video and die there; look at every playlist; then let another worker go on.

    A step is a write to S3 or a write to the tables of videos and jobs; at most `tries` steps of each clip, evenly.
    """
    wrong, left, notes = 0, 0, []
    for clip in (*place.clips(CLIP_SECONDS), place.long_clip()):
        total, before = _steps_of(_arrived(place, clip)), place.tried
        due = picked(total, tries)
        for number in place.tries(len(due)):
            video = _arrived(place, clip)
            in_child(die_at=due[number])
            left += len(places.programs_in(settings.WORK_DIR))
            named = _told(f"{clip.name}, killed before step {due[number]}", dangling(video))
            in_child(later=timedelta(hours=1))
            named += _told(f"{clip.name}, made after step {due[number]}", dangling(video))
            wrong += bool(named)
        notes.append(f"{clip.name}: {place.tried - before} of {total} steps")
    grown, endless = _grown()
    notes.append(f"{grown} final videos still have the playlists that grew")
    _sweep()
    others = (
        ("playlists that name what is not there, at a kill or after it", wrong, 0),
        ("final videos with a growing playlist that does not end", endless, 0),
    )
    return audit(place, 5, left_running=left, notes=tuple(notes), others=others)


def _grown() -> tuple[int, int]:
    """Return how many final videos have growing playlists left, those that nobody killed among them, and how many no end."""
    found = Video.objects.filter(playable=Video.Playable.FINAL).exclude(growing=None).distinct()
    wrong = [
        _told(f"{video.upload.filename}, {video.version}, has no end", unended(video)) for video in found
    ]
    return len(wrong), sum(map(bool, wrong))


def _told(when: str, wrong: list[str]) -> list[str]:
    for name in wrong[:3]:
        print(f"{when}: {name}", file=sys.stderr)
    return wrong


def picked(total: int, tries: int) -> list[int]:
    """Return which steps are tried, evenly over all of them, the first and the last among them."""
    if tries >= total:
        return list(range(1, total + 1))
    return sorted({1 + at * (total - 1) // max(1, tries - 1) for at in range(tries)})


def _arrived(place: Place, clip: Any) -> Video:
    video = place.send(clip)
    intake.accept(settings.INGEST_BUCKET, video.upload.key, timezone.now())
    return video


def _sweep() -> None:
    sweep.sweep(timezone.now() + timedelta(hours=2), lambda: None)


def _steps_of(video: Video) -> int:
    """Return how many steps it takes from the claim to the end."""
    return in_child(die_at=0)


def in_child(die_at: int = 0, later: timedelta = timedelta()) -> int:
    """Work off what there is in a process of its own; return how many steps that took, 0 if it was killed."""
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _work(die_at, later, writer)
    os.close(writer)
    with os.fdopen(reader) as told:
        said = told.read()
    os.waitpid(child, 0)
    # What an attempt that died left on this disk.
    _clean_up()
    return int(said or 0)


def _clean_up() -> None:
    places.eventually(lambda: not places.programs_in(settings.WORK_DIR), places.ENDING_SECONDS)
    remove_leftovers()


def _work(die_at: int, later: timedelta, writer: int) -> None:
    steps = 0

    def step(**_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES) and any(table in sql for table in TABLES):
            step()
        return execute(sql, params, many, context)

    def clock() -> datetime:
        return timezone.now() + later

    try:
        process.end_with_parent()
        if not later:
            for change in CHANGES:
                storage.client().meta.events.register(f"before-send.s3.{change}", step)
            with connection.execute_wrapper(writes):
                _until_idle(clock)
        else:
            _until_idle(clock)
            sweep.sweep(clock(), lambda: None)
        os.write(writer, str(steps).encode())
    finally:
        os._exit(0)


def _until_idle(clock: Any) -> None:
    while work.work_until_idle(clock, lambda: None) or _has_work(clock()):
        pass


def _has_work(now: datetime) -> bool:
    return Job.objects.claimable(now).exists()
