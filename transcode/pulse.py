"""The sign of life of an attempt: it keeps the lease, tells how far it is, and learns that it should stop."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection

from transcode import process
from transcode.core import progress
from transcode.models import Clock, Job

logger = logging.getLogger(__name__)


class Pulse:
    """Beats at most once a second, however often it is called."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self._job, self._clock = job, clock
        self._lease = timedelta(seconds=settings.LEASE_SECONDS)
        self._started_at = self._beaten_at = clock()
        self._leased_until = self._started_at + self._lease

    def beat(self, per_cent: int | None = None, done: float = 0.0) -> None:
        """Say that work goes on: at `per_cent` of the whole, `done` (0 to 1) of the stage that takes longest.

        Raise Stopped if the worker ends, LeaseLost if the job is no longer ours.
        """
        if process.stopping.is_set():
            raise process.Stopped
        now = self._clock()
        if now - self._beaten_at < min(self._lease / 6, timedelta(seconds=1)):
            return
        self._beaten_at = now
        try:
            self._job.renew(now + self._lease)
            self._leased_until = now + self._lease
            if per_cent is not None:
                left = progress.remaining((now - self._started_at).total_seconds(), done)
                eta_at = now + timedelta(seconds=left) if left is not None else None
                self._job.video.report_progress(per_cent, eta_at)
        except Error:
            # A database that is away for less than the lease costs nothing: nobody else may take the job either.
            if now >= self._leased_until:
                raise
            logger.warning("the database is away, job %s goes on", self._job.pk)
            connection.close()
