"""What makes everything happen in the end, whatever was lost: run often, by one worker at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Model

from transcode import intake, publish, queue
from transcode.models import Chunk, Job, SweepLease, show_queue_positions
from videos import epochs, keys, leaving, storage, uploads
from videos.models import Tally, Upload, Video

logger = logging.getLogger(__name__)
AT_ONCE = 50
# Each of these takes seconds, and it is their turn again soon.
CLOSED_AT_ONCE = 5


def sweep(now: datetime, wake: Callable[[], object]) -> bool:
    """Do what is due; False if another worker sweeps already."""
    if not SweepLease.take(now, timedelta(seconds=settings.SWEEP_SECONDS * 0.9)):
        return False
    steps = (
        _queue_again,
        _adopt,
        _remove_deleted,
        leaving.finish,
        _tidy,
        uploads.expire,
        Tally.objects.forget_old,
        show_queue_positions,
        _close,
    )
    for step in steps:
        try:
            step(now)
        except Exception:
            # One step's trouble (S3 away, say) must not keep the others from running.
            logger.exception("sweep: %s failed", step.__name__)
    for _ in range(min(queue.claimable(now), settings.MOST_WAKES)):
        wake()
    return True


def _queue_again(now: datetime) -> None:
    _each(Job.objects.asked_again()[:AT_ONCE], lambda job: job.queue_again(now))


def _adopt(now: datetime) -> None:
    """Find sources whose event never came: completed uploads that have had no job for a while."""
    old = now - timedelta(seconds=settings.ADOPT_SECONDS)
    orphans = Upload.objects.filter(
        state=Upload.State.COMPLETED, completed_at__lte=old, video__job=None, video__deleted_at=None
    )
    _each(orphans.order_by("completed_at", "pk")[:AT_ONCE], lambda upload: _adopt_one(upload, now))


def _adopt_one(upload: Upload, now: datetime) -> None:
    if intake.accept(settings.INGEST_BUCKET, upload.key, now):
        logger.warning("adopted upload %s, whose event never came", upload.pk)


def _remove_deleted(now: datetime) -> None:
    """Remove deleted videos, but for those a worker is still letting go of."""
    held = Job.objects.filter(state=Job.State.RUNNING, leased_until__gt=now).values("video")
    held_in_part = Chunk.objects.running(now).values("job__video")
    deleted = (
        Video.objects.exclude(deleted_at=None)
        .exclude(pk__in=held)
        .exclude(pk__in=held_in_part)
        .order_by("deleted_at", "pk")
    )
    _each(deleted[:AT_ONCE], uploads.purge)


def _close(now: datetime) -> None:
    """Take back what was handed out for videos that fewer may watch now."""
    _each(epochs.left()[:AT_ONCE], epochs.empty)
    _each(epochs.due(now)[:CLOSED_AT_ONCE], lambda video: epochs.close(video, now))


def _tidy(now: datetime) -> None:
    """Delete what unpublished attempts left behind, and versions that were replaced long enough ago."""
    untidy = Job.objects.filter(tidied=False, state__in=Job.OVER).select_related("video").order_by("pk")
    # Published before this job was queued: somebody may be watching the version that it replaced.
    replaced_at = now - timedelta(seconds=settings.REPLACED_SECONDS)
    due = untidy.exclude(video__published_at__lt=F("queued_at"), finished_at__gt=replaced_at)
    _each(due[:AT_ONCE], _tidy_one)


def _tidy_one(job: Job) -> None:
    video = job.video
    kept = keys.version_prefix(video.pk, video.epoch, video.version) if video.version else ""
    # Of this epoch alone: a copy for another may be under way.
    storage.delete_media(keys.epoch_prefix(video.pk, video.epoch), but=kept)
    if kept:
        publish.remove_unnamed(kept)
    job.mark_tidied()


def _each[Row: Model](rows: Iterable[Row], act: Callable[[Row], object]) -> None:
    """Act on each row, whatever becomes of the others: the first one in trouble is the first again next time."""
    for row in rows:
        try:
            act(row)
        except Exception:
            logger.exception("sweep: trouble with %s %s", type(row).__name__, row.pk)
