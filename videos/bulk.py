"""The same change to several of one's own videos: one UPDATE, which leaves alone what is not one's own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from accounts.models import User
from videos.events import Event, Kind
from videos.models import Video, VideoQuerySet, closing


def change_visibility(owner: User, ids: Collection[UUID], visibility: Video.Visibility, now: datetime) -> int:
    """Return how many there were."""
    with transaction.atomic():
        others = _locked(Video.objects.owned_by(owner).filter(pk__in=ids).exclude(visibility=visibility))
        Video.objects.filter(pk__in=others).update(visibility=visibility, **closing(visibility, now))
        Event.objects.record_all(others, Kind.VISIBILITY_CHANGED, now, actor=owner, detail=visibility)
    return Video.objects.owned_by(owner).filter(pk__in=ids).count()


def delete_soon(owner: User, ids: Collection[UUID], now: datetime) -> int:
    """Hide them at once; the sweep removes every object, then the rows. Return how many there were."""
    return _delete(Video.objects.owned_by(owner).filter(pk__in=ids), owner, now)


def delete_all(owner: User, now: datetime) -> int:
    """Hide everything of somebody's at once."""
    return _delete(Video.objects.owned_by(owner), owner, now)


def _delete(videos: VideoQuerySet, owner: User, now: datetime) -> int:
    with transaction.atomic():
        doomed = _locked(videos)
        for several in batched(doomed, 1000):
            Video.objects.filter(pk__in=several).update(deleted_at=now)
            Event.objects.record_all(several, Kind.DELETED, now, actor=owner)
    return len(doomed)


def _locked(videos: VideoQuerySet) -> list[UUID]:
    """Return which they are, so that the timeline of each says what becomes of it; in one order, or they deadlock."""
    return list(videos.order_by("pk").select_for_update().values_list("pk", flat=True))
