"""Somebody leaves: they take along what we know of them, and every video of theirs goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import leaving as accounts
from accounts.models import User
from videos import bulk, quota
from videos.events import Event
from videos.models import Video

AT_ONCE = 50


def export_of(user: User) -> dict[str, Any]:
    """Return everything the site knows of somebody, as JSON can say it."""
    videos = Video.objects.owned_by(user).select_related("upload").prefetch_related("renditions", "events")
    return {
        **accounts.account_of(user),
        "room": _room(user),
        "videos": [_video(video) for video in videos.order_by("created_at")],
    }


def _room(user: User) -> dict[str, Any]:
    taken = quota.usage_of([user.pk]).get(user.pk, quota.Usage())
    return {"limit_bytes": quota.limit_of(user) or None, "taken_bytes": taken.bytes}


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
        "events": [_event(event, video) for event in video.events.all()],
    }


def _event(event: Event, video: Video) -> dict[str, Any]:
    # Who else acted is not theirs to know.
    by = {None: "the site", video.owner_id: "you"}.get(event.actor_id, "staff")
    return {"at": event.at, "kind": event.kind, "by": by, "detail": event.detail}


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
    bulk.delete_all(user, now)


def finish(now: datetime) -> None:
    """Delete who left and has no videos any more; hide what a request under way began after they left."""
    gone = User.objects.exclude(left_at=None).order_by("left_at", "pk")
    for person in gone[:AT_ONCE]:
        bulk.delete_all(person, now)
    for person in gone.filter(videos=None)[:AT_ONCE]:
        person.delete()
