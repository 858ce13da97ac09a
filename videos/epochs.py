"""Taking back what was handed out: cookies and signatures open one epoch, so what plays moves to another."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from videos import keys, storage
from videos.models import Video, VideoQuerySet

AGAIN = timedelta(minutes=5)


def due(now: datetime) -> VideoQuerySet:
    return Video.objects.existing().filter(close_at__lte=now, left_epoch="").order_by("close_at", "pk")


def left() -> VideoQuerySet:
    return Video.objects.existing().filter(left_epoch__gt="").order_by("left_epoch")


def close(video: Video, now: datetime) -> None:
    """Copy what plays to the next epoch and play it from there; where that fails, another sweep begins again.

    What is still made is not copied: it begins anew in the next epoch, where nothing of before opens.
    """
    epoch = next_epoch(video)
    if video.playable != Video.Playable.FINAL:
        if video.begin_epoch(epoch):
            empty(video)
        return
    if not video.take_closing(now + AGAIN):
        return
    old, new = (keys.version_prefix(video.pk, each, video.version) for each in (video.epoch, epoch))
    storage.copy_media(old, new)
    if video.enter_epoch(epoch):
        empty(video)


def empty(video: Video) -> None:
    """Remove what lies in the epoch that was left, at CloudFront too. Harmless when repeated."""
    prefix = keys.epoch_prefix(video.pk, video.left_epoch)
    storage.delete_media(prefix)
    storage.invalidate(prefix)
    video.forget_left_epoch()


def next_epoch(video: Video) -> str:
    """The same each time, so that a copy which was interrupted is gone on with; and nobody else can know it."""
    key = salted_hmac("videos.epochs", f"{video.pk} {video.epoch}", algorithm="sha256")
    return key.hexdigest()[:16]
