"""A worker whose encodes only take time: all else is real, the queues and the database among it.

`celery -A bench.standin worker`; STAND_IN_SECONDS is how long each piece of work takes. A video has as many as its file has
bytes: the first is the job's own, the others are chunks. A file that is larger than any such number is encoded.
"""

from __future__ import annotations

import os
import time

from django.conf import settings

import bench  # noqa: F401 (Django first)
from streamsite.celery import app as app
from transcode import pipeline, process
from transcode.chunks import Chunk
from transcode.core.spans import Span
from transcode.models import Clock, Job
from transcode.pulse import Pulse
from videos.models import Published

SECONDS = float(os.environ.get("STAND_IN_SECONDS", "1"))
MOST_CHUNKS = 1000
really_work_on, really_encode = pipeline.work_on, pipeline.encode


def work_on(job: Job, clock: Clock, wake: pipeline.Wake) -> None:
    if job.source_size > MOST_CHUNKS:
        really_work_on(job, clock, wake)
        return
    if not job.is_made:
        job.begin_version({}, None, clock())
        chunks = job.source_size - 1
        job.lay_out(Span(number) for number in range(1, chunks + 1))
        for _ in range(min(chunks, settings.MOST_WAKES)):
            wake()
        _take_time(job, clock)
        if chunks:
            job.wait({})
            return
    job.succeed(Published(job.version, 1000, 0, ()), clock())


def encode(chunk: Chunk, clock: Clock) -> None:
    if chunk.job.source_size > MOST_CHUNKS:
        really_encode(chunk, clock)
        return
    _take_time(chunk, clock)
    chunk.succeed({}, 1)


def _take_time(held: Job | Chunk, clock: Clock) -> None:
    pulse, over = Pulse(held, clock), time.monotonic() + SECONDS
    while (left := over - time.monotonic()) > 0:
        time.sleep(min(left, process.LOOK_EVERY))
        pulse.beat()


pipeline.work_on, pipeline.encode = work_on, encode
