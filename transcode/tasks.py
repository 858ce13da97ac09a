"""What a worker may be asked to do. Each task makes one call; surplus arguments of newer senders are tolerated."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from transcode import fetch, intake, sweep, work
from transcode.workshop import remove_leftovers

logger = logging.getLogger(__name__)


@shared_task
def wake(**kwargs: Any) -> None:
    """Look for work. Has no content and is acknowledged early: losing one loses nothing."""
    work.work_until_idle(timezone.now, wake_another)


def wake_another() -> None:
    """Have another worker look, too. What is being made goes on where SQS is away; the sweep wakes as well."""
    try:
        wake.delay()
    except Exception as error:
        logger.warning("nobody is woken: %s", error)


# Acknowledged when it is done, so that neither a worker that dies on it nor S3 being away loses the hint.
@shared_task(acks_late=True, acks_on_failure_or_timeout=False)
def accept(*, bucket: str, key: str, **kwargs: Any) -> None:
    """Look at an object that S3 says was created."""
    if intake.accept(bucket, key, timezone.now()):
        wake.delay()


@shared_task
def run_sweep(**kwargs: Any) -> None:
    remove_leftovers()
    fetch.remove_unused()
    sweep.sweep(timezone.now(), wake.delay)
