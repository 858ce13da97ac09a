"""What a worker does when it wakes: claim, work, and claim again until nothing is claimable."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection

from transcode import pipeline, queue, ways
from transcode.chunks import Chunk, prefix
from transcode.core.media import Refused
from transcode.leases import EpochLeft
from transcode.models import Clock, Job, LeaseLost
from transcode.process import CommandFailed, Stopped, stopping
from transcode.workshop import NoRoom, slot, spare_slot
from videos import storage
from videos.events import Kind
from videos.models import Video

logger = logging.getLogger(__name__)
OURS = "We could not finish this one, and it is not your file. It is kept; try again later, or ask whoever runs this site."


def work_until_idle(clock: Clock, wake: Callable[[], object]) -> int:
    """Work off what is claimable while this host has a slot free; return how much was taken."""
    with slot() as free:
        if free:
            return _work_off(clock, wake)
    return _work_beside(clock, wake)


def _work_off(clock: Clock, wake: Callable[[], object]) -> int:
    count = 0
    while not stopping.is_set() and (held := _claim(clock)):
        count += 1
        _bring_another(clock, wake)
        if not _work_where_it_fits(held, clock, wake):
            break
    return count


def _work_beside(clock: Clock, wake: Callable[[], object]) -> int:
    """Work on one thing of somebody for whom nothing is worked on, where this host's slots are taken by something long.

    What cannot be cut may take hours, and a file may have been made to take them.
    """
    with spare_slot() as free:
        if not free or not queue.is_held_up(clock(), socket.gethostname()):
            return 0
        held = _claim(clock, most=1)
        if held:
            _work_where_it_fits(held, clock, wake)
        return int(held is not None)


def _work_where_it_fits(held: queue.Work, clock: Clock, wake: Callable[[], object]) -> bool:
    """Work on something to its end; False where this host has no room for it."""
    try:
        _work(held, clock, wake)
    except NoRoom as error:
        logger.error("no room for %s: %s", held, error)
        return False
    return True


def _bring_another(clock: Clock, wake: Callable[[], object]) -> None:
    """Wake one more worker while there is more to do: a wake that a busy one heard has brought nobody."""
    try:
        if queue.claimable(clock()):
            wake()
    except Error as error:
        # What was claimed outlives a database that is away for a moment, and the sweep wakes as well.
        logger.warning("the database is away, nobody is woken: %s", error)
        connection.close()


def _claim(clock: Clock, most: int | None = None) -> queue.Work | None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    begun = clock()
    held = queue.claim(now=begun, lease=lease, worker=worker, most=most)
    if held and clock() - begun > lease / 6:
        # Many wanted to write; what was waited for is not to be taken off the lease.
        held.renew(clock() + lease, held.frames_done)
    return held


def _work(held: queue.Work, clock: Clock, wake: Callable[[], object]) -> None:
    """Work on one thing to an end that the database knows of. Raise NoRoom where this host has no room for it."""
    logger.info("%s begins", held)
    try:
        _make(held, clock, wake)
    except LeaseLost as lost:
        logger.warning("lease lost: %s", lost)
        _remove_output(held)


def _make(held: queue.Work, clock: Clock, wake: Callable[[], object]) -> None:
    job = held.job if isinstance(held, Chunk) else held
    try:
        if held.deaths >= settings.MAX_DEATHS:
            _give_up(held, f"{held.deaths} workers died on it.", clock)
        elif isinstance(held, Chunk):
            pipeline.encode(held, clock)
        else:
            pipeline.work_on(held, clock, wake)
        logger.info("%s is done", held)
    except Refused as refusal:
        logger.info("%s refused: %s (%s)", held, refusal, _words(refusal.__cause__))
        job.fail(str(refusal), _words(refusal.__cause__), clock())
    except ways.TryAnotherWay as why:
        logger.warning("%s goes another way, %s: %s", held, why.way, why)
        held.begin_anew(why.way, _words(why.__cause__), clock())
        wake()
    except EpochLeft as left:
        logger.info("%s", left)
        held.begin_anew(job.way, str(left), clock())
        storage.delete_media(job.prefix)
        wake()
    except Stopped:
        logger.info("%s handed back", held)
        held.hand_back(clock())
    except NoRoom as error:
        # Another host may have room, and this one may have it later.
        now = clock()
        held.hand_back(now, now + timedelta(seconds=settings.RETRY_SECONDS), f"{held.worker}: {error}")
        raise
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("%s failed: %s", held, _words(error))
        _close_if_broken(error)
        _try_again_or_fail(held, _words(error), clock)


def _try_again_or_fail(held: queue.Work, detail: str, clock: Clock) -> None:
    if held.failures + 1 >= settings.MAX_FAILURES:
        _give_up(held, detail, clock)
    else:
        now = clock()
        held.retry_later(detail, pipeline.retry_at(held.failures, now), now)


def _give_up(held: queue.Work, detail: str, clock: Clock) -> None:
    if isinstance(held, Chunk):
        held.give_up(OURS, detail, clock())
    else:
        held.fail(OURS, detail, clock(), kind=Kind.GIVEN_UP)


def _close_if_broken(error: Exception) -> None:
    """Let the next query begin a new connection where the old one failed."""
    if isinstance(error, Error):
        connection.close()


def _remove_output(held: queue.Work) -> None:
    """Remove what this attempt stored, unless it is part of what viewers see or will: an answer to COMMIT can be lost."""
    job, number = (held.job, held.number) if isinstance(held, Chunk) else (held, 0)
    job.mark_untidy()
    own = prefix(number, held.attempt)
    is_seen = Video.objects.filter(pk=job.video_id, version=job.version).exists()
    if not job.version or is_seen or _is_written_down(held, own):
        return
    # While the version is still made, the rest of it belongs to others.
    goes_on = Job.objects.filter(pk=job.pk, version=job.version, video__deleted_at=None).exists()
    storage.delete_media(job.prefix, containing=f"/{own}" if goes_on else "")


def _is_written_down(held: queue.Work, own: str) -> bool:
    """True if files whose names begin with `own` are what a finished part of the job is made of."""
    made = type(held).objects.filter(pk=held.pk).values_list("made", flat=True).first()
    return any(entry["init"][0].startswith(own) for entry in (made or {}).values())


def _words(error: BaseException | None) -> str:
    """Return what staff should read about an error."""
    if error is None:
        return ""
    said = f"\n{error.stderr}" if isinstance(error, CommandFailed) else ""
    return f"{type(error).__name__}: {error}{said}"
