"""What a worker does when it wakes: claim, work, and claim again until nothing is claimable."""

from __future__ import annotations

import logging
import os
import socket
from datetime import timedelta

from django.conf import settings

from transcode import pipeline
from transcode.core.media import Refused
from transcode.models import Clock, Job, LeaseLost
from transcode.process import CommandFailed, Stopped, stopping
from transcode.workshop import slot
from videos import keys, storage

logger = logging.getLogger(__name__)
OURS = "We could not finish this one, and it is not your file. It is kept; try again later, or ask whoever runs this site."


def work_until_idle(clock: Clock) -> int:
    """Work off what is claimable while this host has a slot free; return how many jobs were taken."""
    count = 0
    with slot() as free:
        while free and not stopping.is_set() and (job := _claim(clock)):
            _work(job, clock)
            count += 1
    return count


def _claim(clock: Clock) -> Job | None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    return Job.objects.claim(now=clock(), lease=lease, worker=f"{socket.gethostname()}:{os.getpid()}")


def _work(job: Job, clock: Clock) -> None:
    """Work on one job to an end that the database knows of."""
    logger.info("job %s attempt %s of video %s begins", job.pk, job.attempt, job.video_id)
    try:
        try:
            pipeline.make(job, clock)
            logger.info("job %s attempt %s published video %s", job.pk, job.attempt, job.video_id)
        except Refused as refusal:
            logger.info("job %s refused: %s (%s)", job.pk, refusal, _words(refusal.__cause__))
            job.fail(str(refusal), _words(refusal.__cause__), clock())
        except Stopped:
            logger.info("job %s handed back", job.pk)
            job.hand_back()
        except LeaseLost:
            raise
        except Exception as error:
            logger.exception("job %s attempt %s failed: %s", job.pk, job.attempt, _words(error))
            _try_again_or_fail(job, _words(error), clock)
    except LeaseLost as lost:
        logger.warning("lease lost: %s", lost)
        storage.delete_media(keys.version_prefix(job.video_id, job.video.epoch, job.version))


def _try_again_or_fail(job: Job, detail: str, clock: Clock) -> None:
    if job.failures + 1 >= settings.MAX_FAILURES:
        job.fail(OURS, detail, clock())
    else:
        job.retry_later(detail, pipeline.retry_at(job.failures, clock()))


def _words(error: BaseException | None) -> str:
    """Return what staff should read about an error."""
    if error is None:
        return ""
    said = f"\n{error.stderr}" if isinstance(error, CommandFailed) else ""
    return f"{type(error).__name__}: {error}{said}"
