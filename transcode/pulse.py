"""The sign of life of an attempt: it keeps the lease, tells how far it is, and learns that it should stop."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection

from transcode import process
from transcode.chunks import Chunk
from transcode.models import Clock, Job

logger = logging.getLogger(__name__)


class Pulse:
    """Beats at most once a second, however often it is called."""

    def __init__(self, held: Job | Chunk, clock: Clock) -> None:
        self._held, self._clock = held, clock
        self._job = held.job if isinstance(held, Chunk) else held
        self._lease = timedelta(seconds=settings.LEASE_SECONDS)
        self._beaten_at = clock()
        self._leased_until = self._beaten_at + self._lease
        self._frames = 0

    def beat(self, frames: int = 0) -> None:
        """Say that work goes on, and how many frames there are by now.

        Raise Stopped if the worker ends, LeaseLost if the work is no longer ours.
        """
        if process.stopping.is_set():
            raise process.Stopped
        self._frames = max(self._frames, frames)
        now = self._clock()
        if now - self._beaten_at < min(self._lease / 6, timedelta(seconds=1)):
            return
        self._beaten_at = now
        try:
            self._held.renew(now + self._lease, self._frames)
            self._leased_until = now + self._lease
            self._job.report(now)
        except Error:
            # A database that is away for less than the lease costs nothing: nobody else may take the work either.
            if now >= self._leased_until:
                raise
            logger.warning("the database is away, %s goes on", self._held)
            connection.close()
