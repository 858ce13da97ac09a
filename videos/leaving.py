"""Somebody leaves: they take along what we know of them, and every video of theirs goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import leaving as accounts
from accounts.models import User
from videos.models import Video

AT_ONCE = 50


def export_of(user: User) -> dict[str, Any]:
    """Return everything the site knows of somebody, as JSON can say it."""
    videos = Video.objects.owned_by(user).select_related("upload").prefetch_related("renditions")
    return {**accounts.account_of(user), "videos": [_video(video) for video in videos.order_by("created_at")]}


def _video(video: Video) -> dict[str, Any]:
    names = (
        *("id", "title", "description", "visibility", "status", "failure"),
        *("created_at", "published_at", "duration_ms", "stored_bytes"),
    )
    return {
        **{name: getattr(video, name) for name in names},
        "address": settings.SITE_URL + video.get_absolute_url(),
        "source": _source(video),
        "renditions": [
            {"name": r.name, "width": r.width, "height": r.height} for r in video.renditions.all()
        ],
    }


def _source(video: Video) -> dict[str, Any] | None:
    upload = getattr(video, "upload", None)
    return upload and {
        "filename": upload.filename,
        "size": upload.size,
        "sent_at": upload.completed_at,
    }


@transaction.atomic
def leave(user: User, now: datetime) -> None:
    """Lock the account and hide every video at once; the sweep removes the objects, then `finish` the account.

    Harmless the second time.
    """
    accounts.close(user, now)
    _hide_videos([user.pk], now)


def finish(now: datetime) -> None:
    """Delete who left and has no videos any more; hide what a request under way began after they left."""
    gone = User.objects.exclude(left_at=None).order_by("left_at", "pk")
    _hide_videos(list(gone.values_list("pk", flat=True)[:AT_ONCE]), now)
    for person in gone.filter(videos=None)[:AT_ONCE]:
        person.delete()


def _hide_videos(owners: Sequence[int], now: datetime) -> None:
    Video.objects.existing().filter(owner__in=owners).update(deleted_at=now)
