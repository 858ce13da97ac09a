"""What a worker does when it wakes: claim, work, and claim again until nothing is claimable."""

from __future__ import annotations

import logging
import os
import socket
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection

from transcode import pipeline
from transcode.core.media import Refused
from transcode.models import Clock, Job, LeaseLost
from transcode.process import CommandFailed, Stopped, stopping
from transcode.workshop import DiskFull, slot
from videos import keys, storage
from videos.events import Kind
from videos.models import Video

logger = logging.getLogger(__name__)
OURS = "We could not finish this one, and it is not your file. It is kept; try again later, or ask whoever runs this site."


def work_until_idle(clock: Clock) -> int:
    """Work off what is claimable while this host has a slot free; return how many jobs were taken."""
    count = 0
    with slot() as free:
        while free and not stopping.is_set() and (job := _claim(clock)):
            count += 1
            try:
                _work(job, clock)
            except DiskFull as error:
                logger.error("no room for job %s: %s", job.pk, error)
                break
    return count


def _claim(clock: Clock) -> Job | None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    return Job.objects.claim(now=clock(), lease=lease, worker=f"{socket.gethostname()}:{os.getpid()}")


def _work(job: Job, clock: Clock) -> None:
    """Work on one job to an end that the database knows of. Raise DiskFull where this host has no room for it."""
    logger.info("job %s attempt %s of video %s begins", job.pk, job.attempt, job.video_id)
    try:
        _make(job, clock)
    except LeaseLost as lost:
        logger.warning("lease lost: %s", lost)
        _remove_output(job)


def _make(job: Job, clock: Clock) -> None:
    try:
        if job.deaths >= settings.MAX_DEATHS:
            job.fail(OURS, f"{job.deaths} workers died on it.", clock(), kind=Kind.GIVEN_UP)
            return
        pipeline.make(job, clock)
        logger.info("job %s attempt %s published video %s", job.pk, job.attempt, job.video_id)
    except Refused as refusal:
        logger.info("job %s refused: %s (%s)", job.pk, refusal, _words(refusal.__cause__))
        job.fail(str(refusal), _words(refusal.__cause__), clock())
    except Stopped:
        logger.info("job %s handed back", job.pk)
        job.hand_back(clock())
    except DiskFull:
        # Another host may have room, and this one may have it later.
        now = clock()
        job.hand_back(now, now + timedelta(seconds=settings.RETRY_SECONDS))
        raise
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("job %s attempt %s failed: %s", job.pk, job.attempt, _words(error))
        _close_if_broken(error)
        _try_again_or_fail(job, _words(error), clock)


def _try_again_or_fail(job: Job, detail: str, clock: Clock) -> None:
    if job.failures + 1 >= settings.MAX_FAILURES:
        job.fail(OURS, detail, clock(), kind=Kind.GIVEN_UP)
    else:
        now = clock()
        job.retry_later(detail, pipeline.retry_at(job.failures, now), now)


def _close_if_broken(error: Exception) -> None:
    """Let the next query begin a new connection where the old one failed."""
    if isinstance(error, Error):
        connection.close()


def _remove_output(job: Job) -> None:
    """Remove what this attempt stored, unless it is what viewers see: an answer to COMMIT can be lost."""
    if not Video.objects.filter(pk=job.video_id, version=job.version).exists():
        storage.delete_media(keys.version_prefix(job.video_id, job.video.epoch, job.version))


def _words(error: BaseException | None) -> str:
    """Return what staff should read about an error."""
    if error is None:
        return ""
    said = f"\n{error.stderr}" if isinstance(error, CommandFailed) else ""
    return f"{type(error).__name__}: {error}{said}"
