"""How much room a person has, and how much of it is taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Sum

from accounts.models import User
from videos.models import Upload


@dataclass(frozen=True, slots=True)
class Usage:
    videos: int = 0
    # Sources, those on their way included, and what was made of them.
    bytes: int = 0


def usage_of(people: Collection[int]) -> dict[int, Usage]:
    """Return what each of these people has; who has nothing is not in it."""
    rows = (
        Upload.objects.filter(video__owner__in=people, video__deleted_at=None)
        .values_list("video__owner")
        .annotate(videos=Count("pk"), bytes=Sum(F("size") + F("video__stored_bytes")))
        .order_by()
    )
    return {owner: Usage(videos, taken) for owner, videos, taken in rows}


def limit_of(user: User) -> int:
    """Return how many bytes the person may have; 0 for as many as they like."""
    return settings.QUOTA_BYTES if user.quota_bytes is None else user.quota_bytes


def bytes_left(user: User) -> int | None:
    """Return None where there is no limit."""
    limit = limit_of(user)
    return max(0, limit - usage_of([user.pk]).get(user.pk, Usage()).bytes) if limit else None
