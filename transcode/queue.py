"""What a worker takes next. The database decides; the queue only says «look again»."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from transcode.chunks import Chunk
from transcode.models import Job, served

Work = Job | Chunk
# What makes a video watchable, and what completes one, goes before the rest of others.
FIRST, LATER = 0, 1
# Of two minutes of work on two cores, all but what cannot be cut is over by then.
LONG = timedelta(minutes=5)


def claim(*, now: datetime, lease: timedelta, worker: str, most: int | None = None) -> Work | None:
    """Take the lease on what is next, or return None when nothing is claimable.

    `most` is how much of one owner's may be worked on at once, 0 for no limit, in place of OWNER_SLOTS.
    """
    while candidate := _next(now, settings.OWNER_SLOTS if most is None else most):
        kind, pk = candidate
        taken = kind.objects.take(pk, now, lease, worker)
        # None: another worker got there first, so look for the next one.
        if taken:
            return taken
    return None


def claimable(now: datetime) -> int:
    return Job.objects.claimable(now).count() + Chunk.objects.claimable(now).count()


def is_held_up(now: datetime, host: str) -> bool:
    """True if something on this host has taken so long that others should not wait for its end."""
    own = {"worker__startswith": f"{host}:", "leased_until__gt": now}
    jobs = Job.objects.filter(state=Job.State.RUNNING, started_at__lte=now - LONG, **own)
    return jobs.exists() or Chunk.objects.running(now).filter(begun_at__lte=now - LONG, **own).exists()


def _next(now: datetime, most: int) -> tuple[type[Job] | type[Chunk], int] | None:
    """Least-served owner first, then what is watched soonest, then age."""
    jobs = Job.objects.claimable(now).annotate(served=served(now, "video__owner"))
    chunks = Chunk.objects.claimable(now).annotate(served=served(now, "job__video__owner"))
    if most:
        jobs, chunks = jobs.filter(served__lt=most), chunks.filter(served__lt=most)
    job = jobs.order_by("served", "queued_at", "pk").values_list("served", "queued_at", "pk").first()
    chunk = (
        chunks.order_by("served", "job__queued_at", "job", "number")
        .values_list("served", "job__queued_at", "pk")
        .first()
    )
    if chunk and (not job or (chunk[0], LATER, chunk[1]) < (job[0], FIRST, job[1])):
        return Chunk, chunk[2]
    return (Job, job[2]) if job else None
